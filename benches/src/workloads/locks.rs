//! What does it cost to take a lock, alone, and where others want it?

use super::subject::sync::{Mutex, RwLock, Semaphore};
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many times a lock is taken in an iteration, by all tasks together.
pub const TAKEN: u64 = 8_000;

/// How many tasks want it, where there are several.
const TASKS: u64 = 8;

/// How many of them a semaphore lets in at a time.
const PERMITS: usize = 2;

/// One in so many writes, where some do.
const WRITE: u64 = 10;

/// One task takes a mutex.
pub fn mutex_alone(runtime: &Runtime, iterations: u64) -> Duration {
    mutex(runtime, iterations, 1, false)
}

/// Tasks that each take a mutex, and let go of it at once.
pub fn mutex_contended(runtime: &Runtime, iterations: u64) -> Duration {
    mutex(runtime, iterations, TASKS, false)
}

/// Tasks that each take a mutex, and yield before they let go of it.
pub fn mutex_held(runtime: &Runtime, iterations: u64) -> Duration {
    mutex(runtime, iterations, TASKS, true)
}

fn mutex(runtime: &Runtime, iterations: u64, tasks: u64, held: bool) -> Duration {
    inside(runtime, async move {
        let mutex = Arc::new(Mutex::new(0));
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let task = |_| {
                let mutex = mutex.clone();
                subject::spawn(async move {
                    for _ in 0..TAKEN / tasks {
                        let mut guard = mutex.lock().await;
                        if held {
                            subject::task::yield_now().await;
                        }
                        *guard += 1;
                    }
                })
            };
            for task in (0..tasks).map(task).collect::<Vec<_>>() {
                task.await.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(*mutex.lock().await, iterations * TAKEN);
        elapsed
    })
}

/// Tasks that each take a permit of a few, and give it back at once.
pub fn semaphore_contended(runtime: &Runtime, iterations: u64) -> Duration {
    semaphore(runtime, iterations, false)
}

/// Tasks that each take a permit of a few, and yield before they give it back.
pub fn semaphore_held(runtime: &Runtime, iterations: u64) -> Duration {
    semaphore(runtime, iterations, true)
}

fn semaphore(runtime: &Runtime, iterations: u64, held: bool) -> Duration {
    inside(runtime, async move {
        let semaphore = Arc::new(Semaphore::new(PERMITS));
        let inside = Arc::new(AtomicU64::new(0));
        let taken = Arc::new(AtomicU64::new(0));
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let task = |_| {
                let (semaphore, inside, taken) = (semaphore.clone(), inside.clone(), taken.clone());
                subject::spawn(async move {
                    for _ in 0..TAKEN / TASKS {
                        let permit = semaphore.acquire().await.unwrap();
                        assert!(inside.fetch_add(1, Ordering::Relaxed) < PERMITS as u64);
                        if held {
                            subject::task::yield_now().await;
                        }
                        inside.fetch_sub(1, Ordering::Relaxed);
                        drop(permit);
                    }
                    taken.fetch_add(TAKEN / TASKS, Ordering::Relaxed);
                })
            };
            for task in (0..TASKS).map(task).collect::<Vec<_>>() {
                task.await.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(taken.load(Ordering::Relaxed), iterations * TAKEN);
        assert_eq!(semaphore.available_permits(), PERMITS);
        elapsed
    })
}

/// One task reads.
pub fn rwlock_alone(runtime: &Runtime, iterations: u64) -> Duration {
    rwlock(runtime, iterations, 1, u64::MAX)
}

/// Several tasks read.
pub fn rwlock_readers(runtime: &Runtime, iterations: u64) -> Duration {
    rwlock(runtime, iterations, TASKS, u64::MAX)
}

/// Several tasks read, and each writes now and then.
pub fn rwlock_mixed(runtime: &Runtime, iterations: u64) -> Duration {
    rwlock(runtime, iterations, TASKS, WRITE)
}

/// One in so many turns of each task writes, and all others read.
fn rwlock(runtime: &Runtime, iterations: u64, tasks: u64, write: u64) -> Duration {
    inside(runtime, async move {
        let lock = Arc::new(RwLock::new((0, 0)));
        let turns = TAKEN / tasks;
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let task = |_| {
                let lock = lock.clone();
                subject::spawn(async move {
                    for turn in 1..=turns {
                        if turn % write == 0 {
                            let mut pair = lock.write().await;
                            pair.0 += 1;
                            pair.1 += 1;
                        } else {
                            let pair = lock.read().await;
                            assert_eq!(pair.0, pair.1);
                        }
                    }
                })
            };
            for task in (0..tasks).map(task).collect::<Vec<_>>() {
                task.await.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(lock.read().await.0, iterations * tasks * (turns / write));
        elapsed
    })
}
