//! Promises of the channel with many receivers: each value once and in order, first come
//! first served on both sides, closing, and handing on what one who leaves was granted.

#[path = "common/panicking.rs"]
mod panicking;
#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use panicking::panic_of;
use runtime::rt::Runtime;
use runtime::sync::mpmc::{self, error::*};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;
use waking::{Count, Panics, meddling, poll, poll_with};

#[test]
fn each_value_is_received_once_and_by_each_receiver_in_order() {
    for capacity in [Some(1), Some(7), None] {
        let (tx, rx) = match capacity {
            Some(capacity) => mpmc::channel(capacity),
            None => mpmc::unbounded_channel(),
        };
        let senders: Vec<_> = (0..3)
            .map(|sender| {
                let tx = tx.clone();
                thread::spawn(move || {
                    (0..3000).for_each(|i| tx.blocking_send((sender, i)).unwrap())
                })
            })
            .collect();
        let receivers: Vec<_> = (0..3)
            .map(|receiver| {
                let rx = rx.clone();
                thread::spawn(move || receive_all(&rx, receiver))
            })
            .collect();
        drop((tx, rx));
        for sender in senders {
            sender.join().unwrap();
        }
        let mut all = HashSet::new();
        for receiver in receivers {
            for value in receiver.join().unwrap() {
                assert!(all.insert(value), "received twice");
            }
        }
        assert_eq!(all.len(), 9000);
    }
}

fn receive_all(rx: &mpmc::Receiver<(usize, u32)>, way: usize) -> Vec<(usize, u32)> {
    let mut all = Vec::new();
    if way == 0 {
        while rx.blocking_recv_many(&mut all, 5) > 0 {}
    } else {
        while let Ok(value) = block_on(rx.recv()) {
            all.push(value);
        }
    }
    let mut next = [0; 3];
    for (sender, i) in &all {
        assert!(*i >= next[*sender], "out of order");
        next[*sender] = i + 1;
    }
    all
}

#[test]
fn receivers_are_served_in_the_order_in_which_they_came() {
    let (tx, rx) = mpmc::channel(8);
    let mut waits: Vec<_> = (0..4).map(|_| Box::pin(rx.recv())).collect();
    for wait in &mut waits {
        assert!(poll(wait.as_mut()).is_pending());
    }
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "others were first");
    assert!(poll(pin!(rx.recv())).is_pending());
    assert!(poll(waits[2].as_mut()).is_pending());
    assert_eq!(poll(waits[0].as_mut()), Poll::Ready(Ok(1)));
    assert_eq!(poll(waits[1].as_mut()), Poll::Ready(Ok(2)));
    assert!(poll(waits[3].as_mut()).is_pending());
}

#[test]
fn senders_are_served_in_the_order_in_which_they_came() {
    let (tx, rx) = mpmc::channel(1);
    tx.try_send(0).unwrap();
    let mut waits: Vec<_> = (1..4).map(|i| Box::pin(tx.send(i))).collect();
    for wait in &mut waits {
        assert!(poll(wait.as_mut()).is_pending());
    }
    assert_eq!(rx.try_recv(), Ok(0));
    assert_eq!(
        tx.try_send(9),
        Err(TrySendError::Full(9)),
        "others were first"
    );
    assert!(tx.is_full());
    assert!(poll(waits[1].as_mut()).is_pending());
    for (i, mut wait) in waits.into_iter().enumerate() {
        assert!(poll(wait.as_mut()).is_ready());
        assert_eq!(rx.try_recv(), Ok(i + 1));
    }
}

#[test]
fn what_one_who_leaves_was_granted_goes_to_the_next() {
    let (tx, rx) = mpmc::channel(1);
    let mut waits: Vec<_> = (0..3).map(|_| Box::pin(rx.recv())).collect();
    let (woken, waker) = Count::new();
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    tx.try_send(1).unwrap();
    assert_eq!(woken.get(), 1);
    drop(waits.remove(0));
    assert_eq!(woken.get(), 2);
    drop(waits.remove(1));
    assert_eq!(woken.get(), 2, "it was in line and had nothing");
    assert_eq!(poll(waits[0].as_mut()), Poll::Ready(Ok(1)));
    drop(waits);

    tx.try_send(2).unwrap();
    let mut waits: Vec<_> = (3..5).map(|i| Box::pin(tx.send(i))).collect();
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    assert_eq!(rx.try_recv(), Ok(2));
    drop(waits.remove(0));
    assert_eq!(woken.get(), 4);
    assert!(poll(waits[0].as_mut()).is_ready());
    assert_eq!(rx.try_recv(), Ok(4));
    drop(waits);

    // With nobody left, it is there for whoever comes.
    let mut wait = Box::pin(rx.recv());
    assert!(poll(wait.as_mut()).is_pending());
    tx.try_send(5).unwrap();
    drop(wait);
    assert_eq!(rx.try_recv(), Ok(5));
    assert!(!tx.is_full());
}

