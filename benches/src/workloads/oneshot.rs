//! What does a oneshot cost, within a task and between two?

use super::subject::sync::oneshot;
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::time::Duration;

/// How many oneshots an iteration of [`alone`] makes, one at a time.
pub const ALONE: u64 = 10_000;

/// How many oneshots an iteration of [`across`] makes.
pub const ACROSS: u64 = 2 * ROUND_TRIPS;

const ROUND_TRIPS: u64 = 1_000;

/// One task makes a oneshot, sends, and awaits what it has sent; then the next.
pub fn alone(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let count = iterations * ALONE;
        let start = Stopwatch::start();
        let mut sum = 0;
        for i in 0..count {
            let (sender, receiver) = oneshot::channel();
            sender.send(i).unwrap();
            sum += receiver.await.unwrap();
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, count * (count - 1) / 2);
        elapsed
    })
}

/// Two tasks send each other a value in turns, each time through a oneshot that both of them
/// had before. The receiver waits.
pub fn across(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        let mut sum = 0;
        for _ in 0..iterations {
            let (ours, theirs): (Vec<_>, Vec<_>) = (0..ROUND_TRIPS)
                .map(|_| {
                    let (ping, pinged) = oneshot::channel::<u64>();
                    let (pong, ponged) = oneshot::channel::<u64>();
                    ((ping, ponged), (pinged, pong))
                })
                .unzip();
            drop(subject::spawn(async move {
                for (pinged, pong) in theirs {
                    pong.send(pinged.await.unwrap() + 1).unwrap();
                }
            }));
            for (i, (ping, ponged)) in (0..).zip(ours) {
                ping.send(i).unwrap();
                sum += ponged.await.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, iterations * (ROUND_TRIPS * (ROUND_TRIPS + 1) / 2));
        elapsed
    })
}
