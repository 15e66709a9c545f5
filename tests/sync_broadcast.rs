//! Promises of the broadcast channel: who receives what, what is kept, what is missed, and
//! that nothing of a user's runs where it must not.

#[path = "common/panicking.rs"]
mod panicking;
#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use panicking::panic_of;
use runtime::rt::Runtime;
use runtime::sync::broadcast::{self, error::*};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;
use waking::{Count, Panics, meddling, poll, poll_with};

#[test]
fn three_receivers_get_all_that_two_senders_send_in_each_ones_order() {
    let (tx, rx) = broadcast::channel(10_000);
    let receivers: Vec<_> = (0..3)
        .map(|_| {
            let mut rx = rx.resubscribe();
            thread::spawn(move || {
                let mut next = [0; 2];
                loop {
                    match block_on(rx.recv()) {
                        Ok((sender, i)) => {
                            let sender: usize = sender;
                            assert_eq!(next[sender], i);
                            next[sender] += 1;
                        }
                        Err(RecvError::Closed) => return next,
                        Err(RecvError::Lagged(_)) => panic!("there is room for all"),
                    }
                }
            })
        })
        .collect();
    let senders: Vec<_> = (0..2)
        .map(|sender| {
            let tx = tx.clone();
            thread::spawn(move || (0..4000).for_each(|i| assert!(tx.send((sender, i)).is_ok())))
        })
        .collect();
    drop((tx, rx));
    for sender in senders {
        sender.join().unwrap();
    }
    for receiver in receivers {
        assert_eq!(receiver.join().unwrap(), [4000, 4000]);
    }
}

#[test]
fn a_receiver_that_is_too_slow_is_told_how_many_it_has_missed_and_misses_no_more() {
    let (tx, mut rx) = broadcast::channel(4);
    let sender = thread::spawn(move || (0..50_000u64).for_each(|i| assert!(tx.send(i).is_ok())));
    let mut next = 0;
    loop {
        match rx.blocking_recv() {
            Ok(i) => {
                assert_eq!(i, next);
                next += 1;
            }
            Err(RecvError::Lagged(missed)) => next += missed,
            Err(RecvError::Closed) => break,
        }
    }
    assert_eq!(next, 50_000);
    sender.join().unwrap();
}

#[test]
fn the_capacity_is_rounded_up_to_a_power_of_two() {
    for (asked, kept) in [(1, 1), (2, 2), (3, 4), (5, 8), (16, 16)] {
        let (tx, mut rx) = broadcast::channel(asked);
        (0..20).for_each(|i| assert_eq!(tx.send(i).unwrap(), 1));
        assert_eq!(tx.len(), kept);
        assert_eq!(rx.len(), 20);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(20 - kept as u64)));
        assert_eq!(rx.len(), kept);
        assert_eq!(rx.try_recv(), Ok(20 - kept));
    }
}

#[test]
fn a_capacity_of_none_or_too_many_panics_at_the_callers_line() {
    for capacity in [0, usize::MAX] {
        let panic = panic_of(|| broadcast::channel::<u8>(capacity));
        assert!(panic.contains("make `capacity`"), "{panic}");
    }
}

#[test]
fn what_was_sent_is_received_before_the_end_also_by_one_who_comes_late() {
    let (tx, mut rx) = broadcast::channel(4);
    tx.send(1).unwrap();
    let mut late = rx.resubscribe();
    tx.send(2).unwrap();
    drop(tx);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(block_on(late.recv()), Ok(2));
    assert_eq!(block_on(late.recv()), Err(RecvError::Closed));
    let mut after_the_end = rx.resubscribe();
    assert!(after_the_end.is_closed());
    assert_eq!(block_on(after_the_end.recv()), Err(RecvError::Closed));
}

