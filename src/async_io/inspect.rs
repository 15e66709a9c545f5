//! [`InspectReader`] and [`InspectWriter`]: somebody looks at what goes through.

use super::async_write::pass_on_writes;
use super::{AsyncRead, AsyncWrite, ReadBuf};
use pin_project_lite::pin_project;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// A reader that shows what it read to a closure: for a checksum, say, or a count.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, InspectReader};
    ///
    /// # futures::executor::block_on(async {
    /// let mut count = 0;
    /// let mut reader = InspectReader::new(&b"hello"[..], |bytes| count += bytes.len());
    /// reader.read_to_end(&mut Vec::new()).await?;
    /// assert_eq!(count, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[must_use = "a reader does nothing until it is read from"]
    pub struct InspectReader<R, F> {
        #[pin]
        inner: R,
        inspect: F,
    }
}

pin_project! {
    /// A writer that shows what it wrote to a closure.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncWriteExt, InspectWriter};
    ///
    /// # futures::executor::block_on(async {
    /// let mut count = 0;
    /// let mut writer = InspectWriter::new(Vec::new(), |bytes| count += bytes.len());
    /// writer.write_all(b"hello").await?;
    /// assert_eq!(writer.into_inner(), b"hello");
    /// assert_eq!(count, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[must_use = "a writer does nothing until it is written to"]
    pub struct InspectWriter<W, F> {
        #[pin]
        inner: W,
        inspect: F,
    }
}

impl<R, F> InspectReader<R, F> {
    /// Shows what is read from `reader` to `inspect`, each byte once.
    ///
    /// # Examples
    ///
    /// ```
    /// let _reader = runtime::io::InspectReader::new(&b"hello"[..], |_bytes| ());
    /// ```
    pub fn new(reader: R, inspect: F) -> InspectReader<R, F>
    where
        R: AsyncRead,
        F: FnMut(&[u8]),
    {
        InspectReader {
            inner: reader,
            inspect,
        }
    }

    /// The reader.
    ///
    /// # Examples
    ///
    /// ```
    /// let reader = runtime::io::InspectReader::new(&b"hello"[..], |_| ());
    /// assert_eq!(*reader.get_ref(), b"hello");
    /// ```
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader. What is read from it directly is not shown.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut reader = runtime::io::InspectReader::new(&b"hello"[..], |_| ());
    /// assert_eq!(*reader.get_mut(), b"hello");
    /// ```
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader, pinned. What is read from it directly is not shown.
    ///
    /// # Examples
    ///
    /// ```
    /// let reader = std::pin::pin!(runtime::io::InspectReader::new(&b"hello"[..], |_| ()));
    /// assert_eq!(*reader.get_pin_mut(), b"hello");
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// Gives the reader back.
    ///
    /// # Examples
    ///
    /// ```
    /// let reader = runtime::io::InspectReader::new(&b"hello"[..], |_| ());
    /// assert_eq!(reader.into_inner(), b"hello");
    /// ```
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<W, F> InspectWriter<W, F> {
    /// Shows what `writer` took to `inspect`, each byte once.
    ///
    /// # Examples
    ///
    /// ```
    /// let _writer = runtime::io::InspectWriter::new(Vec::new(), |_bytes| ());
    /// ```
    pub fn new(writer: W, inspect: F) -> InspectWriter<W, F>
    where
        W: AsyncWrite,
        F: FnMut(&[u8]),
    {
        InspectWriter {
            inner: writer,
            inspect,
        }
    }

    /// The writer.
    ///
    /// # Examples
    ///
    /// ```
    /// let writer = runtime::io::InspectWriter::new(Vec::new(), |_| ());
    /// assert!(writer.get_ref().is_empty());
    /// ```
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The writer. What is written to it directly is not shown.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = runtime::io::InspectWriter::new(Vec::new(), |_| ());
    /// writer.get_mut().clear();
    /// ```
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// The writer, pinned. What is written to it directly is not shown.
    ///
    /// # Examples
    ///
    /// ```
    /// let writer = std::pin::pin!(runtime::io::InspectWriter::new(Vec::new(), |_| ()));
    /// writer.get_pin_mut().clear();
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().inner
    }

    /// Gives the writer back.
    ///
    /// # Examples
    ///
    /// ```
    /// let writer = runtime::io::InspectWriter::new(Vec::new(), |_| ());
    /// assert!(writer.into_inner().is_empty());
    /// ```
    pub fn into_inner(self) -> W {
        self.inner
    }
}

/// Shows the first `taken` bytes of `bufs`.
fn show(inspect: &mut impl FnMut(&[u8]), bufs: &[IoSlice<'_>], mut taken: usize) {
    for buf in bufs {
        let part = taken.min(buf.len());
        if part > 0 {
            inspect(&buf[..part]);
        }
        taken -= part;
    }
}

impl<R: AsyncRead, F: FnMut(&[u8])> AsyncRead for InspectReader<R, F> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let me = self.project();
        let before = buf.filled().len();
        ready!(me.inner.poll_read(cx, buf))?;
        let read = &buf.filled()[before..];
        if !read.is_empty() {
            (me.inspect)(read);
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite, F: FnMut(&[u8])> AsyncWrite for InspectWriter<W, F> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let me = self.project();
        let taken = ready!(me.inner.poll_write(cx, buf))?;
        show(me.inspect, &[IoSlice::new(buf)], taken);
        Poll::Ready(Ok(taken))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let me = self.project();
        let taken = ready!(me.inner.poll_write_vectored(cx, bufs))?;
        show(me.inspect, bufs, taken);
        Poll::Ready(Ok(taken))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_shutdown(cx)
    }
}

impl<R: AsyncWrite, F> AsyncWrite for InspectReader<R, F> {
    pass_on_writes!(self, cx => self.project().inner);
}

impl<W: AsyncRead, F> AsyncRead for InspectWriter<W, F> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().inner.poll_read(cx, buf)
    }
}
