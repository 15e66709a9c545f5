//! What was granted survives a budget that has run out.

use crate::base::budget;
use crate::sync::{Mutex, Notify, Semaphore, mpsc, oneshot};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs `f` in a poll whose budget is used up.
fn spent<R>(f: impl FnOnce() -> R) -> R {
    budget::with_full(|| {
        let mut cx = Context::from_waker(Waker::noop());
        while let Poll::Ready(unit) = budget::poll_proceed(&mut cx) {
            unit.made_progress();
        }
        f()
    })
}

#[test]
fn a_permit_or_lock_that_was_granted_is_there_in_the_next_poll() {
    let semaphore = Semaphore::new(0);
    let mut wait = pin!(semaphore.acquire());
    assert!(poll(wait.as_mut()).is_pending());
    semaphore.add_permits(1);
    assert!(spent(|| poll(wait.as_mut())).is_pending());
    assert!(poll(wait.as_mut()).is_ready());

    let mutex = Mutex::new(());
    assert!(spent(|| poll(pin!(mutex.lock()))).is_pending());
    assert!(mutex.try_lock().is_ok(), "nothing was taken");

    let notify = Notify::new();
    notify.notify_one();
    assert!(spent(|| poll(pin!(notify.notified()))).is_pending());
    assert!(poll(pin!(notify.notified())).is_ready());
}

#[test]
fn a_value_or_slot_is_there_in_the_next_poll() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.try_send(1).expect("free");
    let mut send = pin!(tx.send(2));
    assert!(poll(send.as_mut()).is_pending());
    let mut out = Vec::new();
    assert!(spent(|| poll(pin!(rx.recv()))).is_pending());
    assert!(spent(|| poll(pin!(rx.recv_many(&mut out, 5)))).is_pending());
    assert!(out.is_empty());
    assert_eq!(poll(pin!(rx.recv())), Poll::Ready(Some(1)));
    assert!(spent(|| poll(send.as_mut())).is_pending());
    assert!(poll(send.as_mut()).is_ready());
    assert_eq!(poll(pin!(rx.recv())), Poll::Ready(Some(2)));

    let (tx, mut rx) = oneshot::channel();
    tx.send(3).expect("open");
    assert!(spent(|| poll(Pin::new(&mut rx))).is_pending());
    assert_eq!(poll(Pin::new(&mut rx)), Poll::Ready(Ok(3)));
}

#[test]
fn each_value_and_permit_uses_the_budget_up_a_little() {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let semaphore = Semaphore::new(1);
    (0..1000).for_each(|i| tx.send(i).expect("open"));
    budget::with_full(|| {
        let mut received = 0;
        while poll(pin!(rx.recv())).is_ready() {
            received += 1;
        }
        assert_eq!(received, u32::from(budget::INITIAL));
        assert!(poll(pin!(semaphore.acquire())).is_pending());
    });
}
