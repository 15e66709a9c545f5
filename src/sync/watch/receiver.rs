//! The receiving half of a watch channel.

use super::error::RecvError;
use super::shared::{Receivers, Shared, Version};
use crate::base::budget;
use crate::base::sync::{Arc, RwLockReadGuard};
use crate::base::wait::{self, Kind};
use crate::base::waiters::Key;
use crate::sync::handles::Strong;
use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Looks at the value, and waits for changes. Made by [`channel`](super::channel) and
/// [`Sender::subscribe`](super::Sender::subscribe); a clone has seen what this one has.
///
/// # Examples
///
/// ```
/// use runtime::sync::watch;
///
/// # futures::executor::block_on(async {
/// let (tx, mut rx): (_, watch::Receiver<u8>) = watch::channel(0);
/// tx.send(1).unwrap();
/// rx.changed().await.unwrap();
/// assert_eq!(*rx.borrow_and_update(), 1);
/// # });
/// ```
pub struct Receiver<T> {
    rx: Strong<Shared<T>, Receivers>,
    seen: Version,
}

/// A look at the value. It is a hold of a lock: senders wait until it is dropped, and who
/// asks for another one meanwhile may wait behind them. So keep it short, and never across
/// an `.await`.
///
/// # Examples
///
/// ```
/// use runtime::sync::watch;
///
/// let (_tx, rx) = watch::channel("a");
/// let value: watch::Ref<'_, &str> = rx.borrow();
/// assert_eq!((*value, value.has_changed()), ("a", false));
/// ```
pub struct Ref<'a, T> {
    value: RwLockReadGuard<'a, T>,
    has_changed: bool,
}

impl<T> Receiver<T> {
    /// A receiver that has seen what is there.
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        let rx = Strong::new(shared);
        let seen = rx.chan.version();
        Receiver { rx, seen }
    }

    /// Looks at the value, which does not count as seen by that. Senders wait as long as the
    /// [`Ref`] is held.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// assert_eq!(*rx.borrow(), 2);
    /// assert_eq!(rx.has_changed(), Ok(true));
    /// ```
    pub fn borrow(&self) -> Ref<'_, T> {
        let value = self.rx.chan.value.read();
        let has_changed = self.rx.chan.version() != self.seen;
        Ref::new(value, has_changed)
    }

    /// Looks at the value, which then is seen. Senders wait as long as the [`Ref`] is held.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// assert_eq!(*rx.borrow_and_update(), 2);
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// ```
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        look(&self.rx.chan, &mut self.seen)
    }

    /// Whether there is a value that was not seen.
    ///
    /// # Errors
    /// [`RecvError`] if all senders are gone, whether or not the value was seen.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// tx.send(2).unwrap();
    /// assert_eq!(rx.has_changed(), Ok(true));
    /// drop(tx);
    /// assert!(rx.has_changed().is_err());
    /// ```
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        if self.is_closed() {
            return Err(RecvError(()));
        }
        Ok(self.rx.chan.version() != self.seen)
    }

    /// Whether all senders are gone. The last value may not have been seen.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// assert!(!rx.is_closed());
    /// drop(tx);
    /// assert!(rx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.rx.chan.is_closed()
    }

    /// Lets the value count as not seen.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (_tx, mut rx) = runtime::sync::watch::channel(1);
    /// rx.mark_changed();
    /// rx.changed().await.unwrap();
    /// # });
    /// ```
    pub fn mark_changed(&mut self) {
        self.seen = self.rx.chan.version().other();
    }

    /// Lets the value count as seen.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// rx.mark_unchanged();
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// ```
    pub fn mark_unchanged(&mut self) {
        self.seen = self.rx.chan.version();
    }

    /// Waits for a value that was not seen, which then is. Use
    /// [`borrow_and_update`](Self::borrow_and_update) to look at it.
    ///
    /// # Errors
    /// [`RecvError`] if all senders are gone and the value was seen.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::watch::channel(1);
    /// std::thread::spawn(move || tx.send(2).unwrap());
    /// rx.changed().await.unwrap();
    /// assert_eq!(*rx.borrow(), 2);
    /// assert!(rx.changed().await.is_err());
    /// # });
    /// ```
    #[track_caller]
    pub fn changed(&mut self) -> impl Future<Output = Result<(), RecvError>> {
        let Self { rx, seen } = self;
        Changed::new(&rx.chan, seen, Location::caller())
    }

    /// Waits until the value is one for which `f` is true, and looks at it; it then is seen.
    /// The value that is there is judged first, whether or not it was seen. Senders wait as
    /// long as the [`Ref`] is held.
    ///
    /// `f` runs under the value's lock: it must not send to this channel.
    ///
    /// # Errors
    /// [`RecvError`] if all senders are gone and the last value is none for which `f` is
    /// true.
    ///
    /// # Panics
    /// If `f` does. The channel goes on.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::watch::channel(1);
    /// std::thread::spawn(move || (2..9).for_each(|i| tx.send(i).unwrap()));
    /// assert_eq!(*rx.wait_for(|value| *value >= 8).await.unwrap(), 8);
    /// assert!(rx.wait_for(|value| *value < 0).await.is_err());
    /// # });
    /// ```
    #[track_caller]
    pub fn wait_for(
        &mut self,
        mut f: impl FnMut(&T) -> bool,
    ) -> impl Future<Output = Result<Ref<'_, T>, RecvError>> {
        let at = Location::caller();
        let Self { rx, seen } = self;
        let shared = &*rx.chan;
        async move {
            poll_fn(|cx| budget::poll_proceed(cx).map(|spent| spent.made_progress())).await;
            loop {
                {
                    let value = look(shared, seen);
                    if f(&value) {
                        return Ok(value);
                    }
                }
                // The value that comes is seen only when it is looked at: a future that is
                // dropped in between leaves it to the next.
                let mut known = *seen;
                Changed::new(shared, &mut known, at).await?;
            }
        }
    }

    /// Whether both receivers receive from the same channel.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// assert!(rx.same_channel(&tx.subscribe()));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.rx.same_channel(&other.rx)
    }
}

