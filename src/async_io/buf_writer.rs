//! [`BufWriter`]: fewer and larger writes.
//!
//! The buffer is `buf[written..]`, taken and not yet passed on. `written` is kept here
//! and not in a future, so that nothing is lost, or written twice, when a write is
//! cancelled or fails half-way.
//!
//! A write that does not fit empties the buffer first. One that is at least as large as
//! the whole buffer then goes to the writer directly. Only what goes into the buffer
//! spends the budget here; the rest is left to the writer.

use super::{
    AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, DEFAULT_CAPACITY, ReadBuf, SeekFrom, retry,
    spend,
};
use pin_project_lite::pin_project;
use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// Collects small writes, and passes them on in large ones.
    ///
    /// What is still in the buffer when it is dropped is lost: end with
    /// [`flush`](super::AsyncWriteExt::flush) or [`shutdown`](super::AsyncWriteExt::shutdown).
    /// Reads go straight through to a
    /// writer that is also a reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncWriteExt, BufWriter};
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = BufWriter::new(Vec::new());
    /// writer.write_all(b"abc").await?;
    /// assert!(writer.get_ref().is_empty());
    /// writer.flush().await?;
    /// assert_eq!(writer.get_ref(), b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub struct BufWriter<W> {
        #[pin]
        inner: W,
        buf: Vec<u8>,
        capacity: usize,
        written: usize,
        seek: Option<SeekFrom>,
    }
}

impl<W> BufWriter<W> {
    /// With room for 8 KiB.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(runtime::io::BufWriter::new(Vec::new()).buffer().is_empty());
    /// ```
    pub fn new(inner: W) -> Self
    where
        W: AsyncWrite,
    {
        BufWriter::with_capacity(DEFAULT_CAPACITY, inner)
    }

    /// With room for `capacity` bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncWriteExt, BufWriter};
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = BufWriter::with_capacity(4, Vec::new());
    /// writer.write_all(b"abc").await?;
    /// writer.write_all(b"def").await?;
    /// assert_eq!((writer.get_ref().as_slice(), writer.buffer()), (&b"abc"[..], &b"def"[..]));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn with_capacity(capacity: usize, inner: W) -> Self
    where
        W: AsyncWrite,
    {
        BufWriter::from_parts(inner, Vec::with_capacity(capacity), capacity)
    }

    pub(super) fn from_parts(inner: W, buf: Vec<u8>, capacity: usize) -> Self {
        BufWriter {
            inner,
            buf,
            capacity,
            written: 0,
            seek: None,
        }
    }

    /// The writer, what is not yet passed on, and how much the buffer holds at most.
    pub(super) fn into_parts(mut self) -> (W, Vec<u8>, usize) {
        self.buf.drain(..self.written);
        (self.inner, self.buf, self.capacity)
    }

    /// The writer.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(runtime::io::BufWriter::new(vec![1]).get_ref(), &[1]);
    /// ```
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The writer. What is written to it directly overtakes what is in the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(runtime::io::BufWriter::new(vec![1]).get_mut(), &[1]);
    /// ```
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// The writer, pinned. What is written to it directly overtakes what is in the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// let writer = std::pin::pin!(runtime::io::BufWriter::new(vec![1]));
    /// assert_eq!(*writer.get_pin_mut(), [1]);
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().inner
    }

    /// Gives the writer back. What is in the [buffer](Self::buffer) is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(runtime::io::BufWriter::new(vec![1]).into_inner(), [1]);
    /// ```
    pub fn into_inner(self) -> W {
        self.inner
    }

    /// What was taken and is not yet passed on.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncWriteExt, BufWriter};
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = BufWriter::new(Vec::new());
    /// writer.write_u8(1).await?;
    /// assert_eq!(writer.buffer(), [1]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn buffer(&self) -> &[u8] {
        &self.buf[self.written..]
    }
}

