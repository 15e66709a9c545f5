//! Blocking a thread on a runtime, also in the middle of async code.
//!
//! Who calls `block_on` in a poll stops whatever else its thread has to do. What that is, and so
//! what happens, depends on the thread:
//!
//! | the thread is | its other tasks | the call |
//! |---|---|---|
//! | no worker (also: in the root future of a multi-thread runtime) | it has none | works |
//! | a worker of a multi-thread runtime | go to another thread, as in `block_in_place` | works |
//! | the same, and no thread can be started | wait, if no other worker steals them | works |
//! | in the `block_on` of a current-thread runtime, for another runtime | wait | works |
//! | in the `block_on` of a current-thread runtime, for the same | could never run | panics |
//!
//! The last line looks through everything that has begun on the thread since: a task of a
//! current-thread runtime that blocks on another runtime, whose future blocks on the first one,
//! would wait for itself as well. It does not ask whether the future needs that runtime, nor
//! whether it is ready at once: a refusal that depends on that would come for the first time
//! where nobody looks. Not seen are rings through several threads, each of which may be broken
//! by something else.
//!
//! Meanwhile the thread is no worker: what it wakes or spawns goes through the injector, as from
//! any other thread. The nested future has a budget of its own, its leaves note their waits apart
//! from those of the poll around it, and what falls when a task is cancelled falls at once.
//!
//! Dropping a runtime waits for its end by the same table, with one difference: nobody has asked
//! for a wait, so where tasks would have to wait it does not.
//!
//! # Rejected
//!
//! * Running the core of a current-thread runtime again, within the poll of one of its own tasks.
//!   Calls would then end in the reverse order of their beginning, whatever becomes ready first:
//!   two tasks that block on each other's messages hang, and now with a stack in between.
//! * A first poll before the tasks go elsewhere, to save a thread where the future is ready at
//!   once: the future may block by itself.

use super::context::EnterGuard;
use super::handle::Handle;
use super::local::polls_local_tasks;
use crate::base::region::{self, Region};
use crate::base::wait::{self, Apart};
use crate::scheduler::{self, Aside, Held, Scheduler, Standing};
use crate::tasks::{Upright, is_upright};
use std::panic::Location;
use std::sync::Arc;

/// A thread that blocks on a runtime, until it is dropped. The fields end in this order.
pub(super) struct Blocked<'a> {
    _region: Region,
    _context: EnterGuard<'a>,
    _interrupted: Option<Interrupted>,
}

/// What the thread was in the middle of.
struct Interrupted {
    _apart: Apart,
    _upright: Upright,
    _aside: Aside,
}

/// From here on the thread does nothing but poll one future, in the context of `handle`.
///
/// # Panics
/// At the caller's line, if that could never end.
#[inline]
#[track_caller]
pub(super) fn begin<'a>(handle: &'a Handle, what: &str) -> Blocked<'a> {
    let region = region::enter_async();
    // Workers and the threads in `block_on` are in regions, and only they poll or have cores; but
    // for the tasks of a `LocalSet` in the executor of somebody else.
    let is_free = region.is_outermost() && is_upright() && !polls_local_tasks();
    let interrupted = match is_free {
        true => None,
        false => Some(interrupt(handle, what)),
    };
    Blocked {
        _context: handle.enter(),
        _region: region,
        _interrupted: interrupted,
    }
}

/// Puts aside what the thread has begun.
#[inline(never)]
#[track_caller]
fn interrupt(handle: &Handle, what: &str) -> Interrupted {
    if let Some(Held::ByBlockOn(outer)) = scheduler::held_here(handle.scheduler()) {
        refuse(what, outer);
    }
    let aside = scheduler::stand_aside();
    Interrupted {
        _upright: Upright::begin(),
        _apart: wait::set_apart(),
        _aside: aside,
    }
}

#[cold]
#[track_caller]
fn refuse(what: &str, outer: &Location<'_>) -> ! {
    let inner = Location::caller();
    panic!(
        "`{what}`, called at {inner}, waits for a current-thread runtime on the thread that runs \
         its tasks, in the `block_on` at {outer}; none of them could go on: `.await` the future \
         instead; where that cannot be written, move the call to `task::spawn_blocking`, or use \
         a multi-thread runtime"
    );
}

/// Lets the thread wait for the end of a closed scheduler, unless tasks would have to wait
/// with it, or even be waited for.
pub(super) fn may_wait_for_end(scheduler: &Arc<Scheduler>) -> Option<Aside> {
    if scheduler::on_worker() == Standing::Alone || scheduler::is_leaving() {
        return None;
    }
    let aside = scheduler::stand_aside();
    let is_free = !aside.stops_tasks() && scheduler::held_here(scheduler).is_none();
    is_free.then_some(aside)
}
