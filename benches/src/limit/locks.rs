//! Locks: those of std, taken by as many threads as there would be workers.

use crate::on_runtime::workloads::{locks::TAKEN, oneshot};
use crate::stopwatch::Stopwatch;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;
use std::time::Duration;

/// Calls this so many times on each of the threads. One thread is this one.
fn on_threads(threads: usize, count: u64, turn: impl Fn(u64) + Sync) {
    let all = || (0..count / threads as u64).for_each(&turn);
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(all);
        }
        all();
    });
}

/// One thread takes a mutex.
pub(super) fn mutex_alone(_: usize, iterations: u64) -> Duration {
    mutex_contended(1, iterations)
}

/// As many threads as workers take a mutex.
pub(super) fn mutex_contended(threads: usize, iterations: u64) -> Duration {
    let mutex = Mutex::new(0);
    let count = iterations * TAKEN;
    let start = Stopwatch::start();
    on_threads(threads, count, |_| {
        *black_box(&mutex).lock().unwrap() += 1;
    });
    let elapsed = start.elapsed();
    assert_eq!(mutex.into_inner().unwrap(), count);
    elapsed
}

/// A counter of permits, which is never below zero.
pub(super) fn semaphore_contended(threads: usize, iterations: u64) -> Duration {
    const PERMITS: usize = 2;
    let permits = AtomicUsize::new(PERMITS);
    let taken = AtomicU64::new(0);
    let take = |permits: usize| permits.checked_sub(1);
    let start = Stopwatch::start();
    on_threads(threads, iterations * TAKEN, |_| {
        let order = Ordering::Acquire;
        while black_box(&permits)
            .fetch_update(order, Ordering::Relaxed, take)
            .is_err()
        {
            thread::yield_now();
        }
        taken.fetch_add(1, Ordering::Relaxed);
        permits.fetch_add(1, Ordering::Release);
    });
    let elapsed = start.elapsed();
    assert_eq!(taken.into_inner(), iterations * TAKEN);
    assert_eq!(permits.into_inner(), PERMITS);
    elapsed
}

/// One thread reads.
pub(super) fn rwlock_alone(_: usize, iterations: u64) -> Duration {
    rwlock(1, iterations, u64::MAX)
}

/// As many threads as workers read.
pub(super) fn rwlock_readers(threads: usize, iterations: u64) -> Duration {
    rwlock(threads, iterations, u64::MAX)
}

/// They write now and then.
pub(super) fn rwlock_mixed(threads: usize, iterations: u64) -> Duration {
    rwlock(threads, iterations, 10)
}

fn rwlock(threads: usize, iterations: u64, write: u64) -> Duration {
    let lock = RwLock::new((0, 0));
    let start = Stopwatch::start();
    on_threads(threads, iterations * TAKEN, |turn| {
        if (turn + 1) % write == 0 {
            let mut pair = black_box(&lock).write().unwrap();
            pair.0 += 1;
            pair.1 += 1;
        } else {
            let pair = black_box(&lock).read().unwrap();
            assert_eq!(pair.0, pair.1);
        }
    });
    let elapsed = start.elapsed();
    let each = iterations * TAKEN / threads as u64 / write;
    assert_eq!(lock.into_inner().unwrap().0, each * threads as u64);
    elapsed
}

/// A place that two can reach, for one value.
pub(super) fn oneshot_alone(_: usize, iterations: u64) -> Duration {
    let count = iterations * oneshot::ALONE;
    let start = Stopwatch::start();
    let mut sum = 0;
    for i in 0..count {
        let ours = Arc::new(Mutex::new(None));
        let theirs = black_box(ours.clone());
        *theirs.lock().unwrap() = Some(i);
        drop(theirs);
        sum += ours.lock().unwrap().take().unwrap();
    }
    let elapsed = start.elapsed();
    assert_eq!(sum, count * (count - 1) / 2);
    elapsed
}
