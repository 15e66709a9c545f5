//! Models of the two sides: sending, closing, receiving, and dropping either. Each of them says
//! as well that the channel is freed, and once: its memory comes from the switch's `heap`.
//!
//! Broken on purpose, in `chan::Tx::end_with_more` by leaving out the look at RX_GONE, or in
//! `chan::Rx::go` that at TX_GONE: loom reports memory that is leaked. In `chan::Rx::leave` by
//! setting RX_GONE before the wakers are taken: it reports the race for a cell with who frees it.

use super::*;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::sync::{Arc, thread};
use loom::future::block_on;
use std::task::Waker;

fn spawn<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> thread::JoinHandle<R> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

/// Counts how often it is dropped.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Broken on purpose, in `Chan::set` by `Relaxed` or in `chan::wait` by overlooking what `set`
/// says that was there before: loom reports the race for the cell, or the deadlock.
#[test]
fn a_value_that_is_sent_while_the_receiver_goes_to_sleep_is_received() {
    loom::model(|| {
        let (tx, rx) = channel();
        let other = spawn(move || tx.send(3));
        assert_eq!(block_on(rx), Ok(3));
        assert_eq!(other.join().expect("no panic"), Ok(()));
    });
}

#[test]
fn a_dropped_sender_ends_the_wait() {
    loom::model(|| {
        let (tx, rx) = channel::<i32>();
        let other = spawn(move || drop(tx));
        assert!(block_on(rx).is_err());
        other.join().expect("no panic");
    });
}

#[test]
fn a_value_is_dropped_once_whoever_goes_first() {
    loom::model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = channel();
        let value = Counted(drops.clone());
        let other = spawn(move || drop(tx.send(value)));
        drop(rx);
        other.join().expect("no panic");
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn close_against_send_gives_the_value_to_exactly_one_side() {
    loom::model(|| {
        let (tx, mut rx) = channel();
        let other = spawn(move || tx.send(3));
        rx.close();
        let received = rx.try_recv();
        let sent = other.join().expect("no panic");
        assert_eq!(sent.is_ok(), received.is_ok());
    });
}

#[test]
fn a_sender_that_waits_for_the_end_hears_of_it() {
    loom::model(|| {
        let (mut tx, rx) = channel::<i32>();
        let other = spawn(move || drop(rx));
        block_on(tx.closed());
        assert!(tx.is_closed());
        other.join().expect("no panic");
    });
}

#[test]
fn a_waker_that_is_replaced_while_the_value_is_sent_is_woken_or_sees_it() {
    loom::model(|| {
        let (tx, mut rx) = channel();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut rx).poll(&mut cx).is_pending());
        let other = spawn(move || tx.send(3));
        assert_eq!(block_on(rx), Ok(3));
        other.join().expect("no panic").expect("not closed");
    });
}

#[test]
fn each_side_frees_or_leaves_that_to_the_other_whoever_waits() {
    loom::model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let (mut tx, mut rx) = channel();
        let value = Counted(drops.clone());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut rx).poll(&mut cx).is_pending());
        assert!(tx.poll_closed(&mut cx).is_pending());
        let other = spawn(move || {
            let mut cx = Context::from_waker(Waker::noop());
            let _ = tx.poll_closed(&mut cx);
            drop(tx.send(value));
        });
        let _ = Pin::new(&mut rx).poll(&mut cx);
        drop(rx);
        other.join().expect("no panic");
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_sender_that_waits_again_while_the_receiver_closes_hears_of_it() {
    loom::model(|| {
        let (mut tx, mut rx) = channel::<i32>();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(tx.poll_closed(&mut cx).is_pending());
        let other = spawn(move || {
            rx.close();
            assert!(rx.try_recv().is_err());
        });
        block_on(tx.closed());
        drop(tx);
        other.join().expect("no panic");
    });
}

#[test]
fn two_sides_that_go_at_once_leave_nothing() {
    loom::model(|| {
        let (tx, rx) = channel::<i32>();
        let other = spawn(move || drop(tx));
        drop(rx);
        other.join().expect("no panic");
    });
}

#[test]
fn a_sender_that_goes_while_the_receiver_closes_ends_it() {
    loom::model(|| {
        let (tx, mut rx) = channel::<i32>();
        let other = spawn(move || drop(tx));
        rx.close();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        other.join().expect("no panic");
    });
}

#[test]
fn a_value_that_is_looked_for_while_it_is_sent_is_found_or_dropped_with_the_channel() {
    loom::model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let (tx, mut rx) = channel();
        let value = Counted(drops.clone());
        let other = spawn(move || drop(tx.send(value)));
        let found = !rx.is_empty();
        assert!(!found || rx.try_recv().is_ok());
        drop(rx);
        other.join().expect("no panic");
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}
