//! Promises of the barrier: nobody goes on early, everybody goes on, one leads.

#[path = "common/waking.rs"]
mod waking;

use runtime::sync::{Barrier, BarrierWaitResult};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use waking::{Count, Panics, meddling, poll, poll_with};

#[test]
fn nobody_goes_on_before_the_last_has_come_and_the_last_leads() {
    let barrier = Barrier::new(3);
    for _ in 0..3 {
        let (count, waker) = Count::new();
        let mut first = Box::pin(barrier.wait());
        let mut second = Box::pin(barrier.wait());
        let mut third = Box::pin(barrier.wait());
        assert!(poll_with(first.as_mut(), &waker).is_pending());
        assert!(poll_with(second.as_mut(), &waker).is_pending());
        assert!(poll_with(first.as_mut(), &waker).is_pending());
        assert_eq!(leads(poll(third.as_mut())), Some(true));
        assert_eq!(count.get(), 2);
        assert_eq!(leads(poll(first.as_mut())), Some(false));
        assert_eq!(leads(poll(second.as_mut())), Some(false));
    }
}

fn leads(result: Poll<BarrierWaitResult>) -> Option<bool> {
    match result {
        Poll::Ready(result) => Some(result.is_leader()),
        Poll::Pending => None,
    }
}

#[test]
fn one_who_was_let_go_needs_nobody_of_the_next_round() {
    let barrier = Barrier::new(2);
    let mut slow = Box::pin(barrier.wait());
    assert!(poll(slow.as_mut()).is_pending());
    assert!(poll(pin!(barrier.wait())).is_ready());
    let mut next = Box::pin(barrier.wait());
    assert!(poll(next.as_mut()).is_pending());
    assert!(poll(slow.as_mut()).is_ready());
    assert!(poll(next.as_mut()).is_pending());
}

#[test]
fn one_who_has_come_and_is_dropped_stays_counted() {
    let barrier = Barrier::new(2);
    {
        let mut leaves = pin!(barrier.wait());
        assert!(poll(leaves.as_mut()).is_pending());
    }
    drop(barrier.wait());
    assert!(poll(pin!(barrier.wait())).is_ready());
    assert!(poll(pin!(barrier.wait())).is_pending());
}

#[test]
fn rounds_of_tasks_stay_together() {
    const TASKS: usize = 8;
    const ROUNDS: usize = 100;
    runtime::rt::Runtime::new().unwrap().block_on(async {
        let shared = Arc::new((Barrier::new(TASKS), AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let shared = shared.clone();
                runtime::spawn(async move {
                    let mut led = 0;
                    for round in 1..=ROUNDS {
                        shared.1.fetch_add(1, Ordering::Relaxed);
                        led += usize::from(shared.0.wait().await.is_leader());
                        assert!(shared.1.load(Ordering::Relaxed) >= round * TASKS);
                    }
                    led
                })
            })
            .collect();
        let mut led = 0;
        for task in tasks {
            led += task.await.unwrap();
        }
        assert_eq!(led, ROUNDS);
    });
}

#[test]
fn a_waker_that_panics_does_not_keep_the_others() {
    let barrier = Barrier::new(3);
    let (count, waker) = Count::new();
    let mut first = Box::pin(barrier.wait());
    let mut second = Box::pin(barrier.wait());
    assert!(poll_with(first.as_mut(), &Arc::new(Panics).into()).is_pending());
    assert!(poll_with(second.as_mut(), &waker).is_pending());
    let last = std::panic::AssertUnwindSafe(|| poll(pin!(barrier.wait())).is_ready());
    assert!(std::panic::catch_unwind(last).is_err());
    assert_eq!(count.get(), 1);
    assert!(poll(first.as_mut()).is_ready() && poll(second.as_mut()).is_ready());
}

#[test]
fn a_waker_may_use_the_barrier_while_it_is_cloned_woken_and_dropped() {
    let barrier = Arc::new(Barrier::new(1000));
    let theirs = barrier.clone();
    let waker = meddling(move || {
        let _ = poll(pin!(theirs.wait()));
    });
    let mut wait = Box::pin(barrier.wait());
    assert!(poll_with(wait.as_mut(), &waker).is_pending());
    assert!(poll(wait.as_mut()).is_pending());
}
