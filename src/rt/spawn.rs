//! The free functions: what a program calls without having a runtime at hand.

use super::context::current;
use super::local::polls_local_tasks;
use super::offload;
use super::runtime::Runtime;
use crate::base::region;
use crate::scheduler::{self, Standing};
use crate::tasks::{JoinHandle, Origin};
use std::future::Future;

/// Spawns a task: the future runs on the current runtime, concurrently to its caller.
///
/// The task starts at once, whether or not the handle is awaited; dropping the handle lets it
/// run on. It ends with its output, with a panic (which the handle delivers as an error), when
/// it is [aborted](JoinHandle::abort), or when the runtime shuts down: its future is then
/// dropped.
///
/// # Panics
///
/// If there is no current runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let tasks: Vec<_> = (0..10).map(|i| runtime::spawn(async move { i * i })).collect();
/// let mut sum = 0;
/// for task in tasks {
///     sum += task.await.unwrap();
/// }
/// assert_eq!(sum, 285);
/// # });
/// ```
#[inline]
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    match current() {
        Ok(context) => context.handle().spawn_from(future, Origin::here()),
        Err(error) => panic!("{error}"),
    }
}

/// Runs a function that may block on a thread of the runtime's pool.
///
/// The pool grows on demand up to
/// [`max_blocking_threads`](super::Builder::max_blocking_threads); beyond that, jobs wait for
/// their turn. A job that has started cannot be aborted, and a runtime that is dropped waits for
/// it; see [`Runtime::shutdown_timeout`].
///
/// # Panics
///
/// If there is no current runtime. If no thread can be started and there is none to take the
/// job, awaiting the handle gives a panic error that says so.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let sum = runtime::task::spawn_blocking(|| (1..=1000u64).sum::<u64>()).await.unwrap();
/// assert_eq!(sum, 500_500);
/// # });
/// ```
#[track_caller]
pub fn spawn_blocking<F, R>(function: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    match current() {
        Ok(context) => offload::spawn_blocking(context.handle().inner(), function, Origin::here()),
        Err(error) => panic!("{error}"),
    }
}

/// Runs a function that may block, here, after giving this worker's other tasks to another
/// thread.
///
/// Unlike [`spawn_blocking`] it may borrow. The rest of the *current task* does wait: a
/// `join!` within it makes no progress meanwhile. Inside of the function,
/// [`Handle::block_on`](super::Handle::block_on) is allowed. Outside of a runtime the function is just called.
///
/// # Panics
///
/// On a thread that drives a current-thread runtime, and in a [`LocalSet`](crate::task::LocalSet):
/// there is no other thread for the tasks to go to. Use [`spawn_blocking`] there.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # runtime::spawn(async {
/// let text = String::from("borrowed");
/// let length = runtime::task::block_in_place(|| text.len());
/// assert_eq!(length, 8);
/// # }).await.unwrap();
/// # });
/// ```
#[track_caller]
pub fn block_in_place<F, R>(function: F) -> R
where
    F: FnOnce() -> R,
{
    if scheduler::on_worker() == Standing::Alone {
        panic!(
            "`block_in_place` was called on a current-thread runtime, which has no other thread \
             for its tasks; use `task::spawn_blocking`, or a multi-thread runtime"
        );
    }
    if polls_local_tasks() {
        panic!(
            "`block_in_place` was called in a `LocalSet`, whose tasks no other thread can go on \
             with; use `task::spawn_blocking`"
        );
    }
    let _region = region::enter_blocking();
    scheduler::block_in_place(function)
}

/// Builds a multi-thread runtime, blocks on the future, and shuts the runtime down.
///
/// For programs with one entry point; [`main`](macro@crate::main) does the same.
///
/// # Panics
///
/// If no runtime can be built (threads or descriptors have run out), or if the future panics.
///
/// # Examples
///
/// ```
/// assert_eq!(runtime::block_on(async { 1 + 1 }), 2);
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    match Runtime::new() {
        Ok(runtime) => runtime.block_on(future),
        Err(error) => panic!("no runtime could be built: {error}"),
    }
}
