//! Promises of the read-write lock: exclusion, order, handing on, downgrades, mapped guards.

#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use runtime::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use runtime::sync::{RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::thread;
use waking::{Count, meddling, poll, poll_with};

#[test]
fn threads_that_write_lose_nothing_and_readers_see_both_halves() {
    let lock = Arc::new(RwLock::new((0, 0)));
    let threads: Vec<_> = (0..4)
        .map(|i| {
            let lock = lock.clone();
            thread::spawn(move || {
                for _ in 0..1000 {
                    if i % 2 == 0 {
                        block_on(async {
                            let mut both = lock.write().await;
                            both.0 += 1;
                            both.1 += 1;
                        });
                    } else {
                        let both = lock.blocking_read();
                        assert_eq!(both.0, both.1);
                    }
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert_eq!(*lock.blocking_write(), (2000, 2000));
}

#[test]
fn a_writer_is_not_passed_by_readers_that_come_later() {
    let lock = RwLock::new(());
    let held = lock.try_read().unwrap();
    let mut writer = Box::pin(lock.write());
    let mut reader = Box::pin(lock.read());
    assert!(poll(writer.as_mut()).is_pending());
    assert!(lock.try_read().is_err(), "the writer is first");
    assert!(poll(reader.as_mut()).is_pending());
    drop(held);
    assert!(poll(reader.as_mut()).is_pending());
    assert!(poll(writer.as_mut()).is_ready());
    assert!(poll(reader.as_mut()).is_ready());
}

#[test]
fn a_reader_is_not_passed_by_writers_that_come_later() {
    let lock = RwLock::new(());
    let held = lock.try_write().unwrap();
    let mut reader = Box::pin(lock.read());
    let mut writer = Box::pin(lock.write());
    assert!(poll(reader.as_mut()).is_pending());
    assert!(poll(writer.as_mut()).is_pending());
    drop(held);
    assert!(poll(writer.as_mut()).is_pending());
    let read = poll(reader.as_mut());
    assert!(read.is_ready());
    assert!(poll(writer.as_mut()).is_pending());
    drop(read);
    assert!(poll(writer.as_mut()).is_ready());
}

#[test]
fn all_readers_behind_a_writer_that_leaves_go_on() {
    let lock = Arc::new(RwLock::new(()));
    let held = lock.clone().try_read_owned().unwrap();
    let (count, waker) = Count::new();
    let mut writer = Box::pin(lock.clone().write_owned());
    assert!(poll(writer.as_mut()).is_pending());
    let mut readers: Vec<_> = (0..50).map(|_| Box::pin(lock.read())).collect();
    for reader in &mut readers {
        assert!(poll_with(reader.as_mut(), &waker).is_pending());
    }
    drop(writer);
    assert_eq!(count.get(), 50);
    assert!(
        readers
            .iter_mut()
            .all(|reader| poll(reader.as_mut()).is_ready())
    );
    drop((readers, held));
    assert!(lock.try_write().is_ok(), "every permit came back");
}

#[test]
fn a_lock_that_was_granted_to_a_future_that_is_dropped_goes_on() {
    let lock = RwLock::new(());
    let held = lock.try_write().unwrap();
    let (count, waker) = Count::new();
    let mut first = Box::pin(lock.write());
    let mut second = Box::pin(lock.read());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll_with(second.as_mut(), &waker).is_pending());
    drop(held);
    assert_eq!(count.get(), 0);
    drop(first);
    assert_eq!(count.get(), 1);
    assert!(poll(second.as_mut()).is_ready());
}

#[test]
fn a_downgrade_lets_readers_in_and_writers_not() {
    let lock = Arc::new(RwLock::new(1));
    let mut writer = lock.try_write().unwrap();
    let mut next = Box::pin(lock.read());
    let mut last = Box::pin(lock.write());
    assert!(poll(next.as_mut()).is_pending());
    assert!(poll(last.as_mut()).is_pending());
    *writer = 2;
    let reader = writer.downgrade();
    let next = poll(next.as_mut());
    assert!(next.is_ready());
    assert!(poll(last.as_mut()).is_pending());
    assert_eq!(*reader, 2);
    drop((reader, next));
    assert!(poll(last.as_mut()).is_ready());
    let owned = lock.clone().try_write_owned().unwrap().downgrade();
    assert!(lock.try_read().is_ok() && lock.try_write().is_err());
    drop(owned);
    assert!(lock.try_write().is_ok());
    assert_eq!(Arc::strong_count(&lock), 1);
}

#[test]
fn there_are_as_many_readers_as_was_said_and_never_too_many() {
    let lock = RwLock::with_max_readers((), 2);
    let two = (lock.try_read().unwrap(), lock.try_read().unwrap());
    assert!(lock.try_read().is_err());
    drop(two.0);
    assert!(lock.try_read().is_ok());
    drop(two.1);
    assert!(lock.try_write().is_ok());
    for wrong in [0, u32::MAX] {
        let outcome = catch_unwind(|| RwLock::with_max_readers((), wrong));
        let message = *outcome.unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains("from 1 to"), "{message}");
    }
}

#[test]
fn mapped_guards_reach_their_part_and_unlock_once() {
    let lock = Arc::new(RwLock::new((1, vec![2, 3])));
    let list = RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.1);
    let mut last = RwLockMappedWriteGuard::map(list, |list| &mut list[1]);
    *last = 4;
    assert!(lock.try_read().is_err());
    drop(last);
    let list = OwnedRwLockReadGuard::map(lock.clone().try_read_owned().unwrap(), |pair| &pair.1);
    let list = OwnedRwLockReadGuard::try_map(list, |list| list.get(9)).unwrap_err();
    assert_eq!(*list, [2, 4]);
    assert!(lock.try_write().is_err());
    drop(list);
    let writer = lock.clone().try_write_owned().unwrap();
    let writer = OwnedRwLockWriteGuard::try_downgrade_map(writer, |pair| pair.1.get(9));
    let first = OwnedRwLockWriteGuard::downgrade_map(writer.unwrap_err(), |pair| &pair.0);
    let more = RwLockReadGuard::map(lock.try_read().unwrap(), |pair| &pair.0);
    assert_eq!(*first, *more);
    drop((first, more));
    assert!(lock.try_write().is_ok());
    assert_eq!(Arc::into_inner(lock).unwrap().into_inner(), (1, vec![2, 4]));
}

#[test]
fn a_panic_unlocks_and_a_panicking_map_does_too() {
    let lock = RwLock::new(1);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        RwLockWriteGuard::downgrade_map(lock.try_write().unwrap(), |_| -> &i32 { panic!("in map") })
    }));
    assert!(outcome.is_err());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        RwLockReadGuard::map(lock.try_read().unwrap(), |_| -> &i32 { panic!("in map") })
    }));
    assert!(outcome.is_err());
    assert!(lock.try_write().is_ok());
}

