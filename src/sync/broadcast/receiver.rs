//! The receiving half of a broadcast channel.

use super::chan::{Behind, Chan};
use super::error::{RecvError, TryRecvError};
use crate::base::budget;
use crate::base::sync::Arc;
use crate::base::wait::{self, Kind};
use crate::base::waiters::Key;
use crate::sync::blocking;
use crate::sync::lines::enlist;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Receives a clone of each value that is sent. Made by [`channel`](super::channel) and
/// [`Sender::subscribe`](super::Sender::subscribe). Dropped, it gives up the values that it
/// has not received.
///
/// # Examples
///
/// ```
/// use runtime::sync::broadcast;
///
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = broadcast::channel(4);
/// let mut other: broadcast::Receiver<u8> = tx.subscribe();
/// tx.send(1).unwrap();
/// assert_eq!((rx.recv().await, other.recv().await), (Ok(1), Ok(1)));
/// # });
/// ```
pub struct Receiver<T> {
    chan: Arc<Chan<T>>,
    /// The position of the next value to be received.
    next: u64,
}

impl<T> Receiver<T> {
    /// A receiver of what is sent from now on.
    pub(super) fn new(chan: Arc<Chan<T>>) -> Self {
        let next = chan.join();
        Receiver { chan, next }
    }

    /// How many values were sent that this receiver has not received. If these are more than
    /// the channel keeps, it has lagged behind, and will be told so next.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::broadcast::channel(16);
    /// tx.send(1).unwrap();
    /// tx.send(2).unwrap();
    /// assert_eq!(rx.len(), 2);
    /// rx.try_recv().unwrap();
    /// assert_eq!(rx.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        let sent = self.chan.end();
        usize::try_from(sent.wrapping_sub(self.next)).unwrap_or(usize::MAX)
    }

    /// Whether all values that were sent were received by this receiver.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::broadcast::channel(16);
    /// assert!(rx.is_empty());
    /// tx.send(1).unwrap();
    /// assert!(!rx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all senders are gone. There may be values left.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// assert!(!rx.is_closed());
    /// drop(tx);
    /// assert!(rx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.chan.is_closed()
    }

    /// Whether both receivers receive from the same channel.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// assert!(rx.same_channel(&tx.subscribe()));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.chan, &other.chan)
    }

    /// How many senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// assert_eq!(rx.sender_strong_count(), 1);
    /// # drop(tx);
    /// ```
    pub fn sender_strong_count(&self) -> usize {
        self.chan.senders.strong()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::broadcast::channel::<i32>(16);
    /// assert_eq!(rx.sender_weak_count(), 0);
    /// # drop(tx);
    /// ```
    pub fn sender_weak_count(&self) -> usize {
        self.chan.senders.weak()
    }
}

impl<T: Clone> Receiver<T> {
    /// Receives the next value.
    ///
    /// # Errors
    /// [`RecvError::Lagged`] with the number of values that were overwritten before this
    /// receiver came for them; the next call goes on with the oldest that is left.
    /// [`RecvError::Closed`] once all senders are gone and all values were received.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::broadcast::{channel, error::RecvError};
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = channel(16);
    /// tx.send(3).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.recv().await, Ok(3));
    /// assert_eq!(rx.recv().await, Err(RecvError::Closed));
    /// # });
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Result<T, RecvError>> {
        Recv {
            receiver: self,
            key: None,
            at: Location::caller(),
        }
    }

    /// Receives the next value if it is there now.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if one may still come, and as for [`recv`](Self::recv).
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::broadcast::{channel, error::TryRecvError};
    /// let (tx, mut rx) = channel(1);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.send(1).unwrap();
    /// tx.send(2).unwrap();
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(1)));
    /// assert_eq!(rx.try_recv(), Ok(2));
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        loop {
            if let Some(value) = self.chan.read(&mut self.next) {
                return Ok(value);
            }
            match self.chan.behind(self.next) {
                Behind::Not => {}
                Behind::Empty => return Err(TryRecvError::Empty),
                Behind::Closed => return Err(TryRecvError::Closed),
                Behind::Lagged(missed) => {
                    self.next = self.next.wrapping_add(missed);
                    return Err(TryRecvError::Lagged(missed));
                }
            }
        }
    }

    /// [`recv`](Self::recv) for code that is not async, blocking the thread meanwhile.
    ///
    /// # Errors
    /// As for [`recv`](Self::recv).
    ///
    /// # Panics
    /// On a thread that is polling async code: await [`recv`](Self::recv) there.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::broadcast::channel(16);
    /// std::thread::spawn(move || tx.send(3).unwrap());
    /// assert_eq!(rx.blocking_recv(), Ok(3));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        blocking::block_on("broadcast::Receiver::blocking_recv", self.recv())
    }

    /// Another receiver of the same channel, of what is sent from now on.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::broadcast::channel(16);
    /// tx.send(1).unwrap();
    /// let mut other = rx.resubscribe();
    /// tx.send(2).unwrap();
    /// assert_eq!(other.try_recv(), Ok(2));
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    pub fn resubscribe(&self) -> Self {
        Receiver::new(self.chan.clone())
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.chan.leave(self.next);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("broadcast::Receiver")
            .finish_non_exhaustive()
    }
}

/// A wait for the next value.
struct Recv<'a, T> {
    receiver: &'a mut Receiver<T>,
    /// Present once it was in line.
    key: Option<Key>,
    at: &'static Location<'static>,
}

impl<T: Clone> Recv<'_, T> {
    /// Receives, or is in line when this is `Pending`.
    fn receive(&mut self, cx: &Context<'_>) -> Poll<Result<T, RecvError>> {
        let Receiver { chan, next } = &mut *self.receiver;
        let mut spare = None;
        loop {
            if let Some(value) = chan.read(next) {
                return Poll::Ready(Ok(value));
            }
            if self.key.is_none() && spare.is_none() {
                spare = Some(cx.waker().clone());
            }
            let mut tail = chan.tail();
            match chan.behind(*next) {
                Behind::Not => continue,
                Behind::Closed => return Poll::Ready(Err(RecvError::Closed)),
                Behind::Lagged(missed) => {
                    *next = next.wrapping_add(missed);
                    return Poll::Ready(Err(RecvError::Lagged(missed)));
                }
                Behind::Empty if enlist(&mut tail.line, &mut self.key, cx, &mut spare) => {
                    drop(tail);
                    return Poll::Pending;
                }
                Behind::Empty => {
                    drop(tail);
                    spare = Some(cx.waker().clone());
                }
            }
        }
    }
}

impl<T: Clone> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let spent = ready!(budget::poll_proceed(cx));
        let received = self.receive(cx);
        match &received {
            Poll::Ready(_) => spent.made_progress(),
            Poll::Pending => {
                let resource = self.receiver.chan.resource();
                wait::note_at(Kind::Recv, resource, self.at);
            }
        }
        received
    }
}

impl<T> Drop for Recv<'_, T> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            drop(self.receiver.chan.leave_line(key));
        }
    }
}
