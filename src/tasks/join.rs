//! The handles of the one who spawned a task: to await it, and to abort it.
//!
//! This file contains unsafe code. Argument: a join handle owns a reference and the task's
//! JOIN_INTEREST, so the output is its own once the task is complete, and the join waker's
//! slot while JOIN_WAKER is unset (invariant 4 of the [module](super)). Its type parameter
//! is the output type of the future, because only `cell::new` makes one.
//! Covered by `models.rs` and by the AddressSanitizer run.
#![allow(unsafe_code)]

use super::error::JoinError;
use super::header::Header;
use super::id::Id;
use super::raw::TaskRef;
use super::state::OnJoinDrop;
use super::teardown::{Fall, take_down};
use crate::base::budget::{self, Spent};
use crate::base::wait;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker, ready};

/// The right to await a task.
///
/// Awaiting the handle gives the task's output, or a [`JoinError`] if the task panicked or
/// was cancelled. Dropping the handle *detaches* the task: it runs on, and its output is
/// dropped when it ends.
///
/// # Cancel safety
///
/// Nothing is lost. Await `&mut handle` in a `select!` and go on awaiting it afterwards.
///
/// # Panics
///
/// If it is polled again after it gave the output.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let handle = runtime::spawn(async { 6 * 7 });
/// assert_eq!(handle.await.unwrap(), 42);
/// # });
/// ```
pub struct JoinHandle<T> {
    task: ManuallyDrop<TaskRef>,
    _output: PhantomData<T>,
}

// SAFETY: the handle gives the output to the thread that awaits it, hence `T: Send`; `&self`
// gives no access to the output, hence nothing more for `Sync`.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for JoinHandle<T> {}
impl<T> Unpin for JoinHandle<T> {}
// A panic in the task was caught and is delivered as a value.
impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// # Safety
    /// The caller gives away a reference and the join interest of a task whose future's
    /// output is `T`.
    pub(super) unsafe fn from_raw(raw: NonNull<Header>) -> Self {
        JoinHandle {
            // SAFETY: by the function's contract.
            task: ManuallyDrop::new(unsafe { TaskRef::from_raw(raw) }),
            _output: PhantomData,
        }
    }

    /// Asks for the task to be cancelled.
    ///
    /// Its future is dropped by the runtime soon after, at the latest when its current poll
    /// ends; awaiting the handle then gives a [cancelled](JoinError::is_cancelled) error,
    /// unless the task had completed before. A job of
    /// [`spawn_blocking`](crate::task::spawn_blocking) can be aborted only before it starts.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let handle = runtime::spawn(std::future::pending::<()>());
    /// handle.abort();
    /// assert!(handle.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn abort(&self) {
        self.task.abort();
    }

    /// A handle that can abort the task, from elsewhere and after this one is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let handle = runtime::spawn(std::future::pending::<()>());
    /// let abort = handle.abort_handle();
    /// runtime::spawn(async move { abort.abort() });
    /// assert!(handle.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle {
            task: TaskRef::clone(&self.task),
        }
    }

    /// Whether the task has ended: completed, panicked or cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut handle = runtime::spawn(async {});
    /// (&mut handle).await.unwrap();
    /// assert!(handle.is_finished());
    /// # });
    /// ```
    pub fn is_finished(&self) -> bool {
        self.task.is_complete()
    }

    /// The task's id.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(async { runtime::task::id() });
    /// let id = task.id();
    /// assert_eq!(task.await.unwrap(), id);
    /// # });
    /// ```
    pub fn id(&self) -> Id {
        self.task.id()
    }

    /// Leaves `waker` to be woken when the task ends. False if it has ended: nobody will wake.
    pub(crate) fn wake_at_end(&mut self, waker: &Waker) -> bool {
        // SAFETY: the handle is ours alone while this runs.
        unsafe { wake_at_end(&self.task, waker) }
    }

    /// The same, with a waker that need not be cloned.
    pub(crate) fn leave_waker(&mut self, waker: Waker) -> bool {
        // SAFETY: as above.
        unsafe { leave_waker(&self.task, || waker, |_| false) }
    }
}

/// Leaves `waker` to be woken when the task ends. False if it has ended: nobody will wake. Not
/// generic, so that it is compiled once, here.
///
/// # Safety
/// The caller has the task's join handle to itself.
unsafe fn wake_at_end(task: &TaskRef, waker: &Waker) -> bool {
    // SAFETY: by the function's contract.
    unsafe { leave_waker(task, || waker.clone(), |old| old.will_wake(waker)) }
}

