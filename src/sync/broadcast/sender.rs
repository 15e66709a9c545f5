//! The sending half of a broadcast channel.

use super::chan::{Chan, Senders};
use super::error::SendError;
use super::receiver::Receiver;
use crate::base::sync::Arc;
use crate::sync::handles::{Strong, Weak};
use crate::sync::lines::ClosedWait;
use std::fmt;
use std::panic::Location;

/// Sends to all receivers. Made by [`channel`](super::channel) or [`Sender::new`]; clone it
/// for more.
///
/// # Examples
///
/// ```
/// use runtime::sync::broadcast;
///
/// let tx: broadcast::Sender<u8> = broadcast::Sender::new(4);
/// let _rx = tx.subscribe();
/// assert_eq!(tx.send(1).unwrap(), 1); // receivers
/// ```
pub struct Sender<T> {
    tx: Strong<Chan<T>, Senders>,
}

/// A sender that does not keep the channel open. Made by [`Sender::downgrade`].
///
/// # Examples
///
/// ```
/// let (tx, _rx) = runtime::sync::broadcast::channel::<u8>(4);
/// let weak = tx.downgrade();
/// drop(tx);
/// assert!(weak.upgrade().is_none());
/// ```
pub struct WeakSender<T> {
    tx: Weak<Chan<T>, Senders>,
}

impl<T> Sender<T> {
    /// A channel without a receiver yet: [`subscribe`](Self::subscribe) makes them. It keeps
    /// `capacity` values, rounded up to a power of two.
    ///
    /// # Panics
    /// If `capacity` is 0, or more than `usize::MAX / 2`.
    ///
    /// # Examples
    /// ```
    /// let tx = runtime::sync::broadcast::Sender::new(16);
    /// assert!(tx.send(1).is_err(), "there is nobody");
    /// let mut rx = tx.subscribe();
    /// tx.send(2).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(2));
    /// ```
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        assert!(
            capacity > 0,
            "a broadcast channel needs room for a value: make `capacity` at least 1"
        );
        assert!(
            capacity <= usize::MAX >> 1,
            "a broadcast channel keeps up to `usize::MAX / 2` values: make `capacity` smaller"
        );
        Sender::over(Chan::new(capacity, 0))
    }

    pub(super) fn over(chan: Chan<T>) -> Self {
        Sender {
            tx: Strong::new(Arc::new(chan)),
        }
    }

    /// Sends to all who are receivers now, without waiting, and says how many they are. That
    /// it was sent does not say that they will receive it.
    ///
    /// # Errors
    /// [`SendError`] with the value, if there is no receiver. There may be one later.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::broadcast::channel(16);
    /// let other = tx.subscribe();
    /// assert_eq!(tx.send(3).unwrap(), 2);
    /// drop((rx, other));
    /// assert_eq!(tx.send(4).unwrap_err().0, 4);
    /// ```
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        self.tx.chan.send(value).map_err(SendError)
    }

    /// A receiver of what is sent from now on.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::broadcast::channel(16);
    /// tx.send(1).unwrap();
    /// let mut late = tx.subscribe();
    /// tx.send(2).unwrap();
    /// assert_eq!(late.try_recv(), Ok(2));
    /// ```
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(self.tx.chan.clone())
    }

    /// How many values are kept: those that have not been received by all who were
    /// receivers when they were sent, and not been overwritten.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::broadcast::channel(16);
    /// let other = tx.subscribe();
    /// tx.send(1).unwrap();
    /// rx.try_recv().unwrap();
    /// assert_eq!(tx.len(), 1);
    /// drop(other);
    /// assert_eq!(tx.len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.tx.chan.len()
    }

    /// Whether no value is kept, see [`len`](Self::len).
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::broadcast::channel(16);
    /// assert!(tx.is_empty());
    /// tx.send(1).unwrap();
    /// assert!(!tx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many receivers there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// let other = tx.subscribe();
    /// assert_eq!(tx.receiver_count(), 2);
    /// # drop((rx, other));
    /// ```
    pub fn receiver_count(&self) -> usize {
        self.tx.chan.tail().receivers
    }

    /// Whether both senders send to the same channel.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// let (other, _rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// assert!(tx.same_channel(&tx.clone()));
    /// assert!(!tx.same_channel(&other));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx.same_channel(&other.tx)
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
    /// let (tx, rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().await;
    /// assert_eq!(tx.receiver_count(), 0);
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        ClosedWait::new(&*self.tx.chan, Location::caller())
    }

    /// A sender that does not keep the channel open.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// let weak = tx.downgrade();
    /// drop(tx);
    /// assert!(weak.upgrade().is_none());
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender {
            tx: self.tx.downgrade(),
        }
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// let other = tx.clone();
    /// assert_eq!(tx.strong_count(), 2);
    /// # drop(other);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.tx.chan.senders.strong()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// let weak = tx.downgrade();
    /// assert_eq!(tx.weak_count(), 1);
    /// # drop(weak);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.tx.chan.senders.weak()
    }
}

impl<T> WeakSender<T> {
    /// A sender, if there is one left.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::broadcast::channel(16);
    /// let weak = tx.downgrade();
    /// weak.upgrade().unwrap().send(3).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(3));
    /// drop(tx);
    /// assert!(weak.upgrade().is_none());
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.tx.upgrade().map(|tx| Sender { tx })
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// assert_eq!(tx.downgrade().strong_count(), 1);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.tx.chan.senders.strong()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// assert_eq!(tx.downgrade().weak_count(), 1);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.tx.chan.senders.weak()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender {
            tx: self.tx.clone(),
        }
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        WeakSender {
            tx: self.tx.clone(),
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("broadcast::Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("broadcast::WeakSender")
            .finish_non_exhaustive()
    }
}
