//! [`StreamExt`].

use super::adapters::{
    Chain, ChunksTimeout, Filter, FilterMap, Fuse, Map, MapWhile, Merge, Peekable, Skip, SkipWhile,
    Take, TakeWhile, Then, Throttle, Timeout, TimeoutRepeating,
};
use super::consume::{All, Any, Collect, Fold, Next, TryNext};
use super::{FromStream, Stream};
use crate::time::Interval;
use std::future::Future;
use std::time::Duration;

/// The methods of streams. Every [`Stream`] has them.
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, StreamExt};
///
/// # futures::executor::block_on(async {
/// let mut words = stream::iter(["one", "two"]).map(str::len);
/// while let Some(length) = words.next().await {
///     assert_eq!(length, 3);
/// }
/// # });
/// ```
pub trait StreamExt: Stream {
    /// Waits for the next value. `None` is the end.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = stream::iter([1, 2]);
    /// assert_eq!(stream.next().await, Some(1));
    /// assert_eq!(stream.next().await, Some(2));
    /// assert_eq!(stream.next().await, None);
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    fn next(&mut self) -> Next<'_, Self>
    where
        Self: Unpin,
    {
        Next::new(self)
    }

    /// Waits for the next value of a stream of `Result`s, with the error where `?` takes it.
    ///
    /// # Errors
    ///
    /// The stream's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = stream::iter([Ok(1), Err("broken")]);
    /// assert_eq!(stream.try_next().await, Ok(Some(1)));
    /// assert_eq!(stream.try_next().await, Err("broken"));
    /// assert_eq!(stream.try_next().await, Ok(None));
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    fn try_next<T, E>(&mut self) -> TryNext<'_, Self>
    where
        Self: Stream<Item = Result<T, E>> + Unpin,
    {
        TryNext::new(self)
    }

    /// Changes each value.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter([1, 2]).map(|i| i * 10);
    /// assert_eq!(stream.collect::<Vec<_>>().await, [10, 20]);
    /// # });
    /// ```
    fn map<T, F>(self, f: F) -> Map<Self, F>
    where
        F: FnMut(Self::Item) -> T,
        Self: Sized,
    {
        Map::new(self, f)
    }

    /// Changes each value, and ends before the first that cannot be changed. It may be polled again
    /// after that end; [`fuse`](Self::fuse) makes it the last word.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter(["1", "2", "x", "3"]).map_while(|text| text.parse().ok());
    /// assert_eq!(stream.collect::<Vec<i32>>().await, [1, 2]);
    /// # });
    /// ```
    fn map_while<T, F>(self, f: F) -> MapWhile<Self, F>
    where
        F: FnMut(Self::Item) -> Option<T>,
        Self: Sized,
    {
        MapWhile::new(self, f)
    }

    /// Changes each value by a future, one after the other.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter([1, 2]).then(|i| async move { i * 10 });
    /// assert_eq!(stream.collect::<Vec<_>>().await, [10, 20]);
    /// # });
    /// ```
    fn then<F, Fut>(self, f: F) -> Then<Self, Fut, F>
    where
        F: FnMut(Self::Item) -> Fut,
        Fut: Future,
        Self: Sized,
    {
        Then::new(self, f)
    }

    /// The values of both streams as they come; who is asked first alternates. Ends when both have
    /// ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter([1, 3]).merge(stream::iter([2, 4]));
    /// assert_eq!(stream.collect::<Vec<_>>().await, [1, 2, 3, 4]);
    /// # });
    /// ```
    fn merge<U>(self, other: U) -> Merge<Self, U>
    where
        U: Stream<Item = Self::Item>,
        Self: Sized,
    {
        Merge::new(self, other)
    }

