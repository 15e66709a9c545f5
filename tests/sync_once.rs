//! Promises of the values that are there once: who makes them, who waits, what is dropped.

#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use runtime::sync::{OnceCell, SetError, SetOnce, SetOnceError};
use runtime::time::{Duration, timeout};
use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use waking::{Count, meddling, poll, poll_with};

#[test]
fn of_many_who_ask_one_makes_the_value() {
    let cell = Arc::new(OnceCell::new());
    let threads: Vec<_> = (0..8)
        .map(|i| {
            let cell = cell.clone();
            thread::spawn(move || *block_on(cell.get_or_init(|| async move { i })))
        })
        .collect();
    let seen: Vec<i32> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert!(seen.iter().all(|value| Some(value) == cell.get()));
}

#[test]
fn who_is_dropped_in_the_middle_is_followed_by_the_next() {
    let cell = OnceCell::new();
    let (count, waker) = Count::new();
    let mut first = Box::pin(cell.get_or_init(pending));
    assert!(poll(first.as_mut()).is_pending());
    let mut second = Box::pin(cell.get_or_init(|| async { 2 }));
    assert!(poll_with(second.as_mut(), &waker).is_pending());
    assert_eq!(cell.set(3), Err(SetError::InitializingError(3)));
    drop(first);
    assert_eq!(count.get(), 1);
    assert_eq!(poll(second.as_mut()), Poll::Ready(&2));
}

#[test]
fn who_is_dropped_after_the_turn_came_passes_it_on() {
    let cell = OnceCell::new();
    let mut first = Box::pin(cell.get_or_init(pending));
    let mut second = Box::pin(cell.get_or_init(|| async { 2 }));
    let mut third = Box::pin(cell.get_or_init(|| async { 3 }));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    assert!(poll(third.as_mut()).is_pending());
    drop(first);
    drop(second);
    assert_eq!(poll(third.as_mut()), Poll::Ready(&3));
}

#[test]
fn an_error_or_a_panic_leaves_the_cell_empty_for_the_next() {
    let cell = OnceCell::<i32>::new();
    let failed = block_on(cell.get_or_try_init(|| async { Err("no") }));
    assert_eq!(failed, Err("no"));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        block_on(cell.get_or_init(|| async { panic!("in the future") }));
    }));
    assert!(outcome.is_err());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        block_on(cell.get_or_init(|| -> std::future::Ready<i32> { panic!("in the closure") }));
    }));
    assert!(outcome.is_err());
    assert!(!cell.initialized());
    assert_eq!(block_on(cell.get_or_init(|| async { 4 })), &4);
}

#[test]
fn a_value_is_not_made_twice_nor_for_nothing() {
    let cell = OnceCell::from(1);
    let asked = Cell::new(false);
    let value = block_on(cell.get_or_init(|| async {
        asked.set(true);
        2
    }));
    assert_eq!((value, asked.get()), (&1, false));
    assert_eq!(cell.set(2), Err(SetError::AlreadyInitializedError(2)));
    assert_eq!(cell.clone(), cell);
    assert_eq!(format!("{cell:?}"), "OnceCell { value: Some(1) }");
}

#[test]
fn a_cell_that_was_emptied_can_be_filled_again() {
    let mut cell = OnceCell::new_with(Some(1));
    assert_eq!(cell.take(), Some(1));
    assert_eq!(cell.take(), None);
    assert_eq!(cell.set(2), Ok(()));
    *cell.get_mut().unwrap() += 1;
    assert_eq!(cell.into_inner(), Some(3));
}

#[test]
fn the_values_are_dropped_once() {
    let value = Arc::new(());
    let (cell, once) = (OnceCell::new(), SetOnce::new());
    cell.set(value.clone()).unwrap();
    once.set(value.clone()).unwrap();
    let _ = once.set(value.clone());
    let _ = cell.set(value.clone());
    assert_eq!(Arc::strong_count(&value), 3);
    drop((cell, once));
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn all_who_wait_are_told_and_the_second_value_comes_back() {
    let once = SetOnce::new();
    let (count, waker) = Count::new();
    let mut waits: Vec<_> = (0..50).map(|_| Box::pin(once.wait())).collect();
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    drop(waits.pop());
    assert_eq!(once.set(1), Ok(()));
    assert_eq!(count.get(), 49);
    assert_eq!(once.set(2), Err(SetOnceError(2)));
    assert!(
        waits
            .iter_mut()
            .all(|wait| poll(wait.as_mut()) == Poll::Ready(&1))
    );
    assert_eq!(once.clone(), SetOnce::from(1));
    drop(waits);
    assert_eq!(once.into_inner(), Some(1));
}

#[test]
fn a_waker_may_use_the_cell_while_it_is_cloned_woken_and_dropped() {
    let once = Arc::new(SetOnce::new());
    let theirs = once.clone();
    let waker = meddling(move || {
        let _ = poll(pin!(theirs.wait()));
        let _ = theirs.get();
    });
    let mut wait = Box::pin(once.wait());
    assert!(poll_with(wait.as_mut(), &waker).is_pending());
    once.set(5).unwrap();
    assert_eq!(poll(wait.as_mut()), Poll::Ready(&5));
}

#[test]
fn a_timeout_fires_around_values_that_are_always_there() {
    runtime::rt::Runtime::new().unwrap().block_on(async {
        let (cell, once) = (OnceCell::from(1), SetOnce::from(1));
        let endless = async {
            loop {
                cell.get_or_init(|| async { 2 }).await;
            }
        };
        assert!(timeout(Duration::from_millis(1), endless).await.is_err());
        let endless = async {
            loop {
                once.wait().await;
            }
        };
        assert!(timeout(Duration::from_millis(1), endless).await.is_err());
    });
}
