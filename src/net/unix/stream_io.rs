//! Reading from and writing to a [`UnixStream`].

use super::UnixStream;
use crate::async_io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::base::sync::atomic::Ordering;
use crate::base::wait;
use crate::net::shared::EndWriting;
use crate::net::{READ, WRITE, here, memory, spend};
use crate::registry::{Interest, Ready, Side};
use bytes::BufMut;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Waiting.
impl UnixStream {
    /// Waits until the stream is ready for some of `interest`, and says for what.
    ///
    /// Any number of tasks can wait. The stream may turn out not to be ready after all: the
    /// operation that follows then says [`WouldBlock`](io::ErrorKind::WouldBlock).
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
    /// use runtime::io::{AsyncWriteExt, Interest};
    /// # use runtime::net::UnixStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (client, mut server) = UnixStream::pair()?;
    /// let ready = client.ready(Interest::READABLE | Interest::WRITABLE).await?;
    /// assert!(ready.is_writable());
    /// server.shutdown().await?;
    /// assert!(client.ready(Interest::READABLE).await?.is_readable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        here(self.source.readiness(interest))
    }

    /// Waits until there is something to read, or the end.
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
    /// Reading in any number of tasks, without a buffer in those that wait:
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (client, mut server) = UnixStream::pair()?;
    /// # server.write_all(b"hello").await?;
    /// loop {
    ///     client.readable().await?;
    ///     let mut buffer = [0; 1024];
    ///     match client.try_read(&mut buffer) {
    ///         Ok(count) => {
    ///             assert_eq!(&buffer[..count], b"hello");
    ///             break;
    ///         }
    ///         Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
    ///         Err(error) => return Err(error),
    ///     }
    /// }
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        here(async { self.source.readiness(READ).await.map(|_| ()) })
    }

    /// Waits until there is room to write.
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
    /// client.writable().await?;
    /// assert_eq!(client.try_write(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        here(async { self.source.readiness(WRITE).await.map(|_| ()) })
    }

    /// Whether there is something to read, or the end; the last task that asks is woken.
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
    /// server.write_all(b"hello").await?;
    /// poll_fn(|cx| client.poll_read_ready(cx)).await?;
    /// assert_eq!(client.try_read(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wait::at(Location::caller(), || {
            self.source.poll_ready(Side::Read, cx)
        })
    }

    /// Whether there is room to write; the last task that asks is woken.
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
    /// poll_fn(|cx| client.poll_write_ready(cx)).await?;
    /// assert_eq!(client.try_write(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wait::at(Location::caller(), || {
            self.source.poll_ready(Side::Write, cx)
        })
    }
}

