//! Child processes: starting them, talking to them, waiting for their end.
//!
//! A [`Command`] is built like std's, and spawns a [`Child`], whose pipes are read and written
//! as any stream of bytes.
//!
//! # Examples
//!
//! ```
//! use runtime::process::Command;
//!
//! # runtime::rt::Runtime::new().unwrap().block_on(async {
//! let output = Command::new("echo").arg("hello").output().await?;
//! assert!(output.status.success());
//! assert_eq!(output.stdout, b"hello\n");
//! # std::io::Result::Ok(()) }).unwrap();
//! ```
//!
//! A child that is talked to:
//!
//! ```
//! use runtime::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
//! use runtime::process::Command;
//! use std::process::Stdio;
//!
//! # runtime::rt::Runtime::new().unwrap().block_on(async {
//! let mut child = Command::new("cat")
//!     .stdin(Stdio::piped())
//!     .stdout(Stdio::piped())
//!     .spawn()?;
//! let mut stdin = child.stdin.take().unwrap();
//! let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
//! stdin.write_all(b"one\ntwo\n").await?;
//! assert_eq!(lines.next_line().await?.as_deref(), Some("one"));
//! assert_eq!(lines.next_line().await?.as_deref(), Some("two"));
//! drop(stdin);
//! assert_eq!(lines.next_line().await?, None);
//! assert!(child.wait().await?.success());
//! # std::io::Result::Ok(()) }).unwrap();
//! ```
//!
//! # Children that nobody waits for
//!
//! A [`Child`] that is dropped goes on, unless [`kill_on_drop`](Command::kill_on_drop) says
//! otherwise, and leaves no zombie when it ends: a task of the runtime that it was spawned in
//! waits for that. (A current-thread runtime runs its tasks within `block_on` only.) If that
//! runtime is gone, or is shut down while the child still runs, a thread that looks every now
//! and then reaps it, and so does each spawn.
//!
//! # What blocks
//!
//! [`Command::spawn`] does, for the time of a fork and an exec: mostly well below a
//! millisecond.

// A child's end is heard of in one of two ways (`exit`): a pidfd, where the system has it; or
// `SIGCHLD`, with one listener a child, each of which asks for its own child alone, so that
// it doesn't matter how many signals the system makes one of. Both are sources, and
// `try_wait` is the operation that is tried on them: the loop is that of all sources.
//
// A process number is used only as long as the child isn't reaped, and std's `Child` is what
// reaps: it remembers the status, and sends no signal after that.
//
// ```text
//            spawn                 wait, try_wait
//  Command ────────▶ Running ──────────────────────▶ Done(status)
//                       │ drop
//                       ▼            the runtime is gone
//                    a task that waits ──────────────▶ the orphans' list ──▶ reaped
// ```

mod child;
mod command;
mod exit;
mod orphans;
mod pipes;
mod sys;
#[cfg(all(test, not(loom)))]
mod tests;

pub use child::Child;
pub use command::Command;
pub use pipes::{ChildStderr, ChildStdin, ChildStdout};
