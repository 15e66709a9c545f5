//! One hop: a function that may block goes to the blocking pool, its result comes back.
//!
//! [`Hop`] is one that is under way. [`Op`] is what most functions of this module return: a
//! hop that starts at the first poll. [`AfterWrites`] is one for a file, whose writes come first,
//! and [`Try`] one that may not be needed. [`Keep`] is for what their paths came from.

use super::cursor::charge;
use super::writes::Writes;
use crate::base::{budget, wait};
use crate::rt::{poll_job, spawn_blocking, with_driver};
use crate::tasks::JoinHandle;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A job on the pool. It goes on if this is dropped.
#[derive(Debug)]
pub(super) struct Hop<T> {
    job: JoinHandle<io::Result<T>>,
}

impl<T: Send + 'static> Hop<T> {
    /// Sends `call` to the pool of the current runtime.
    ///
    /// # Panics
    /// If there is none, at the caller's line.
    #[track_caller]
    pub(super) fn start(call: impl FnOnce() -> io::Result<T> + Send + 'static) -> Self {
        Hop {
            job: spawn_blocking(call),
        }
    }
}

impl<T> Future for Hop<T> {
    type Output = io::Result<T>;

    /// Takes a unit of the budget with the result.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        poll_job(&mut self.job, cx)
    }
}

/// A hop that starts when it is polled.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub(super) struct Op<F, T> {
    stage: Stage<F, T>,
    location: &'static Location<'static>,
}

enum Stage<F, T> {
    Asked(F),
    UnderWay(Hop<T>),
    Over,
}

impl<F, T> Unpin for Op<F, T> {}

/// The operation `call`, which waits where the caller is.
#[track_caller]
pub(super) fn op<F, T>(call: F) -> Op<F, T>
where
    F: FnOnce() -> io::Result<T> + Send + 'static,
    T: Send + 'static,
{
    Op {
        stage: Stage::Asked(call),
        location: Location::caller(),
    }
}

impl<F, T> Future for Op<F, T>
where
    F: FnOnce() -> io::Result<T> + Send + 'static,
    T: Send + 'static,
{
    type Output = io::Result<T>;

    // The caller is the `.await`: a panic for want of a runtime names that line.
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        if let Stage::Asked(_) = me.stage {
            // Given back: the result takes one.
            drop(ready!(wait::at(me.location, || budget::poll_proceed(cx))));
            if let Stage::Asked(call) = std::mem::replace(&mut me.stage, Stage::Over) {
                me.stage = Stage::UnderWay(Hop::start(call));
            }
        }
        let Stage::UnderWay(hop) = &mut me.stage else {
            panic!("an operation on files was polled after it had completed: await it once");
        };
        let result = ready!(wait::at(me.location, || Pin::new(hop).poll(cx)));
        me.stage = Stage::Over;
        Poll::Ready(result)
    }
}

/// An operation on a file that comes after the writes that are under way.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub(super) struct AfterWrites<'a, F, T> {
    /// `None` once they are done.
    writes: Option<&'a Writes>,
    /// Whether an error of theirs is the result.
    reports: bool,
    op: Op<F, T>,
}

impl<'a, F, T> AfterWrites<'a, F, T>
where
    F: FnOnce() -> io::Result<T> + Send + 'static,
    T: Send + 'static,
{
    /// `call` after `writes`, whose error stays for the next write or flush.
    #[track_caller]
    pub(super) fn new(writes: &'a Writes, call: F) -> Self {
        AfterWrites {
            writes: Some(writes),
            reports: false,
            op: op(call),
        }
    }

    /// `call` after `writes`, unless those went wrong: then their error instead.
    #[track_caller]
    pub(super) fn reporting(writes: &'a Writes, call: F) -> Self {
        AfterWrites {
            reports: true,
            ..AfterWrites::new(writes, call)
        }
    }
}

impl<F, T> Future for AfterWrites<'_, F, T>
where
    F: FnOnce() -> io::Result<T> + Send + 'static,
    T: Send + 'static,
{
    type Output = io::Result<T>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        if let Some(writes) = me.writes {
            let location = me.op.location;
            ready!(wait::at(location, || writes.poll_idle(cx)));
            me.writes = None;
            if me.reports {
                writes.take_error()?;
            }
        }
        Pin::new(&mut me.op).poll(cx)
    }
}

/// What came of a try.
pub(super) enum Tried<T> {
    /// All of it.
    Done(T),
    /// Nothing: it is all still to be done.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    Nothing,
    /// Not possible.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    Failed(io::Error),
    /// It has begun, and this is left, for the pool.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    Rest(Box<dyn FnOnce() -> io::Result<T> + Send>),
}

/// An operation that is tried at the first poll, and made elsewhere if that gives nothing.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub(super) struct Try<Q, F, T> {
    quick: Option<Q>,
    /// What it costs, in bytes that were copied.
    cost: fn(&T) -> usize,
    op: Op<F, T>,
}

impl<Q, F, T> Unpin for Try<Q, F, T> {}

impl<Q, F, T> Try<Q, F, T>
where
    Q: FnOnce() -> Tried<T>,
    F: FnOnce() -> io::Result<T> + Send + 'static,
    T: Send + 'static,
{
    /// `quick`, or else `call`.
    #[track_caller]
    pub(super) fn new(quick: Q, cost: fn(&T) -> usize, call: F) -> Self {
        Try {
            quick: Some(quick),
            cost,
            op: op(call),
        }
    }
}

impl<Q, F, T> Future for Try<Q, F, T>
where
    Q: FnOnce() -> Tried<T>,
    F: FnOnce() -> io::Result<T> + Send + 'static,
    T: Send + 'static,
{
    type Output = io::Result<T>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        if me.quick.is_some() {
            // What the cache has could be had without a runtime; other things could not.
            with_driver(|_| ());
            let spent = ready!(wait::at(me.op.location, || budget::poll_proceed(cx)));
            match me.quick.take().map_or(Tried::Nothing, |quick| quick()) {
                Tried::Done(result) => {
                    spent.made_progress();
                    charge(cx, (me.cost)(&result));
                    me.op.stage = Stage::Over;
                    return Poll::Ready(Ok(result));
                }
                Tried::Failed(error) => {
                    spent.made_progress();
                    me.op.stage = Stage::Over;
                    return Poll::Ready(Err(error));
                }
                Tried::Nothing => {}
                Tried::Rest(rest) => me.op.stage = Stage::UnderWay(Hop::start(rest)),
            }
        }
        Pin::new(&mut me.op).poll(cx)
    }
}

/// An operation together with what its path was taken from: a temporary file, say, which is
/// deleted when it is dropped, and should be there until it was opened.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub(super) struct Keep<F, P> {
    op: F,
    _path: P,
}

impl<F, P> Unpin for Keep<F, P> {}

/// `op`, with `path` kept for as long.
pub(super) fn keep<F, P>(path: P, op: F) -> Keep<F, P> {
    Keep { op, _path: path }
}

impl<F: Future + Unpin, P> Future for Keep<F, P> {
    type Output = F::Output;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.op).poll(cx)
    }
}