    /// The values for which `f` says `true`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter(1..=4).filter(|i| i % 2 == 0);
    /// assert_eq!(stream.collect::<Vec<_>>().await, [2, 4]);
    /// # });
    /// ```
    fn filter<F>(self, f: F) -> Filter<Self, F>
    where
        F: FnMut(&Self::Item) -> bool,
        Self: Sized,
    {
        Filter::new(self, f)
    }

    /// What `f` makes of the values, without those of which it makes nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter(["1", "x", "2"]).filter_map(|text| text.parse().ok());
    /// assert_eq!(stream.collect::<Vec<i32>>().await, [1, 2]);
    /// # });
    /// ```
    fn filter_map<T, F>(self, f: F) -> FilterMap<Self, F>
    where
        F: FnMut(Self::Item) -> Option<T>,
        Self: Sized,
    {
        FilterMap::new(self, f)
    }

    /// Stays ended once it has ended; a stream need not.
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
    fn fuse(self) -> Fuse<Self>
    where
        Self: Sized,
    {
        Fuse::new(self)
    }

    /// The first `n` values.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter(1..).take(3);
    /// assert_eq!(stream.collect::<Vec<_>>().await, [1, 2, 3]);
    /// # });
    /// ```
    fn take(self, n: usize) -> Take<Self>
    where
        Self: Sized,
    {
        Take::new(self, n)
    }

    /// The values up to the first for which `f` says `false`; that one is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter(1..).take_while(|i| *i < 4);
    /// assert_eq!(stream.collect::<Vec<_>>().await, [1, 2, 3]);
    /// # });
    /// ```
    fn take_while<F>(self, f: F) -> TakeWhile<Self, F>
    where
        F: FnMut(&Self::Item) -> bool,
        Self: Sized,
    {
        TakeWhile::new(self, f)
    }

    /// All values but the first `n`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter(1..=5).skip(3);
    /// assert_eq!(stream.collect::<Vec<_>>().await, [4, 5]);
    /// # });
    /// ```
    fn skip(self, n: usize) -> Skip<Self>
    where
        Self: Sized,
    {
        Skip::new(self, n)
    }

    /// The values from the first for which `f` says `false`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter([1, 2, 9, 1]).skip_while(|i| *i < 5);
    /// assert_eq!(stream.collect::<Vec<_>>().await, [9, 1]);
    /// # });
    /// ```
    fn skip_while<F>(self, f: F) -> SkipWhile<Self, F>
    where
        F: FnMut(&Self::Item) -> bool,
        Self: Sized,
    {
        SkipWhile::new(self, f)
    }

    /// Whether `f` says `true` for every value. Stops at the first for which it does not, which is
    /// taken.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// assert!(stream::iter([1, 2]).all(|i| i < 5).await);
    /// let mut stream = stream::iter([1, 9, 2]);
    /// assert!(!stream.all(|i| i < 5).await);
    /// assert_eq!(stream.next().await, Some(2));
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the values that were looked at are lost.
    fn all<F>(&mut self, f: F) -> All<'_, Self, F>
    where
        Self: Unpin,
        F: FnMut(Self::Item) -> bool,
    {
        All::new(self, f)
    }

    /// Whether `f` says `true` for some value. Stops at the first for which it does, which is taken.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// assert!(!stream::iter([1, 2]).any(|i| i > 5).await);
    /// let mut stream = stream::iter([1, 9, 2]);
    /// assert!(stream.any(|i| i > 5).await);
    /// assert_eq!(stream.next().await, Some(2));
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the values that were looked at are lost.
    fn any<F>(&mut self, f: F) -> Any<'_, Self, F>
    where
        Self: Unpin,
        F: FnMut(Self::Item) -> bool,
    {
        Any::new(self, f)
    }

    /// The values of this stream, and then those of `other`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = stream::iter([1, 2]).chain(stream::once(3));
    /// assert_eq!(stream.collect::<Vec<_>>().await, [1, 2, 3]);
    /// # });
    /// ```
    fn chain<U>(self, other: U) -> Chain<Self, U>
    where
        U: Stream<Item = Self::Item>,
        Self: Sized,
    {
        Chain::new(self, other)
    }

