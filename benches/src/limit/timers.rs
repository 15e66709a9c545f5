//! Timers: a sorted map of deadlines, or a heap of them.

use crate::on_runtime::workloads::punctuality::{PERIOD, TICKS, percentile};
use crate::on_runtime::workloads::timers::{FIRED, GUARDED, OVER, RESET, UNFIRED};
use crate::stopwatch::Stopwatch;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// Puts a deadline among the others, and takes it out.
pub(super) fn never_fire(_: usize, iterations: u64) -> Duration {
    let mut deadlines = BTreeSet::new();
    let start = Stopwatch::start();
    for i in 0..iterations * UNFIRED {
        let later = MINUTE + Duration::from_millis(i * 7919 % 3_600_000);
        let deadline = Instant::now() + later;
        assert!(black_box(&mut deadlines).insert((deadline, i)));
        assert!(black_box(&mut deadlines).remove(&(deadline, i)));
    }
    start.elapsed()
}

/// A heap of futures in boxes, by their deadlines; the thread sleeps until the first. Always
/// processor time.
pub(super) fn fire(_: usize, iterations: u64) -> Duration {
    const SPAN: Duration = Duration::from_millis(500);
    let start = Stopwatch::processor();
    let mut fired = 0;
    for _ in 0..iterations {
        let now = Instant::now();
        let mut heap = BinaryHeap::with_capacity(FIRED as usize);
        let mut tasks: Vec<Option<Pin<Box<dyn Future<Output = bool>>>>> = Vec::new();
        for i in 0..FIRED {
            let deadline = now + SPAN * (i * 7919 % FIRED) as u32 / FIRED as u32;
            heap.push(Reverse((deadline, i)));
            tasks.push(Some(Box::pin(async move { Instant::now() >= deadline })));
        }
        while let Some(Reverse((deadline, _))) = heap.peek() {
            // As a runtime does, it fires by the millisecond.
            let early = deadline.saturating_duration_since(Instant::now());
            if !early.is_zero() {
                std::thread::sleep(early.max(Duration::from_millis(1)));
            }
            let now = Instant::now();
            while let Some(Reverse((deadline, i))) = heap.peek().copied() {
                if deadline > now {
                    break;
                }
                heap.pop();
                let mut task = tasks[i as usize].take().expect("it fires once");
                let polled = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                assert_eq!(polled, Poll::Ready(true), "a timer fired early");
                fired += 1;
            }
        }
    }
    let elapsed = start.elapsed();
    assert_eq!(fired, iterations * FIRED);
    elapsed
}

/// A deadline that is kept while a future is polled twice.
pub(super) fn guard(_: usize, iterations: u64) -> Duration {
    let mut deadlines = BTreeSet::new();
    let start = Stopwatch::start();
    for i in 0..iterations * GUARDED {
        let deadline = Instant::now() + MINUTE;
        assert!(black_box(&mut deadlines).insert((deadline, i)));
        let mut polls = 0;
        while black_box(&mut polls) != &mut 2 {
            polls += 1;
        }
        assert!(black_box(&mut deadlines).remove(&(deadline, i)));
    }
    start.elapsed()
}

/// A deadline that moves, among the others.
pub(super) fn reset(_: usize, iterations: u64) -> Duration {
    let first = Instant::now() + MINUTE;
    let mut deadline = first;
    let mut deadlines = BTreeSet::from([(first, 0)]);
    let start = Stopwatch::start();
    for i in 0..iterations * RESET {
        assert!(black_box(&mut deadlines).remove(&(deadline, 0)));
        deadline = first + Duration::from_millis(i * 7 % 60_000);
        assert!(black_box(&mut deadlines).insert((deadline, 0)));
    }
    start.elapsed()
}

/// A look at the clock.
pub(super) fn is_over(_: usize, iterations: u64) -> Duration {
    let past = Instant::now();
    let start = Stopwatch::start();
    for _ in 0..iterations * OVER {
        assert!(Instant::now() >= black_box(past));
    }
    start.elapsed()
}

/// The lateness that half of the ticks stay within, where a thread sleeps from one to the next.
pub(super) fn tick_median(_: usize, iterations: u64) -> Duration {
    (0..iterations).map(|_| percentile(ticks(), 50)).sum()
}

/// The lateness that all but one tick in a hundred stay within.
pub(super) fn tick_worst_but_one_in_a_hundred(_: usize, iterations: u64) -> Duration {
    (0..iterations).map(|_| percentile(ticks(), 99)).sum()
}

fn ticks() -> Vec<Duration> {
    let start = Instant::now();
    let late = |nth| {
        let tick = start + nth * PERIOD;
        std::thread::sleep(tick.saturating_duration_since(Instant::now()));
        tick.elapsed()
    };
    (1..=TICKS as u32).map(late).collect()
}