#[test]
fn one_who_receives_many_takes_what_nobody_was_granted_and_lets_as_many_senders_in() {
    let (tx, rx) = mpmc::channel(4);
    let mut first = Box::pin(rx.recv());
    assert!(poll(first.as_mut()).is_pending());
    (0..4).for_each(|i| tx.try_send(i).unwrap());
    let (woken, waker) = Count::new();
    let mut sends: Vec<_> = (4..9).map(|i| Box::pin(tx.send(i))).collect();
    for send in &mut sends {
        assert!(poll_with(send.as_mut(), &waker).is_pending());
    }
    let mut buffer = Vec::new();
    assert_eq!(block_on(rx.recv_many(&mut buffer, 10)), 3);
    assert_eq!((buffer.as_slice(), woken.get()), (&[0, 1, 2][..], 3));
    assert_eq!(poll(first.as_mut()), Poll::Ready(Ok(3)));
    assert_eq!(woken.get(), 4);
    for send in &mut sends[..4] {
        assert!(poll(send.as_mut()).is_ready());
    }
    assert!(poll(sends[4].as_mut()).is_pending());
    assert_eq!(block_on(rx.recv_many(&mut buffer, 0)), 0);
}

#[test]
fn closing_refuses_who_waits_to_send_and_lets_what_is_there_be_received() {
    let (tx, rx) = mpmc::channel(1);
    tx.try_send(1).unwrap();
    let mut send = Box::pin(tx.send(2));
    let mut closed = Box::pin(tx.closed());
    let (woken, waker) = Count::new();
    assert!(poll_with(send.as_mut(), &waker).is_pending());
    assert!(poll_with(closed.as_mut(), &waker).is_pending());
    assert!(rx.close());
    assert!(!tx.close(), "it was closed already");
    assert_eq!(woken.get(), 2);
    assert_eq!(poll(send.as_mut()), Poll::Ready(Err(SendError(2))));
    assert!(poll(closed.as_mut()).is_ready());
    assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
    assert_eq!(block_on(rx.recv()), Ok(1));
    assert!(block_on(rx.recv()).is_err());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    assert_eq!(block_on(rx.recv_many(&mut Vec::new(), 5)), 0);
}

#[test]
fn a_slot_that_was_granted_before_the_close_is_of_no_use_after_it() {
    let (tx, rx) = mpmc::channel(1);
    tx.try_send(1).unwrap();
    let mut send = Box::pin(tx.send(2));
    assert!(poll(send.as_mut()).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    tx.close();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    assert_eq!(poll(send.as_mut()), Poll::Ready(Err(SendError(2))));
    assert!(rx.is_empty() && !rx.is_full());
}

#[test]
fn a_value_that_was_granted_before_the_close_is_received_after_it() {
    let (tx, rx) = mpmc::channel(1);
    let mut granted = Box::pin(rx.recv());
    let mut refused = Box::pin(rx.recv());
    assert!(poll(granted.as_mut()).is_pending());
    assert!(poll(refused.as_mut()).is_pending());
    tx.try_send(1).unwrap();
    drop(tx);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    assert!(matches!(poll(refused.as_mut()), Poll::Ready(Err(_))));
    assert_eq!(poll(granted.as_mut()), Poll::Ready(Ok(1)));
}

#[test]
fn the_last_of_a_side_closes_and_a_weak_one_does_not_hold_that_up() {
    let (tx, rx) = mpmc::unbounded_channel::<i32>();
    let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
    assert!(weak_rx.upgrade().unwrap().same_channel(&rx));
    assert!(weak_tx.upgrade().unwrap().same_channel(&tx));
    let other = tx.clone();
    assert_eq!((rx.sender_count(), tx.receiver_count()), (2, 1));
    drop(tx);
    assert!(!rx.is_closed());
    drop(other);
    assert!(rx.is_closed() && weak_tx.upgrade().is_none());
    drop(rx);
    assert!(weak_rx.upgrade().is_none());
}

/// Counts its drops, and looks at the channel then.
struct Tracked(Arc<AtomicUsize>, Option<mpmc::Sender<Tracked>>);

impl Drop for Tracked {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        if let Some(tx) = &self.1 {
            assert!(tx.is_closed());
        }
    }
}

