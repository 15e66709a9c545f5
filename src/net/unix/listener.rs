//! [`UnixListener`]: taking connections.

use super::addr::to_std;
use super::{SocketAddr, UnixStream};
use crate::base::wait;
use crate::driver::{Reactor, Source};
use crate::net::pause::{Pause, accept_next};
use crate::net::{READ, here, reactor, reactor_for_accepted};
use crate::registry::{Ready, Side};
use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A Unix socket that takes connections.
///
/// Dropping it closes the socket; connections that were not accepted yet are closed. The file
/// that binding makes stays, and the next `bind` at that path fails: remove it. An abstract
/// name, a path that begins with a zero byte, makes no file (Linux).
///
/// # Running out of descriptors
///
/// As with [`TcpListener`](crate::net::TcpListener#running-out-of-descriptors): the error is
/// returned at once, the connection stays in the queue, and the next `accept` waits a while.
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{UnixListener, UnixStream};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let name = format!("\0doc-listener-{}", std::process::id());
/// let listener = UnixListener::bind(&name)?;
/// let server = runtime::spawn(async move {
///     let (mut stream, _) = listener.accept().await?;
///     stream.write_all(b"hi").await
/// });
/// let mut text = String::new();
/// UnixStream::connect(&name).await?.read_to_string(&mut text).await?;
/// assert_eq!(text, "hi");
/// server.await.unwrap()
/// # }).unwrap();
/// ```
pub struct UnixListener {
    source: Source<mio::net::UnixListener>,
    pause: Pause,
}

impl UnixListener {
    /// Listens at `path`, which becomes a file. A path that begins with a zero byte is an
    /// abstract name.
    ///
    /// As many connections wait to be accepted as the system allows; for fewer there is
    /// [`UnixSocket`](crate::net::UnixSocket).
    ///
    /// # Errors
    ///
    /// Those of `bind(2)` and `listen(2)`: `AddrInUse` if there is a file, also one that an
    /// earlier listener left behind. Or if the path is too long or has zero bytes in it.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let path = std::env::temp_dir().join(format!("doc-bind-{}", std::process::id()));
    /// let listener = runtime::net::UnixListener::bind(&path)?;
    /// assert_eq!(listener.local_addr()?.as_pathname(), Some(&*path));
    /// std::fs::remove_file(&path)
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixListener> {
        let reactor = reactor();
        let address = to_std(path.as_ref())?;
        UnixListener::from_mio(mio::net::UnixListener::bind_addr(&address)?, reactor)
    }

