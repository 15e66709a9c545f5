//! [`AsyncWrite`], and who has it: pointers to writers, and bytes in memory.

use super::spend;
use std::io::{self, IoSlice, Write};
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Writes bytes, or says when to try again.
///
/// What `std::io::Write` is to threads, and an orderly end
/// ([`poll_shutdown`](Self::poll_shutdown)).
/// Users call the methods of [`AsyncWriteExt`](super::AsyncWriteExt), which every writer has; this
/// trait is for those who write a writer, or an adapter around one.
///
/// # Examples
///
/// A writer that counts what goes through:
///
/// ```
/// use runtime::io::{self, AsyncWrite, AsyncWriteExt};
/// use std::pin::Pin;
/// use std::task::{Context, Poll, ready};
///
/// struct Count<W>(W, usize);
///
/// impl<W: AsyncWrite + Unpin> AsyncWrite for Count<W> {
///     fn poll_write(
///         mut self: Pin<&mut Self>,
///         cx: &mut Context<'_>,
///         buf: &[u8],
///     ) -> Poll<io::Result<usize>> {
///         let written = ready!(Pin::new(&mut self.0).poll_write(cx, buf))?;
///         self.1 += written;
///         Poll::Ready(Ok(written))
///     }
///     fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
///         Pin::new(&mut self.0).poll_flush(cx)
///     }
///     fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
///         Pin::new(&mut self.0).poll_shutdown(cx)
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let mut writer = Count(Vec::new(), 0);
/// writer.write_all(b"hello").await?;
/// assert_eq!(writer.1, 5);
/// # io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncWrite {
    /// Writes some of `buf`, and tells how much.
    ///
    /// * `Ready(Ok(n))`: the first `n` bytes were taken. 0, although `buf` is not empty,
    ///   means that this writer takes no more.
    /// * `Pending`: nothing was taken, and the task is woken when it is worth another try.
    /// * `Ready(Err(..))`: nothing was taken.
    ///
    /// # Errors
    ///
    /// Those of the sink.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncWrite;
    /// use std::pin::Pin;
    /// use std::task::{Context, Waker};
    ///
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let mut bytes = Vec::new();
    /// assert!(Pin::new(&mut bytes).poll_write(&mut cx, b"abc").is_ready());
    /// assert_eq!(bytes, b"abc");
    /// ```
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>>;

    /// Passes on what was taken and is still kept back here.
    ///
    /// # Errors
    ///
    /// Those of the sink.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncWrite, BufWriter};
    /// use std::future::poll_fn;
    /// use std::pin::Pin;
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = BufWriter::new(Vec::new());
    /// poll_fn(|cx| Pin::new(&mut writer).poll_write(cx, b"kept")).await?;
    /// assert!(writer.get_ref().is_empty());
    /// poll_fn(|cx| Pin::new(&mut writer).poll_flush(cx)).await?;
    /// assert_eq!(writer.get_ref(), b"kept");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ends this direction in order: what was taken is passed on, and the other side
    /// sees an end instead of a break.
    ///
    /// Once it was ready, the writer is not to be written to any more.
    ///
    /// # Errors
    ///
    /// Those of the sink.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncWrite, duplex};
    /// use std::future::poll_fn;
    /// use std::pin::Pin;
    ///
    /// # futures::executor::block_on(async {
    /// let (mut here, mut there) = duplex(8);
    /// poll_fn(|cx| Pin::new(&mut here).poll_shutdown(cx)).await?;
    /// assert_eq!(there.read(&mut [0; 4]).await?, 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// [`poll_write`](Self::poll_write) for several slices, one after the other, in one
    /// operation.
    ///
    /// A writer that has none writes the first slice that isn't empty.
    ///
    /// # Errors
    ///
    /// Those of the sink.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncWrite;
    /// use std::future::poll_fn;
    /// use std::io::IoSlice;
    /// use std::pin::Pin;
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = Vec::new();
    /// let parts = [IoSlice::new(b"two "), IoSlice::new(b"parts")];
    /// poll_fn(|cx| Pin::new(&mut writer).poll_write_vectored(cx, &parts)).await?;
    /// assert_eq!(writer, b"two parts");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = bufs.iter().find(|buf| !buf.is_empty());
        self.poll_write(cx, first.map_or(&[], |buf| &**buf))
    }

    /// Whether [`poll_write_vectored`](Self::poll_write_vectored) writes more than one
    /// slice, so that it isn't worth the while to copy them together first.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncWrite;
    ///
    /// assert!(Vec::new().is_write_vectored());
    /// ```
    fn is_write_vectored(&self) -> bool {
        false
    }
}

/// The five methods, passed on to what the expression gives, which is a `Pin<&mut W>`.
macro_rules! pass_on_writes {
    ($self:ident, $cx:ident => $inner:expr) => {
        fn poll_write(
            $self: Pin<&mut Self>,
            $cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            $inner.poll_write($cx, buf)
        }

        fn poll_flush($self: Pin<&mut Self>, $cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            $inner.poll_flush($cx)
        }

        fn poll_shutdown($self: Pin<&mut Self>, $cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            $inner.poll_shutdown($cx)
        }

        fn poll_write_vectored(
            $self: Pin<&mut Self>,
            $cx: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            $inner.poll_write_vectored($cx, bufs)
        }
    };
}
pub(super) use pass_on_writes;

impl<T: AsyncWrite + Unpin + ?Sized> AsyncWrite for &mut T {
    pass_on_writes!(self, cx => Pin::new(&mut **self.get_mut()));

    fn is_write_vectored(&self) -> bool {
        (**self).is_write_vectored()
    }
}

impl<T: AsyncWrite + Unpin + ?Sized> AsyncWrite for Box<T> {
    pass_on_writes!(self, cx => Pin::new(&mut **self.get_mut()));

    fn is_write_vectored(&self) -> bool {
        (**self).is_write_vectored()
    }
}

impl<P> AsyncWrite for Pin<P>
where
    P: DerefMut,
    P::Target: AsyncWrite,
{
    pass_on_writes!(self, cx => self.as_deref_mut());

    fn is_write_vectored(&self) -> bool {
        (**self).is_write_vectored()
    }
}

/// The methods of a writer into memory: std's, each for a unit of the budget.
macro_rules! write_as_std_does {
    () => {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            ready!(spend(cx));
            Poll::Ready(Write::write(&mut *self, buf))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            ready!(spend(cx));
            Poll::Ready(Write::write_vectored(&mut *self, bufs))
        }

        fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            spend(cx).map(Ok)
        }

        fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            spend(cx).map(Ok)
        }

        fn is_write_vectored(&self) -> bool {
            true
        }
    };
}

impl AsyncWrite for Vec<u8> {
    write_as_std_does!();
}

impl AsyncWrite for io::Cursor<&mut [u8]> {
    write_as_std_does!();
}

impl AsyncWrite for io::Cursor<&mut Vec<u8>> {
    write_as_std_does!();
}

impl AsyncWrite for io::Cursor<Vec<u8>> {
    write_as_std_does!();
}

impl AsyncWrite for io::Cursor<Box<[u8]>> {
    write_as_std_does!();
}
