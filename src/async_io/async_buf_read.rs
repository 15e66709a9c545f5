//! [`AsyncBufRead`], and who has it: pointers to readers, and bytes in memory.

use super::async_read::after;
use super::{AsyncRead, spend};
use std::io;
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A reader that shows what it has, before it is taken.
///
/// What `std::io::BufRead` is to threads. Users call the methods of
/// [`AsyncBufReadExt`](super::AsyncBufReadExt); a reader without a buffer gets one from
/// [`BufReader`](super::BufReader).
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncBufReadExt, BufReader};
///
/// # futures::executor::block_on(async {
/// let mut reader = BufReader::new(&b"one\ntwo\n"[..]);
/// let mut line = String::new();
/// reader.read_line(&mut line).await?;
/// assert_eq!(line, "one\n");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncBufRead: AsyncRead {
    /// Shows what is in the buffer; where it is empty, fills it first.
    ///
    /// Nothing is taken until [`consume`](Self::consume) says how much. An empty slice means the
    /// end.
    ///
    /// # Errors
    ///
    /// Those of the source.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufRead;
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let mut reader = &b"abc"[..];
    /// let mut cx = Context::from_waker(Waker::noop());
    /// match Pin::new(&mut reader).poll_fill_buf(&mut cx) {
    ///     Poll::Ready(Ok(bytes)) => assert_eq!(bytes, b"abc"),
    ///     other => panic!("{other:?}"),
    /// }
    /// Pin::new(&mut reader).consume(2);
    /// assert_eq!(reader, b"c");
    /// ```
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>>;

    /// Takes `amt` bytes out of the buffer, of those that
    /// [`poll_fill_buf`](Self::poll_fill_buf) showed.
    ///
    /// # Panics
    ///
    /// It may, where `amt` is more than that.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufRead;
    /// use std::pin::Pin;
    ///
    /// let mut reader = &b"hello"[..];
    /// Pin::new(&mut reader).consume(2);
    /// assert_eq!(reader, b"llo");
    /// ```
    fn consume(self: Pin<&mut Self>, amt: usize);
}

impl<T: AsyncBufRead + Unpin + ?Sized> AsyncBufRead for &mut T {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Pin::new(&mut **self.get_mut()).poll_fill_buf(cx)
    }

    fn consume(mut self: Pin<&mut Self>, amt: usize) {
        Pin::new(&mut **self).consume(amt);
    }
}

impl<T: AsyncBufRead + Unpin + ?Sized> AsyncBufRead for Box<T> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Pin::new(&mut **self.get_mut()).poll_fill_buf(cx)
    }

    fn consume(mut self: Pin<&mut Self>, amt: usize) {
        Pin::new(&mut **self).consume(amt);
    }
}

impl<P> AsyncBufRead for Pin<P>
where
    P: DerefMut,
    P::Target: AsyncBufRead,
{
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.as_deref_mut().poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.as_deref_mut().consume(amt);
    }
}

impl AsyncBufRead for &[u8] {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        ready!(spend(cx));
        Poll::Ready(Ok(*self))
    }

    fn consume(mut self: Pin<&mut Self>, amt: usize) {
        *self = &self[amt..];
    }
}

impl<T: AsRef<[u8]> + Unpin> AsyncBufRead for io::Cursor<T> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        ready!(spend(cx));
        let me = self.get_mut();
        Poll::Ready(Ok(after(me.get_ref().as_ref(), me.position())))
    }

    fn consume(mut self: Pin<&mut Self>, amt: usize) {
        let position = self.position() + amt as u64;
        self.set_position(position);
    }
}
