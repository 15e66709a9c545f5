//! What does it cost two tasks to answer each other once?

use super::subject::sync::oneshot;
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::time::Duration;

/// How many pairs of tasks there are at a time.
pub const PAIRS: u64 = 1_000;

/// Spawns the pairs: the first task of each spawns the second, sends it a number, and waits
/// for the answer.
pub fn pairs(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let mut handles = Vec::with_capacity(PAIRS as usize);
        let start = Stopwatch::start();
        let mut sum = 0;
        for _ in 0..iterations {
            handles.extend((0..PAIRS).map(|i| subject::spawn(ping(i))));
            for handle in handles.drain(..) {
                sum += handle.await.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, iterations * (PAIRS * (PAIRS + 1) / 2));
        elapsed
    })
}

async fn ping(number: u64) -> u64 {
    let (ping, pinged) = oneshot::channel::<u64>();
    let (pong, ponged) = oneshot::channel();
    drop(subject::spawn(async move {
        pong.send(pinged.await.unwrap() + 1).unwrap();
    }));
    ping.send(number).unwrap();
    ponged.await.unwrap()
}
