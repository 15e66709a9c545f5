//! Whether the current thread polls futures, and what may block it then.
//!
//! Two kinds of calls block a thread, and they are not treated alike in async code.
//!
//! **`block_on`, and dropping a runtime**, are how synchronous code comes back to async code: a
//! callback, a `Drop`, a library that hides its runtime. Often there is no `.await` to be written
//! in their place, as the function around them is not async. So they work wherever something else
//! can make progress meanwhile: a worker gives its other tasks to another thread first, and where
//! there is no other thread the tasks wait. Only what could never end is refused; `rt::nested`
//! has the cases.
//!
//! **`blocking_recv`, `blocking_send`, `blocking_lock` and their like** are [refused](refuse_in_async)
//! on every thread that polls futures, although a worker could hand its tasks over for them as
//! well. Each of them stands beside an async twin, so there is always a better word to write. What
//! they wait for is most often another task of the same runtime: on a current-thread runtime that
//! is a deadlock that cannot be told from a wait, and a call that works or hangs depending on the
//! runtime it meets is worse than one that always says what to write. And ported programs know
//! them like that.

use crate::base::sync::local;
use std::cell::Cell;

/// What the current thread is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// No region.
    Nothing,
    Async,
    Blocking,
}

local! {
    static INSIDE: Cell<Inside> = Cell::new(Inside::Nothing);
}

/// Ends a region; the one around it applies again.
#[derive(Debug)]
pub(crate) struct Region {
    before: Inside,
}

impl Region {
    /// Whether there is none around it.
    #[inline]
    pub(crate) fn is_outermost(&self) -> bool {
        self.before == Inside::Nothing
    }
}

/// From here on this thread polls futures: it must not block.
#[inline]
pub(crate) fn enter_async() -> Region {
    enter(Inside::Async)
}

/// From here on this thread may block.
pub(crate) fn enter_blocking() -> Region {
    enter(Inside::Blocking)
}

#[inline]
fn enter(region: Inside) -> Region {
    let before = INSIDE.try_with(|inside| inside.replace(region));
    Region {
        before: before.unwrap_or(Inside::Nothing),
    }
}

/// Whether this thread is polling futures.
pub(crate) fn is_async() -> bool {
    let inside = INSIDE.try_with(Cell::get);
    inside.unwrap_or(Inside::Nothing) == Inside::Async
}

/// Blocking a thread that polls tasks would stop them all, for ever if what is waited for
/// needs one of them. See the [module](self) for who asks and who does not.
///
/// # Panics
/// On such a thread, at the caller's line.
#[track_caller]
pub(crate) fn refuse_in_async(what: &str) {
    if is_async() {
        panic!(
            "`{what}` was called on a thread that is polling async code, which it would stop: \
             `.await` the future instead, or wrap the call in `task::block_in_place` or \
             `task::spawn_blocking`"
        );
    }
}

impl Drop for Region {
    #[inline]
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|inside| inside.set(self.before));
    }
}
