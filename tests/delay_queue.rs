//! A delay queue gives each value back when its time has come, in the order of the deadlines;
//! time-outs that are methods.

#[path = "common/waking.rs"]
mod waking;

use futures::{FutureExt as _, StreamExt};
use proptest::prelude::*;
use runtime::rt::Builder;
use runtime::sync::mpsc::{self, error::SendTimeoutError};
use runtime::time::delay_queue::Key;
use runtime::time::{self, DelayQueue, Duration, FutureExt, Instant, sleep, timeout};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Context;
use waking::{Count, meddling};

fn paused<F: Future>(claim: F) -> F::Output {
    let mut builder = Builder::new_current_thread();
    builder.start_paused(true).build().unwrap().block_on(claim)
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn values_come_out_in_the_order_of_their_deadlines_and_in_time() {
    paused(async {
        let start = Instant::now();
        let mut queue = DelayQueue::new();
        for i in [5, 3, 9, 1, 7] {
            queue.insert(i, SECOND * i);
        }
        for i in [1, 3, 5, 7, 9] {
            let expired = queue.next().await.unwrap();
            assert_eq!(expired.get_ref(), &i);
            assert_eq!(expired.deadline(), start + SECOND * i);
            assert_eq!(Instant::now(), start + SECOND * i);
        }
        assert!(queue.next().await.is_none());
    });
}

#[test]
fn an_empty_queue_ends_and_goes_on_when_something_comes() {
    paused(async {
        let mut queue = DelayQueue::new();
        assert!(queue.next().await.is_none());
        queue.insert(1, SECOND);
        assert_eq!(queue.next().await.unwrap().into_inner(), 1);
        assert!(queue.next().await.is_none());
    });
}

#[test]
fn what_is_due_already_comes_at_once() {
    paused(async {
        let mut queue = DelayQueue::new();
        let past = Instant::now();
        time::advance(SECOND).await;
        queue.insert_at("past", past);
        queue.insert_at("now", Instant::now());
        queue.insert("zero", Duration::ZERO);
        let now = Instant::now();
        for _ in 0..3 {
            assert!(queue.next().now_or_never().flatten().is_some());
        }
        assert_eq!(Instant::now(), now);
    });
}

#[test]
fn a_time_that_cannot_be_said_never_comes() {
    paused(async {
        let mut queue = DelayQueue::new();
        let never = queue.insert("never", Duration::MAX);
        queue.insert("soon", SECOND);
        assert_eq!(queue.next().await.unwrap().into_inner(), "soon");
        assert!(timeout(SECOND * 86_400, queue.next()).await.is_err());
        assert_eq!(queue.remove(&never).into_inner(), "never");
    });
}

#[test]
fn who_waits_is_woken_for_an_earlier_value_and_not_for_a_later_one() {
    paused(async {
        let mut queue = DelayQueue::new();
        queue.insert(2, SECOND * 2);
        let (count, waker) = Count::new();
        let mut cx = Context::from_waker(&waker);
        assert!(queue.poll_expired(&mut cx).is_pending());
        queue.insert(3, SECOND * 3);
        assert_eq!(count.get(), 0);
        let early = queue.insert(1, SECOND);
        assert_eq!(count.get(), 1);
        assert!(queue.poll_expired(&mut cx).is_pending());
        queue.reset(&early, SECOND * 4);
        assert_eq!(count.get(), 1);
        assert!(queue.poll_expired(&mut cx).is_pending());
        queue.reset(&early, Duration::ZERO);
        assert_eq!(count.get(), 2);
        assert!(queue.poll_expired(&mut cx).is_ready());
    });
}

#[test]
fn who_waits_hears_that_the_last_value_was_removed() {
    paused(async {
        let mut queue = DelayQueue::new();
        let (count, waker) = Count::new();
        let mut cx = Context::from_waker(&waker);
        for clear in [true, false] {
            let key = queue.insert(1, SECOND);
            while queue.poll_expired(&mut cx).is_ready() {}
            let before = count.get();
            if clear {
                queue.clear();
            } else {
                queue.remove(&key);
            }
            assert_eq!(count.get(), before + 1);
            assert!(queue.poll_expired(&mut cx).is_ready(), "there is nothing");
        }
    });
}

#[test]
fn a_task_that_waits_is_woken_by_the_clock() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let task = runtime.spawn(async {
        let mut queue = DelayQueue::new();
        let start = Instant::now();
        for i in 0..20 {
            queue.insert(i, Duration::from_millis(20 - i));
        }
        let mut last = start;
        while let Some(expired) = queue.next().await {
            assert!(Instant::now() >= expired.deadline(), "never early");
            assert!(expired.deadline() >= last);
            last = expired.deadline();
        }
        last - start
    });
    assert!(runtime.block_on(task).unwrap() >= Duration::from_millis(20));
}

