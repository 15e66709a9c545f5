//! What does a message cost, from five senders to one receiver?

use super::subject::sync::mpsc;
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::time::Duration;

/// How many tasks send.
pub const SENDERS: u64 = 5;

/// How many messages each of them sends.
pub const MESSAGES: u64 = 2_000;

/// The room in the bounded channel.
pub const ROOM: usize = 100;

const SUM: u64 = SENDERS * (MESSAGES * (MESSAGES - 1) / 2);

/// The senders wait for room.
pub fn bounded(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        let mut sum = 0;
        for _ in 0..iterations {
            let (sender, mut receiver) = mpsc::channel(ROOM);
            for _ in 0..SENDERS {
                let sender = sender.clone();
                drop(subject::spawn(async move {
                    for i in 0..MESSAGES {
                        sender.send(i).await.unwrap();
                    }
                }));
            }
            drop(sender);
            while let Some(i) = receiver.recv().await {
                sum += i;
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, iterations * SUM);
        elapsed
    })
}

/// The senders never wait.
pub fn unbounded(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        let mut sum = 0;
        for _ in 0..iterations {
            let (sender, mut receiver) = mpsc::unbounded_channel();
            for _ in 0..SENDERS {
                let sender = sender.clone();
                drop(subject::spawn(async move {
                    for i in 0..MESSAGES {
                        sender.send(i).unwrap();
                    }
                }));
            }
            drop(sender);
            while let Some(i) = receiver.recv().await {
                sum += i;
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, iterations * SUM);
        elapsed
    })
}
