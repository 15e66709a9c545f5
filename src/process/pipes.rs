//! The ends of a child's pipes that stay here.

use crate::async_io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::base::budget;
use crate::driver::{Reactor, Source};
use crate::registry::{Interest, Ready, Side};
use crate::rt;
use mio::unix::pipe::{Receiver, Sender};
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// The pipe to a child's standard input.
///
/// Dropping it tells the child of the end; `shutdown` alone does not. A child that doesn't
/// read makes writing fail with [`BrokenPipe`](io::ErrorKind::BrokenPipe) once it has closed
/// its end.
///
/// # Examples
///
/// ```
/// use runtime::{io::AsyncWriteExt, process::Command};
/// use std::process::Stdio;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut child = Command::new("cat")
///     .stdin(Stdio::piped())
///     .stdout(Stdio::piped())
///     .spawn()?;
/// let mut stdin = child.stdin.take().unwrap();
/// stdin.write_all(b"meow").await?;
/// drop(stdin);
/// assert_eq!(child.wait_with_output().await?.stdout, b"meow");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct ChildStdin {
    source: Source<Sender>,
}

/// The pipe from a child's standard output.
///
/// # Examples
///
/// ```
/// use runtime::{io::AsyncReadExt, process::Command};
/// use std::process::Stdio;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut child = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn()?;
/// let mut text = String::new();
/// child.stdout.take().unwrap().read_to_string(&mut text).await?;
/// assert_eq!(text, "hello\n");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct ChildStdout {
    source: Source<Receiver>,
}

/// The pipe from a child's standard error.
///
/// # Examples
///
/// ```
/// use runtime::{io::AsyncReadExt, process::Command};
/// use std::process::Stdio;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut child = Command::new("sh").args(["-c", "echo no >&2"]).stderr(Stdio::piped()).spawn()?;
/// let mut text = String::new();
/// child.stderr.take().unwrap().read_to_string(&mut text).await?;
/// assert_eq!(text, "no\n");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct ChildStderr {
    source: Source<Receiver>,
}

/// The current runtime's reactor.
#[track_caller]
fn reactor() -> Arc<Reactor> {
    rt::reactor()
}

fn sender(pipe: Sender, reactor: Arc<Reactor>) -> io::Result<Source<Sender>> {
    pipe.set_nonblocking(true)?;
    Source::new(pipe, Interest::WRITABLE, Ready::WRITABLE, reactor)
}

fn receiver(pipe: Receiver, reactor: Arc<Reactor>) -> io::Result<Source<Receiver>> {
    pipe.set_nonblocking(true)?;
    Source::new(pipe, Interest::READABLE, Ready::READABLE, reactor)
}

fn poll_read(
    source: &Source<Receiver>,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let memory = buf.initialize_unfilled();
    let count = ready!(
        source.poll_stream(Side::Read, cx, memory.len(), |mut pipe| {
            pipe.read(memory)
        })
    )?;
    buf.advance(count);
    Poll::Ready(Ok(()))
}

impl ChildStdin {
    pub(super) fn new(pipe: std::process::ChildStdin, reactor: Arc<Reactor>) -> io::Result<Self> {
        let source = sender(Sender::from(pipe), reactor)?;
        Ok(ChildStdin { source })
    }

    /// The pipe to a child that std has spawned.
    ///
    /// # Errors
    ///
    /// If the pipe can't be registered, or the runtime is shut down.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::{io::AsyncWriteExt, process::ChildStdin};
    /// use std::process::{Command, Stdio};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    /// let mut stdin = ChildStdin::from_std(child.stdin.take().unwrap())?;
    /// stdin.write_all(b"meow").await?;
    /// drop(stdin);
    /// assert!(child.wait()?.success());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_std(inner: std::process::ChildStdin) -> io::Result<Self> {
        ChildStdin::new(inner, reactor())
    }

    /// The descriptor, which blocks from now on, and belongs to no runtime.
    ///
    /// # Errors
    ///
    /// If it can't be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # use std::{io::Write, process::Stdio};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    /// let descriptor = child.stdin.take().unwrap().into_owned_fd()?;
    /// std::fs::File::from(descriptor).write_all(b"meow")?;
    /// assert!(child.wait().await?.success());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
        let pipe = self.source.into_inner()?;
        pipe.set_nonblocking(false)?;
        Ok(pipe.into())
    }
}

impl ChildStdout {
    pub(super) fn new(pipe: std::process::ChildStdout, reactor: Arc<Reactor>) -> io::Result<Self> {
        let source = receiver(Receiver::from(pipe), reactor)?;
        Ok(ChildStdout { source })
    }

