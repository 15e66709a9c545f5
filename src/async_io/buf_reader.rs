//! [`BufReader`]: fewer and larger reads.
//!
//! The buffer holds `buf[pos..cap]`, read and not yet taken. It is refilled when it is
//! empty, and passed by when it is empty and the caller's buffer is at least as large.
//! Answers from the buffer spend the budget, for they never wait; a refill leaves that
//! to the reader.
//!
//! # Rejected
//!
//! * One unit of the budget for several small answers, here and in `BufWriter`: fewer yields, but each
//!   line took a tenth longer.

use super::async_read::put_what_fits;
use super::async_write::pass_on_writes;
use super::{
    AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, DEFAULT_CAPACITY, ReadBuf, SeekFrom, spend,
};
use pin_project_lite::pin_project;
use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// Reads from a reader in large pieces, and hands them out in small ones.
    ///
    /// It makes many small reads of a socket or file cheap, and gives a reader the
    /// methods of [`AsyncBufReadExt`](super::AsyncBufReadExt). What is in the buffer is lost when
    /// it is dropped or
    /// [unwrapped](BufReader::into_inner). Writes go straight through to a reader that is also a
    /// writer.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncBufReadExt, BufReader};
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = BufReader::new(&b"a\nb\n"[..]).lines();
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("a"));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub struct BufReader<R> {
        #[pin]
        inner: R,
        buf: Box<[u8]>,
        pos: usize,
        cap: usize,
        seek: Seek,
    }
}

/// How far a move has come.
#[derive(Clone, Copy, Debug)]
enum Seek {
    Idle,
    Asked(SeekFrom),
    /// The reader moves back to where the user is; from there, so far.
    Aligning(i64),
    Moving,
}

impl<R> BufReader<R> {
    /// With room for 8 KiB.
    ///
    /// # Examples
    ///
    /// ```
    /// let reader = runtime::io::BufReader::new(&b"abc"[..]);
    /// assert!(reader.buffer().is_empty());
    /// ```
    pub fn new(inner: R) -> Self
    where
        R: AsyncRead,
    {
        BufReader::with_capacity(DEFAULT_CAPACITY, inner)
    }

    /// With room for `capacity` bytes.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncBufReadExt, BufReader};
    ///
    /// # futures::executor::block_on(async {
    /// let mut reader = BufReader::with_capacity(2, &b"abc"[..]);
    /// assert_eq!(reader.fill_buf().await?, b"ab");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn with_capacity(capacity: usize, inner: R) -> Self
    where
        R: AsyncRead,
    {
        BufReader::from_inner(capacity, inner)
    }

    #[track_caller]
    pub(super) fn from_inner(capacity: usize, inner: R) -> Self {
        assert!(
            capacity > 0,
            "a reader's capacity must be greater than zero: a buffer without room looks like the end"
        );
        BufReader {
            inner,
            buf: vec![0; capacity].into_boxed_slice(),
            pos: 0,
            cap: 0,
            seek: Seek::Idle,
        }
    }

    /// The reader.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*runtime::io::BufReader::new(&b"abc"[..]).get_ref(), b"abc");
    /// ```
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader. Reading from it directly skips what is in the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*runtime::io::BufReader::new(&b"abc"[..]).get_mut(), b"abc");
    /// ```
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader, pinned. Reading from it directly skips what is in the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// let reader = std::pin::pin!(runtime::io::BufReader::new(&b"abc"[..]));
    /// assert_eq!(*reader.get_pin_mut(), b"abc");
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// Gives the reader back. What is in the [buffer](Self::buffer) is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(runtime::io::BufReader::new(&b"abc"[..]).into_inner(), b"abc");
    /// ```
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// What was read from the reader and is not yet taken. It reads nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, BufReader};
    ///
    /// # futures::executor::block_on(async {
    /// let mut reader = BufReader::new(&b"abc"[..]);
    /// reader.read_u8().await?;
    /// assert_eq!(reader.buffer(), b"bc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn buffer(&self) -> &[u8] {
        &self.buf[self.pos..self.cap]
    }

    /// The reader, and how much the buffer holds at most.
    pub(super) fn into_parts(self) -> Parts<R> {
        Parts {
            inner: self.inner,
            buf: self.buf,
            pos: self.pos,
            cap: self.cap,
        }
    }

    /// The other way round; a move that had been asked for is forgotten.
    pub(super) fn from_parts(parts: Parts<R>) -> Self {
        BufReader {
            inner: parts.inner,
            buf: parts.buf,
            pos: parts.pos,
            cap: parts.cap,
            seek: Seek::Idle,
        }
    }

    fn discard_buffer(self: Pin<&mut Self>) {
        let me = self.project();
        *me.pos = 0;
        *me.cap = 0;
    }
}

