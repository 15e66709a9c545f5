//! The unbounded channel: sending never waits.

use super::chan::{Chan, Tx, UNBOUNDED, WeakTx};
use super::error::{SendError, TryRecvError};
use super::rx::Rx;
use crate::base::wait;
use crate::sync::blocking;
use crate::sync::lines::ClosedWait;
use std::fmt;
use std::future::poll_fn;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::task::{Context, Poll};

/// A channel that takes as many values as memory does. Use [`channel`](super::channel)
/// where the receiver may be slower than the senders.
///
/// # Examples
/// ```
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
/// tx.send(3).unwrap();
/// assert_eq!(rx.recv().await, Some(3));
/// # });
/// ```
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let chan = Chan::new(UNBOUNDED);
    let sender = UnboundedSender::from_tx(Tx::new(chan.clone()));
    (sender, UnboundedReceiver { rx: Rx::new(chan) })
}

/// Sends to an unbounded channel. Made by [`unbounded_channel`].
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
///
/// let (tx, mut rx) = mpsc::unbounded_channel();
/// let tx: mpsc::UnboundedSender<u8> = tx;
/// tx.send(1).unwrap();
/// assert_eq!(rx.try_recv(), Ok(1));
/// ```
pub struct UnboundedSender<T> {
    tx: Tx<T>,
}

/// A sender that does not keep the channel open. Made by [`UnboundedSender::downgrade`].
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
///
/// let (tx, _rx) = mpsc::unbounded_channel::<u8>();
/// let weak: mpsc::WeakUnboundedSender<u8> = tx.downgrade();
/// drop(tx);
/// assert!(weak.upgrade().is_none());
/// ```
pub struct WeakUnboundedSender<T> {
    tx: WeakTx<T>,
}

/// Receives from an unbounded channel. Made by [`unbounded_channel`]. Dropped, it drops
/// what was sent and not received.
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
///
/// # futures::executor::block_on(async {
/// let (tx, mut rx): (_, mpsc::UnboundedReceiver<u8>) = mpsc::unbounded_channel();
/// tx.send(1).unwrap();
/// drop(tx);
/// assert_eq!((rx.recv().await, rx.recv().await), (Some(1), None));
/// # });
/// ```
pub struct UnboundedReceiver<T> {
    rx: Rx<T>,
}

impl<T> UnboundedSender<T> {
    /// Sends, without waiting.
    ///
    /// # Errors
    /// [`SendError`] with the value, if the receiver is closed or dropped.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(3).unwrap();
    /// drop(rx);
    /// assert_eq!(tx.send(4).unwrap_err().0, 4);
    /// ```
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.tx
            .chan
            .try_send(value)
            .map_err(|(_, value)| SendError(value))
    }

    /// Waits until the receiver is closed or dropped.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().await;
    /// assert!(tx.is_closed());
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        ClosedWait::new(&*self.tx.chan, Location::caller())
    }

    /// Whether the receiver was closed or dropped.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// assert!(!tx.is_closed());
    /// drop(rx);
    /// assert!(tx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.tx.chan.is_closed()
    }

    /// Whether both senders send to the same channel.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// assert!(tx.same_channel(&tx.clone()));
    /// # drop(rx);
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx.same_channel(&other.tx)
    }

    /// A sender that does not keep the channel open.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// let weak = tx.downgrade();
    /// drop(tx);
    /// assert!(rx.is_closed());
    /// assert!(weak.upgrade().is_none());
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender {
            tx: self.tx.downgrade(),
        }
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// assert_eq!(tx.clone().strong_count(), 2);
    /// # drop(rx);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.tx.chan.senders.strong()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// let weak = tx.downgrade();
    /// assert_eq!(tx.weak_count(), 1);
    /// # drop((weak, rx));
    /// ```
    pub fn weak_count(&self) -> usize {
        self.tx.chan.senders.weak()
    }

    pub(super) fn from_tx(tx: Tx<T>) -> Self {
        UnboundedSender { tx }
    }
}

