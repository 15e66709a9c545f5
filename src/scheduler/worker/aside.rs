//! A worker that is to block: what the current thread is, and how it gives its core away before.

use super::{Entered, LOCAL, Local};
use crate::base::budget;
use crate::driver::ThreadUnderWay;
use crate::scheduler::Scheduler;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

/// What the current thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not a worker.
    Outside,
    /// A worker with its core, and with threads for others.
    Worker,
    /// The only worker of a scheduler without threads, with its core.
    Alone,
    /// A worker whose core went elsewhere, or that stands aside.
    Blocking,
}

/// Whether the current thread is a worker, of whatever scheduler.
pub(crate) fn on_worker() -> Standing {
    LOCAL
        .try_with(|current| match &*current.borrow() {
            None => Standing::Outside,
            Some(local) => match &*local.core.borrow() {
                Some(_) if local.scheduler().config.launch.is_some() => Standing::Worker,
                Some(_) => Standing::Alone,
                None => Standing::Blocking,
            },
        })
        .unwrap_or(Standing::Outside)
}

/// The current thread may block while this is there.
pub(crate) struct Aside {
    /// Hides a core that stayed.
    hidden: Option<Entered>,
}

impl Aside {
    /// Whether tasks wait until the thread goes on.
    pub(crate) fn stops_tasks(&self) -> bool {
        self.hidden.is_some()
    }
}

/// Hands the worker's core to another thread. If there is none to be had, the core stays and
/// its tasks wait, but the thread is no worker as long as it stands aside. Nothing to do on a
/// thread that is none.
pub(crate) fn stand_aside() -> Aside {
    let local = LOCAL.try_with(|current| current.borrow().clone());
    let Ok(Some(local)) = local else {
        return Aside { hidden: None };
    };
    hand_over(&local);
    let stayed = local.core.borrow().is_some();
    let hide = || Local::begin(local.scheduler().clone(), None, None);
    Aside {
        hidden: stayed.then(hide),
    }
}

/// Why the current thread cannot wait for a scheduler.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held {
    /// It runs the scheduler's only core, in the `block_on` at this place.
    ByBlockOn(&'static Location<'static>),
    /// It has the core of a worker for which no other thread was found.
    ByWorker,
}

/// Whether a core of the scheduler can go on only when the current thread does, however much
/// else has begun on it since.
pub(crate) fn held_here(scheduler: &Arc<Scheduler>) -> Option<Held> {
    let local = LOCAL.try_with(|current| current.borrow().clone());
    let mut next = local.ok().flatten();
    while let Some(local) = next {
        if Arc::ptr_eq(local.scheduler(), scheduler) && local.core.borrow().is_some() {
            return Some(local.block_on.map_or(Held::ByWorker, Held::ByBlockOn));
        }
        next = local.outer.clone();
    }
    None
}

/// Whether the current thread drops what a closed scheduler has left.
pub(crate) fn is_leaving() -> bool {
    let leaving = |local: &Rc<Local>| local.is_leaving.get();
    LOCAL
        .try_with(|current| current.borrow().as_ref().is_some_and(leaving))
        .unwrap_or(false)
}

/// Runs `f`, which may block, after handing the worker's core to another thread. On a thread
/// that is not a worker, and if there is no other thread to be had, just runs `f`.
pub(crate) fn block_in_place<R>(f: impl FnOnce() -> R) -> R {
    // Not who has handed it over before.
    let local = LOCAL.try_with(|current| {
        let current = current.borrow();
        let local = current.as_ref()?;
        local.core.borrow().is_some().then(|| local.clone())
    });
    if let Ok(Some(local)) = local {
        hand_over(&local);
    }
    budget::with_unlimited(f)
}

fn hand_over(local: &Local) {
    let Some(launch) = &local.scheduler().config.launch else {
        return;
    };
    let Some(mut core) = local.take_core() else {
        return;
    };
    let under_way = ThreadUnderWay::begin(&local.scheduler().driver);
    *local.under_way.borrow_mut() = Some(under_way);
    core.queue.expose();
    core.waking = false;
    core.parker = None;
    core.offer(local.scheduler());
    if let Err((mut core, _)) = launch(core) {
        // No thread: the tasks behind this one wait, but nothing is lost.
        core.settle(local.scheduler());
        *local.core.borrow_mut() = Some(core);
        drop(local.under_way.take());
    }
}
