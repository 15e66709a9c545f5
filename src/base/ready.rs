//! [`Interest`]: what somebody waits for. [`Ready`]: what has come.
//!
//! Both are small sets of bits. They are apart because they are not the same: nobody
//! can ask for "read closed", and nobody who asks for "readable" wants to sleep on
//! once it is. What an interest is satisfied by is told by [`Interest::mask`].

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Sub};

const READABLE: u8 = 1;
const WRITABLE: u8 = 1 << 1;
const READ_CLOSED: u8 = 1 << 2;
const WRITE_CLOSED: u8 = 1 << 3;
const PRIORITY: u8 = 1 << 4;
const ERROR: u8 = 1 << 5;

/// What an I/O source is ready for, as the operating system reported it.
///
/// It is what `ready` on a socket resolves to. A readiness can be out of date: the
/// operation that follows may still answer [`WouldBlock`](std::io::ErrorKind::WouldBlock),
/// and the task then waits again.
///
/// The closed states are kept apart: a peer that has shut down its sending half leaves
/// us [read closed](Ready::is_read_closed) but free to write.
///
/// # Examples
///
/// ```
/// use runtime::io::Ready;
///
/// let both = Ready::READABLE | Ready::WRITABLE;
/// assert!(both.is_readable() && both.is_writable());
/// assert_eq!(both - Ready::WRITABLE, Ready::READABLE);
/// assert_eq!(both & Ready::ERROR, Ready::EMPTY);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ready(u8);

impl Ready {
    /// Ready for nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(Ready::EMPTY.is_empty());
    /// ```
    pub const EMPTY: Ready = Ready(0);
    /// There is something to read, or to accept.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(Ready::READABLE.is_readable());
    /// ```
    pub const READABLE: Ready = Ready(READABLE);
    /// There is room to write, or a connection attempt has come to its end.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(Ready::WRITABLE.is_writable());
    /// ```
    pub const WRITABLE: Ready = Ready(WRITABLE);
    /// The peer will send no more: what is still buffered can be read, then comes the
    /// end of the stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(Ready::READ_CLOSED.is_read_closed() && Ready::READ_CLOSED.is_readable());
    /// ```
    pub const READ_CLOSED: Ready = Ready(READ_CLOSED);
    /// Nothing more can be written.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(Ready::WRITE_CLOSED.is_write_closed() && !Ready::WRITE_CLOSED.is_read_closed());
    /// ```
    pub const WRITE_CLOSED: Ready = Ready(WRITE_CLOSED);
    /// There is urgent data. Reported on Linux and Android only, and only to a source
    /// that was registered with [`Interest::PRIORITY`].
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(Ready::PRIORITY.is_priority() && !Ready::PRIORITY.is_readable());
    /// ```
    pub const PRIORITY: Ready = Ready(PRIORITY);
    /// The source has an error to report; the next operation will return it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(Ready::ERROR.is_error());
    /// ```
    pub const ERROR: Ready = Ready(ERROR);
    /// Ready for everything.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert_eq!(Ready::ALL | Ready::ERROR, Ready::ALL);
    /// ```
    pub const ALL: Ready =
        Ready(READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED | PRIORITY | ERROR);

    /// Whether it is ready for nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!((Ready::READABLE - Ready::READABLE).is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a read would not wait: there is data, or the end of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(Ready::READ_CLOSED.is_readable());
    /// assert!(!Ready::WRITABLE.is_readable());
    /// ```
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.0 & (READABLE | READ_CLOSED) != 0
    }

    /// Whether a write would not wait: there is room, or writing is over.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(Ready::WRITE_CLOSED.is_writable());
    /// assert!(!Ready::READABLE.is_writable());
    /// ```
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.0 & (WRITABLE | WRITE_CLOSED) != 0
    }

    /// Whether the peer will send no more.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(!Ready::READABLE.is_read_closed());
    /// ```
    #[must_use]
    pub const fn is_read_closed(self) -> bool {
        self.0 & READ_CLOSED != 0
    }

    /// Whether nothing more can be written.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(!Ready::WRITABLE.is_write_closed());
    /// ```
    #[must_use]
    pub const fn is_write_closed(self) -> bool {
        self.0 & WRITE_CLOSED != 0
    }

    /// Whether there is urgent data.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!(!Ready::READABLE.is_priority());
    /// ```
    #[must_use]
    pub const fn is_priority(self) -> bool {
        self.0 & PRIORITY != 0
    }

    /// Whether the source has an error to report.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Ready;
    ///
    /// assert!((Ready::READABLE | Ready::ERROR).is_error());
    /// ```
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0 & ERROR != 0
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u8) -> Ready {
        Ready(bits & Ready::ALL.0)
    }

    /// What an event of the reactor says.
    pub(crate) fn from_mio(event: &mio::event::Event) -> Ready {
        let mut ready = Ready::EMPTY;
        for (said, means) in [
            (event.is_readable(), Ready::READABLE),
            (event.is_writable(), Ready::WRITABLE),
            (event.is_read_closed(), Ready::READ_CLOSED),
            (event.is_write_closed(), Ready::WRITE_CLOSED),
            (event.is_priority(), Ready::PRIORITY),
            (event.is_error(), Ready::ERROR),
        ] {
            if said {
                ready |= means;
            }
        }
        ready
    }
}

