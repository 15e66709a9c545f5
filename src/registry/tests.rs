//! The registry by itself: keys, slots, generations, and who is woken.

use super::word::Direction;
use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn task() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count::default());
    (count.clone(), Waker::from(count))
}

fn notify(registry: &Registry, key: Key, ready: Ready) -> usize {
    let mut wakers = Vec::new();
    registry.notify(key, ready, &mut wakers);
    let woken = wakers.len();
    wakers.into_iter().for_each(Waker::wake);
    woken
}

#[test]
fn every_index_has_one_place_and_pages_are_full() {
    let mut expected = (0, 0);
    for index in 0..100_000 {
        assert_eq!(locate(index), expected);
        expected.1 += 1;
        if expected.1 == (FIRST as usize) << expected.0 {
            expected = (expected.0 + 1, 0);
        }
    }
    let (page, place) = locate(u32::MAX);
    assert!(
        page == PAGES && place == (FIRST - 1) as usize,
        "the first index beyond"
    );
}

#[test]
fn an_entry_fills_two_cache_lines() {
    assert_eq!(size_of::<Entry>(), 128);
}

#[test]
fn a_freed_entry_is_used_again_under_another_key() {
    let registry = Registry::new();
    let keys: Vec<Key> = (0..200)
        .map(|_| registry.insert(Ready::EMPTY).expect("there is room"))
        .collect();
    assert_eq!(registry.len(), 200);
    let (count, waker) = task();
    let mut cx = Context::from_waker(&waker);
    let old = keys[100];
    registry.remove(old);
    assert_eq!(registry.len(), 199);
    let new = registry.insert(Ready::EMPTY).expect("there is room");
    assert_eq!(new.index, old.index);
    assert_ne!(new, old);
    let entry = registry.entry(new);
    assert!(entry.poll_ready(Side::Read, &mut cx).is_pending());
    assert_eq!(notify(&registry, old, Ready::ALL), 0);
    assert!(entry.poll_ready(Side::Read, &mut cx).is_pending());
    assert_eq!(notify(&registry, new, Ready::READABLE), 1);
    assert_eq!(count.get(), 1);
    assert!(entry.poll_ready(Side::Read, &mut cx).is_ready());
    assert!(entry.poll_ready(Side::Write, &mut cx).is_pending());
}

#[test]
fn an_entry_whose_generations_are_used_up_is_retired() {
    let registry = Registry::new();
    let key = registry.insert(Ready::EMPTY).expect("there is room");
    registry.remove(key);
    registry.at(key.index).start_generation_at(u32::MAX);
    let last = registry.insert(Ready::EMPTY).expect("there is room");
    assert_eq!((last.index, last.generation), (key.index, u32::MAX));
    registry.remove(last);
    let next = registry.insert(Ready::EMPTY).expect("there is room");
    assert_ne!(next.index, key.index);
}

#[test]
fn an_event_for_a_key_that_was_never_given_out_does_nothing() {
    let registry = Registry::new();
    for token in [0, 1, 1 << 32, u32::MAX as usize, usize::MAX] {
        assert_eq!(
            notify(&registry, Key::from_token(mio::Token(token)), Ready::ALL),
            0
        );
    }
}

#[test]
fn a_source_that_is_taken_to_be_ready_is_ready_until_cleared() {
    let registry = Registry::new();
    let (_, waker) = task();
    let mut cx = Context::from_waker(&waker);
    let key = registry.insert(Ready::READABLE).expect("there is room");
    let entry = registry.entry(key);
    let Poll::Ready(event) = entry.poll_ready(Side::Read, &mut cx) else {
        panic!("it was said to be ready");
    };
    assert!(entry.poll_ready(Side::Write, &mut cx).is_pending());
    entry.clear(Direction::Read, event);
    assert!(entry.poll_ready(Side::Read, &mut cx).is_pending());
}

#[test]
fn readers_writers_and_many_who_share_are_each_woken_by_what_concerns_them() {
    let registry = Registry::new();
    let key = registry.insert(Ready::EMPTY).expect("there is room");
    let entry = registry.entry(key);
    let tasks: [(Arc<Count>, Waker); 7] = std::array::from_fn(|_| task());
    let mut cx: Vec<Context<'_>> = tasks.iter().map(|t| Context::from_waker(&t.1)).collect();
    let both = Interest::READABLE | Interest::WRITABLE;
    let interests = [
        Interest::READABLE,
        Interest::READABLE,
        Interest::WRITABLE,
        both,
        Interest::ERROR,
    ];
    let mut shared: Vec<Waiter<'_>> = interests.map(|i| entry.waiter(i)).into();
    let mut poll_all = || {
        let _ = entry.poll_ready(Side::Read, &mut cx[0]);
        let _ = entry.poll_ready(Side::Write, &mut cx[1]);
        for (waiter, cx) in shared.iter_mut().zip(&mut cx[2..]) {
            let _ = waiter.poll(cx);
        }
        for direction in [Direction::Read, Direction::Write, Direction::Except] {
            for interest in [both, Interest::ERROR] {
                entry.clear(direction, entry.look(direction, interest));
            }
        }
    };
    let woken = || tasks.each_ref().map(|t| t.0.0.swap(0, Ordering::Relaxed));
    poll_all();
    assert_eq!(woken(), [0; 7]);
    notify(&registry, key, Ready::READABLE);
    assert_eq!(woken(), [1, 0, 1, 1, 0, 1, 0]);
    notify(&registry, key, Ready::READABLE);
    assert_eq!(woken(), [0; 7], "nobody has come back yet");
    for (ready, expected) in [
        (Ready::WRITABLE, [0, 1, 0, 0, 1, 1, 0]),
        (Ready::READ_CLOSED, [1, 0, 1, 1, 0, 1, 0]),
        (Ready::WRITE_CLOSED, [0, 1, 0, 0, 1, 1, 0]),
        (Ready::ERROR, [1; 7]),
    ] {
        poll_all();
        poll_all(); // the first found what was left from before
        woken();
        notify(&registry, key, ready);
        assert_eq!(woken(), expected, "{ready:?}");
    }
}

