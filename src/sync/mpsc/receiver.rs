//! The receiving half of the bounded channel.

use super::chan::Chan;
use super::error::TryRecvError;
use super::rx::Rx;
use crate::base::sync::Arc;
use crate::base::wait;
use crate::sync::blocking;
use std::fmt;
use std::future::poll_fn;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::task::{Context, Poll};

/// Receives from a bounded channel. Made by [`channel`](super::channel). Dropped, it
/// drops what was sent and not received.
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
///
/// # futures::executor::block_on(async {
/// let (tx, mut rx): (_, mpsc::Receiver<u8>) = mpsc::channel(1);
/// tx.send(1).await.unwrap();
/// drop(tx);
/// assert_eq!((rx.recv().await, rx.recv().await), (Some(1), None));
/// # });
/// ```
pub struct Receiver<T> {
    rx: Rx<T>,
}

impl<T> Receiver<T> {
    pub(super) fn new(chan: Arc<Chan<T>>) -> Self {
        Receiver { rx: Rx::new(chan) }
    }

    /// Receives the next value; `None` once the channel is closed and empty.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(5);
    /// tx.try_send(3).unwrap();
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
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(5);
    /// tx.try_send(1).unwrap();
    /// tx.try_send(2).unwrap();
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
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(5);
    /// tx.try_send(3).unwrap();
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
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(5);
    /// std::thread::spawn(move || { tx.try_send(3).unwrap(); });
    /// assert_eq!(rx.blocking_recv(), Some(3));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        blocking::block_on("Receiver::blocking_recv", self.recv())
    }

    /// [`recv_many`](Self::recv_many) for code that is not async, blocking the thread
    /// meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: await [`recv_many`](Self::recv_many) there.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// std::thread::spawn(move || tx.try_send(3).unwrap());
    /// let mut buffer = Vec::new();
    /// assert_eq!(rx.blocking_recv_many(&mut buffer, 10), 1);
    /// assert_eq!(buffer, [3]);
    /// ```
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        blocking::block_on(
            "Receiver::blocking_recv_many",
            self.recv_many(buffer, limit),
        )
    }

    /// Refuses values from now on. Those that are here, and those for which a permit is
    /// out, can still be received.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(5);
    /// tx.try_send(3).unwrap();
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
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
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
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// assert!(rx.is_empty());
    /// tx.try_send(3).unwrap();
    /// assert!(!rx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values are here now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel(5);
    /// tx.try_send(3).unwrap();
    /// assert_eq!(rx.len(), 1);
    /// assert!(!rx.is_empty());
    /// ```
    pub fn len(&self) -> usize {
        self.rx.len()
    }

    /// How many more values fit now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// tx.try_send(3).unwrap();
    /// assert_eq!(rx.capacity(), 4);
    /// ```
    pub fn capacity(&self) -> usize {
        self.rx.chan.capacity()
    }

    /// How many values fit at all.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// assert_eq!(rx.max_capacity(), 5);
    /// # drop(tx);
    /// ```
    pub fn max_capacity(&self) -> usize {
        self.rx.chan.max
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
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
    /// let (tx, rx) = runtime::sync::mpsc::channel::<i32>(5);
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
    /// let (tx, mut rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// tx.try_send(3).unwrap();
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
    /// let (tx, mut rx) = runtime::sync::mpsc::channel::<i32>(5);
    /// tx.try_send(3).unwrap();
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

// A panic leaves no channel in a state that shows.
impl<T> UnwindSafe for Receiver<T> {}
impl<T> RefUnwindSafe for Receiver<T> {}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
