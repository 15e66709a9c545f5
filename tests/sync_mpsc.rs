//! Promises of the channels: order, slots, closing, handing on, dropping once.

#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use proptest::prelude::*;
use runtime::sync::mpsc::{self, OwnedPermit, error::*};
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use waking::{Count, Panics, meddling, poll, poll_with};

#[test]
fn four_senders_and_a_receiver_lose_nothing_and_keep_each_ones_order() {
    let (tx, mut rx) = mpsc::channel(7);
    let threads: Vec<_> = (0..4)
        .map(|sender| {
            let tx = tx.clone();
            thread::spawn(move || {
                for i in 0..5000 {
                    if i % 3 == 0 {
                        tx.blocking_send((sender, i)).unwrap();
                    } else {
                        block_on(tx.reserve()).unwrap().send((sender, i));
                    }
                }
            })
        })
        .collect();
    drop(tx);
    let mut next = [0; 4];
    let mut buffer = Vec::new();
    while block_on(rx.recv_many(&mut buffer, 5)) > 0 {
        for (sender, i) in buffer.drain(..) {
            assert_eq!(next[sender], i);
            next[sender] += 1;
        }
        if let Ok((sender, i)) = rx.try_recv() {
            assert_eq!(next[sender], i);
            next[sender] += 1;
        }
    }
    assert_eq!(next, [5000; 4]);
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(rx.capacity(), 7);
}

#[test]
fn an_unbounded_channel_loses_nothing_across_threads() {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let tx = tx.clone();
            thread::spawn(move || (1..=5000u64).for_each(|i| tx.send(i).unwrap()))
        })
        .collect();
    drop(tx);
    let mut sum = 0;
    while let Some(i) = rx.blocking_recv() {
        sum += i;
    }
    assert_eq!(sum, 4 * 5000 * 5001 / 2);
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_channel_without_room_panics_at_the_callers_line() {
    for room in [0, usize::MAX] {
        let place = Arc::new(std::sync::Mutex::new(String::new()));
        let seen = place.clone();
        std::panic::set_hook(Box::new(move |info| {
            *seen.lock().unwrap() = info.location().unwrap().file().to_owned();
        }));
        let outcome = catch_unwind(|| mpsc::channel::<i32>(room));
        let _ = std::panic::take_hook();
        assert!(outcome.is_err());
        let place = place.lock().unwrap().clone();
        assert!(place.ends_with("sync_mpsc.rs"), "{place}");
    }
}

#[test]
fn a_slot_that_was_granted_to_a_future_that_is_dropped_goes_on() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.try_send(1).unwrap();
    let (count, waker) = Count::new();
    let mut reserve = Box::pin(tx.reserve());
    let mut send = Box::pin(tx.send(2));
    let mut owned = Box::pin(tx.clone().reserve_owned());
    let mut last = Box::pin(tx.send(3));
    assert!(poll(reserve.as_mut()).is_pending());
    assert!(poll(send.as_mut()).is_pending());
    assert!(poll(owned.as_mut()).is_pending());
    assert!(poll_with(last.as_mut(), &waker).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    drop(reserve);
    drop(send);
    assert_eq!(count.get(), 0);
    drop(owned);
    assert_eq!(count.get(), 1);
    assert!(poll(last.as_mut()).is_ready());
    assert_eq!(rx.try_recv(), Ok(3));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(tx.capacity(), 1);
}

#[test]
fn a_request_for_many_slots_is_not_passed_and_makes_way_when_it_leaves() {
    let (tx, mut rx) = mpsc::channel(3);
    (0..3).for_each(|i| tx.try_send(i).unwrap());
    let mut many = Box::pin(tx.reserve_many(3));
    let mut one = Box::pin(tx.reserve());
    assert!(poll(many.as_mut()).is_pending());
    assert!(poll(one.as_mut()).is_pending());
    assert_eq!(rx.try_recv(), Ok(0));
    assert!(poll(one.as_mut()).is_pending());
    assert_eq!(tx.try_send(9), Err(TrySendError::Full(9)));
    drop(many);
    let Poll::Ready(Ok(permit)) = poll(one.as_mut()) else {
        panic!("it is first now");
    };
    permit.send(3);
    let mut out = Vec::new();
    assert_eq!(block_on(rx.recv_many(&mut out, 10)), 3);
    assert_eq!(out, [1, 2, 3]);
    assert_eq!(block_on(tx.reserve_many(3)).unwrap().len(), 3);
    assert!(block_on(tx.reserve_many(4)).is_err());
    assert_eq!(tx.capacity(), 3);
}

