//! The futures that take values out of a stream.

use super::{FromStream, Stream, poll_item};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What [`next`](super::StreamExt::next) returns.
#[derive(Debug)]
#[must_use = "futures do nothing until they are awaited"]
pub struct Next<'a, S: ?Sized> {
    stream: &'a mut S,
}

/// What [`try_next`](super::StreamExt::try_next) returns.
#[derive(Debug)]
#[must_use = "futures do nothing until they are awaited"]
pub struct TryNext<'a, S: ?Sized> {
    next: Next<'a, S>,
}

/// What [`all`](super::StreamExt::all) returns.
#[derive(Debug)]
#[must_use = "futures do nothing until they are awaited"]
pub struct All<'a, S: ?Sized, F> {
    next: Next<'a, S>,
    f: F,
}

/// What [`any`](super::StreamExt::any) returns.
#[derive(Debug)]
#[must_use = "futures do nothing until they are awaited"]
pub struct Any<'a, S: ?Sized, F> {
    next: Next<'a, S>,
    f: F,
}

pin_project! {
    /// What [`fold`](super::StreamExt::fold) returns.
    #[derive(Debug)]
    #[must_use = "futures do nothing until they are awaited"]
    pub struct Fold<S, B, F> {
        #[pin]
        stream: S,
        value: Option<B>,
        f: F,
    }
}

pin_project! {
    /// What [`collect`](super::StreamExt::collect) returns.
    #[must_use = "futures do nothing until they are awaited"]
    pub struct Collect<S: Stream, C: FromStream<S::Item>> {
        #[pin]
        stream: S,
        collecting: Option<C::Collecting>,
    }
}

impl<'a, S: ?Sized> Next<'a, S> {
    pub(super) fn new(stream: &'a mut S) -> Next<'a, S> {
        Next { stream }
    }
}

impl<'a, S: ?Sized> TryNext<'a, S> {
    pub(super) fn new(stream: &'a mut S) -> TryNext<'a, S> {
        TryNext {
            next: Next { stream },
        }
    }
}

impl<'a, S: ?Sized, F> All<'a, S, F> {
    pub(super) fn new(stream: &'a mut S, f: F) -> All<'a, S, F> {
        All {
            next: Next { stream },
            f,
        }
    }
}

impl<'a, S: ?Sized, F> Any<'a, S, F> {
    pub(super) fn new(stream: &'a mut S, f: F) -> Any<'a, S, F> {
        Any {
            next: Next { stream },
            f,
        }
    }
}

impl<S, B, F> Fold<S, B, F> {
    pub(super) fn new(stream: S, value: B, f: F) -> Fold<S, B, F> {
        Fold {
            stream,
            value: Some(value),
            f,
        }
    }
}

impl<S: Stream, C: FromStream<S::Item>> Collect<S, C> {
    pub(super) fn new(stream: S) -> Collect<S, C> {
        let collecting = C::start(stream.size_hint().0);
        Collect {
            stream,
            collecting: Some(collecting),
        }
    }
}

impl<S: Stream + Unpin + ?Sized> Next<'_, S> {
    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        poll_item(Pin::new(&mut *self.stream), cx)
    }
}

impl<S: Stream + Unpin + ?Sized> Future for Next<'_, S> {
    type Output = Option<S::Item>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_inner(cx)
    }
}

impl<T, E, S> Future for TryNext<'_, S>
where
    S: Stream<Item = Result<T, E>> + Unpin + ?Sized,
{
    type Output = Result<Option<T>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.next.poll_inner(cx).map(Option::transpose)
    }
}

// The closure is called through `&mut` and never pinned.
impl<S: Unpin + ?Sized, F> Unpin for All<'_, S, F> {}
impl<S: Unpin + ?Sized, F> Unpin for Any<'_, S, F> {}

impl<S, F> Future for All<'_, S, F>
where
    S: Stream + Unpin + ?Sized,
    F: FnMut(S::Item) -> bool,
{
    type Output = bool;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let me = self.get_mut();
        while let Some(item) = ready!(me.next.poll_inner(cx)) {
            if !(me.f)(item) {
                return Poll::Ready(false);
            }
        }
        Poll::Ready(true)
    }
}

impl<S, F> Future for Any<'_, S, F>
where
    S: Stream + Unpin + ?Sized,
    F: FnMut(S::Item) -> bool,
{
    type Output = bool;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let me = self.get_mut();
        while let Some(item) = ready!(me.next.poll_inner(cx)) {
            if (me.f)(item) {
                return Poll::Ready(true);
            }
        }
        Poll::Ready(false)
    }
}

impl<S: Stream, B, F: FnMut(B, S::Item) -> B> Future for Fold<S, B, F> {
    type Output = B;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<B> {
        let mut me = self.project();
        loop {
            let item = ready!(poll_item(me.stream.as_mut(), cx));
            // PANIC: it is there until the future has completed.
            let value = me.value.take().expect("`fold` polled after it completed");
            match item {
                Some(item) => *me.value = Some((me.f)(value, item)),
                None => return Poll::Ready(value),
            }
        }
    }
}

impl<S: Stream, C: FromStream<S::Item>> Future for Collect<S, C> {
    type Output = C;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<C> {
        let mut me = self.project();
        loop {
            let item = ready!(poll_item(me.stream.as_mut(), cx));
            let collecting = me.collecting.as_mut();
            // PANIC: it is there until the future has completed.
            let collecting = collecting.expect("`collect` polled after it completed");
            let wants_more = item.is_some_and(|item| C::push(collecting, item));
            if !wants_more {
                return Poll::Ready(me.collecting.take().map(C::finish).expect("seen above"));
            }
        }
    }
}
