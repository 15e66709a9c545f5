//! Models of the permits: giving back against waiting against leaving.

use super::*;
use crate::base::sync::{Arc, thread};
use loom::future::block_on;
use std::pin::Pin;

fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

fn acquire(permits: &Permits, count: usize) -> Acquire<'_> {
    permits.acquire(count, Kind::Semaphore, Location::caller())
}

fn poll_once(acquire: &mut Acquire<'_>) -> Poll<Result<(), Closed>> {
    Pin::new(acquire).poll(&mut Context::from_waker(Waker::noop()))
}

/// Broken on purpose by a `join` that does not look at the word again under the lock: a
/// permit that was given back in between is missed, and loom reports the deadlock.
#[test]
fn a_permit_that_is_given_back_while_one_joins_the_line_is_not_missed() {
    model(|| {
        let permits = Arc::new(Permits::new(0));
        let theirs = permits.clone();
        let other = spawn(move || theirs.release(1));
        assert!(block_on(acquire(&permits, 1)).is_ok());
        other.join().expect("no panic");
        assert_eq!(permits.available(), 0);
    });
}

#[test]
fn a_large_request_is_filled_by_two_who_give_back() {
    model(|| {
        let permits = Arc::new(Permits::new(0));
        let one = permits.clone();
        let two = permits.clone();
        let one = spawn(move || one.release(1));
        let two = spawn(move || two.release(2));
        assert!(block_on(acquire(&permits, 3)).is_ok());
        one.join().expect("no panic");
        two.join().expect("no panic");
        assert_eq!(permits.available(), 0);
    });
}

/// Broken on purpose by a `leave` that gives nothing back when the waiter is found to be
/// granted: loom reports the deadlock of the next one.
#[test]
fn a_permit_that_is_granted_to_one_who_leaves_is_not_lost() {
    model(|| {
        let permits = Arc::new(Permits::new(0));
        let mut first = acquire(&permits, 1);
        assert!(poll_once(&mut first).is_pending());
        let theirs = permits.clone();
        let other = spawn(move || theirs.release(1));
        drop(first);
        assert!(block_on(acquire(&permits, 1)).is_ok());
        other.join().expect("no panic");
    });
}

#[test]
fn what_the_first_had_already_goes_to_the_second_when_it_leaves() {
    model(|| {
        let permits = Arc::new(Permits::new(1));
        let theirs = permits.clone();
        let other = spawn(move || {
            let mut large = acquire(&theirs, 3);
            let _ = poll_once(&mut large);
            theirs.release(1);
        });
        assert!(block_on(acquire(&permits, 1)).is_ok());
        other.join().expect("no panic");
        assert_eq!(permits.available(), 1);
    });
}

#[test]
fn close_against_giving_back_leaves_each_permit_in_one_place() {
    model(|| {
        let permits = Arc::new(Permits::new(0));
        let one = permits.clone();
        let two = permits.clone();
        let one = spawn(move || one.close());
        let two = spawn(move || two.release(1));
        let got = block_on(acquire(&permits, 1)).is_ok();
        one.join().expect("no panic");
        two.join().expect("no panic");
        assert_eq!(permits.available(), usize::from(!got));
    });
}

#[test]
fn a_waker_that_is_replaced_while_the_permit_is_granted_is_woken_or_sees_it() {
    model(|| {
        let permits = Arc::new(Permits::new(0));
        let mut wait = acquire(&permits, 1);
        assert!(poll_once(&mut wait).is_pending());
        let theirs = permits.clone();
        let other = spawn(move || theirs.release(1));
        assert!(block_on(wait).is_ok());
        other.join().expect("no panic");
    });
}

#[test]
fn who_learns_without_the_lock_that_a_permit_is_its_own_sees_what_the_holder_did() {
    model(|| {
        let permits = Arc::new(Permits::new(0));
        let done = Arc::new(AtomicUsize::new(0));
        let mut wait = acquire(&permits, 1);
        assert!(poll_once(&mut wait).is_pending());
        let (theirs, doing) = (permits.clone(), done.clone());
        let other = spawn(move || {
            doing.store(1, Ordering::Relaxed);
            theirs.release(1);
        });
        if poll_once(&mut wait).is_ready() {
            assert_eq!(done.load(Ordering::Relaxed), 1);
        }
        other.join().expect("no panic");
    });
}

#[test]
fn of_two_in_line_each_gets_one_permit_and_the_next_finds_the_line_empty() {
    model(|| {
        let permits = Arc::new(Permits::new(0));
        let theirs = permits.clone();
        let other = spawn(move || {
            assert!(block_on(acquire(&theirs, 1)).is_ok());
            theirs.release(1);
        });
        let mut wait = acquire(&permits, 1);
        let _ = poll_once(&mut wait);
        permits.release(1);
        assert!(block_on(wait).is_ok());
        permits.release(1);
        other.join().expect("no panic");
        assert_eq!(permits.available(), 1);
        assert!(permits.try_acquire(1).is_ok());
    });
}