#[test]
fn permits_of_an_iterator_that_is_dropped_half_way_go_back() {
    let (tx, mut rx) = mpsc::channel(4);
    let mut permits = tx.try_reserve_many(4).unwrap();
    permits.next().unwrap().send(1);
    drop(permits.next());
    assert_eq!((permits.len(), tx.capacity()), (2, 1));
    drop(permits);
    assert_eq!(tx.capacity(), 3);
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(tx.try_reserve_many(5).is_err());
    assert_eq!(tx.try_reserve_many(0).unwrap().len(), 0);
}

#[test]
fn close_refuses_those_in_line_and_ends_after_the_last_permit() {
    let (tx, mut rx) = mpsc::channel(2);
    tx.try_send(1).unwrap();
    let permit = tx.try_reserve().unwrap();
    let (count, waker) = Count::new();
    let mut send = Box::pin(tx.send(3));
    let mut closed = Box::pin(tx.closed());
    assert!(poll_with(send.as_mut(), &waker).is_pending());
    assert!(poll_with(closed.as_mut(), &waker).is_pending());
    rx.close();
    assert_eq!(count.get(), 2);
    assert!(poll(closed.as_mut()).is_ready());
    assert_eq!(poll(send.as_mut()), Poll::Ready(Err(SendError(3))));
    assert_eq!(tx.try_send(4), Err(TrySendError::Closed(4)));
    assert_eq!(block_on(rx.recv()), Some(1));
    let (end, waker) = Count::new();
    let mut recv = Box::pin(rx.recv());
    assert!(poll_with(recv.as_mut(), &waker).is_pending());
    permit.send(2);
    assert_eq!(end.get(), 1);
    assert_eq!(poll(recv.as_mut()), Poll::Ready(Some(2)));
    drop(recv);
    assert_eq!(block_on(rx.recv()), None);
    assert!(rx.is_closed() && rx.is_empty());
}

#[test]
fn a_permit_that_is_dropped_unused_ends_a_closed_channel() {
    let (tx, mut rx) = mpsc::channel::<i32>(1);
    let permit = tx.try_reserve().unwrap();
    rx.close();
    let (count, waker) = Count::new();
    let mut recv = Box::pin(rx.recv());
    assert!(poll_with(recv.as_mut(), &waker).is_pending());
    drop(permit);
    assert_eq!(count.get(), 1);
    assert_eq!(poll(recv.as_mut()), Poll::Ready(None));
}

#[test]
fn values_are_dropped_once_wherever_they_are() {
    let value = Arc::new(());
    let count = || Arc::strong_count(&value) - 1;
    let (tx, mut rx) = mpsc::channel(8);
    for _ in 0..6 {
        tx.try_send(value.clone()).unwrap();
    }
    drop(rx.try_recv().unwrap());
    tx.try_send(value.clone()).unwrap();
    tx.try_send(value.clone()).unwrap();
    let permit = tx.try_reserve().unwrap();
    let mut granted = Box::pin(tx.send(value.clone()));
    assert!(poll(granted.as_mut()).is_pending());
    drop(rx.try_recv().unwrap());
    assert_eq!(count(), 7);
    drop(rx);
    assert_eq!(count(), 1, "only the one in the future is left");
    permit.send(value.clone());
    assert_eq!(count(), 1);
    assert!(matches!(poll(granted.as_mut()), Poll::Ready(Err(_))));
    drop(granted);
    assert_eq!(count(), 0);
    assert_eq!(tx.capacity(), 8);
    assert!(tx.is_closed());
}