#[test]
fn an_old_key_finds_nothing_whatever_came_after_it() {
    let mut queue = DelayQueue::new();
    let old = queue.insert(1, SECOND);
    assert_eq!(queue.remove(&old).into_inner(), 1);
    let new = queue.insert(2, SECOND);
    assert_ne!(old, new);
    assert!(queue.try_remove(&old).is_none());
    for misuse in [
        |queue: &mut DelayQueue<i32>, key: &Key| _ = queue.remove(key),
        |queue: &mut DelayQueue<i32>, key: &Key| queue.reset(key, SECOND),
        |queue: &mut DelayQueue<i32>, key: &Key| _ = queue.deadline(key),
    ] {
        let payload = catch_unwind(AssertUnwindSafe(|| misuse(&mut queue, &old))).unwrap_err();
        let text = payload.downcast_ref::<String>().unwrap();
        assert!(text.contains("try_remove"), "{text}");
    }
    assert_eq!(queue.remove(&new).into_inner(), 2);
}

#[test]
fn keys_stay_good_when_values_are_moved_together() {
    paused(async {
        let mut queue = DelayQueue::with_capacity(64);
        let keys: Vec<Key> = (0..16).map(|i| queue.insert(i, SECOND * (i + 1))).collect();
        for i in (0..16).step_by(2) {
            queue.remove(&keys[i]);
        }
        queue.compact();
        assert_eq!((queue.len(), queue.capacity()), (8, 8));
        let new = queue.insert(99, SECOND * 99);
        queue.compact();
        queue.reset(&keys[15], Duration::ZERO);
        assert_eq!(queue.peek(), Some(keys[15]));
        assert_eq!(queue.next().await.unwrap().key(), keys[15]);
        assert!(queue.try_remove(&keys[15]).is_none());
        assert!(queue.try_remove(&keys[0]).is_none());
        assert_eq!(queue.remove(&keys[13]).into_inner(), 13);
        for i in [1, 3, 5, 7, 9, 11] {
            assert_eq!(queue.next().await.unwrap().key(), keys[i]);
        }
        assert_eq!(queue.next().await.unwrap().key(), new);
        queue.shrink_to_fit();
        queue.reserve(5);
        assert!(queue.is_empty() && queue.capacity() >= 5);
    });
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u64),
    Remove(usize),
    Reset(usize, u64),
    Advance(u64),
    Compact,
}

