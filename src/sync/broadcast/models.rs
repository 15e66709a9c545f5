//! Models of the broadcast channel: sending, receiving, overwriting and leaving.

use super::error::{RecvError, TryRecvError};
use super::*;
use crate::base::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::base::sync::{Arc, thread};
use loom::future::block_on;

fn spawn<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> thread::JoinHandle<R> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(f);
}

/// Counts how many of it there are.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Counted(count.clone())
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Counted::new(&self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Broken on purpose by a `send` that takes the line out before it has written the slot,
/// in a hold of the tail's lock of its own: who joins in between is not woken, and loom
/// reports the deadlock.
#[test]
fn two_receivers_that_wait_get_each_value_and_the_end() {
    model(|| {
        let (tx, mut rx) = channel(2);
        let mut other = tx.subscribe();
        let other = spawn(move || {
            assert_eq!(block_on(other.recv()), Ok(1));
            assert_eq!(block_on(other.recv()), Err(RecvError::Closed));
        });
        let sender = spawn(move || {
            assert!(tx.send(1).is_ok());
            tx
        });
        assert_eq!(block_on(rx.recv()), Ok(1));
        drop(sender.join().expect("no panic"));
        assert_eq!(block_on(rx.recv()), Err(RecvError::Closed));
        other.join().expect("no panic");
    });
}

#[test]
fn what_is_overwritten_while_it_is_received_is_received_or_counted() {
    model(|| {
        let (tx, mut rx) = channel(1);
        let sender = spawn(move || {
            for i in 0..2 {
                assert!(tx.send(i).is_ok());
            }
        });
        let mut seen = 0;
        loop {
            match block_on(rx.recv()) {
                Ok(value) => {
                    assert_eq!(value, seen);
                    seen += 1;
                }
                Err(RecvError::Lagged(missed)) => seen += missed,
                Err(RecvError::Closed) => break,
            }
        }
        assert_eq!(seen, 2);
        sender.join().expect("no panic");
    });
}

#[test]
fn each_value_is_dropped_when_a_receiver_leaves_while_others_send_and_receive() {
    model(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let (tx, mut rx) = channel(1);
        let leaves = tx.subscribe();
        let leaves = spawn(move || drop(leaves));
        let values = count.clone();
        let sender = spawn(move || {
            tx.send(Counted::new(&values)).expect("a receiver");
            tx
        });
        let _ = rx.try_recv();
        leaves.join().expect("no panic");
        let tx = sender.join().expect("no panic");
        let _ = rx.try_recv();
        assert_eq!(count.load(Ordering::Relaxed), 0);
        assert!(tx.is_empty());
    });
}

/// Broken on purpose by an `all_have_had` that stores: a receiver that goes takes back what a
/// later value has said, and the channel is not empty.
#[test]
fn a_receiver_that_goes_does_not_take_back_what_all_have_had() {
    model(|| {
        let (tx, mut rx) = channel(2);
        let leaves = tx.subscribe();
        assert!(tx.send(0).is_ok());
        let leaves = spawn(move || drop(leaves));
        assert_eq!(rx.try_recv(), Ok(0));
        assert!(tx.send(1).is_ok());
        assert_eq!(rx.try_recv(), Ok(1));
        leaves.join().expect("no panic");
        assert!(tx.is_empty());
    });
}

/// A value that must not be used by two threads at once: its clone says if it is.
struct Exclusive(Arc<AtomicBool>);

impl Clone for Exclusive {
    fn clone(&self) -> Self {
        assert!(!self.0.swap(true, Ordering::Relaxed), "two clones at once");
        thread::yield_now();
        self.0.store(false, Ordering::Relaxed);
        Exclusive(self.0.clone())
    }
}

/// Broken on purpose by slots whose lock is one for readers and writers, so that `read`
/// clones under a shared hold: the assertion of the value fails.
#[test]
fn two_receivers_do_not_clone_a_value_at_once() {
    model(|| {
        let (tx, mut rx) = channel(1);
        let mut other = tx.subscribe();
        let _keeps = tx.subscribe();
        let value = Exclusive(Arc::new(AtomicBool::new(false)));
        assert!(tx.send(value).is_ok());
        let other = spawn(move || other.try_recv().is_ok());
        assert!(rx.try_recv().is_ok());
        assert!(other.join().expect("no panic"));
    });
}

#[test]
fn whoever_waits_for_the_last_receiver_to_go_hears_of_it() {
    model(|| {
        let (tx, rx) = channel::<i32>(1);
        let other = tx.subscribe();
        let first = spawn(move || drop(rx));
        let second = spawn(move || drop(other));
        block_on(tx.closed());
        first.join().expect("no panic");
        second.join().expect("no panic");
    });
}

#[test]
fn a_receiver_that_comes_while_a_value_is_sent_gets_it_whole_or_not() {
    model(|| {
        let (tx, mut rx) = channel(2);
        let sender = tx.clone();
        let sender = spawn(move || sender.send(1).expect("a receiver"));
        let mut late = tx.subscribe();
        let receivers = sender.join().expect("no panic");
        let got = match late.try_recv() {
            Ok(value) => {
                assert_eq!(value, 1);
                2
            }
            Err(error) => {
                assert_eq!(error, TryRecvError::Empty);
                1
            }
        };
        assert_eq!(receivers, got);
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(tx.is_empty());
    });
}
