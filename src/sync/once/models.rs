//! Models of the values that are there once: who makes it, who waits, who leaves.

use super::*;
use crate::base::sync::{Arc, thread};
use loom::future::block_on;
use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Waker};

fn spawn<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

#[test]
fn two_who_ask_get_the_same_value_and_one_of_them_makes_it() {
    model(|| {
        let cell = Arc::new(OnceCell::new());
        let theirs = cell.clone();
        let other = spawn(move || *block_on(theirs.get_or_init(|| async { 1 })));
        let mine = *block_on(cell.get_or_init(|| async { 2 }));
        assert_eq!(other.join().expect("no panic"), mine);
    });
}

/// Broken on purpose by a `Right` that does not give the permit back: loom reports the
/// deadlock of the second.
#[test]
fn when_one_leaves_in_the_middle_of_making_it_the_next_makes_it() {
    model(|| {
        let cell = Arc::new(OnceCell::new());
        let theirs = cell.clone();
        let other = spawn(move || {
            let mut leaves = pin!(theirs.get_or_init(pending));
            let _ = leaves
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
        });
        assert_eq!(block_on(cell.get_or_init(|| async { 2 })), &2);
        other.join().expect("no panic");
    });
}

#[test]
fn a_value_that_is_set_while_one_begins_to_wait_is_not_missed() {
    model(|| {
        let once = Arc::new(SetOnce::new());
        let (one, two) = (once.clone(), once.clone());
        let one = spawn(move || one.set(Box::new(1)).is_ok());
        let two = spawn(move || two.set(Box::new(2)).is_ok());
        let seen = **block_on(once.wait());
        let (one, two) = (one.join().expect("no panic"), two.join().expect("no panic"));
        assert!(one != two, "one of them was first");
        assert_eq!(seen, if one { 1 } else { 2 });
    });
}
