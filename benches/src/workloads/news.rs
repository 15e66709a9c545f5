//! What does it cost to tell others that something has happened?

use super::subject::sync::{Notify, OnceCell, broadcast, watch};
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many round trips an iteration of [`ping_pong`] makes.
pub const ROUND_TRIPS: u64 = 1_000;

/// How many messages an iteration of [`broadcast()`] sends, each of them to all receivers.
pub const MESSAGES: u64 = 1_000;

/// How many changes an iteration of [`watch()`] makes, each of which all receivers see.
pub const CHANGES: u64 = 1_000;

/// How many times an iteration of [`once_cell`] gets the value.
pub const GETS: u64 = 100_000;

const RECEIVERS: u64 = 8;

/// Two tasks notify each other in turns.
pub fn ping_pong(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let rounds = iterations * ROUND_TRIPS;
        let start = Stopwatch::start();
        let other = subject::spawn({
            let (ping, pong) = (ping.clone(), pong.clone());
            async move {
                for _ in 0..rounds {
                    ping.notified().await;
                    pong.notify_one();
                }
                rounds
            }
        });
        for _ in 0..rounds {
            ping.notify_one();
            pong.notified().await;
        }
        assert_eq!(other.await.unwrap(), rounds);
        start.elapsed()
    })
}

/// One task sends messages to several, which take them in when they come to it: there is room
/// for all.
pub fn broadcast(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let (sender, _) = broadcast::channel(MESSAGES as usize);
            let receive = |_| {
                let mut receiver = sender.subscribe();
                subject::spawn(async move {
                    let mut sum = 0;
                    while let Ok(message) = receiver.recv().await {
                        sum += message;
                    }
                    sum
                })
            };
            let receivers: Vec<_> = (0..RECEIVERS).map(receive).collect();
            for message in 0..MESSAGES {
                assert_eq!(sender.send(message).unwrap(), RECEIVERS as usize);
            }
            drop(sender);
            for receiver in receivers {
                assert_eq!(receiver.await.unwrap(), MESSAGES * (MESSAGES - 1) / 2);
            }
        }
        start.elapsed()
    })
}

/// One task changes a value, waits until all the others have seen that, and changes it again.
pub fn watch(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let changes = iterations * CHANGES;
        let (sender, receiver) = watch::channel(0);
        let (seen, all_have_seen) = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
        let receive = |_| {
            let mut receiver = receiver.clone();
            let (seen, all_have_seen) = (seen.clone(), all_have_seen.clone());
            subject::spawn(async move {
                for change in 1..=changes {
                    receiver.changed().await.unwrap();
                    assert_eq!(*receiver.borrow_and_update(), change);
                    if seen.fetch_add(1, Ordering::AcqRel) + 1 == change * RECEIVERS {
                        all_have_seen.notify_one();
                    }
                }
            })
        };
        let receivers: Vec<_> = (0..RECEIVERS).map(receive).collect();
        let start = Stopwatch::start();
        for change in 1..=changes {
            sender.send(change).unwrap();
            all_have_seen.notified().await;
        }
        let elapsed = start.elapsed();
        for receiver in receivers {
            receiver.await.unwrap();
        }
        elapsed
    })
}

/// Gets a value that is there.
pub fn once_cell(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let cell = Arc::new(OnceCell::new());
        cell.get_or_init(|| async { 7 }).await;
        let start = Stopwatch::start();
        let mut sum = 0;
        for _ in 0..iterations * GETS {
            sum += *cell.get_or_init(|| async { 8 }).await;
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, 7 * iterations * GETS);
        elapsed
    })
}
