//! Reading and writing by functions, for those who have no use for a method: into a buffer
//! that grows, into memory that is shared at once, out of many slices.

use super::{AsyncRead, AsyncReadExt, AsyncWrite, located, poll_read_buf};
use crate::base::wait;
use bytes::BufMut;
use std::future::Future;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Reads once, into `buf`; returns how many bytes came, 0 at the end or if `buf` is full.
///
/// [`AsyncReadExt::read_buf`] as a function.
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
/// # futures::executor::block_on(async {
/// let mut buf = Vec::new();
/// assert_eq!(runtime::io::read_buf(&mut &b"abc"[..], &mut buf).await?, 3);
/// assert_eq!(buf, b"abc");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn read_buf<R, B>(read: &mut R, buf: &mut B) -> impl Future<Output = io::Result<usize>>
where
    R: AsyncRead + Unpin,
    B: BufMut,
{
    located(move |cx| poll_read_buf(Pin::new(&mut *read), cx, buf))
}

/// Reads exactly `len` bytes, into memory that can be shared.
///
/// # Errors
///
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if the reader ends before; those of the
/// reader.
///
/// # Cancel safety
///
/// Not cancel safe: what was read is lost.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let shared = runtime::io::read_exact_arc(runtime::io::repeat(42), 4).await?;
/// assert_eq!(shared[..], [42; 4]);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn read_exact_arc<R: AsyncRead>(
    read: R,
    len: usize,
) -> impl Future<Output = io::Result<Arc<[u8]>>> {
    let location = Location::caller();
    async move {
        let mut reader = pin!(read);
        let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, len).collect();
        // PANIC: nobody else has it yet.
        let unshared = Arc::get_mut(&mut bytes).expect("it is not shared yet");
        let mut reading = pin!(reader.read_exact(unshared));
        std::future::poll_fn(|cx| wait::at(location, || reading.as_mut().poll(cx))).await?;
        Ok(bytes)
    }
}

/// Writes all that is in `bufs`, several slices at a time where the writer can. A write that a
/// signal interrupts is repeated.
///
/// The slices are moved on as they are written: what they are afterwards is not to be relied
/// upon.
///
/// # Errors
///
/// [`WriteZero`](io::ErrorKind::WriteZero) if the writer takes no more; those of the writer.
///
/// # Cancel safety
///
/// Not cancel safe: some of it may be written, and nobody tells how much.
///
/// # Examples
///
/// ```
/// use std::io::IoSlice;
///
/// # futures::executor::block_on(async {
/// let mut written = Vec::new();
/// let slices = &mut [IoSlice::new(b"two "), IoSlice::new(b"slices")];
/// runtime::io::write_all_vectored(&mut written, slices).await?;
/// assert_eq!(written, b"two slices");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn write_all_vectored<'a, 'b, W>(
    writer: &'a mut W,
    bufs: &'a mut [IoSlice<'b>],
) -> WriteAllVectored<'a, 'b, W>
where
    W: AsyncWrite + Unpin + ?Sized,
{
    WriteAllVectored {
        writer,
        bufs,
        location: Location::caller(),
    }
}

/// What [`write_all_vectored`] returns.
///
/// # Examples
///
/// ```
/// use std::io::IoSlice;
///
/// # futures::executor::block_on(async {
/// let mut written = Vec::new();
/// let slices = &mut [IoSlice::new(b"abc")];
/// let writing: runtime::io::WriteAllVectored<'_, '_, _> =
///     runtime::io::write_all_vectored(&mut written, slices);
/// writing.await?;
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WriteAllVectored<'a, 'b, W: ?Sized> {
    writer: &'a mut W,
    bufs: &'a mut [IoSlice<'b>],
    location: &'static Location<'static>,
}

impl<W: AsyncWrite + Unpin + ?Sized> WriteAllVectored<'_, '_, W> {
    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Empty slices at the front go, so that no write is for nothing.
        IoSlice::advance_slices(&mut self.bufs, 0);
        while !self.bufs.is_empty() {
            let writer = Pin::new(&mut *self.writer);
            match ready!(writer.poll_write_vectored(cx, self.bufs)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(written) => IoSlice::advance_slices(&mut self.bufs, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteAllVectored<'_, '_, W> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wait::told(self.location, self.poll_all(cx))
    }
}
