//! [`copy`] and [`copy_buf`]: everything from a reader to a writer.
//!
//! One [`Transfer`] is one direction of copying: a buffer, how much of it is on its
//! way, and how its reader ended. A round reads when the buffer is empty and writes when
//! it isn't; while the writer makes it wait, it reads ahead. An error of the reader is
//! kept until what was read before it is written.
//!
//! A reader that makes it wait is the moment to flush: what was written may be the
//! question to which the reader is to give the answer.
//!
//! Each round spends a unit of the budget, because the reader and writer may be
//! somebody else's, and spend nothing.

use super::{AsyncBufRead, AsyncRead, AsyncWrite, DEFAULT_CAPACITY, ReadBuf, located};
use crate::base::budget;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Copies everything from `reader` to `writer`, and flushes. Returns how many bytes that was.
///
/// Through a buffer of 8 KiB; [`copy_buf`] uses the reader's. The writer is not shut
/// down. While the reader has nothing to read, what was written is flushed.
///
/// # Errors
///
/// The first one of either; [`WriteZero`](io::ErrorKind::WriteZero) if the writer takes nothing.
///
/// # Cancel safety
///
/// Not cancel safe: bytes that were read and not yet written are lost.
///
/// # Examples
///
/// ```
/// use runtime::io;
///
/// # futures::executor::block_on(async {
/// let mut copied = Vec::new();
/// assert_eq!(io::copy(&mut &b"hello"[..], &mut copied).await?, 5);
/// assert_eq!(copied, b"hello");
/// # io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn copy<'a, R, W>(
    reader: &'a mut R,
    writer: &'a mut W,
) -> impl Future<Output = io::Result<u64>> + use<'a, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let mut transfer = Transfer::new(DEFAULT_CAPACITY);
    located(move |cx| transfer.poll(cx, Pin::new(&mut *reader), Pin::new(&mut *writer)))
}

/// [`copy`] out of the reader's own buffer.
///
/// # Errors
///
/// The first one of either; [`WriteZero`](io::ErrorKind::WriteZero) if the writer takes nothing.
///
/// # Cancel safety
///
/// Nothing is lost.
/// A byte leaves the reader only when the writer took it. How many did is not told.
///
/// # Examples
///
/// ```
/// use runtime::io::{self, BufReader};
///
/// # futures::executor::block_on(async {
/// let mut reader = BufReader::new(&b"hello"[..]);
/// let mut copied = Vec::new();
/// assert_eq!(io::copy_buf(&mut reader, &mut copied).await?, 5);
/// # io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn copy_buf<'a, R, W>(
    reader: &'a mut R,
    writer: &'a mut W,
) -> impl Future<Output = io::Result<u64>> + use<'a, R, W>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let mut counts = Counts::default();
    located(move |cx| {
        poll_rounds(cx, |cx| {
            counts.poll_round(cx, Pin::new(&mut *reader), Pin::new(&mut *writer))
        })
    })
}

