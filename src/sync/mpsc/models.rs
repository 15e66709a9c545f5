//! Models of the channel: slots, values, closing and leaving.

use super::error::TryRecvError;
use super::*;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::sync::{Arc, thread};
use loom::future::block_on;
use std::pin::pin;
use std::task::{Context, Waker};

fn spawn<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> thread::JoinHandle<R> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(f);
}

#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Polls a future once and drops it.
fn poll_and_leave(future: impl Future) {
    let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn two_senders_and_the_end_are_all_received() {
    model(|| {
        let (tx, mut rx) = unbounded_channel();
        let other = tx.clone();
        let other = spawn(move || other.send(1).is_ok());
        tx.send(2).expect("not closed");
        drop(tx);
        let mut sum = 0;
        while let Some(value) = block_on(rx.recv()) {
            sum += value;
        }
        assert_eq!(sum, 3);
        assert!(other.join().expect("no panic"));
    });
}

/// Broken on purpose by a `join` that announces the line with two operations, first
/// fetching the freed slots and then setting WAITING: a slot that is freed in between
/// wakes nobody, and loom reports the deadlock.
#[test]
fn a_slot_that_is_freed_from_the_own_queue_while_one_joins_the_line_is_not_missed() {
    model(|| {
        let (tx, mut rx) = channel(2);
        tx.try_send(0).expect("free");
        tx.try_send(1).expect("free");
        // The second value is in the receiver's own queue now, its slot not freed.
        assert_eq!(rx.try_recv(), Ok(0));
        tx.try_send(2).expect("free");
        let other = spawn(move || {
            assert_eq!(rx.try_recv(), Ok(1));
            rx
        });
        block_on(tx.send(3)).expect("not closed");
        let mut rx = other.join().expect("no panic");
        assert_eq!(rx.try_recv(), Ok(2));
        assert_eq!(rx.try_recv(), Ok(3));
        assert_eq!(tx.capacity(), 2);
    });
}

#[test]
fn a_full_channel_lets_both_sides_through() {
    model(|| {
        let (tx, mut rx) = channel(1);
        let other = spawn(move || {
            block_on(tx.send(1)).expect("not closed");
            block_on(tx.send(2)).expect("not closed");
        });
        assert_eq!(block_on(rx.recv()), Some(1));
        assert_eq!(block_on(rx.recv()), Some(2));
        assert_eq!(block_on(rx.recv()), None);
        other.join().expect("no panic");
    });
}

/// Broken on purpose by a `leave` that does not put back what it was granted: loom reports
/// the deadlock of the next sender.
#[test]
fn a_slot_that_is_granted_to_one_who_leaves_is_not_lost() {
    model(|| {
        let (tx, mut rx) = channel(1);
        tx.try_send(1).expect("free");
        let leaves = tx.clone();
        let other = spawn(move || poll_and_leave(leaves.reserve()));
        assert_eq!(rx.try_recv(), Ok(1));
        block_on(tx.send(2)).expect("not closed");
        other.join().expect("no panic");
        assert_eq!(rx.try_recv(), Ok(2));
        assert_eq!(tx.capacity(), 1);
    });
}

#[test]
fn a_value_is_dropped_once_when_send_meets_the_end_of_the_receiver() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = channel(1);
        let value = Counted(drops.clone());
        let other = spawn(move || drop(tx.try_send(value)));
        drop(rx);
        other.join().expect("no panic");
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_closed_channel_ends_only_after_the_last_permit() {
    model(|| {
        let (tx, mut rx) = channel(1);
        let other = spawn(move || match tx.try_reserve() {
            Ok(permit) => {
                permit.send(1);
                true
            }
            Err(_) => false,
        });
        rx.close();
        let received = block_on(rx.recv());
        assert_eq!(received.is_some(), other.join().expect("no panic"));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    });
}

#[test]
fn a_permit_that_is_dropped_ends_a_closed_channel() {
    model(|| {
        let (tx, mut rx) = channel::<i32>(1);
        let permit = tx.try_reserve_owned().expect("free");
        rx.close();
        let other = spawn(move || drop(permit.release()));
        assert_eq!(block_on(rx.recv()), None);
        other.join().expect("no panic");
    });
}

#[test]
fn close_refuses_or_grants_a_sender_in_line_but_never_forgets_it() {
    model(|| {
        let (tx, mut rx) = channel(1);
        tx.try_send(1).expect("free");
        let other = spawn(move || {
            let first = rx.try_recv();
            rx.close();
            (first, rx)
        });
        let sent = block_on(tx.send(2)).is_ok();
        let (first, mut rx) = other.join().expect("no panic");
        assert_eq!(first, Ok(1));
        assert_eq!(rx.try_recv().is_ok(), sent);
    });
}

#[test]
fn a_weak_sender_does_not_come_back_after_the_end() {
    model(|| {
        let (tx, mut rx) = unbounded_channel();
        let weak = tx.downgrade();
        let other = spawn(move || match weak.upgrade() {
            Some(tx) => tx.send(1).is_ok(),
            None => false,
        });
        drop(tx);
        let received = block_on(rx.recv());
        assert_eq!(received.is_some(), other.join().expect("no panic"));
    });
}

#[test]
fn whoever_waits_for_the_close_hears_of_it() {
    model(|| {
        let (tx, rx) = channel::<i32>(1);
        let other = spawn(move || drop(rx));
        block_on(tx.closed());
        assert!(tx.is_closed());
        other.join().expect("no panic");
    });
}
