//! [`AsyncSeek`], and who has it: pointers to it, and cursors.

use super::spend;
use std::io::{self, Seek, SeekFrom};
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Moves to another place in a file or in bytes.
///
/// What `std::io::Seek` is to threads, in two steps: one says where to, the other waits.
/// Users call the methods of [`AsyncSeekExt`](super::AsyncSeekExt).
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};
/// use std::io::Cursor;
///
/// # futures::executor::block_on(async {
/// let mut cursor = Cursor::new(b"abcdef");
/// assert_eq!(cursor.seek(SeekFrom::End(-2)).await?, 4);
/// assert_eq!(cursor.read_u8().await?, b'e');
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncSeek {
    /// Starts to move to `position`.
    ///
    /// Where an earlier move is under way, [`poll_complete`](Self::poll_complete) comes first.
    ///
    /// # Errors
    ///
    /// A position before the start, or a move that is still under way.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncSeek, SeekFrom};
    /// use std::pin::Pin;
    ///
    /// let mut cursor = std::io::Cursor::new(b"abc");
    /// assert!(Pin::new(&mut cursor).start_seek(SeekFrom::Start(1)).is_ok());
    /// assert!(Pin::new(&mut cursor).start_seek(SeekFrom::Current(-2)).is_err());
    /// ```
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()>;

    /// Waits until the move that was started is done, and tells the new position, counted from
    /// the start.
    ///
    /// Where none was started, it is ready at once, with some position.
    ///
    /// # Errors
    ///
    /// Those of the move.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncSeek, SeekFrom};
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let mut cursor = std::io::Cursor::new(b"abc");
    /// Pin::new(&mut cursor).start_seek(SeekFrom::Start(1))?;
    /// assert!(matches!(Pin::new(&mut cursor).poll_complete(&mut cx), Poll::Ready(Ok(1))));
    /// # std::io::Result::Ok(())
    /// ```
    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>>;
}

impl<T: AsyncSeek + Unpin + ?Sized> AsyncSeek for &mut T {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut **self).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut **self).poll_complete(cx)
    }
}

impl<T: AsyncSeek + Unpin + ?Sized> AsyncSeek for Box<T> {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut **self).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut **self).poll_complete(cx)
    }
}

impl<P> AsyncSeek for Pin<P>
where
    P: DerefMut,
    P::Target: AsyncSeek,
{
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.as_deref_mut().start_seek(position)
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        self.as_deref_mut().poll_complete(cx)
    }
}

impl<T: AsRef<[u8]> + Unpin> AsyncSeek for io::Cursor<T> {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Seek::seek(&mut *self, position).map(drop)
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        ready!(spend(cx));
        Poll::Ready(Ok(self.position()))
    }
}
