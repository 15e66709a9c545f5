//! [`Receiver`]: the end of a pipe to read from.

use super::{into_blocking, prepare};
use crate::async_io::{AsyncRead, ReadBuf};
use crate::base::wait;
use crate::driver::{Reactor, Source};
use crate::net::{READ, here, memory, reactor};
use crate::registry::{Interest, Ready, Side};
use bytes::BufMut;
use std::fmt;
use std::fs::File;
use std::io::{self, IoSliceMut, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The end of a pipe to read from.
///
/// It finds the end once all senders are gone. A pipe with a name can have a new sender after
/// that: reading then goes on.
///
/// # Examples
///
/// ```
/// use runtime::io::AsyncReadExt;
/// use runtime::net::unix::pipe;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (sender, mut receiver): (_, pipe::Receiver) = pipe::pipe()?;
/// drop(sender);
/// assert_eq!(receiver.read(&mut [0; 8]).await?, 0);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct Receiver {
    source: Source<mio::unix::pipe::Receiver>,
}

impl Receiver {
    pub(super) fn register(
        pipe: mio::unix::pipe::Receiver,

        reactor: Arc<Reactor>,
    ) -> io::Result<Self> {
        let source = Source::new(pipe, READ, Ready::EMPTY, reactor)?;
        Ok(Receiver { source })
    }

    pub(super) fn register_fd(fd: OwnedFd, reactor: Arc<Reactor>) -> io::Result<Self> {
        Receiver::register(fd.into(), reactor)
    }

