//! [`oneshot`](self): one value, from one sender to one receiver.
//!
//! ```text
//!                    send ┌────────▶ value, sender gone ── received ──▶ taken
//!   open ─────────────────┤
//!     │              drop └────────▶ no value, sender gone
//!     └─ close, or drop of the receiver ─▶ closed: send gives the value back
//! ```
//!
//! What both halves share is in [`chan`]: one piece of kept memory, and a word that is changed once
//! to send. A value is put in only while the channel is open, by `send`, after which the sender is
//! gone. So there is at most one, and it leaves by one move: to the receiver, or to the
//! receiver's `Drop`.
//!
//! # Rejected
//!
//! * The fields under one lock, in a counted pointer: seven atomic read-modify-writes for a
//!   value that is sent and received, where one is enough.

mod chan;

use crate::base::budget;
use crate::base::wait::{self, Kind};
use crate::sync::blocking;
use chan::{Rx, Tx};
use error::{RecvError, TryRecvError};
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A channel for one value.
///
/// # Examples
/// ```
/// use runtime::sync::oneshot;
/// # futures::executor::block_on(async {
/// let (tx, rx) = oneshot::channel();
/// std::thread::spawn(move || tx.send(3));
/// assert_eq!(rx.await, Ok(3));
/// # });
/// ```
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (tx, rx) = chan::pair();
    let sender = Sender { tx };
    let receiver = Receiver {
        rx: Some(rx),
        at: Location::caller(),
    };
    (sender, receiver)
}

/// Sends the value. Made by [`channel`].
///
/// Dropped without having sent, it lets the receiver end with an error.
///
/// # Examples
///
/// ```
/// use runtime::sync::oneshot;
///
/// let (tx, rx): (oneshot::Sender<u8>, _) = oneshot::channel();
/// drop(rx);
/// assert_eq!(tx.send(1), Err(1));
/// ```
pub struct Sender<T> {
    tx: Tx<T>,
}

/// Receives the value: a future that is ready once it was sent. Made by [`channel`].
///
/// # Examples
///
/// ```
/// use runtime::sync::oneshot;
///
/// # futures::executor::block_on(async {
/// let (tx, rx): (_, oneshot::Receiver<u8>) = oneshot::channel();
/// tx.send(1).unwrap();
/// assert_eq!(rx.await, Ok(1));
/// # });
/// ```
///
/// # Cancel safety
/// Nothing is lost. (A `&mut Receiver` is a future too, which may be dropped and made anew.)
#[must_use = "a future does nothing unless it is awaited"]
pub struct Receiver<T> {
    /// None once it is finished.
    rx: Option<Rx<T>>,
    at: &'static Location<'static>,
}

impl<T> Sender<T> {
    /// Sends the value. That it was sent does not say that it will be received.
    ///
    /// # Errors
    /// The value, if the receiver is closed or gone.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::oneshot::channel();
    /// drop(rx);
    /// assert_eq!(tx.send(3), Err(3));
    /// ```
    #[inline]
    pub fn send(self, value: T) -> Result<(), T> {
        self.tx.send(value)
    }

    /// Waits until the receiver is closed or gone.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (mut tx, rx) = runtime::sync::oneshot::channel::<()>();
    /// drop(rx);
    /// tx.closed().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = ()> {
        let at = Location::caller();
        std::future::poll_fn(move |cx| wait::at(at, || self.poll_closed(cx)))
    }

    /// Whether the receiver is closed or gone.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::oneshot::channel::<()>();
    /// assert!(!tx.is_closed());
    /// rx.close();
    /// assert!(tx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.tx.is_closed()
    }

    /// Like [`closed`](Self::closed), for futures that are written by hand. The last waker
    /// is the one that is woken.
    ///
    /// # Examples
    /// ```
    /// use std::task::{Context, Poll, Waker};
    /// let (mut tx, rx) = runtime::sync::oneshot::channel::<i32>();
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert!(tx.poll_closed(&mut cx).is_pending());
    /// drop(rx);
    /// assert_eq!(tx.poll_closed(&mut cx), Poll::Ready(()));
    /// ```
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let spent = ready!(budget::poll_proceed(cx));
        let poll = self.tx.poll_closed(cx);
        match poll {
            Poll::Ready(()) => spent.made_progress(),
            Poll::Pending => wait::note(Kind::Oneshot, self.tx.resource()),
        }
        poll
    }
}

