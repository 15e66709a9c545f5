//! An async runtime.
mod base;
mod blocking;
mod driver;
pub mod io;
mod macros;
pub mod net;
mod registry;
pub mod rt;
mod scheduler;
pub mod sync;
mod tasks;
pub mod time;
mod wheel;

#[doc(hidden)]
pub use macros::__private;
#[cfg(feature = "macros")]
pub use macros::{main, test};
pub use rt::{block_on, spawn};

/// Tasks: spawning them, joining them, and what they can do to each other.
pub mod task {
    pub use crate::rt::TaskBuilder as Builder;
    pub use crate::rt::{JoinSet, block_in_place, spawn, spawn_blocking};
    pub use crate::tasks::{AbortHandle, Id, JoinError, JoinHandle, id, try_id, yield_now};
}
