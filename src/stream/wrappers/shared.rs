//! Channels with several receivers as streams.
//!
//! A wait borrows its receiver, so both go into one future, which gives the receiver back
//! with what came. The future's memory is used again for the next wait.

use super::super::Stream;
use super::errors::BroadcastStreamRecvError;
use crate::sync::broadcast::{self, error::RecvError};
use crate::sync::{ReusableBoxFuture, watch};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What comes out of a broadcast channel, until all senders are gone. That values were
/// missed is told once, as an error; then it goes on with the oldest that is still there.
///
/// # Examples
///
/// ```
/// use runtime::stream::{StreamExt, wrappers::BroadcastStream};
/// use runtime::sync::broadcast;
///
/// # futures::executor::block_on(async {
/// let (sender, receiver) = broadcast::channel(8);
/// let mut stream = BroadcastStream::new(receiver);
/// sender.send(1).unwrap();
/// drop(sender);
/// assert_eq!(stream.next().await, Some(Ok(1)));
/// assert_eq!(stream.next().await, None);
/// # });
/// ```
#[must_use = "streams do nothing until they are polled"]
pub struct BroadcastStream<T> {
    waiting: ReusableBoxFuture<'static, (Result<T, RecvError>, broadcast::Receiver<T>)>,
}

async fn receive<T: Clone>(
    mut receiver: broadcast::Receiver<T>,
) -> (Result<T, RecvError>, broadcast::Receiver<T>) {
    let result = receiver.recv().await;
    (result, receiver)
}

impl<T: 'static + Clone + Send> BroadcastStream<T> {
    /// Makes a stream of a receiver.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::BroadcastStream;
    /// use runtime::sync::broadcast;
    ///
    /// let (_sender, receiver) = broadcast::channel::<i32>(8);
    /// let _stream = BroadcastStream::new(receiver);
    /// ```
    pub fn new(rx: broadcast::Receiver<T>) -> Self {
        BroadcastStream {
            waiting: ReusableBoxFuture::new(receive(rx)),
        }
    }
}

impl<T: 'static + Clone + Send> Stream for BroadcastStream<T> {
    type Item = Result<T, BroadcastStreamRecvError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let (result, receiver) = ready!(self.waiting.poll(cx));
        self.waiting.set(receive(receiver));
        Poll::Ready(match result {
            Ok(value) => Some(Ok(value)),
            Err(RecvError::Closed) => None,
            Err(RecvError::Lagged(missed)) => Some(Err(BroadcastStreamRecvError::Lagged(missed))),
        })
    }
}

impl<T> fmt::Debug for BroadcastStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastStream").finish_non_exhaustive()
    }
}

impl<T: 'static + Clone + Send> From<broadcast::Receiver<T>> for BroadcastStream<T> {
    fn from(receiver: broadcast::Receiver<T>) -> Self {
        BroadcastStream::new(receiver)
    }
}

/// What a watch channel holds: its value now, and then each that it changes to and that is
/// still there when it is asked for. It ends when all senders are gone.
///
/// # Examples
///
/// ```
/// use runtime::stream::{StreamExt, wrappers::WatchStream};
/// use runtime::sync::watch;
///
/// # futures::executor::block_on(async {
/// let (sender, receiver) = watch::channel("first");
/// let mut stream = WatchStream::new(receiver);
/// assert_eq!(stream.next().await, Some("first"));
/// sender.send("second").unwrap();
/// assert_eq!(stream.next().await, Some("second"));
/// drop(sender);
/// assert_eq!(stream.next().await, None);
/// # });
/// ```
#[must_use = "streams do nothing until they are polled"]
pub struct WatchStream<T> {
    waiting: ReusableBoxFuture<'static, (Result<(), watch::error::RecvError>, watch::Receiver<T>)>,
}

async fn changed<T>(
    mut receiver: watch::Receiver<T>,
) -> (Result<(), watch::error::RecvError>, watch::Receiver<T>) {
    let result = receiver.changed().await;
    (result, receiver)
}

impl<T: 'static + Clone + Send + Sync> WatchStream<T> {
    /// Makes a stream of a receiver: the value that is there comes first.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{StreamExt, wrappers::WatchStream};
    /// use runtime::sync::watch;
    ///
    /// # futures::executor::block_on(async {
    /// let (_sender, receiver) = watch::channel(1);
    /// assert_eq!(WatchStream::new(receiver).next().await, Some(1));
    /// # });
    /// ```
    pub fn new(rx: watch::Receiver<T>) -> Self {
        WatchStream {
            waiting: ReusableBoxFuture::new(async move { (Ok(()), rx) }),
        }
    }

    /// Makes a stream of a receiver: what it has not seen yet comes first.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{StreamExt, wrappers::WatchStream};
    /// use runtime::sync::watch;
    ///
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = watch::channel(1);
    /// let mut changes = WatchStream::from_changes(receiver);
    /// sender.send(2).unwrap();
    /// assert_eq!(changes.next().await, Some(2));
    /// # });
    /// ```
    pub fn from_changes(rx: watch::Receiver<T>) -> Self {
        WatchStream {
            waiting: ReusableBoxFuture::new(changed(rx)),
        }
    }
}

impl<T: 'static + Clone + Send + Sync> Stream for WatchStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let (result, mut receiver) = ready!(self.waiting.poll(cx));
        let value = result.ok().map(|()| receiver.borrow_and_update().clone());
        self.waiting.set(changed(receiver));
        Poll::Ready(value)
    }
}

impl<T> fmt::Debug for WatchStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchStream").finish_non_exhaustive()
    }
}

impl<T: 'static + Clone + Send + Sync> From<watch::Receiver<T>> for WatchStream<T> {
    fn from(receiver: watch::Receiver<T>) -> Self {
        WatchStream::new(receiver)
    }
}
