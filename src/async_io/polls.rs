//! Reading into a `BufMut` and writing out of a `Buf`, as polls.

use super::{AsyncRead, AsyncWrite, fill};
use bytes::{Buf, BufMut};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// How many slices one vectored write passes on at most.
const SLICES: usize = 64;

/// Reads into the free room of `buf`, and tells how many bytes; 0 is the end, or that there
/// is no room.
///
/// # Errors
///
/// Those of the reader.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use std::future::poll_fn;
/// use std::pin::Pin;
///
/// # futures::executor::block_on(async {
/// let mut reader = &b"hello"[..];
/// let mut buf = BytesMut::with_capacity(8);
/// let read = poll_fn(|cx| runtime::io::poll_read_buf(Pin::new(&mut reader), cx, &mut buf)).await?;
/// assert_eq!((read, &buf[..]), (5, &b"hello"[..]));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn poll_read_buf<T: AsyncRead + ?Sized, B: BufMut>(
    io: Pin<&mut T>,
    cx: &mut Context<'_>,
    buf: &mut B,
) -> Poll<io::Result<usize>> {
    if !buf.has_remaining_mut() {
        return Poll::Ready(Ok(0));
    }
    let (read, result) = fill::chunk(buf, |part| io.poll_read(cx, part));
    ready!(result)?;
    Poll::Ready(Ok(read))
}

/// Writes some of what remains in `buf`, in one operation, and takes it out of there.
///
/// # Errors
///
/// Those of the writer.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use std::future::poll_fn;
/// use std::pin::Pin;
///
/// # futures::executor::block_on(async {
/// let mut writer = Vec::new();
/// let mut buf = Bytes::from_static(b"hello");
/// let wrote = poll_fn(|cx| runtime::io::poll_write_buf(Pin::new(&mut writer), cx, &mut buf)).await?;
/// assert_eq!((wrote, &writer[..]), (5, &b"hello"[..]));
/// assert!(buf.is_empty());
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn poll_write_buf<T: AsyncWrite + ?Sized, B: Buf>(
    io: Pin<&mut T>,
    cx: &mut Context<'_>,
    buf: &mut B,
) -> Poll<io::Result<usize>> {
    if !buf.has_remaining() {
        return Poll::Ready(Ok(0));
    }
    let written = if io.is_write_vectored() {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = buf.chunks_vectored(&mut slices);
        ready!(io.poll_write_vectored(cx, &slices[..count]))?
    } else {
        ready!(io.poll_write(cx, buf.chunk()))?
    };
    buf.advance(written);
    Poll::Ready(Ok(written))
}
