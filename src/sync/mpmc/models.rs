//! Models of the channel: handing on, closing, leaving.

use super::error::TryRecvError;
use super::*;
use crate::base::sync::thread;
use loom::future::block_on;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn spawn<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> thread::JoinHandle<R> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(f);
}

/// Polls a future once and drops it.
fn poll_and_leave<R>(future: impl Future<Output = R>) -> Option<R> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[test]
fn two_receivers_share_what_two_senders_send() {
    model(|| {
        let (tx, rx) = channel(1);
        let other = rx.clone();
        let other = spawn(move || {
            let mut sum = 0;
            while let Ok(i) = block_on(other.recv()) {
                sum += i;
            }
            sum
        });
        block_on(tx.send(1)).expect("open");
        block_on(tx.send(2)).expect("open");
        drop(tx);
        let mut sum = 0;
        while let Ok(i) = block_on(rx.recv()) {
            sum += i;
        }
        assert_eq!(sum + other.join().expect("no panic"), 3);
    });
}

/// Broken on purpose by a `Turn` whose drop does not grant what it was granted to the next:
/// loom reports the deadlock of the other receiver.
#[test]
fn a_value_that_is_granted_to_one_who_leaves_goes_to_the_next() {
    model(|| {
        let (tx, rx) = channel(1);
        let (leaves, back) = (rx.clone(), tx.clone());
        let leaves = spawn(move || {
            if let Some(value) = poll_and_leave(leaves.recv()) {
                back.try_send(value.expect("open")).expect("free");
            }
            back
        });
        let sender = spawn(move || {
            tx.try_send(1).expect("free");
            tx
        });
        assert_eq!(block_on(rx.recv()), Ok(1));
        let _open = (sender.join(), leaves.join());
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn a_slot_that_is_granted_to_one_who_leaves_goes_to_the_next() {
    model(|| {
        let (tx, rx) = channel(1);
        tx.try_send(0).expect("free");
        let leaves = tx.clone();
        let leaves = spawn(move || poll_and_leave(leaves.send(1)).is_some());
        let receiver = spawn(move || {
            assert_eq!(rx.try_recv(), Ok(0));
            rx
        });
        let sent = poll_and_leave(tx.send(2)).is_some();
        let left = leaves.join().expect("no panic");
        let rx = receiver.join().expect("no panic");
        assert!(!(sent && left), "there is one slot");
        assert_eq!(rx.len(), usize::from(sent || left));
        assert_eq!(tx.is_full(), sent || left);
        let _ = rx.try_recv();
        assert_eq!(tx.try_send(3), Ok(()));
    });
}

#[test]
fn close_refuses_a_sender_or_lets_its_value_be_received() {
    model(|| {
        let (tx, rx) = channel(1);
        tx.try_send(0).expect("free");
        let other = spawn(move || block_on(tx.send(1)).is_ok());
        assert_eq!(rx.try_recv(), Ok(0));
        rx.close();
        let received = block_on(rx.recv());
        assert_eq!(received.is_ok(), other.join().expect("no panic"));
        assert!(block_on(rx.recv()).is_err());
    });
}

#[test]
fn close_wakes_the_receivers_and_leaves_what_one_was_granted() {
    model(|| {
        let (tx, rx) = unbounded_channel();
        let other = rx.clone();
        let other = spawn(move || block_on(other.recv()).is_ok());
        let sender = spawn(move || {
            tx.try_send(1).expect("open");
            tx.close();
        });
        let mine = block_on(rx.recv()).is_ok();
        sender.join().expect("no panic");
        let theirs = other.join().expect("no panic");
        assert!(mine != theirs, "each value is received once");
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