    /// The pipe from a child that std has spawned.
    ///
    /// # Errors
    ///
    /// If the pipe can't be registered, or the runtime is shut down.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::{io::AsyncReadExt, process::ChildStdout};
    /// use std::process::{Command, Stdio};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("sh").args(["-c", "echo hello"]).stdout(Stdio::piped()).spawn()?;
    /// let mut stdout = ChildStdout::from_std(child.stdout.take().unwrap())?;
    /// let mut text = String::new();
    /// stdout.read_to_string(&mut text).await?;
    /// assert_eq!(text, "hello\n");
    /// # child.wait().map(drop) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_std(inner: std::process::ChildStdout) -> io::Result<Self> {
        ChildStdout::new(inner, reactor())
    }

    /// The descriptor, which blocks from now on, and belongs to no runtime.
    ///
    /// # Errors
    ///
    /// If it can't be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # use std::process::Stdio;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("sh").args(["-c", "echo hello"]).stdout(Stdio::piped()).spawn()?;
    /// let descriptor = child.stdout.take().unwrap().into_owned_fd()?;
    /// assert_eq!(std::io::read_to_string(std::fs::File::from(descriptor))?, "hello\n");
    /// # child.wait().await.map(drop) }).unwrap();
    /// ```
    pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
        let pipe = self.source.into_inner()?;
        pipe.set_nonblocking(false)?;
        Ok(pipe.into())
    }
}

impl AsyncRead for ChildStdout {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        poll_read(&self.source, cx, buf)
    }
}

impl AsFd for ChildStdout {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}

impl AsRawFd for ChildStdout {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl TryFrom<ChildStdout> for Stdio {
    type Error = io::Error;

    /// For another child to read.
    fn try_from(pipe: ChildStdout) -> io::Result<Stdio> {
        pipe.into_owned_fd().map(Stdio::from)
    }
}

impl ChildStderr {
    pub(super) fn new(pipe: std::process::ChildStderr, reactor: Arc<Reactor>) -> io::Result<Self> {
        let source = receiver(Receiver::from(pipe), reactor)?;
        Ok(ChildStderr { source })
    }

    /// The pipe from a child that std has spawned.
    ///
    /// # Errors
    ///
    /// If the pipe can't be registered, or the runtime is shut down.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::{io::AsyncReadExt, process::ChildStderr};
    /// use std::process::{Command, Stdio};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("sh").args(["-c", "echo hello >&2"]).stderr(Stdio::piped()).spawn()?;
    /// let mut stderr = ChildStderr::from_std(child.stderr.take().unwrap())?;
    /// let mut text = String::new();
    /// stderr.read_to_string(&mut text).await?;
    /// assert_eq!(text, "hello\n");
    /// # child.wait().map(drop) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_std(inner: std::process::ChildStderr) -> io::Result<Self> {
        ChildStderr::new(inner, reactor())
    }

    /// The descriptor, which blocks from now on, and belongs to no runtime.
    ///
    /// # Errors
    ///
    /// If it can't be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::process::Command;
    /// # use std::process::Stdio;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut child = Command::new("sh").args(["-c", "echo hello >&2"]).stderr(Stdio::piped()).spawn()?;
    /// let descriptor = child.stderr.take().unwrap().into_owned_fd()?;
    /// assert_eq!(std::io::read_to_string(std::fs::File::from(descriptor))?, "hello\n");
    /// # child.wait().await.map(drop) }).unwrap();
    /// ```
    pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
        let pipe = self.source.into_inner()?;
        pipe.set_nonblocking(false)?;
        Ok(pipe.into())
    }
}

impl AsyncRead for ChildStderr {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        poll_read(&self.source, cx, buf)
    }
}

impl AsFd for ChildStderr {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}

impl AsRawFd for ChildStderr {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl TryFrom<ChildStderr> for Stdio {
    type Error = io::Error;

    /// For another child to read.
    fn try_from(pipe: ChildStderr) -> io::Result<Stdio> {
        pipe.into_owned_fd().map(Stdio::from)
    }
}

impl AsyncWrite for ChildStdin {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = |mut pipe: &Sender| pipe.write(buf);
        self.source.poll_stream(Side::Write, cx, buf.len(), write)
    }

    /// Nothing is kept back here.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(budget::poll_proceed(cx)).made_progress();
        Poll::Ready(Ok(()))
    }

    /// A pipe is shut down by closing it: drop it.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // With more buffers than the system takes, a short count doesn't mean "full".
        let write = |mut pipe: &Sender| pipe.write_vectored(bufs);
        self.source.poll_io(Side::Write, cx, write)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl AsFd for ChildStdin {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}

impl AsRawFd for ChildStdin {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl TryFrom<ChildStdin> for Stdio {
    type Error = io::Error;

    /// For another child to write to.
    fn try_from(pipe: ChildStdin) -> io::Result<Stdio> {
        pipe.into_owned_fd().map(Stdio::from)
    }
}