impl<T> UnboundedReceiver<T> {
    /// Receives the next value; `None` once the channel is closed and empty.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(3).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.recv().await, Some(3));
    /// assert_eq!(rx.recv().await, None);
    /// # });
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
        let at = Location::caller();
        poll_fn(move |cx| wait::at(at, || self.rx.poll_recv(cx)))
    }

    /// Receives up to `limit` values into `buffer`, and says how many; waits if there are
    /// none. Zero says that the channel is closed and empty, or that `limit` is zero.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(1).unwrap();
    /// tx.send(2).unwrap();
    /// let mut buffer = Vec::new();
    /// assert_eq!(rx.recv_many(&mut buffer, 10).await, 2);
    /// assert_eq!(buffer, [1, 2]);
    /// # });
    /// ```
    #[track_caller]
    pub fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> impl Future<Output = usize> {
        let at = Location::caller();
        poll_fn(move |cx| wait::at(at, || self.rx.poll_recv_many(cx, buffer, limit)))
    }

    /// Receives a value if there is one now.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if one may still come, [`TryRecvError::Disconnected`] if not.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::mpsc::error::TryRecvError;
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(3).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(3));
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.rx.try_recv()
    }

    /// Receives from code that is not async, blocking the thread meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: await [`recv`](Self::recv) there.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// std::thread::spawn(move || { tx.send(3).unwrap(); });
    /// assert_eq!(rx.blocking_recv(), Some(3));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        blocking::block_on("UnboundedReceiver::blocking_recv", self.recv())
    }

    /// [`recv_many`](Self::recv_many) for code that is not async, blocking the thread
    /// meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: await [`recv_many`](Self::recv_many) there.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// std::thread::spawn(move || tx.send(3).unwrap());
    /// let mut buffer = Vec::new();
    /// assert_eq!(rx.blocking_recv_many(&mut buffer, 10), 1);
    /// assert_eq!(buffer, [3]);
    /// ```
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        blocking::block_on(
            "UnboundedReceiver::blocking_recv_many",
            self.recv_many(buffer, limit),
        )
    }

    /// Refuses values from now on. Those that are here, and those for which a permit is
    /// out, can still be received.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(3).unwrap();
    /// rx.close();
    /// assert!(tx.is_closed());
    /// assert_eq!(rx.recv().await, Some(3));
    /// assert_eq!(rx.recv().await, None);
    /// # });
    /// ```
    pub fn close(&mut self) {
        self.rx.chan.close();
    }

    /// Whether it was closed, or all senders are gone. There may be values left.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// assert!(!rx.is_closed());
    /// drop(tx);
    /// assert!(rx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.rx.is_closed()
    }

    /// Whether there is no value now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// assert!(rx.is_empty());
    /// tx.send(3).unwrap();
    /// assert!(!rx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values are here now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(3).unwrap();
    /// assert_eq!(rx.len(), 1);
    /// assert!(!rx.is_empty());
    /// ```
    pub fn len(&self) -> usize {
        self.rx.len()
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// assert_eq!(rx.sender_strong_count(), 1);
    /// # drop(tx);
    /// ```
    pub fn sender_strong_count(&self) -> usize {
        self.rx.chan.senders.strong()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// assert_eq!(rx.sender_weak_count(), 0);
    /// # drop(tx);
    /// ```
    pub fn sender_weak_count(&self) -> usize {
        self.rx.chan.senders.weak()
    }

    /// [`recv`](Self::recv) for futures that are written by hand. The last waker is the one
    /// that is woken.
    ///
    /// # Examples
    /// ```
    /// use std::task::{Context, Poll, Waker};
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// tx.send(3).unwrap();
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert_eq!(rx.poll_recv(&mut cx), Poll::Ready(Some(3)));
    /// assert!(rx.poll_recv(&mut cx).is_pending());
    /// ```
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.rx.poll_recv(cx)
    }

    /// [`recv_many`](Self::recv_many) for futures that are written by hand. The last waker
    /// is the one that is woken.
    ///
    /// # Examples
    /// ```
    /// use std::task::{Context, Poll, Waker};
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// tx.send(3).unwrap();
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let mut buffer = Vec::new();
    /// assert_eq!(rx.poll_recv_many(&mut cx, &mut buffer, 10), Poll::Ready(1));
    /// assert_eq!(buffer, [3]);
    /// ```
    pub fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        self.rx.poll_recv_many(cx, buffer, limit)
    }
}

impl<T> WeakUnboundedSender<T> {
    /// A sender, if there is one left.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// let weak = tx.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(tx);
    /// assert!(weak.upgrade().is_none());
    /// # drop(rx);
    /// ```
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        self.tx.upgrade().map(UnboundedSender::from_tx)
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// assert_eq!(tx.downgrade().strong_count(), 1);
    /// # drop(rx);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.tx.chan.senders.strong()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<i32>();
    /// assert_eq!(tx.downgrade().weak_count(), 1);
    /// # drop(rx);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.tx.chan.senders.weak()
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        UnboundedSender::from_tx(self.tx.clone())
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        WeakUnboundedSender {
            tx: self.tx.clone(),
        }
    }
}

// A panic leaves no channel in a state that shows.
impl<T> UnwindSafe for UnboundedSender<T> {}
impl<T> RefUnwindSafe for UnboundedSender<T> {}
impl<T> UnwindSafe for WeakUnboundedSender<T> {}
impl<T> RefUnwindSafe for WeakUnboundedSender<T> {}
impl<T> UnwindSafe for UnboundedReceiver<T> {}
impl<T> RefUnwindSafe for UnboundedReceiver<T> {}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedSender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakUnboundedSender")
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedReceiver").finish_non_exhaustive()
    }
}
