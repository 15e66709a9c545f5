//! What does a message cost, from five senders to one receiver, and from one?

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

/// How many messages the only sender of [`one_to_one`] and [`room_for_one`] sends.
pub const FROM_ONE: u64 = 10_000;

const SUM: u64 = SENDERS * (MESSAGES * (MESSAGES - 1) / 2);

/// The senders wait for room.
pub fn bounded(runtime: &Runtime, iterations: u64) -> Duration {
    through(runtime, iterations, ROOM, SENDERS, MESSAGES)
}

/// There is one sender, which waits for room.
pub fn one_to_one(runtime: &Runtime, iterations: u64) -> Duration {
    through(runtime, iterations, ROOM, 1, FROM_ONE)
}

/// There is one sender, and room for one message.
pub fn room_for_one(runtime: &Runtime, iterations: u64) -> Duration {
    through(runtime, iterations, 1, 1, FROM_ONE)
}

fn through(
    runtime: &Runtime,
    iterations: u64,
    room: usize,
    senders: u64,
    messages: u64,
) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        let mut sum = 0;
        for _ in 0..iterations {
            let (sender, mut receiver) = mpsc::channel(room);
            for _ in 0..senders {
                let sender = sender.clone();
                drop(subject::spawn(async move {
                    for i in 0..messages {
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
        assert_eq!(sum, iterations * senders * (messages * (messages - 1) / 2));
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
