//! Counted pointers to a task, and what can be done with it without knowing its future.
//!
//! This file contains unsafe code. Argument: a [`TaskRef`] owns one reference of the count
//! in the state word, so the header that it points to is alive; each vtable function is
//! called under the condition that its field states, which the state's transitions grant.
//! Covered by `models.rs` and by the AddressSanitizer run.
#![allow(unsafe_code)]

use super::header::{Header, NO_SET};
use super::id::{self, Id};
use super::meta::Watch;
use super::origin::Origin;
use super::state::{OnComplete, OnPending, OnStart, OnWake};
use super::teardown::{Fall, take_down};
use super::waker;
use crate::base::panics::quietly;
use crate::base::sync::atomic::Ordering;
use crate::base::wait::Wait;
use crate::base::{budget, wait};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::task::{Context, Waker};

/// What depends on the future and on the scheduler.
pub(super) struct Vtable {
    /// For the owner of the stage. True if the task has an output now.
    pub(super) poll: unsafe fn(NonNull<Header>, &mut Context<'_>) -> bool,
    /// For the owner of the stage.
    pub(super) cancel: unsafe fn(NonNull<Header>),
    /// For the owner of the output.
    pub(super) take_output: unsafe fn(NonNull<Header>, *mut ()),
    /// For the owner of the output: whether there is one.
    pub(super) has_output: unsafe fn(NonNull<Header>) -> bool,
    /// For the owner of the output.
    pub(super) drop_output: unsafe fn(NonNull<Header>),
    /// For the owner of the runnable, who gives it to its scheduler.
    pub(super) schedule: unsafe fn(Runnable),
    /// For whoever polled the task, and holds a reference until this returns.
    pub(super) adopt: unsafe fn(&TaskRef) -> Result<(), TaskRef>,
    /// For whoever holds a reference until this returns.
    pub(super) release: unsafe fn(&TaskRef) -> Option<TaskRef>,
    /// For whoever gave up the last reference.
    pub(super) free: unsafe fn(NonNull<Header>),
}

/// A counted pointer to a task.
pub(crate) struct TaskRef {
    raw: NonNull<Header>,
}

// SAFETY: the header is shared by design: its state is atomic, and the state decides who
// touches the rest. The future and the output are reached only by whoever the scheduler
// lets (it demands `Send` where tasks move) and by the typed join handle (which has the
// bounds for the output).
unsafe impl Send for TaskRef {}
// SAFETY: as above; `&TaskRef` gives no more than another `TaskRef`.
unsafe impl Sync for TaskRef {}

impl TaskRef {
    /// # Safety
    /// The caller owns a reference, and gives it away.
    pub(super) unsafe fn from_raw(raw: NonNull<Header>) -> Self {
        TaskRef { raw }
    }

    /// The reference is the caller's now.
    pub(super) fn into_raw(self) -> NonNull<Header> {
        ManuallyDrop::new(self).raw
    }

    pub(super) fn as_raw(&self) -> NonNull<Header> {
        self.raw
    }

    pub(super) fn header(&self) -> &Header {
        // SAFETY: our reference keeps it alive.
        unsafe { self.raw.as_ref() }
    }

    pub(crate) fn id(&self) -> Id {
        self.header().id
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.header().state.load().is_complete()
    }

    /// Where it was spawned, and under which name.
    pub(crate) fn origin(&self) -> &Origin {
        &self.header().origin
    }

    /// What it waited for when it last returned `Pending`.
    pub(crate) fn wait(&self) -> Wait {
        self.header().wait.read()
    }

    /// References to it that are not the set's of live tasks: if there are none and it is
    /// pending, it can never run again.
    pub(crate) fn references(&self) -> usize {
        self.header().state.load().refs()
    }

    /// Edge 2.
    pub(super) fn wake_by_ref(&self) {
        if self.header().state.wake_by_ref() == OnWake::Schedule {
            self.schedule();
        }
    }

    /// Edge 2. One read-modify-write for the wake and the reference, which becomes the
    /// runnable's if the task has to be scheduled.
    pub(super) fn wake_by_value(self) {
        let task = ManuallyDrop::new(self);
        match task.header().state.wake_by_value() {
            OnWake::Nothing => {}
            OnWake::Free => {
                // SAFETY: that was the last reference.
                unsafe { (task.header().vtable.free)(task.raw) }
            }
            // SAFETY: our reference is the runnable's now.
            OnWake::Schedule => unsafe { Runnable::from_raw(task.raw) }.schedule(),
        }
    }

