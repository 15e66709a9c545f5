//! What does it cost that tasks take turns?

use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::time::Duration;

/// How many tasks there are.
pub const TASKS: u64 = 200;

/// How many times each of them yields.
pub const YIELDS: u64 = 100;

/// Spawns all the tasks, and joins them after all their yields.
pub fn take_turns(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let mut handles = Vec::with_capacity(TASKS as usize);
        let start = Stopwatch::start();
        let mut turns = 0;
        for _ in 0..iterations {
            handles.extend((0..TASKS).map(|_| subject::spawn(turn())));
            for handle in handles.drain(..) {
                turns += handle.await.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(turns, iterations * TASKS * YIELDS);
        elapsed
    })
}

async fn turn() -> u64 {
    let mut turns = 0;
    while turns < YIELDS {
        subject::task::yield_now().await;
        turns += 1;
    }
    turns
}
