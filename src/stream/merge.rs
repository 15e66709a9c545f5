//! [`Merge`].

use super::{Stream, adapters::Fuse};
use futures_core::FusedStream;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// Two streams as one. Made by [`merge`](super::StreamExt::merge).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let all: Vec<i32> = stream::iter([1, 3]).merge(stream::iter([2])).collect().await;
    /// assert_eq!(all, [1, 2, 3]);
    /// # });
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct Merge<T, U> {
        #[pin]
        a: Fuse<T>,
        #[pin]
        b: Fuse<U>,
        // Who is asked first; the other one next time.
        is_turn_of_a: bool,
    }
}

impl<T: Stream, U: Stream> Merge<T, U> {
    pub(super) fn new(a: T, b: U) -> Merge<T, U> {
        Merge {
            a: Fuse::new(a),
            b: Fuse::new(b),
            is_turn_of_a: true,
        }
    }
}

impl<T: Stream, U: Stream<Item = T::Item>> Stream for Merge<T, U> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        let me = self.project();
        let turn = std::mem::replace(me.is_turn_of_a, !*me.is_turn_of_a);
        if turn {
            poll_both(me.a, me.b, cx)
        } else {
            poll_both(me.b, me.a, cx)
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        super::sum(self.a.size_hint(), self.b.size_hint())
    }
}

fn poll_both<T: Stream, U: Stream<Item = T::Item>>(
    first: Pin<&mut T>,
    second: Pin<&mut U>,
    cx: &mut Context<'_>,
) -> Poll<Option<T::Item>> {
    let first = first.poll_next(cx);
    if let Poll::Ready(Some(_)) = first {
        return first;
    }
    match second.poll_next(cx) {
        Poll::Ready(None) => first,
        second => second,
    }
}

impl<T: Stream, U: Stream<Item = T::Item>> FusedStream for Merge<T, U> {
    fn is_terminated(&self) -> bool {
        self.a.is_terminated() && self.b.is_terminated()
    }
}
