//! Promises of the mutex: exclusion, order, handing on, unlocking by a panic.

#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use runtime::sync::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::thread;
use waking::{Count, meddling, poll, poll_with};

#[test]
fn four_threads_count_without_losing_one() {
    let count = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..4)
        .map(|i| {
            let count = count.clone();
            thread::spawn(move || {
                for _ in 0..2000 {
                    if i % 2 == 0 {
                        block_on(async { *count.lock().await += 1 });
                    } else {
                        *count.blocking_lock() += 1;
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(*count.blocking_lock(), 8000);
}

#[test]
fn the_line_is_first_come_first_served_and_is_not_passed() {
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let mut first = Box::pin(mutex.lock());
    let mut second = Box::pin(mutex.lock());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    drop(held);
    assert!(mutex.try_lock().is_err(), "the first in line has it");
    assert!(poll(second.as_mut()).is_pending());
    assert!(poll(first.as_mut()).is_ready());
    assert!(poll(second.as_mut()).is_ready());
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn a_lock_that_was_granted_to_a_future_that_is_dropped_goes_on() {
    let mutex = Arc::new(Mutex::new(()));
    let held = mutex.clone().try_lock_owned().unwrap();
    let (count, waker) = Count::new();
    let mut first = Box::pin(mutex.clone().lock_owned());
    let mut second = Box::pin(mutex.lock());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll_with(second.as_mut(), &waker).is_pending());
    drop(held);
    drop(first);
    assert_eq!(count.get(), 1);
    assert!(poll(second.as_mut()).is_ready());
}

#[test]
fn a_panic_unlocks_and_a_panicking_map_does_too() {
    let mutex = Mutex::new(1);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let _guard = mutex.try_lock().unwrap();
        panic!("while locked");
    }));
    assert!(outcome.is_err());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        MutexGuard::map(mutex.try_lock().unwrap(), |_| -> &mut i32 {
            panic!("in map")
        })
    }));
    assert!(outcome.is_err());
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn a_mapped_guard_reaches_its_part_and_unlocks_once() {
    let mutex = Arc::new(Mutex::new((1, vec![2, 3])));
    let list = MutexGuard::map(mutex.try_lock().unwrap(), |pair| &mut pair.1);
    let mut last = MappedMutexGuard::map(list, |list| &mut list[1]);
    *last = 4;
    assert!(mutex.try_lock().is_err());
    drop(last);
    let list = OwnedMutexGuard::map(mutex.clone().try_lock_owned().unwrap(), |pair| &mut pair.1);
    let list = OwnedMappedMutexGuard::try_map(list, |list| list.get_mut(9)).unwrap_err();
    let mut first = OwnedMappedMutexGuard::try_map(list, |list| list.get_mut(0)).unwrap();
    *first = 5;
    assert!(mutex.try_lock().is_err());
    drop(first);
    assert_eq!(*mutex.try_lock().unwrap(), (1, vec![5, 4]));
    assert_eq!(Arc::strong_count(&mutex), 1);
    let mutex = Arc::into_inner(mutex).unwrap();
    assert_eq!(mutex.into_inner(), (1, vec![5, 4]));
}

#[test]
fn an_unsized_value_can_be_locked() {
    let mutex: Arc<Mutex<[i32]>> = Arc::new(Mutex::new([1, 2, 3]));
    mutex.try_lock().unwrap()[1] = 5;
    let part = OwnedMutexGuard::map(mutex.clone().try_lock_owned().unwrap(), |all| &mut all[1..]);
    assert_eq!(&*part, &[5, 3]);
    assert_eq!(format!("{mutex:?}"), "Mutex { data: <locked> }");
    drop(part);
    assert_eq!(format!("{mutex:?}"), "Mutex { data: [1, 5, 3] }");
}

#[test]
fn a_waker_may_use_the_mutex_while_it_is_cloned_woken_and_dropped() {
    let mutex = Arc::new(Mutex::new(0));
    let held = mutex.try_lock().unwrap();
    let meddle = || {
        let mutex = mutex.clone();
        meddling(move || {
            let mut wait = pin!(mutex.lock());
            let _ = poll(wait.as_mut());
        })
    };
    let mut first = Box::pin(mutex.lock());
    let mut second = Box::pin(mutex.lock());
    for wait in [&mut first, &mut second] {
        assert!(poll_with(wait.as_mut(), &meddle()).is_pending());
        assert!(poll_with(wait.as_mut(), &meddle()).is_pending());
    }
    drop(held);
    drop(first);
    assert!(poll(second.as_mut()).is_ready());
}

#[test]
fn who_has_no_budget_left_gets_a_place_in_the_line_all_the_same() {
    let runtime = runtime::rt::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mutex = Mutex::new(());
        let guard = mutex.lock().await;
        let (count, waker) = Count::new();
        let mut first = Box::pin(mutex.lock());
        let mut second = Box::pin(mutex.lock());
        let no_budget = || poll(pin!(runtime::task::consume_budget())).is_pending();
        while !no_budget() {}
        assert!(poll_with(first.as_mut(), &waker).is_pending());
        runtime::task::unconstrained(async {
            assert!(poll(second.as_mut()).is_pending());
        })
        .await;
        drop(guard);
        assert_eq!(
            count.get(),
            1,
            "it is the first one's turn, and was not before"
        );
        drop(first);
        runtime::task::yield_now().await;
        assert!(poll(second.as_mut()).is_ready());
    });
}

#[test]
fn what_is_free_is_left_where_it_is_by_who_has_no_budget() {
    let runtime = runtime::rt::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mutex = Mutex::new(());
        while poll(pin!(runtime::task::consume_budget())).is_ready() {}
        let mut lock = Box::pin(mutex.lock());
        assert!(poll(lock.as_mut()).is_pending());
        assert!(mutex.try_lock().is_ok());
        runtime::task::yield_now().await;
        assert!(poll(lock.as_mut()).is_ready());
    });
}
