//! The state word: every move a named transition that says what the caller must now do.
//!
//! See the [lifecycle](super#lifecycle) for the picture; the numbers here are its edges.

use crate::base::sync::atomic::{AtomicUsize, Ordering};
use std::fmt;

/// Somebody has the stage to itself: a worker that polls, or whoever cancels.
const RUNNING: usize = 1;
/// A runnable exists, or (while RUNNING) is to be made when the poll ends.
const SCHEDULED: usize = 1 << 1;
/// The stage holds the output, or held it.
const COMPLETE: usize = 1 << 2;
/// The future is to be dropped instead of polled.
const CANCELLED: usize = 1 << 3;
/// There is a join handle.
const JOIN_INTEREST: usize = 1 << 4;
/// The join waker's slot is filled and belongs to the one who completes the task.
const JOIN_WAKER: usize = 1 << 5;
const REF_ONE: usize = 1 << 6;

/// The set of live tasks, the runnable and the join handle.
const INITIAL: usize = (3 * REF_ONE) | SCHEDULED | JOIN_INTEREST;

/// A copy of the word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(usize);

impl Snapshot {
    fn has(self, bits: usize) -> bool {
        self.0 & bits != 0
    }

    fn with(self, bits: usize) -> Self {
        Snapshot(self.0 | bits)
    }

    fn without(self, bits: usize) -> Self {
        Snapshot(self.0 & !bits)
    }

    fn ref_inc(self) -> Self {
        assert!(self.0 <= isize::MAX as usize, "too many wakers of one task");
        Snapshot(self.0 + REF_ONE)
    }

    fn ref_dec(self) -> Self {
        debug_assert!(self.refs() > 0, "a reference was given up twice");
        Snapshot(self.0 - REF_ONE)
    }

    pub(super) fn refs(self) -> usize {
        self.0 / REF_ONE
    }

    pub(super) fn is_complete(self) -> bool {
        self.has(COMPLETE)
    }

    pub(super) fn is_woken_while_running(self) -> bool {
        self.0 & (RUNNING | SCHEDULED) == RUNNING | SCHEDULED
    }

    pub(super) fn has_join_interest(self) -> bool {
        self.has(JOIN_INTEREST)
    }

    pub(super) fn has_join_waker(self) -> bool {
        self.has(JOIN_WAKER)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut set = f.debug_set();
        for (bit, name) in [
            (RUNNING, "running"),
            (SCHEDULED, "scheduled"),
            (COMPLETE, "complete"),
            (CANCELLED, "cancelled"),
            (JOIN_INTEREST, "join interest"),
            (JOIN_WAKER, "join waker"),
        ] {
            if self.has(bit) {
                set.entry(&format_args!("{name}"));
            }
        }
        set.entry(&format_args!("{} refs", self.refs())).finish()
    }
}

/// What the one who woke must do.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OnWake {
    /// Hand a runnable to the scheduler.
    Schedule,
    Nothing,
    /// The reference was the last one.
    Free,
}

/// What the owner of a runnable must do.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OnStart {
    Poll,
    Cancel,
    /// Somebody else cancelled it: give the reference up.
    Leave,
}

/// What the worker must do after `Pending`.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OnPending {
    Nothing,
    /// It was woken meanwhile: the runnable goes back to the scheduler.
    Reschedule,
    Cancel,
    /// The reference was the last one.
    Free,
}

/// What the one who drops the join handle must do: one of both, or nothing.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OnJoinDrop {
    /// The output is left for the handle to drop.
    pub(super) drop_output: bool,
    /// The join waker's slot is the handle's again.
    pub(super) drop_waker: bool,
}

#[derive(Debug)]
pub(super) struct State(AtomicUsize);

impl State {
    /// Edge 1.
    pub(super) fn new() -> Self {
        State(AtomicUsize::new(INITIAL))
    }

    pub(super) fn load(&self) -> Snapshot {
        Snapshot(self.0.load(Ordering::Acquire))
    }

