//! The cooperative budget: how much a task may still do in this poll.
//!
//! A future whose parts are always ready would never return to its worker, and
//! everybody behind it would starve. So each poll of a task starts with [`INITIAL`]
//! units; every leaf (socket, channel, timer, lock, in-memory reader) spends one with
//! [`poll_proceed`] each time it makes progress, and returns `Pending` once they are
//! gone, after waking its own task: the task goes to the back of the queue and starts
//! anew.
//!
//! A leaf calls [`poll_proceed`] *before* it takes anything (a permit, a message), so
//! that nothing is held, or lost, when the answer is `Pending`; and tells the
//! returned [`Spent`] that it [made progress](Spent::made_progress). A leaf that
//! could not make progress gives its unit back by dropping it.
//!
//! Outside of a task (in another executor, in a thread that polls by hand) there is
//! no limit.

use crate::base::sync::local;
use crate::base::wait;
use std::cell::Cell;
use std::task::{Context, Poll, ready};

/// Units for one poll of a task.
pub(crate) const INITIAL: u8 = 128;

/// No limit: the value outside of a task and within `unconstrained`.
const UNLIMITED: u8 = u8::MAX;

local! {
    static LEFT: Cell<u8> = Cell::new(UNLIMITED);
}
local! {
    static REFUSALS: Cell<u64> = Cell::new(0);
}

/// A unit that was taken; dropped without [`made_progress`](Self::made_progress), it
/// goes back.
#[must_use = "tell it whether progress was made"]
#[derive(Debug)]
pub(crate) struct Spent {
    before: u8,
}

impl Spent {
    /// The unit is spent for good.
    pub(crate) fn made_progress(self) {
        std::mem::forget(self);
    }
}

impl Drop for Spent {
    #[inline]
    fn drop(&mut self) {
        if self.before != UNLIMITED {
            let _ = LEFT.try_with(|left| left.set(self.before));
        }
    }
}

/// Takes one unit, or wakes the task and answers `Pending` if there is none.
#[inline]
pub(crate) fn poll_proceed(cx: &mut Context<'_>) -> Poll<Spent> {
    match try_proceed() {
        Some(spent) => Poll::Ready(spent),
        None => {
            refuse(cx);
            Poll::Pending
        }
    }
}

/// One unit of the task's budget, if there is any left. A leaf that gets none and could go on
/// [refuses](refuse); one that would have to wait anyhow just waits.
#[inline]
pub(crate) fn try_proceed() -> Option<Spent> {
    // One access: a second one is a call of its own, as compiled.
    let taken = LEFT.try_with(|left| {
        let before = left.get();
        match before {
            UNLIMITED => {}
            0 => return None,
            _ => left.set(before - 1),
        }
        Some(Spent { before })
    });
    taken.unwrap_or(Some(Spent { before: UNLIMITED }))
}

/// Has the task polled again with a new budget.
#[cold]
pub(crate) fn refuse(cx: &mut Context<'_>) {
    wait::note(wait::Kind::Budget, 0);
    let _ = REFUSALS.try_with(|count| count.set(count.get() + 1));
    cx.waker().wake_by_ref();
}

/// Takes one unit for good, for an operation that is then done at once.
#[inline]
pub(crate) fn spend(cx: &mut Context<'_>) -> Poll<()> {
    ready!(poll_proceed(cx)).made_progress();
    Poll::Ready(())
}

/// How often there was none on this thread since this was asked last.
pub(crate) fn take_refusals() -> u64 {
    REFUSALS.try_with(|count| count.replace(0)).unwrap_or(0)
}

/// Whether a leaf would be let through now.
pub(crate) fn has_remaining() -> bool {
    LEFT.try_with(Cell::get).unwrap_or(UNLIMITED) > 0
}

/// Runs `f` with a full budget, then restores what was there before.
#[inline]
pub(crate) fn with_full<R>(f: impl FnOnce() -> R) -> R {
    with(INITIAL, f)
}

/// Runs `f` without a limit, then restores what was there before.
#[inline]
pub(crate) fn with_unlimited<R>(f: impl FnOnce() -> R) -> R {
    with(UNLIMITED, f)
}

#[inline]
fn with<R>(units: u8, f: impl FnOnce() -> R) -> R {
    let _restore = exchange(units);
    f()
}

/// Brings back what was there before.
struct Restore(u8);

impl Drop for Restore {
    #[inline]
    fn drop(&mut self) {
        let _ = LEFT.try_with(|left| left.set(self.0));
    }
}

/// Apart from [`with`], so that it is not compiled again for each closure.
#[inline]
fn exchange(units: u8) -> Option<Restore> {
    let before = LEFT.try_with(|left| left.replace(units));
    before.ok().map(Restore)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::task::Waker;

    #[test]
    fn a_budget_runs_out_and_wakes_and_what_was_not_used_goes_back() {
        let mut cx = Context::from_waker(Waker::noop());
        with_full(|| {
            for _ in 0..1000 {
                assert!(poll_proceed(&mut cx).is_ready(), "given back each time");
            }
            for _ in 0..INITIAL {
                match poll_proceed(&mut cx) {
                    Poll::Ready(spent) => spent.made_progress(),
                    Poll::Pending => panic!("there was budget left"),
                }
            }
            assert!(poll_proceed(&mut cx).is_pending());
            assert!(!has_remaining());
            with_unlimited(|| assert!(poll_proceed(&mut cx).is_ready()));
            assert!(poll_proceed(&mut cx).is_pending());
        });
        for _ in 0..1000 {
            match poll_proceed(&mut cx) {
                Poll::Ready(spent) => spent.made_progress(),
                Poll::Pending => panic!("no limit outside of a task"),
            }
        }
    }
}
