//! The sending half of a channel.

use super::chan::{Chan, Nothing, Senders, Turn, UNBOUNDED, Who};
use super::error::{SendError, TrySendError};
use crate::base::sync::Arc;
use crate::sync::blocking;
use crate::sync::handles::{Strong, Weak};
use crate::sync::lines::ClosedWait;
use std::fmt;
use std::future::poll_fn;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::task::{Poll, ready};

/// Sends values. Made by [`channel`](super::channel) and
/// [`unbounded_channel`](super::unbounded_channel); clone it for more.
///
/// # Examples
///
/// ```
/// use runtime::sync::mpmc;
///
/// let (tx, _rx): (mpmc::Sender<u8>, _) = mpmc::channel(1);
/// assert!(tx.try_send(1).is_ok());
/// assert!(tx.try_send(2).is_err()); // full
/// ```
pub struct Sender<T> {
    tx: Strong<Chan<T>, Senders>,
}

/// A sender that does not keep the channel open. Made by [`Sender::downgrade`].
///
/// # Examples
///
/// ```
/// let (tx, _rx) = runtime::sync::mpmc::channel::<u8>(1);
/// let weak = tx.downgrade();
/// drop(tx);
/// assert!(weak.upgrade().is_none());
/// ```
pub struct WeakSender<T> {
    tx: Weak<Chan<T>, Senders>,
}

impl<T> Sender<T> {
    pub(super) fn over(chan: Arc<Chan<T>>) -> Self {
        Sender {
            tx: Strong::new(chan),
        }
    }

    fn chan(&self) -> &Chan<T> {
        &self.tx.chan
    }

    /// Sends, waiting for a slot if the channel is bounded.
    ///
    /// # Errors
    /// [`SendError`] with the value, if the channel is closed.
    ///
    /// # Cancel safety
    /// Not cancel safe: the value is lost, but it is certain that it was not sent.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = runtime::sync::mpmc::channel(1);
    /// tx.send(3).await.unwrap();
    /// assert_eq!(rx.recv().await, Ok(3));
    /// drop(rx);
    /// assert_eq!(tx.send(4).await.unwrap_err().0, 4);
    /// # });
    /// ```
    #[track_caller]
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        let chan = self.chan();
        let mut turn = Turn::new(chan, Who::Sender, Location::caller());
        let mut value = Some(value);
        poll_fn(move |cx| {
            let mut spare = None;
            let state = ready!(turn.poll(cx, &mut spare));
            // PANIC: it is taken once, when this is ready, and not polled again.
            let value = value.take().expect("not sent yet");
            if state.closed {
                drop(state);
                return Poll::Ready(Err(SendError(value)));
            }
            chan.push(state, value);
            Poll::Ready(Ok(()))
        })
    }

    /// Sends if there is a free slot now.
    ///
    /// # Errors
    /// [`TrySendError`] with the value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::mpmc::{channel, error::TrySendError};
    /// let (tx, rx) = channel(1);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    /// drop(rx);
    /// assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
    /// ```
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.chan()
            .try_send(value)
            .map_err(|(why, value)| match why {
                Nothing::Yet => TrySendError::Full(value),
                Nothing::Ever => TrySendError::Closed(value),
            })
    }

    /// [`send`](Self::send) for code that is not async, blocking the thread meanwhile.
    ///
    /// # Errors
    /// [`SendError`] with the value, if the channel is closed.
    ///
    /// # Panics
    /// On a thread that is polling async code: await [`send`](Self::send) there.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::channel(1);
    /// std::thread::spawn(move || tx.blocking_send(3));
    /// assert_eq!(rx.blocking_recv(), Ok(3));
    /// ```
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        blocking::block_on("mpmc::Sender::blocking_send", self.send(value))
    }

    /// How many values are here now.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::mpmc::channel(5);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(tx.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.chan().len()
    }

    /// Whether there is no value now.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// assert!(tx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no free slot now.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::mpmc::channel(1);
    /// tx.try_send(1).unwrap();
    /// assert!(tx.is_full());
    /// ```
    pub fn is_full(&self) -> bool {
        self.chan().is_full()
    }

    /// How many values fit at all, be they here or not; `None` if the channel is unbounded.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::mpmc;
    /// assert_eq!(mpmc::channel::<i32>(5).0.capacity(), Some(5));
    /// assert_eq!(mpmc::unbounded_channel::<i32>().0.capacity(), None);
    /// ```
    pub fn capacity(&self) -> Option<usize> {
        Some(self.chan().capacity).filter(|capacity| *capacity != UNBOUNDED)
    }

    /// Closes the channel for all: nothing is sent any more, and what is here can still be
    /// received. Returns whether it was open until now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::channel(5);
    /// tx.try_send(1).unwrap();
    /// assert!(tx.close());
    /// assert!(tx.try_send(2).is_err());
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    pub fn close(&self) -> bool {
        self.chan().close()
    }

    /// Whether the channel is closed.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// drop(rx);
    /// assert!(tx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.chan().lock().closed
    }

    /// Waits until the channel is closed.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        ClosedWait::new(self.chan(), Location::caller())
    }

    /// A sender that does not keep the channel open.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::mpmc::channel::<i32>(5);
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
    /// let (tx, _rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// assert_eq!(tx.clone().sender_count(), 2);
    /// ```
    pub fn sender_count(&self) -> usize {
        self.chan().senders.strong()
    }

    /// How many receivers there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// assert_eq!(tx.receiver_count(), 1);
    /// ```
    pub fn receiver_count(&self) -> usize {
        self.chan().receivers.strong()
    }

    /// Whether both senders send to the same channel.
    ///
    /// # Examples
    /// ```
    /// let (tx, _rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// assert!(tx.same_channel(&tx.clone()));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx.same_channel(&other.tx)
    }
}

impl<T> WeakSender<T> {
    /// A sender, if there is one left.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::channel(5);
    /// let weak = tx.downgrade();
    /// weak.upgrade().unwrap().try_send(1).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.tx.upgrade().map(|tx| Sender { tx })
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

// A panic leaves no channel in a state that shows.
impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}
impl<T> UnwindSafe for WeakSender<T> {}
impl<T> RefUnwindSafe for WeakSender<T> {}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("mpmc::Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("mpmc::WeakSender").finish_non_exhaustive()
    }
}
