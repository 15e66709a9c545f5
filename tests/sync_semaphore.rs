//! Promises of the semaphore: order, handing on, closing, and what panics.

#[path = "common/waking.rs"]
mod waking;

use proptest::prelude::*;
use runtime::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Poll, Waker};
use waking::{Count, Panics, meddling, poll, poll_with};

#[test]
fn a_small_request_does_not_pass_a_large_one() {
    let semaphore = Semaphore::new(2);
    let held = semaphore.try_acquire().unwrap();
    let mut large = pin!(semaphore.acquire_many(2));
    let mut small = pin!(semaphore.acquire());
    assert!(poll(large.as_mut()).is_pending());
    assert_eq!(
        semaphore.try_acquire().unwrap_err(),
        TryAcquireError::NoPermits
    );
    assert!(poll(small.as_mut()).is_pending());
    drop(held);
    assert!(poll(small.as_mut()).is_pending());
    let Poll::Ready(Ok(large)) = poll(large.as_mut()) else {
        panic!("the first in line has its permits");
    };
    drop(large);
    assert!(poll(small.as_mut()).is_ready());
}

#[test]
fn permits_of_a_future_that_is_dropped_go_on_to_the_next() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire().unwrap();
    let (count, waker) = Count::new();
    let mut first = Box::pin(semaphore.acquire());
    let mut second = Box::pin(semaphore.acquire());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll_with(second.as_mut(), &waker).is_pending());
    drop(held);
    assert_eq!(count.get(), 0, "it is the first one's turn");
    drop(first);
    assert_eq!(count.get(), 1);
    assert!(poll(second.as_mut()).is_ready());
}

#[test]
fn what_the_first_in_line_had_already_goes_on_to_the_next() {
    let semaphore = Semaphore::new(3);
    let mut large = Box::pin(semaphore.acquire_many(5));
    let mut next = Box::pin(semaphore.acquire_many(2));
    assert!(poll(large.as_mut()).is_pending());
    assert!(poll(next.as_mut()).is_pending());
    assert_eq!(semaphore.available_permits(), 0);
    drop(large);
    assert_eq!(semaphore.available_permits(), 1);
    assert!(poll(next.as_mut()).is_ready());
}

#[test]
fn close_refuses_those_in_line_and_keeps_what_was_granted() {
    let semaphore = Semaphore::new(2);
    let held = semaphore.try_acquire().unwrap();
    let mut granted = Box::pin(semaphore.acquire_many(2));
    let mut refused = Box::pin(semaphore.acquire_many(3));
    let (count, waker) = Count::new();
    assert!(poll(granted.as_mut()).is_pending());
    assert!(poll_with(refused.as_mut(), &waker).is_pending());
    drop(held);
    semaphore.add_permits(1);
    semaphore.close();
    assert_eq!(count.get(), 1);
    assert_eq!(semaphore.available_permits(), 1);
    let Poll::Ready(Err(error)) = poll(refused.as_mut()) else {
        panic!("refused");
    };
    assert_eq!(error.to_string(), "semaphore closed");
    let Poll::Ready(Ok(permit)) = poll(granted.as_mut()) else {
        panic!("granted before the close");
    };
    drop(permit);
    assert_eq!(semaphore.available_permits(), 3);
    assert_eq!(
        semaphore.try_acquire().unwrap_err(),
        TryAcquireError::Closed
    );
}

#[test]
fn no_permits_are_free_even_from_an_empty_or_closed_semaphore() {
    let semaphore = Semaphore::new(0);
    assert_eq!(semaphore.try_acquire_many(0).unwrap().num_permits(), 0);
    assert!(poll(pin!(semaphore.acquire_many(0))).is_ready());
    semaphore.close();
    assert!(semaphore.try_acquire_many(0).is_err());
}

fn place_of_panic(f: impl FnOnce()) -> (String, String) {
    let place = Arc::new(std::sync::Mutex::new(String::new()));
    let seen = place.clone();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        *seen.lock().unwrap() = info.location().unwrap().file().to_owned();
    }));
    let outcome = catch_unwind(AssertUnwindSafe(f));
    std::panic::set_hook(before);
    let message = outcome.unwrap_err();
    let message = message
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| message.downcast_ref::<&str>().map(|s| s.to_string()))
        .unwrap();
    let place = place.lock().unwrap().clone();
    (message, place)
}

type Case<'a> = Box<dyn FnOnce() + 'a>;

