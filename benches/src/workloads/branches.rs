//! What do `select!` and `join!` cost, with two branches that are ready?

use super::subject::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::time::Duration;

/// How many messages there are in each of the two channels.
pub const MESSAGES: u64 = 10_000;

const SUM: u64 = 2 * (MESSAGES * (MESSAGES - 1) / 2);

/// Two channels, full of messages.
fn channels() -> [UnboundedReceiver<u64>; 2] {
    [(); 2].map(|()| {
        let (sender, receiver) = unbounded_channel();
        (0..MESSAGES).for_each(|i| sender.send(i).unwrap());
        receiver
    })
}

/// Takes a message from either channel, until both are empty.
pub fn select(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let mut elapsed = Duration::ZERO;
        for _ in 0..iterations {
            let [mut one, mut other] = channels();
            let start = Stopwatch::start();
            let mut sum = 0;
            loop {
                sum += subject::select! {
                    Some(i) = one.recv() => i,
                    Some(i) = other.recv() => i,
                    else => break,
                };
            }
            elapsed += start.elapsed();
            assert_eq!(sum, SUM);
        }
        elapsed
    })
}

/// Takes a message from each channel, until both are empty.
pub fn join(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let mut elapsed = Duration::ZERO;
        for _ in 0..iterations {
            let [mut one, mut other] = channels();
            let start = Stopwatch::start();
            let mut sum = 0;
            while let (Some(i), Some(j)) = subject::join!(one.recv(), other.recv()) {
                sum += i + j;
            }
            elapsed += start.elapsed();
            assert_eq!(sum, SUM);
        }
        elapsed
    })
}
