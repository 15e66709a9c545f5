//! Promises of `Notify`: who hears of what, in which order, and what is passed on.

#[path = "common/waking.rs"]
mod waking;

use proptest::prelude::*;
use runtime::sync::Notify;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};
use waking::{Count, Panics, meddling, poll, poll_with};

#[test]
fn a_notification_is_kept_for_the_next_and_two_are_one() {
    let notify = Notify::new();
    notify.notify_one();
    notify.notify_one();
    assert!(poll(pin!(notify.notified())).is_ready());
    assert!(poll(pin!(notify.notified())).is_pending());
}

#[test]
fn notify_one_serves_the_first_and_notify_last_the_last() {
    let notify = Notify::new();
    let mut waits: Vec<_> = (0..3).map(|_| Box::pin(notify.notified())).collect();
    for wait in &mut waits {
        assert!(poll(wait.as_mut()).is_pending());
    }
    notify.notify_one();
    assert!(poll(waits[2].as_mut()).is_pending());
    assert!(poll(waits[1].as_mut()).is_pending());
    assert!(poll(waits[0].as_mut()).is_ready());
    notify.notify_last();
    assert!(poll(waits[1].as_mut()).is_pending());
    assert!(poll(waits[2].as_mut()).is_ready());
    assert!(poll(waits[2].as_mut()).is_ready(), "ready it stays");
}

#[test]
fn a_notification_of_a_future_that_is_dropped_goes_on_the_way_it_came() {
    let notify = Notify::new();
    let mut waits: Vec<_> = (0..4).map(|_| Box::pin(notify.notified())).collect();
    for wait in &mut waits {
        assert!(poll(wait.as_mut()).is_pending());
    }
    notify.notify_one();
    drop(waits.remove(0));
    notify.notify_last();
    drop(waits.pop());
    assert!(poll(waits[0].as_mut()).is_ready());
    assert!(poll(waits[1].as_mut()).is_ready());
    // With nobody left, it is kept.
    let mut last = Box::pin(notify.notified());
    assert!(poll(last.as_mut()).is_pending());
    notify.notify_one();
    drop(last);
    assert!(poll(pin!(notify.notified())).is_ready());
}

#[test]
fn notify_waiters_reaches_all_that_exist_and_is_not_kept() {
    let notify = Arc::new(Notify::new());
    let mut polled = Box::pin(notify.notified());
    assert!(poll(polled.as_mut()).is_pending());
    let mut enabled = Box::pin(notify.clone().notified_owned());
    assert!(!enabled.as_mut().enable());
    let mut created = Box::pin(notify.notified());
    notify.notify_waiters();
    let mut later = Box::pin(notify.notified());
    assert!(created.as_mut().enable());
    assert!(poll(created.as_mut()).is_ready());
    assert!(poll(enabled.as_mut()).is_ready());
    assert!(poll(polled.as_mut()).is_ready());
    assert!(poll(later.as_mut()).is_pending());
}

#[test]
fn notify_waiters_leaves_a_kept_notification_and_a_granted_one_alone() {
    let notify = Notify::new();
    notify.notify_one();
    notify.notify_waiters();
    assert!(poll(pin!(notify.notified())).is_ready());
    let mut granted = Box::pin(notify.notified());
    assert!(poll(granted.as_mut()).is_pending());
    notify.notify_one();
    notify.notify_waiters();
    drop(granted);
    assert!(poll(pin!(notify.notified())).is_ready(), "it was passed on");
}

#[test]
fn a_future_that_was_told_and_is_dropped_passes_nothing_on() {
    let notify = Notify::new();
    let mut told = Box::pin(notify.notified());
    assert!(poll(told.as_mut()).is_pending());
    notify.notify_waiters();
    drop(told);
    assert!(poll(pin!(notify.notified())).is_pending());
}

#[test]
fn enable_takes_a_kept_notification_and_holds_the_place() {
    let notify = Notify::new();
    notify.notify_one();
    let mut first = Box::pin(notify.notified());
    assert!(first.as_mut().enable());
    let mut second = Box::pin(notify.notified());
    let mut third = Box::pin(notify.notified());
    assert!(!second.as_mut().enable());
    assert!(poll(third.as_mut()).is_pending());
    notify.notify_one();
    assert!(poll(third.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_ready());
    assert!(poll(first.as_mut()).is_ready());
}

#[test]
fn the_last_waker_is_the_one_that_is_woken() {
    let notify = Notify::new();
    let (old, old_waker) = Count::new();
    let (new, new_waker) = Count::new();
    let mut wait = Box::pin(notify.notified());
    wait.as_mut().enable();
    assert!(poll_with(wait.as_mut(), &old_waker).is_pending());
    assert!(poll_with(wait.as_mut(), &new_waker).is_pending());
    drop(old_waker);
    assert_eq!(Arc::strong_count(&old), 1, "the old waker is dropped");
    notify.notify_one();
    assert_eq!((old.get(), new.get()), (0, 1));
    assert!(poll(wait.as_mut()).is_ready());
}

/// Notifies one more when it is woken.
struct Again(Arc<Notify>, AtomicBool);

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        if !self.1.swap(true, Ordering::Relaxed) {
            self.0.notify_one();
        }
    }
}