    /// Gives a runnable, whose reference is counted already, to the scheduler.
    fn schedule(&self) {
        // SAFETY: the transition that told us to schedule counted the runnable's reference.
        unsafe { Runnable::from_raw(self.raw) }.schedule();
    }

    /// Asks for the task's future to be dropped, at home.
    pub(crate) fn abort(&self) {
        if self.header().state.abort() {
            self.schedule();
        }
    }

    /// Edge 7: cancels the task here and now, unless somebody is polling it, who will then
    /// cancel it. For a scheduler that is closing, and for tasks that may be dropped here.
    pub(crate) fn shutdown(self) {
        take_down(Fall::Task(self));
    }

    pub(super) fn shutdown_here(self) {
        if self.header().state.shutdown() {
            self.cancel();
        }
    }

    /// Drops the future and completes. The caller has the stage.
    fn cancel(self) {
        id::with_current(self.id(), || {
            // SAFETY: the stage is ours.
            unsafe { (self.header().vtable.cancel)(self.raw) }
        });
        self.complete();
    }

    /// Edge 5. The caller has the stage, and an output is in it.
    fn complete(self) {
        let header = self.header();
        // SAFETY: `self` is alive until the transition below at the least.
        let from_set = unsafe { (header.vtable.release)(&self) };
        let owned = 1 + usize::from(from_set.map(TaskRef::into_raw).is_some());
        match header.state.complete(owned) {
            OnComplete::Leave => {
                self.into_raw();
                return;
            }
            // There is no join handle, so the output is ours.
            OnComplete::DropOutput => self.drop_output(),
            OnComplete::Wake => {
                // SAFETY: invariant 4: the slot is ours now.
                let waker = header.join_waker.with_mut(|slot| unsafe { (*slot).take() });
                quietly(|| waker.map(Waker::wake));
            }
        }
        self.give_up(owned);
    }

    /// Whether nobody has taken the output yet.
    ///
    /// # Safety
    /// The task is complete, and the output the caller's.
    #[inline]
    pub(super) unsafe fn has_output(&self) -> bool {
        // SAFETY: by the function's contract.
        unsafe { (self.header().vtable.has_output)(self.raw) }
    }

    /// For the owner of the output, of a complete task. Its drop still finds the task's id.
    pub(super) fn drop_output(&self) {
        id::with_current(self.id(), || {
            // SAFETY: the output is the caller's.
            unsafe { (self.header().vtable.drop_output)(self.raw) }
        });
    }

    fn give_up(self, count: usize) {
        let task = ManuallyDrop::new(self);
        if task.header().state.ref_dec(count) {
            // SAFETY: those were the last references.
            unsafe { (task.header().vtable.free)(task.raw) }
        }
    }
}

impl Clone for TaskRef {
    fn clone(&self) -> Self {
        self.header().state.ref_inc();
        TaskRef { raw: self.raw }
    }
}

impl Drop for TaskRef {
    #[inline]
    fn drop(&mut self) {
        if self.header().state.ref_dec(1) {
            // SAFETY: that was the last reference.
            unsafe { (self.header().vtable.free)(self.raw) }
        }
    }
}

impl fmt::Debug for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.id())
            .field("state", &self.header().state.load())
            .field("origin", self.origin())
            .field("wait", &self.wait())
            .field("references", &self.references())
            .finish()
    }
}

/// A task that is to be polled: the right to do so, once. Dropping it cancels the task.
pub(crate) struct Runnable(ManuallyDrop<TaskRef>);

/// A task that was woken while it was polled, and is to be polled again.
#[must_use = "the task is to be queued"]
pub(crate) struct Again {
    pub(crate) task: Runnable,
    /// It asked to go behind everything else, events included, or its budget was spent.
    pub(crate) yielded: bool,
}

impl Runnable {
    /// # Safety
    /// A transition told the caller to make a runnable, and counted a reference for it.
    pub(super) unsafe fn from_raw(raw: NonNull<Header>) -> Self {
        // SAFETY: by the function's contract.
        Runnable(ManuallyDrop::new(unsafe { TaskRef::from_raw(raw) }))
    }

    pub(super) fn task(&self) -> &TaskRef {
        &self.0
    }

    /// Gives it to its scheduler.
    #[inline]
    fn schedule(self) {
        let schedule = self.task().header().vtable.schedule;
        // SAFETY: the runnable is ours.
        unsafe { schedule(self) }
    }

