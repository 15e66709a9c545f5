//! [`UnixStream`]: making one, and its two halves. Reading and writing is in
//! [`stream_io`](super::stream_io).

use super::addr::to_std;
use super::owned::{self, OwnedReadHalf, OwnedWriteHalf};
use super::split::{self, ReadHalf, WriteHalf};
use super::{SocketAddr, UCred};
use crate::base::sync::atomic::AtomicBool;
use crate::driver::{Reactor, Source};
use crate::net::{STREAM, here, reactor, reactor_of, spend, sys};
use crate::registry::Ready;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;

/// A connection of a Unix socket: bytes in both directions, within the machine.
///
/// Reading and writing is done with the methods of [`AsyncReadExt`](crate::io::AsyncReadExt)
/// and [`AsyncWriteExt`](crate::io::AsyncWriteExt). One task may read while another one
/// writes: with [`split`](Self::split) within a task, with [`into_split`](Self::into_split)
/// in two, or in an `Arc` with [`readable`](Self::readable), [`try_read`](Self::try_read)
/// and their like, which any number of tasks may use.
///
/// Dropping it closes the connection in both directions; what was written can still be read.
/// To tell the peer of the end of one direction there is
/// [`shutdown`](crate::io::AsyncWriteExt::shutdown).
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::UnixStream;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (mut client, mut server) = UnixStream::pair()?;
/// client.write_all(b"ping").await?;
/// client.shutdown().await?;
/// let mut question = Vec::new();
/// server.read_to_end(&mut question).await?;
/// server.write_all(&question).await?;
///
/// let mut answer = [0; 4];
/// client.read_exact(&mut answer).await?;
/// assert_eq!(&answer, b"ping");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UnixStream {
    pub(super) source: Source<mio::net::UnixStream>,
    /// Whether the last read that gave bytes left room in its buffer.
    pub(super) reads_short: AtomicBool,
}

