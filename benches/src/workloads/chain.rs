//! What does a chain of tasks cost, each of which spawns the next and ends?

use super::subject::sync::oneshot;
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::time::Duration;

/// How many tasks a chain has.
pub const DEPTH: u64 = 1_000;

/// Runs one chain after another.
pub fn chained(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        let mut links = 0;
        for _ in 0..iterations {
            let (done, end) = oneshot::channel();
            link(0, done);
            links += end.await.unwrap();
        }
        let elapsed = start.elapsed();
        assert_eq!(links, iterations * DEPTH);
        elapsed
    })
}

fn link(depth: u64, done: oneshot::Sender<u64>) {
    if depth == DEPTH {
        done.send(depth).unwrap();
    } else {
        drop(subject::spawn(async move { link(depth + 1, done) }));
    }
}