impl<W: AsyncWrite> BufWriter<W> {
    /// Passes on all that is in the buffer.
    fn poll_empty(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut me = self.project();
        while *me.written < me.buf.len() {
            let rest = &me.buf[*me.written..];
            match ready!(retry(cx, |cx| me.inner.as_mut().poll_write(cx, rest)))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                n => *me.written += n,
            }
        }
        me.buf.clear();
        *me.written = 0;
        Poll::Ready(Ok(()))
    }

    /// Empties the buffer if `len` bytes would not fit behind what is in it.
    fn poll_room(self: Pin<&mut Self>, cx: &mut Context<'_>, len: usize) -> Poll<io::Result<()>> {
        if self.has_room(len) {
            Poll::Ready(Ok(()))
        } else {
            self.poll_empty(cx)
        }
    }

    /// A write that finds no room, or needs none.
    #[inline(never)]
    fn poll_write_emptied(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.as_mut().poll_room(cx, buf.len()))?;
        if buf.len() >= self.capacity {
            return self.get_pin_mut().poll_write(cx, buf);
        }
        ready!(spend(cx));
        Poll::Ready(Ok(self.append(&[IoSlice::new(buf)])))
    }

    #[inline]
    fn has_room(&self, len: usize) -> bool {
        len <= self.capacity.saturating_sub(self.buf.len())
    }

    /// Takes as many of `bufs` as there is room for, the first in any case.
    fn append(self: Pin<&mut Self>, bufs: &[IoSlice<'_>]) -> usize {
        let me = self.project();
        let before = me.buf.len();
        for buf in bufs {
            if me.buf.len() > before && me.buf.len() + buf.len() > *me.capacity {
                break;
            }
            me.buf.extend_from_slice(buf);
        }
        me.buf.len() - before
    }
}

impl<W: AsyncWrite> AsyncWrite for BufWriter<W> {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if buf.len() < self.capacity && self.has_room(buf.len()) {
            let me = self.project();
            ready!(spend(cx));
            me.buf.extend_from_slice(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        self.poll_write_emptied(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Some(start) = bufs.iter().position(|buf| !buf.is_empty()) else {
            return spend(cx).map(|()| Ok(0));
        };
        let bufs = &bufs[start..];
        // A writer without vectored writes gets the first slice, if that is a large one;
        // what it could not take in one operation is what is looked at here.
        let len = if self.inner.is_write_vectored() {
            bufs.iter()
                .fold(0, |sum: usize, buf| sum.saturating_add(buf.len()))
        } else {
            bufs[0].len()
        };
        ready!(self.as_mut().poll_room(cx, len))?;
        if len >= self.capacity {
            return self.get_pin_mut().poll_write_vectored(cx, bufs);
        }
        ready!(spend(cx));
        Poll::Ready(Ok(self.append(bufs)))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_empty(cx))?;
        self.get_pin_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_empty(cx))?;
        self.get_pin_mut().poll_shutdown(cx)
    }
}

/// A move empties the buffer first.
impl<W: AsyncWrite + AsyncSeek> AsyncSeek for BufWriter<W> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        *self.project().seek = Some(position);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if let Some(position) = self.seek {
            ready!(self.as_mut().poll_empty(cx))?;
            ready!(self.as_mut().get_pin_mut().poll_complete(cx))?;
            let mut me = self.as_mut().project();
            *me.seek = None;
            me.inner.as_mut().start_seek(position)?;
        }
        self.get_pin_mut().poll_complete(cx)
    }
}

impl<W: AsyncRead> AsyncRead for BufWriter<W> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.get_pin_mut().poll_read(cx, buf)
    }
}

impl<W: AsyncBufRead> AsyncBufRead for BufWriter<W> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.get_pin_mut().poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.get_pin_mut().consume(amt);
    }
}

impl<W: fmt::Debug> fmt::Debug for BufWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufWriter")
            .field("writer", &self.inner)
            .field(
                "buffer",
                &format_args!("{}/{}", self.buffer().len(), self.capacity),
            )
            .finish()
    }
}