#[test]
fn a_channel_whose_receivers_went_goes_on_with_new_ones() {
    let (tx, rx) = broadcast::channel(4);
    let (woken, waker) = Count::new();
    let mut closed = pin!(tx.closed());
    assert!(poll_with(closed.as_mut(), &waker).is_pending());
    drop(rx);
    assert_eq!(woken.get(), 1);
    assert_eq!(tx.send(1).unwrap_err().0, 1);
    let mut rx = tx.subscribe();
    assert!(
        poll_with(closed.as_mut(), &waker).is_pending(),
        "one came in time"
    );
    tx.send(2).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
    drop(rx);
    assert!(poll(closed.as_mut()).is_ready());
}

/// Counts clones and drops.
struct Tracked(Arc<[AtomicUsize; 2]>);

impl Clone for Tracked {
    fn clone(&self) -> Self {
        self.0[0].fetch_add(1, Ordering::Relaxed);
        Tracked(self.0.clone())
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.0[1].fetch_add(1, Ordering::Relaxed);
    }
}

fn tracked() -> (Arc<[AtomicUsize; 2]>, Tracked) {
    let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    (counts.clone(), Tracked(counts))
}

fn counts(counts: &[AtomicUsize; 2]) -> (usize, usize) {
    let [clones, drops] = counts;
    (
        clones.load(Ordering::Relaxed),
        drops.load(Ordering::Relaxed),
    )
}

#[test]
fn the_last_receiver_gets_the_value_itself() {
    let (count, value) = tracked();
    let (tx, mut rx) = broadcast::channel(4);
    let mut other = tx.subscribe();
    assert!(tx.send(value).is_ok());
    drop(rx.try_recv());
    assert_eq!(counts(&count), (1, 1));
    drop(other.try_recv());
    assert_eq!(counts(&count), (1, 2));
    assert!(tx.is_empty());
}

#[test]
fn a_value_goes_when_the_last_one_who_has_not_had_it_goes() {
    let (count, value) = tracked();
    let (tx, mut rx) = broadcast::channel(4);
    let other = tx.subscribe();
    assert!(tx.send(value).is_ok());
    drop(rx.try_recv());
    drop(other);
    assert_eq!(counts(&count), (1, 2));
    assert!(tx.is_empty());
    let (count, value) = tracked();
    assert!(tx.send(value).is_ok());
    drop(tx);
    assert_eq!(counts(&count), (0, 0), "it can be received");
    drop(rx);
    assert_eq!(counts(&count), (0, 1));
}

#[test]
fn a_value_that_is_overwritten_is_dropped_at_once_and_once() {
    let (count, value) = tracked();
    let (tx, rx) = broadcast::channel(1);
    assert!(tx.send(value).is_ok());
    assert!(tx.send(tracked().1).is_ok());
    assert_eq!(counts(&count), (0, 1));
    drop((tx, rx));
    assert_eq!(counts(&count), (0, 1));
}

/// A value that may be sent and not shared: its clone notices another clone at the same time.
struct Alone(Cell<u32>);

impl Clone for Alone {
    fn clone(&self) -> Self {
        let before = self.0.replace(u32::MAX);
        assert_ne!(before, u32::MAX, "two threads clone it at once");
        thread::yield_now();
        self.0.set(before + 1);
        Alone(Cell::new(0))
    }
}

#[test]
fn a_value_that_is_not_sync_is_cloned_by_one_at_a_time() {
    let (tx, rx) = broadcast::channel(1000);
    let receivers: Vec<_> = (0..4)
        .map(|_| {
            let mut rx = rx.resubscribe();
            thread::spawn(move || {
                let mut received = 0;
                while rx.blocking_recv().is_ok() {
                    received += 1;
                }
                received
            })
        })
        .collect();
    for _ in 0..1000 {
        assert!(tx.send(Alone(Cell::new(0))).is_ok());
    }
    drop(tx);
    for receiver in receivers {
        assert_eq!(receiver.join().unwrap(), 1000);
    }
    drop(rx);
}

