//! Promises of the token: who is cancelled, who is told, and what is left alone.

#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use runtime::future::FutureExt;
use runtime::sync::CancellationToken;
use runtime::time::{Duration, timeout};
use std::cell::Cell;
use std::collections::HashSet;
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use waking::{Count, Panics, meddling, poll, poll_with};

#[test]
fn a_cancellation_goes_down_and_not_up_nor_aside() {
    let root = CancellationToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let below = left.child_token();
    left.clone().cancel();
    assert!(left.is_cancelled() && below.is_cancelled());
    assert!(!root.is_cancelled() && !right.is_cancelled());
    assert!(left.child_token().is_cancelled());
    root.cancel();
    assert!(right.is_cancelled());
    root.cancel();
}

#[test]
fn a_dropped_parent_does_not_shield_its_children() {
    let root = CancellationToken::new();
    let parent = root.child_token();
    let (one, two) = (parent.child_token(), parent.child_token());
    drop(parent);
    assert!(!one.is_cancelled());
    root.cancel();
    assert!(one.is_cancelled() && two.is_cancelled());
}

#[test]
fn a_chain_of_a_hundred_thousand_is_cancelled_and_dropped_without_recursion() {
    let small_stack = thread::Builder::new().stack_size(128 * 1024);
    let chain = || {
        let mut tokens = vec![CancellationToken::new()];
        for i in 0..100_000 {
            let child = tokens[i].child_token();
            tokens.push(child);
        }
        tokens
    };
    let run = move || {
        let tokens = chain();
        tokens[0].cancel();
        assert!(tokens.iter().all(CancellationToken::is_cancelled));
        drop(tokens);
        drop(chain());
        let mut backwards = chain();
        while backwards.pop().is_some() {}
        let mut last = CancellationToken::new();
        let first = last.clone();
        for _ in 0..100_000 {
            last = last.child_token();
        }
        first.cancel();
        assert!(last.is_cancelled());
    };
    small_stack.spawn(run).unwrap().join().unwrap();
}

#[test]
fn everybody_who_waits_is_told_at_every_depth() {
    let root = CancellationToken::new();
    let theirs = root.clone();
    let child = root.child_token();
    let (count, waker) = Count::new();
    let mut borrowed: Vec<_> = (0..40).map(|_| Box::pin(root.cancelled())).collect();
    let mut owned: Vec<_> = (0..40)
        .map(|_| Box::pin(child.child_token().cancelled_owned()))
        .collect();
    assert!(
        borrowed
            .iter_mut()
            .all(|wait| poll_with(wait.as_mut(), &waker).is_pending())
    );
    assert!(
        owned
            .iter_mut()
            .all(|wait| poll_with(wait.as_mut(), &waker).is_pending())
    );
    drop((borrowed.pop(), owned.pop()));
    let foreign = thread::spawn(move || theirs.cancel());
    foreign.join().unwrap();
    assert_eq!(count.get(), 78);
    assert!(
        borrowed
            .iter_mut()
            .all(|wait| poll(wait.as_mut()).is_ready())
    );
    assert!(owned.iter_mut().all(|wait| poll(wait.as_mut()).is_ready()));
}

#[test]
fn the_last_waker_is_the_one_that_is_woken() {
    let token = CancellationToken::new();
    let ((old, first), (new, second)) = (Count::new(), Count::new());
    let mut wait = pin!(token.cancelled());
    assert!(poll_with(wait.as_mut(), &first).is_pending());
    assert!(poll_with(wait.as_mut(), &second).is_pending());
    token.cancel();
    assert_eq!((old.get(), new.get()), (0, 1));
}

#[test]
fn a_waker_that_panics_does_not_keep_the_others_uncancelled() {
    let root = CancellationToken::new();
    let child = root.child_token();
    let (count, waker) = Count::new();
    let (mut above, mut below) = (Box::pin(root.cancelled()), Box::pin(child.cancelled()));
    assert!(poll_with(above.as_mut(), &Arc::new(Panics).into()).is_pending());
    assert!(poll_with(below.as_mut(), &waker).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| root.cancel())).is_err());
    assert_eq!(count.get(), 1);
    assert!(child.is_cancelled());
}