    /// The reference of a set of live tasks, for a scheduler that puts its tasks into one before
    /// they are polled: it is not asked to [adopt](super::Schedule::adopt) this one.
    pub(crate) fn adopted(&self) -> TaskRef {
        self.task().put_into(0);
        TaskRef::clone(self.task())
    }

    fn into_task(self) -> TaskRef {
        let runnable = ManuallyDrop::new(self);
        // SAFETY: the runnable is not dropped, so its reference is moved out.
        unsafe { TaskRef::from_raw(runnable.0.raw) }
    }

    /// Gives the reference up without cancelling the task, which somebody else does or did:
    /// for a runnable that comes to a closed scheduler on a thread where the task may not be
    /// dropped.
    pub(crate) fn abandon(self) {
        drop(self.into_task());
    }

    /// Edges 3 to 5: polls the task once. Returns it if it was woken meanwhile and is to be
    /// queued behind the others. Never panics.
    #[inline]
    pub(crate) fn run(self) -> Option<Again> {
        self.run_with(TaskRef::poll)
    }

    /// The same, with somebody who looks on if it comes to a poll.
    pub(crate) fn run_watched(self, watch: &impl Watch) -> Option<Again> {
        self.run_with(|task| watch.around_poll(task, || task.poll()))
    }

    #[inline]
    fn run_with(self, poll: impl FnOnce(&TaskRef) -> bool) -> Option<Again> {
        let task = self.into_task();
        match task.header().state.start_poll() {
            OnStart::Leave => None,
            OnStart::Cancel => {
                task.cancel();
                None
            }
            OnStart::Poll => {
                if poll(&task) {
                    task.complete();
                    None
                } else {
                    task.pending()
                }
            }
        }
    }
}

impl TaskRef {
    /// Polls the future, which the caller has, with a waker that borrows the caller's
    /// reference. True if there is an output now.
    fn poll(&self) -> bool {
        wait::clear();
        let waker = ManuallyDrop::new(waker::borrowed(self));
        let mut cx = Context::from_waker(&waker);
        // SAFETY: the stage is ours.
        let poll = || unsafe { (self.header().vtable.poll)(self.raw, &mut cx) };
        id::with_current(self.id(), || budget::with_full(poll))
    }

    /// Which of its scheduler's sets it was put into; `None` if it never waited.
    pub(crate) fn set(&self) -> Option<usize> {
        let set = self.header().set.load(Ordering::Relaxed);
        (set != NO_SET).then_some(set as usize)
    }

    /// It is about to be put into that one of its scheduler's sets.
    ///
    /// ORDERING: relaxed, as in [`set`](Self::set): whoever polls writes it, and whoever polls
    /// later or takes it out of the set reads it.
    pub(crate) fn put_into(&self, set: usize) {
        // There are fewer workers than that, see the scheduler's `Idle`.
        self.header().set.store(set as u32, Ordering::Relaxed);
    }

    /// It waits for the first time: its scheduler takes it in. False if it is to be cancelled.
    #[cold]
    fn settle(&self) -> bool {
        // SAFETY: we hold a reference, and polled.
        unsafe { (self.header().vtable.adopt)(self) }.is_ok()
    }

    /// Edge 4.
    #[inline]
    fn pending(self) -> Option<Again> {
        let waited = wait::take();
        self.header().wait.store(&waited);
        // A task that is to be polled again at once is in a queue, and that is enough.
        let is_queued = || self.header().state.load().is_woken_while_running();
        if self.set().is_none() && !is_queued() && !self.settle() {
            self.cancel();
            return None;
        }
        let task = ManuallyDrop::new(self);
        match task.header().state.end_poll() {
            OnPending::Nothing => {}
            OnPending::Reschedule => {
                return Some(Again {
                    // SAFETY: the transition made our reference the runnable's.
                    task: unsafe { Runnable::from_raw(task.raw) },
                    yielded: matches!(waited.kind, wait::Kind::Yield | wait::Kind::Budget),
                });
            }
            OnPending::Cancel => ManuallyDrop::into_inner(task).cancel(),
            // SAFETY: that was the last reference.
            OnPending::Free => unsafe { (task.header().vtable.free)(task.raw) },
        }
        None
    }
}

impl Drop for Runnable {
    /// Nothing is lost: a runnable that nobody runs is a task that is cancelled.
    fn drop(&mut self) {
        // SAFETY: `self.0` is not used again.
        unsafe { ManuallyDrop::take(&mut self.0) }.shutdown();
    }
}

impl fmt::Debug for Runnable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