    /// Takes over an open file, which must be a pipe that was opened for reading. It is
    /// made one that does not block.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if it is not such a pipe; or if it cannot be registered.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = pipe::pipe()?;
    /// let file = std::fs::File::from(receiver.into_nonblocking_fd()?);
    /// let receiver = pipe::Receiver::from_file(file)?;
    /// # drop((receiver, sender));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_file(file: File) -> io::Result<Receiver> {
        let reactor = reactor();
        Receiver::register_fd(prepare(file.into(), libc::O_RDONLY)?, reactor)
    }

    /// Takes over a descriptor, which must be a pipe that was opened for reading. It is
    /// made one that does not block.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if it is not such a pipe; or if it cannot be registered.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = pipe::pipe()?;
    /// let fd = receiver.into_nonblocking_fd()?;
    /// let receiver = pipe::Receiver::from_owned_fd(fd)?;
    /// # drop((receiver, sender));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_owned_fd(fd: OwnedFd) -> io::Result<Receiver> {
        let reactor = reactor();
        Receiver::register_fd(prepare(fd, libc::O_RDONLY)?, reactor)
    }

    /// [`from_file`](Self::from_file) without a check: it must not block already, and may be something
    /// else that the system can watch.
    ///
    /// # Errors
    ///
    /// If it cannot be registered.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = pipe::pipe()?;
    /// let file = std::fs::File::from(receiver.into_nonblocking_fd()?);
    /// let receiver = pipe::Receiver::from_file_unchecked(file)?;
    /// # drop((receiver, sender));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_file_unchecked(file: File) -> io::Result<Receiver> {
        let reactor = reactor();
        Receiver::register_fd(file.into(), reactor)
    }

    /// [`from_owned_fd`](Self::from_owned_fd) without a check: it must not block already, and may be something
    /// else that the system can watch.
    ///
    /// # Errors
    ///
    /// If it cannot be registered.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = pipe::pipe()?;
    /// let fd = receiver.into_nonblocking_fd()?;
    /// let receiver = pipe::Receiver::from_owned_fd_unchecked(fd)?;
    /// # drop((receiver, sender));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_owned_fd_unchecked(fd: OwnedFd) -> io::Result<Receiver> {
        let reactor = reactor();
        Receiver::register_fd(fd, reactor)
    }

    /// Gives the pipe up as a descriptor that blocks, for a child process, say.
    ///
    /// # Errors
    ///
    /// If it cannot be deregistered, or made to block.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = pipe::pipe()?;
    /// let fd = receiver.into_blocking_fd()?;
    /// assert!(!socket2::SockRef::from(&fd).nonblocking()?);
    /// # drop(sender);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
        into_blocking(self.into_nonblocking_fd()?)
    }

    /// Gives the pipe up as a descriptor that does not block.
    ///
    /// # Errors
    ///
    /// If it cannot be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = pipe::pipe()?;
    /// let fd = receiver.into_nonblocking_fd()?;
    /// assert!(socket2::SockRef::from(&fd).nonblocking()?);
    /// # drop(sender);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
        self.source.into_inner().map(Into::into)
    }

    /// Waits until the pipe is ready for some of `interest`, and says for what. Any number of
    /// tasks can wait.
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (mut sender, receiver) = pipe::pipe()?;
    /// sender.write_all(b"hello").await?;
    /// let ready = receiver.ready(Interest::READABLE).await?;
    /// assert!(ready.is_readable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        here(self.source.readiness(interest))
    }

    /// Waits until there is something to read, or the end. Any number of tasks can wait.
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (mut sender, receiver) = pipe::pipe()?;
    /// sender.write_all(b"hello").await?;
    /// receiver.readable().await?;
    /// assert_eq!(receiver.try_read(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        here(async { self.source.readiness(READ).await.map(|_| ()) })
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (mut sender, receiver) = pipe::pipe()?;
    /// sender.write_all(b"hello").await?;
    /// std::future::poll_fn(|cx| receiver.poll_read_ready(cx)).await?;
    /// assert_eq!(receiver.try_read(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wait::at(Location::caller(), || {
            self.source.poll_ready(Side::Read, cx)
        })
    }

    /// Reads what is there, at most as much as fits. 0 means the end.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is nothing;
    /// [`readable`](Self::readable) waits for it. Else those of `read(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = pipe::pipe()?;
    /// let nothing = receiver.try_read(&mut [0; 8]).unwrap_err();
    /// assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    /// # drop(sender);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.source.try_io(READ, |mut pipe| pipe.read(buf))
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (mut sender, receiver) = pipe::pipe()?;
    /// sender.write_all(b"hello").await?;
    /// receiver.readable().await?;
    /// let (mut one, mut two) = ([0; 2], [0; 8]);
    /// let mut bufs = [&mut one[..], &mut two[..]].map(std::io::IoSliceMut::new);
    /// assert_eq!(receiver.try_read_vectored(&mut bufs)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.source
            .try_io(READ, |mut pipe| pipe.read_vectored(bufs))
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (mut sender, receiver) = pipe::pipe()?;
    /// sender.write_all(b"hello").await?;
    /// receiver.readable().await?;
    /// let mut buffer = Vec::with_capacity(8);
    /// assert_eq!(receiver.try_read_buf(&mut buffer)?, 5);
    /// assert_eq!(buffer, b"hello");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.source.try_io(READ, |pipe| memory::read_buf(pipe, buf))
    }

    /// Runs an operation of your own, if the pipe is ready to be read from.
    ///
    /// If `f` says [`WouldBlock`](io::ErrorKind::WouldBlock), the readiness is taken back: it
    /// must say so only if the system did, and must not use the methods of this type.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if the pipe is not ready, without calling `f`;
    /// else those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (mut sender, receiver) = pipe::pipe()?;
    /// use std::os::fd::AsFd;
    ///
    /// sender.write_all(b"hello").await?;
    /// receiver.readable().await?;
    /// let mut file = std::fs::File::from(receiver.as_fd().try_clone_to_owned()?);
    /// let count = receiver.try_io(|| std::io::Read::read(&mut file, &mut [0; 8]))?;
    /// assert_eq!(count, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_io<R>(&self, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.source.try_once(READ, |_| f())
    }
}

impl AsyncRead for Receiver {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = |pipe: &_| memory::read(pipe, buf).map(|_| ());
        self.source.poll_io(Side::Read, cx, read)
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.io().fmt(f)
    }
}

impl AsRawFd for Receiver {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl AsFd for Receiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}
