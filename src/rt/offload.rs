//! Jobs for the blocking pool: a function that looks like a task.

use super::handle::{BOX_ABOVE, Handle, Inner};
use crate::base::{budget, wait};
use crate::blocking::{Job, Refused};
use crate::driver::{UnderWay, shut_down};
use crate::tasks::{self, Id, JoinHandle, Origin, Runnable, Schedule, TaskRef};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A runnable whose one poll calls the function.
pub(super) struct BlockingJob {
    runnable: Runnable,
    /// Dropped after the job's end has woken who waits for it: in between, a paused clock
    /// must not move.
    under_way: UnderWay,
}

impl Job for BlockingJob {
    fn run(self) {
        let _under_way = self.under_way.here();
        // It is never pending, so it never comes back.
        let _ = self.runnable.run();
    }

    fn cancel(self) {
        drop(self.runnable);
        drop(self.under_way);
    }
}

/// The scheduler of blocking jobs, which need none: they are run once, or dropped.
struct Nowhere;

impl Schedule for Nowhere {
    const KIND: &'static str = "blocking";

    fn schedule(&self, task: Runnable) {
        drop(task);
    }

    fn adopt(&self, task: TaskRef) -> Result<(), TaskRef> {
        Err(task)
    }

    fn release(&self, _: &TaskRef) -> Option<TaskRef> {
        None
    }
}

/// A function as a future that is ready at its first poll.
struct Call<F>(Option<F>);

impl<F> Unpin for Call<F> {}

impl<F: FnOnce() -> R, R> Future for Call<F> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<R> {
        // PANIC: a job is polled once.
        let function = self.0.take().expect("a job runs once");
        Poll::Ready(budget::with_unlimited(function))
    }
}

/// Large functions are boxed, as large futures are.
pub(super) fn spawn_blocking<F, R>(inner: &Arc<Inner>, function: F, origin: Origin) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let spawn = if const { size_of::<F>() > BOX_ABOVE } {
        spawn_boxed
    } else {
        spawn_in_place
    };
    spawn(inner, function, origin)
}

fn spawn_boxed<F, R>(inner: &Arc<Inner>, function: F, origin: Origin) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    spawn_in_place(inner, Box::new(function), origin)
}

fn spawn_in_place<F, R>(inner: &Arc<Inner>, function: F, origin: Origin) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let call = Call(Some(function));
    let (runnable, handle) = tasks::new(call, Nowhere, Id::next(), origin.clone());
    let job = BlockingJob {
        runnable,
        under_way: UnderWay::job(inner.home.scheduler().driver()),
    };
    match inner.pool.submit(job) {
        Ok(()) => handle,
        Err(Refused::Closed(job)) => {
            drop(job);
            handle
        }
        Err(Refused::NoThread { job, source }) => {
            drop(job);
            let message = format!("no thread could be started for a blocking job: {source}");
            Handle::new(inner.clone()).spawn_from(async move { panic!("{message}") }, origin)
        }
    }
}

/// Polls a blocking job whose result may be an error of the system, as a part of a wait that tells its place itself.
/// Takes a unit of the budget with the result.
///
/// # Errors
/// Those of the job; that the runtime is gone, or that the job has panicked.
pub(crate) fn poll_job<T>(
    job: &mut JoinHandle<io::Result<T>>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<T>> {
    if job.wake_at_end(cx.waker()) {
        wait::note(wait::Kind::Blocking, job.id().as_u64());
        return Poll::Pending;
    }
    // Looked at here, as the handle would tell that the wait is in this line.
    drop(ready!(budget::poll_proceed(cx)));
    Poll::Ready(match ready!(Pin::new(job).poll(cx)) {
        Ok(result) => result,
        Err(error) if error.is_cancelled() => Err(shut_down()),
        Err(error) => Err(io::Error::other(error)),
    })
}