#[test]
fn too_many_permits_panic_at_the_callers_line() {
    let semaphore = Semaphore::new(Semaphore::MAX_PERMITS);
    let other = Semaphore::new(2);
    let cases: [(&str, Case<'_>); 4] = [
        (
            "MAX_PERMITS",
            Box::new(|| drop(Semaphore::new(Semaphore::MAX_PERMITS + 1))),
        ),
        ("MAX_PERMITS", Box::new(|| semaphore.add_permits(1))),
        (
            "MAX_PERMITS",
            Box::new(|| semaphore.add_permits(usize::MAX)),
        ),
        (
            "different semaphores",
            Box::new(|| {
                let mut one = semaphore.try_acquire().unwrap();
                one.merge(other.try_acquire().unwrap());
            }),
        ),
    ];
    for (words, case) in cases {
        let (message, place) = place_of_panic(case);
        assert!(message.contains(words), "{message}");
        assert!(place.ends_with("sync_semaphore.rs"), "{place}");
    }
    assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
    assert_eq!(other.available_permits(), 2);
}

#[test]
fn a_waker_may_use_the_semaphore_while_it_is_cloned_woken_and_dropped() {
    let semaphore = Arc::new(Semaphore::new(1));
    let meddle = || {
        let semaphore = semaphore.clone();
        meddling(move || {
            semaphore.add_permits(1);
            let mut wait = pin!(semaphore.acquire());
            let _ = poll(wait.as_mut());
            semaphore.forget_permits(1);
        })
    };
    let held = semaphore.clone().try_acquire_owned().unwrap();
    let mut waits: Vec<_> = (0..5)
        .map(|_| Box::pin(semaphore.acquire_many(100)))
        .collect();
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &meddle()).is_pending());
        assert!(poll_with(wait.as_mut(), &meddle()).is_pending());
    }
    drop(held);
    drop(waits.pop());
    drop(waits.remove(0));
    semaphore.add_permits(150);
    semaphore.close();
    for wait in &mut waits {
        assert!(poll(wait.as_mut()).is_ready());
    }
}

#[test]
fn a_waker_that_panics_does_not_take_the_others_permits_along() {
    let semaphore = Semaphore::new(0);
    let (count, waker) = Count::new();
    let mut waits: Vec<_> = (0..100).map(|_| Box::pin(semaphore.acquire())).collect();
    for (i, wait) in waits.iter_mut().enumerate() {
        let waker = if i == 3 {
            Waker::from(Arc::new(Panics))
        } else {
            waker.clone()
        };
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| semaphore.add_permits(120))).is_err());
    assert_eq!(count.get(), 99);
    assert_eq!(semaphore.available_permits(), 20);
    for wait in &mut waits {
        assert!(matches!(poll(wait.as_mut()), Poll::Ready(Ok(_))));
    }
}

#[test]
fn split_and_merge_keep_the_sum() {
    let semaphore = Arc::new(Semaphore::new(10));
    let mut all = semaphore.clone().try_acquire_many_owned(10).unwrap();
    let mut three = all.split(3).unwrap();
    assert!(all.split(8).is_none());
    assert!(all.split(usize::MAX).is_none());
    let one = three.split(1).unwrap();
    drop(three);
    assert_eq!(semaphore.available_permits(), 2);
    all.merge(one);
    assert_eq!(all.num_permits(), 8);
    all.forget();
    assert_eq!(semaphore.available_permits(), 2);
}

type Acquire = Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>>>>;

#[derive(Clone, Debug)]
enum Op {
    Ask(u32),
    Leave(usize),
    Poll(usize),
    GiveBack(usize),
    Add(usize),
    Try(u32),
    Forget(usize),
    Close,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (1..5u32).prop_map(Op::Ask),
        4 => any::<usize>().prop_map(Op::Leave),
        6 => any::<usize>().prop_map(Op::Poll),
        6 => any::<usize>().prop_map(Op::GiveBack),
        2 => (0..4usize).prop_map(Op::Add),
        4 => (1..5u32).prop_map(Op::Try),
        1 => (0..3usize).prop_map(Op::Forget),
    ]
}

/// The semaphore as a list: what is free, who waits and has how much, who was granted.
#[derive(Default)]
struct Model {
    free: usize,
    line: VecDeque<(u64, usize, usize)>,
    granted: Vec<(u64, usize)>,
    closed: bool,
}

impl Model {
    fn give(&mut self, count: usize) {
        self.free += count;
        while let Some((id, wanted, has)) = self.line.front_mut() {
            let moved = self.free.min(*wanted - *has);
            self.free -= moved;
            *has += moved;
            if has < wanted {
                return;
            }
            self.granted.push((*id, *wanted));
            self.line.pop_front();
        }
    }

    fn leave(&mut self, id: u64) {
        if let Some(at) = self.line.iter().position(|(i, ..)| *i == id) {
            let (_, _, has) = self.line.remove(at).unwrap();
            self.give(has);
        } else if let Some(at) = self.granted.iter().position(|(i, _)| *i == id) {
            let (_, count) = self.granted.swap_remove(at);
            self.give(count);
        }
    }
}

