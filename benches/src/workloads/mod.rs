//! What is measured. This module is compiled once for each crate, and finds it as
//! `subject`.

pub mod chain;
pub mod channels;
pub mod fork_join;
pub mod ping_pong;
pub mod spawn;
pub mod wake;
pub mod yields;

use super::{Builder, Runtime, subject};
use std::future::Future;
use std::time::Duration;

/// The time that so many iterations took.
pub type Workload = fn(&Runtime, u64) -> Duration;

/// Builds a runtime for a workload.
pub fn open(workers: usize, workload: Workload) -> Box<dyn FnMut(u64) -> Duration> {
    let runtime = build(workers);
    Box::new(move |iterations| workload(&runtime, iterations))
}

/// A multi-thread runtime with so many workers, and otherwise as it comes.
pub fn build(workers: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Runs the future as a task, while this thread only waits for it.
fn inside<F>(runtime: &Runtime, future: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let task = runtime.spawn(future);
    runtime.block_on(task).expect("the workload panicked")
}
