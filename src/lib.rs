//! An async runtime: work-stealing workers poll futures; a mio-backed reactor and a timer
//! wheel wake their tasks through one registry; a pool of threads runs what would block.
//!
//! A program needs [`main`](macro@main) and [`spawn`]; the rest stands in modules:
//!
//! | module | what it is for |
//! |---|---|
//! | [`task`] | tasks: spawning, joining, aborting, blocking, staying on one thread |
//! | [`time`] | sleeping, time-outs, intervals, and the paused clock for tests |
//! | [`net`] | TCP, UDP and Unix sockets, pipes |
//! | [`io`] | reading and writing: the traits, buffers, copying, the standard streams |
//! | [`fs`] | files and directories |
//! | [`process`], [`signal`] | child processes; Ctrl-C and its like |
//! | [`sync`] | channels, locks and signals, with or without a runtime |
//! | [`stream`], [`codec`] | values that come one after the other; bytes as messages |
//! | [`future`] | limits for any future |
//! | [`rt`] | runtimes by hand: building, entering, shutting down, watching |
//!
//! The names, and what they do, are those of the field, so that a program moves over by
//! replacing the word `tokio` by `runtime`.
//!
//! # Examples
//!
//! ```
//! use runtime::sync::mpsc;
//! use runtime::time::{Duration, sleep};
//!
//! #[runtime::main]
//! async fn main() {
//!     let (sender, mut receiver) = mpsc::channel(8);
//!     runtime::spawn(async move {
//!         for i in 0..3 {
//!             sleep(Duration::from_millis(1)).await;
//!             sender.send(i).await.unwrap();
//!         }
//!     });
//!     let mut sum = 0;
//!     while let Some(i) = receiver.recv().await {
//!         sum += i;
//!     }
//!     assert_eq!(sum, 3);
//! }
//! ```
//!
//! # Features
//!
//! * `macros` (default): [`main`](macro@main), [`test`](macro@test) and [`select!`].
//! * `futures-io`: the traits of crate `futures-io` for sockets, pipes, buffers and the
//!   standard streams.
//! * `tracing`: a span of crate `tracing` for each task and each blocking job, named
//!   `runtime.spawn`, with the target `runtime::task` and the fields `kind`, `task.name`,
//!   `loc.file`, `loc.line` and `loc.col`.

mod async_fd;
mod async_io;
mod base;
mod blocking;
mod bridge;
mod driver;
pub use async_io::codec;
pub mod either;
pub mod fs;
pub mod future;
#[cfg(feature = "futures-io")]
mod futures_io;
pub mod io;
mod macros;
pub mod net;
pub mod process;
mod registry;
pub mod rt;
mod scheduler;
pub mod signal;
mod stdio;
pub mod stream;
pub mod sync;
pub mod task;
mod tasks;
pub mod time;
mod wheel;

#[doc(hidden)]
pub use macros::__private;
#[cfg(feature = "macros")]
pub use macros::{main, test};
#[doc(hidden)]
pub use rt as runtime;
#[doc(no_inline)]
pub use rt::block_on;
#[doc(no_inline)]
pub use task::spawn;

/// The README's code is compiled, and run, by the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