#[test]
fn weak_senders_do_not_keep_it_open_and_the_counts_are_right() {
    let (tx, mut rx) = mpsc::channel::<i32>(1);
    let weak = tx.downgrade();
    let second = weak.upgrade().unwrap();
    assert!(second.same_channel(&tx));
    assert_eq!((tx.strong_count(), tx.weak_count()), (2, 1));
    assert_eq!((rx.sender_strong_count(), rx.sender_weak_count()), (2, 1));
    let permit = tx.try_reserve_owned().unwrap();
    assert!(permit.same_channel_as_sender(&second));
    drop(second);
    let tx = permit.send(1);
    assert_eq!(tx.strong_count(), 1);
    assert!(!rx.is_closed());
    drop(tx);
    assert!(rx.is_closed());
    assert!(weak.upgrade().is_none());
    assert_eq!(block_on(rx.recv()), Some(1));
    assert_eq!(block_on(rx.recv()), None);
}

#[test]
fn recv_many_takes_what_is_there_up_to_the_limit() {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let mut out = vec![0];
    assert_eq!(block_on(rx.recv_many(&mut out, 0)), 0);
    assert!(poll(pin!(rx.recv_many(&mut out, 3))).is_pending());
    (1..=5).for_each(|i| tx.send(i).unwrap());
    assert_eq!(rx.len(), 5);
    assert_eq!(block_on(rx.recv_many(&mut out, 3)), 3);
    assert_eq!(rx.len(), 2);
    tx.send(6).unwrap();
    assert_eq!(block_on(rx.recv_many(&mut out, 10)), 3);
    assert_eq!(out, [0, 1, 2, 3, 4, 5, 6]);
    drop(tx);
    assert_eq!(block_on(rx.recv_many(&mut out, 10)), 0);
}

/// Uses a channel while it is dropped.
struct Meddles(mpsc::UnboundedSender<Option<Meddles>>);

impl Drop for Meddles {
    fn drop(&mut self) {
        let _ = self.0.send(None);
        let _ = self.0.is_closed();
    }
}

#[test]
fn a_value_may_use_the_channel_while_it_is_dropped() {
    let (tx, rx) = mpsc::unbounded_channel();
    for _ in 0..3 {
        assert!(tx.send(Some(Meddles(tx.clone()))).is_ok());
    }
    drop(rx);
    assert_eq!(tx.strong_count(), 1);
}

#[test]
fn a_waker_may_use_the_channel_while_it_is_cloned_woken_and_dropped() {
    let (tx, mut rx) = mpsc::channel(1);
    let meddle = |tx: &mpsc::Sender<i32>| {
        let tx = tx.downgrade();
        meddling(move || {
            if let Some(tx) = tx.upgrade() {
                let _ = tx.is_closed();
                let _ = poll(pin!(tx.reserve()));
                let _ = poll(pin!(tx.closed()));
            }
        })
    };
    for _ in 0..2 {
        assert!(poll_with(pin!(rx.recv()), &meddle(&tx)).is_pending());
    }
    tx.try_send(1).unwrap();
    let mut waits: Vec<_> = (0..40).map(|_| Box::pin(tx.reserve())).collect();
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &meddle(&tx)).is_pending());
        assert!(poll_with(wait.as_mut(), &meddle(&tx)).is_pending());
    }
    let mut closed = Box::pin(tx.closed());
    for _ in 0..2 {
        assert!(poll_with(closed.as_mut(), &meddle(&tx)).is_pending());
    }
    assert_eq!(rx.try_recv(), Ok(1));
    drop(waits.remove(0));
    drop(waits.pop());
    rx.close();
    drop(rx);
    assert!(poll(closed.as_mut()).is_ready());
}

