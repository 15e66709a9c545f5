//! Models of the watch channel: changes, the end, and those who leave.

use super::*;
use crate::base::sync::thread;
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

/// Broken on purpose by a `join` that looks at the version before it sets WAITING, in two
/// operations: a change in between wakes nobody, and loom reports the deadlock.
#[test]
fn a_change_while_one_joins_the_line_is_not_missed() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let other = spawn(move || {
            tx.send(1).expect("a receiver");
            tx
        });
        block_on(rx.changed()).expect("a sender");
        assert_eq!(*rx.borrow(), 1);
        assert_eq!(rx.has_changed(), Ok(false));
        drop(other.join().expect("no panic"));
    });
}

/// Broken on purpose by a `join` that asks for the word before it takes the line's lock: the
/// change in between empties the line first, and loom reports the deadlock.
#[test]
fn a_change_while_one_joins_a_line_that_is_not_empty_is_not_missed() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let mut first = rx.clone();
        let mut waits = pin!(first.changed());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(waits.as_mut().poll(&mut cx).is_pending());
        let sender = spawn(move || tx.send(1).is_ok());
        assert!(block_on(rx.changed()).is_ok());
        assert!(sender.join().expect("no panic"));
    });
}

#[test]
fn the_last_value_is_seen_before_the_end() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let other = tx.clone();
        let other = spawn(move || other.send(1).is_ok());
        drop(tx);
        assert!(block_on(rx.changed()).is_ok());
        assert_eq!(*rx.borrow(), 1);
        assert!(block_on(rx.changed()).is_err());
        other.join().expect("no panic");
    });
}

#[test]
fn two_who_wait_are_both_woken_although_a_third_leaves() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let mut second = rx.clone();
        let mut third = rx.clone();
        {
            let mut waits = pin!(third.changed());
            let mut cx = Context::from_waker(Waker::noop());
            assert!(waits.as_mut().poll(&mut cx).is_pending());
        }
        let second = spawn(move || block_on(second.changed()).is_ok());
        let sender = spawn(move || tx.send(1).is_ok());
        assert!(block_on(rx.changed()).is_ok());
        assert!(second.join().expect("no panic"));
        sender.join().expect("no panic");
    });
}

#[test]
fn a_version_that_is_seen_is_that_of_the_value_that_was_looked_at() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let other = spawn(move || {
            tx.send_modify(|value| *value += 1);
            tx
        });
        let looked = *rx.borrow_and_update();
        let tx = other.join().expect("no panic");
        assert_eq!(rx.has_changed(), Ok(looked == 0));
        drop(tx);
    });
}

#[test]
fn one_who_waits_for_a_condition_gets_it_or_the_end() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let other = spawn(move || (1..3).all(|i| tx.send(i).is_ok()));
        assert_eq!(
            *block_on(rx.wait_for(|value| *value == 2)).expect("sent"),
            2
        );
        assert!(block_on(rx.wait_for(|value| *value == 3)).is_err());
        other.join().expect("no panic");
    });
}

#[test]
fn whoever_waits_for_the_last_receiver_to_go_hears_of_it() {
    model(|| {
        let (tx, rx) = channel(0);
        let second = rx.clone();
        let first = spawn(move || drop(rx));
        let second = spawn(move || drop(second));
        block_on(tx.closed());
        assert!(tx.is_closed());
        first.join().expect("no panic");
        second.join().expect("no panic");
    });
}
