//! Reading and writing bytes: the traits, the methods on them, buffers and pipes.
//!
//! A reader is whatever has [`AsyncRead`], a writer whatever has [`AsyncWrite`]; sockets,
//! files and the standard streams do, and so do bytes in memory. The traits say how one
//! step of reading or writing is polled. What users call are the methods that come with
//! [`AsyncReadExt`], [`AsyncWriteExt`], [`AsyncBufReadExt`] and [`AsyncSeekExt`].
//!
//! | to | there is |
//! |---|---|
//! | save system calls | [`BufReader`], [`BufWriter`], [`BufStream`] |
//! | move everything from here to there | [`copy()`], [`copy_buf`], [`copy_bidirectional()`] |
//! | have a connection within the process | [`duplex`], [`simplex`] |
//! | read here and write there at once | [`split()`], and the other way round [`join()`] |
//! | read lines or records | [`AsyncBufReadExt::lines`], [`AsyncBufReadExt::split`] |
//! | read a stream of chunks, or have one | [`StreamReader`], [`ReaderStream`], [`SinkWriter`] |
//! | see what goes through | [`InspectReader`], [`InspectWriter`] |
//! | let code that blocks read, write and send | [`SyncIoBridge`], [`SyncSink`] |
//! | talk to the user, or to a neighbour in a pipeline | [`stdin`], [`stdout`], [`stderr`] |
//! | wait for a descriptor of one's own | [`unix::AsyncFd`] |
//! | have nothing, or plenty of it | [`empty`], [`sink`], [`repeat`] |
//!
//! # Examples
//!
//! ```
//! use runtime::io::{self, AsyncReadExt, AsyncWriteExt};
//!
//! # futures::executor::block_on(async {
//! let (mut here, mut there) = io::duplex(64);
//! here.write_all(b"ping").await?;
//! let mut answer = [0; 4];
//! there.read_exact(&mut answer).await?;
//! assert_eq!(&answer, b"ping");
//! # io::Result::Ok(()) }).unwrap();
//! ```
//!
//! # What all of it keeps to
//!
//! * Every operation that could go on for ever, on memory too, takes from the task's
//!   cooperative budget. A `timeout` around a copy from [`repeat`] to [`sink`] fires.
//! * Each future is cancelled by dropping it, and says under *Cancel safety* what that
//!   loses.
//! * Nothing here needs a runtime, but for the standard streams and [`unix`]: any executor
//!   can poll it.

// The face of `async_io`, with what stands on higher floors. No logic here.

pub use crate::async_io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWrite,
    AsyncWriteExt, BufReader, BufStream, BufWriter, Chain, CopyToBytes, DuplexStream, Empty,
    InspectReader, InspectWriter, Join, Lines, ReadBuf, ReadHalf, ReaderStream, Repeat,
    SimplexStream, Sink, SinkWriter, Split, StreamReader, Take, WriteAllVectored, WriteHalf, copy,
    copy_bidirectional, copy_bidirectional_with_sizes, copy_buf, duplex, empty, join,
    poll_read_buf, poll_write_buf, read_buf, read_exact_arc, repeat, simplex, sink, split,
    write_all_vectored,
};
pub use crate::base::ready::{Interest, Ready};
pub use crate::bridge::{SyncIoBridge, SyncSink};
pub use crate::stdio::{Stderr, Stdin, Stdout, stderr, stdin, stdout};
#[doc(no_inline)]
pub use std::io::{Error, ErrorKind, Result, SeekFrom};

/// Descriptors of one's own, watched by the runtime.
///
/// [`AsyncFd`](unix::AsyncFd) is for what the crate has no type for.
pub mod unix {
    pub use crate::async_fd::{
        AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard, AsyncFdRegisterError, TryIoError,
    };
}