#[test]
fn a_waker_may_use_the_tree_while_it_is_cloned_woken_and_dropped() {
    let token = CancellationToken::new();
    let theirs = token.clone();
    let waker = meddling(move || {
        let child = theirs.child_token();
        let _ = poll(pin!(child.cancelled()));
        child.cancel();
    });
    let mut wait = Box::pin(token.cancelled());
    assert!(poll_with(wait.as_mut(), &waker).is_pending());
    token.cancel();
    assert!(poll(wait.as_mut()).is_ready());
}

#[test]
fn a_future_is_given_up_dropped_and_not_begun_after_a_cancellation() {
    let token = CancellationToken::new();
    let value = Arc::new(());
    let theirs = value.clone();
    let mut run = Box::pin(token.run_until_cancelled(async move {
        pending::<()>().await;
        drop(theirs);
    }));
    assert!(poll(run.as_mut()).is_pending());
    token.cancel();
    assert_eq!(poll(run.as_mut()), Poll::Ready(None));
    assert_eq!(Arc::strong_count(&value), 1, "dropped when it was over");

    let begun = Cell::new(false);
    let run = token
        .clone()
        .run_until_cancelled_owned(async { begun.set(true) });
    assert_eq!(block_on(run), None);
    assert!(!begun.get());
}

#[test]
fn a_future_that_is_ready_when_the_cancellation_comes_wins() {
    let token = CancellationToken::new();
    let mut first = true;
    let mut run = pin!(token.run_until_cancelled(poll_fn(|_| {
        match std::mem::take(&mut first) {
            true => Poll::Pending,
            false => Poll::Ready(1),
        }
    })));
    assert!(poll(run.as_mut()).is_pending());
    token.cancel();
    assert_eq!(poll(run.as_mut()), Poll::Ready(Some(1)));
}

#[test]
fn a_task_that_always_has_more_to_do_is_cancelled() {
    runtime::rt::Runtime::new().unwrap().block_on(async {
        let token = CancellationToken::new();
        let theirs = token.child_token();
        let task = runtime::spawn(async move {
            let cancelled = CancellationToken::new();
            cancelled.cancel();
            let endless = async {
                loop {
                    cancelled.cancelled().await;
                }
            };
            endless.with_cancellation_token(&theirs).await
        });
        runtime::task::yield_now().await;
        token.cancel();
        assert_eq!(task.await.unwrap(), None::<()>);
    });
}

#[test]
fn a_timeout_fires_around_a_token_that_is_cancelled() {
    runtime::rt::Runtime::new().unwrap().block_on(async {
        let token = CancellationToken::new();
        token.cancel();
        let endless = async {
            loop {
                token.cancelled().await;
            }
        };
        assert!(timeout(Duration::from_millis(1), endless).await.is_err());
    });
}

#[test]
fn guards_cancel_unless_they_are_disarmed() {
    let token = CancellationToken::new();
    assert_eq!(token.clone().drop_guard().disarm(), token);
    assert_eq!(token.drop_guard_ref().disarm(), &token);
    assert!(!token.is_cancelled());
    let child = token.child_token();
    drop(child.drop_guard_ref());
    assert!(child.is_cancelled() && !token.is_cancelled());
    let outcome = catch_unwind({
        let token = token.clone();
        || {
            let _guard = token.drop_guard();
            panic!("on the way");
        }
    });
    assert!(outcome.is_err());
    assert!(token.is_cancelled());
}

#[test]
#[allow(clippy::mutable_key_type)] // the hash is that of the address
fn clones_are_equal_and_children_are_not() {
    let token = CancellationToken::new();
    let set: HashSet<_> = [token.clone(), token.child_token(), token.clone()].into();
    assert_eq!(set.len(), 2);
    assert_ne!(token, CancellationToken::default());
    assert_eq!(
        format!("{token:?}"),
        "CancellationToken { is_cancelled: false }"
    );
}

#[test]
fn threads_that_cancel_make_children_and_drop_them_leave_nobody_waiting() {
    for _ in 0..200 {
        let root = CancellationToken::new();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let parent = root.child_token();
                    let child = parent.child_token();
                    drop(parent);
                    block_on(child.cancelled());
                });
            }
            scope.spawn(|| root.cancel());
        });
    }
}
