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
//! * Nothing here needs a runtime: any executor can poll it.

// The face of `async_io`, with what stands on higher floors. No logic here.

pub use crate::async_io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWrite,
    AsyncWriteExt, BufReader, BufStream, BufWriter, Chain, DuplexStream, Empty, Join, Lines,
    ReadBuf, ReadHalf, Repeat, SimplexStream, Sink, Split, Take, WriteHalf, copy,
    copy_bidirectional, copy_bidirectional_with_sizes, copy_buf, duplex, empty, join, repeat,
    simplex, sink, split,
};
pub use crate::base::ready::{Interest, Ready};
#[doc(no_inline)]
pub use std::io::{Error, ErrorKind, Result, SeekFrom};
