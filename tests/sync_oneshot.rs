//! Promises of the oneshot channel: the value arrives, comes back, or is dropped once.

#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use runtime::sync::oneshot::{self, error::TryRecvError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use waking::{Count, meddling, poll, poll_with};

#[test]
fn a_value_crosses_threads() {
    for i in 0..500 {
        let (tx, rx) = oneshot::channel();
        let other = std::thread::spawn(move || tx.send(i));
        assert_eq!(block_on(rx), Ok(i));
        other.join().unwrap().unwrap();
    }
}

#[test]
fn a_value_that_nobody_receives_is_dropped_once() {
    let value = Arc::new(());
    let (tx, rx) = oneshot::channel();
    tx.send(value.clone()).unwrap();
    assert_eq!(Arc::strong_count(&value), 2);
    drop(rx);
    assert_eq!(Arc::strong_count(&value), 1);
    let (tx, rx) = oneshot::channel();
    drop(rx);
    drop(tx.send(value.clone()).unwrap_err());
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn close_lets_through_what_was_sent_before() {
    let (tx, mut rx) = oneshot::channel();
    tx.send(1).unwrap();
    rx.close();
    assert_eq!(block_on(&mut rx), Ok(1));
    assert!(rx.is_terminated());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    let (tx, mut rx) = oneshot::channel();
    rx.close();
    assert!(tx.is_closed());
    assert_eq!(tx.send(1), Err(1));
    assert!(block_on(rx).is_err());
}

#[test]
fn a_receiver_that_was_closed_by_itself_ends_with_an_error() {
    let (tx, mut rx) = oneshot::channel::<i32>();
    rx.close();
    assert!(poll(Pin::new(&mut rx)).is_ready());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    drop(tx);
}

#[test]
fn each_side_wakes_the_other_and_the_last_waker_counts() {
    let (tx, mut rx) = oneshot::channel();
    let (old, old_waker) = Count::new();
    let (new, new_waker) = Count::new();
    assert!(poll_with(Pin::new(&mut rx), &old_waker).is_pending());
    assert!(poll_with(Pin::new(&mut rx), &new_waker).is_pending());
    tx.send(3).unwrap();
    assert_eq!((old.get(), new.get()), (0, 1));
    assert_eq!(block_on(rx), Ok(3));

    let (mut tx, rx) = oneshot::channel::<i32>();
    let (count, waker) = Count::new();
    assert!(poll_with(pin!(tx.closed()), &waker).is_pending());
    let mut cx = Context::from_waker(&waker);
    assert!(tx.poll_closed(&mut cx).is_pending());
    drop(rx);
    assert_eq!(count.get(), 1);
    assert!(tx.poll_closed(&mut cx).is_ready());
    assert!(poll(pin!(tx.closed())).is_ready());
}

#[test]
fn polled_after_its_end_it_says_what_to_look_at() {
    let (tx, mut rx) = oneshot::channel();
    tx.send(1).unwrap();
    assert!(poll(Pin::new(&mut rx)).is_ready());
    let outcome = catch_unwind(AssertUnwindSafe(|| poll(Pin::new(&mut rx))));
    let message = *outcome.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.contains("is_terminated"), "{message}");
}

/// Dropped, it does something with a channel.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn a_value_and_a_waker_may_use_the_channel_while_they_are_dropped() {
    let (tx, rx) = oneshot::channel();
    let own = Arc::new(Mutex::new(None));
    let theirs = own.clone();
    tx.send(OnDrop(move || {
        // The receiver that the value was in is being dropped; it is asked about itself.
        let taken: Option<oneshot::Sender<i32>> = theirs.lock().unwrap().take();
        drop(taken);
    }))
    .unwrap_or_else(|_| panic!("open"));
    let (other_tx, mut other_rx) = oneshot::channel();
    *own.lock().unwrap() = Some(other_tx);
    drop(rx);
    assert!(matches!(poll(Pin::new(&mut other_rx)), Poll::Ready(Err(_))));

    let (tx, rx) = oneshot::channel::<i32>();
    let rx = Arc::new(Mutex::new(rx));
    let meddle = || {
        let rx = Arc::downgrade(&rx);
        meddling(move || {
            if let Some(rx) = rx.upgrade() {
                if let Ok(mut rx) = rx.try_lock() {
                    let _ = rx.try_recv();
                }
            }
        })
    };
    for _ in 0..2 {
        let waker = meddle();
        let mut rx = rx.lock().unwrap();
        assert!(poll_with(Pin::new(&mut *rx), &waker).is_pending());
        drop(rx);
    }
    tx.send(1).unwrap();
    let _ = Waker::noop();
}

#[test]
fn a_value_may_panic_while_it_is_dropped_with_the_channel() {
    for _ in 0..100 {
        let (tx, rx) = oneshot::channel();
        let sent = tx.send(OnDrop(|| panic!("of the value")));
        assert!(sent.is_ok());
        let outcome = catch_unwind(AssertUnwindSafe(move || drop(rx)));
        assert_eq!(
            *outcome.unwrap_err().downcast::<&str>().unwrap(),
            "of the value"
        );
    }
}

/// Sends on one thread, and receives on another or drops.
fn goes_through<T: Send + Clone + PartialEq + std::fmt::Debug + 'static>(value: T) {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..200).map(|_| oneshot::channel()).unzip();
    let sent = value.clone();
    let other = std::thread::spawn(move || {
        for (i, tx) in senders.into_iter().enumerate() {
            if i % 3 != 0 {
                let _ = tx.send(sent.clone());
            }
        }
    });
    for (i, rx) in receivers.into_iter().enumerate() {
        if i % 5 != 0 {
            assert_eq!(block_on(rx).is_ok_and(|got| got == value), i % 3 != 0);
        }
    }
    other.join().unwrap();
}

#[test]
fn values_of_any_size_and_alignment_go_from_thread_to_thread() {
    #[derive(Clone, PartialEq, Debug)]
    #[repr(align(64))]
    struct Aligned(u8);

    goes_through(());
    goes_through(7_u64);
    goes_through([7_u8; 17]);
    goes_through([7_u64; 40]);
    goes_through([7_u64; 1000]);
    goes_through(Aligned(7));
    goes_through(String::from("seven"));
}
