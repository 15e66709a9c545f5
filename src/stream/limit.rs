//! Adapters that end a stream, put another one behind it, pass over its beginning, or look
//! ahead.

use super::{Stream, poll_item};
use futures_core::FusedStream;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// A stream that stays ended. Made by [`fuse`](super::StreamExt::fuse).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = stream::once(1).fuse();
    /// assert_eq!(stream.next().await, Some(1));
    /// assert_eq!(stream.next().await, None);
    /// assert_eq!(stream.next().await, None);
    /// # });
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct Fuse<S> {
        #[pin]
        stream: Option<S>,
    }
}

pin_project! {
    /// One stream, and then another one. Made by [`chain`](super::StreamExt::chain).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let both: Vec<i32> = stream::iter([1, 2]).chain(stream::once(3)).collect().await;
    /// assert_eq!(both, [1, 2, 3]);
    /// # });
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct Chain<T, U> {
        #[pin]
        a: Fuse<T>,
        #[pin]
        b: U,
    }
}

pin_project! {
    /// The first so many values. Made by [`take`](super::StreamExt::take).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let two: Vec<i32> = stream::iter(1..).take(2).collect().await;
    /// assert_eq!(two, [1, 2]);
    /// # });
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct Take<S> {
        #[pin]
        stream: S,
        left: usize,
    }
}

pin_project! {
    /// The values up to the first that a closure refuses. Made by
    /// [`take_while`](super::StreamExt::take_while).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let small: Vec<i32> = stream::iter([1, 2, 9, 1]).take_while(|i| *i < 5).collect().await;
    /// assert_eq!(small, [1, 2]);
    /// # });
    /// ```
    #[must_use = "streams do nothing until they are polled"]
    pub struct TakeWhile<S, F> {
        #[pin]
        stream: S,
        f: F,
        is_done: bool,
    }
}

pin_project! {
    /// All values but the first so many. Made by [`skip`](super::StreamExt::skip).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let rest: Vec<i32> = stream::iter([1, 2, 3]).skip(2).collect().await;
    /// assert_eq!(rest, [3]);
    /// # });
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct Skip<S> {
        #[pin]
        stream: S,
        left: usize,
    }
}

pin_project! {
    /// The values from the first that a closure does not pass over. Made by
    /// [`skip_while`](super::StreamExt::skip_while).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let rest: Vec<i32> = stream::iter([1, 9, 1]).skip_while(|i| *i < 5).collect().await;
    /// assert_eq!(rest, [9, 1]);
    /// # });
    /// ```
    #[must_use = "streams do nothing until they are polled"]
    pub struct SkipWhile<S, F> {
        #[pin]
        stream: S,
        // Gone with the first value that was not passed over.
        f: Option<F>,
    }
}

pin_project! {
    /// A stream whose next value can be looked at. Made by
    /// [`peekable`](super::StreamExt::peekable).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = stream::iter([1, 2]).peekable();
    /// assert_eq!(stream.peek().await, Some(&1));
    /// assert_eq!(stream.next().await, Some(1));
    /// # });
    /// ```
    #[must_use = "streams do nothing until they are polled"]
    pub struct Peekable<S: Stream> {
        peeked: Option<S::Item>,
        #[pin]
        stream: Fuse<S>,
    }
}

impl<S> Fuse<S> {
    pub(super) fn new(stream: S) -> Fuse<S> {
        Fuse {
            stream: Some(stream),
        }
    }
}

impl<T, U> Chain<T, U> {
    pub(super) fn new(a: T, b: U) -> Chain<T, U> {
        Chain { a: Fuse::new(a), b }
    }
}

impl<S> Take<S> {
    pub(super) fn new(stream: S, left: usize) -> Take<S> {
        Take { stream, left }
    }
}

impl<S, F> TakeWhile<S, F> {
    pub(super) fn new(stream: S, f: F) -> TakeWhile<S, F> {
        TakeWhile {
            stream,
            f,
            is_done: false,
        }
    }
}

impl<S> Skip<S> {
    pub(super) fn new(stream: S, left: usize) -> Skip<S> {
        Skip { stream, left }
    }
}

impl<S, F> SkipWhile<S, F> {
    pub(super) fn new(stream: S, f: F) -> SkipWhile<S, F> {
        SkipWhile { stream, f: Some(f) }
    }
}

impl<S: Stream> Peekable<S> {
    pub(super) fn new(stream: S) -> Peekable<S> {
        Peekable {
            peeked: None,
            stream: Fuse::new(stream),
        }
    }