    /// [`bind`](Self::bind) at an address.
    ///
    /// # Errors
    ///
    /// Those of [`bind`](Self::bind).
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::linux::net::SocketAddrExt;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("doc-bind-addr-{}", std::process::id());
    /// let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
    /// let listener = runtime::net::UnixListener::bind_addr(&address.into())?;
    /// assert!(!listener.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<UnixListener> {
        let reactor = reactor();
        UnixListener::from_mio(mio::net::UnixListener::bind_addr(&addr.0)?, reactor)
    }

    pub(super) fn from_mio(
        listener: mio::net::UnixListener,
        reactor: Arc<Reactor>,
    ) -> io::Result<Self> {
        // Taken to be ready: connections may be waiting.
        let source = Source::new(listener, READ, Ready::READABLE, reactor)?;
        Ok(UnixListener {
            source,
            pause: Pause::new(),
        })
    }

    /// Takes the next connection.
    ///
    /// Any number of tasks can wait; each connection goes to one of them. The stream belongs
    /// to the current runtime, if there is one, else to that of the listener.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If descriptors or memory have run out (see the [type](Self#running-out-of-descriptors)
    /// for what happens then), or if the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{UnixListener, UnixStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = UnixListener::bind(format!("\0doc-accept-{}", std::process::id()))?;
    /// let _client = UnixStream::connect_addr(&listener.local_addr()?).await?;
    /// let (_stream, address) = listener.accept().await?;
    /// assert!(address.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(UnixStream, SocketAddr)>> {
        here(async move {
            self.pause.pass().await?;
            let accept = |listener: &mio::net::UnixListener| accept_next(|| listener.accept());
            self.welcome(self.source.async_io(READ, accept).await)
        })
    }

    /// Takes the next connection, or wakes the task when it is worth another try: the task of
    /// the last call.
    ///
    /// # Errors
    ///
    /// Those of [`accept`](Self::accept).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{UnixListener, UnixStream};
    /// use std::future::poll_fn;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = UnixListener::bind(format!("\0doc-poll-accept-{}", std::process::id()))?;
    /// let client = UnixStream::connect_addr(&listener.local_addr()?).await?;
    /// let (_stream, peer) = poll_fn(|cx| listener.poll_accept(cx)).await?;
    /// assert!(peer.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        wait::at(Location::caller(), || {
            ready!(self.pause.poll(cx))?;
            let accept = |listener: &mio::net::UnixListener| accept_next(|| listener.accept());
            Poll::Ready(self.welcome(ready!(self.source.poll_io(Side::Read, cx, accept))))
        })
    }

    fn welcome(
        &self,
        result: io::Result<(mio::net::UnixStream, net::SocketAddr)>,
    ) -> io::Result<(UnixStream, SocketAddr)> {
        self.pause.learn(&result);
        let (stream, peer) = result?;
        let reactor = reactor_for_accepted(&self.source);
        let stream = UnixStream::from_connected(stream, reactor)?;
        Ok((stream, peer.into()))
    }

    /// Takes over a listener of the standard library.
    ///
    /// It must not block: call
    /// [`set_nonblocking(true)`](std::os::unix::net::UnixListener::set_nonblocking) first. A
    /// listener that blocks stops a worker, and all its tasks, in `accept`.
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
    /// let path = std::env::temp_dir().join(format!("doc-from-std-{}", std::process::id()));
    /// let listener = std::os::unix::net::UnixListener::bind(&path)?;
    /// listener.set_nonblocking(true)?;
    /// let listener = runtime::net::UnixListener::from_std(listener)?;
    /// # drop(listener);
    /// std::fs::remove_file(&path)
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_std(listener: net::UnixListener) -> io::Result<UnixListener> {
        let reactor = reactor();
        UnixListener::from_mio(mio::net::UnixListener::from_std(listener), reactor)
    }

    /// Gives the listener to the standard library. It does not block; if it is to, call
    /// [`set_nonblocking(false)`](std::os::unix::net::UnixListener::set_nonblocking).
    ///
    /// # Errors
    ///
    /// If it cannot be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("\0doc-into-std-{}", std::process::id());
    /// let listener = runtime::net::UnixListener::bind(&name)?;
    /// let listener: std::os::unix::net::UnixListener = listener.into_std()?;
    /// listener.set_nonblocking(false)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_std(self) -> io::Result<net::UnixListener> {
        self.source.into_inner().map(Into::into)
    }

    /// The address it listens at.
    ///
    /// # Errors
    ///
    /// Those of `getsockname(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("doc-local-{}", std::process::id());
    /// let listener = runtime::net::UnixListener::bind(format!("\0{name}"))?;
    /// assert_eq!(listener.local_addr()?.as_abstract_name(), Some(name.as_bytes()));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source.local_addr().map(Into::into)
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
    /// let name = format!("\0doc-take-error-{}", std::process::id());
    /// let listener = runtime::net::UnixListener::bind(&name)?;
    /// assert!(listener.take_error()?.is_none());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.source.take_error()
    }
}

/// The same as [`UnixListener::from_std`].
impl TryFrom<net::UnixListener> for UnixListener {
    type Error = io::Error;

    #[track_caller]
    fn try_from(listener: net::UnixListener) -> io::Result<Self> {
        UnixListener::from_std(listener)
    }
}

impl fmt::Debug for UnixListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.io().fmt(f)
    }
}

impl AsRawFd for UnixListener {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl AsFd for UnixListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}
