//! [`Take`]: a reader that ends early.

use super::{AsyncBufRead, AsyncRead, ReadBuf, fill, spend};
use pin_project_lite::pin_project;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// Reads the first so many bytes of a reader, then ends. Made by
    /// [`AsyncReadExt::take`](super::AsyncReadExt::take).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut start = String::new();
    /// b"hello".take(4).read_to_string(&mut start).await?;
    /// assert_eq!(start, "hell");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a reader does nothing until it is read from"]
    pub struct Take<R> {
        #[pin]
        inner: R,
        limit: u64,
    }
}

impl<R> Take<R> {
    pub(super) fn new(inner: R, limit: u64) -> Self {
        Take { inner, limit }
    }

    /// How many more bytes can be read; the reader itself may end before.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, AsyncReadExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut three = io::repeat(1).take(3);
    /// three.read_u8().await?;
    /// assert_eq!(three.limit(), 2);
    /// # io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Lets `limit` more bytes be read, however many were read before.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, AsyncReadExt};
    ///
    /// let mut some = io::repeat(1).take(3);
    /// some.set_limit(10);
    /// assert_eq!(some.limit(), 10);
    /// ```
    pub fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// The reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// assert_eq!(*(&b"abc"[..]).take(2).get_ref(), b"abc");
    /// ```
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader. What is read from it directly does not count.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// assert_eq!(*(&b"abc"[..]).take(2).get_mut(), b"abc");
    /// ```
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader, pinned. What is read from it directly does not count.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// let two = std::pin::pin!((&b"abc"[..]).take(2));
    /// assert_eq!(*two.get_pin_mut(), b"abc");
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// Gives the reader back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// assert_eq!((&b"abc"[..]).take(2).into_inner(), b"abc");
    /// ```
    pub fn into_inner(self) -> R {
        self.inner
    }
}

/// A limit as a length in memory.
fn in_memory(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

impl<R: AsyncRead> AsyncRead for Take<R> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.limit == 0 {
            return spend(cx).map(Ok);
        }
        let me = self.project();
        let (read, result) = fill::part(buf, in_memory(*me.limit), |part| {
            me.inner.poll_read(cx, part)
        });
        *me.limit -= read as u64;
        result
    }
}

impl<R: AsyncBufRead> AsyncBufRead for Take<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        if self.limit == 0 {
            return spend(cx).map(|()| Ok(&[][..]));
        }
        let me = self.project();
        let bytes = ready!(me.inner.poll_fill_buf(cx))?;
        Poll::Ready(Ok(&bytes[..bytes.len().min(in_memory(*me.limit))]))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        let me = self.project();
        let amt = amt.min(in_memory(*me.limit));
        *me.limit -= amt as u64;
        me.inner.consume(amt);
    }
}
