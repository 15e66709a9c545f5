//! Adapters that mind the time.

use super::{Stream, adapters::Fuse};
use crate::time::{Instant, Interval, Sleep, error, sleep, sleep_until};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// No value came in time: the error of [`timeout`](super::StreamExt::timeout).
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, StreamExt};
/// use runtime::time::Duration;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let never = stream::pending::<()>().timeout(Duration::from_millis(1));
/// let error = std::pin::pin!(never).next().await.unwrap().unwrap_err();
/// assert_eq!(error.to_string(), "deadline has elapsed");
/// # });
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Elapsed(());

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline has elapsed")
    }
}

impl std::error::Error for Elapsed {}

impl From<error::Elapsed> for Elapsed {
    fn from(_: error::Elapsed) -> Elapsed {
        Elapsed(())
    }
}

impl From<Elapsed> for std::io::Error {
    fn from(_: Elapsed) -> std::io::Error {
        std::io::ErrorKind::TimedOut.into()
    }
}

pin_project! {
    /// A stream that tells when a value is late, once. Made by
    /// [`timeout`](super::StreamExt::timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut stream = std::pin::pin!(stream::once(1).timeout(Duration::from_secs(1)));
    /// assert_eq!(stream.next().await, Some(Ok(1)));
    /// # });
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct Timeout<S> {
        #[pin]
        stream: Fuse<S>,
        #[pin]
        deadline: Sleep,
        limit: Duration,
        // No error was given since the last value.
        is_on: bool,
    }
}

pin_project! {
    /// A stream that tells when a value is late, again and again. Made by
    /// [`timeout_repeating`](super::StreamExt::timeout_repeating).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::{Duration, interval};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let stream = stream::once(1).timeout_repeating(interval(Duration::from_secs(1)));
    /// let mut stream = std::pin::pin!(stream);
    /// assert_eq!(stream.next().await, Some(Ok(1)));
    /// # });
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct TimeoutRepeating<S> {
        #[pin]
        stream: Fuse<S>,
        interval: Interval,
    }
}

pin_project! {
    /// A stream with at most one value in a while. Made by
    /// [`throttle`](super::StreamExt::throttle).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::{Duration, Instant};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let begin = Instant::now();
    /// let mut slow = std::pin::pin!(stream::iter([1, 2]).throttle(Duration::from_millis(2)));
    /// assert_eq!(slow.next().await, Some(1));
    /// assert_eq!(slow.next().await, Some(2));
    /// assert!(begin.elapsed() >= Duration::from_millis(2));
    /// # });
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct Throttle<S> {
        #[pin]
        stream: S,
        #[pin]
        pause: Sleep,
        between: Duration,
        is_pausing: bool,
    }
}

pin_project! {
    /// The values in groups. Made by [`chunks_timeout`](super::StreamExt::chunks_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let chunks = stream::iter(1..=5).chunks_timeout(2, Duration::from_secs(1));
    /// let chunks: Vec<Vec<i32>> = chunks.collect().await;
    /// assert_eq!(chunks, [vec![1, 2], vec![3, 4], vec![5]]);
    /// # });
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct ChunksTimeout<S: Stream> {
        #[pin]
        stream: Fuse<S>,
        #[pin]
        deadline: Option<Sleep>,
        limit: Duration,
        items: Vec<S::Item>,
        most: usize,
    }
}

impl<S> Timeout<S> {
    #[track_caller]
    pub(super) fn new(stream: S, limit: Duration) -> Timeout<S> {
        Timeout {
            stream: Fuse::new(stream),
            deadline: sleep(limit),
            limit,
            is_on: true,
        }
    }
}

impl<S> TimeoutRepeating<S> {
    pub(super) fn new(stream: S, interval: Interval) -> TimeoutRepeating<S> {
        TimeoutRepeating {
            stream: Fuse::new(stream),
            interval,
        }
    }
}

impl<S> Throttle<S> {
    #[track_caller]
    pub(super) fn new(stream: S, between: Duration) -> Throttle<S> {
        Throttle {
            stream,
            pause: sleep_until(Instant::now()),
            between,
            is_pausing: false,
        }
    }

