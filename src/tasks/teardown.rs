//! Drops that lead to drops, without a stack frame for each.
//!
//! The output of a task may hold the handle of another task, whose output holds a handle,
//! and so on; a join waker, or a future that is cancelled, may do the same. Whoever takes
//! such a thing down comes through [`take_down`]. Up to [`DEEP`] levels it happens at once.
//! What is deeper is put aside, and the outermost level does it when it is done with its
//! own: the length of a chain is not limited by the stack.
//!
//! # Rejected
//!
//! * Putting aside all that is not outermost: a drop within a drop is then never done when it
//!   returns, although code that nests two or three levels may well rely on that.

use super::raw::TaskRef;
use crate::base::panics::quietly;
use crate::base::sync::local;
use std::cell::{Cell, RefCell};
use std::task::Waker;

/// Levels that are taken down at once.
const DEEP: usize = 16;

/// Something whose drop is code of the user.
pub(super) enum Fall {
    /// The output of a complete task, which belongs to the caller.
    Output(TaskRef),
    /// A join waker.
    Waker(Waker),
    /// A task that may have to be cancelled here.
    Task(TaskRef),
}

local! {
    static LEVEL: Cell<usize> = Cell::new(0);
}
local! {
    /// Whether `LATER` is not empty.
    static MORE: Cell<bool> = Cell::new(false);
}

std::thread_local! {
    // Not the switch's `local!`: this one has a destructor, and no model is that deep.
    static LATER: RefCell<Vec<Fall>> = const { RefCell::new(Vec::new()) };
}

impl Fall {
    fn now(self) {
        match self {
            Fall::Output(task) => task.drop_output(),
            Fall::Waker(waker) => drop(quietly(|| drop(waker))),
            Fall::Task(task) => task.shutdown_here(),
        }
    }

    /// Puts it aside; gives it back if the thread is ending and nobody would come for it.
    fn later(self) -> Option<Self> {
        let mut fall = Some(self);
        let _ = LATER.try_with(|later| later.borrow_mut().extend(fall.take()));
        let _ = MORE.try_with(|more| more.set(true));
        fall
    }
}

/// A level, until it is dropped.
struct Level(usize);

impl Level {
    fn enter() -> Self {
        let before = LEVEL.try_with(|level| level.replace(level.get() + 1));
        Level(before.unwrap_or(0))
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        let _ = LEVEL.try_with(|level| level.set(self.0));
    }
}

/// The thread blocks in the middle of whatever it takes down: as long as this is there, what
/// falls counts its levels anew, for whoever blocks may wait for it.
pub(crate) struct Upright(usize);

impl Upright {
    pub(crate) fn begin() -> Self {
        Upright(LEVEL.try_with(Cell::take).unwrap_or(0))
    }
}

/// Whether the current thread takes nothing down.
#[inline]
pub(crate) fn is_upright() -> bool {
    LEVEL.try_with(Cell::get).unwrap_or(0) == 0
}

impl Drop for Upright {
    fn drop(&mut self) {
        let _ = LEVEL.try_with(|level| level.set(self.0));
    }
}

/// Takes it down now, or soon if that would nest too deep. Never panics.
pub(super) fn take_down(fall: Fall) {
    let level = Level::enter();
    let left = if level.0 < DEEP {
        Some(fall)
    } else {
        fall.later()
    };
    left.into_iter().for_each(Fall::now);
    if level.0 == 0 {
        while MORE.try_with(|more| more.replace(false)).unwrap_or(false) {
            let later = LATER.try_with(|later| std::mem::take(&mut *later.borrow_mut()));
            later.into_iter().flatten().for_each(Fall::now);
        }
    }
}