impl BitOr for Ready {
    type Output = Ready;
    fn bitor(self, other: Ready) -> Ready {
        Ready(self.0 | other.0)
    }
}

impl BitOrAssign for Ready {
    fn bitor_assign(&mut self, other: Ready) {
        self.0 |= other.0;
    }
}

impl BitAnd for Ready {
    type Output = Ready;
    fn bitand(self, other: Ready) -> Ready {
        Ready(self.0 & other.0)
    }
}

impl Sub for Ready {
    type Output = Ready;
    fn sub(self, other: Ready) -> Ready {
        Ready(self.0 & !other.0)
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready")
            .field("is_readable", &self.is_readable())
            .field("is_writable", &self.is_writable())
            .field("is_read_closed", &self.is_read_closed())
            .field("is_write_closed", &self.is_write_closed())
            .field("is_priority", &self.is_priority())
            .field("is_error", &self.is_error())
            .finish()
    }
}

/// What a task wants to be told about a source: a set that is never empty.
///
/// It is given when a source is registered, which fixes what the operating system
/// reports at all, and to each wait for readiness.
///
/// # Examples
///
/// ```
/// use runtime::io::Interest;
///
/// let both = Interest::READABLE | Interest::WRITABLE;
/// assert!(both.is_readable() && both.is_writable());
/// assert_eq!(both.remove(Interest::READABLE), Some(Interest::WRITABLE));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Interest(u8);

impl Interest {
    /// Reading and accepting; an end of the stream belongs to it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// assert!(Interest::READABLE.is_readable());
    /// ```
    pub const READABLE: Interest = Interest(READABLE);
    /// Writing and connecting; the end of writing belongs to it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// assert!(Interest::WRITABLE.is_writable());
    /// ```
    pub const WRITABLE: Interest = Interest(WRITABLE);
    /// Errors, and nothing else. Every registration reports them, so this one need
    /// not be asked for when a source is registered.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// assert!(Interest::ERROR.is_error() && !Interest::ERROR.is_readable());
    /// ```
    pub const ERROR: Interest = Interest(ERROR);
    /// Urgent (out-of-band) data.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// assert!(Interest::PRIORITY.is_priority());
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub const PRIORITY: Interest = Interest(PRIORITY);

