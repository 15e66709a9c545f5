//! The hand-overs between the reactor and those who wait.
//!
//! The source is a number of messages in a counter: `put` adds one and delivers the
//! event, as an edge-triggered selector does; a read in vain clears what was seen.

use super::word::Direction;
use super::*;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::sync::{Arc, thread};
use loom::future::block_on;
use std::future::poll_fn;
use std::task::Poll;

struct Model {
    registry: Registry,
    messages: AtomicUsize,
}

impl Model {
    fn new() -> (Arc<Model>, Key) {
        let model = Model {
            registry: Registry::new(),
            messages: AtomicUsize::new(0),
        };
        let key = model.registry.insert(Ready::EMPTY).expect("there is room");
        (Arc::new(model), key)
    }

    fn notify(&self, key: Key, ready: Ready) {
        let mut wakers = Vec::new();
        self.registry.notify(key, ready, &mut wakers);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn put(&self, key: Key) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.notify(key, Ready::READABLE);
    }

    fn try_get(&self) -> bool {
        let take = |count: usize| count.checked_sub(1);
        self.messages
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
    }

    /// Waits in the reader's slot for one message.
    fn get(&self, key: Key) {
        let entry = self.registry.entry(key);
        block_on(poll_fn(|cx| {
            loop {
                let Poll::Ready(event) = entry.poll_ready(Side::Read, cx) else {
                    return Poll::Pending;
                };
                if self.try_get() {
                    return Poll::Ready(());
                }
                entry.clear(Direction::Read, event);
            }
        }));
    }

    /// Waits on the list until the source is ready or shut.
    fn wait_shared(&self, key: Key) -> Sight {
        let mut waiter = self.registry.entry(key).waiter(Interest::READABLE);
        block_on(poll_fn(|cx| waiter.poll(cx)))
    }
}

fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

/// Explores a model of two threads with three preemptions, and one of three with two.
fn explore(threads: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(5 - threads);
    builder.check(model);
}

/// Broken on purpose by leaving out the second look in `Entry::wait`: the model ends in
/// a deadlock, which loom reports.
#[test]
fn an_event_between_look_and_suspend_is_not_lost() {
    explore(2, || {
        let (model, key) = Model::new();
        let theirs = model.clone();
        let reactor = spawn(move || theirs.put(key));
        model.get(key);
        reactor.join().expect("no panic");
    });
}

/// Broken on purpose by clearing without comparing the stamp, or by setting the bits
/// before the stamp is counted up, or by counting it up with a Relaxed step: the second
/// message lies there, and the reader waits for ever.
#[test]
fn an_event_that_comes_while_an_older_one_is_cleared_stays() {
    explore(2, || {
        let (model, key) = Model::new();
        model.notify(key, Ready::READABLE); // with nothing to read: a spurious event
        let theirs = model.clone();
        let reactor = spawn(move || {
            theirs.put(key);
            theirs.put(key);
        });
        model.get(key);
        model.get(key);
        reactor.join().expect("no panic");
    });
}

/// The same for the bit that is cleared only if it is all that was seen.
#[test]
fn a_close_that_comes_while_an_older_one_is_taken_back_stays() {
    explore(2, || {
        let (model, key) = Model::new();
        model.notify(key, Ready::READ_CLOSED); // a lie, as of a datagram socket
        let theirs = model.clone();
        let reactor = spawn(move || {
            theirs.messages.fetch_add(1, Ordering::Relaxed);
            theirs.notify(key, Ready::READ_CLOSED);
        });
        let entry = model.registry.entry(key);
        block_on(poll_fn(|cx| {
            loop {
                let Poll::Ready(event) = entry.poll_ready(Side::Read, cx) else {
                    return Poll::Pending;
                };
                if model.try_get() {
                    return Poll::Ready(());
                }
                entry.clear(Direction::Read, event);
            }
        }));
        reactor.join().expect("no panic");
    });
}

/// What the notifier did before is seen by whoever sees the event. Broken on purpose by
/// a Relaxed load in `Entry::look`: the assertion fails.
#[test]
fn an_event_publishes_what_came_before_it() {
    explore(2, || {
        let (model, key) = Model::new();
        let theirs = model.clone();
        let reactor = spawn(move || {
            theirs.messages.store(7, Ordering::Relaxed);
            theirs.notify(key, Ready::READABLE);
        });
        let entry = model.registry.entry(key);
        if entry.look(Direction::Read, Interest::READABLE).is_some() {
            assert_eq!(model.messages.load(Ordering::Relaxed), 7);
        }
        reactor.join().expect("no panic");
    });
}