    /// Applies `f` until nobody came in between. Acquire and release even where `f` changes
    /// nothing, see [memory ordering](super#memory-ordering).
    fn update<R>(&self, mut f: impl FnMut(Snapshot) -> (Snapshot, R)) -> R {
        let mut current = self.0.load(Ordering::Relaxed);
        loop {
            let (next, result) = f(Snapshot(current));
            match self
                .0
                .compare_exchange_weak(current, next.0, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return result,
                Err(seen) => current = seen,
            }
        }
    }

    /// Edges 2 and 6. The waker's reference is given up, unless the task is to be scheduled:
    /// then the runnable gets one, and the caller keeps the task alive with its own until the
    /// scheduler, which the task owns, has returned.
    pub(super) fn wake_by_value(&self) -> OnWake {
        self.update(|now| {
            if now.has(COMPLETE | SCHEDULED) {
                let next = now.ref_dec();
                let last = next.refs() == 0;
                (next, if last { OnWake::Free } else { OnWake::Nothing })
            } else if now.has(RUNNING) {
                // The one who polls has a reference too, so this is not the last.
                (now.with(SCHEDULED).ref_dec(), OnWake::Nothing)
            } else {
                (now.with(SCHEDULED).ref_inc(), OnWake::Schedule)
            }
        })
    }

    /// Edges 2 and 6. The runnable gets a reference of its own.
    pub(super) fn wake_by_ref(&self) -> OnWake {
        self.update(|now| {
            if now.has(COMPLETE | SCHEDULED) {
                (now, OnWake::Nothing)
            } else if now.has(RUNNING) {
                (now.with(SCHEDULED), OnWake::Nothing)
            } else {
                (now.with(SCHEDULED).ref_inc(), OnWake::Schedule)
            }
        })
    }

    /// Edge 3.
    pub(super) fn start_poll(&self) -> OnStart {
        self.update(|now| {
            debug_assert!(now.has(SCHEDULED), "invariant 3: {now:?}");
            if now.has(COMPLETE | RUNNING) {
                (now, OnStart::Leave)
            } else {
                let next = now.with(RUNNING).without(SCHEDULED);
                let order = if now.has(CANCELLED) {
                    OnStart::Cancel
                } else {
                    OnStart::Poll
                };
                (next, order)
            }
        })
    }

    /// Edge 4.
    pub(super) fn end_poll(&self) -> OnPending {
        self.update(|now| {
            debug_assert!(now.has(RUNNING), "invariant 1: {now:?}");
            if now.has(CANCELLED) {
                (now, OnPending::Cancel)
            } else if now.has(SCHEDULED) {
                (now.without(RUNNING), OnPending::Reschedule)
            } else {
                let next = now.without(RUNNING).ref_dec();
                let last = next.refs() == 0;
                (
                    next,
                    if last {
                        OnPending::Free
                    } else {
                        OnPending::Nothing
                    },
                )
            }
        })
    }

    /// Edge 5. Returns the word as it is now; from here on the output belongs to the join
    /// handle if there is interest, and the join waker to the caller if there is one.
    pub(super) fn complete(&self) -> Snapshot {
        let before = Snapshot(self.0.fetch_xor(RUNNING | COMPLETE, Ordering::AcqRel));
        debug_assert!(before.has(RUNNING) && !before.has(COMPLETE), "{before:?}");
        before.with(COMPLETE).without(RUNNING)
    }

    /// Marks the task. True if it was idle: then the caller hands a runnable, with a
    /// reference of its own, to the scheduler, which will cancel it.
    #[must_use]
    pub(super) fn abort(&self) -> bool {
        self.update(|now| {
            if now.has(COMPLETE | CANCELLED) {
                (now, false)
            } else if now.has(RUNNING | SCHEDULED) {
                (now.with(CANCELLED), false)
            } else {
                (now.with(CANCELLED | SCHEDULED).ref_inc(), true)
            }
        })
    }

    /// Edge 7. True if the caller now has the stage and must cancel; else somebody runs it,
    /// and will see the mark, or it is complete.
    #[must_use]
    pub(super) fn shutdown(&self) -> bool {
        self.update(|now| {
            if now.has(COMPLETE | RUNNING) {
                (now.with(CANCELLED), false)
            } else {
                (now.with(CANCELLED | RUNNING), true)
            }
        })
    }

