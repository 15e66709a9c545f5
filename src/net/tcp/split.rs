//! The two halves of a stream that is borrowed.

use super::TcpStream;
use crate::async_io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::net::shared::EndWriting;
use crate::net::spend;
use crate::registry::{Interest, Ready};
use bytes::BufMut;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The reading half of a borrowed [`TcpStream`]. Made by [`TcpStream::split`].
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{TcpListener, TcpStream, tcp};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let mut one = TcpStream::connect(listener.local_addr()?).await?;
/// let (mut other, _) = listener.accept().await?;
/// other.write_u8(7).await?;
/// let mut reader: tcp::ReadHalf<'_> = one.split().0;
/// assert_eq!(reader.read_u8().await?, 7);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct ReadHalf<'a>(&'a TcpStream);

/// The writing half of a borrowed [`TcpStream`]. Made by [`TcpStream::split`].
///
/// [`shutdown`](crate::io::AsyncWriteExt::shutdown) ends the direction that it writes;
/// dropping it does nothing.
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{TcpListener, TcpStream, tcp};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let mut one = TcpStream::connect(listener.local_addr()?).await?;
/// let (mut other, _) = listener.accept().await?;
/// let mut writer: tcp::WriteHalf<'_> = one.split().1;
/// writer.write_u8(7).await?;
/// assert_eq!(other.read_u8().await?, 7);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct WriteHalf<'a>(&'a TcpStream);

pub(super) fn split(stream: &mut TcpStream) -> (ReadHalf<'_>, WriteHalf<'_>) {
    (ReadHalf(stream), WriteHalf(stream))
}

impl ReadHalf<'_> {
    /// Appends to `buf` what the next read will find; see [`TcpStream::poll_peek`].
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::peek`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// server.write_all(b"hello").await?;
    /// let mut memory = [0; 8];
    /// let mut buffer = ReadBuf::new(&mut memory);
    /// assert_eq!(poll_fn(|cx| reader.poll_peek(cx, &mut buffer)).await?, 5);
    /// assert_eq!(reader.read(&mut [0; 8]).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_peek(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        self.0.poll_peek(cx, buf)
    }

    /// Reads without taking what is read; see [`TcpStream::peek`].
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::peek`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// server.write_all(b"hello").await?;
    /// assert_eq!(reader.peek(&mut [0; 8]).await?, 5);
    /// assert_eq!(reader.read(&mut [0; 8]).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn peek(&mut self, buf: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        self.0.peek(buf)
    }

    /// Waits until the stream is ready for some of `interest`; see [`TcpStream::ready`].
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// server.write_all(b"hello").await?;
    /// assert!(reader.ready(Interest::READABLE).await?.is_readable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        self.0.ready(interest)
    }

    /// Waits until there is something to read, or the end; see [`TcpStream::readable`].
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// server.write_all(b"hello").await?;
    /// reader.readable().await?;
    /// assert_eq!(reader.try_read(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        self.0.readable()
    }

    /// Reads what is there; see [`TcpStream::try_read`].
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::try_read`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// server.write_all(b"hello").await?;
    /// reader.readable().await?;
    /// assert_eq!(reader.try_read(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buf)
    }

    /// Reads into several buffers; see [`TcpStream::try_read_vectored`].
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::try_read`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// server.write_all(b"hello").await?;
    /// reader.readable().await?;
    /// let (mut one, mut two) = ([0; 2], [0; 8]);
    /// let mut bufs = [&mut one[..], &mut two[..]].map(std::io::IoSliceMut::new);
    /// assert_eq!(reader.try_read_vectored(&mut bufs)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.try_read_vectored(bufs)
    }

    /// Appends to `buf` what is there; see [`TcpStream::try_read_buf`].
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::try_read`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// server.write_all(b"hello").await?;
    /// reader.readable().await?;
    /// let mut buffer = Vec::with_capacity(8);
    /// assert_eq!(reader.try_read_buf(&mut buffer)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.0.try_read_buf(buf)
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// assert_eq!(reader.peer_addr()?, server.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// assert_eq!(reader.local_addr()?, server.peer_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl WriteHalf<'_> {
    /// Waits until the stream is ready for some of `interest`; see [`TcpStream::ready`].
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// assert!(writer.ready(Interest::WRITABLE).await?.is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        self.0.ready(interest)
    }

    /// Waits until there is room to write; see [`TcpStream::writable`].
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// writer.writable().await?;
    /// assert_eq!(writer.try_write(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        self.0.writable()
    }

    /// Writes as much as there is room for; see [`TcpStream::try_write`].
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::try_write`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// writer.writable().await?;
    /// assert_eq!(writer.try_write(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.try_write(buf)
    }

    /// Writes several buffers; see [`TcpStream::try_write_vectored`].
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::try_write`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// writer.writable().await?;
    /// let bufs = [b"hel", &b"lo"[..]].map(std::io::IoSlice::new);
    /// assert_eq!(writer.try_write_vectored(&bufs)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(bufs)
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// assert_eq!(writer.peer_addr()?, server.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = client.split();
    /// assert_eq!(writer.local_addr()?, server.peer_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl AsRef<TcpStream> for ReadHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.0
    }
}

impl AsRef<TcpStream> for WriteHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.0
    }
}

impl AsyncRead for ReadHalf<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.poll_recv(cx, buf)
    }
}

impl AsyncWrite for WriteHalf<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_send(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        spend(cx).map(Ok)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        spend(cx).map(|()| self.0.end_writing())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_send_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
