//! Tasks that stay on one thread: futures that are not `Send`.
//!
//! There are two ways to run them. A [`LocalSet`] is a small scheduler of its own that runs
//! inside of a future, within whatever runtime polls that. A [`LocalRuntime`] is a
//! current-thread runtime that belongs to one thread, so its own scheduler may take them
//! ([`scheduler::spawn_local`]); the threads of a [`LocalPoolHandle`] have one each.
//! [`spawn_local`] finds the innermost of both.
//!
//! ```text
//!  any thread ──wake, abort──▶ inbox ──▶ ready ──run──▶ task
//!                                │ wakes                 │ yielded: behind a return to the
//!                                ▼                       ▼ runtime around
//!  runtime ──poll──▶ LocalSet or run_until ◀─────────────┘
//! ```
//!
//! * [`here`] is the set as all threads see it, and the proof of being at home;
//! * [`set`] is what its own thread does with it;
//! * [`runtime`] and [`pool`] stand on the scheduler.
//!
//! Why no future is dropped on a foreign thread is told in [`tasks`](crate::tasks#local-tasks).

mod here;
#[cfg(all(test, loom))]
mod models;
mod pool;
mod runtime;
mod set;

pub use here::LocalEnterGuard;
pub(super) use here::polls_local_tasks;
pub use pool::LocalPoolHandle;
pub use runtime::{LocalOptions, LocalRuntime};
pub use set::LocalSet;

use super::context::with_current;
use crate::scheduler;
use crate::tasks::{JoinHandle, Origin};
use std::future::Future;

/// Spawns a task that stays on the current thread: its future need not be `Send`.
///
/// It goes to the [`LocalSet`] that polls the caller or was
/// [entered](LocalSet::enter), or to the [`LocalRuntime`] that this thread is in. A task of
/// a `LocalSet` runs while the set is polled, and the set is where it ends: see there.
///
/// # Panics
///
/// If there is neither. A task of [`spawn`](crate::spawn) may move to another thread and is
/// therefore in no set, even if it was spawned by a local task.
///
/// # Examples
///
/// ```
/// use runtime::rt::LocalRuntime;
/// use runtime::task::spawn_local;
/// use std::rc::Rc;
///
/// let runtime = LocalRuntime::new()?;
/// let sum = runtime.block_on(async {
///     let numbers = Rc::new(vec![1, 2, 3]);
///     let theirs = numbers.clone();
///     spawn_local(async move { theirs.iter().sum::<i32>() }).await.unwrap()
/// });
/// assert_eq!(sum, 6);
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_local_from(future, Origin::here())
}

#[track_caller]
pub(super) fn spawn_local_from<F>(future: F, origin: Origin) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    if let Some(here) = here::current() {
        return here.spawn(future, origin);
    }
    let home = with_current(|handle| {
        let takes_it = handle.scheduler().takes_local_tasks();
        takes_it.then(|| handle.home().clone())
    });
    match home {
        Ok(Some(home)) => scheduler::spawn_local(&home, future, origin),
        _ => panic!(
            "`spawn_local` was called outside of a `LocalSet` and of a `LocalRuntime`: call it \
             within `LocalSet::run_until` or `LocalRuntime::block_on`, or use `LocalSet::spawn_local`"
        ),
    }
}
