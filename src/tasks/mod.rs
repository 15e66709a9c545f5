//! Tasks: a future on its way from `spawn` to its output.
//!
//! A task is one piece of memory (a [`cell::Cell`] in one of the [`blocks`](crate::base::blocks)): a
//! [`header::Header`] whose shape does not depend on the future, the scheduler that the task
//! belongs to, and the *stage*, which is the future, then its output, then nothing. Everybody
//! who knows the task points to the header:
//!
//! | who | type | counted |
//! |---|---|---|
//! | a set of live tasks of its scheduler | [`LiveSet`] | one reference from the first time that it waits until it completes |
//! | a run queue, or the worker that polls it | [`Runnable`] | one while it is scheduled or running |
//! | the one who spawned it | [`JoinHandle`] | one |
//! | everybody who may wake it | `Waker` | one each |
//! | everybody who may abort it | [`AbortHandle`] | one each |
//!
//! # Lifecycle
//!
//! ```text
//!                     (1) spawn
//!                         │
//!                         ▼
//!        ┌─(2) wake──▶ SCHEDULED ──(3) start_poll──▶ RUNNING ──(5) complete──▶ COMPLETE
//!        │                ▲                            │ │ ▲                      │
//!      IDLE ◀─────────────│──────────(4a) end_poll─────┘ │ │ (6) woken while     (9) last
//!        │                └──────────(4b) end_poll───────┘ │     it runs       reference
//!        │                                                 │                      │
//!        └──────────────────(7) shutdown ──────────────────┘                      ▼
//!                                                                               freed
//! ```
//!
//! 1. [`new`]: scheduled, with a join handle.
//! 2. [`State::wake_by_value`](state::State::wake_by_value) and
//!    [`wake_by_ref`](state::State::wake_by_ref): the one who moves IDLE to SCHEDULED hands
//!    the [`Runnable`] to the scheduler; all others have nothing to do.
//! 3. [`State::start_poll`](state::State::start_poll): whoever has the runnable has the
//!    stage to itself.
//! 4. [`State::end_poll`](state::State::end_poll): after `Pending`, back to IDLE (a) or, if
//!    it was woken meanwhile, to the queue (b).
//! 5. [`State::complete`](state::State::complete): the stage holds the output, which belongs
//!    to the join handle if there is one and is dropped at once if not.
//! 6. Waking a running task marks it SCHEDULED; edge 4b then queues it. It is polled again
//!    exactly once, however often it was woken.
//! 7. [`State::shutdown`](state::State::shutdown): the scheduler is closing, takes the
//!    stage and cancels. [`State::abort`](state::State::abort) only marks the task and lets
//!    its own scheduler do the same at edge 3 or 4.
//! 9. Every edge that gives a reference up says whether it was the last one.
//!
//! # Invariants
//!
//! 1. The stage is touched only by whoever moved the task to RUNNING, or after COMPLETE by
//!    the owner of the output (edge 5 says who that is).
//! 2. The future and the output are each dropped exactly once, by the thread that polls, that
//!    completes, or that holds the last reference; never under a lock. However long a chain
//!    of tasks is that take each other down, it needs no more stack ([`teardown`]).
//! 3. A `Runnable` exists exactly when SCHEDULED was set by somebody who was told so.
//! 4. The join waker's slot belongs to the join handle while JOIN_WAKER is unset, and to the
//!    one who completes the task from the moment that COMPLETE is set while it is set.
//! 5. A panic in a poll, a drop or a foreign waker never leaves this module.
//!
//! # Local tasks
//!
//! A future that is not `Send`, or whose output is not, is polled and dropped by one thread
//! only: the task's *home*. Such a task is made by [`new_local`], whose caller promises:
//!
//! 1. It is made at home, and its scheduler [runs](Runnable::run) and drops runnables, and
//!    [shuts tasks down](TaskRef::shutdown), at home only.
//! 2. Until the task is complete, somebody who is never dropped elsewhere holds a reference:
//!    the set of live tasks, into which it is put before it is queued ([`Runnable::adopted`]), which the task itself keeps alive through its scheduler, and
//!    from the moment that the set gives it up whoever cancels it at home.
//! 3. A runnable that comes too late, to a queue that is closed, is
//!    [abandoned](Runnable::abandon) where that may be elsewhere.
//!
//! Why that is enough, by who can reach the stage:
//!
//! * A waker, an abort handle and a join handle can be anywhere. Waking and aborting move the
//!   state and hand a runnable to the scheduler, no more (edges 2, 6 and 7): they never touch
//!   the stage. That is why `abort` only marks.
//! * Who drops the last reference frees the task. By 2 it is complete then, so the future is
//!   gone; and the output too, or it is in no one's reach for ever: the one who completes
//!   drops it at home if there is no join handle, and else the handle takes or drops it before
//!   it gives its reference up.
//! * A join handle is `Send` only if the output is, so one whose output must stay at home is
//!   itself there.
//! * A drop that nests too deep is put aside for the same thread ([`teardown`]).
//! * A set, a queue or a runtime that is leaked keeps its tasks, for ever: 2 again.
//!
//! # The set of live tasks
//!
//! Most tasks complete in their first poll. So a task is put into a set only when it waits for the
//! first time ([`Schedule::adopt`]): until then it is in a queue or polled, and a scheduler that
//! closes finds it there. A wake-up puts it into a queue again, but it stays in its set.
//!
//! # Memory ordering
//!
//! Every transition is a read-modify-write of the one state word with acquire and release, but
//! for those of somebody who owns all references that there are, whom nobody can come between:
//! what a waker's owner did before it woke is visible to the poll that follows, even if the
//! task was scheduled already. What a poll did is visible to the next one on whatever thread.
//!
//! # Rejected
//!
//! * A waker that finds its task already scheduled could return after a load. It would save a
//!   read-modify-write, but then nothing orders what the waker's owner wrote before the poll
//!   that is still to come.
//! * 128-byte alignment of the task, against false sharing: such an allocation bypasses
//!   malloc's thread cache and costs more than it saves.

