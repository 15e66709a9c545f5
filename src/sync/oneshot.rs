//! [`oneshot`](self): one value, from one sender to one receiver.
//!
//! Both halves share a few fields under one lock, which is entered once to send and once
//! to receive; an uncontended lock is two atomic operations, as many as a lock-free
//! protocol of states needs for the same. The value lies under the lock but is dropped
//! outside of it, as wakers are.
//!
//! ```text
//!                    send ┌────────▶ value, sender gone ── received ──▶ taken
//!   open ─────────────────┤
//!     │              drop └────────▶ no value, sender gone
//!     └─ close, or drop of the receiver ─▶ closed: send gives the value back
//! ```
//!
//! Invariants:
//! 1. A value is put in only while the channel is open, by `send`, after which the sender
//!    is gone. So there is at most one, and it leaves by one move: to the receiver, or to
//!    the receiver's `Drop`, which closes and takes it in one hold of the lock.
//! 2. Each side's waker is registered only after it saw, in the same hold of the lock,
//!    that the other has not acted; and the other acts and takes it in one hold. So no
//!    wake-up is lost.

use crate::base::budget;
use crate::base::sync::{Arc, Mutex};
use crate::base::wait::{self, Kind};
use crate::sync::blocking;
use error::{RecvError, TryRecvError};
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

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
    let shared = Arc::new(Mutex::new(Shared {
        value: None,
        sender_gone: false,
        closed: false,
        receiver: None,
        sender: None,
    }));
    let sender = Sender {
        shared: Some(shared.clone()),
    };
    let receiver = Receiver {
        shared: Some(shared),
        at: Location::caller(),
    };
    (sender, receiver)
}

#[derive(Debug)]
struct Shared<T> {
    value: Option<T>,
    sender_gone: bool,
    closed: bool,
    receiver: Option<Waker>,
    sender: Option<Waker>,
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
    /// None once it was sent.
    shared: Option<Arc<Mutex<Shared<T>>>>,
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
    shared: Option<Arc<Mutex<Shared<T>>>>,
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
    pub fn send(mut self, value: T) -> Result<(), T> {
        // PANIC: only this function takes it, and it consumes the sender.
        let shared = self.shared.take().expect("not sent yet");
        let mut state = shared.lock();
        state.sender_gone = true;
        let own = state.sender.take();
        if state.closed {
            drop(state);
            drop(own);
            return Err(value);
        }
        state.value = Some(value);
        let waker = state.receiver.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        drop(own);
        Ok(())
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
        self.shared().lock().closed
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
        let shared = self.shared();
        let poll = poll_side(shared, cx, |state| {
            let now = if state.closed {
                Poll::Ready(())
            } else {
                Poll::Pending
            };
            (now, &mut state.sender)
        });
        match poll {
            Poll::Ready(()) => spent.made_progress(),
            Poll::Pending => wait::note(Kind::Oneshot, resource(shared)),
        }
        poll
    }

    fn shared(&self) -> &Arc<Mutex<Shared<T>>> {
        // PANIC: only `send` takes it, and it consumes the sender.
        self.shared.as_ref().expect("not sent yet")
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
        let Some(shared) = &self.shared else { return };
        let mut state = shared.lock();
        state.closed = true;
        let waker = state.sender.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
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
        let Some(shared) = &self.shared else {
            return Err(TryRecvError::Closed);
        };
        let received = shared.lock().receive();
        match received {
            Poll::Pending => Err(TryRecvError::Empty),
            Poll::Ready(outcome) => {
                self.ended(&outcome);
                outcome.map_err(|_| TryRecvError::Closed)
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
        self.shared.is_none()
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
        match &self.shared {
            Some(shared) => shared.lock().value.is_none(),
            None => true,
        }
    }

    /// Lets go of the channel. With a value, the other side is gone and nothing is left.
    fn ended(&mut self, outcome: &Result<T, RecvError>) {
        match outcome {
            Ok(_) => self.shared = None,
            Err(_) => self.finish(),
        }
    }

    /// Lets go of the channel, as if dropped.
    fn finish(&mut self) {
        let Some(shared) = self.shared.take() else {
            return;
        };
        let mut state = shared.lock();
        state.closed = true;
        let waker = state.sender.take();
        let own = state.receiver.take();
        let value = state.value.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        drop((own, value));
    }
}

impl<T> Shared<T> {
    /// The value, or that none will come.
    fn receive(&mut self) -> Poll<Result<T, RecvError>> {
        match self.value.take() {
            Some(value) => Poll::Ready(Ok(value)),
            None if self.sender_gone || self.closed => Poll::Ready(Err(RecvError(()))),
            None => Poll::Pending,
        }
    }
}

/// Looks under the lock; on `Pending` leaves the waker in the slot that comes with it.
/// The waker is cloned, and the old one dropped, with the lock released.
fn poll_side<T, R>(
    shared: &Mutex<Shared<T>>,
    cx: &mut Context<'_>,
    mut look: impl FnMut(&mut Shared<T>) -> (Poll<R>, &mut Option<Waker>),
) -> Poll<R> {
    let mut state = shared.lock();
    match look(&mut state) {
        (Poll::Ready(now), _) => return Poll::Ready(now),
        (Poll::Pending, Some(old)) if old.will_wake(cx.waker()) => return Poll::Pending,
        _ => {}
    }
    drop(state);
    let mut waker = Some(cx.waker().clone());
    let mut state = shared.lock();
    let (now, slot) = look(&mut state);
    if now.is_pending() {
        std::mem::swap(slot, &mut waker);
    }
    drop(state);
    now
}

fn resource<T>(shared: &Arc<Mutex<Shared<T>>>) -> u64 {
    std::ptr::from_ref::<Mutex<Shared<T>>>(shared).addr() as u64
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    /// # Panics
    /// If polled again after it has ended; ask [`is_terminated`](Receiver::is_terminated).
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(shared) = &self.shared else {
            panic!("polled after it has ended: look at `is_terminated` first");
        };
        let spent = ready!(budget::poll_proceed(cx));
        let poll = poll_side(shared, cx, |state| (state.receive(), &mut state.receiver));
        match &poll {
            Poll::Ready(outcome) => {
                spent.made_progress();
                self.ended(outcome);
            }
            Poll::Pending => {
                let resource = resource(shared);
                wait::at(self.at, || wait::note(Kind::Oneshot, resource));
            }
        }
        poll
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let Some(shared) = self.shared.take() else {
            return;
        };
        let mut state = shared.lock();
        state.sender_gone = true;
        let waker = state.receiver.take();
        let own = state.sender.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        drop(own);
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.finish();
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
