//! Whether the current thread may block: not while it polls tasks.

use crate::base::sync::local;
use std::cell::Cell;

local! {
    static ASYNC: Cell<bool> = Cell::new(false);
}

/// Ends a region; the one around it applies again.
#[derive(Debug)]
pub(crate) struct Region {
    before: bool,
}

/// From here on this thread polls futures: it must not block.
pub(crate) fn enter_async() -> Region {
    enter(true)
}

/// From here on this thread may block.
pub(crate) fn enter_blocking() -> Region {
    enter(false)
}

fn enter(is_async: bool) -> Region {
    let before = ASYNC.try_with(|flag| flag.replace(is_async));
    Region {
        before: before.unwrap_or(false),
    }
}

/// Whether this thread is polling futures.
pub(crate) fn is_async() -> bool {
    ASYNC.try_with(Cell::get).unwrap_or(false)
}

/// Blocking a thread that polls tasks would stop them all, for ever if what is waited for
/// needs one of them.
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
    fn drop(&mut self) {
        let _ = ASYNC.try_with(|flag| flag.set(self.before));
    }
}
