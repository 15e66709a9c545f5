//! [`TcpStream`]: making one, its options, and its two halves. Reading and writing is in
//! [`stream_io`](super::stream_io).

use super::owned::{self, OwnedReadHalf, OwnedWriteHalf};
use super::split::{self, ReadHalf, WriteHalf};
use crate::driver::{Reactor, Source};
use crate::net::addr::{ToSocketAddrs, resolve, target};
use crate::net::{STREAM, connect, here, reactor, reactor_of};
use crate::registry::Ready;
use socket2::SockRef;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// A TCP connection.
///
/// Reading and writing is done with the methods of [`AsyncReadExt`](crate::io::AsyncReadExt)
/// and [`AsyncWriteExt`](crate::io::AsyncWriteExt). One task may read while another one
/// writes: with [`split`](Self::split) within a task, with [`into_split`](Self::into_split)
/// in two, or in an `Arc` with [`readable`](Self::readable), [`try_read`](Self::try_read)
/// and their like, which any number of tasks may use.
///
/// Dropping it closes the connection in both directions. What was written is still sent;
/// what was received and not read makes the system reset the connection instead. To tell
/// the peer of the end of one direction there is
/// [`shutdown`](crate::io::AsyncWriteExt::shutdown).
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{TcpListener, TcpStream};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let mut client = TcpStream::connect(listener.local_addr()?).await?;
/// let (mut server, _) = listener.accept().await?;
///
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
pub struct TcpStream {
    pub(super) source: Source<mio::net::TcpStream>,
}

impl TcpStream {
    /// Connects to one of `addr`'s addresses.
    ///
    /// If there are several, they are tried side by side, each a quarter of a second after
    /// the one before, or at once when that has failed, with the two families taking turns
    /// (RFC 8305). The first connection wins.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the name cannot be looked up, or if no address accepts. The error names each
    /// address that was tried, if there were several, and has the kind of the last failure.
    ///
    /// # Panics
    ///
    /// The future, if it is polled outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{TcpListener, TcpStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let stream = TcpStream::connect(listener.local_addr()?).await?;
    /// assert_eq!(stream.peer_addr()?, listener.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpStream>> {
        let asked_for = Location::caller();
        let target = target(&addr);
        here(async move {
            let reactor = reactor_of(asked_for);
            connect::connect(resolve(target).await?, reactor).await
        })
    }

    pub(in crate::net) fn from_source(source: Source<mio::net::TcpStream>) -> Self {
        TcpStream { source }
    }

    /// A stream that is connected. It is taken to be ready, so that nobody waits for the
    /// event of what has come in already.
    pub(super) fn from_accepted(
        stream: mio::net::TcpStream,
        reactor: Arc<Reactor>,
    ) -> io::Result<Self> {
        let source = Source::new_late(stream, STREAM, reactor)?;
        Ok(TcpStream { source })
    }

    /// Takes over a stream of the standard library.
    ///
    /// It must not block: call [`set_nonblocking(true)`](std::net::TcpStream::set_nonblocking)
    /// first. A stream that blocks stops a worker, and all its tasks, in a read. It may
    /// still be connecting; `writable` then tells when it is done.
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
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// stream.set_nonblocking(true)?;
    /// let stream = runtime::net::TcpStream::from_std(stream)?;
    /// stream.writable().await?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        let reactor = reactor();
        let stream = mio::net::TcpStream::from_std(stream);
        let source = Source::new(stream, STREAM, Ready::EMPTY, reactor)?;
        Ok(TcpStream { source })
    }

    /// Gives the stream to the standard library. It does not block; if it is to, call
    /// [`set_nonblocking(false)`](std::net::TcpStream::set_nonblocking).
    ///
    /// # Errors
    ///
    /// If it cannot be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{TcpListener, TcpStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let stream = TcpStream::connect(listener.local_addr()?).await?;
    /// let stream: std::net::TcpStream = stream.into_std()?;
    /// stream.set_nonblocking(false)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// assert_eq!(client.local_addr()?, server.peer_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source.local_addr()
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
    /// assert_eq!(client.peer_addr()?, server.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.source.peer_addr()
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
    /// # use std::future::poll_fn;
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// assert!(client.take_error()?.is_none());
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
    /// # use runtime::net::{TcpListener, TcpStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
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
    /// # use runtime::net::{TcpListener, TcpStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
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

/// Options.
impl TcpStream {
    /// Whether small packets are sent at once (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
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
    /// assert!(!client.nodelay()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn nodelay(&self) -> io::Result<bool> {
        self.source.nodelay()
    }

    /// Sets whether small packets are sent at once (`TCP_NODELAY`), instead of being held
    /// back for more to go with them while earlier ones are not confirmed.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let stream = TcpStream::connect(listener.local_addr()?).await?;
    /// stream.set_nodelay(true)?;
    /// assert!(stream.nodelay()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.source.set_nodelay(nodelay)
    }

    /// Whether received data is confirmed at once (`TCP_QUICKACK`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
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
    /// client.set_quickack(false)?;
    /// assert!(!client.quickack()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn quickack(&self) -> io::Result<bool> {
        SockRef::from(self).tcp_quickack()
    }

    /// Sets whether received data is confirmed at once (`TCP_QUICKACK`). The system may take
    /// this back by itself later.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
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
    /// client.set_quickack(false)?;
    /// assert!(!client.quickack()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn set_quickack(&self, quickack: bool) -> io::Result<()> {
        SockRef::from(self).set_tcp_quickack(quickack)
    }

    /// How long closing may take (`SO_LINGER`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
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
    /// assert_eq!(client.linger()?, None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        SockRef::from(self).linger()
    }

    /// Sets how long closing may take (`SO_LINGER`), until what was written has arrived.
    ///
    /// Dropping the stream then *blocks the thread* for up to that long, and with it a
    /// worker with all its tasks. Zero does not: see [`set_zero_linger`](Self::set_zero_linger).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
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
    /// use std::time::Duration;
    ///
    /// client.set_linger(Some(Duration::from_secs(1)))?;
    /// assert_eq!(client.linger()?, Some(Duration::from_secs(1)));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        SockRef::from(self).set_linger(linger)
    }

    /// Lets closing reset the connection: what was written and has not arrived is lost, and
    /// the peer sees an error.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    /// # use runtime::net::{TcpListener, TcpStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let client = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut server, _) = listener.accept().await?;
    /// client.set_zero_linger()?;
    /// drop(client);
    /// let error = server.read(&mut [0; 1]).await.unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// The time to live of its packets (`IP_TTL`): how many routers they may pass.
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
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
    /// client.set_ttl(9)?;
    /// assert_eq!(client.ttl()?, 9);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn ttl(&self) -> io::Result<u32> {
        self.source.ttl()
    }

    /// Sets the time to live of its packets (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
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
    /// client.set_ttl(9)?;
    /// assert_eq!(client.ttl()?, 9);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.source.set_ttl(ttl)
    }
}

/// The same as [`TcpStream::from_std`].
impl TryFrom<std::net::TcpStream> for TcpStream {
    type Error = io::Error;

    #[track_caller]
    fn try_from(stream: std::net::TcpStream) -> io::Result<Self> {
        TcpStream::from_std(stream)
    }
}

impl AsRef<TcpStream> for TcpStream {
    fn as_ref(&self) -> &TcpStream {
        self
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.io().fmt(f)
    }
}

impl AsRawFd for TcpStream {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}
