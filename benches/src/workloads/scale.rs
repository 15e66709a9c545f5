//! What does an operation cost when there is much of something?
//!
//! The number is how much there is of it; the result is nanoseconds for one operation.

use super::memory::{pending_tasks, sleeping_tasks};
use super::{Runtime, echo, inside, spawn, subject, timers};
use crate::load::{Load, MESSAGE};
use std::time::{Duration, Instant};

/// Operations, where their number is not that of what there is.
const OPERATIONS: u64 = 20_000;

fn per_operation(elapsed: Duration, operations: u64) -> f64 {
    elapsed.as_nanos() as f64 / operations as f64
}

/// Spawns so many tasks, and joins them.
pub fn spawned(runtime: &Runtime, count: u64) -> f64 {
    inside(runtime, async move {
        let mut handles = Vec::with_capacity(count as usize);
        let start = Instant::now();
        handles.extend((0..count).map(|i| subject::spawn(async move { i })));
        let mut sum = 0;
        for handle in handles {
            sum += handle.await.unwrap();
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, count * (count - 1) / 2);
        per_operation(elapsed, count)
    })
}

/// So many tasks take turns.
pub fn yielding(runtime: &Runtime, count: u64) -> f64 {
    const YIELDS: u64 = 1_000_000;
    inside(runtime, async move {
        let each = (YIELDS / count).max(10);
        let turns = move || async move {
            for _ in 0..each {
                subject::task::yield_now().await;
            }
            each
        };
        let start = Instant::now();
        let tasks: Vec<_> = (0..count).map(|_| subject::spawn(turns())).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, count * each);
        per_operation(elapsed, sum)
    })
}

/// Spawns a task and joins it, then the next, beside so many that wait.
pub fn beside_waiting(runtime: &Runtime, count: u64) -> f64 {
    let waiting = pending_tasks(runtime, count);
    let iterations = OPERATIONS / spawn::ONE_AT_A_TIME;
    let elapsed = spawn::one_at_a_time(runtime, iterations);
    drop(waiting);
    per_operation(elapsed, OPERATIONS)
}

/// Arms a timer and drops it, then the next, beside so many that are armed.
pub fn beside_sleeping(runtime: &Runtime, count: u64) -> f64 {
    let sleeping = sleeping_tasks(runtime, count);
    let elapsed = timers::guard(runtime, OPERATIONS / timers::GUARDED);
    drop(sleeping);
    per_operation(elapsed, OPERATIONS)
}

/// Answers messages over so many connections, one on its way on each.
pub fn connected(runtime: &Runtime, count: u64) -> f64 {
    let messages = OPERATIONS.next_multiple_of(count);
    let address = inside(runtime, echo::listen::<MESSAGE>()).expect("a listener");
    let mut load = Load::start(address, count as usize);
    let start = Instant::now();
    load.exchange(messages);
    per_operation(start.elapsed(), messages)
}