#[test]
fn a_close_reaches_whoever_waits_and_whoever_begins_to() {
    explore(3, || {
        let (model, key) = Model::new();
        let theirs = model.clone();
        let closer = spawn(move || theirs.registry.close().into_iter().for_each(Waker::wake));
        let theirs = model.clone();
        let shared = spawn(move || assert!(theirs.wait_shared(key).is_shut()));
        let entry = model.registry.entry(key);
        let event = block_on(poll_fn(|cx| entry.poll_ready(Side::Write, cx)));
        assert!(event.is_shut());
        closer.join().expect("no panic");
        shared.join().expect("no panic");
    });
}

/// Broken on purpose by releasing the registry's lock between marking it closed and
/// shutting the entries: the assertion fails.
#[test]
fn a_source_inserted_during_the_close_is_refused_or_shut() {
    explore(2, || {
        let (model, _) = Model::new();
        let theirs = model.clone();
        let closer = spawn(move || assert!(theirs.registry.close().is_empty()));
        let inserted = model.registry.insert(Ready::EMPTY);
        closer.join().expect("no panic");
        match inserted {
            Err(refused) => assert_eq!(refused, Refused::Closed),
            Ok(key) => {
                let entry = model.registry.entry(key);
                assert!(entry.look(Direction::Read, Interest::READABLE).is_shut());
            }
        }
    });
}

/// Broken on purpose by not comparing the generation in `Entry::notify`: the new
/// occupant is closed by the old one's event.
#[test]
fn a_late_event_does_not_reach_the_next_occupant_of_the_entry() {
    explore(2, || {
        let (model, old) = Model::new();
        let theirs = model.clone();
        let reactor = spawn(move || theirs.notify(old, Ready::ALL));
        model.registry.remove(old);
        let new = model.registry.insert(Ready::EMPTY).expect("there is room");
        assert_eq!(new.token().0 as u32, old.token().0 as u32);
        let entry = model.registry.entry(new);
        for direction in [Direction::Read, Direction::Write, Direction::Except] {
            let all = Interest::READABLE | Interest::WRITABLE | Interest::ERROR;
            assert!(!entry.look(direction, all).is_some());
        }
        reactor.join().expect("no panic");
    });
}

/// Broken on purpose by taking only the first one from the list: a deadlock.
#[test]
fn of_two_who_share_each_is_woken_by_the_same_event() {
    explore(3, || {
        let (model, key) = Model::new();
        let (one, two) = (model.clone(), model.clone());
        let first = spawn(move || assert!(one.wait_shared(key).is_some()));
        let second = spawn(move || assert!(two.wait_shared(key).is_some()));
        model.notify(key, Ready::READABLE);
        first.join().expect("no panic");
        second.join().expect("no panic");
    });
}

/// One of two waiters gives up while the event comes in. The other one does not miss
/// it, and no waker is left behind. Broken on purpose by leaving out `Waiter`'s drop:
/// the last assertion fails.
#[test]
fn a_waiter_that_gives_up_takes_nobody_elses_event_along() {
    explore(3, || {
        let (model, key) = Model::new();
        let theirs = model.clone();
        let reactor = spawn(move || theirs.notify(key, Ready::READABLE));
        let theirs = model.clone();
        let other = spawn(move || {
            let mut waiter = theirs.registry.entry(key).waiter(Interest::READABLE);
            block_on(poll_fn(|cx| {
                let _ = waiter.poll(cx);
                Poll::Ready(())
            }));
        });
        let sight = model.wait_shared(key);
        assert!(sight.is_some());
        model.registry.entry(key).clear_all(&sight);
        reactor.join().expect("no panic");
        other.join().expect("no panic");
        let mut left = Vec::new();
        model.registry.notify(key, Ready::READABLE, &mut left);
        assert!(left.is_empty());
    });
}

/// A reader in the slot and a waiter on the list drain the same source.
#[test]
fn a_reader_that_drains_does_not_leave_the_one_who_shares_asleep() {
    explore(3, || {
        let (model, key) = Model::new();
        let theirs = model.clone();
        let shared = spawn(move || {
            let entry = theirs.registry.entry(key);
            while !theirs.try_get() {
                let mut waiter = entry.waiter(Interest::READABLE);
                let sight = block_on(poll_fn(|cx| waiter.poll(cx)));
                if theirs.try_get() {
                    return;
                }
                entry.clear_all(&sight);
            }
        });
        let theirs = model.clone();
        let reader = spawn(move || theirs.get(key));
        model.put(key);
        model.put(key);
        shared.join().expect("no panic");
        reader.join().expect("no panic");
    });
}