#[test]
fn a_waker_that_panics_does_not_keep_the_others_from_hearing_of_the_end() {
    let (tx, rx) = mpsc::channel(1);
    let value = Arc::new(());
    tx.try_send(value.clone()).unwrap();
    let (count, waker) = Count::new();
    let mut waits: Vec<_> = (0..80).map(|_| Box::pin(tx.reserve())).collect();
    for (i, wait) in waits.iter_mut().enumerate() {
        let waker = if i == 5 {
            Waker::from(Arc::new(Panics))
        } else {
            waker.clone()
        };
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    let mut closed = Box::pin(tx.closed());
    assert!(poll_with(closed.as_mut(), &waker).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
    assert_eq!(count.get(), 80);
    assert_eq!(Arc::strong_count(&value), 1);
}

type Reserve = Pin<Box<dyn Future<Output = Result<OwnedPermit<u32>, SendError<()>>>>>;

#[derive(Clone, Debug)]
enum Op {
    TrySend,
    Reserve,
    Poll(usize),
    Leave(usize),
    Use(usize),
    Release(usize),
    Recv,
    RecvMany(usize),
    Close,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::TrySend),
        6 => Just(Op::Reserve),
        6 => any::<usize>().prop_map(Op::Poll),
        3 => any::<usize>().prop_map(Op::Leave),
        4 => any::<usize>().prop_map(Op::Use),
        2 => any::<usize>().prop_map(Op::Release),
        8 => Just(Op::Recv),
        3 => (1..4usize).prop_map(Op::RecvMany),
    ]
}

/// The channel as a list: what is free, what is in it, who waits and who was granted.
struct Model {
    free: usize,
    queue: VecDeque<u32>,
    line: VecDeque<usize>,
    granted: Vec<usize>,
    closed: bool,
}

impl Model {
    fn give(&mut self, count: usize) {
        self.free += count;
        while self.free > 0 {
            let Some(id) = self.line.pop_front() else {
                return;
            };
            self.free -= 1;
            self.granted.push(id);
        }
    }
}

proptest! {
    #[test]
    fn the_channel_does_what_a_list_does(
        mut ops in prop::collection::vec(op(), 0..200),
        max in 1..5usize,
        close_at in 0..400usize,
    ) {
        if close_at < ops.len() {
            ops.insert(close_at, Op::Close);
        }
        let (tx, mut rx) = mpsc::channel::<u32>(max);
        let mut model = Model {
            free: max,
            queue: VecDeque::new(),
            line: VecDeque::new(),
            granted: Vec::new(),
            closed: false,
        };
        let mut waits: Vec<(usize, Reserve)> = Vec::new();
        let mut permits: Vec<OwnedPermit<u32>> = Vec::new();
        let (wakes, waker) = Count::new();
        for (id, op) in ops.into_iter().enumerate() {
            let value = id as u32;
            match op {
                Op::TrySend => match tx.try_send(value) {
                    Ok(()) => {
                        prop_assert!(!model.closed && model.free > 0);
                        model.free -= 1;
                        model.queue.push_back(value);
                    }
                    Err(TrySendError::Full(_)) => prop_assert_eq!(model.free, 0),
                    Err(TrySendError::Closed(_)) => prop_assert!(model.closed),
                },
                Op::Reserve => {
                    let mut wait: Reserve = Box::pin(tx.clone().reserve_owned());
                    match poll(wait.as_mut()) {
                        Poll::Ready(Ok(permit)) => {
                            prop_assert!(!model.closed && model.free > 0);
                            model.free -= 1;
                            permits.push(permit);
                        }
                        Poll::Ready(Err(_)) => prop_assert!(model.closed),
                        Poll::Pending => {
                            prop_assert!(!model.closed);
                            prop_assert_eq!(model.free, 0);
                            model.line.push_back(id);
                            waits.push((id, wait));
                        }
                    }
                }
                Op::Poll(at) if !waits.is_empty() => {
                    let at = at % waits.len();
                    let id = waits[at].0;
                    match poll(waits[at].1.as_mut()) {
                        Poll::Ready(Ok(permit)) => {
                            let place = model.granted.iter().position(|i| *i == id);
                            prop_assert!(!model.closed && place.is_some());
                            model.granted.swap_remove(place.unwrap());
                            permits.push(permit);
                            drop(waits.swap_remove(at));
                        }
                        Poll::Ready(Err(_)) => {
                            prop_assert!(model.closed);
                            if let Some(place) = model.granted.iter().position(|i| *i == id) {
                                model.granted.swap_remove(place);
                                model.give(1);
                            }
                            drop(waits.swap_remove(at));
                        }
                        Poll::Pending => prop_assert!(model.line.contains(&id)),
                    }
                }
                Op::Leave(at) if !waits.is_empty() => {
                    let (id, wait) = waits.swap_remove(at % waits.len());
                    drop(wait);
                    model.line.retain(|i| *i != id);
                    if let Some(place) = model.granted.iter().position(|i| *i == id) {
                        model.granted.swap_remove(place);
                        model.give(1);
                    }
                }
                Op::Use(at) if !permits.is_empty() => {
                    let permit = permits.swap_remove(at % permits.len());
                    drop(permit.send(value));
                    model.queue.push_back(value);
                }
                Op::Release(at) if !permits.is_empty() => {
                    drop(permits.swap_remove(at % permits.len()));
                    model.give(1);
                }
                Op::Recv => {
                    let before = wakes.get();
                    let received = poll_with(pin!(rx.recv()), &waker);
                    match model.queue.pop_front() {
                        Some(value) => {
                            prop_assert_eq!(received, Poll::Ready(Some(value)));
                            model.give(1);
                        }
                        None if model.closed && model.free == max => {
                            prop_assert_eq!(received, Poll::Ready(None));
                        }
                        None => prop_assert_eq!(received, Poll::Pending),
                    }
                    prop_assert_eq!(wakes.get(), before);
                }
                Op::RecvMany(limit) => {
                    let mut out = Vec::new();
                    let received = poll_with(pin!(rx.recv_many(&mut out, limit)), &waker);
                    let count = limit.min(model.queue.len());
                    let expected: Vec<u32> = model.queue.drain(..count).collect();
                    prop_assert_eq!(out, expected);
                    if count > 0 {
                        prop_assert_eq!(received, Poll::Ready(count));
                        model.give(count);
                    }
                }
                Op::Close => {
                    rx.close();
                    model.closed = true;
                    model.line.clear();
                }
                _ => {}
            }
            prop_assert_eq!(rx.len(), model.queue.len());
            prop_assert_eq!(tx.capacity(), model.free);
        }
    }
}

