//! [`PollSender`]: a bounded channel's sender for code that polls by hand.
//!
//! # Safety argument for the unsafe code in this file
//! The future that waits for a slot owns a `Sender<T>`, so it must not outlive `T`; but the
//! struct has no lifetime to say so with, and is for any `T`. So the box is declared for
//! `'static` futures, and [`lengthen`] and [`shorten`] lead from a box for futures that live
//! as long as `T` to that one, and back. That is sound since the box does not leave the
//! struct, nor do its futures; and the struct owns a `T` as far as the compiler knows
//! (`Sender<T>`, which has a `Drop`), so that it ends before `T` does.

#![allow(unsafe_code)]

use super::ReusableBoxFuture;
use crate::sync::mpsc::error::SendError;
use crate::sync::mpsc::{OwnedPermit, Sender};
use futures_sink::Sink;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The channel is closed, or the sender was.
///
/// # Examples
/// ```
/// use runtime::sync::{PollSender, mpsc};
/// let (tx, rx) = mpsc::channel(1);
/// let mut sender = PollSender::new(tx);
/// sender.close();
/// assert_eq!(sender.send_item(1).unwrap_err().into_inner(), Some(1));
/// # drop(rx);
/// ```
#[derive(Debug)]
pub struct PollSendError<T>(Option<T>);

/// A [`Sender`] that is polled for a slot, and a sink.
///
/// # Examples
/// ```
/// use runtime::sync::{PollSender, mpsc};
/// use std::future::poll_fn;
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = mpsc::channel(1);
/// let mut sender = PollSender::new(tx);
/// poll_fn(|cx| sender.poll_reserve(cx)).await.unwrap();
/// sender.send_item(5).unwrap();
/// assert_eq!(rx.recv().await, Some(5));
/// # });
/// ```
pub struct PollSender<T> {
    /// None once it is closed.
    sender: Option<Sender<T>>,
    state: State<T>,
    /// Waits while the state says so; else it is over, and its memory is for the next wait.
    reserve: Option<ReusableBoxFuture<'static, Reserved<T>>>,
}

enum State<T> {
    Idle,
    Waiting,
    Ready(OwnedPermit<T>),
}

type Reserved<T> = Result<OwnedPermit<T>, SendError<()>>;

/// The same box, said to be for any futures.
///
/// # Safety
/// The box and what is put into it end before `'a` does.
unsafe fn lengthen<'a, T>(future: ReusableBoxFuture<'a, T>) -> ReusableBoxFuture<'static, T> {
    // SAFETY: the types differ in a lifetime only; the rest is the caller's promise.
    unsafe {
        std::mem::transmute::<ReusableBoxFuture<'a, T>, ReusableBoxFuture<'static, T>>(future)
    }
}