/// Leaves what `waker` gives, unless the one that was left before is the `same`.
///
/// # Safety
/// As of [`wake_at_end`].
#[inline(always)]
unsafe fn leave_waker(
    task: &TaskRef,
    waker: impl FnOnce() -> Waker,
    same: impl FnOnce(&Waker) -> bool,
) -> bool {
    let header = task.header();
    let now = header.state.load();
    if now.is_complete() || (now.has_join_waker() && !header.state.retract_join_waker()) {
        return false;
    }
    // SAFETY: JOIN_WAKER is unset and the task was not complete with it set: the slot is
    // the handle's until we publish it. (Cloning or dropping a waker runs foreign code, which
    // cannot reach that handle: it is borrowed.)
    header.join_waker.with_mut(|slot| unsafe {
        match &*slot {
            Some(old) if same(old) => {}
            _ => *slot = Some(waker()),
        }
    });
    if header.state.publish_join_waker() {
        return true;
    }
    // SAFETY: the task completed before we published, so nobody else comes for the slot.
    let unused = header.join_waker.with_mut(|slot| unsafe { (*slot).take() });
    drop(unused);
    false
}

/// Polls for the end of the task.
///
/// # Safety
/// As of [`wake_at_end`].
unsafe fn poll_end(
    task: &TaskRef,
    cx: &mut Context<'_>,
    here: &'static Location<'static>,
) -> Poll<Spent> {
    let Some(spent) = budget::try_proceed() else {
        wait::at(here, || budget::refuse(cx));
        return Poll::Pending;
    };
    // SAFETY: by the function's contract.
    if unsafe { wake_at_end(task, cx.waker()) } {
        wait::note_at(wait::Kind::Join, task.id().as_u64(), here);
        return Poll::Pending;
    }
    Poll::Ready(spent)
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: the handle is ours alone while this runs.
        let spent = ready!(unsafe { poll_end(&self.task, cx, Location::caller()) });
        let mut output: Option<Self::Output> = None;
        let into = std::ptr::from_mut(&mut output).cast();
        // SAFETY: the task is complete, so the output is the handle's; `into` points to an
        // `Option<Result<T, JoinError>>`, and `T` is the future's output type.
        unsafe { (self.task.header().vtable.take_output)(self.task.as_raw(), into) };
        spent.made_progress();
        match output {
            Some(output) => Poll::Ready(output),
            None => panic!("a `JoinHandle` was polled after it had given the task's output"),
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        let header = self.task.header();
        let order = header.state.drop_join_interest();
        if order == OnJoinDrop::Nothing {
            return;
        }
        if order == OnJoinDrop::DropWaker {
            // SAFETY: the transition gave the slot back to us.
            let waker = header.join_waker.with_mut(|slot| unsafe { (*slot).take() });
            waker.map(Fall::Waker).into_iter().for_each(take_down);
        }
        // SAFETY: `self.task` is not used again.
        let task = unsafe { ManuallyDrop::take(&mut self.task) };
        // SAFETY: once the task is complete the output is the handle's.
        if order == OnJoinDrop::DropOutput && unsafe { task.has_output() } {
            take_down(Fall::Output(task));
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.task.origin();
        f.debug_struct("JoinHandle")
            .field("id", &self.id())
            .field("name", &origin.name())
            .field("spawned_at", &format_args!("{}", origin.spawned_at()))
            .finish()
    }
}

/// The right to abort a task, without awaiting it.
///
/// Made by [`JoinHandle::abort_handle`]. Dropping it does nothing to the task.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let task = runtime::spawn(std::future::pending::<()>());
/// let handle = task.abort_handle();
/// handle.abort();
/// assert!(task.await.unwrap_err().is_cancelled());
/// # });
/// ```
#[derive(Clone)]
pub struct AbortHandle {
    task: TaskRef,
}

impl UnwindSafe for AbortHandle {}
impl RefUnwindSafe for AbortHandle {}

impl AbortHandle {
    /// Asks for the task to be cancelled; see [`JoinHandle::abort`].
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(std::future::pending::<()>());
    /// task.abort_handle().abort();
    /// assert!(task.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn abort(&self) {
        self.task.abort();
    }

    /// Whether the task has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(async { 1 });
    /// let handle = task.abort_handle();
    /// task.await.unwrap();
    /// assert!(handle.is_finished());
    /// # });
    /// ```
    pub fn is_finished(&self) -> bool {
        self.task.is_complete()
    }

    /// The task's id.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(async {});
    /// assert_eq!(task.abort_handle().id(), task.id());
    /// # });
    /// ```
    pub fn id(&self) -> Id {
        self.task.id()
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle")
            .field("id", &self.id())
            .finish()
    }
}