#[test]
fn the_same_waker_is_not_cloned_again_and_another_one_replaces_it() {
    let registry = Registry::new();
    let key = registry.insert(Ready::EMPTY).expect("there is room");
    let entry = registry.entry(key);
    let (first, first_waker) = task();
    let (second, second_waker) = task();
    let mut waiter = entry.waiter(Interest::READABLE);
    for _ in 0..3 {
        let mut cx = Context::from_waker(&first_waker);
        assert!(entry.poll_ready(Side::Read, &mut cx).is_pending());
        assert!(waiter.poll(&mut cx).is_pending());
        assert_eq!(Arc::strong_count(&first), 4);
    }
    let mut cx = Context::from_waker(&second_waker);
    assert!(entry.poll_ready(Side::Read, &mut cx).is_pending());
    assert!(waiter.poll(&mut cx).is_pending());
    assert_eq!(Arc::strong_count(&first), 2, "the old ones are gone");
    assert_eq!(notify(&registry, key, Ready::READABLE), 2);
    assert_eq!((first.get(), second.get()), (0, 2));
}

#[test]
fn a_waiter_that_is_dropped_leaves_the_list() {
    let registry = Registry::new();
    let key = registry.insert(Ready::EMPTY).expect("there is room");
    let entry = registry.entry(key);
    let (count, waker) = task();
    let mut cx = Context::from_waker(&waker);
    let mut gone = entry.waiter(Interest::READABLE);
    let mut stays = entry.waiter(Interest::READABLE);
    assert!(gone.poll(&mut cx).is_pending());
    assert!(stays.poll(&mut cx).is_pending());
    drop(gone);
    assert_eq!(Arc::strong_count(&count), 3);
    assert_eq!(notify(&registry, key, Ready::READABLE), 1);
    assert!(stays.poll(&mut cx).is_ready());
}

#[test]
fn a_leaked_waiter_is_woken_and_forgotten_when_the_source_goes() {
    let registry = Registry::new();
    let key = registry.insert(Ready::EMPTY).expect("there is room");
    let (count, waker) = task();
    let mut waiter = registry.entry(key).waiter(Interest::READABLE);
    assert!(waiter.poll(&mut Context::from_waker(&waker)).is_pending());
    std::mem::forget(waiter);
    registry.remove(key);
    assert_eq!(count.get(), 1);
    assert_eq!(Arc::strong_count(&count), 2);
}

#[test]
fn a_closed_registry_wakes_everyone_and_lets_nobody_in() {
    let registry = Registry::new();
    let key = registry.insert(Ready::EMPTY).expect("there is room");
    let entry = registry.entry(key);
    let (count, waker) = task();
    let mut cx = Context::from_waker(&waker);
    let mut waiter = entry.waiter(Interest::ERROR);
    assert!(entry.poll_ready(Side::Read, &mut cx).is_pending());
    assert!(waiter.poll(&mut cx).is_pending());
    registry.close().into_iter().for_each(Waker::wake);
    assert_eq!(count.get(), 2);
    for _ in 0..2 {
        let Poll::Ready(sight) = waiter.poll(&mut cx) else {
            panic!("closed");
        };
        assert!(sight.is_shut());
        let Poll::Ready(event) = entry.poll_ready(Side::Write, &mut cx) else {
            panic!("closed");
        };
        assert!(event.is_shut());
        entry.clear(Direction::Write, event);
    }
    assert_eq!(registry.insert(Ready::EMPTY), Err(Refused::Closed));
    let error = io::Error::from(Refused::Closed);
    assert_eq!(error.to_string(), "the runtime was shut down");
    drop(waiter);
    registry.remove(key);
    assert_eq!(registry.len(), 0);
    assert!(registry.close().is_empty());
}

#[test]
fn the_stamp_may_wrap_between_two_events() {
    let registry = Registry::new();
    let key = registry.insert(Ready::EMPTY).expect("there is room");
    let entry = registry.entry(key);
    entry.start_at(u32::MAX - 1);
    for _ in 0..4 {
        notify(&registry, key, Ready::READABLE);
        let old = entry.look(Direction::Read, Interest::READABLE);
        notify(&registry, key, Ready::READABLE);
        entry.clear(Direction::Read, old);
        let new = entry.look(Direction::Read, Interest::READABLE);
        assert!(new.is_some(), "the newer event is still there");
        entry.clear(Direction::Read, new);
        assert!(!entry.look(Direction::Read, Interest::READABLE).is_some());
    }
}