/// Trying, without to wait.
impl UnixStream {
    /// Reads what is there, at most as much as fits. 0 means the end.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is nothing;
    /// [`readable`](Self::readable) waits for it. Else those of `recv(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// server.write_all(b"hello").await?;
    /// client.readable().await?;
    /// assert_eq!(client.try_read(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.source.try_io(READ, |mut stream| stream.read(buf))
    }

    /// [`try_read`](Self::try_read) into several buffers, one after the other.
    ///
    /// # Errors
    ///
    /// Those of [`try_read`](Self::try_read).
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// server.write_all(b"hello").await?;
    /// client.readable().await?;
    /// let (mut one, mut two) = ([0; 2], [0; 8]);
    /// let mut bufs = [&mut one[..], &mut two[..]].map(std::io::IoSliceMut::new);
    /// assert_eq!(client.try_read_vectored(&mut bufs)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.source
            .try_io(READ, |mut stream| stream.read_vectored(bufs))
    }

    /// [`try_read`](Self::try_read) that appends to `buf`, whose memory need not be
    /// initialised.
    ///
    /// # Errors
    ///
    /// Those of [`try_read`](Self::try_read).
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (client, mut server) = UnixStream::pair()?;
    /// # server.write_all(b"hello").await?;
    /// let mut buffer = Vec::with_capacity(1024);
    /// client.readable().await?;
    /// assert_eq!(client.try_read_buf(&mut buffer)?, 5);
    /// assert_eq!(buffer, b"hello");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.source
            .try_io(READ, |stream| memory::recv_buf(stream, buf))
    }

    /// Writes as much as there is room for, and tells how much.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is none;
    /// [`writable`](Self::writable) waits for it. Else those of `send(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// client.writable().await?;
    /// assert_eq!(client.try_write(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.source.try_io(WRITE, |mut stream| stream.write(buf))
    }

    /// [`try_write`](Self::try_write) of several buffers, one after the other.
    ///
    /// # Errors
    ///
    /// Those of [`try_write`](Self::try_write).
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// client.writable().await?;
    /// let bufs = [b"hel", &b"lo"[..]].map(std::io::IoSlice::new);
    /// assert_eq!(client.try_write_vectored(&bufs)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.source
            .try_io(WRITE, |mut stream| stream.write_vectored(bufs))
    }

    /// Runs an operation of your own, if the stream is ready for `interest`.
    ///
    /// It is for operations that this type has no method for. If `f` says
    /// [`WouldBlock`](io::ErrorKind::WouldBlock), the readiness is taken back: it must say
    /// so only if the system did, and must not use the methods of this type.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if the stream is not ready, without calling
    /// `f`; else those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// client.writable().await?;
    /// let send = || socket2::SockRef::from(&client).send(b"hello");
    /// assert_eq!(client.try_io(Interest::WRITABLE, send)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        self.source.try_once(interest, |_| f())
    }

    /// Runs an operation of your own whenever the stream is ready for `interest`, until it
    /// says something else than [`WouldBlock`](io::ErrorKind::WouldBlock).
    ///
    /// See [`try_io`](Self::try_io) for what `f` may do.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncWriteExt, Interest};
    /// # use runtime::net::UnixStream;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (client, mut server) = UnixStream::pair()?;
    /// # server.write_all(b"hello").await?;
    /// let mut memory = [std::mem::MaybeUninit::uninit(); 16];
    /// let peek = || socket2::SockRef::from(&client).peek(&mut memory);
    /// assert_eq!(client.async_io(Interest::READABLE, peek).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        here(self.source.async_io(interest, move |_| f()))
    }
}

/// What the stream and its halves do by `&self`, one task a direction.
impl UnixStream {
    /// Not `poll_stream`: a read stops behind a message that carries descriptors, a short
    /// count alone says nothing. (It would stop at a mark of urgent data too, but of that the
    /// stream is told, being registered for it.) To ask whether there was one costs a third of what
    /// it costs to ask for more in vain; so whoever reads as much as there is is asked for, and whoever
    /// reads lengths that are known beforehand is not.
    #[inline]
    pub(super) fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = |stream: &_| {
            let short = self.reads_short.load(Ordering::Relaxed);
            let (count, is_drained) = match short {
                true => memory::recv_to_end(stream, buf)?,
                false => (memory::recv(stream, buf)?, false),
            };
            let is_short = count > 0 && buf.remaining() > 0;
            if is_short != short {
                // ORDERING: a guess about the next read, and of no other meaning.
                self.reads_short.store(is_short, Ordering::Relaxed);
            }
            Ok(((), is_drained))
        };
        self.source.poll_drain(Side::Read, cx, read)
    }

    #[inline]
    pub(super) fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let write = |mut stream: &mio::net::UnixStream| stream.write(buf);
        self.source.poll_io(Side::Write, cx, write)
    }

    pub(super) fn poll_send_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = |mut stream: &mio::net::UnixStream| stream.write_vectored(bufs);
        self.source.poll_io(Side::Write, cx, write)
    }
}

impl EndWriting for UnixStream {
    fn end_writing(&self) -> io::Result<()> {
        match self.source.shutdown(Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}

impl AsyncRead for UnixStream {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_recv(cx, buf)
    }
}

impl AsyncWrite for UnixStream {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_send(cx, buf)
    }

    /// Nothing is kept back here.
    #[inline]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        spend(cx).map(Ok)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        spend(cx).map(|()| self.end_writing())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_send_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
