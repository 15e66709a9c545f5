//! Which runtime the current thread belongs to.

use super::handle::Handle;
use crate::driver::Driver;
use crate::scheduler::Home;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

std::thread_local! {
    // Not the sync switch's `local!`: this one has a destructor, and no model enters a runtime.
    static CURRENT: RefCell<Option<Handle>> = const { RefCell::new(None) };
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Keeps the current thread in the context of a runtime until it is dropped.
///
/// Made by [`Runtime::enter`](super::Runtime::enter) and [`Handle::enter`].
///
/// # Panics
///
/// Guards of one thread are dropped in the reverse order of their making; dropping them in
/// another order panics.
#[must_use = "the context ends when the guard is dropped"]
#[derive(Debug)]
pub struct EnterGuard<'a> {
    before: Option<Handle>,
    depth: usize,
    /// Belongs to one thread.
    _handle: PhantomData<(&'a Handle, *const ())>,
}

/// Enters the context of `handle`.
pub(super) fn enter<'a>(handle: &Handle) -> EnterGuard<'a> {
    let entered = CURRENT.try_with(|current| current.borrow_mut().replace(handle.clone()));
    let depth = DEPTH.get() + 1;
    DEPTH.set(depth);
    EnterGuard {
        before: entered.ok().flatten(),
        depth,
        _handle: PhantomData,
    }
}

impl Drop for EnterGuard<'_> {
    fn drop(&mut self) {
        if DEPTH.get() != self.depth {
            if !std::thread::panicking() {
                panic!(
                    "`EnterGuard`s were dropped out of order; drop them in the reverse order of \
                     their making"
                );
            }
            return;
        }
        DEPTH.set(self.depth - 1);
        let before = self.before.take();
        let left =
            CURRENT.try_with(|current| std::mem::replace(&mut *current.borrow_mut(), before));
        // Dropped with nothing borrowed: it may be the last one of its runtime.
        drop(left);
    }
}

/// There is no runtime to be found.
///
/// Returned by [`Handle::try_current`].
#[derive(Debug)]
pub struct TryCurrentError {
    destroyed: bool,
}

impl TryCurrentError {
    /// Whether the thread is not in the context of any runtime.
    pub fn is_missing_context(&self) -> bool {
        !self.destroyed
    }

    /// Whether the thread is ending, and its context gone already.
    pub fn is_thread_local_destroyed(&self) -> bool {
        self.destroyed
    }
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.destroyed {
            "the thread is ending, and its runtime context is gone"
        } else {
            "there is no runtime here: this must be called from within `Runtime::block_on`, a \
             task, or the scope of `Runtime::enter` or `Handle::enter`"
        })
    }
}

impl std::error::Error for TryCurrentError {}

/// Calls `f` with the handle of the current runtime.
#[inline]
pub(super) fn with_current<R>(f: impl FnOnce(&Handle) -> R) -> Result<R, TryCurrentError> {
    let result = CURRENT.try_with(|current| current.borrow().as_ref().map(f));
    match result {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(TryCurrentError { destroyed: false }),
        Err(_) => Err(TryCurrentError { destroyed: true }),
    }
}

/// The current runtime's home for what is made here: the worker's, or that of threads that are
/// not workers.
#[inline]
pub(crate) fn try_home() -> Option<Home> {
    with_current(|handle| handle.scheduler().home_here(handle.home())).ok()
}

/// The current runtime's time, if there is one.
pub(crate) fn paused_now() -> Option<Instant> {
    with_current(|handle| handle.scheduler().driver().now()).ok()
}

/// Calls `f` with the current runtime's driver.
///
/// # Panics
/// If there is none, at the caller's line.
#[inline]
#[track_caller]
pub(crate) fn with_driver<R>(f: impl FnOnce(&Arc<Driver>) -> R) -> R {
    match with_current(|handle| f(handle.scheduler().driver())) {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