#[test]
fn a_slot_that_was_granted_and_not_taken_when_the_channel_closes_is_refused() {
    let (tx, mut rx) = mpsc::channel(1);
    let permit = tx.try_reserve().unwrap();
    let (count, waker) = Count::new();
    let mut send = Box::pin(tx.send(1));
    assert!(poll_with(send.as_mut(), &waker).is_pending());
    drop(permit);
    assert_eq!(count.get(), 1, "the slot is its");
    rx.close();
    let (end, waker) = Count::new();
    let mut recv = Box::pin(rx.recv());
    assert!(poll_with(recv.as_mut(), &waker).is_pending());
    assert_eq!(poll(send.as_mut()), Poll::Ready(Err(SendError(1))));
    assert_eq!(end.get(), 1);
    assert_eq!(poll(recv.as_mut()), Poll::Ready(None));
}

#[test]
fn one_who_wants_no_slots_goes_on_with_the_one_before() {
    let (tx, mut rx) = mpsc::channel(2);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let wakes = [(); 3].map(|()| Arc::new(Count::default()));
    let mut one = Box::pin(tx.reserve());
    let mut none = Box::pin(tx.reserve_many(0));
    let mut last = Box::pin(tx.reserve());
    assert!(poll_with(one.as_mut(), &Waker::from(wakes[0].clone())).is_pending());
    assert!(poll_with(none.as_mut(), &Waker::from(wakes[1].clone())).is_pending());
    assert!(poll_with(last.as_mut(), &Waker::from(wakes[2].clone())).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(wakes.each_ref().map(|count| count.get()), [1, 1, 0]);
    assert!(poll(one.as_mut()).is_ready());
    assert!(poll(none.as_mut()).is_ready());
    assert!(
        poll(last.as_mut()).is_ready(),
        "the first permit was dropped"
    );
}
