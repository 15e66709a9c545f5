//! The runtime itself: building one, entering it, spawning onto it, shutting it down.
//!
//! A [`Runtime`] owns a scheduler with its driver and a pool of threads for what would block;
//! dropping it shuts both down. A [`Handle`] refers to a runtime without owning it: it spawns
//! from anywhere, for as long as the runtime lives. A thread is *in the context* of a runtime
//! while it is one of its workers or pool threads, is inside of
//! [`block_on`](Runtime::block_on), or holds an [`EnterGuard`]; there [`spawn`](crate::task::spawn),
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

// `task` shows what is in these.
pub(crate) mod abort_on_drop;
pub(crate) mod join_map;
pub(crate) mod join_queue;
pub(crate) mod join_set;
pub(crate) mod local;
pub(crate) mod spawn;
pub(crate) mod task_builder;
pub(crate) mod task_tracker;

mod builder;
mod context;
mod handle;
mod histogram;
mod hooks;
mod id;
mod members;
mod metrics;
mod nested;
mod offload;
mod runtime;
mod threads;

pub use crate::tasks::TaskMeta;
pub use builder::Builder;
pub use context::{EnterGuard, TryCurrentError};
pub use handle::{Handle, RuntimeFlavor};
pub use histogram::{
    HistogramConfiguration, InvalidHistogramConfiguration, LogHistogram, LogHistogramBuilder,
};
pub use hooks::RngSeed;
pub use id::{Id, is_rt_shutdown_err, worker_index};
pub use local::{LocalOptions, LocalRuntime};
pub use metrics::RuntimeMetrics;
pub use runtime::Runtime;
pub use spawn::block_on;

pub(crate) use context::{home_beside_workers, paused_now, reactor, try_home, with_driver};
pub(crate) use offload::poll_job;
pub(crate) use spawn::spawn_blocking;
