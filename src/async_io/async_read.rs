//! [`AsyncRead`], and who has it: pointers to readers, and bytes in memory.

use super::{ReadBuf, spend};
use std::io;
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Reads bytes, or says when to ask again.
///
/// What `std::io::Read` is to threads. Users call the methods of
/// [`AsyncReadExt`](super::AsyncReadExt), which every reader has; this trait is for those who
/// write a
/// reader, or an adapter around one.
///
/// # Examples
///
/// A reader that turns what it reads into capital letters:
///
/// ```
/// use runtime::io::{self, AsyncRead, AsyncReadExt, ReadBuf};
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
///
/// struct Loud<R>(R);
///
/// impl<R: AsyncRead + Unpin> AsyncRead for Loud<R> {
///     fn poll_read(
///         mut self: Pin<&mut Self>,
///         cx: &mut Context<'_>,
///         buf: &mut ReadBuf<'_>,
///     ) -> Poll<io::Result<()>> {
///         let before = buf.filled().len();
///         let result = Pin::new(&mut self.0).poll_read(cx, buf);
///         buf.filled_mut()[before..].make_ascii_uppercase();
///         result
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let mut text = String::new();
/// Loud(&b"psst"[..]).read_to_string(&mut text).await?;
/// assert_eq!(text, "PSST");
/// # io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncRead {
    /// Appends bytes to `buf`.
    ///
    /// * `Ready(Ok(()))`: as many bytes as there were, or fitted, were appended. None,
    ///   although there was room, means the end.
    /// * `Pending`: nothing was appended, and the task is woken when it is worth another try.
    /// * `Ready(Err(..))`: nothing was appended.
    ///
    /// A reader fills the `ReadBuf` that it is given, and does not put another one in its place.
    ///
    /// # Errors
    ///
    /// Those of the source.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncRead, ReadBuf};
    /// use std::pin::Pin;
    /// use std::task::{Context, Waker};
    ///
    /// let mut memory = [0; 8];
    /// let mut buf = ReadBuf::new(&mut memory);
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert!(Pin::new(&mut &b"abc"[..]).poll_read(&mut cx, &mut buf).is_ready());
    /// assert_eq!(buf.filled(), b"abc");
    /// ```
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>>;
}

impl<T: AsyncRead + Unpin + ?Sized> AsyncRead for &mut T {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut **self).poll_read(cx, buf)
    }
}

impl<T: AsyncRead + Unpin + ?Sized> AsyncRead for Box<T> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut **self).poll_read(cx, buf)
    }
}

impl<P> AsyncRead for Pin<P>
where
    P: DerefMut,
    P::Target: AsyncRead,
{
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.as_deref_mut().poll_read(cx, buf)
    }
}

/// Appends as much of `source` as fits, and says how much that was.
#[inline]
pub(super) fn put_what_fits(source: &[u8], buf: &mut ReadBuf<'_>) -> usize {
    let len = source.len().min(buf.remaining());
    match source {
        // As numbers and signs are read: without a call to copy it.
        [byte, ..] if len == 1 => buf.put_slice(&[*byte]),
        _ => buf.put_slice(&source[..len]),
    }
    len
}

impl AsyncRead for &[u8] {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(spend(cx));
        let len = put_what_fits(&self, buf);
        *self = &self[len..];
        Poll::Ready(Ok(()))
    }
}

impl<T: AsRef<[u8]> + Unpin> AsyncRead for io::Cursor<T> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(spend(cx));
        let position = self.position();
        let len = put_what_fits(after(self.get_ref().as_ref(), position), buf);
        self.set_position(position + len as u64);
        Poll::Ready(Ok(()))
    }
}

/// What a cursor at `position` has before it: nothing, if that is beyond the end.
pub(super) fn after(bytes: &[u8], position: u64) -> &[u8] {
    let start = usize::try_from(position).unwrap_or(usize::MAX);
    bytes.get(start..).unwrap_or_default()
}