#[test]
fn an_unsized_value_can_be_locked_and_shows_itself() {
    let lock: Arc<RwLock<[i32]>> = Arc::new(RwLock::new([1, 2, 3]));
    lock.try_write().unwrap()[1] = 5;
    let part = RwLockReadGuard::map(lock.try_read().unwrap(), |all| &all[1..]);
    assert_eq!(
        format!("{part:?} {lock:?}"),
        "[5, 3] RwLock { data: [1, 5, 3] }"
    );
    drop(part);
    let writer = lock.clone().try_write_owned().unwrap();
    assert_eq!(format!("{lock:?}"), "RwLock { data: <locked> }");
    drop(writer);
    assert_eq!(format!("{}", RwLock::from(5).try_read().unwrap()), "5");
}

#[test]
fn a_waker_may_use_the_lock_while_it_is_cloned_woken_and_dropped() {
    let lock = Arc::new(RwLock::new(0));
    let held = lock.try_write().unwrap();
    let meddle = || {
        let lock = lock.clone();
        meddling(move || {
            let _ = poll(pin!(lock.read()));
            let _ = poll(pin!(lock.write()));
        })
    };
    let mut first = Box::pin(lock.write());
    let mut second = Box::pin(lock.read());
    assert!(poll_with(first.as_mut(), &meddle()).is_pending());
    assert!(poll_with(second.as_mut(), &meddle()).is_pending());
    assert!(poll_with(second.as_mut(), &meddle()).is_pending());
    drop(held);
    drop(first);
    assert!(poll(second.as_mut()).is_ready());
}

thread_local! {
    static PANICKED_AT: Cell<Option<(&'static str, u32)>> = const { Cell::new(None) };
}

#[test]
fn blocking_on_a_thread_that_polls_panics_at_the_callers_line() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let line = info.location().map(|at| (file!(), at.line()));
        let here = info.location().is_some_and(|at| at.file() == file!());
        PANICKED_AT.set(line.filter(|_| here));
        before(info);
    }));
    let runtime = runtime::rt::Runtime::new().unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async { drop(RwLock::new(1).blocking_read()) });
    }));
    assert!(outcome.is_err());
    assert_eq!(PANICKED_AT.get(), Some((file!(), line!() - 3)));
}
