//! [`UnixSocket`]: bound first, and of either kind.

use super::addr::to_system;
use super::{UnixDatagram, UnixListener, UnixStream};
use crate::net::{here, reactor, reactor_of, spend};
use socket2::{Domain, Socket, Type};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::panic::Location;
use std::path::Path;

/// A Unix socket that is neither connected nor listening, for what has to be done first.
///
/// [`UnixStream::connect`], [`UnixListener::bind`] and [`UnixDatagram::bind`] make one by
/// themselves. This one can be bound before it is connected, and listen with a queue of any
/// length; options can be set with crate `socket2`, through `SockRef`.
///
/// # Examples
///
/// ```
/// use runtime::net::{UnixSocket, UnixStream};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let socket = UnixSocket::new_stream()?;
/// socket.bind(format!("\0doc-socket-{}", std::process::id()))?;
/// let listener = socket.listen(16)?;
/// UnixStream::connect_addr(&listener.local_addr()?).await?;
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UnixSocket {
    inner: Socket,
}

impl UnixSocket {
    /// A socket for datagrams.
    ///
    /// # Errors
    ///
    /// Those of `socket(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = runtime::net::UnixSocket::new_datagram()?;
    /// assert!(socket.datagram()?.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new_datagram() -> io::Result<UnixSocket> {
        UnixSocket::new(Type::DGRAM)
    }

    /// A socket for connections.
    ///
    /// # Errors
    ///
    /// Those of `socket(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = runtime::net::UnixSocket::new_stream()?;
    /// socket.bind(format!("\0doc-new-stream-{}", std::process::id()))?;
    /// assert!(socket.listen(16).is_ok());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new_stream() -> io::Result<UnixSocket> {
        UnixSocket::new(Type::STREAM)
    }

    fn new(kind: Type) -> io::Result<UnixSocket> {
        let inner = Socket::new(Domain::UNIX, kind, None)?;
        inner.set_nonblocking(true)?;
        Ok(UnixSocket { inner })
    }

    /// Gives the socket a path, or an abstract name if that begins with a zero byte.
    ///
    /// # Errors
    ///
    /// Those of `bind(2)`. Or if the path is too long or has zero bytes in it.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("doc-bind-{}", std::process::id());
    /// let socket = runtime::net::UnixSocket::new_datagram()?;
    /// socket.bind(format!("\0{name}"))?;
    /// let address = socket.datagram()?.local_addr()?;
    /// assert_eq!(address.as_abstract_name(), Some(name.as_bytes()));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn bind(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.inner.bind(&to_system(path.as_ref())?)
    }

    /// Listens at the address that it was bound to. `backlog` connections can wait to be
    /// accepted, or fewer if the system says so.
    ///
    /// # Errors
    ///
    /// Those of `listen(2)`; `InvalidInput` for a socket for datagrams.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{UnixSocket, UnixStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = UnixSocket::new_stream()?;
    /// socket.bind(format!("\0doc-listen-{}", std::process::id()))?;
    /// let listener = socket.listen(16)?;
    /// assert!(UnixStream::connect_addr(&listener.local_addr()?).await.is_ok());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<UnixListener> {
        let reactor = reactor();
        self.is_of(Type::STREAM, "listen")?;
        let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
        self.inner.listen(backlog)?;
        UnixListener::from_mio(OwnedFd::from(self.inner).into(), reactor)
    }

    /// Connects to the socket at `path`; see [`UnixStream::connect`].
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the socket is closed.
    ///
    /// # Errors
    ///
    /// Those of [`UnixStream::connect`]; `InvalidInput` for a socket for datagrams.
    ///
    /// # Panics
    ///
    /// The future, if it is polled outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{UnixListener, UnixSocket};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("\0doc-socket-connect-{}", std::process::id());
    /// let listener = UnixListener::bind(&name)?;
    /// let stream = UnixSocket::new_stream()?.connect(&name).await?;
    /// # drop(stream);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn connect(self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<UnixStream>> {
        let asked_for = Location::caller();
        let address = to_system(path.as_ref());
        here(async move {
            let reactor = reactor_of(asked_for);
            self.is_of(Type::STREAM, "connect")?;
            poll_fn(spend).await;
            self.inner.connect(&address?)?;
            let stream = OwnedFd::from(self.inner).into();
            UnixStream::from_connected(stream, reactor)
        })
    }

    /// The socket for sending and receiving datagrams.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a socket for connections; or if it cannot be registered.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = runtime::net::UnixSocket::new_datagram()?;
    /// assert!(socket.datagram()?.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn datagram(self) -> io::Result<UnixDatagram> {
        let reactor = reactor();
        self.is_of(Type::DGRAM, "datagram")?;
        UnixDatagram::register(OwnedFd::from(self.inner).into(), reactor)
    }

    fn is_of(&self, wanted: Type, method: &str) -> io::Result<()> {
        if self.inner.r#type()? == wanted {
            return Ok(());
        }
        let constructor = match wanted {
            Type::DGRAM => "new_datagram",
            _ => "new_stream",
        };
        let message = format!("`{method}` is for a socket made by `UnixSocket::{constructor}`");
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }
}

impl fmt::Debug for UnixSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl AsRawFd for UnixSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl AsFd for UnixSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// It must not block.
impl From<OwnedFd> for UnixSocket {
    fn from(fd: OwnedFd) -> Self {
        UnixSocket { inner: fd.into() }
    }
}

impl From<UnixSocket> for OwnedFd {
    fn from(socket: UnixSocket) -> Self {
        socket.inner.into()
    }
}

impl IntoRawFd for UnixSocket {
    fn into_raw_fd(self) -> RawFd {
        self.inner.into_raw_fd()
    }
}