    /// Looks at the next value, which stays the next one.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = stream::once(1).peekable();
    /// assert_eq!(stream.peek().await, Some(&1));
    /// assert_eq!(stream.peek().await, Some(&1));
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn peek(&mut self) -> Option<&S::Item>
    where
        S: Unpin,
    {
        if self.peeked.is_none() {
            self.peeked = poll_fn(|cx| poll_item(Pin::new(&mut self.stream), cx)).await;
        }
        self.peeked.as_ref()
    }
}

impl<S: Stream> Stream for Fuse<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut me = self.project();
        let Some(stream) = me.stream.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let item = ready!(stream.poll_next(cx));
        if item.is_none() {
            me.stream.set(None);
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<T: Stream, U: Stream<Item = T::Item>> Stream for Chain<T, U> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        let me = self.project();
        match ready!(me.a.poll_next(cx)) {
            None => me.b.poll_next(cx),
            item => Poll::Ready(item),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        super::sum(self.a.size_hint(), self.b.size_hint())
    }
}

impl<S: Stream> Stream for Take<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let me = self.project();
        let item = ready!(me.stream.poll_next(cx));
        *me.left = if item.is_some() { *me.left - 1 } else { 0 };
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.left == 0 {
            return (0, Some(0));
        }
        let (lower, upper) = self.stream.size_hint();
        let upper = upper.map_or(self.left, |upper| upper.min(self.left));
        (lower.min(self.left), Some(upper))
    }
}

impl<S: Stream, F: FnMut(&S::Item) -> bool> Stream for TakeWhile<S, F> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        if self.is_done {
            return Poll::Ready(None);
        }
        let me = self.project();
        let item = ready!(me.stream.poll_next(cx)).filter(me.f);
        *me.is_done = item.is_none();
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.is_done {
            return (0, Some(0));
        }
        (0, self.stream.size_hint().1)
    }
}

impl<S: Stream> Stream for Skip<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut me = self.project();
        while *me.left > 0 {
            if ready!(poll_item(me.stream.as_mut(), cx)).is_none() {
                return Poll::Ready(None);
            }
            *me.left -= 1;
        }
        me.stream.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = self.stream.size_hint();
        let without = |count: usize| count.saturating_sub(self.left);
        (without(lower), upper.map(without))
    }
}

impl<S: Stream, F: FnMut(&S::Item) -> bool> Stream for SkipWhile<S, F> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut me = self.project();
        while let Some(f) = me.f.as_mut() {
            match ready!(poll_item(me.stream.as_mut(), cx)) {
                Some(item) if f(&item) => {}
                item => {
                    *me.f = None;
                    return Poll::Ready(item);
                }
            }
        }
        me.stream.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = self.stream.size_hint();
        let lower = if self.f.is_none() { lower } else { 0 };
        (lower, upper)
    }
}

impl<S: Stream> Stream for Peekable<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let me = self.project();
        match me.peeked.take() {
            None => me.stream.poll_next(cx),
            peeked => Poll::Ready(peeked),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let one = usize::from(self.peeked.is_some());
        super::sum(self.stream.size_hint(), (one, Some(one)))
    }
}

impl<S: Stream> FusedStream for Fuse<S> {
    fn is_terminated(&self) -> bool {
        self.stream.is_none()
    }
}

impl<T: Stream, U: FusedStream<Item = T::Item>> FusedStream for Chain<T, U> {
    fn is_terminated(&self) -> bool {
        self.a.is_terminated() && self.b.is_terminated()
    }
}

impl<S: Stream> FusedStream for Take<S> {
    fn is_terminated(&self) -> bool {
        self.left == 0
    }
}

impl<S: Stream, F: FnMut(&S::Item) -> bool> FusedStream for TakeWhile<S, F> {
    fn is_terminated(&self) -> bool {
        self.is_done
    }
}

impl<S: FusedStream> FusedStream for Skip<S> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl<S: FusedStream, F: FnMut(&S::Item) -> bool> FusedStream for SkipWhile<S, F> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl<S: fmt::Debug, F> fmt::Debug for TakeWhile<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeWhile")
            .field("stream", &self.stream)
            .field("is_done", &self.is_done)
            .finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, F> fmt::Debug for SkipWhile<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkipWhile")
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

impl<S: Stream + fmt::Debug> fmt::Debug for Peekable<S>
where
    S::Item: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peekable")
            .field("peeked", &self.peeked)
            .field("stream", &self.stream)
            .finish()
    }
}
