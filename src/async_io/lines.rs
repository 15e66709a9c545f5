//! [`Lines`] and [`Split`]: a reader in pieces.
//!
//! The piece under way is kept here, and not in the futures: dropping one loses nothing.

use super::buf_read_futures::poll_until;
use super::{AsyncBufRead, located};
use pin_project_lite::pin_project;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The lines of a reader. Made by [`AsyncBufReadExt::lines`](super::AsyncBufReadExt::lines).
    ///
    /// A line comes without its end, which is `"\n"` or `"\r\n"`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = b"one\ntwo\n".lines();
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("one"));
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("two"));
    /// assert_eq!(lines.next_line().await?, None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a reader does nothing until it is read from"]
    pub struct Lines<R> {
        #[pin]
        reader: R,
        line: Vec<u8>,
    }
}

pin_project! {
    /// The pieces of a reader between delimiters. Made by
    /// [`AsyncBufReadExt::split`](super::AsyncBufReadExt::split).
    ///
    /// A piece comes without its delimiter.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut fields = AsyncBufReadExt::split(&b"a,b"[..], b',');
    /// assert_eq!(fields.next_segment().await?.as_deref(), Some(&b"a"[..]));
    /// assert_eq!(fields.next_segment().await?.as_deref(), Some(&b"b"[..]));
    /// assert_eq!(fields.next_segment().await?, None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a reader does nothing until it is read from"]
    pub struct Split<R> {
        #[pin]
        reader: R,
        piece: Vec<u8>,
        delimiter: u8,
    }
}

impl<R> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Lines {
            reader,
            line: Vec::new(),
        }
    }

    /// The reader. What it was asked for already may be in a line under way.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// assert_eq!(*(&b"a\n"[..]).lines().get_ref(), b"a\n");
    /// ```
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// The reader. What is read from it directly is missing from the lines.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// assert_eq!(*(&b"a\n"[..]).lines().get_mut(), b"a\n");
    /// ```
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Gives the reader back. What was read of a line under way is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// assert_eq!((&b"a\n"[..]).lines().into_inner(), b"a\n");
    /// ```
    pub fn into_inner(self) -> R {
        self.reader
    }
}

impl<R: AsyncBufRead> Lines<R> {
    /// The next line, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the reader; [`InvalidData`](io::ErrorKind::InvalidData) if the line is not valid
    /// UTF-8, and the next call then gives the line after it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = (&b"one\r\ntwo"[..]).lines();
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("one"));
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("two"));
    /// assert_eq!(lines.next_line().await?, None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn next_line(&mut self) -> impl Future<Output = io::Result<Option<String>>>
    where
        R: Unpin,
    {
        located(|cx| Pin::new(&mut *self).poll_next_line(cx))
    }

    /// Polls for the next line, `None` at the end.
    ///
    /// # Errors
    ///
    /// As for [`next_line`](Self::next_line).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    /// use std::future::poll_fn;
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = std::pin::pin!((&b"one\n"[..]).lines());
    /// let line = poll_fn(|cx| lines.as_mut().poll_next_line(cx)).await?;
    /// assert_eq!(line.as_deref(), Some("one"));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn poll_next_line(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<String>>> {
        let me = self.project();
        ready!(poll_until(me.reader, cx, b'\n', me.line, &mut 0))?;
        let mut line = std::mem::take(me.line);
        if line.is_empty() {
            return Poll::Ready(Ok(None));
        }
        if line.ends_with(b"\n") {
            line.pop();
            if line.ends_with(b"\r") {
                line.pop();
            }
        }
        let text = String::from_utf8(line);
        Poll::Ready(
            text.map(Some)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
        )
    }
}

impl<R> Split<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Self {
        Split {
            reader,
            piece: Vec::new(),
            delimiter,
        }
    }
}

impl<R: AsyncBufRead> Split<R> {
    /// The next piece, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncBufReadExt, BufReader};
    ///
    /// # futures::executor::block_on(async {
    /// let mut pieces = BufReader::new(&b"a,,b"[..]).split(b',');
    /// assert_eq!(pieces.next_segment().await?.as_deref(), Some(&b"a"[..]));
    /// assert_eq!(pieces.next_segment().await?.as_deref(), Some(&b""[..]));
    /// assert_eq!(pieces.next_segment().await?.as_deref(), Some(&b"b"[..]));
    /// assert_eq!(pieces.next_segment().await?, None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn next_segment(&mut self) -> impl Future<Output = io::Result<Option<Vec<u8>>>>
    where
        R: Unpin,
    {
        located(|cx| Pin::new(&mut *self).poll_next_segment(cx))
    }

    /// Polls for the next piece, `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncBufReadExt, BufReader};
    /// use std::future::poll_fn;
    ///
    /// # futures::executor::block_on(async {
    /// let mut pieces = std::pin::pin!(BufReader::new(&b"a,b"[..]).split(b','));
    /// let piece = poll_fn(|cx| pieces.as_mut().poll_next_segment(cx)).await?;
    /// assert_eq!(piece.as_deref(), Some(&b"a"[..]));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn poll_next_segment(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<Vec<u8>>>> {
        let me = self.project();
        ready!(poll_until(me.reader, cx, *me.delimiter, me.piece, &mut 0))?;
        let mut piece = std::mem::take(me.piece);
        if piece.is_empty() {
            return Poll::Ready(Ok(None));
        }
        if piece.last() == Some(me.delimiter) {
            piece.pop();
        }
        Poll::Ready(Ok(Some(piece)))
    }
}
