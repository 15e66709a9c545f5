//! Adapters that change or choose values.

use super::{Stream, poll_item};
use futures_core::FusedStream;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// Each value, changed. Made by [`map`](super::StreamExt::map).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut doubled = stream::iter([1, 2]).map(|i| i * 2);
    /// assert_eq!(doubled.next().await, Some(2));
    /// # });
    /// ```
    #[must_use = "streams do nothing until they are polled"]
    pub struct Map<S, F> {
        #[pin]
        stream: S,
        f: F,
    }
}

pin_project! {
    /// Each value, changed, until there is none to change into. Made by
    /// [`map_while`](super::StreamExt::map_while).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut numbers = stream::iter(["1", "x"]).map_while(|text| text.parse::<i32>().ok());
    /// assert_eq!(numbers.next().await, Some(1));
    /// assert_eq!(numbers.next().await, None);
    /// # });
    /// ```
    #[must_use = "streams do nothing until they are polled"]
    pub struct MapWhile<S, F> {
        #[pin]
        stream: S,
        f: F,
        is_done: bool,
    }
}

pin_project! {
    /// The values that a closure chooses. Made by [`filter`](super::StreamExt::filter).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut even = stream::iter([1, 2]).filter(|i| i % 2 == 0);
    /// assert_eq!(even.next().await, Some(2));
    /// # });
    /// ```
    #[must_use = "streams do nothing until they are polled"]
    pub struct Filter<S, F> {
        #[pin]
        stream: S,
        f: F,
    }
}

pin_project! {
    /// The values that a closure changes and does not drop. Made by
    /// [`filter_map`](super::StreamExt::filter_map).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut numbers = stream::iter(["x", "1"]).filter_map(|text| text.parse::<i32>().ok());
    /// assert_eq!(numbers.next().await, Some(1));
    /// # });
    /// ```
    #[must_use = "streams do nothing until they are polled"]
    pub struct FilterMap<S, F> {
        #[pin]
        stream: S,
        f: F,
    }
}

pin_project! {
    /// What a future makes of each value. Made by [`then`](super::StreamExt::then).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter([1, 2]).then(|i| async move { i * 2 });
    /// assert_eq!(stream.collect::<Vec<_>>().await, [2, 4]);
    /// # });
    /// ```
    #[must_use = "streams do nothing until they are polled"]
    pub struct Then<S, Fut, F> {
        #[pin]
        stream: S,
        #[pin]
        future: Option<Fut>,
        f: F,
    }
}

impl<S, F> Map<S, F> {
    pub(super) fn new(stream: S, f: F) -> Self {
        Map { stream, f }
    }
}

impl<S, F> MapWhile<S, F> {
    pub(super) fn new(stream: S, f: F) -> Self {
        MapWhile {
            stream,
            f,
            is_done: false,
        }
    }
}

impl<S, F> Filter<S, F> {
    pub(super) fn new(stream: S, f: F) -> Self {
        Filter { stream, f }
    }
}

impl<S, F> FilterMap<S, F> {
    pub(super) fn new(stream: S, f: F) -> Self {
        FilterMap { stream, f }
    }
}

impl<S, Fut, F> Then<S, Fut, F> {
    pub(super) fn new(stream: S, f: F) -> Self {
        Then {
            stream,
            future: None,
            f,
        }
    }
}

impl<S: Stream, T, F: FnMut(S::Item) -> T> Stream for Map<S, F> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let me = self.project();
        let item = ready!(me.stream.poll_next(cx));
        Poll::Ready(item.map(me.f))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S: Stream, T, F: FnMut(S::Item) -> Option<T>> Stream for MapWhile<S, F> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.is_done {
            return Poll::Ready(None);
        }
        let me = self.project();
        let item = ready!(me.stream.poll_next(cx)).and_then(me.f);
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

impl<S: Stream, F: FnMut(&S::Item) -> bool> Stream for Filter<S, F> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut me = self.project();
        loop {
            match ready!(poll_item(me.stream.as_mut(), cx)) {
                Some(item) if !(me.f)(&item) => {}
                item => return Poll::Ready(item),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.stream.size_hint().1)
    }
}

impl<S: Stream, T, F: FnMut(S::Item) -> Option<T>> Stream for FilterMap<S, F> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut me = self.project();
        while let Some(item) = ready!(poll_item(me.stream.as_mut(), cx)) {
            if let Some(item) = (me.f)(item) {
                return Poll::Ready(Some(item));
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.stream.size_hint().1)
    }
}

impl<S, Fut, F> Stream for Then<S, Fut, F>
where
    S: Stream,
    Fut: Future,
    F: FnMut(S::Item) -> Fut,
{
    type Item = Fut::Output;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Fut::Output>> {
        let mut me = self.project();
        loop {
            if let Some(future) = me.future.as_mut().as_pin_mut() {
                let item = ready!(future.poll(cx));
                me.future.set(None);
                return Poll::Ready(Some(item));
            }
            match ready!(me.stream.as_mut().poll_next(cx)) {
                Some(item) => me.future.set(Some((me.f)(item))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let one = usize::from(self.future.is_some());
        super::sum(self.stream.size_hint(), (one, Some(one)))
    }
}

impl<S: FusedStream, T, F: FnMut(S::Item) -> T> FusedStream for Map<S, F> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl<S: Stream, T, F: FnMut(S::Item) -> Option<T>> FusedStream for MapWhile<S, F> {
    fn is_terminated(&self) -> bool {
        self.is_done
    }
}

impl<S: FusedStream, F: FnMut(&S::Item) -> bool> FusedStream for Filter<S, F> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl<S: FusedStream, T, F: FnMut(S::Item) -> Option<T>> FusedStream for FilterMap<S, F> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl<S, Fut, F> FusedStream for Then<S, Fut, F>
where
    S: FusedStream,
    Fut: Future,
    F: FnMut(S::Item) -> Fut,
{
    fn is_terminated(&self) -> bool {
        self.future.is_none() && self.stream.is_terminated()
    }
}

fn debug<S: fmt::Debug>(f: &mut fmt::Formatter<'_>, name: &str, stream: &S) -> fmt::Result {
    let mut debug = f.debug_struct(name);
    debug.field("stream", stream).finish_non_exhaustive()
}

impl<S: fmt::Debug, F> fmt::Debug for Map<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "Map", &self.stream)
    }
}

impl<S: fmt::Debug, F> fmt::Debug for MapWhile<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "MapWhile", &self.stream)
    }
}

impl<S: fmt::Debug, F> fmt::Debug for Filter<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "Filter", &self.stream)
    }
}

impl<S: fmt::Debug, F> fmt::Debug for FilterMap<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "FilterMap", &self.stream)
    }
}

impl<S: fmt::Debug, Fut, F> fmt::Debug for Then<S, Fut, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "Then", &self.stream)
    }
}