    /// The handle filled the join waker's slot and gives it away. False if the task is
    /// complete: then the slot stays the handle's, and nobody will wake.
    #[must_use]
    pub(super) fn publish_join_waker(&self) -> bool {
        self.update(|now| {
            debug_assert!(now.has(JOIN_INTEREST) && !now.has(JOIN_WAKER), "{now:?}");
            if now.is_complete() {
                (now, false)
            } else {
                (now.with(JOIN_WAKER), true)
            }
        })
    }

    /// The handle takes the join waker's slot back. False if the task is complete: then the
    /// slot belongs to the one who completed it.
    #[must_use]
    pub(super) fn retract_join_waker(&self) -> bool {
        self.update(|now| {
            debug_assert!(now.has(JOIN_INTEREST) && now.has(JOIN_WAKER), "{now:?}");
            if now.is_complete() {
                (now, false)
            } else {
                (now.without(JOIN_WAKER), true)
            }
        })
    }

    /// The join handle goes; its reference is given up afterwards by
    /// [`ref_dec`](Self::ref_dec).
    pub(super) fn drop_join_interest(&self) -> OnJoinDrop {
        self.update(|now| {
            debug_assert!(now.has(JOIN_INTEREST), "{now:?}");
            if now.is_complete() {
                let order = OnJoinDrop {
                    drop_output: true,
                    drop_waker: false,
                };
                (now.without(JOIN_INTEREST), order)
            } else {
                let order = OnJoinDrop {
                    drop_output: false,
                    drop_waker: now.has(JOIN_WAKER),
                };
                (now.without(JOIN_INTEREST | JOIN_WAKER), order)
            }
        })
    }

    pub(super) fn ref_inc(&self) {
        // ORDERING: whoever makes a reference has one, which orders it before the last drop.
        let before = self.0.fetch_add(REF_ONE, Ordering::Relaxed);
        assert!(before <= isize::MAX as usize, "too many wakers of one task");
    }

