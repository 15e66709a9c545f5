//! What the methods of [`AsyncWriteExt`](super::AsyncWriteExt) return.

use super::{AsyncWrite, retry, spend};
use crate::base::wait;
use bytes::Buf;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// How many slices one vectored write is given at most.
const MAX_SLICES: usize = 64;

/// Writes until all of `bytes` is written; `written` counts, of earlier polls too. Where the
/// writer is never asked, as there is nothing to write, the budget is spent here.
#[inline(always)]
fn poll_all<W: AsyncWrite + Unpin + ?Sized>(
    writer: &mut W,
    cx: &mut Context<'_>,
    bytes: &[u8],
    written: &mut usize,
) -> Poll<io::Result<()>> {
    if bytes.is_empty() {
        return spend(cx).map(Ok);
    }
    if *written == 0 {
        // Mostly all of it goes at once.
        let first = Pin::new(&mut *writer).poll_write(cx, bytes);
        if matches!(first, Poll::Ready(Ok(count)) if count == bytes.len()) {
            return Poll::Ready(Ok(()));
        }
        return poll_rest(writer, cx, bytes, written, Some(first));
    }
    poll_rest(writer, cx, bytes, written, None)
}

/// The same after `first`, which was the answer of a write of all the rest, if there was one.
#[inline(never)]
fn poll_rest<W: AsyncWrite + Unpin + ?Sized>(
    writer: &mut W,
    cx: &mut Context<'_>,
    bytes: &[u8],
    written: &mut usize,
    mut first: Option<Poll<io::Result<usize>>>,
) -> Poll<io::Result<()>> {
    while *written < bytes.len() {
        let rest = &bytes[*written..];
        let answer = retry(cx, |cx| {
            let first = first.take();
            first.unwrap_or_else(|| Pin::new(&mut *writer).poll_write(cx, rest))
        });
        match ready!(answer)? {
            0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            n => *written += n,
        }
    }
    Poll::Ready(Ok(()))
}

/// Writes some of `buf`, and takes that out of it.
fn poll_some<W, B>(writer: &mut W, cx: &mut Context<'_>, buf: &mut B) -> Poll<io::Result<usize>>
where
    W: AsyncWrite + Unpin + ?Sized,
    B: Buf + ?Sized,
{
    let mut writer = Pin::new(writer);
    let written = if writer.is_write_vectored() {
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let count = buf.chunks_vectored(&mut slices);
        ready!(writer.as_mut().poll_write_vectored(cx, &slices[..count]))?
    } else {
        ready!(writer.as_mut().poll_write(cx, buf.chunk()))?
    };
    buf.advance(written);
    Poll::Ready(Ok(written))
}

/// Writes once.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Write<'a, W: ?Sized> {
    writer: &'a mut W,
    bytes: &'a [u8],
    location: &'static Location<'static>,
}

impl<'a, W: ?Sized> Write<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, bytes: &'a [u8]) -> Self {
        Write {
            writer,
            bytes,
            location: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Write<'_, W> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let writer = Pin::new(&mut *me.writer);
        wait::told(me.location, writer.poll_write(cx, me.bytes))
    }
}

/// Writes once, from several slices.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WriteVectored<'a, 'b, W: ?Sized> {
    writer: &'a mut W,
    slices: &'a [IoSlice<'b>],
    location: &'static Location<'static>,
}

impl<'a, 'b, W: ?Sized> WriteVectored<'a, 'b, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, slices: &'a [IoSlice<'b>]) -> Self {
        WriteVectored {
            writer,
            slices,
            location: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteVectored<'_, '_, W> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let writer = Pin::new(&mut *me.writer);
        wait::told(me.location, writer.poll_write_vectored(cx, me.slices))
    }
}

/// Writes once, out of a buffer.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WriteBuf<'a, W: ?Sized, B: ?Sized> {
    writer: &'a mut W,
    buf: &'a mut B,
    location: &'static Location<'static>,
}

impl<'a, W: ?Sized, B: ?Sized> WriteBuf<'a, W, B> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, buf: &'a mut B) -> Self {
        WriteBuf {
            writer,
            buf,
            location: Location::caller(),
        }
    }
}

impl<W, B> Future for WriteBuf<'_, W, B>
where
    W: AsyncWrite + Unpin + ?Sized,
    B: Buf + ?Sized,
{
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        if !me.buf.has_remaining() {
            return Poll::Ready(Ok(0));
        }
        wait::told(me.location, poll_some(me.writer, cx, me.buf))
    }
}

/// Writes all of a slice.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WriteAll<'a, W: ?Sized> {
    writer: &'a mut W,
    bytes: &'a [u8],
    written: usize,
    location: &'static Location<'static>,
}

impl<'a, W: ?Sized> WriteAll<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, bytes: &'a [u8]) -> Self {
        WriteAll {
            writer,
            bytes,
            written: 0,
            location: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteAll<'_, W> {
    type Output = io::Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        wait::told(
            me.location,
            poll_all(me.writer, cx, me.bytes, &mut me.written),
        )
    }
}

/// Writes all of a buffer.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WriteAllBuf<'a, W: ?Sized, B: ?Sized> {
    writer: &'a mut W,
    buf: &'a mut B,
    location: &'static Location<'static>,
}

impl<'a, W: ?Sized, B: ?Sized> WriteAllBuf<'a, W, B> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, buf: &'a mut B) -> Self {
        WriteAllBuf {
            writer,
            buf,
            location: Location::caller(),
        }
    }
}

impl<W, B> Future for WriteAllBuf<'_, W, B>
where
    W: AsyncWrite + Unpin + ?Sized,
    B: Buf + ?Sized,
{
    type Output = io::Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        while me.buf.has_remaining() {
            let written = wait::told(
                me.location,
                retry(cx, |cx| poll_some(me.writer, cx, me.buf)),
            );
            if ready!(written)? == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Writes a number of `N` bytes.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WriteNumber<'a, W: ?Sized, const N: usize> {
    writer: &'a mut W,
    bytes: [u8; N],
    written: usize,
    location: &'static Location<'static>,
}

impl<'a, W: ?Sized, const N: usize> WriteNumber<'a, W, N> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, bytes: [u8; N]) -> Self {
        WriteNumber {
            writer,
            bytes,
            written: 0,
            location: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized, const N: usize> Future for WriteNumber<'_, W, N> {
    type Output = io::Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        wait::told(
            me.location,
            poll_all(me.writer, cx, &me.bytes, &mut me.written),
        )
    }
}

/// Flushes.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Flush<'a, W: ?Sized> {
    writer: &'a mut W,
    location: &'static Location<'static>,
}

impl<'a, W: ?Sized> Flush<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W) -> Self {
        Flush {
            writer,
            location: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Flush<'_, W> {
    type Output = io::Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let writer = Pin::new(&mut *me.writer);
        wait::told(me.location, writer.poll_flush(cx))
    }
}

/// Shuts down.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Shutdown<'a, W: ?Sized> {
    writer: &'a mut W,
    location: &'static Location<'static>,
}

impl<'a, W: ?Sized> Shutdown<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W) -> Self {
        Shutdown {
            writer,
            location: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Shutdown<'_, W> {
    type Output = io::Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let writer = Pin::new(&mut *me.writer);
        wait::told(me.location, writer.poll_shutdown(cx))
    }
}
