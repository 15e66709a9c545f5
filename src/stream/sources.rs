//! Streams of values that are there.

use crate::base::budget;
use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A stream of what an iterator gives. Made by [`iter`].
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, Iter};
///
/// let numbers: Iter<std::ops::Range<i32>> = stream::iter(0..3);
/// # drop(numbers);
/// ```
#[derive(Clone, Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct Iter<I> {
    iter: I,
}

// An iterator is used through `&mut` and never pinned.
impl<I> Unpin for Iter<I> {}

/// Makes a stream of an iterator.
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, StreamExt};
///
/// # futures::executor::block_on(async {
/// let mut stream = stream::iter([17, 19]);
/// assert_eq!(stream.next().await, Some(17));
/// assert_eq!(stream.next().await, Some(19));
/// assert_eq!(stream.next().await, None);
/// # });
/// ```
pub fn iter<I: IntoIterator>(i: I) -> Iter<I::IntoIter> {
    Iter {
        iter: i.into_iter(),
    }
}

impl<I: Iterator> Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<I::Item>> {
        let spent = ready!(budget::poll_proceed(cx));
        let item = self.iter.next();
        spent.made_progress();
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}

/// A stream of one value. Made by [`once`].
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, Once};
///
/// let number: Once<i32> = stream::once(1);
/// # drop(number);
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct Once<T> {
    value: Option<T>,
}

impl<T> Unpin for Once<T> {}

/// Makes a stream of one value.
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, StreamExt};
///
/// # futures::executor::block_on(async {
/// let mut stream = stream::once("only");
/// assert_eq!(stream.next().await, Some("only"));
/// assert_eq!(stream.next().await, None);
/// # });
/// ```
pub fn once<T>(value: T) -> Once<T> {
    Once { value: Some(value) }
}

impl<T> Stream for Once<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.value.take())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.value.is_some());
        (left, Some(left))
    }
}

/// A stream of nothing. Made by [`empty`].
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, Empty};
///
/// let nothing: Empty<i32> = stream::empty();
/// # drop(nothing);
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct Empty<T>(std::marker::PhantomData<fn() -> T>);

/// Makes a stream that ends at once.
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, StreamExt};
///
/// # futures::executor::block_on(async {
/// assert_eq!(stream::empty::<i32>().next().await, None);
/// # });
/// ```
pub const fn empty<T>() -> Empty<T> {
    Empty(std::marker::PhantomData)
}

impl<T> Stream for Empty<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(0))
    }
}

/// A stream that never has a value and never ends. Made by [`pending`].
///
/// # Examples
///
/// ```
/// use runtime::stream::{self, Pending};
///
/// let never: Pending<i32> = stream::pending();
/// # drop(never);
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct Pending<T>(std::marker::PhantomData<fn() -> T>);

/// Makes a stream that never has a value and never ends.
///
/// # Examples
///
/// ```
/// use futures::FutureExt;
/// use runtime::stream::{self, StreamExt};
///
/// assert!(stream::pending::<i32>().next().now_or_never().is_none());
/// ```
pub const fn pending<T>() -> Pending<T> {
    Pending(std::marker::PhantomData)
}

impl<T> Stream for Pending<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Pending
    }
}
