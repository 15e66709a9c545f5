//! Tasks: spawning them, joining them, and what they can do to each other.

// The face of `tasks`, with what stands on higher floors. No logic here.

pub use crate::rt::abort_on_drop::{AbortOnDrop, AbortOnDropHandle};
pub use crate::rt::join_map::{JoinMap, JoinMapKeys};
pub use crate::rt::join_queue::JoinQueue;
pub use crate::rt::join_set::JoinSet;
pub use crate::rt::local::{LocalEnterGuard, LocalPoolHandle, LocalSet, spawn_local};
pub use crate::rt::spawn::{block_in_place, spawn, spawn_blocking};
pub use crate::rt::task_builder::TaskBuilder as Builder;
pub use crate::rt::task_tracker::TaskTracker;
pub use crate::tasks::coop::{self, Unconstrained, consume_budget, unconstrained};
pub use crate::tasks::{AbortHandle, Id, JoinError, JoinHandle, id, try_id, yield_now};
pub use crate::tasks::{AccessError, LocalKey};

/// Futures that have names of their own.
pub mod futures {
    pub use crate::tasks::TaskLocalFuture;
}

/// Sets of tasks, by the name of the module where the field has them.
#[doc(hidden)]
pub mod join_set {
    pub use crate::rt::join_set::JoinSet;
}

/// [`TaskTracker`], and what it hands out.
pub mod task_tracker {
    pub use crate::rt::task_tracker::{
        TaskTracker, TaskTrackerToken, TaskTrackerWaitFuture, TrackedFuture,
    };
}
