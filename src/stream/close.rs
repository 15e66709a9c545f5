//! [`StreamNotifyClose`].

use super::Stream;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// A stream that tells its own end as a value: each value in `Some`, then one `None`.
    ///
    /// In a [`StreamMap`](super::StreamMap), which drops streams that have ended, it shows
    /// which one that was.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt, StreamNotifyClose};
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = StreamNotifyClose::new(stream::once(1));
    /// assert_eq!(stream.next().await, Some(Some(1)));
    /// assert_eq!(stream.next().await, Some(None));
    /// assert_eq!(stream.next().await, None);
    /// # });
    /// ```
    #[must_use = "streams do nothing until they are polled"]
    pub struct StreamNotifyClose<S> {
        #[pin]
        inner: Option<S>,
    }
}

impl<S> StreamNotifyClose<S> {
    /// Makes `stream` tell its end.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamNotifyClose};
    ///
    /// let _stream = StreamNotifyClose::new(stream::empty::<i32>());
    /// ```
    pub fn new(stream: S) -> StreamNotifyClose<S> {
        StreamNotifyClose {
            inner: Some(stream),
        }
    }

    /// Gives the stream back, or `None` if it has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamNotifyClose};
    ///
    /// let stream = StreamNotifyClose::new(stream::empty::<i32>());
    /// assert!(stream.into_inner().is_some());
    /// ```
    pub fn into_inner(self) -> Option<S> {
        self.inner
    }
}

impl<S: Stream> Stream for StreamNotifyClose<S> {
    type Item = Option<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut me = self.project();
        let Some(stream) = me.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let item = ready!(stream.poll_next(cx));
        if item.is_none() {
            me.inner.set(None);
        }
        Poll::Ready(Some(item))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.inner {
            Some(stream) => super::sum(stream.size_hint(), (1, Some(1))),
            None => (0, Some(0)),
        }
    }
}