/// The same box, for futures that live for `'a`.
///
/// # Safety
/// The box and what is put into it end before `'a` does.
unsafe fn shorten<'b, 'a, T>(
    future: &'b mut ReusableBoxFuture<'static, T>,
) -> &'b mut ReusableBoxFuture<'a, T> {
    // SAFETY: the types differ in a lifetime only; the rest is the caller's promise.
    unsafe { &mut *std::ptr::from_mut(future).cast::<ReusableBoxFuture<'a, T>>() }
}

impl<T> PollSendError<T> {
    /// The value that was to be sent, if there was one.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSender, mpsc};
    /// let (tx, rx) = mpsc::channel(1);
    /// let mut sender = PollSender::new(tx);
    /// sender.close();
    /// assert_eq!(sender.send_item(1).unwrap_err().into_inner(), Some(1));
    /// # drop(rx);
    /// ```
    pub fn into_inner(self) -> Option<T> {
        self.0
    }
}

impl<T: Send> PollSender<T> {
    /// Polls this sender.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSender, mpsc};
    /// let (tx, rx) = mpsc::channel::<i32>(1);
    /// let sender = PollSender::new(tx);
    /// assert!(!sender.is_closed());
    /// # drop(rx);
    /// ```
    pub fn new(sender: Sender<T>) -> Self {
        PollSender {
            sender: Some(sender),
            state: State::Idle,
            reserve: None,
        }
    }

    /// Polls for a slot. Once it is ready, [`send_item`](Self::send_item) sends into it.
    ///
    /// # Errors
    /// [`PollSendError`] if the channel is closed, or this sender is.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSender, mpsc};
    /// use std::task::{Context, Waker};
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let (tx, rx) = mpsc::channel::<i32>(1);
    /// let (mut one, mut two) = (PollSender::new(tx.clone()), PollSender::new(tx));
    /// assert!(one.poll_reserve(&mut cx).is_ready());
    /// assert!(two.poll_reserve(&mut cx).is_pending());
    /// # drop(rx);
    /// ```
    pub fn poll_reserve(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), PollSendError<T>>> {
        if let State::Idle = self.state {
            let Some(sender) = &self.sender else {
                return Poll::Ready(Err(PollSendError(None)));
            };
            let wait = sender.clone().reserve_owned();
            match &mut self.reserve {
                // SAFETY: see the file: the box stays in the struct, which ends before `T` does.
                Some(old) => unsafe { shorten(old) }.set(wait),
                none => {
                    // SAFETY: as above.
                    *none = Some(unsafe { lengthen(ReusableBoxFuture::new(wait)) });
                }
            }
            self.state = State::Waiting;
        }
        if let (State::Waiting, Some(reserve)) = (&self.state, &mut self.reserve) {
            match ready!(reserve.poll(cx)) {
                Ok(permit) => self.state = State::Ready(permit),
                Err(_) => {
                    self.close();
                    return Poll::Ready(Err(PollSendError(None)));
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Sends into the slot that [`poll_reserve`](Self::poll_reserve) got.
    ///
    /// # Errors
    /// [`PollSendError`], with the value, if this sender was closed meanwhile.
    ///
    /// # Panics
    /// If there is no slot: wait for [`poll_reserve`](Self::poll_reserve) to be ready before
    /// each value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSender, mpsc};
    /// use std::task::{Context, Waker};
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let (tx, mut rx) = mpsc::channel(1);
    /// let mut sender = PollSender::new(tx);
    /// assert!(sender.poll_reserve(&mut cx).is_ready());
    /// sender.send_item(5).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(5));
    /// ```
    #[track_caller]
    pub fn send_item(&mut self, value: T) -> Result<(), PollSendError<T>> {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Ready(permit) => {
                permit.send(value);
                Ok(())
            }
            _ if self.sender.is_none() => Err(PollSendError(Some(value))),
            before => {
                self.state = before;
                panic!(
                    "`send_item` was called without a slot: wait for `poll_reserve` to be ready \
                     before each value"
                );
            }
        }
    }

    /// Whether this sender or the channel was closed.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSender, mpsc};
    /// let (tx, rx) = mpsc::channel::<i32>(1);
    /// let sender = PollSender::new(tx);
    /// drop(rx);
    /// assert!(sender.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.sender.as_ref().is_none_or(Sender::is_closed)
    }

    /// The sender, unless it was closed.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSender, mpsc};
    /// let (tx, rx) = mpsc::channel::<i32>(3);
    /// let sender = PollSender::new(tx);
    /// assert_eq!(sender.get_ref().unwrap().capacity(), 3);
    /// # drop(rx);
    /// ```
    pub fn get_ref(&self) -> Option<&Sender<T>> {
        self.sender.as_ref()
    }

    /// Closes this sender. Others of the channel stay open. A slot that was reserved can still
    /// be sent into.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSender, mpsc};
    /// let (tx, rx) = mpsc::channel::<i32>(1);
    /// let mut sender = PollSender::new(tx.clone());
    /// sender.close();
    /// assert!(sender.is_closed() && !tx.is_closed());
    /// # drop(rx);
    /// ```
    pub fn close(&mut self) {
        self.sender = None;
        if let State::Waiting = self.state {
            self.state = State::Idle;
            self.reserve = None;
        }
    }

    /// Gives up the slot that was reserved, or the wait for one. Returns whether there was
    /// something to give up.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSender, mpsc};
    /// use std::task::{Context, Waker};
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let (tx, rx) = mpsc::channel::<i32>(1);
    /// let mut sender = PollSender::new(tx);
    /// assert!(!sender.abort_send());
    /// assert!(sender.poll_reserve(&mut cx).is_ready());
    /// assert!(sender.abort_send());
    /// assert_eq!(sender.get_ref().unwrap().capacity(), 1);
    /// # drop(rx);
    /// ```
    pub fn abort_send(&mut self) -> bool {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => false,
            State::Waiting => {
                self.reserve = None;
                true
            }
            State::Ready(_) => true,
        }
    }
}

impl<T: Send> Sink<T> for PollSender<T> {
    type Error = PollSendError<T>;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), PollSendError<T>>> {
        self.poll_reserve(cx)
    }

    #[track_caller]
    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<(), PollSendError<T>> {
        self.send_item(item)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), PollSendError<T>>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Result<(), PollSendError<T>>> {
        self.close();
        Poll::Ready(Ok(()))
    }
}

// What is in there is not pinned.
impl<T> Unpin for PollSender<T> {}

impl<T> Clone for PollSender<T> {
    /// Another sender of the same channel; a slot or a wait stays with this one.
    fn clone(&self) -> Self {
        PollSender {
            sender: self.sender.clone(),
            state: State::Idle,
            reserve: None,
        }
    }
}

impl<T> fmt::Debug for PollSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollSender")
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Display for PollSendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl<T: fmt::Debug> std::error::Error for PollSendError<T> {}