    /// Puts all values together, one after the other, beginning with `init`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let sum = stream::iter(1..=4).fold(0, |sum, i| sum + i).await;
    /// assert_eq!(sum, 10);
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the stream is dropped with it, and so is what was put together.
    fn fold<B, F>(self, init: B, f: F) -> Fold<Self, B, F>
    where
        F: FnMut(B, Self::Item) -> B,
        Self: Sized,
    {
        Fold::new(self, init, f)
    }

    /// Collects all values; what into is told by [`FromStream`].
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let numbers: Vec<i32> = stream::iter(1..=3).collect().await;
    /// assert_eq!(numbers, [1, 2, 3]);
    /// let sum: Result<Vec<i32>, &str> = stream::iter([Ok(1), Err("broken")]).collect().await;
    /// assert_eq!(sum, Err("broken"));
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the stream is dropped with it, and so is what was collected.
    fn collect<T>(self) -> Collect<Self, T>
    where
        T: FromStream<Self::Item>,
        Self: Sized,
    {
        Collect::new(self)
    }

    /// Gives each value `duration` to come; where it does not, there is an error in its place, once.
    /// The stream can be waited for further, and the limit holds again after its next value.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let values = stream::once(1).chain(stream::pending());
    /// let mut values = std::pin::pin!(values.timeout(Duration::from_millis(1)));
    /// assert_eq!(values.next().await, Some(Ok(1)));
    /// assert!(values.next().await.unwrap().is_err());
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// As [`sleep()`](crate::time::sleep()), outside of a runtime.
    #[track_caller]
    fn timeout(self, duration: Duration) -> Timeout<Self>
    where
        Self: Sized,
    {
        Timeout::new(self, duration)
    }

    /// Tells of each tick of `interval` that passes without a value, as an error. A value puts the
    /// next tick off by a whole period.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::{Duration, interval};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut values = stream::pending::<()>().timeout_repeating(interval(Duration::from_millis(1)));
    /// assert!(values.next().await.unwrap().is_err());
    /// assert!(values.next().await.unwrap().is_err());
    /// # });
    /// ```
    fn timeout_repeating(self, interval: Interval) -> TimeoutRepeating<Self>
    where
        Self: Sized,
    {
        TimeoutRepeating::new(self, interval)
    }

    /// Waits for `duration` between any two values. What comes faster waits in the stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let begin = runtime::time::Instant::now();
    /// let slow = stream::iter([1, 2]).throttle(Duration::from_millis(2));
    /// assert_eq!(slow.collect::<Vec<_>>().await, [1, 2]);
    /// assert!(begin.elapsed() >= Duration::from_millis(2));
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// As [`sleep()`](crate::time::sleep()), outside of a runtime.
    #[track_caller]
    fn throttle(self, duration: Duration) -> Throttle<Self>
    where
        Self: Sized,
    {
        Throttle::new(self, duration)
    }

    /// Puts values together in groups of `max_size`; a group is smaller if `duration` has passed since
    /// its first value came, or at the end.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let values = stream::iter(1..=3).chain(stream::pending());
    /// let mut groups = std::pin::pin!(values.chunks_timeout(2, Duration::from_millis(1)));
    /// assert_eq!(groups.next().await, Some(vec![1, 2]));
    /// assert_eq!(groups.next().await, Some(vec![3]));
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// If `max_size` is 0.
    #[track_caller]
    fn chunks_timeout(self, max_size: usize, duration: Duration) -> ChunksTimeout<Self>
    where
        Self: Sized,
    {
        ChunksTimeout::new(self, max_size, duration)
    }

    /// Lets the next value be looked at.
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
    fn peekable(self) -> Peekable<Self>
    where
        Self: Sized,
    {
        Peekable::new(self)
    }
}

impl<S: Stream + ?Sized> StreamExt for S {}
