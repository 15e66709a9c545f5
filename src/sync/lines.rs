//! What the channels do with lines of bare wakers: [join](enlist) one under a lock, [wake
//! all](wake_line) of one, and [wait](Closing) in one for the channel to be closed.

use crate::base::budget;
use crate::base::sync::atomic::{AtomicU64, Ordering};
use crate::base::sync::{Mutex, MutexGuard};
use crate::base::wait::{self, Kind};
use crate::base::waiters::{Key, Round, Waiters, wake_in_rounds};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

/// Under the line's lock: puts the waker of `cx` in line, or brings the one that is there
/// up to date. A waker is foreign code, so the caller clones it with the lock released:
/// the answer is false if a clone is needed in `spare`. What is in `spare` afterwards is
/// to be dropped with the lock released.
pub(super) fn enlist(
    line: &mut Waiters<Waker>,
    key: &mut Option<Key>,
    cx: &Context<'_>,
    spare: &mut Option<Waker>,
) -> bool {
    match key.and_then(|key| line.get_mut(key)) {
        Some(waker) if waker.will_wake(cx.waker()) => true,
        Some(waker) => match spare {
            Some(fresh) => {
                std::mem::swap(waker, fresh);
                true
            }
            None => false,
        },
        None => match spare.take() {
            Some(fresh) => {
                *key = Some(line.push_back(fresh));
                true
            }
            None => false,
        },
    }
}

/// Which turns of a line were served, to be asked without its lock: whoever was woken need
/// not take the lock again only to leave the line.
///
/// ORDERING: what was done before a waiter was served is visible to who sees that it was.
#[derive(Debug)]
pub(super) struct Served(pub(super) AtomicU64);

impl Served {
    pub(super) fn new() -> Self {
        Served(AtomicU64::new(0))
    }

    /// Whether that waiter was taken out of the line. If not, it may be in it.
    pub(super) fn has(&self, key: Key) -> bool {
        key.turn() < self.0.load(Ordering::Acquire)
    }

    /// Under the line's lock: all with an earlier turn were taken out.
    pub(super) fn set(&self, before: u64) {
        self.0.store(before, Ordering::Release);
    }
}

/// Wakes all who are in line now; those who join meanwhile are left. `held` is a hold of
/// `lock`. `emptied` is called under the lock when the line is empty.
pub(super) fn wake_line<'a, S>(
    lock: &'a Mutex<S>,
    mut held: MutexGuard<'a, S>,
    line: impl Fn(&mut S) -> &mut Waiters<Waker>,
    served: &Served,
    emptied: impl Fn(),
) {
    let until = line(&mut held).next_turn();
    let Some(first) = line(&mut held).pop_front() else {
        emptied();
        return;
    };
    if line(&mut held).is_empty() {
        served.set(until);
        emptied();
        drop(held);
        first.wake();
        return;
    }
    let mut first = Some(first);
    let mut held = Some(held);
    wake_in_rounds(|batch| {
        let mut state = held.take().unwrap_or_else(|| lock.lock());
        let line = line(&mut state);
        if let Some(first) = first.take() {
            batch.push(first);
        }
        while line.front_turn() < until && batch.has_room(1) {
            if let Some(waker) = line.pop_front() {
                batch.push(waker);
            }
        }
        served.set(line.front_turn());
        if line.is_empty() {
            emptied();
        }
        if line.front_turn() < until {
            Round::More
        } else {
            Round::Last
        }
    });
}

/// A channel that can be closed, with a line of those who wait for that.
pub(super) trait Closing {
    /// Calls `look` under the line's lock, with whether the channel is closed.
    fn look<R>(&self, look: impl FnOnce(bool, &mut Waiters<Waker>) -> R) -> R;
}

/// A wait for a channel to be closed.
#[derive(Debug)]
pub(super) struct ClosedWait<'a, C: Closing> {
    chan: &'a C,
    key: Option<Key>,
    at: &'static Location<'static>,
}

impl<'a, C: Closing> ClosedWait<'a, C> {
    pub(super) fn new(chan: &'a C, at: &'static Location<'static>) -> Self {
        ClosedWait {
            chan,
            key: None,
            at,
        }
    }
}

impl<C: Closing> Future for ClosedWait<'_, C> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let spent = ready!(budget::poll_proceed(cx));
        let Self { chan, key, at } = &mut *self;
        let mut spare = None;
        loop {
            let look = chan.look(|closed, line| {
                if closed {
                    Look::Closed(key.take().and_then(|key| line.remove(key)))
                } else if enlist(line, key, cx, &mut spare) {
                    Look::Waiting
                } else {
                    Look::NeedsWaker
                }
            });
            match look {
                Look::Closed(left) => {
                    drop(left);
                    spent.made_progress();
                    return Poll::Ready(());
                }
                Look::Waiting => break,
                Look::NeedsWaker => spare = Some(cx.waker().clone()),
            }
        }
        let resource = std::ptr::from_ref::<C>(chan).addr() as u64;
        wait::note_at(Kind::Send, resource, at);
        Poll::Pending
    }
}

/// What one look under the lock has shown.
enum Look {
    /// It is closed; the waker that was in line.
    Closed(Option<Waker>),
    Waiting,
    /// A clone of the waker must be made before one can wait.
    NeedsWaker,
}

impl<C: Closing> Drop for ClosedWait<'_, C> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let left = self.chan.look(|_, line| line.remove(key));
            drop(left);
        }
    }
}
