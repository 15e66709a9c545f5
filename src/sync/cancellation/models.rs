//! Models of the token: cancelling against waiting, making children, and dropping.

use super::*;
use crate::base::sync::thread;
use loom::future::block_on;
use std::pin::pin;
use std::task::{Context, Waker};

fn spawn<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(f);
}

/// Broken on purpose by a `Telling` that closes no signal: loom reports the deadlock.
#[test]
fn a_cancellation_while_one_begins_to_wait_below_is_not_missed() {
    model(|| {
        let token = CancellationToken::new();
        let child = token.child_token();
        let other = spawn(move || token.cancel());
        block_on(child.cancelled());
        other.join().expect("no panic");
    });
}

/// Broken on purpose by a `child` that looks at its parent only before it takes the lock: the
/// child of a parent that was cancelled in between waits for ever. And by a wait that finds the
/// signal closed with a relaxed load only: the parent is seen as not cancelled.
#[test]
fn a_child_that_is_made_during_the_cancellation_is_cancelled() {
    model(|| {
        let token = CancellationToken::new();
        let theirs = token.clone();
        let other = spawn(move || theirs.cancel());
        let child = token.child_token();
        block_on(child.cancelled());
        assert!(token.is_cancelled());
        other.join().expect("no panic");
    });
}

#[test]
fn a_parent_that_goes_during_the_cancellation_does_not_shield_its_child() {
    model(|| {
        let token = CancellationToken::new();
        let parent = token.child_token();
        let child = parent.child_token();
        let other = spawn(move || token.cancel());
        drop(parent);
        block_on(child.cancelled());
        other.join().expect("no panic");
    });
}

#[test]
fn one_who_leaves_during_the_cancellation_harms_nobody() {
    model(|| {
        let token = CancellationToken::new();
        let theirs = token.child_token();
        let other = spawn(move || {
            let mut leaves = pin!(theirs.cancelled());
            let _ = leaves
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
        });
        let again = token.clone();
        let second = spawn(move || again.cancel());
        token.cancel();
        assert!(token.is_cancelled());
        other.join().expect("no panic");
        second.join().expect("no panic");
    });
}
