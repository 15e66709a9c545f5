//! The ends of the world: nothing to read, the same byte for ever, and where bytes go
//! to be forgotten.
//!
//! All of them are always ready, so all of them spend the budget, at the end of
//! [`Empty`] too: a task that reads it in a loop must not keep its worker.

use super::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf, SeekFrom, spend};
use bytes::BufMut;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Reads as empty, and takes all that is written. Made by [`empty`].
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, empty};
///
/// # futures::executor::block_on(async {
/// assert_eq!(empty().read(&mut [0; 8]).await?, 0);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty {
    _private: (),
}

/// Reads as one byte, without end. Made by [`repeat`].
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, repeat};
///
/// # futures::executor::block_on(async {
/// let mut three = [0; 3];
/// repeat(7).read_exact(&mut three).await?;
/// assert_eq!(three, [7; 3]);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Repeat {
    byte: u8,
}

/// Takes all that is written. Made by [`sink`].
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncWriteExt, sink};
///
/// # futures::executor::block_on(async {
/// assert_eq!(sink().write(b"gone").await?, 4);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Sink {
    _private: (),
}

/// A reader that is at its end, and a writer that forgets what it takes.
///
/// # Examples
///
/// ```
/// use runtime::io::{self, AsyncReadExt};
///
/// # futures::executor::block_on(async {
/// let mut text = String::new();
/// assert_eq!(io::empty().read_to_string(&mut text).await?, 0);
/// # io::Result::Ok(()) }).unwrap();
/// ```
pub const fn empty() -> Empty {
    Empty { _private: () }
}

/// A reader of `byte`, over and over.
///
/// # Examples
///
/// ```
/// use runtime::io::{self, AsyncReadExt};
///
/// # futures::executor::block_on(async {
/// let mut buf = [0; 3];
/// io::repeat(7).read_exact(&mut buf).await?;
/// assert_eq!(buf, [7, 7, 7]);
/// # io::Result::Ok(()) }).unwrap();
/// ```
pub const fn repeat(byte: u8) -> Repeat {
    Repeat { byte }
}

/// A writer that forgets what it takes.
///
/// # Examples
///
/// ```
/// use runtime::io;
///
/// # futures::executor::block_on(async {
/// assert_eq!(io::copy(&mut &b"unheard"[..], &mut io::sink()).await?, 7);
/// # io::Result::Ok(()) }).unwrap();
/// ```
pub const fn sink() -> Sink {
    Sink { _private: () }
}

impl AsyncRead for Empty {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        spend(cx).map(Ok)
    }
}

impl AsyncBufRead for Empty {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        spend(cx).map(|()| Ok(&[][..]))
    }

    fn consume(self: Pin<&mut Self>, _: usize) {}
}

impl AsyncSeek for Empty {
    fn start_seek(self: Pin<&mut Self>, _: SeekFrom) -> io::Result<()> {
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        spend(cx).map(|()| Ok(0))
    }
}

impl AsyncRead for Repeat {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(spend(cx));
        let room = buf.remaining();
        buf.put_bytes(self.byte, room);
        Poll::Ready(Ok(()))
    }
}

/// The methods of a writer that takes everything.
macro_rules! take_all {
    () => {
        #[inline]
        fn poll_write(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            spend(cx).map(|()| Ok(buf.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            spend(cx).map(Ok)
        }

        fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            spend(cx).map(Ok)
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            spend(cx).map(|()| Ok(bufs.iter().map(|buf| buf.len()).sum()))
        }

        fn is_write_vectored(&self) -> bool {
            true
        }
    };
}

impl AsyncWrite for Empty {
    take_all!();
}

impl AsyncWrite for Sink {
    take_all!();
}
