//! [`BufStream`]: a buffer for either direction.

use super::async_write::pass_on_writes;
use super::{
    AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, BufReader, BufWriter, DEFAULT_CAPACITY,
    ReadBuf, SeekFrom,
};
use pin_project_lite::pin_project;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A [`BufReader`] and a [`BufWriter`] around one stream.
    ///
    /// What holds for those holds here: end with a [`flush`](super::AsyncWriteExt::flush) or
    /// [`shutdown`](super::AsyncWriteExt::shutdown), or what is in the buffer is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, AsyncBufReadExt, AsyncWriteExt, BufStream};
    ///
    /// # futures::executor::block_on(async {
    /// let (here, there) = io::duplex(64);
    /// let (mut here, mut there) = (BufStream::new(here), BufStream::new(there));
    /// here.write_all(b"hello\n").await?;
    /// here.flush().await?;
    /// let mut line = String::new();
    /// there.read_line(&mut line).await?;
    /// assert_eq!(line, "hello\n");
    /// # io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    pub struct BufStream<RW> {
        // The reader outside, so that it can show its buffer.
        #[pin]
        inner: BufReader<BufWriter<RW>>,
    }
}

impl<RW> BufStream<RW> {
    /// With room for 8 KiB in either direction.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, BufStream};
    ///
    /// let stream = BufStream::new(io::empty());
    /// ```
    pub fn new(stream: RW) -> Self
    where
        RW: AsyncRead + AsyncWrite,
    {
        BufStream::with_capacity(DEFAULT_CAPACITY, DEFAULT_CAPACITY, stream)
    }

    /// With room for so many bytes on their way in, and so many on their way out.
    ///
    /// # Panics
    ///
    /// If `reader_capacity` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, BufStream};
    ///
    /// let stream = BufStream::with_capacity(1024, 16 * 1024, io::empty());
    /// ```
    #[track_caller]
    pub fn with_capacity(
        reader_capacity: usize,
        writer_capacity: usize,
        stream: RW,
    ) -> BufStream<RW>
    where
        RW: AsyncRead + AsyncWrite,
    {
        let writer = BufWriter::with_capacity(writer_capacity, stream);
        BufReader::from_inner(reader_capacity, writer).into()
    }

    /// The stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, BufStream};
    ///
    /// let stream = BufStream::new(io::join(&b"in"[..], vec![1]));
    /// assert_eq!(stream.get_ref().writer(), &[1]);
    /// ```
    pub fn get_ref(&self) -> &RW {
        self.inner.get_ref().get_ref()
    }

    /// The stream. What is read from it or written to it directly passes the buffers by.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, BufStream};
    ///
    /// let mut stream = BufStream::new(io::join(&b"in"[..], vec![1]));
    /// assert_eq!(stream.get_mut().writer(), &[1]);
    /// ```
    pub fn get_mut(&mut self) -> &mut RW {
        self.inner.get_mut().get_mut()
    }

    /// The stream, pinned. What is read from it or written to it directly passes the buffers by.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, BufStream};
    ///
    /// let stream = std::pin::pin!(BufStream::new(io::join(&b"in"[..], vec![1])));
    /// assert_eq!(stream.get_pin_mut().writer(), &[1]);
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut RW> {
        self.project().inner.get_pin_mut().get_pin_mut()
    }

    /// Gives the stream back. What is in the buffers is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, BufStream};
    ///
    /// let stream = BufStream::new(io::join(&b"in"[..], vec![1]));
    /// assert_eq!(stream.into_inner().into_inner(), (&b"in"[..], vec![1]));
    /// ```
    pub fn into_inner(self) -> RW {
        self.inner.into_inner().into_inner()
    }
}

impl<RW> From<BufReader<BufWriter<RW>>> for BufStream<RW> {
    fn from(inner: BufReader<BufWriter<RW>>) -> Self {
        BufStream { inner }
    }
}

/// Both buffers keep what is in them; a move that was asked for and not waited for is
/// forgotten.
impl<RW> From<BufWriter<BufReader<RW>>> for BufStream<RW> {
    fn from(outer: BufWriter<BufReader<RW>>) -> Self {
        let (reader, buf, capacity) = outer.into_parts();
        let parts = reader.into_parts();
        let parts = parts.map(|stream| BufWriter::from_parts(stream, buf, capacity));
        BufReader::from_parts(parts).into()
    }
}

impl<RW: AsyncRead + AsyncWrite> AsyncRead for BufStream<RW> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().inner.poll_read(cx, buf)
    }
}

impl<RW: AsyncRead + AsyncWrite> AsyncBufRead for BufStream<RW> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.project().inner.poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.project().inner.consume(amt);
    }
}

impl<RW: AsyncRead + AsyncWrite> AsyncWrite for BufStream<RW> {
    pass_on_writes!(self, cx => self.project().inner);

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

/// A move empties the buffer of what goes out, and forgets what came in.
impl<RW: AsyncRead + AsyncWrite + AsyncSeek> AsyncSeek for BufStream<RW> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.project().inner.start_seek(position)
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        self.project().inner.poll_complete(cx)
    }
}
