//! Where a workload runs.

use super::{Builder, Runtime};
use std::future::Future;

/// Builds a multi-thread runtime with so many workers, and otherwise as it comes. Returns
/// what runs the workload on it, so many times.
pub fn open<R: 'static>(
    workers: usize,
    workload: fn(&Runtime, u64) -> R,
) -> Box<dyn FnMut(u64) -> R> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .expect("a runtime");
    Box::new(move |times| workload(&runtime, times))
}

/// Runs the future as a task, while this thread only waits for it.
pub(super) fn inside<F>(runtime: &Runtime, future: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let task = runtime.spawn(future);
    runtime.block_on(task).expect("the workload panicked")
}
