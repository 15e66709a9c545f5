//! The task's allocation, and what is done with its stage.
//!
//! This file contains unsafe code. Argument: every function here gets a pointer to the
//! header of a live `Cell<F, S>` of its own `F` and `S` (they are reached only through the
//! vtable that [`new`] put into that header), and those that touch the stage are called
//! only by its owner (invariant 1 of the [module](super)). The header is the first field of
//! a `repr(C)` struct, so the two pointers are the same.
//! Covered by the models in `models.rs` and by the AddressSanitizer run of the test suite.
#![allow(unsafe_code)]

use super::Schedule;
use super::error::JoinError;
use super::header::{Header, NO_SET, WaitRecord};
use super::id::Id;
use super::join::JoinHandle;
use super::live::Links;
use super::origin::Origin;
use super::raw::{Runnable, TaskRef, Vtable};
use super::state::State;
use crate::base::blocks;
use crate::base::panics::quietly;
use crate::base::sync::UnsafeCell;
use crate::base::sync::atomic::AtomicU32;
use std::alloc::Layout;
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

#[repr(C)]
pub(super) struct Cell<F: Future, S> {
    header: Header,
    scheduler: S,
    stage: UnsafeCell<Stage<F>>,
}

enum Stage<F: Future> {
    Future(F),
    Output(Result<F::Output, JoinError>),
    Consumed,
}

/// Allocates a task. The two of them hold its two references: one for a run queue, one for
/// whoever spawned it.
pub(crate) fn new<F, S>(
    future: F,
    scheduler: S,
    id: Id,
    origin: Origin,
) -> (Runnable, JoinHandle<F::Output>)
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    S: Schedule,
{
    // SAFETY: what is `Send` may be polled and dropped by any thread.
    unsafe { new_local(future, scheduler, id, origin) }
}

/// The same, of a future that need not be `Send`.
///
/// # Safety
/// If the future or its output is not `Send`, the caller keeps the
/// [contract of local tasks](super#local-tasks).
pub(crate) unsafe fn new_local<F, S>(
    future: F,
    scheduler: S,
    id: Id,
    origin: Origin,
) -> (Runnable, JoinHandle<F::Output>)
where
    F: Future + 'static,
    F::Output: 'static,
    S: Schedule,
{
    #[cfg(feature = "tracing")]
    let future = super::spans::within(future, S::KIND, &origin);
    let place = allocate(&future, &scheduler);
    let raw = place.cast::<Header>();
    let place = place.as_ptr();
    // SAFETY: each field of our own allocation is written once, and nothing panics in between.
    unsafe {
        (&raw mut (*place).header).write(Header {
            state: State::new(),
            vtable: vtable(&future, &scheduler),
            set: AtomicU32::new(NO_SET),
            links: UnsafeCell::new(Links::unlinked()),
            join_waker: UnsafeCell::new(None),
            id,
            origin,
            wait: WaitRecord::new(),
        });
        (&raw mut (*place).scheduler).write(scheduler);
        (&raw mut (*place).stage).write(UnsafeCell::new(Stage::Future(future)));
    }
    // SAFETY: the state starts with two references, one for each of these.
    unsafe { (Runnable::from_raw(raw), JoinHandle::from_raw(raw)) }
}

/// Where the task will lie.
fn allocate<F: Future, S>(_: &F, _: &S) -> NonNull<Cell<F, S>> {
    blocks::take(Layout::new::<Cell<F, S>>()).cast()
}

fn vtable<F: Future, S: Schedule>(_: &F, _: &S) -> &'static Vtable {
    &Table::<F, S>::VTABLE
}

struct Table<F, S>(std::marker::PhantomData<(F, S)>);

impl<F: Future, S: Schedule> Table<F, S> {
    const VTABLE: Vtable = Vtable {
        poll: poll::<F, S>,
        cancel: cancel::<F, S>,
        take_output: take_output::<F, S>,
        has_output: has_output::<F, S>,
        drop_output: drop_output::<F, S>,
        schedule: schedule::<F, S>,
        adopt: adopt::<F, S>,
        release: release::<F, S>,
        free: free::<F, S>,
    };
}

/// # Safety
/// `header` is that of a live `Cell<F, S>`; the lifetime is the caller's to limit.
unsafe fn cell<'a, F: Future, S>(header: NonNull<Header>) -> &'a Cell<F, S> {
    // SAFETY: by the function's contract.
    unsafe { header.cast::<Cell<F, S>>().as_ref() }
}

impl<F: Future, S> Cell<F, S> {
    /// Puts `next` into the stage and drops what was there, whatever that does.
    ///
    /// # Safety
    /// The caller owns the stage. What was there is dropped in place: it may be pinned.
    unsafe fn replace_stage(&self, next: Stage<F>) {
        self.stage.with_mut(|stage| {
            // SAFETY: the stage is the caller's. If the drop panics, what is left of the old
            // value is not dropped again: `write` overwrites it without a drop.
            unsafe {
                quietly(|| std::ptr::drop_in_place(stage));
                stage.write(next);
            }
        });
    }
}

impl<F: Future, S> Cell<F, S> {
    /// Drops the future, whatever that does, and puts its output in its place.
    ///
    /// # Safety
    /// The caller owns the stage. The future is dropped in place: it is pinned.
    #[inline]
    unsafe fn finish(&self, output: Result<F::Output, JoinError>) {
        if mem::needs_drop::<F>() {
            // SAFETY: by the function's contract.
            return unsafe { self.replace_stage(Stage::Output(output)) };
        }
        // SAFETY: the stage is the caller's, and there is nothing to drop.
        self.stage
            .with_mut(|stage| unsafe { stage.write(Stage::Output(output)) });
    }
}

