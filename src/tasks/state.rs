//! The state word: every move a named transition that says what the caller must now do.
//!
//! See the [lifecycle](super#lifecycle) for the picture; the numbers here are its edges.

use crate::base::sync::atomic::{AtomicU32, Ordering};
use std::fmt;

/// Somebody has the stage to itself: a worker that polls, or whoever cancels.
const RUNNING: u32 = 1;
/// A runnable exists, or (while RUNNING) is to be made when the poll ends.
const SCHEDULED: u32 = 1 << 1;
/// The stage holds the output, or held it.
const COMPLETE: u32 = 1 << 2;
/// The future is to be dropped instead of polled.
const CANCELLED: u32 = 1 << 3;
/// There is a join handle.
const JOIN_INTEREST: u32 = 1 << 4;
/// The join waker's slot is filled and belongs to the one who completes the task.
const JOIN_WAKER: u32 = 1 << 5;
const REF_ONE: u32 = 1 << 6;

/// The runnable and the join handle.
const INITIAL: u32 = (2 * REF_ONE) | SCHEDULED | JOIN_INTEREST;

/// No more references than 33 millions, half of what the word can count.
const TOO_MANY: u32 = 1 << 31;

/// So many references, in the word.
fn references(count: usize) -> u32 {
    count as u32 * REF_ONE
}

/// A copy of the word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(u32);

impl Snapshot {
    fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    fn with(self, bits: u32) -> Self {
        Snapshot(self.0 | bits)
    }

    fn without(self, bits: u32) -> Self {
        Snapshot(self.0 & !bits)
    }

    fn ref_inc(self) -> Self {
        assert!(self.0 < TOO_MANY, "too many wakers of one task");
        Snapshot(self.0 + REF_ONE)
    }

    fn ref_dec(self) -> Self {
        debug_assert!(self.refs() > 0, "a reference was given up twice");
        Snapshot(self.0 - REF_ONE)
    }

    fn refs_less(self, count: usize) -> Self {
        debug_assert!(self.refs() > count, "references were given up twice");
        Snapshot(self.0 - references(count))
    }

    pub(super) fn refs(self) -> usize {
        (self.0 / REF_ONE) as usize
    }

    pub(super) fn is_complete(self) -> bool {
        self.has(COMPLETE)
    }

    pub(super) fn is_woken_while_running(self) -> bool {
        self.0 & (RUNNING | SCHEDULED) == RUNNING | SCHEDULED
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

/// What the one who completes a task must do.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OnComplete {
    /// The output belongs to the join handle: its references are given up already.
    Leave,
    /// The join waker is the caller's: wake it, then give the references up.
    Wake,
    /// Drop the output, then give the references up.
    DropOutput,
}

/// What the one who drops the join handle must do.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OnJoinDrop {
    /// The handle's reference is given up already.
    Nothing,
    /// The output is left for the handle to drop, before it gives its reference up.
    DropOutput,
    /// The join waker's slot is the handle's again: empty it, then give the reference up.
    DropWaker,
}

#[derive(Debug)]
pub(super) struct State(AtomicU32);

