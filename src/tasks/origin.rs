//! Where a task comes from, in one word.
//!
//! Few tasks have a name, and each task has an [`Origin`]. So it is the address of the line that
//! spawned the task or, with its lowest bit set, that of a box with the line and the name.
//!
//! This file contains unsafe code. Argument: both addresses are even, since what lies there is
//! aligned to a pointer's size (asserted below); so the bit tells which of the two it is. It is
//! set where the word is made and nowhere else. The box belongs to the origin that it was made
//! for, which frees it when it is dropped; a line is never freed.
//! Covered by the tests below, also under AddressSanitizer.
#![allow(unsafe_code)]

use std::fmt;
use std::panic::Location;
use std::ptr::NonNull;

/// See the [module](self).
pub(crate) struct Origin(NonNull<()>);

struct Named {
    spawned_at: &'static Location<'static>,
    name: Box<str>,
}

// SAFETY: it stands for a `&'static Location` or a `Box<Named>`, which both may be sent.
unsafe impl Send for Origin {}
// SAFETY: and shared: `&Origin` gives nothing but `&` of them.
unsafe impl Sync for Origin {}

/// The address is that of a [`Named`].
const NAMED: usize = 1;

const _: () = assert!(align_of::<Location<'_>>() > NAMED && align_of::<Named>() > NAMED);

impl Origin {
    /// An unnamed task, spawned by the caller.
    #[track_caller]
    #[inline]
    pub(crate) fn here() -> Self {
        Origin(NonNull::from(Location::caller()).cast())
    }

    /// A task with a name, spawned by the caller.
    #[track_caller]
    pub(crate) fn named(name: &str) -> Self {
        Self::with(Location::caller(), name)
    }

    fn with(spawned_at: &'static Location<'static>, name: &str) -> Self {
        let name = Box::from(name);
        let named = Box::leak(Box::new(Named { spawned_at, name }));
        let address = NonNull::from(named).cast::<()>();
        Origin(address.map_addr(|address| address | NAMED))
    }

    /// The box, if it has one.
    fn to_named(&self) -> Option<NonNull<Named>> {
        let address = self.0.as_ptr();
        if address.addr() & NAMED == 0 {
            return None;
        }
        NonNull::new(address.map_addr(|address| address & !NAMED).cast())
    }

    fn as_named(&self) -> Option<&Named> {
        // SAFETY: the box is ours, and lives as long as `self`.
        self.to_named().map(|named| unsafe { named.as_ref() })
    }

    /// The line that spawned it.
    pub(crate) fn spawned_at(&self) -> &'static Location<'static> {
        match self.as_named() {
            Some(named) => named.spawned_at,
            // SAFETY: without the bit it was made from a `&'static Location`.
            None => unsafe { self.0.cast::<Location<'static>>().as_ref() },
        }
    }

    /// The name that its builder gave it.
    pub(crate) fn name(&self) -> Option<&str> {
        self.as_named().map(|named| &*named.name)
    }
}

impl Clone for Origin {
    fn clone(&self) -> Self {
        match self.as_named() {
            Some(named) => Self::with(named.spawned_at, &named.name),
            None => Origin(self.0),
        }
    }
}

impl Drop for Origin {
    #[inline]
    fn drop(&mut self) {
        if let Some(named) = self.to_named() {
            // SAFETY: it was made from a box, which is ours, and this is the end.
            drop(unsafe { Box::from_raw(named.as_ptr()) });
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin")
            .field("spawned_at", self.spawned_at())
            .field("name", &self.name())
            .finish()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_origin_tells_the_line_and_the_name() {
        let line = line!() + 1;
        let (plain, named) = (Origin::here(), Origin::named("cook"));
        let copies = (plain.clone(), named.clone());
        for (plain, named) in [(plain, named), copies] {
            assert_eq!(plain.name(), None);
            assert_eq!(named.name(), Some("cook"));
            assert_eq!(plain.spawned_at().line(), line);
            assert_eq!(named.spawned_at().line(), line);
            assert_eq!(named.spawned_at().file(), file!());
        }
    }
}
