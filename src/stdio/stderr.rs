//! [`Stderr`]: what goes out as errors.

use super::output::Output;
use crate::async_io::AsyncWrite;
use std::fmt;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The standard error output of the process.
///
/// A write is accepted at once and done on the blocking pool; the next one waits for it, and so
/// does [`flush`](crate::io::AsyncWriteExt::flush). **Flush before the program ends**: what was
/// accepted is written also if the future or the handle is dropped, but nobody waits for that
/// when `main` returns. An error is returned by the next write or flush.
///
/// # Order
///
/// What one handle writes comes out in order. Up to 64 KiB that one call accepts come out in
/// one piece, also among [`eprintln!`], which is done at once: it overtakes what was
/// accepted and not flushed. Two handles, in two tasks, say, are in no order.
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncWriteExt, stderr};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut out = stderr();
/// out.write_all(b"hello\n").await?;
/// out.flush().await
/// # }).unwrap();
/// ```
pub struct Stderr {
    std: io::Stderr,
    output: Output,
}

/// A handle to the standard error output of the process.
///
/// # Examples
///
/// ```
/// use std::os::fd::AsRawFd;
///
/// assert_eq!(runtime::io::stderr().as_raw_fd(), 2);
/// ```
pub fn stderr() -> Stderr {
    Stderr {
        std: io::stderr(),
        output: Output::new(write),
    }
}

/// Writes all of it out, in one piece.
fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stderr().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Polling panics outside of a runtime.
impl AsyncWrite for Stderr {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().output.poll_write(cx, &[IoSlice::new(buf)])
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().output.poll_flush(cx)
    }

    /// The same as flushing: the stream stays open, for others of the process.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().output.poll_flush(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().output.poll_write(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl fmt::Debug for Stderr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stderr").finish_non_exhaustive()
    }
}

impl AsFd for Stderr {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.std.as_fd()
    }
}

impl AsRawFd for Stderr {
    fn as_raw_fd(&self) -> RawFd {
        self.std.as_raw_fd()
    }
}