/// Panics when it is cloned.
struct Unclonable;

impl Clone for Unclonable {
    fn clone(&self) -> Self {
        panic!("this clone panics");
    }
}

#[test]
fn a_clone_that_panics_counts_as_received_and_leaves_the_channel_usable() {
    let (tx, mut rx) = broadcast::channel(2);
    let mut other = tx.subscribe();
    tx.send(Unclonable).ok().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx.try_recv()))).is_err());
    assert!(matches!(rx.try_recv(), Err(TryRecvError::Empty)));
    assert!(other.try_recv().is_ok(), "the last one needs no clone");
    assert!(tx.is_empty());
    drop(other);
    tx.send(Unclonable).ok().unwrap();
    assert!(rx.try_recv().is_ok());
}

#[test]
fn a_value_whose_drop_uses_the_channel_is_dropped_without_a_lock() {
    #[derive(Clone)]
    struct Sends(Option<broadcast::Sender<Sends>>);
    impl Drop for Sends {
        fn drop(&mut self) {
            if let Some(tx) = self.0.take() {
                drop(tx.send(Sends(None)));
                assert!(tx.len() <= 1);
            }
        }
    }
    let (tx, rx) = broadcast::channel(1);
    assert!(tx.send(Sends(Some(tx.clone()))).is_ok());
    assert!(tx.send(Sends(Some(tx.clone()))).is_ok());
    drop(rx);
}

#[test]
fn a_receive_that_is_dropped_leaves_the_line_and_loses_nothing() {
    let (tx, mut rx) = broadcast::channel(4);
    let (woken, waker) = Count::new();
    {
        let mut wait = pin!(rx.recv());
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    tx.send(1).unwrap();
    assert_eq!(woken.get(), 0);
    {
        let mut wait = pin!(rx.recv());
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(1)));
    }
    {
        let mut wait = pin!(rx.recv());
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
        tx.send(2).unwrap();
        assert_eq!(woken.get(), 1);
    }
    assert_eq!(rx.try_recv(), Ok(2), "it was not taken by the one who went");
}

#[test]
fn a_thousand_who_wait_are_woken_once_for_a_value_and_once_for_the_end() {
    let (tx, rx) = broadcast::channel(4);
    let mut receivers: Vec<_> = (0..1000).map(|_| rx.resubscribe()).collect();
    let (woken, waker) = Count::new();
    let mut waits: Vec<_> = receivers.iter_mut().map(|rx| Box::pin(rx.recv())).collect();
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    assert_eq!(tx.send(1).unwrap(), 1001);
    assert_eq!(woken.get(), 1000);
    for wait in &mut waits {
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(1)));
    }
    drop(waits);
    let mut waits: Vec<_> = receivers.iter_mut().map(|rx| Box::pin(rx.recv())).collect();
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    drop(tx);
    assert_eq!(woken.get(), 2000);
}

#[test]
fn only_the_newest_waker_of_a_receive_is_woken() {
    let (tx, mut rx) = broadcast::channel(4);
    let (old, old_waker) = Count::new();
    let (new, new_waker) = Count::new();
    let mut wait = pin!(rx.recv());
    assert!(poll_with(wait.as_mut(), &old_waker).is_pending());
    assert!(poll_with(wait.as_mut(), &new_waker).is_pending());
    tx.send(1).unwrap();
    assert_eq!((old.get(), new.get()), (0, 1));
    assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(1)));
}

#[test]
fn a_waker_that_panics_does_not_take_the_others_along() {
    let (tx, mut rx) = broadcast::channel(4);
    let mut other = tx.subscribe();
    let mut bad = Box::pin(rx.recv());
    let mut good = Box::pin(other.recv());
    let (woken, waker) = Count::new();
    assert!(poll_with(bad.as_mut(), &Waker::from(Arc::new(Panics))).is_pending());
    assert!(poll_with(good.as_mut(), &waker).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(tx.send(1)))).is_err());
    assert_eq!(woken.get(), 1);
    assert_eq!(poll(good.as_mut()), Poll::Ready(Ok(1)));
    assert_eq!(poll(bad.as_mut()), Poll::Ready(Ok(1)));
}

