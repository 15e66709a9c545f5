//! The two halves of a stream that is shared.

use super::{SocketAddr, UnixStream};
use crate::async_io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::net::shared::{self, Reading, Writing};
use crate::net::spend;
use crate::registry::{Interest, Ready};
use bytes::BufMut;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The reading half of a [`UnixStream`]. Made by [`UnixStream::into_split`].
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::UnixStream;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (one, mut other) = UnixStream::pair()?;
/// let (mut reader, _writer) = one.into_split();
/// let reading = runtime::spawn(async move { reader.read_u8().await });
/// other.write_u8(7).await?;
/// assert_eq!(reading.await??, 7);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct OwnedReadHalf {
    stream: Reading<UnixStream>,
}

/// The writing half of a [`UnixStream`]. Made by [`UnixStream::into_split`].
///
/// Dropping it ends the direction that it writes, as
/// [`shutdown`](crate::io::AsyncWriteExt::shutdown) does: the peer reads what was written
/// and then the end. [`forget`](Self::forget) drops it without that.
///
/// # Examples
///
/// ```
/// use runtime::io::AsyncReadExt;
/// use runtime::net::UnixStream;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (one, mut other) = UnixStream::pair()?;
/// let (_reader, writer) = one.into_split();
/// drop(writer);
/// assert_eq!(other.read(&mut [0; 8]).await?, 0);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct OwnedWriteHalf {
    stream: Writing<UnixStream>,
}

/// Two halves that are not of one stream.
///
/// Returned by [`OwnedReadHalf::reunite`] and [`OwnedWriteHalf::reunite`].
///
/// # Examples
///
/// ```
/// use runtime::net::{UnixStream, unix};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (one, other) = UnixStream::pair()?;
/// let unix::ReuniteError(reader, _) = one.into_split().0.reunite(other.into_split().1).unwrap_err();
/// assert!(reader.peer_addr().is_ok());
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two halves are not of one stream")
    }
}

impl std::error::Error for ReuniteError {}

pub(super) fn split(stream: UnixStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    let (reading, writing) = shared::share(stream);
    let read = OwnedReadHalf { stream: reading };
    let write = OwnedWriteHalf { stream: writing };
    (read, write)
}

fn reunite(read: OwnedReadHalf, write: OwnedWriteHalf) -> Result<UnixStream, ReuniteError> {
    shared::reunite(read.stream, write.stream).map_err(|(reading, writing)| {
        let read = OwnedReadHalf { stream: reading };
        let write = OwnedWriteHalf { stream: writing };
        ReuniteError(read, write)
    })
}

impl OwnedReadHalf {
    /// Makes the stream whole again.
    ///
    /// # Errors
    ///
    /// If the halves are not of one stream; they are in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (stream, _peer) = UnixStream::pair()?;
    /// let (reader, writer) = stream.into_split();
    /// let stream = reader.reunite(writer).expect("both are of the same stream");
    /// # drop(stream);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn reunite(self, other: OwnedWriteHalf) -> Result<UnixStream, ReuniteError> {
        reunite(self, other)
    }

    /// Waits until the stream is ready for some of `interest`; see [`UnixStream::ready`].
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// server.write_all(b"hello").await?;
    /// assert!(reader.ready(Interest::READABLE).await?.is_readable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        self.stream.ready(interest)
    }

    /// Waits until there is something to read, or the end; see [`UnixStream::readable`].
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// server.write_all(b"hello").await?;
    /// reader.readable().await?;
    /// assert_eq!(reader.try_read(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        self.stream.readable()
    }

    /// Reads what is there; see [`UnixStream::try_read`].
    ///
    /// # Errors
    ///
    /// Those of [`UnixStream::try_read`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// server.write_all(b"hello").await?;
    /// reader.readable().await?;
    /// assert_eq!(reader.try_read(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.try_read(buf)
    }

    /// Reads into several buffers; see [`UnixStream::try_read_vectored`].
    ///
    /// # Errors
    ///
    /// Those of [`UnixStream::try_read`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// server.write_all(b"hello").await?;
    /// reader.readable().await?;
    /// let (mut one, mut two) = ([0; 2], [0; 8]);
    /// let mut bufs = [&mut one[..], &mut two[..]].map(std::io::IoSliceMut::new);
    /// assert_eq!(reader.try_read_vectored(&mut bufs)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.stream.try_read_vectored(bufs)
    }

    /// Appends to `buf` what is there; see [`UnixStream::try_read_buf`].
    ///
    /// # Errors
    ///
    /// Those of [`UnixStream::try_read`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// server.write_all(b"hello").await?;
    /// reader.readable().await?;
    /// let mut buffer = Vec::with_capacity(8);
    /// assert_eq!(reader.try_read_buf(&mut buffer)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.stream.try_read_buf(buf)
    }

    /// The peer's address.
    ///
    /// # Errors
    ///
    /// Those of `getpeername(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// assert!(reader.peer_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }

    /// Our address.
    ///
    /// # Errors
    ///
    /// Those of `getsockname(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// assert!(reader.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }
}

impl OwnedWriteHalf {
    /// Makes the stream whole again. See [`OwnedReadHalf::reunite`].
    ///
    /// # Errors
    ///
    /// If the halves are not of one stream; they are in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// let client = writer.reunite(reader).expect("both are of the same stream");
    /// # drop(client);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn reunite(self, other: OwnedReadHalf) -> Result<UnixStream, ReuniteError> {
        reunite(other, self)
    }

    /// Drops this half without ending the direction that it writes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (client, server) = UnixStream::pair()?;
    /// let (reader, writer) = client.into_split();
    /// writer.forget();
    /// let nothing = server.try_read(&mut [0; 1]).unwrap_err();
    /// assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    /// # drop(reader);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn forget(self) {
        self.stream.forget();
    }

    /// Waits until the stream is ready for some of `interest`; see [`UnixStream::ready`].
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// assert!(writer.ready(Interest::WRITABLE).await?.is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        self.stream.ready(interest)
    }

    /// Waits until there is room to write; see [`UnixStream::writable`].
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// writer.writable().await?;
    /// assert_eq!(writer.try_write(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        self.stream.writable()
    }

    /// Writes as much as there is room for; see [`UnixStream::try_write`].
    ///
    /// # Errors
    ///
    /// Those of [`UnixStream::try_write`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// writer.writable().await?;
    /// assert_eq!(writer.try_write(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.stream.try_write(buf)
    }

    /// Writes several buffers; see [`UnixStream::try_write_vectored`].
    ///
    /// # Errors
    ///
    /// Those of [`UnixStream::try_write`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// writer.writable().await?;
    /// let bufs = [b"hel", &b"lo"[..]].map(std::io::IoSlice::new);
    /// assert_eq!(writer.try_write_vectored(&bufs)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.stream.try_write_vectored(bufs)
    }

    /// The peer's address.
    ///
    /// # Errors
    ///
    /// Those of `getpeername(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// assert!(writer.peer_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }

    /// Our address.
    ///
    /// # Errors
    ///
    /// Those of `getsockname(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// assert!(writer.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }
}

impl AsRef<UnixStream> for OwnedReadHalf {
    fn as_ref(&self) -> &UnixStream {
        &self.stream
    }
}

impl AsRef<UnixStream> for OwnedWriteHalf {
    fn as_ref(&self) -> &UnixStream {
        &self.stream
    }
}

impl AsyncRead for OwnedReadHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.poll_recv(cx, buf)
    }
}

impl AsyncWrite for OwnedWriteHalf {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_send(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        spend(cx).map(Ok)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        spend(cx).map(|()| self.get_mut().stream.end())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_send_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
