//! What do other ways to run a task, and to end one, cost?

use super::subject::task::{JoinSet, LocalSet, spawn_local};
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::cell::Cell;
use std::future::{pending, ready};
use std::rc::Rc;
use std::time::Duration;

/// How many tasks there are in a set.
pub const SET: u64 = 1_000;

/// How many tasks an iteration of [`abort`] aborts, one at a time.
pub const ABORTED: u64 = 1_000;

/// How many futures an iteration of [`block_on`] blocks on.
pub const BLOCKED_ON: u64 = 1_000;

/// How many tasks an iteration of [`local`] spawns.
pub const LOCAL: u64 = 1_000;

/// Spawns the tasks of a set, then joins all.
pub fn join_set(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        let mut sum = 0;
        for _ in 0..iterations {
            let mut set = JoinSet::new();
            for i in 0..SET {
                set.spawn(ready(i));
            }
            while let Some(joined) = set.join_next().await {
                sum += joined.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, iterations * (SET * (SET - 1) / 2));
        elapsed
    })
}

/// Spawns a task that waits for nothing, lets it begin to, aborts it, and joins it; then the
/// next.
pub fn abort(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations * ABORTED {
            let task = subject::spawn(pending::<()>());
            subject::task::yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
        start.elapsed()
    })
}

/// Blocks this thread, which is no worker, on a future that is ready.
pub fn block_on(runtime: &Runtime, iterations: u64) -> Duration {
    let start = Stopwatch::start();
    let mut sum = 0;
    for _ in 0..iterations * BLOCKED_ON {
        sum += runtime.block_on(async { 7 });
    }
    let elapsed = start.elapsed();
    assert_eq!(sum, 7 * iterations * BLOCKED_ON);
    elapsed
}

/// Spawns tasks that are not `Send` on this thread, from one that is there as well, then joins
/// all.
pub fn local(runtime: &Runtime, iterations: u64) -> Duration {
    LocalSet::new().block_on(runtime, async move {
        let sum = Rc::new(Cell::new(0));
        let mut handles = Vec::with_capacity(LOCAL as usize);
        let start = Stopwatch::start();
        for _ in 0..iterations {
            handles.extend((0..LOCAL).map(|i| {
                let sum = sum.clone();
                spawn_local(async move { sum.set(sum.get() + i) })
            }));
            for handle in handles.drain(..) {
                handle.await.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(sum.get(), iterations * (LOCAL * (LOCAL - 1) / 2));
        elapsed
    })
}