    /// The stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let slow = stream::once(1).throttle(Duration::from_secs(1));
    /// let _stream = slow.get_ref();
    /// # });
    /// ```
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream. What is taken from it is not held up.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut slow = stream::once(1).throttle(Duration::from_secs(1));
    /// let _stream = slow.get_mut();
    /// # });
    /// ```
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Gives the stream back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let slow = stream::once(1).throttle(Duration::from_secs(1));
    /// let _stream = slow.into_inner();
    /// # });
    /// ```
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream> ChunksTimeout<S> {
    #[track_caller]
    pub(super) fn new(stream: S, most: usize, limit: Duration) -> ChunksTimeout<S> {
        assert!(most > 0, "`max_size` is 0: a chunk has at least one value");
        ChunksTimeout {
            stream: Fuse::new(stream),
            deadline: None,
            limit,
            items: Vec::new(),
            most,
        }
    }

    /// Ends it, and gives what is of the next group.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::FutureExt;
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let stream = stream::once(1).chain(stream::pending());
    /// let mut chunks = Box::pin(stream.chunks_timeout(2, Duration::from_secs(9)));
    /// assert!(chunks.next().now_or_never().is_none());
    /// assert_eq!(chunks.as_mut().into_remainder(), [1]);
    /// # });
    /// ```
    pub fn into_remainder(self: Pin<&mut Self>) -> Vec<S::Item> {
        let me = self.project();
        std::mem::take(me.items)
    }
}

impl<S: Stream> Stream for Timeout<S> {
    type Item = Result<S::Item, Elapsed>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut me = self.project();
        if let Poll::Ready(item) = me.stream.poll_next(cx) {
            if item.is_some() {
                me.deadline.as_mut().reset(after(*me.limit));
                *me.is_on = true;
            }
            return Poll::Ready(item.map(Ok));
        }
        if *me.is_on {
            ready!(me.deadline.poll(cx));
            *me.is_on = false;
            return Poll::Ready(Some(Err(Elapsed(()))));
        }
        Poll::Pending
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Between any two values, and before the first, there may be an error.
        let (lower, upper) = self.stream.size_hint();
        let upper = upper.and_then(|upper| upper.checked_mul(2)?.checked_add(1));
        (lower, upper)
    }
}

/// A moment from now on, or one that never comes.
fn after(limit: Duration) -> Instant {
    sleep(limit).deadline()
}

impl<S: Stream> Stream for TimeoutRepeating<S> {
    type Item = Result<S::Item, Elapsed>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.project();
        if let Poll::Ready(item) = me.stream.poll_next(cx) {
            if item.is_some() {
                me.interval.reset();
            }
            return Poll::Ready(item.map(Ok));
        }
        ready!(me.interval.poll_tick(cx));
        Poll::Ready(Some(Err(Elapsed(()))))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.stream.size_hint().0, None)
    }
}

impl<S: Stream> Stream for Throttle<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut me = self.project();
        if *me.is_pausing {
            ready!(me.pause.as_mut().poll(cx));
            *me.is_pausing = false;
        }
        let item = ready!(me.stream.poll_next(cx));
        if item.is_some() && !me.between.is_zero() {
            me.pause.reset(after(*me.between));
            *me.is_pausing = true;
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S: Stream> Stream for ChunksTimeout<S> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut me = self.project();
        loop {
            match super::poll_item(me.stream.as_mut(), cx) {
                Poll::Ready(Some(item)) => {
                    if me.items.is_empty() {
                        me.deadline.set(Some(sleep(*me.limit)));
                    }
                    me.items.push(item);
                    if me.items.len() >= *me.most {
                        return Poll::Ready(Some(std::mem::take(me.items)));
                    }
                }
                Poll::Ready(None) => {
                    let rest = std::mem::take(me.items);
                    return Poll::Ready((!rest.is_empty()).then_some(rest));
                }
                Poll::Pending => break,
            }
        }
        match me.deadline.as_mut().as_pin_mut() {
            Some(deadline) if !me.items.is_empty() => {
                ready!(deadline.poll(cx));
                Poll::Ready(Some(std::mem::take(me.items)))
            }
            _ => Poll::Pending,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let held = usize::from(!self.items.is_empty());
        let (lower, upper) = self.stream.size_hint();
        let lower = (lower / self.most).saturating_add(held);
        (lower, upper.and_then(|upper| upper.checked_add(held)))
    }
}
