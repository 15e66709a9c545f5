//! Permits: slots that are held for values to come.

use super::bounded::Sender;
use super::chan::{Chan, Tx};
use std::fmt;
use std::iter::FusedIterator;
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// A slot in a channel. Made by [`Sender::reserve`]. Dropped, it goes back.
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
///
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = mpsc::channel(1);
/// let permit: mpsc::Permit<'_, u8> = tx.reserve().await.unwrap();
/// permit.send(1);
/// assert_eq!(rx.recv().await, Some(1));
/// # });
/// ```
#[must_use = "a permit that is dropped at once reserves nothing"]
pub struct Permit<'a, T> {
    chan: &'a Chan<T>,
}

/// Several slots in a channel, one by one. Made by [`Sender::reserve_many`]. Those that
/// were not taken when it is dropped go back.
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
///
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = mpsc::channel(2);
/// let permits: mpsc::PermitIterator<'_, u8> = tx.reserve_many(2).await.unwrap();
/// for (number, permit) in permits.enumerate() {
///     permit.send(number as u8);
/// }
/// assert_eq!((rx.recv().await, rx.recv().await), (Some(0), Some(1)));
/// # });
/// ```
#[must_use = "permits that are dropped at once reserve nothing"]
pub struct PermitIterator<'a, T> {
    chan: &'a Chan<T>,
    left: usize,
}

/// A slot in a channel, and the sender that it was made from. Made by
/// [`Sender::reserve_owned`]. Dropped, the slot goes back and the sender is dropped.
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
///
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = mpsc::channel(1);
/// let permit: mpsc::OwnedPermit<u8> = tx.reserve_owned().await.unwrap();
/// let tx = permit.send(1);
/// assert_eq!(rx.recv().await, Some(1));
/// assert_eq!(tx.capacity(), 1);
/// # });
/// ```
#[must_use = "a permit that is dropped at once reserves nothing"]
pub struct OwnedPermit<T> {
    /// None once it is used up.
    tx: Option<Tx<T>>,
}

impl<'a, T> Permit<'a, T> {
    /// For a slot that the caller was granted.
    pub(super) fn new(chan: &'a Chan<T>) -> Self {
        Permit { chan }
    }

    /// Sends, without waiting. A value that nobody will receive is dropped.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// tx.reserve().await.unwrap().send(3);
    /// assert_eq!(rx.recv().await, Some(3));
    /// # });
    /// ```
    pub fn send(self, value: T) {
        let chan = self.chan;
        mem::forget(self);
        drop(chan.send_reserved(value));
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        self.chan.put_back(1);
    }
}

impl<'a, T> PermitIterator<'a, T> {
    /// For slots that the caller was granted.
    pub(super) fn new(chan: &'a Chan<T>, left: usize) -> Self {
        PermitIterator { chan, left }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Permit<'a, T>> {
        self.left = self.left.checked_sub(1)?;
        Some(Permit::new(self.chan))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}

impl<T> FusedIterator for PermitIterator<'_, T> {}

impl<T> Drop for PermitIterator<'_, T> {
    fn drop(&mut self) {
        self.chan.put_back(self.left);
    }
}

impl<T> OwnedPermit<T> {
    /// For a slot that the caller was granted.
    pub(super) fn new(tx: Tx<T>) -> Self {
        OwnedPermit { tx: Some(tx) }
    }

    /// Sends, without waiting, and gives the sender back. A value that nobody will receive
    /// is dropped.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// let tx = tx.reserve_owned().await.unwrap().send(3);
    /// assert_eq!(rx.recv().await, Some(3));
    /// # drop(tx);
    /// # });
    /// ```
    pub fn send(mut self, value: T) -> Sender<T> {
        let tx = self.take();
        drop(tx.chan.send_reserved(value));
        Sender::from_tx(tx)
    }

    /// Puts the slot back, and gives the sender back.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(1);
    /// let tx = tx.try_reserve_owned().unwrap().release();
    /// assert_eq!(tx.capacity(), 1);
    /// # drop(rx);
    /// ```
    pub fn release(mut self) -> Sender<T> {
        let tx = self.take();
        tx.chan.put_back(1);
        Sender::from_tx(tx)
    }

    /// Whether both permits are of the same channel.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// let first = tx.clone().try_reserve_owned().unwrap();
    /// let second = tx.try_reserve_owned().unwrap();
    /// assert!(first.same_channel(&second));
    /// # drop(rx);
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx().same_channel(other.tx())
    }

    /// Whether the permit is of that sender's channel.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// let permit = tx.clone().try_reserve_owned().unwrap();
    /// assert!(permit.same_channel_as_sender(&tx));
    /// # drop(rx);
    /// ```
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.tx().same_channel(sender.tx())
    }

    fn tx(&self) -> &Tx<T> {
        // PANIC: it is taken by functions that consume the permit.
        self.tx.as_ref().expect("not used up")
    }

    fn take(&mut self) -> Tx<T> {
        // PANIC: the functions that take it consume the permit.
        self.tx.take().expect("not used up")
    }
}

impl<T> Drop for OwnedPermit<T> {
    fn drop(&mut self) {
        if let Some(tx) = self.tx.take() {
            tx.chan.put_back(1);
        }
    }
}

// A panic leaves no channel in a state that shows.
impl<T> UnwindSafe for Permit<'_, T> {}
impl<T> RefUnwindSafe for Permit<'_, T> {}
impl<T> UnwindSafe for PermitIterator<'_, T> {}
impl<T> RefUnwindSafe for PermitIterator<'_, T> {}
impl<T> UnwindSafe for OwnedPermit<T> {}
impl<T> RefUnwindSafe for OwnedPermit<T> {}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermitIterator")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit").finish_non_exhaustive()
    }
}
