//! [`Sender`]: the end of a pipe to write to.

use super::{into_blocking, prepare};
use crate::async_io::AsyncWrite;
use crate::base::wait;
use crate::driver::{Reactor, Source};
use crate::net::{WRITE, here, reactor, spend};
use crate::registry::{Interest, Ready, Side};
use std::fmt;
use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The end of a pipe to write to.
///
/// Up to `PIPE_BUF` bytes (4096) are written as one, not mixed with those of others. Once all
/// receivers are gone, writing fails with `BrokenPipe`.
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::unix::pipe;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (mut sender, mut receiver): (pipe::Sender, _) = pipe::pipe()?;
/// sender.write_all(b"hello").await?;
/// assert_eq!(receiver.read(&mut [0; 8]).await?, 5);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct Sender {
    source: Source<mio::unix::pipe::Sender>,
}

impl Sender {
    /// Taken to have room.
    pub(super) fn register(
        pipe: mio::unix::pipe::Sender,
        reactor: Arc<Reactor>,
    ) -> io::Result<Self> {
        let source = Source::new(pipe, WRITE, Ready::WRITABLE, reactor)?;
        Ok(Sender { source })
    }

    pub(super) fn register_fd(fd: OwnedFd, reactor: Arc<Reactor>) -> io::Result<Self> {
        Sender::register(fd.into(), reactor)
    }

    /// Takes over an open file, which must be a pipe that was opened for writing. It is
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
    /// let file = std::fs::File::from(sender.into_nonblocking_fd()?);
    /// let sender = pipe::Sender::from_file(file)?;
    /// # drop((sender, receiver));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_file(file: File) -> io::Result<Sender> {
        let reactor = reactor();
        Sender::register_fd(prepare(file.into(), libc::O_WRONLY)?, reactor)
    }

    /// Takes over a descriptor, which must be a pipe that was opened for writing. It is
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
    /// let fd = sender.into_nonblocking_fd()?;
    /// let sender = pipe::Sender::from_owned_fd(fd)?;
    /// # drop((sender, receiver));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_owned_fd(fd: OwnedFd) -> io::Result<Sender> {
        let reactor = reactor();
        Sender::register_fd(prepare(fd, libc::O_WRONLY)?, reactor)
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
    /// let file = std::fs::File::from(sender.into_nonblocking_fd()?);
    /// let sender = pipe::Sender::from_file_unchecked(file)?;
    /// # drop((sender, receiver));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_file_unchecked(file: File) -> io::Result<Sender> {
        let reactor = reactor();
        Sender::register_fd(file.into(), reactor)
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
    /// let fd = sender.into_nonblocking_fd()?;
    /// let sender = pipe::Sender::from_owned_fd_unchecked(fd)?;
    /// # drop((sender, receiver));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_owned_fd_unchecked(fd: OwnedFd) -> io::Result<Sender> {
        let reactor = reactor();
        Sender::register_fd(fd, reactor)
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
    /// let fd = sender.into_blocking_fd()?;
    /// assert!(!socket2::SockRef::from(&fd).nonblocking()?);
    /// # drop(receiver);
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
    /// let fd = sender.into_nonblocking_fd()?;
    /// assert!(socket2::SockRef::from(&fd).nonblocking()?);
    /// # drop(receiver);
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
    /// let (sender, _receiver) = pipe::pipe()?;
    /// let ready = sender.ready(Interest::WRITABLE).await?;
    /// assert!(ready.is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        here(self.source.readiness(interest))
    }

    /// Waits until there is room to write, or nobody left who reads. Any number of tasks can wait.
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
    /// let (sender, _receiver) = pipe::pipe()?;
    /// sender.writable().await?;
    /// assert_eq!(sender.try_write(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        here(async { self.source.readiness(WRITE).await.map(|_| ()) })
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, _receiver) = pipe::pipe()?;
    /// std::future::poll_fn(|cx| sender.poll_write_ready(cx)).await?;
    /// assert_eq!(sender.try_write(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wait::at(Location::caller(), || {
            self.source.poll_ready(Side::Write, cx)
        })
    }

    /// Writes as much as there is room for, and tells how much.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is no room;
    /// [`writable`](Self::writable) waits for it. Else those of `write(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, _receiver) = pipe::pipe()?;
    /// let wrote = sender.try_write(b"hello")?;
    /// assert_eq!(wrote, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.source.try_io(WRITE, |mut pipe| pipe.write(buf))
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
    /// # use runtime::net::unix::pipe;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (sender, _receiver) = pipe::pipe()?;
    /// let bufs = [b"hel", &b"lo"[..]].map(std::io::IoSlice::new);
    /// assert_eq!(sender.try_write_vectored(&bufs)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.source
            .try_io(WRITE, |mut pipe| pipe.write_vectored(bufs))
    }

    /// Runs an operation of your own, if the pipe is ready to be written to.
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
    /// let (sender, _receiver) = pipe::pipe()?;
    /// use std::os::fd::AsFd;
    ///
    /// sender.writable().await?;
    /// let mut file = std::fs::File::from(sender.as_fd().try_clone_to_owned()?);
    /// let count = sender.try_io(|| std::io::Write::write(&mut file, b"hello"))?;
    /// assert_eq!(count, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_io<R>(&self, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.source.try_once(WRITE, |_| f())
    }
}

impl AsyncWrite for Sender {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = |mut pipe: &mio::unix::pipe::Sender| pipe.write(buf);
        self.source.poll_io(Side::Write, cx, write)
    }

    /// Nothing is kept back here.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        spend(cx).map(Ok)
    }

    /// Does nothing: the pipe is closed when it is dropped.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        spend(cx).map(Ok)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = |mut pipe: &mio::unix::pipe::Sender| pipe.write_vectored(bufs);
        self.source.poll_io(Side::Write, cx, write)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.io().fmt(f)
    }
}

impl AsRawFd for Sender {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl AsFd for Sender {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}
