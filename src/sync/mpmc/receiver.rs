//! The receiving half of a channel.

use super::chan::{Chan, Nothing, Receivers, Turn, UNBOUNDED, Who};
use super::error::{RecvError, TryRecvError};
use crate::base::budget;
use crate::base::sync::Arc;
use crate::sync::blocking;
use crate::sync::handles::{Strong, Weak};
use crate::sync::lines::ClosedWait;
use std::fmt;
use std::future::poll_fn;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::task::{Poll, ready};

/// Receives values. Made by [`channel`](super::channel) and
/// [`unbounded_channel`](super::unbounded_channel); clone it for more. When the last is
/// dropped, so is what was sent and not received.
///
/// # Examples
///
/// ```
/// use runtime::sync::mpmc;
///
/// # futures::executor::block_on(async {
/// let (tx, rx): (_, mpmc::Receiver<u8>) = mpmc::channel(2);
/// let other = rx.clone();
/// tx.send(1).await.unwrap();
/// tx.send(2).await.unwrap();
/// assert_eq!(rx.recv().await.ok(), Some(1));
/// assert_eq!(other.recv().await.ok(), Some(2));
/// # });
/// ```
pub struct Receiver<T> {
    rx: Strong<Chan<T>, Receivers>,
}

/// A receiver that does not keep the channel open. Made by [`Receiver::downgrade`].
///
/// # Examples
///
/// ```
/// let (_tx, rx) = runtime::sync::mpmc::channel::<u8>(1);
/// let weak = rx.downgrade();
/// drop(rx);
/// assert!(weak.upgrade().is_none());
/// ```
pub struct WeakReceiver<T> {
    rx: Weak<Chan<T>, Receivers>,
}

impl<T> Receiver<T> {
    pub(super) fn over(chan: Arc<Chan<T>>) -> Self {
        Receiver {
            rx: Strong::new(chan),
        }
    }

    fn chan(&self) -> &Chan<T> {
        &self.rx.chan
    }

    /// Receives a value.
    ///
    /// # Errors
    /// [`RecvError`] once the channel is closed and empty.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = runtime::sync::mpmc::channel(5);
    /// tx.try_send(3).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.recv().await, Ok(3));
    /// assert!(rx.recv().await.is_err());
    /// # });
    /// ```
    #[track_caller]
    pub fn recv(&self) -> impl Future<Output = Result<T, RecvError>> {
        let chan = self.chan();
        let mut turn = Turn::new(chan, Who::Receiver, Location::caller());
        poll_fn(move |cx| {
            let mut spare = None;
            let state = ready!(turn.poll(cx, &mut spare));
            Poll::Ready(chan.pop(state).map_err(|_| RecvError(())))
        })
    }

    /// Receives up to `limit` values into `buffer`, and says how many; waits if there are
    /// none. Zero says that the channel is closed and empty, or that `limit` is zero.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = runtime::sync::mpmc::channel(5);
    /// tx.try_send(1).unwrap();
    /// tx.try_send(2).unwrap();
    /// let mut buffer = Vec::new();
    /// assert_eq!(rx.recv_many(&mut buffer, 10).await, 2);
    /// assert_eq!(buffer, [1, 2]);
    /// # });
    /// ```
    #[track_caller]
    pub fn recv_many(&self, buffer: &mut Vec<T>, limit: usize) -> impl Future<Output = usize> {
        let chan = self.chan();
        let mut turn = Turn::new(chan, Who::Receiver, Location::caller());
        poll_fn(move |cx| {
            if limit == 0 {
                return budget::poll_proceed(cx).map(|spent| {
                    spent.made_progress();
                    0
                });
            }
            let mut spare = None;
            let state = ready!(turn.poll(cx, &mut spare));
            Poll::Ready(chan.pop_many(state, buffer, limit))
        })
    }