impl State {
    /// Edge 1.
    pub(super) fn new() -> Self {
        State(AtomicU32::new(INITIAL))
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

    /// The same for the owner of a reference that nobody else uses meanwhile. If it is the only
    /// one there is nobody who could come in between, now or later, as a reference is made from
    /// another one: a load and a store will do.
    ///
    /// ORDERING: the load is the acquire; it reads what the last of the others wrote when it gave
    /// its reference up. What is stored is read by those who get a reference from us.
    fn update_as_owner<R>(&self, mut f: impl FnMut(Snapshot) -> (Snapshot, R)) -> R {
        let now = self.load();
        if now.refs() == 1 {
            let (next, result) = f(now);
            self.0.store(next.0, Ordering::Release);
            return result;
        }
        self.update(f)
    }

    /// Edges 2 and 6. The waker's reference is given up, unless the task is to be scheduled:
    /// then it becomes the runnable's.
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
                (now.with(SCHEDULED), OnWake::Schedule)
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
    #[inline]
    pub(super) fn start_poll(&self) -> OnStart {
        self.update_as_owner(|now| {
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
    #[inline]
    pub(super) fn end_poll(&self) -> OnPending {
        self.update_as_owner(|now| {
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

    /// Edge 5, by the owner of `owned` references. From here on the output belongs to the join
    /// handle if there is one, and the join waker to the caller if there is one.
    #[inline]
    pub(super) fn complete(&self, owned: usize) -> OnComplete {
        let now = self.load();
        if now.refs() == owned {
            // ORDERING: as in `update_as_owner`. There is no handle left.
            debug_assert!(!now.has(JOIN_INTEREST), "{now:?}");
            let next = now.with(COMPLETE).without(RUNNING);
            self.0.store(next.0, Ordering::Release);
            return OnComplete::DropOutput;
        }
        self.update(|now| {
            debug_assert!(now.has(RUNNING) && !now.has(COMPLETE), "{now:?}");
            let next = now.with(COMPLETE).without(RUNNING);
            if !now.has(JOIN_INTEREST) {
                (next, OnComplete::DropOutput)
            } else if now.has(JOIN_WAKER) {
                (next, OnComplete::Wake)
            } else {
                // The handle's own reference is left.
                (next.refs_less(owned), OnComplete::Leave)
            }
        })
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

    /// The join handle goes.
    #[inline]
    pub(super) fn drop_join_interest(&self) -> OnJoinDrop {
        // Once it is complete nobody asks for the interest any more.
        if self.load().is_complete() {
            return OnJoinDrop::DropOutput;
        }
        self.update(|now| {
            debug_assert!(now.has(JOIN_INTEREST), "{now:?}");
            if now.is_complete() {
                (now, OnJoinDrop::DropOutput)
            } else if now.has(JOIN_WAKER) {
                let next = now.without(JOIN_INTEREST | JOIN_WAKER);
                (next, OnJoinDrop::DropWaker)
            } else {
                // Who will complete it has a reference too, so this is not the last.
                let next = now.without(JOIN_INTEREST).ref_dec();
                debug_assert!(next.refs() > 0, "{now:?}");
                (next, OnJoinDrop::Nothing)
            }
        })
    }

    pub(super) fn ref_inc(&self) {
        // ORDERING: whoever makes a reference has one, which orders it before the last drop.
        let before = self.0.fetch_add(REF_ONE, Ordering::Relaxed);
        if before >= TOO_MANY {
            self.refuse_one_more();
        }
    }

    /// However often that happens the count does not run over: between a failed attempt and this
    /// there is only one a thread.
    #[cold]
    fn refuse_one_more(&self) -> ! {
        self.0.fetch_sub(REF_ONE, Ordering::Relaxed);
        panic!("too many wakers of one task");
    }

    /// Gives up `count` references. True if they were the last: edge 9.
    #[must_use]
    #[inline]
    pub(super) fn ref_dec(&self, count: usize) -> bool {
        // ORDERING: as in `update_as_owner`; nobody is left who would read what we wrote.
        if self.load().refs() == count {
            return true;
        }
        let before = Snapshot(self.0.fetch_sub(references(count), Ordering::AcqRel));
        debug_assert!(before.refs() >= count, "a reference was given up twice");
        before.refs() == count
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn state(bits: u32, refs: u32) -> State {
        State(AtomicU32::new(bits | (refs * REF_ONE)))
    }

    fn word(state: &State) -> (u32, u32) {
        let word = state.0.load(Ordering::Relaxed);
        (word & (REF_ONE - 1), word / REF_ONE)
    }

    #[test]
    fn a_wake_moves_idle_to_scheduled_and_nothing_else() {
        // bits, refs, order, bits after, refs after
        for (bits, refs, order, after, refs_after) in [
            (0, 2, OnWake::Schedule, SCHEDULED, 2),
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
        assert_eq!(state.complete(1), OnComplete::Leave);
        assert_eq!(state.drop_join_interest(), OnJoinDrop::DropOutput);
        assert_eq!(word(&state).1, 1, "the handle's");

        let state = State::new();
        assert_eq!(state.start_poll(), OnStart::Poll);
        assert_eq!(state.drop_join_interest(), OnJoinDrop::Nothing);
        assert_eq!(state.complete(1), OnComplete::DropOutput);
        assert!(state.ref_dec(1), "the last one");
    }

    #[test]
    fn the_join_waker_belongs_to_exactly_one_side() {
        let state = State::new();
        assert!(state.publish_join_waker());
        assert!(state.retract_join_waker());
        assert!(state.publish_join_waker());
        assert_eq!(state.drop_join_interest(), OnJoinDrop::DropWaker);

        let state = State::new();
        assert_eq!(state.start_poll(), OnStart::Poll);
        assert!(state.publish_join_waker());
        assert_eq!(state.complete(1), OnComplete::Wake);
        assert!(!state.retract_join_waker());
        assert_eq!(state.drop_join_interest(), OnJoinDrop::DropOutput);

        let state = State::new();
        assert_eq!(state.start_poll(), OnStart::Poll);
        assert_eq!(state.complete(1), OnComplete::Leave);
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
            "{scheduled, join interest, 2 refs}"
        );
    }
}