impl UnixStream {
    /// Connects to the socket at `path`. A path that begins with a zero byte is an abstract
    /// name (Linux).
    ///
    /// A Unix socket connects at once, or not at all: nothing is waited for.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `connect(2)`: `NotFound` if there is no file, `ConnectionRefused` if nobody
    /// listens, and [`WouldBlock`](io::ErrorKind::WouldBlock) if the listener's queue is full,
    /// of which the system does not tell when that is over. Or if the path is too long or has
    /// zero bytes in it.
    ///
    /// # Panics
    ///
    /// The future, if it is polled outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{UnixListener, UnixStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("\0doc-connect-{}", std::process::id());
    /// let listener = UnixListener::bind(&name)?;
    /// let stream = UnixStream::connect(&name).await?;
    /// assert_eq!(stream.peer_addr()?.as_abstract_name(), Some(&name.as_bytes()[1..]));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn connect<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<UnixStream>> {
        UnixStream::connect_std(to_std(path.as_ref()))
    }

    /// [`connect`](Self::connect) to an address.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect).
    ///
    /// # Panics
    ///
    /// The future, if it is polled outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{UnixListener, UnixStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = UnixListener::bind(format!("\0doc-connect-addr-{}", std::process::id()))?;
    /// UnixStream::connect_addr(&listener.local_addr()?).await?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn connect_addr(addr: &SocketAddr) -> impl Future<Output = io::Result<UnixStream>> + use<> {
        UnixStream::connect_std(Ok(addr.0.clone()))
    }

    #[track_caller]
    fn connect_std(
        address: io::Result<net::SocketAddr>,
    ) -> impl Future<Output = io::Result<UnixStream>> {
        let asked_for = Location::caller();
        here(async move {
            let reactor = reactor_of(asked_for);
            poll_fn(spend).await;
            let stream = mio::net::UnixStream::connect_addr(&address?)?;
            UnixStream::from_connected(stream, reactor)
        })
    }

    /// A stream that is connected. It is taken to be ready, so that nobody waits for the
    /// event of what has come in already.
    pub(super) fn from_connected(
        stream: mio::net::UnixStream,
        reactor: Arc<Reactor>,
    ) -> io::Result<Self> {
        let source = Source::new_late(stream, STREAM, reactor)?;
        Ok(UnixStream::of(source))
    }

    fn of(source: Source<mio::net::UnixStream>) -> Self {
        UnixStream {
            source,
            reads_short: AtomicBool::new(false),
        }
    }

    /// Two streams that are connected to each other, without names.
    ///
    /// # Errors
    ///
    /// Those of `socketpair(2)`.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt};
    /// use runtime::net::UnixStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (mut one, mut other) = UnixStream::pair()?;
    /// one.write_u8(7).await?;
    /// assert_eq!(other.read_u8().await?, 7);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let reactor = reactor();
        let (one, other) = mio::net::UnixStream::pair()?;
        let one = UnixStream::from_connected(one, reactor.clone())?;
        Ok((one, UnixStream::from_connected(other, reactor)?))
    }

    /// Takes over a stream of the standard library.
    ///
    /// It must not block: call
    /// [`set_nonblocking(true)`](std::os::unix::net::UnixStream::set_nonblocking) first. A
    /// stream that blocks stops a worker, and all its tasks, in a read.
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
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (stream, _peer) = std::os::unix::net::UnixStream::pair()?;
    /// stream.set_nonblocking(true)?;
    /// let stream = runtime::net::UnixStream::from_std(stream)?;
    /// stream.writable().await?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_std(stream: net::UnixStream) -> io::Result<UnixStream> {
        let reactor = reactor();
        let stream = mio::net::UnixStream::from_std(stream);
        let source = Source::new(stream, STREAM, Ready::EMPTY, reactor)?;
        Ok(UnixStream::of(source))
    }

    /// Gives the stream to the standard library. It does not block; if it is to, call
    /// [`set_nonblocking(false)`](std::os::unix::net::UnixStream::set_nonblocking).
    ///
    /// # Errors
    ///
    /// If it cannot be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (stream, _peer) = runtime::net::UnixStream::pair()?;
    /// let stream: std::os::unix::net::UnixStream = stream.into_std()?;
    /// stream.set_nonblocking(false)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_std(self) -> io::Result<net::UnixStream> {
        self.source.into_inner().map(Into::into)
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
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (stream, _peer) = runtime::net::UnixStream::pair()?;
    /// assert!(stream.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source.local_addr().map(Into::into)
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
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (one, _other) = runtime::net::UnixStream::pair()?;
    /// assert!(one.peer_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.source.peer_addr().map(Into::into)
    }

    /// The user, the group and the process at the other end, as they were when that connected
    /// or began to listen.
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (stream, _peer) = runtime::net::UnixStream::pair()?;
    /// assert_eq!(stream.peer_cred()?.pid(), Some(std::process::id() as i32));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn peer_cred(&self) -> io::Result<UCred> {
        let cred = sys::peer_cred(self.as_fd())?;
        Ok(UCred {
            pid: Some(cred.pid),
            uid: cred.uid,
            gid: cred.gid,
        })
    }

    /// Takes the error that the socket has to report (`SO_ERROR`), if any.
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (stream, _peer) = runtime::net::UnixStream::pair()?;
    /// assert!(stream.take_error()?.is_none());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.source.take_error()
    }

    /// Splits the stream into two halves that borrow it, for reading and writing at a time
    /// within a task. It costs nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt};
    /// # use runtime::net::UnixStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (mut client, mut server) = UnixStream::pair()?;
    /// # server.write_all(b"hello").await?;
    /// let (mut reader, mut writer) = client.split();
    /// let mut greeting = [0; 5];
    /// let (read, written) = runtime::join!(
    ///     reader.read_exact(&mut greeting),
    ///     writer.write_all(b"hello"),
    /// );
    /// read?;
    /// written?;
    /// assert_eq!(&greeting, b"hello");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        split::split(self)
    }

    /// Splits the stream into two halves that share it, for two tasks.
    ///
    /// Dropping the [`OwnedWriteHalf`] ends the direction that it writes, see there.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt};
    /// # use runtime::net::UnixStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (client, mut server) = UnixStream::pair()?;
    /// let (mut reader, mut writer) = client.into_split();
    /// let writing = runtime::spawn(async move { writer.write_all(b"hello").await });
    /// let mut text = String::new();
    /// server.read_to_string(&mut text).await?;
    /// assert_eq!(text, "hello");
    /// drop(server);
    /// assert_eq!(reader.read(&mut [0; 1]).await?, 0);
    /// writing.await.unwrap()
    /// # }).unwrap();
    /// ```
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        owned::split(self)
    }
}

/// The same as [`UnixStream::from_std`].
impl TryFrom<net::UnixStream> for UnixStream {
    type Error = io::Error;

    #[track_caller]
    fn try_from(stream: net::UnixStream) -> io::Result<Self> {
        UnixStream::from_std(stream)
    }
}

impl AsRef<UnixStream> for UnixStream {
    fn as_ref(&self) -> &UnixStream {
        self
    }
}

impl fmt::Debug for UnixStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.io().fmt(f)
    }
}

impl AsRawFd for UnixStream {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl AsFd for UnixStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}