/// Looks at the value, which then is seen.
fn look<'a, T>(shared: &'a Shared<T>, seen: &mut Version) -> Ref<'a, T> {
    let value = shared.value.read();
    let version = shared.version();
    let has_changed = version != *seen;
    *seen = version;
    Ref::new(value, has_changed)
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Receiver {
            rx: self.rx.clone(),
            seen: self.seen,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rx.chan.describe(f.debug_struct("watch::Receiver"))
    }
}

impl<'a, T> Ref<'a, T> {
    pub(super) fn new(value: RwLockReadGuard<'a, T>, has_changed: bool) -> Self {
        Ref { value, has_changed }
    }

    /// Whether the value had not been seen when this look at it began. Always false for a
    /// sender's.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// assert!(rx.borrow_and_update().has_changed());
    /// assert!(!rx.borrow_and_update().has_changed());
    /// ```
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ref")
            .field("value", &**self)
            .field("has_changed", &self.has_changed)
            .finish()
    }
}

/// A wait for another version.
struct Changed<'a, T> {
    shared: &'a Shared<T>,
    seen: &'a mut Version,
    /// Present once it was in line.
    key: Option<Key>,
    at: &'static Location<'static>,
}

impl<'a, T> Changed<'a, T> {
    fn new(shared: &'a Shared<T>, seen: &'a mut Version, at: &'static Location<'static>) -> Self {
        Changed {
            shared,
            seen,
            key: None,
            at,
        }
    }
}

impl<T> Future for Changed<'_, T> {
    type Output = Result<(), RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let spent = ready!(budget::poll_proceed(cx));
        let this = &mut *self;
        let mut outcome = this.shared.look(*this.seen);
        if outcome.is_pending() {
            outcome = this.shared.join(*this.seen, &mut this.key, cx);
        }
        match outcome {
            Poll::Ready(outcome) => {
                spent.made_progress();
                Poll::Ready(outcome.map(|version| *this.seen = version))
            }
            Poll::Pending => {
                let resource = this.shared.resource();
                wait::note_at(Kind::Recv, resource, this.at);
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Changed<'_, T> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            drop(self.shared.leave(key));
        }
    }
}
