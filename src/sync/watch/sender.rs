//! The sending half of a watch channel.

use super::error::SendError;
use super::receiver::{Receiver, Ref};
use super::shared::{Senders, Shared};
use crate::base::sync::Arc;
use crate::sync::handles::Strong;
use crate::sync::lines::ClosedWait;
use std::fmt;
use std::mem;
use std::panic::Location;

/// Puts new values in. Made by [`channel`](super::channel) or [`Sender::new`]; clone it for
/// more.
///
/// # Examples
///
/// ```
/// use runtime::sync::watch;
///
/// let tx: watch::Sender<u8> = watch::Sender::new(0);
/// let rx = tx.subscribe();
/// tx.send_replace(1);
/// assert_eq!(*rx.borrow(), 1);
/// ```
pub struct Sender<T> {
    tx: Strong<Shared<T>, Senders>,
}

impl<T> Sender<T> {
    /// A channel that holds `init`, without a receiver yet: [`subscribe`](Self::subscribe)
    /// makes them.
    ///
    /// # Examples
    /// ```
    /// let tx = runtime::sync::watch::Sender::new(1);
    /// assert!(tx.send(2).is_err(), "there is nobody");
    /// assert_eq!(*tx.subscribe().borrow(), 1);
    /// ```
    pub fn new(init: T) -> Self {
        Sender::over(Shared::new(init, 0))
    }

    pub(super) fn over(shared: Shared<T>) -> Self {
        Sender {
            tx: Strong::new(Arc::new(shared)),
        }
    }

    fn shared(&self) -> &Arc<Shared<T>> {
        &self.tx.chan
    }

    /// Puts `value` in the place of the one that is there, and wakes the receivers.
    ///
    /// It waits while somebody holds a [`Ref`].
    ///
    /// # Errors
    /// [`SendError`] with the value, if there is no receiver; the old value stays. Use
    /// [`send_replace`](Self::send_replace) to put it in all the same.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// assert_eq!(*rx.borrow(), 2);
    /// drop(rx);
    /// assert_eq!(tx.send(3).unwrap_err().0, 3);
    /// ```
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(value));
        }
        self.send_replace(value);
        Ok(())
    }

    /// Changes the value where it is, and wakes the receivers, of which there need be none.
    ///
    /// `modify` runs under the value's lock: it must not borrow from, or send to, this
    /// channel.
    ///
    /// # Panics
    /// If `modify` does. What it changed before stays, and nobody is woken; the channel goes
    /// on.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(vec![1]);
    /// tx.send_modify(|list| list.push(2));
    /// assert_eq!(*rx.borrow(), [1, 2]);
    /// ```
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.shared().modify(|value| {
            modify(value);
            true
        });
    }

    /// Changes the value where it is, and wakes the receivers if `modify` says that it did.
    /// Returns what it said. Without that, receivers do not hear of what it changed.
    ///
    /// `modify` runs under the value's lock: it must not borrow from, or send to, this
    /// channel.
    ///
    /// # Panics
    /// If `modify` does. What it changed before stays, and nobody is woken; the channel goes
    /// on.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// let at_least = |floor: i32| {
    ///     move |value: &mut i32| {
    ///         let low = *value < floor;
    ///         *value = floor.max(*value);
    ///         low
    ///     }
    /// };
    /// assert!(!tx.send_if_modified(at_least(0)));
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// assert!(tx.send_if_modified(at_least(5)));
    /// assert_eq!(rx.has_changed(), Ok(true));
    /// ```
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        self.shared().modify(modify)
    }

    /// Puts `value` in, wakes the receivers, of which there need be none, and returns the
    /// value that was there.
    ///
    /// # Examples
    /// ```
    /// let tx = runtime::sync::watch::Sender::new(1);
    /// assert_eq!(tx.send_replace(2), 1);
    /// assert_eq!(*tx.borrow(), 2);
    /// ```
    pub fn send_replace(&self, mut value: T) -> T {
        self.send_modify(|old| mem::swap(old, &mut value));
        value
    }

    /// Looks at the value. Senders wait as long as the [`Ref`] is held.
    ///
    /// # Examples
    /// ```
    /// let tx = runtime::sync::watch::Sender::new(1);
    /// assert_eq!(*tx.borrow(), 1);
    /// ```
    pub fn borrow(&self) -> Ref<'_, T> {
        Ref::new(self.shared().value.read(), false)
    }

    /// Waits until there is no receiver. There may be one again, by
    /// [`subscribe`](Self::subscribe).
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().await;
    /// assert!(tx.is_closed());
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        ClosedWait::new(&**self.shared(), Location::caller())
    }

    /// Whether there is no receiver now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// assert!(!tx.is_closed());
    /// drop(rx);
    /// assert!(tx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.receiver_count() == 0
    }

    /// A receiver that has seen the value which is there now.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// let late = tx.subscribe();
    /// assert_eq!(late.has_changed(), Ok(false));
    /// assert_eq!(*late.borrow(), 2);
    /// ```
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(self.shared().clone())
    }

    /// How many receivers there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// let other = rx.clone();
    /// assert_eq!(tx.receiver_count(), 2);
    /// # drop(other);
    /// ```
    pub fn receiver_count(&self) -> usize {
        self.shared().receivers.strong()
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::watch::channel(1);
    /// let other = tx.clone();
    /// assert_eq!(tx.sender_count(), 2);
    /// # drop(other);
    /// ```
    pub fn sender_count(&self) -> usize {
        self.shared().senders.strong()
    }

    /// Whether both senders send to the same channel.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::watch::channel(1);
    /// assert!(tx.same_channel(&tx.clone()));
    /// assert!(!tx.same_channel(&runtime::sync::watch::Sender::new(1)));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx.same_channel(&other.tx)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender {
            tx: self.tx.clone(),
        }
    }
}

impl<T: Default> Default for Sender<T> {
    /// A channel that holds the type's default, without a receiver yet.
    fn default() -> Self {
        Sender::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared().describe(f.debug_struct("watch::Sender"))
    }
}