#[test]
fn values_are_dropped_once_and_with_no_lock_held_when_the_last_receiver_goes() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mpmc::channel(3);
    for _ in 0..3 {
        let value = Tracked(drops.clone(), Some(tx.clone()));
        assert!(tx.try_send(value).is_ok());
    }
    drop(rx.clone());
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    drop(rx);
    assert_eq!(drops.load(Ordering::Relaxed), 3);
    assert!(tx.try_send(Tracked(drops.clone(), None)).is_err());
    assert_eq!(drops.load(Ordering::Relaxed), 4);
}

#[test]
fn wakers_are_cloned_woken_and_dropped_with_no_lock_held() {
    let (tx, rx) = mpmc::channel(1);
    let inside = tx.clone();
    let waker = meddling(move || {
        let _ = (inside.len(), inside.is_full());
    });
    let mut recv = pin!(rx.recv());
    assert!(poll_with(recv.as_mut(), &waker).is_pending());
    assert!(poll_with(recv.as_mut(), &waker.clone()).is_pending());
    assert!(poll(recv.as_mut()).is_pending());
    assert!(poll_with(recv.as_mut(), &waker).is_pending());
    tx.try_send(1).unwrap();
    let mut send = pin!(tx.send(2));
    assert!(poll_with(send.as_mut(), &waker).is_pending());
    assert_eq!(poll(recv.as_mut()), Poll::Ready(Ok(1)));
    assert!(poll(send.as_mut()).is_ready());
    let mut left = Box::pin(tx.send(3));
    assert!(poll_with(left.as_mut(), &waker).is_pending());
    drop(left);
    let mut last = Box::pin(tx.send(4));
    assert!(poll_with(last.as_mut(), &waker).is_pending());
    tx.close();
}

#[test]
fn a_waker_that_panics_does_not_take_the_close_from_the_others() {
    let (tx, rx) = mpmc::channel::<i32>(1);
    let mut bad = Box::pin(rx.recv());
    let mut good = Box::pin(rx.recv());
    let (woken, waker) = Count::new();
    assert!(poll_with(bad.as_mut(), &Waker::from(Arc::new(Panics))).is_pending());
    assert!(poll_with(good.as_mut(), &waker).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| tx.close())).is_err());
    assert_eq!(woken.get(), 1);
    assert!(tx.is_closed());
    assert!(poll(good.as_mut()).is_ready());
    assert!(poll(bad.as_mut()).is_ready());
}

#[test]
fn a_channel_without_room_panics_at_the_callers_line() {
    for (capacity, remedy) in [(0, "at least 1"), (usize::MAX, "unbounded_channel")] {
        let panic = panic_of(|| mpmc::channel::<u8>(capacity));
        assert!(panic.contains(remedy), "{panic}");
    }
}

#[test]
fn workers_share_out_what_is_sent_and_end_with_the_channel() {
    Runtime::new().unwrap().block_on(async {
        let (tx, rx) = mpmc::channel(4);
        let workers: Vec<_> = (0..8)
            .map(|_| {
                let rx = rx.clone();
                runtime::spawn(async move {
                    let mut sum = 0;
                    while let Ok(i) = rx.recv().await {
                        sum += i;
                    }
                    sum
                })
            })
            .collect();
        for i in 0..2000u32 {
            tx.send(i).await.unwrap();
        }
        drop(tx);
        let mut sum = 0;
        for worker in workers {
            sum += worker.await.unwrap();
        }
        assert_eq!(sum, 1999 * 1000);
    });
}

#[test]
fn an_always_full_channel_does_not_hold_up_a_timeout() {
    Runtime::new().unwrap().block_on(async {
        let (tx, rx) = mpmc::channel(2);
        let endless = async {
            loop {
                tx.send(1).await.unwrap();
                rx.recv().await.unwrap();
                rx.recv_many(&mut Vec::new(), 0).await;
            }
        };
        let outcome = runtime::time::timeout(Duration::from_millis(2), endless).await;
        assert!(outcome.is_err());
    });
}

#[test]
fn blocking_in_async_code_panics_at_the_callers_line() {
    let (tx, rx) = mpmc::channel::<i32>(1);
    let runtime = Runtime::new().unwrap();
    let panic = panic_of(|| runtime.block_on(async { tx.blocking_send(1) }));
    assert!(panic.contains("mpmc::Sender::blocking_send"), "{panic}");
    let panic = panic_of(|| runtime.block_on(async { rx.blocking_recv() }));
    assert!(panic.contains("mpmc::Receiver::blocking_recv"), "{panic}");
}