/// Polls the future once; true if the stage now holds an output.
unsafe fn poll<F: Future, S>(header: NonNull<Header>, cx: &mut Context<'_>) -> bool {
    // SAFETY: see the head of this file.
    let cell = unsafe { cell::<F, S>(header) };
    let result = catch_unwind(AssertUnwindSafe(|| {
        cell.stage.with_mut(|stage| {
            // SAFETY: the stage is ours, and the future in it is not moved until it is dropped.
            match unsafe { &mut *stage } {
                Stage::Future(future) => {
                    // SAFETY: as above: it stays where it is until it is dropped.
                    unsafe { Pin::new_unchecked(future) }.poll(cx)
                }
                // PANIC: a complete task is not polled, see `State::start_poll`.
                _ => unreachable!("a task was polled after it completed"),
            }
        })
    }));
    let output = match result {
        Ok(Poll::Pending) => return false,
        Ok(Poll::Ready(output)) => Ok(output),
        Err(payload) => Err(JoinError::panic(cell.header.id, payload)),
    };
    // SAFETY: the stage is ours.
    unsafe { cell.finish(output) };
    true
}

/// Drops the future; the output is then "cancelled", or the panic of that drop.
unsafe fn cancel<F: Future, S>(header: NonNull<Header>) {
    // SAFETY: see the head of this file.
    let cell = unsafe { cell::<F, S>(header) };
    let dropped = catch_unwind(AssertUnwindSafe(|| {
        cell.stage.with_mut(|stage| {
            // If the drop panics, the stage must not be dropped a second time.
            struct Consume<F: Future>(*mut Stage<F>);
            impl<F: Future> Drop for Consume<F> {
                fn drop(&mut self) {
                    // SAFETY: the stage is the caller's, and was dropped in place.
                    unsafe { self.0.write(Stage::Consumed) }
                }
            }
            let _consume = Consume(stage);
            // SAFETY: the stage is ours.
            unsafe { std::ptr::drop_in_place(stage) }
        });
    }));
    let error = match dropped {
        Ok(()) => JoinError::cancelled(cell.header.id),
        Err(payload) => JoinError::panic(cell.header.id, payload),
    };
    // SAFETY: the stage is ours.
    unsafe { cell.replace_stage(Stage::Output(Err(error))) };
}

/// Moves the output to `*into`, which is an `Option<Result<F::Output, JoinError>>`.
unsafe fn take_output<F: Future, S>(header: NonNull<Header>, into: *mut ()) {
    // SAFETY: see the head of this file.
    let cell = unsafe { cell::<F, S>(header) };
    // SAFETY: its type is the join handle's promise.
    let into = unsafe { &mut *into.cast::<Option<Result<F::Output, JoinError>>>() };
    cell.stage.with_mut(|stage| {
        // SAFETY: after COMPLETE the stage belongs to the join handle, who calls this.
        let taken = unsafe { mem::replace(&mut *stage, Stage::Consumed) };
        if let Stage::Output(output) = taken {
            *into = Some(output);
        }
    });
}

unsafe fn has_output<F: Future, S>(header: NonNull<Header>) -> bool {
    // SAFETY: see the head of this file.
    let cell = unsafe { cell::<F, S>(header) };
    // SAFETY: the caller owns the output.
    cell.stage
        .with_mut(|stage| matches!(unsafe { &*stage }, Stage::Output(_)))
}

unsafe fn drop_output<F: Future, S>(header: NonNull<Header>) {
    // SAFETY: see the head of this file; the caller owns the output.
    unsafe { cell::<F, S>(header).replace_stage(Stage::Consumed) };
}

unsafe fn schedule<F: Future, S: Schedule>(task: Runnable) {
    let header = task.task().as_raw();
    // SAFETY: see the head of this file.
    let here = unsafe { cell::<F, S>(header) }.scheduler.here();
    // From here on the task may be run and freed by others at any time, unless it comes back.
    if let Err(task) = S::schedule_here(here, task) {
        let kept = TaskRef::clone(task.task());
        // SAFETY: see the head of this file. Our own reference keeps the scheduler's alive until
        // this returns, whatever becomes of `task`.
        unsafe { cell::<F, S>(header) }.scheduler.schedule(task);
        drop(kept);
    }
}

unsafe fn adopt<F: Future, S: Schedule>(task: &TaskRef) -> Result<(), TaskRef> {
    // SAFETY: see the head of this file.
    unsafe { cell::<F, S>(task.as_raw()) }
        .scheduler
        .adopt(task.clone())
}

unsafe fn release<F: Future, S: Schedule>(task: &TaskRef) -> Option<TaskRef> {
    // SAFETY: see the head of this file.
    unsafe { cell::<F, S>(task.as_raw()) }
        .scheduler
        .release(task)
}

unsafe fn free<F: Future, S>(header: NonNull<Header>) {
    let place = header.cast::<Cell<F, S>>();
    // SAFETY: the last reference is gone, so this is the only pointer.
    let cell = unsafe { place.as_ref() };
    // Does nothing, but a model checks here that whoever was at the stage comes before.
    cell.stage.with_mut(|_| ());
    // SAFETY: as above; it came from `allocate`, and is not used again.
    unsafe {
        quietly(|| std::ptr::drop_in_place(place.as_ptr()));
        blocks::give(place.cast(), Layout::new::<Cell<F, S>>());
    }
}