fn op() -> impl Strategy<Value = Op> {
    let time = prop_oneof![0..50u64, 0..10_000u64, 0..100_000_000u64];
    prop_oneof![
        6 => time.clone().prop_map(Op::Insert),
        2 => any::<usize>().prop_map(Op::Remove),
        2 => (any::<usize>(), time.clone()).prop_map(|(at, by)| Op::Reset(at, by)),
        3 => time.prop_map(Op::Advance),
        1 => Just(Op::Compact),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Against a sorted map of deadlines. Milliseconds, so that no two of them share a tick
    /// without being the same.
    #[test]
    fn the_queue_does_what_a_sorted_map_does(ops in prop::collection::vec(op(), 0..120)) {
        paused(async {
            let mut queue = DelayQueue::new();
            let mut model: BTreeMap<u64, (Key, Instant)> = BTreeMap::new();
            let mut all: Vec<(u64, Key)> = Vec::new();
            for (number, op) in (0_u64..).zip(ops) {
                match op {
                    Op::Insert(after) => {
                        let when = Instant::now() + Duration::from_millis(after);
                        let key = queue.insert_at(number, when);
                        model.insert(number, (key, when));
                        all.push((number, key));
                    }
                    Op::Remove(at) if !all.is_empty() => {
                        let (number, key) = all[at % all.len()];
                        let removed = queue.try_remove(&key).map(|one| one.into_inner());
                        assert_eq!(removed, model.remove(&number).map(|_| number));
                    }
                    Op::Reset(at, after) if !all.is_empty() => {
                        let (number, key) = all[at % all.len()];
                        let when = Instant::now() + Duration::from_millis(after);
                        if let Some(entry) = model.get_mut(&number) {
                            queue.reset_at(&key, when);
                            entry.1 = when;
                        }
                    }
                    Op::Advance(by) => time::advance(Duration::from_millis(by)).await,
                    Op::Compact => queue.compact(),
                    _ => {}
                }
                let now = Instant::now();
                while let Some(Some(expired)) = queue.next().now_or_never() {
                    let (key, when) = model.remove(expired.get_ref()).unwrap();
                    assert_eq!((expired.key(), expired.deadline()), (key, when));
                    assert!(when <= now);
                }
                assert!(model.values().all(|(_, when)| *when > now), "nothing is kept back");
                assert_eq!(queue.len(), model.len());
                let first = model.values().map(|(_, when)| *when).min();
                assert_eq!(queue.peek().map(|key| queue.deadline(&key)), first);
            }
        });
    }
}

#[test]
fn values_and_wakers_are_dropped_when_the_queue_is_whole() {
    struct Looks;
    impl Drop for Looks {
        fn drop(&mut self) {}
    }
    paused(async {
        let mut queue = DelayQueue::new();
        (0..3).for_each(|_| _ = queue.insert(Looks, SECOND));
        let waker = meddling(|| {});
        assert!(
            queue
                .poll_expired(&mut Context::from_waker(&waker))
                .is_pending()
        );
        queue.clear();
        assert!(queue.is_empty());
        queue.insert(Looks, SECOND);
        assert!(queue.next().await.is_some());
    });
}

#[test]
fn outside_of_a_runtime_a_queue_can_be_filled_but_not_waited_for() {
    let mut queue = DelayQueue::new();
    queue.insert(1, SECOND);
    let wait = || futures::executor::block_on(queue.next());
    let payload = catch_unwind(AssertUnwindSafe(wait)).err().unwrap();
    let text = payload.downcast_ref::<String>().unwrap();
    assert!(text.contains("runtime"), "{text}");
}

#[test]
fn time_outs_are_methods_of_futures() {
    paused(async {
        let start = Instant::now();
        assert!(sleep(SECOND * 2).timeout(SECOND).await.is_err());
        assert_eq!(start.elapsed(), SECOND);
        assert_eq!(async { 1 }.timeout_at(start).await, Ok(1), "polled first");
        assert!(sleep(SECOND).timeout_at(start).await.is_err());
    });
}

#[test]
fn send_timeout_gives_the_value_back_and_the_place_up() {
    paused(async {
        let (tx, mut rx) = mpsc::channel(1);
        assert_eq!(tx.send_timeout(1, SECOND).await, Ok(()));
        let start = Instant::now();
        let error = tx.send_timeout(2, SECOND).await.unwrap_err();
        assert_eq!(error, SendTimeoutError::Timeout(2));
        assert_eq!(start.elapsed(), SECOND);
        let mut waits = pin!(tx.send_timeout(3, SECOND));
        assert!(waits.as_mut().now_or_never().is_none());
        assert_eq!(rx.recv().await, Some(1));
        assert_eq!(waits.await, Ok(()));
        assert_eq!(rx.recv().await, Some(3));
        drop(rx);
        let error = tx.send_timeout(4, SECOND).await.unwrap_err();
        assert_eq!(error.into_inner(), 4);
        assert!(matches!(
            tx.send_timeout(5, Duration::ZERO).await,
            Err(SendTimeoutError::Closed(5))
        ));
    });
}

#[test]
fn poll_expired_is_the_stream() {
    paused(async {
        let mut queue = DelayQueue::new();
        queue.insert(1, SECOND);
        let expired = poll_fn(|cx| queue.poll_expired(cx)).await.unwrap();
        assert_eq!(expired.into_inner(), 1);
        assert!(poll_fn(|cx| queue.poll_expired(cx)).await.is_none());
    });
}
