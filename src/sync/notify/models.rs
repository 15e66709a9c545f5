//! Models of the hand-over of a notification.

use super::*;
use crate::base::sync::{Arc, thread};
use loom::future::block_on;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

fn poll_once(wait: Pin<&mut Notified<'_>>) -> Poll<()> {
    wait.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_notification_while_one_joins_the_line_is_not_missed() {
    model(|| {
        let notify = Arc::new(Notify::new());
        let theirs = notify.clone();
        let other = spawn(move || theirs.notify_one());
        block_on(notify.notified());
        other.join().expect("no panic");
    });
}

/// Broken on purpose by a `leave` that does not pass the notification on: loom reports the
/// deadlock of the second waiter.
#[test]
fn a_notification_of_one_who_leaves_goes_on_to_the_next() {
    model(|| {
        let notify = Arc::new(Notify::new());
        let theirs = notify.clone();
        let other = spawn(move || theirs.notify_one());
        {
            let mut leaves = pin!(notify.notified());
            if poll_once(leaves.as_mut()).is_ready() {
                notify.notify_one();
            }
        }
        block_on(notify.notified());
        other.join().expect("no panic");
    });
}

#[test]
fn of_two_in_line_each_gets_one_of_two_notifications() {
    model(|| {
        let notify = Arc::new(Notify::new());
        let mut first = Box::pin(notify.notified());
        let mut second = Box::pin(notify.notified());
        assert!(!first.as_mut().enable());
        assert!(!second.as_mut().enable());
        let theirs = notify.clone();
        let other = spawn(move || theirs.notify_one());
        notify.notify_last();
        block_on(first);
        block_on(second);
        other.join().expect("no panic");
    });
}

#[test]
fn notify_waiters_reaches_whoever_was_created_before_however_far_it_got() {
    model(|| {
        let notify = Arc::new(Notify::new());
        let early = notify.notified();
        let theirs = notify.clone();
        let other = spawn(move || theirs.notify_waiters());
        let mut early = pin!(early);
        early.as_mut().enable();
        block_on(early);
        other.join().expect("no panic");
        // And it is not remembered for who comes later.
        assert!(poll_once(pin!(notify.notified())).is_pending());
    });
}

#[test]
fn notify_waiters_does_not_use_up_a_notify_one() {
    model(|| {
        let notify = Arc::new(Notify::new());
        let mut early = Box::pin(notify.notified());
        early.as_mut().enable();
        let one = notify.clone();
        let one = spawn(move || one.notify_waiters());
        notify.notify_one();
        one.join().expect("no panic");
        block_on(early.as_mut());
        // Either the early one took the notification or it is still there.
        let _ = poll_once(pin!(notify.notified()));
        assert!(poll_once(pin!(notify.notified())).is_pending());
    });
}

/// Broken on purpose by a relaxed look at the turns that were served: loom finds the poll
/// that is ready and does not see what was done before.
#[test]
fn who_learns_without_the_lock_that_it_was_served_sees_what_was_done_before() {
    model(|| sees_what_was_done_before(Notify::notify_one));
}

#[test]
fn who_learns_without_the_lock_that_all_were_served_sees_what_was_done_before() {
    model(|| sees_what_was_done_before(Notify::notify_waiters));
}

fn sees_what_was_done_before(tell: fn(&Notify)) {
    let notify = Arc::new(Notify::new());
    let done = Arc::new(AtomicUsize::new(0));
    let mut waits = Box::pin(notify.notified());
    assert!(!waits.as_mut().enable());
    let (theirs, doing) = (notify.clone(), done.clone());
    let other = spawn(move || {
        doing.store(1, Ordering::Relaxed);
        tell(&theirs);
    });
    if poll_once(waits.as_mut()).is_ready() {
        assert_eq!(done.load(Ordering::Relaxed), 1);
    }
    other.join().expect("no panic");
    block_on(waits);
}

#[test]
fn one_who_was_told_and_leaves_passes_on_what_it_had_from_notify_one_and_no_more() {
    model(|| {
        let notify = Arc::new(Notify::new());
        let mut leaves = Box::pin(notify.notified());
        let mut stays = Box::pin(notify.notified());
        assert!(!leaves.as_mut().enable());
        assert!(!stays.as_mut().enable());
        let theirs = notify.clone();
        let other = spawn(move || theirs.notify_waiters());
        notify.notify_one();
        drop(leaves);
        other.join().expect("no panic");
        block_on(stays);
        // Unless the one who stays had it.
        let _ = poll_once(pin!(notify.notified()));
        assert!(poll_once(pin!(notify.notified())).is_pending());
    });
}

/// Broken on purpose by a `leave` that does not ask who has served it: it passes a
/// notification on which it never had, and the last look finds that.
#[test]
fn one_who_leaves_while_notify_waiters_serves_it_has_nothing_to_pass_on() {
    model(|| {
        let notify = Arc::new(Notify::new());
        let mut leaves = Box::pin(notify.notified());
        let mut stays = Box::pin(notify.notified());
        assert!(!leaves.as_mut().enable());
        assert!(!stays.as_mut().enable());
        let theirs = notify.clone();
        let other = spawn(move || theirs.notify_waiters());
        drop(leaves);
        block_on(stays);
        other.join().expect("no panic");
        assert!(poll_once(pin!(notify.notified())).is_pending());
    });
}