    /// Whether reading is in the set.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// assert!((Interest::READABLE | Interest::WRITABLE).is_readable());
    /// ```
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.0 & READABLE != 0
    }

    /// Whether writing is in the set.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// assert!(!Interest::READABLE.is_writable());
    /// ```
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.0 & WRITABLE != 0
    }

    /// Whether errors are in the set.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// assert!(!Interest::READABLE.is_error());
    /// ```
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0 & ERROR != 0
    }

    /// Whether urgent data is in the set.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// assert!(!Interest::READABLE.is_priority());
    /// ```
    #[must_use]
    pub const fn is_priority(self) -> bool {
        self.0 & PRIORITY != 0
    }

    /// The union of both sets; `a | b` is the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
    /// assert_eq!(BOTH, Interest::READABLE | Interest::WRITABLE);
    /// ```
    #[must_use]
    pub const fn add(self, other: Interest) -> Interest {
        Interest(self.0 | other.0)
    }

    /// This set without what is in `other`; `None` if nothing is left.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// let both = Interest::READABLE | Interest::WRITABLE;
    /// assert_eq!(both.remove(Interest::WRITABLE), Some(Interest::READABLE));
    /// assert_eq!(both.remove(both), None);
    /// ```
    #[must_use]
    pub const fn remove(self, other: Interest) -> Option<Interest> {
        match self.0 & !other.0 {
            0 => None,
            left => Some(Interest(left)),
        }
    }

    /// What satisfies this interest.
    pub(crate) const fn mask(self) -> Ready {
        let mut mask = self.0;
        if self.is_readable() || self.is_priority() {
            mask |= READ_CLOSED;
        }
        if self.is_writable() {
            mask |= WRITE_CLOSED;
        }
        Ready(mask)
    }

    /// What to register with mio. It knows no interest in errors, which are always
    /// reported; a source that wants nothing else is registered as a reader.
    pub(crate) fn to_mio(self) -> mio::Interest {
        let both = mio::Interest::READABLE | mio::Interest::WRITABLE;
        let basic = match (self.is_readable(), self.is_writable()) {
            (true, true) => both,
            (false, true) => mio::Interest::WRITABLE,
            (true, false) | (false, false) => mio::Interest::READABLE,
        };
        self.with_priority(basic)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn with_priority(self, basic: mio::Interest) -> mio::Interest {
        match (self.is_priority(), self.0 & (READABLE | WRITABLE)) {
            (false, _) => basic,
            (true, 0) => mio::Interest::PRIORITY,
            (true, _) => basic | mio::Interest::PRIORITY,
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn with_priority(self, basic: mio::Interest) -> mio::Interest {
        basic
    }
}

impl BitOr for Interest {
    type Output = Interest;
    fn bitor(self, other: Interest) -> Interest {
        self.add(other)
    }
}

impl BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Interest) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.is_readable(), "READABLE"),
            (self.is_writable(), "WRITABLE"),
            (self.is_priority(), "PRIORITY"),
            (self.is_error(), "ERROR"),
        ];
        let mut first = true;
        for (_, name) in names.iter().filter(|(set, _)| *set) {
            if !first {
                f.write_str(" | ")?;
            }
            f.write_str(name)?;
            first = false;
        }
        Ok(())
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_interest_is_satisfied_by_its_own_end_and_not_by_the_other() {
        let read = Interest::READABLE.mask();
        assert_eq!(read, Ready::READABLE | Ready::READ_CLOSED);
        let write = Interest::WRITABLE.mask();
        assert_eq!(write, Ready::WRITABLE | Ready::WRITE_CLOSED);
        assert!((read & write).is_empty());
        assert_eq!(Interest::ERROR.mask(), Ready::ERROR);
    }

    #[test]
    fn a_closed_half_counts_as_ready_for_its_half_only() {
        assert!(Ready::READ_CLOSED.is_readable());
        assert!(!Ready::READ_CLOSED.is_writable());
        assert!(!Ready::READ_CLOSED.is_write_closed());
        assert!(Ready::WRITE_CLOSED.is_writable());
        assert!(!Ready::WRITE_CLOSED.is_readable());
        assert!(!Ready::ERROR.is_readable() && !Ready::ERROR.is_writable());
        assert_eq!(Ready::ALL - Ready::ALL, Ready::EMPTY);
        assert!((Ready::ALL & Ready::ERROR).is_error());
    }

    #[test]
    fn interests_are_sets() {
        let both = Interest::READABLE | Interest::WRITABLE;
        assert_eq!(both, Interest::READABLE.add(Interest::WRITABLE));
        assert_eq!(both.remove(Interest::READABLE), Some(Interest::WRITABLE));
        assert_eq!(both.remove(both), None);
        assert_eq!(both.remove(Interest::ERROR), Some(both));
        let mut some = Interest::ERROR;
        some |= Interest::READABLE;
        assert!(some.is_error() && some.is_readable() && !some.is_writable());
        assert_eq!(format!("{some:?}"), "READABLE | ERROR");
        assert_eq!(
            both.to_mio(),
            mio::Interest::READABLE | mio::Interest::WRITABLE
        );
        assert_eq!(Interest::ERROR.to_mio(), mio::Interest::READABLE);
    }
}
