//! The standard streams of the process.
//!
//! # Input
//!
//! How it is read depends on what descriptor 0 is, which the first poll finds out:
//!
//! | it is | way |
//! |---|---|
//! | a pipe or a terminal | opened once more through `/proc`, without blocking, and watched by the reactor |
//! | a socket | a duplicate, watched by the reactor and read with `MSG_DONTWAIT` |
//! | a file | jobs on the blocking pool |
//! | anything else, or what cannot be opened again | a thread a read, which nobody waits for |
//!
//! `O_NONBLOCK` belongs to the open file, which other processes share (the shell's terminal!),
//! so it is never set on what we were given. Opened once more it is ours. The first two ways
//! keep nothing back: a read takes what the caller has room for, in its poll. The others read
//! on another thread, into what all handles share ([`ahead`]), since the caller may be gone by
//! then.
//!
//! # Output
//!
//! A write is copied and handed to the blocking pool, which writes it through std's handle,
//! under its lock ([`output`]). One is under way a handle.
//!
//! Rejected: a thread of our own that lives for ever and reads ahead (it takes what was meant
//! for a child process); output by the reactor as well (what `print!` writes through std's
//! buffer would change places with it).

mod ahead;
mod input;
mod output;
mod stderr;
mod stdin;
mod stdout;

pub use stderr::{Stderr, stderr};
pub use stdin::{Stdin, stdin};
pub use stdout::{Stdout, stdout};
