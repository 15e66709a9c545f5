//! [`join`]: a reader and a writer as one.

use super::async_write::pass_on_writes;
use super::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};
use pin_project_lite::pin_project;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A reader and a writer as one. Made by [`join`].
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt, empty, join, sink};
    ///
    /// # futures::executor::block_on(async {
    /// let mut nothing = join(empty(), sink());
    /// nothing.write_all(b"in").await?;
    /// assert_eq!(nothing.read(&mut [0; 4]).await?, 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Clone, Debug)]
    pub struct Join<R, W> {
        #[pin]
        reader: R,
        #[pin]
        writer: W,
    }
}

/// Makes one value of a reader and a writer, for what wants both in one.
///
/// The other way round is [`split`](super::split()).
///
/// # Examples
///
/// ```
/// use runtime::io::{self, AsyncReadExt, AsyncWriteExt};
///
/// # futures::executor::block_on(async {
/// let mut both = io::join(&b"in"[..], Vec::new());
/// let mut text = String::new();
/// both.read_to_string(&mut text).await?;
/// both.write_all(b"out").await?;
/// assert_eq!((text.as_str(), both.writer().as_slice()), ("in", &b"out"[..]));
/// # io::Result::Ok(()) }).unwrap();
/// ```
pub fn join<R, W>(reader: R, writer: W) -> Join<R, W>
where
    R: AsyncRead,
    W: AsyncWrite,
{
    Join { reader, writer }
}

impl<R, W> Join<R, W> {
    /// Gives both back.
    ///
    /// # Examples
    ///
    /// ```
    /// let (reader, writer) = runtime::io::join(&b"in"[..], vec![1]).into_inner();
    /// assert_eq!((reader, writer), (&b"in"[..], vec![1]));
    /// ```
    pub fn into_inner(self) -> (R, W) {
        (self.reader, self.writer)
    }

    /// The reader.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*runtime::io::join(&b"in"[..], vec![1]).reader(), b"in");
    /// ```
    pub fn reader(&self) -> &R {
        &self.reader
    }

    /// The writer.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*runtime::io::join(&b"in"[..], vec![1]).writer(), [1]);
    /// ```
    pub fn writer(&self) -> &W {
        &self.writer
    }

    /// The reader.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*runtime::io::join(&b"in"[..], vec![1]).reader_mut(), b"in");
    /// ```
    pub fn reader_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The writer.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*runtime::io::join(&b"in"[..], vec![1]).writer_mut(), [1]);
    /// ```
    pub fn writer_mut(&mut self) -> &mut W {
        &mut self.writer
    }

    /// The reader, pinned.
    ///
    /// # Examples
    ///
    /// ```
    /// let both = std::pin::pin!(runtime::io::join(&b"in"[..], vec![1]));
    /// assert_eq!(*both.reader_pin_mut(), b"in");
    /// ```
    pub fn reader_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().reader
    }

    /// The writer, pinned.
    ///
    /// # Examples
    ///
    /// ```
    /// let both = std::pin::pin!(runtime::io::join(&b"in"[..], vec![1]));
    /// assert_eq!(*both.writer_pin_mut(), [1]);
    /// ```
    pub fn writer_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().writer
    }
}

impl<R: AsyncRead, W> AsyncRead for Join<R, W> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().reader.poll_read(cx, buf)
    }
}

impl<R: AsyncBufRead, W> AsyncBufRead for Join<R, W> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.project().reader.poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.project().reader.consume(amt);
    }
}

impl<R, W: AsyncWrite> AsyncWrite for Join<R, W> {
    pass_on_writes!(self, cx => self.project().writer);

    fn is_write_vectored(&self) -> bool {
        self.writer.is_write_vectored()
    }
}