/// A buffered reader, taken apart.
pub(super) struct Parts<R> {
    pub(super) inner: R,
    pub(super) buf: Box<[u8]>,
    pub(super) pos: usize,
    pub(super) cap: usize,
}

impl<R> Parts<R> {
    /// The same buffer for another reader.
    pub(super) fn map<S>(self, f: impl FnOnce(R) -> S) -> Parts<S> {
        Parts {
            inner: f(self.inner),
            buf: self.buf,
            pos: self.pos,
            cap: self.cap,
        }
    }
}

impl<R: AsyncRead> BufReader<R> {
    /// Reads where the buffer does not have all that is asked for.
    #[inline(never)]
    fn poll_read_more(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.pos == self.cap && buf.remaining() >= self.buf.len() {
            return self.get_pin_mut().poll_read(cx, buf);
        }
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let taken = put_what_fits(bytes, buf);
        self.consume(taken);
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead> AsyncRead for BufReader<R> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buf.remaining();
        if room == 0 || room > self.cap - self.pos {
            return self.poll_read_more(cx, buf);
        }
        ready!(spend(cx));
        let me = self.project();
        let end = *me.pos + room;
        buf.put_slice(&me.buf[*me.pos..end]);
        *me.pos = end;
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead> AsyncBufRead for BufReader<R> {
    #[inline]
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let me = self.project();
        if *me.pos < *me.cap {
            ready!(spend(cx));
        } else {
            let mut buf = ReadBuf::new(me.buf);
            ready!(me.inner.poll_read(cx, &mut buf))?;
            *me.cap = buf.filled().len();
            *me.pos = 0;
        }
        Poll::Ready(Ok(&me.buf[*me.pos..*me.cap]))
    }

    #[inline]
    fn consume(self: Pin<&mut Self>, amt: usize) {
        let me = self.project();
        *me.pos = me.pos.saturating_add(amt).min(*me.cap);
    }
}

/// The reader is ahead of the user by what is in the buffer, so a move from the current
/// position is corrected by that. A move forgets what is in the buffer.
impl<R: AsyncRead + AsyncSeek> AsyncSeek for BufReader<R> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        *self.project().seek = Seek::Asked(position);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        loop {
            let reached = ready!(self.as_mut().get_pin_mut().poll_complete(cx));
            let ahead = (self.cap - self.pos) as i64;
            // Back to idle, where an error leaves it.
            let seek = std::mem::replace(self.as_mut().project().seek, Seek::Idle);
            let reached = reached?;
            let (from_here, next) = match seek {
                Seek::Idle | Seek::Moving => return Poll::Ready(Ok(reached)),
                Seek::Aligning(offset) => (SeekFrom::Current(offset), Seek::Moving),
                Seek::Asked(SeekFrom::Current(offset)) => match offset.checked_sub(ahead) {
                    Some(offset) => (SeekFrom::Current(offset), Seek::Moving),
                    None => (SeekFrom::Current(-ahead), Seek::Aligning(offset)),
                },
                Seek::Asked(position) => (position, Seek::Moving),
            };
            self.as_mut().get_pin_mut().start_seek(from_here)?;
            *self.as_mut().project().seek = next;
            self.as_mut().discard_buffer();
        }
    }
}

impl<R: AsyncWrite> AsyncWrite for BufReader<R> {
    pass_on_writes!(self, cx => self.get_pin_mut());

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

impl<R: fmt::Debug> fmt::Debug for BufReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufReader")
            .field("reader", &self.inner)
            .field(
                "buffer",
                &format_args!("{}/{}", self.cap - self.pos, self.buf.len()),
            )
            .finish()
    }
}