    /// Receives a value if there is one now that nobody else waits for.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if one may still come, [`TryRecvError::Disconnected`] if not.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::mpmc::{channel, error::TryRecvError};
    /// let (tx, rx) = channel(5);
    /// tx.try_send(3).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(3));
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    /// ```
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let chan = self.chan();
        chan.pop(chan.lock()).map_err(|why| match why {
            Nothing::Yet => TryRecvError::Empty,
            Nothing::Ever => TryRecvError::Disconnected,
        })
    }

    /// [`recv`](Self::recv) for code that is not async, blocking the thread meanwhile.
    ///
    /// # Errors
    /// [`RecvError`] once the channel is closed and empty.
    ///
    /// # Panics
    /// On a thread that is polling async code: await [`recv`](Self::recv) there.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::unbounded_channel();
    /// std::thread::spawn(move || tx.try_send(3));
    /// assert_eq!(rx.blocking_recv(), Ok(3));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&self) -> Result<T, RecvError> {
        blocking::block_on("mpmc::Receiver::blocking_recv", self.recv())
    }

    /// [`recv_many`](Self::recv_many) for code that is not async, blocking the thread
    /// meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: await [`recv_many`](Self::recv_many) there.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::unbounded_channel();
    /// std::thread::spawn(move || tx.try_send(3));
    /// let mut buffer = Vec::new();
    /// assert_eq!(rx.blocking_recv_many(&mut buffer, 10), 1);
    /// ```
    #[track_caller]
    pub fn blocking_recv_many(&self, buffer: &mut Vec<T>, limit: usize) -> usize {
        blocking::block_on(
            "mpmc::Receiver::blocking_recv_many",
            self.recv_many(buffer, limit),
        )
    }

    /// How many values are here now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::channel(5);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(rx.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.chan().len()
    }

    /// Whether there is no value now.
    ///
    /// # Examples
    /// ```
    /// let (_tx, rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// assert!(rx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no free slot now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::channel(1);
    /// tx.try_send(1).unwrap();
    /// assert!(rx.is_full());
    /// ```
    pub fn is_full(&self) -> bool {
        self.chan().is_full()
    }

    /// How many values fit at all, be they here or not; `None` if the channel is unbounded.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(runtime::sync::mpmc::channel::<i32>(5).1.capacity(), Some(5));
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
    /// assert!(rx.close());
    /// assert!(!rx.close());
    /// assert!(tx.try_send(1).is_err());
    /// ```
    pub fn close(&self) -> bool {
        self.chan().close()
    }

    /// Whether the channel is closed. There may be values left.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// drop(tx);
    /// assert!(rx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.chan().lock().closed
    }

    /// Waits until the channel is closed. There may be values left.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// std::thread::spawn(move || drop(tx));
    /// rx.closed().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        ClosedWait::new(self.chan(), Location::caller())
    }

    /// A receiver that does not keep the channel open.
    ///
    /// # Examples
    /// ```
    /// let (_tx, rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// let weak = rx.downgrade();
    /// drop(rx);
    /// assert!(weak.upgrade().is_none());
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakReceiver<T> {
        WeakReceiver {
            rx: self.rx.downgrade(),
        }
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (_tx, rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// assert_eq!(rx.sender_count(), 1);
    /// ```
    pub fn sender_count(&self) -> usize {
        self.chan().senders.strong()
    }

    /// How many receivers there are.
    ///
    /// # Examples
    /// ```
    /// let (_tx, rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// assert_eq!(rx.clone().receiver_count(), 2);
    /// ```
    pub fn receiver_count(&self) -> usize {
        self.chan().receivers.strong()
    }

    /// Whether both receivers receive from the same channel.
    ///
    /// # Examples
    /// ```
    /// let (_tx, rx) = runtime::sync::mpmc::channel::<i32>(5);
    /// assert!(rx.same_channel(&rx.clone()));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.rx.same_channel(&other.rx)
    }
}

impl<T> WeakReceiver<T> {
    /// A receiver, if there is one left.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpmc::channel(5);
    /// let weak = rx.downgrade();
    /// tx.try_send(1).unwrap();
    /// assert_eq!(weak.upgrade().unwrap().try_recv(), Ok(1));
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        self.rx.upgrade().map(|rx| Receiver { rx })
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Receiver {
            rx: self.rx.clone(),
        }
    }
}

impl<T> Clone for WeakReceiver<T> {
    fn clone(&self) -> Self {
        WeakReceiver {
            rx: self.rx.clone(),
        }
    }
}

// A panic leaves no channel in a state that shows.
impl<T> UnwindSafe for Receiver<T> {}
impl<T> RefUnwindSafe for Receiver<T> {}
impl<T> UnwindSafe for WeakReceiver<T> {}
impl<T> RefUnwindSafe for WeakReceiver<T> {}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("mpmc::Receiver").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WeakReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("mpmc::WeakReceiver").finish_non_exhaustive()
    }
}