proptest! {
    #[test]
    fn the_semaphore_does_what_a_list_does(
        mut ops in prop::collection::vec(op(), 0..150),
        close_at in 0..300usize,
    ) {
        if close_at < ops.len() {
            ops.insert(close_at, Op::Close);
        }
        let semaphore = Arc::new(Semaphore::new(3));
        let mut model = Model { free: 3, ..Model::default() };
        let mut waits: Vec<(u64, Acquire)> = Vec::new();
        let mut held: Vec<OwnedSemaphorePermit> = Vec::new();
        for (id, op) in ops.into_iter().enumerate() {
            let id = id as u64;
            match op {
                Op::Ask(count) => {
                    let own = semaphore.clone();
                    let mut wait: Acquire =
                        Box::pin(async move { own.acquire_many_owned(count).await.ok() });
                    let count = count as usize;
                    match poll(wait.as_mut()) {
                        Poll::Ready(Some(permit)) => {
                            prop_assert!(!model.closed && model.line.is_empty());
                            prop_assert!(model.free >= count);
                            model.free -= count;
                            held.push(permit);
                        }
                        Poll::Ready(None) => prop_assert!(model.closed),
                        Poll::Pending => {
                            prop_assert!(!model.closed);
                            model.line.push_back((id, count, 0));
                            model.give(0);
                            prop_assert!(model.granted.iter().all(|(i, _)| *i != id));
                            waits.push((id, wait));
                        }
                    }
                }
                Op::Leave(at) if !waits.is_empty() => {
                    let at = at % waits.len();
                    let (id, wait) = waits.swap_remove(at);
                    drop(wait);
                    model.leave(id);
                }
                Op::Poll(at) if !waits.is_empty() => {
                    let at = at % waits.len();
                    let id = waits[at].0;
                    match poll(waits[at].1.as_mut()) {
                        Poll::Ready(Some(permit)) => {
                            let granted = model.granted.iter().position(|(i, _)| *i == id);
                            prop_assert!(granted.is_some());
                            model.granted.swap_remove(granted.unwrap());
                            held.push(permit);
                            drop(waits.swap_remove(at));
                        }
                        Poll::Ready(None) => {
                            prop_assert!(model.closed);
                            prop_assert!(model.granted.iter().all(|(i, _)| *i != id));
                            drop(waits.swap_remove(at));
                        }
                        Poll::Pending => {
                            prop_assert!(model.line.iter().any(|(i, ..)| *i == id));
                        }
                    }
                }
                Op::GiveBack(at) if !held.is_empty() => {
                    let permit = held.swap_remove(at % held.len());
                    let count = permit.num_permits();
                    drop(permit);
                    model.give(count);
                }
                Op::Add(count) => {
                    semaphore.add_permits(count);
                    model.give(count);
                }
                Op::Try(count) => match semaphore.clone().try_acquire_many_owned(count) {
                    Ok(permit) => {
                        prop_assert!(!model.closed && model.line.is_empty());
                        prop_assert!(model.free >= count as usize);
                        model.free -= count as usize;
                        held.push(permit);
                    }
                    Err(TryAcquireError::Closed) => prop_assert!(model.closed),
                    Err(TryAcquireError::NoPermits) => prop_assert!(model.free < count as usize),
                },
                Op::Forget(count) => {
                    let forgotten = semaphore.forget_permits(count);
                    prop_assert_eq!(forgotten, count.min(model.free));
                    model.free -= forgotten;
                }
                Op::Close => {
                    semaphore.close();
                    model.closed = true;
                    model.free += model.line.drain(..).map(|(_, _, has)| has).sum::<usize>();
                }
                _ => {}
            }
            prop_assert_eq!(semaphore.available_permits(), model.free);
        }
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
fn more_permits_than_can_be_asked_for_at_once_can_be_merged() {
    let many = u32::MAX as usize;
    let semaphore = Arc::new(Semaphore::new(2 * many));
    let mut one = semaphore.try_acquire_many(u32::MAX).unwrap();
    one.merge(semaphore.try_acquire_many(u32::MAX).unwrap());
    assert_eq!(one.num_permits(), 2 * many);
    assert_eq!(one.split(many + 1).unwrap().num_permits(), many + 1);
    drop(one);
    assert_eq!(semaphore.available_permits(), 2 * many);
    let owned = || semaphore.clone().try_acquire_many_owned(u32::MAX).unwrap();
    let mut one = owned();
    one.merge(owned());
    assert_eq!(
        (one.num_permits(), semaphore.available_permits()),
        (2 * many, 0)
    );
    drop(one);
    assert_eq!(semaphore.available_permits(), 2 * many);
}
