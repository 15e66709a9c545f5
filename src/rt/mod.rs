//! The runtime itself: building one, entering it, spawning onto it, shutting it down.
//!
//! A [`Runtime`] owns a scheduler with its driver and a pool of threads for what would block;
//! dropping it shuts both down. A [`Handle`] refers to a runtime without owning it: it spawns
//! from anywhere, for as long as the runtime lives. A thread is *in the context* of a runtime
//! while it is one of its workers or pool threads, is inside of
//! [`block_on`](Runtime::block_on), or holds an [`EnterGuard`]; there [`spawn`](spawn()),
//! timers and sockets find their runtime by themselves.
//!
//! ```text
//!  Builder ──build──▶ Runtime ──owns──▶ Inner ◀──refers── Handle (in each context)
//!                        │                │
//!                        │ drop           ├─ home ─▶ Scheduler ─▶ Driver
//!                        ▼                ├─ pool of blocking threads
//!                    shut down            └─ worker threads, to be joined
//! ```
//!
//! # Examples
//!
//! ```
//! let runtime = runtime::rt::Runtime::new()?;
//! let answer = runtime.block_on(async {
//!     runtime::spawn(async { 6 * 7 }).await.unwrap()
//! });
//! assert_eq!(answer, 42);
//! # Ok::<(), std::io::Error>(())
//! ```

mod abort_on_drop;
mod builder;
mod context;
mod handle;
mod histogram;
mod hooks;
mod id;
mod join_map;
mod join_queue;
mod join_set;
mod local;
mod members;
mod metrics;
mod nested;
mod offload;
mod runtime;
mod spawn;
mod task_builder;
mod task_tracker;
mod threads;

pub use crate::tasks::TaskMeta;
pub use abort_on_drop::{AbortOnDrop, AbortOnDropHandle};
pub use builder::Builder;
pub use context::{EnterGuard, TryCurrentError};
pub use handle::{Handle, RuntimeFlavor};
pub use histogram::{
    HistogramConfiguration, InvalidHistogramConfiguration, LogHistogram, LogHistogramBuilder,
};
pub use hooks::RngSeed;
pub use id::{Id, is_rt_shutdown_err, worker_index};
pub use join_map::{JoinMap, JoinMapKeys};
pub use join_queue::JoinQueue;
pub use join_set::JoinSet;
pub use local::{LocalEnterGuard, LocalPoolHandle, LocalSet, spawn_local};
pub use local::{LocalOptions, LocalRuntime};
pub use metrics::RuntimeMetrics;
pub use runtime::Runtime;
pub use spawn::{block_in_place, block_on, spawn, spawn_blocking};
pub use task_builder::TaskBuilder;
pub use task_tracker::{TaskTracker, TaskTrackerToken, TaskTrackerWaitFuture, TrackedFuture};

pub(crate) use context::{home_beside_workers, paused_now, try_home, with_driver};