    /// Gives up `count` references. True if they were the last: edge 9.
    #[must_use]
    pub(super) fn ref_dec(&self, count: usize) -> bool {
        let before = Snapshot(self.0.fetch_sub(count * REF_ONE, Ordering::AcqRel));
        debug_assert!(before.refs() >= count, "a reference was given up twice");
        before.refs() == count
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn state(bits: usize, refs: usize) -> State {
        State(AtomicUsize::new(bits | (refs * REF_ONE)))
    }

    fn word(state: &State) -> (usize, usize) {
        let word = state.0.load(Ordering::Relaxed);
        (word & (REF_ONE - 1), word / REF_ONE)
    }

    #[test]
    fn a_wake_moves_idle_to_scheduled_and_nothing_else() {
        // bits, refs, order, bits after, refs after
        for (bits, refs, order, after, refs_after) in [
            (0, 2, OnWake::Schedule, SCHEDULED, 3),
            (RUNNING, 2, OnWake::Nothing, RUNNING | SCHEDULED, 1),
            (SCHEDULED, 2, OnWake::Nothing, SCHEDULED, 1),
            (
                RUNNING | SCHEDULED,
                3,
                OnWake::Nothing,
                RUNNING | SCHEDULED,
                2,
            ),
            (COMPLETE, 2, OnWake::Nothing, COMPLETE, 1),
            (COMPLETE, 1, OnWake::Free, COMPLETE, 0),
        ] {
            let state = state(bits, refs);
            assert_eq!(state.wake_by_value(), order);
            assert_eq!(word(&state), (after, refs_after));
        }
    }

    #[test]
    fn a_wake_by_reference_gives_the_runnable_its_own_reference() {
        for (bits, order, after, refs_after) in [
            (0, OnWake::Schedule, SCHEDULED, 3),
            (RUNNING, OnWake::Nothing, RUNNING | SCHEDULED, 2),
            (SCHEDULED, OnWake::Nothing, SCHEDULED, 2),
            (COMPLETE, OnWake::Nothing, COMPLETE, 2),
        ] {
            let state = state(bits, 2);
            assert_eq!(state.wake_by_ref(), order);
            assert_eq!(word(&state), (after, refs_after));
        }
    }

    #[test]
    fn a_poll_starts_once_and_a_cancelled_task_is_not_polled() {
        for (bits, order, after) in [
            (SCHEDULED, OnStart::Poll, RUNNING),
            (SCHEDULED | CANCELLED, OnStart::Cancel, RUNNING | CANCELLED),
            (SCHEDULED | COMPLETE, OnStart::Leave, SCHEDULED | COMPLETE),
            (SCHEDULED | RUNNING, OnStart::Leave, SCHEDULED | RUNNING),
        ] {
            let state = state(bits, 2);
            assert_eq!(state.start_poll(), order);
            assert_eq!(word(&state), (after, 2));
        }
    }

    #[test]
    fn a_poll_ends_idle_or_queued_or_cancelled() {
        for (bits, refs, order, after, refs_after) in [
            (RUNNING, 2, OnPending::Nothing, 0, 1),
            (RUNNING, 1, OnPending::Free, 0, 0),
            (RUNNING | SCHEDULED, 2, OnPending::Reschedule, SCHEDULED, 2),
            (
                RUNNING | CANCELLED,
                2,
                OnPending::Cancel,
                RUNNING | CANCELLED,
                2,
            ),
        ] {
            let state = state(bits, refs);
            assert_eq!(state.end_poll(), order);
            assert_eq!(word(&state), (after, refs_after));
        }
    }

    #[test]
    fn the_output_belongs_to_exactly_one_side() {
        let state = State::new();
        assert_eq!(state.start_poll(), OnStart::Poll);
        assert!(state.complete().has_join_interest());
        assert!(state.drop_join_interest().drop_output);

        let state = State::new();
        assert_eq!(state.start_poll(), OnStart::Poll);
        assert!(!state.drop_join_interest().drop_output);
        assert!(!state.complete().has_join_interest());
    }

    #[test]
    fn the_join_waker_belongs_to_exactly_one_side() {
        let state = State::new();
        assert!(state.publish_join_waker());
        assert!(state.retract_join_waker());
        assert!(state.publish_join_waker());
        assert!(state.drop_join_interest().drop_waker);

        let state = State::new();
        assert_eq!(state.start_poll(), OnStart::Poll);
        assert!(state.publish_join_waker());
        assert!(state.complete().has_join_waker());
        assert!(!state.retract_join_waker());
        assert!(!state.drop_join_interest().drop_waker);

        let state = State::new();
        assert_eq!(state.start_poll(), OnStart::Poll);
        assert!(!state.complete().has_join_waker());
        assert!(!state.publish_join_waker());
    }

    #[test]
    fn an_abort_schedules_only_an_idle_task_and_only_once() {
        let idle = state(0, 1);
        assert!(idle.abort());
        assert!(!idle.abort());
        assert_eq!(word(&idle), (CANCELLED | SCHEDULED, 2));
        for bits in [RUNNING, SCHEDULED, RUNNING | SCHEDULED] {
            let state = state(bits, 1);
            assert!(!state.abort());
            assert_eq!(word(&state), (bits | CANCELLED, 1));
        }
        let done = state(COMPLETE, 1);
        assert!(!done.abort());
        assert_eq!(word(&done), (COMPLETE, 1));
    }

    #[test]
    fn a_shutdown_takes_the_stage_unless_somebody_has_it() {
        assert!(state(0, 1).shutdown());
        assert!(state(SCHEDULED, 1).shutdown());
        assert!(!state(RUNNING, 1).shutdown());
        assert!(!state(COMPLETE, 1).shutdown());
    }

    #[test]
    fn a_snapshot_prints_its_bits() {
        assert_eq!(
            format!("{:?}", State::new().load()),
            "{scheduled, join interest, 3 refs}"
        );
    }
}