/// Goes round until the end, a unit of the budget for each. A round that waits gets it back;
/// one that a signal cut short is gone again.
fn poll_rounds(
    cx: &mut Context<'_>,
    mut round: impl FnMut(&mut Context<'_>) -> Poll<io::Result<Round>>,
) -> Poll<io::Result<u64>> {
    loop {
        let spent = ready!(budget::poll_proceed(cx));
        let done = ready!(round(cx));
        spent.made_progress();
        match done {
            Ok(Round::End(copied)) => return Poll::Ready(Ok(copied)),
            Ok(Round::Moved) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
}

/// What a round came to.
enum Round {
    Moved,
    /// Everything is written and flushed: so many bytes.
    End(u64),
}

/// What has been written, and whether it may still lie in the writer's buffer.
#[derive(Debug, Default)]
struct Counts {
    copied: u64,
    unflushed: bool,
}

impl Counts {
    fn wrote(&mut self, n: usize) -> io::Result<()> {
        if n == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.copied += n as u64;
        self.unflushed = true;
        Ok(())
    }

    /// The reader makes us wait.
    fn poll_idle<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        writer: Pin<&mut W>,
    ) -> Poll<io::Result<Round>> {
        if self.unflushed {
            ready!(writer.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Pending
    }

    /// The reader has ended.
    fn poll_end<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        writer: Pin<&mut W>,
    ) -> Poll<io::Result<Round>> {
        ready!(writer.poll_flush(cx))?;
        self.unflushed = false;
        Poll::Ready(Ok(Round::End(self.copied)))
    }

    /// A round of [`copy_buf`].
    fn poll_round<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<Round>>
    where
        R: AsyncBufRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        let Poll::Ready(bytes) = reader.as_mut().poll_fill_buf(cx)? else {
            return self.poll_idle(cx, writer);
        };
        if bytes.is_empty() {
            return self.poll_end(cx, writer);
        }
        let n = ready!(writer.as_mut().poll_write(cx, bytes))?;
        self.wrote(n)?;
        reader.consume(n);
        Poll::Ready(Ok(Round::Moved))
    }
}

/// One direction of copying. See the [module](self).
#[derive(Debug)]
pub(super) struct Transfer {
    buf: Box<[u8]>,
    /// `buf[pos..cap]` is read and not yet written.
    pos: usize,
    cap: usize,
    /// How the reader ended, once it has.
    end: Option<io::Result<()>>,
    counts: Counts,
}

impl Transfer {
    pub(super) fn new(capacity: usize) -> Self {
        Transfer {
            buf: vec![0; capacity].into_boxed_slice(),
            pos: 0,
            cap: 0,
            end: None,
            counts: Counts::default(),
        }
    }

    /// Copies to the end.
    pub(super) fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        poll_rounds(cx, |cx| {
            self.poll_round(cx, reader.as_mut(), writer.as_mut())
        })
    }

    fn poll_round<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        reader: Pin<&mut R>,
        writer: Pin<&mut W>,
    ) -> Poll<io::Result<Round>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        if self.pos < self.cap {
            return self.poll_write(cx, reader, writer);
        }
        match &mut self.end {
            Some(Ok(())) => return self.counts.poll_end(cx, writer),
            Some(end @ Err(_)) => {
                let error = std::mem::replace(end, Ok(()));
                return Poll::Ready(error.map(|()| Round::Moved));
            }
            None => {}
        }
        (self.pos, self.cap) = (0, 0);
        match self.poll_fill(cx, reader) {
            Poll::Ready(()) => Poll::Ready(Ok(Round::Moved)),
            Poll::Pending => self.counts.poll_idle(cx, writer),
        }
    }

    fn poll_write<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        reader: Pin<&mut R>,
        writer: Pin<&mut W>,
    ) -> Poll<io::Result<Round>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        let Poll::Ready(n) = writer.poll_write(cx, &self.buf[self.pos..self.cap])? else {
            // The writer is going to wake us, so that it doesn't matter what this says.
            let _ = self.poll_fill(cx, reader);
            return Poll::Pending;
        };
        self.counts.wrote(n)?;
        self.pos += n;
        Poll::Ready(Ok(Round::Moved))
    }

    /// Reads into what is left of the buffer, if anything is, and there is more to come.
    fn poll_fill<R: AsyncRead + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        reader: Pin<&mut R>,
    ) -> Poll<()> {
        if self.end.is_some() || self.cap == self.buf.len() {
            return Poll::Ready(());
        }
        let mut buf = ReadBuf::new(&mut self.buf[self.cap..]);
        match ready!(reader.poll_read(cx, &mut buf)) {
            Ok(()) if buf.filled().is_empty() => self.end = Some(Ok(())),
            Ok(()) => self.cap += buf.filled().len(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.end = Some(Err(error)),
        }
        Poll::Ready(())
    }
}