#[test]
fn a_notify_one_from_a_waker_within_notify_waiters_is_not_used_up_by_those_told() {
    let notify = Arc::new(Notify::new());
    let again = Arc::new(Again(notify.clone(), AtomicBool::new(false)));
    let waker = Waker::from(again);
    let mut waits: Vec<_> = (0..100).map(|_| Box::pin(notify.notified())).collect();
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    notify.notify_waiters();
    for wait in &mut waits {
        assert!(poll(wait.as_mut()).is_ready());
    }
    assert!(
        poll(pin!(notify.notified())).is_ready(),
        "it is still there"
    );
}

#[test]
fn a_waker_that_panics_does_not_keep_the_others_from_being_told() {
    let notify = Notify::new();
    let (count, waker) = Count::new();
    let mut waits: Vec<_> = (0..100).map(|_| Box::pin(notify.notified())).collect();
    for (i, wait) in waits.iter_mut().enumerate() {
        let waker = if i == 40 {
            Waker::from(Arc::new(Panics))
        } else {
            waker.clone()
        };
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| notify.notify_waiters())).is_err());
    assert_eq!(count.get(), 99);
    for wait in &mut waits {
        assert!(poll(wait.as_mut()).is_ready());
    }
}

#[test]
fn a_waker_may_use_the_notify_while_it_is_cloned_woken_and_dropped() {
    let notify = Arc::new(Notify::new());
    let meddle = || {
        let notify = notify.clone();
        meddling(move || {
            let mut wait = pin!(notify.notified());
            let _ = poll(wait.as_mut());
        })
    };
    let mut waits: Vec<_> = (0..50).map(|_| Box::pin(notify.notified())).collect();
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &meddle()).is_pending());
        assert!(poll_with(wait.as_mut(), &meddle()).is_pending());
    }
    notify.notify_one();
    notify.notify_last();
    drop(waits.remove(0));
    drop(waits.pop());
    drop(waits.pop());
    notify.notify_waiters();
    let mut late = Box::pin(notify.notified());
    for wait in &mut waits {
        assert!(poll_with(wait.as_mut(), &meddle()).is_ready());
    }
    let _ = poll_with(late.as_mut(), &meddle());
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Create,
    /// Polls, or enables, one of those that exist.
    Poll(usize, bool),
    Drop(usize),
    One,
    Last,
    All,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::Create),
        6 => (any::<usize>(), any::<bool>()).prop_map(|(at, enable)| Op::Poll(at, enable)),
        2 => any::<usize>().prop_map(Op::Drop),
        2 => Just(Op::One),
        1 => Just(Op::Last),
        2 => Just(Op::All),
    ]
}

/// What is known of a wait.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    Created,
    InLine,
    Told,
    /// By a `notify_one`, or a `notify_last` if true.
    Called(bool),
}

/// A `Notify` without a thought of speed.
#[derive(Default)]
struct Plain {
    kept: bool,
    /// With the time at which it joined the line.
    waits: Vec<(Known, usize)>,
    now: usize,
}

impl Plain {
    fn notify(&mut self, last: bool) {
        let mut line: Vec<_> = self.waits.iter_mut().collect();
        line.retain(|wait| wait.0 == Known::InLine);
        line.sort_by_key(|wait| wait.1);
        let next = if last {
            line.last_mut()
        } else {
            line.first_mut()
        };
        match next {
            Some(wait) => wait.0 = Known::Called(last),
            None => self.kept = true,
        }
    }

    fn notify_waiters(&mut self) {
        for wait in &mut self.waits {
            if matches!(wait.0, Known::Created | Known::InLine) {
                wait.0 = Known::Told;
            }
        }
    }

    fn poll(&mut self, at: usize) -> bool {
        self.now += 1;
        match self.waits[at].0 {
            Known::Created if !self.kept => self.waits[at] = (Known::InLine, self.now),
            Known::InLine => {}
            known => {
                self.kept &= known != Known::Created;
                self.waits.remove(at);
                return true;
            }
        }
        false
    }

    fn drop(&mut self, at: usize) {
        if let (Known::Called(last), _) = self.waits.remove(at) {
            self.notify(last);
        }
    }
}

proptest! {
    #[test]
    fn who_is_notified_is_who_a_plain_list_says(ops in prop::collection::vec(op(), 0..100)) {
        let notify = Notify::new();
        let mut plain = Plain::default();
        let mut waits = Vec::new();
        for op in ops {
            match op {
                Op::Create => {
                    waits.push(Box::pin(notify.notified()));
                    plain.waits.push((Known::Created, 0));
                }
                Op::Poll(at, enable) if !waits.is_empty() => {
                    let at = at % waits.len();
                    let ready = match enable {
                        true => waits[at].as_mut().enable(),
                        false => poll(waits[at].as_mut()).is_ready(),
                    };
                    prop_assert_eq!(ready, plain.poll(at));
                    if ready {
                        drop(waits.remove(at));
                    }
                }
                Op::Drop(at) if !waits.is_empty() => {
                    let at = at % waits.len();
                    drop(waits.remove(at));
                    plain.drop(at);
                }
                Op::Poll(..) | Op::Drop(_) => {}
                Op::One => {
                    notify.notify_one();
                    plain.notify(false);
                }
                Op::Last => {
                    notify.notify_last();
                    plain.notify(true);
                }
                Op::All => {
                    notify.notify_waiters();
                    plain.notify_waiters();
                }
            }
        }
    }
}
