//! What does a task cost, from its birth to its end?

use super::subject::sync::oneshot;
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many tasks an iteration of [`one_at_a_time`] spawns.
pub const ONE_AT_A_TIME: u64 = 1_000;

/// How many tasks an iteration of the others spawns.
pub const MANY: u64 = 100_000;

/// Spawns a task and joins it, then the next.
pub fn one_at_a_time(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let count = iterations * ONE_AT_A_TIME;
        let start = Stopwatch::start();
        let mut sum = 0;
        for i in 0..count {
            sum += subject::spawn(async move { i }).await.unwrap();
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, count * (count - 1) / 2);
        elapsed
    })
}

/// Spawns many tasks from a task, then joins them all.
pub fn many_from_inside(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let mut handles = Vec::with_capacity(MANY as usize);
        let start = Stopwatch::start();
        let mut sum = 0;
        for _ in 0..iterations {
            handles.extend((0..MANY).map(|i| subject::spawn(async move { i })));
            for handle in handles.drain(..) {
                sum += handle.await.unwrap();
            }
        }
        let elapsed = start.elapsed();
        assert_eq!(sum, iterations * (MANY * (MANY - 1) / 2));
        elapsed
    })
}

/// Spawns many tasks from a task that drops their handles, and waits until the last of them
/// has run.
pub fn detached(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let count = Arc::new(Count::default());
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let (done, all_done) = oneshot::channel();
            *count.done.lock().unwrap() = Some(done);
            count.left.store(MANY, Ordering::Release);
            for i in 0..MANY {
                let count = count.clone();
                drop(subject::spawn(async move { count.one_more(i) }));
            }
            all_done.await.unwrap();
        }
        let elapsed = start.elapsed();
        let sum = count.sum.load(Ordering::Relaxed);
        assert_eq!(sum, iterations * (MANY * (MANY - 1) / 2));
        elapsed
    })
}

/// Which of the detached tasks have run.
#[derive(Default)]
struct Count {
    left: AtomicU64,
    sum: AtomicU64,
    done: Mutex<Option<oneshot::Sender<()>>>,
}

impl Count {
    fn one_more(&self, number: u64) {
        self.sum.fetch_add(number, Ordering::Relaxed);
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            let done = self.done.lock().unwrap().take();
            done.unwrap().send(()).unwrap();
        }
    }
}

/// Spawns many tasks from this thread, which is no worker, and sleeps until the last of
/// them has run. Their handles are dropped.
pub fn many_from_outside(runtime: &Runtime, iterations: u64) -> Duration {
    let left = Arc::new(AtomicUsize::new(0));
    let sum = Arc::new(AtomicU64::new(0));
    let (done, all_done) = std::sync::mpsc::sync_channel(1);
    let start = Stopwatch::start();
    for _ in 0..iterations {
        left.store(MANY as usize, Ordering::Release);
        for i in 0..MANY {
            let (left, sum, done) = (left.clone(), sum.clone(), done.clone());
            drop(runtime.spawn(async move {
                sum.fetch_add(i, Ordering::Relaxed);
                if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                    done.send(()).unwrap();
                }
            }));
        }
        all_done.recv().unwrap();
    }
    let elapsed = start.elapsed();
    let sum = sum.load(Ordering::Relaxed);
    assert_eq!(sum, iterations * (MANY * (MANY - 1) / 2));
    elapsed
}