#[test]
fn wakers_are_cloned_woken_and_dropped_with_no_lock_held() {
    let (tx, mut rx) = broadcast::channel(4);
    let (inside, other) = (tx.clone(), tx.subscribe());
    let waker = meddling(move || {
        let _ = (inside.len(), inside.receiver_count(), other.len());
    });
    for _ in 0..2 {
        let mut wait = pin!(rx.recv());
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
        assert!(poll_with(wait.as_mut(), &waker.clone()).is_pending());
        assert!(poll(wait.as_mut()).is_pending());
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
        tx.send(1).unwrap();
        assert!(poll(wait.as_mut()).is_ready());
    }
    let mut closed = pin!(tx.closed());
    assert!(poll_with(closed.as_mut(), &waker).is_pending());
    drop(rx);
}

#[test]
fn a_weak_sender_does_not_hold_up_the_end() {
    let (tx, mut rx) = broadcast::channel(4);
    let weak = tx.downgrade();
    assert_eq!((rx.sender_strong_count(), rx.sender_weak_count()), (1, 1));
    let strong = weak.upgrade().unwrap();
    assert!(strong.same_channel(&tx));
    drop((tx, strong));
    assert_eq!(rx.try_recv(), Err::<i32, _>(TryRecvError::Closed));
    assert!(weak.clone().upgrade().is_none());
    assert_eq!((weak.strong_count(), weak.weak_count()), (0, 1));
}

#[test]
fn an_always_full_channel_does_not_hold_up_a_timeout() {
    Runtime::new().unwrap().block_on(async {
        let (tx, mut rx) = broadcast::channel(2);
        let endless = async {
            loop {
                tx.send(1).unwrap();
                rx.recv().await.unwrap();
            }
        };
        let outcome = runtime::time::timeout(Duration::from_millis(2), endless).await;
        assert!(outcome.is_err());
    });
}

#[test]
fn blocking_in_async_code_panics_at_the_callers_line() {
    let (_tx, mut rx) = broadcast::channel::<i32>(2);
    let runtime = Runtime::new().unwrap();
    let panic = panic_of(|| runtime.block_on(async { rx.blocking_recv() }));
    assert!(
        panic.contains("broadcast::Receiver::blocking_recv"),
        "{panic}"
    );
}

/// A waker that looks at the channel when it is woken.
struct Looks(broadcast::Sender<PanicsAtTheEnd>, AtomicUsize);

#[derive(Clone)]
struct PanicsAtTheEnd(bool);

impl Drop for PanicsAtTheEnd {
    fn drop(&mut self) {
        if std::mem::take(&mut self.0) {
            panic!("this drop panics");
        }
    }
}

impl std::task::Wake for Looks {
    fn wake(self: Arc<Self>) {
        assert_eq!((self.0.receiver_count(), self.0.len()), (0, 0));
        assert!(self.0.send(PanicsAtTheEnd(false)).is_err());
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn who_waits_for_the_last_receiver_to_go_finds_the_channel_empty() {
    for panics in [false, true] {
        let (tx, rx) = broadcast::channel(1);
        tx.send(PanicsAtTheEnd(panics)).ok().unwrap();
        let looks = Arc::new(Looks(tx.clone(), AtomicUsize::new(0)));
        let mut closed = pin!(tx.closed());
        let waker = Waker::from(looks.clone());
        assert!(poll_with(closed.as_mut(), &waker).is_pending());
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(rx)));
        assert_eq!(dropped.is_err(), panics);
        assert_eq!(
            looks.1.load(Ordering::Relaxed),
            1,
            "it is woken, panic or not"
        );
    }
}