pub(crate) mod cell;
pub mod coop;
mod error;
mod header;
mod id;
mod join;
mod live;
mod meta;
#[cfg(all(test, loom))]
mod models;
mod origin;
mod raw;
#[cfg(feature = "tracing")]
mod spans;
mod state;
mod task_local;
mod teardown;
#[cfg(all(test, not(loom)))]
mod tests;
mod waker;
mod yield_now;

pub use error::JoinError;
pub use id::{Id, id, try_id};
pub use join::{AbortHandle, JoinHandle};
pub use meta::TaskMeta;
pub use task_local::{AccessError, LocalKey, TaskLocalFuture};
pub use yield_now::yield_now;

pub(crate) use cell::{new, new_local};
pub(crate) use live::LiveSet;
pub(crate) use meta::Watch;
pub(crate) use origin::Origin;
pub(crate) use raw::{Again, Runnable, TaskRef};
pub(crate) use teardown::{Upright, is_upright};
pub(crate) use waker::will_be_polled_again;

/// What a task needs of its scheduler: the one arrow of the crate that points upwards.
pub(crate) trait Schedule: Send + Sync + Sized + 'static {
    /// What its tasks are called in a span: `task`, `local` or `blocking`.
    #[cfg_attr(not(feature = "tracing"), allow(dead_code))]
    const KIND: &'static str = "task";

    /// What [`schedule_here`](Self::schedule_here) is told of the scheduler: a plain value, as
    /// the task that is scheduled keeps the scheduler alive, and may be gone in the middle.
    fn here(&self) -> *const () {
        std::ptr::null()
    }

    /// Takes a task that became runnable if the current thread runs this scheduler's tasks.
    ///
    /// # Errors
    /// The task, if not.
    fn schedule_here(here: *const (), task: Runnable) -> Result<(), Runnable> {
        let _ = here;
        Err(task)
    }

    /// Takes a task that became runnable.
    fn schedule(&self, task: Runnable);

    /// Puts a task that waits for the first time into a set of live tasks.
    ///
    /// # Errors
    /// The task, if it is too late: it will be cancelled.
    fn adopt(&self, task: TaskRef) -> Result<(), TaskRef>;

    /// Takes a task that completed out of the set of live tasks, if it is in; what that held of
    /// it is returned.
    fn release(&self, task: &TaskRef) -> Option<TaskRef>;
}
