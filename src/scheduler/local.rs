//! A scheduler whose home is one thread, and which may therefore take local tasks.
//!
//! It is one without threads of its own ([`current_thread`](super::current_thread)) whose
//! [`Config::home`](super::Config) names the thread that made it.
//!
//! This file contains unsafe code: [`spawn_local`] makes local tasks. Argument, by the numbers
//! of the [contract](crate::tasks#local-tasks): (1) [`spawn_local`] asks whether it is at home.
//! The core, with its queue, is taken out of the lobby at home only (`take_or_wait` and
//! `finish_here` ask); runnables leave the injector through the core, or through
//! `drain_injector`, which asks too; the sets of live tasks are emptied by `finish`, which
//! `finish_here` alone calls where there are no threads. (2) A task is put into a set before it
//! is queued (`admit`). It holds its scheduler, which holds the sets, and the injector, and the core while it lies in the lobby; a core that runs
//! is on the stack of its thread. (3) What is injected after `finish` is abandoned elsewhere.
//! Covered by `tests/local_runtime.rs` under AddressSanitizer.
#![allow(unsafe_code)]

use super::{Home, Scheduler};
use crate::base::sync::thread;
use crate::tasks::{self, JoinHandle, Origin, Runnable};
use std::future::Future;

impl Scheduler {
    /// Whether the current thread may run and drop tasks of this scheduler.
    pub(super) fn is_home(&self) -> bool {
        let home = self.config.home;
        home.is_none_or(|home| home == thread::id())
    }

    /// Whether local tasks can be spawned here and now.
    pub(crate) fn takes_local_tasks(&self) -> bool {
        self.config.home.is_some() && self.is_home()
    }

    /// Drops a runnable that no worker will come for. All tasks are complete, or about to be
    /// cancelled by the thread that closed the scheduler.
    pub(super) fn dispose(&self, task: Runnable) {
        if self.is_home() {
            drop(task);
        } else {
            task.abandon();
        }
    }
}

/// Futures above this size are boxed before they are moved around.
const BOX_ABOVE: usize = 16 * 1024;

/// Spawns a future that need not be `Send`.
///
/// # Panics
/// If the scheduler [takes no local tasks](Scheduler::takes_local_tasks) here.
pub(crate) fn spawn_local<F>(outside: &Home, future: F, origin: Origin) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let spawn = if const { size_of::<F>() > BOX_ABOVE } {
        spawn_boxed
    } else {
        spawn_in_place
    };
    spawn(outside, future, origin)
}

fn spawn_boxed<F>(outside: &Home, future: F, origin: Origin) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_in_place(outside, Box::pin(future), origin)
}

fn spawn_in_place<F>(outside: &Home, future: F, origin: Origin) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let scheduler = outside.scheduler();
    assert!(
        scheduler.takes_local_tasks(),
        "a local task was given to a scheduler that is not at home on this thread"
    );
    let (home, id) = scheduler.prepare(outside, &origin);
    // SAFETY: the head of this file keeps the contract, and we are at home.
    let (runnable, handle) = unsafe { tasks::new_local(future, home, id, origin) };
    scheduler.admit(runnable);
    handle
}