impl<T> Receiver<T> {
    /// Refuses a value from now on. One that was sent before can still be received.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::oneshot::channel();
    /// rx.close();
    /// assert_eq!(tx.send(3), Err(3));
    /// assert!(rx.try_recv().is_err());
    /// ```
    pub fn close(&mut self) {
        if let Some(rx) = &mut self.rx {
            rx.close();
        }
    }

    /// The value, if it was sent.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if it may still come, [`TryRecvError::Closed`] if not.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::oneshot::{channel, error::TryRecvError};
    /// let (tx, mut rx) = channel();
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.send(3).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(3));
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let Some(rx) = &mut self.rx else {
            return Err(TryRecvError::Closed);
        };
        match rx.try_recv() {
            Poll::Pending => Err(TryRecvError::Empty),
            Poll::Ready(value) => {
                self.rx = None;
                value.ok_or(TryRecvError::Closed)
            }
        }
    }

    /// Receives from code that is not async, blocking the thread meanwhile.
    ///
    /// # Errors
    /// [`RecvError`] if the sender is dropped without having sent.
    ///
    /// # Panics
    /// On a thread that is polling async code: await the receiver there.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::oneshot::channel();
    /// std::thread::spawn(move || tx.send(3));
    /// assert_eq!(rx.blocking_recv(), Ok(3));
    /// ```
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        blocking::block_on("oneshot::Receiver::blocking_recv", self)
    }

    /// Whether it has ended: the value, or the error, was handed out. Polled then, it
    /// panics.
    ///
    /// # Examples
    /// ```
    /// let (tx, mut rx) = runtime::sync::oneshot::channel();
    /// tx.send(3).unwrap();
    /// assert!(!rx.is_terminated());
    /// rx.try_recv().unwrap();
    /// assert!(rx.is_terminated());
    /// ```
    pub fn is_terminated(&self) -> bool {
        self.rx.is_none()
    }

    /// Whether there is no value to be had now.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::oneshot::channel();
    /// assert!(rx.is_empty());
    /// tx.send(3).unwrap();
    /// assert!(!rx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.rx.as_ref().is_none_or(Rx::is_empty)
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    /// # Panics
    /// If polled again after it has ended; ask [`is_terminated`](Receiver::is_terminated).
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(rx) = &mut this.rx else {
            panic!("polled after it has ended: look at `is_terminated` first");
        };
        let spent = ready!(budget::poll_proceed(cx));
        match rx.poll_recv(cx) {
            Poll::Ready(value) => {
                spent.made_progress();
                this.rx = None;
                Poll::Ready(value.ok_or(RecvError(())))
            }
            Poll::Pending => {
                wait::note_at(Kind::Oneshot, rx.resource(), this.at);
                Poll::Pending
            }
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("closed", &self.is_closed())
            .finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("terminated", &self.is_terminated())
            .finish()
    }
}

/// What can go wrong.
pub mod error {
    use std::fmt;

    /// The sender was dropped without having sent.
    ///
    /// # Examples
    /// ```
    /// let (tx, rx) = runtime::sync::oneshot::channel::<i32>();
    /// drop(tx);
    /// assert_eq!(rx.blocking_recv().unwrap_err().to_string(), "channel closed");
    /// ```
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RecvError(pub(super) ());

    /// Why there was no value at once.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::oneshot::error::TryRecvError;
    /// assert_eq!(TryRecvError::Empty.to_string(), "channel empty");
    /// ```
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum TryRecvError {
        /// The value may still come.
        Empty,
        /// The value will not come, or was received already.
        Closed,
    }

    impl fmt::Display for RecvError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("channel closed")
        }
    }

    impl fmt::Display for TryRecvError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(match self {
                TryRecvError::Empty => "channel empty",
                TryRecvError::Closed => "channel closed",
            })
        }
    }

    impl std::error::Error for RecvError {}

    impl std::error::Error for TryRecvError {}
}

#[cfg(all(test, loom))]
mod models;
