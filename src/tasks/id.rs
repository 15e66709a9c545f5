//! Task ids.
//!
//! Ids are handed out in blocks, one block a thread at a time, so that spawning writes no
//! memory that other threads write.

use crate::base::sync::local;
use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU64;
// A plain static (statics cannot be modelled); nothing depends on it but uniqueness.
use std::sync::atomic::{AtomicU64, Ordering};

/// An identifier of a task, unique within the process.
///
/// Two tasks never have the same id, not even if one has ended before the other is
/// spawned.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (one, other) = (runtime::spawn(async {}), runtime::spawn(async {}));
/// assert_ne!(one.id(), other.id());
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(NonZeroU64);

const BLOCK: u64 = 1024;

static NEXT_BLOCK: AtomicU64 = AtomicU64::new(1);

local! {
    static NEXT: Cell<u64> = Cell::new(0);
}
local! {
    static CURRENT: Cell<Option<Id>> = Cell::new(None);
}

impl Id {
    pub(crate) fn next() -> Id {
        let fresh = || NEXT_BLOCK.fetch_add(1, Ordering::Relaxed) * BLOCK;
        let id = NEXT
            .try_with(|next| {
                let mut id = next.get();
                if id % BLOCK == 0 {
                    id = fresh();
                }
                next.set(id + 1);
                id
            })
            .unwrap_or_else(|_| fresh());
        // Blocks begin at 1, so an id is never 0.
        Id(NonZeroU64::new(id).unwrap_or(NonZeroU64::MIN))
    }

    pub(crate) fn as_u64(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Makes `id` the current task while `f` runs.
#[inline]
pub(super) fn with_current<R>(id: Id, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<Id>);
    impl Drop for Restore {
        fn drop(&mut self) {
            let _ = CURRENT.try_with(|current| current.set(self.0));
        }
    }
    let before = CURRENT.try_with(|current| current.replace(Some(id)));
    let _restore = before.map(Restore);
    f()
}

/// The id of the task that is being polled on this thread.
///
/// # Panics
///
/// If it is called from outside of a task. The root future of
/// [`block_on`](crate::rt::Runtime::block_on) is not a task; use [`try_id`] where that is
/// possible.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let handle = runtime::spawn(async { runtime::task::id() });
/// let id = handle.id();
/// assert_eq!(handle.await.unwrap(), id);
/// # });
/// ```
#[track_caller]
pub fn id() -> Id {
    match try_id() {
        Some(id) => id,
        None => panic!(
            "`task::id` was called outside of a task; spawn the future, or use `task::try_id`"
        ),
    }
}

/// The id of the task that is being polled on this thread, if there is one.
///
/// # Examples
///
/// ```
/// assert!(runtime::task::try_id().is_none());
/// ```
pub fn try_id() -> Option<Id> {
    CURRENT.try_with(Cell::get).ok().flatten()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_of_all_threads_differ() {
        let ids: Vec<Vec<Id>> = (0..4)
            .map(|_| std::thread::spawn(|| (0..5000).map(|_| Id::next()).collect()))
            .map(|thread| thread.join().unwrap())
            .collect();
        let set: HashSet<Id> = ids.into_iter().flatten().collect();
        assert_eq!(set.len(), 4 * 5000);
    }
}
