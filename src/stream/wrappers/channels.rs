//! Channels as streams.

use super::super::Stream;
use crate::sync::mpsc::{Receiver, UnboundedReceiver};
use std::pin::Pin;
use std::task::{Context, Poll};

/// What comes out of a bounded channel, until it is closed and empty.
///
/// # Examples
///
/// ```
/// use runtime::stream::{StreamExt, wrappers::ReceiverStream};
/// use runtime::sync::mpsc;
///
/// # futures::executor::block_on(async {
/// let (sender, receiver) = mpsc::channel(8);
/// sender.send(1).await.unwrap();
/// drop(sender);
/// let values: Vec<i32> = ReceiverStream::new(receiver).collect().await;
/// assert_eq!(values, [1]);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct ReceiverStream<T> {
    inner: Receiver<T>,
}

impl<T> ReceiverStream<T> {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::ReceiverStream;
    /// use runtime::sync::mpsc;
    ///
    /// # futures::executor::block_on(async {
    /// let (_sender, inner) = mpsc::channel::<i32>(8);
    /// let _stream = ReceiverStream::new(inner);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(inner: Receiver<T>) -> Self {
        ReceiverStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::ReceiverStream;
    /// use runtime::sync::mpsc;
    ///
    /// # futures::executor::block_on(async {
    /// let (_sender, inner) = mpsc::channel::<i32>(8);
    /// let _inner = ReceiverStream::new(inner).into_inner();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> Receiver<T> {
        self.inner
    }

    /// Closes the receiving end: no more values can be sent, and those in the channel are
    /// still given.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::ReceiverStream;
    /// use runtime::sync::mpsc;
    ///
    /// let (sender, inner) = mpsc::channel::<i32>(8);
    /// let mut stream = ReceiverStream::new(inner);
    /// stream.close();
    /// assert!(sender.is_closed());
    /// ```
    pub fn close(&mut self) {
        self.inner.close();
    }
}

impl<T> Stream for ReceiverStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Who has reserved a place may still send when the channel is closed. (Whether it is
        // closed is asked first: what is counted then can only become less.)
        let is_closed = self.inner.is_closed();
        let taken = self.inner.max_capacity() - self.inner.capacity();
        (self.inner.len(), is_closed.then_some(taken))
    }
}

impl<T> AsRef<Receiver<T>> for ReceiverStream<T> {
    fn as_ref(&self) -> &Receiver<T> {
        &self.inner
    }
}

impl<T> AsMut<Receiver<T>> for ReceiverStream<T> {
    fn as_mut(&mut self) -> &mut Receiver<T> {
        &mut self.inner
    }
}

impl<T> From<Receiver<T>> for ReceiverStream<T> {
    fn from(inner: Receiver<T>) -> Self {
        ReceiverStream::new(inner)
    }
}

/// What comes out of an unbounded channel, until it is closed and empty.
///
/// # Examples
///
/// ```
/// use runtime::stream::{StreamExt, wrappers::UnboundedReceiverStream};
/// use runtime::sync::mpsc;
///
/// # futures::executor::block_on(async {
/// let (sender, receiver) = mpsc::unbounded_channel();
/// sender.send(1).unwrap();
/// drop(sender);
/// let values: Vec<i32> = UnboundedReceiverStream::new(receiver).collect().await;
/// assert_eq!(values, [1]);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct UnboundedReceiverStream<T> {
    inner: UnboundedReceiver<T>,
}

impl<T> UnboundedReceiverStream<T> {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::UnboundedReceiverStream;
    /// use runtime::sync::mpsc;
    ///
    /// # futures::executor::block_on(async {
    /// let (_sender, inner) = mpsc::unbounded_channel::<i32>();
    /// let _stream = UnboundedReceiverStream::new(inner);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(inner: UnboundedReceiver<T>) -> Self {
        UnboundedReceiverStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::UnboundedReceiverStream;
    /// use runtime::sync::mpsc;
    ///
    /// # futures::executor::block_on(async {
    /// let (_sender, inner) = mpsc::unbounded_channel::<i32>();
    /// let _inner = UnboundedReceiverStream::new(inner).into_inner();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> UnboundedReceiver<T> {
        self.inner
    }

    /// Closes the receiving end: no more values can be sent, and those in the channel are
    /// still given.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::UnboundedReceiverStream;
    /// use runtime::sync::mpsc;
    ///
    /// let (sender, inner) = mpsc::unbounded_channel::<i32>();
    /// let mut stream = UnboundedReceiverStream::new(inner);
    /// stream.close();
    /// assert!(sender.is_closed());
    /// ```
    pub fn close(&mut self) {
        self.inner.close();
    }
}

impl<T> Stream for UnboundedReceiverStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let is_closed = self.inner.is_closed();
        let len = self.inner.len();
        (len, is_closed.then_some(len))
    }
}

impl<T> AsRef<UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    fn as_ref(&self) -> &UnboundedReceiver<T> {
        &self.inner
    }
}

impl<T> AsMut<UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    fn as_mut(&mut self) -> &mut UnboundedReceiver<T> {
        &mut self.inner
    }
}

impl<T> From<UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    fn from(inner: UnboundedReceiver<T>) -> Self {
        UnboundedReceiverStream::new(inner)
    }
}
