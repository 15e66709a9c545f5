//! [`TcpSocket`]: options first.

use super::{TcpListener, TcpStream};
use crate::net::{connect, here, reactor, reactor_of};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::panic::Location;
use std::time::Duration;

/// A TCP socket that is neither connected nor listening, for setting options first.
///
/// [`TcpStream::connect`] and [`TcpListener::bind`] make one by themselves. What this type
/// has no method for can be done with crate `socket2`, through `SockRef`.
///
/// # Examples
///
/// ```
/// use runtime::net::{TcpSocket, TcpStream};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let socket = TcpSocket::new_v4()?;
/// socket.set_reuseaddr(true)?;
/// socket.bind("127.0.0.1:0".parse().unwrap())?;
/// let listener = socket.listen(16)?;
/// TcpStream::connect(listener.local_addr()?).await?;
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct TcpSocket {
    inner: Socket,
}

impl TcpSocket {
    /// A socket for IPv4.
    ///
    /// # Errors
    ///
    /// Those of `socket(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// assert!(socket.local_addr()?.is_ipv4());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new_v4() -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::IPV4)
    }

    /// A socket for IPv6.
    ///
    /// # Errors
    ///
    /// Those of `socket(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let Ok(socket) = TcpSocket::new_v6() else { return Ok(()) };
    /// assert!(socket.local_addr()?.is_ipv6());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new_v6() -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::IPV6)
    }

    fn new(domain: Domain) -> io::Result<TcpSocket> {
        let inner = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        inner.set_nonblocking(true)?;
        Ok(TcpSocket { inner })
    }

    /// Takes over a socket of the standard library, which has no type for one that is not
    /// connected yet; it is made with crate `socket2`, say.
    ///
    /// It must not block: call [`set_nonblocking(true)`](std::net::TcpStream::set_nonblocking)
    /// first.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let address = listener.local_addr()?;
    /// use socket2::{Domain, Socket, Type};
    ///
    /// let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    /// socket.set_nonblocking(true)?;
    /// let socket = runtime::net::TcpSocket::from_std_stream(socket.into());
    /// let stream = socket.connect(address).await?;
    /// # drop(stream);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn from_std_stream(stream: std::net::TcpStream) -> TcpSocket {
        TcpSocket {
            inner: stream.into(),
        }
    }

    /// Gives the socket an address of ours.
    ///
    /// # Errors
    ///
    /// Those of `bind(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.bind("127.0.0.1:0".parse().unwrap())?;
    /// assert_ne!(socket.local_addr()?.port(), 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        self.inner.bind(&addr.into())
    }

    /// Connects to `addr`.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the socket is closed.
    ///
    /// # Errors
    ///
    /// Those of `connect(2)`.
    ///
    /// # Panics
    ///
    /// The future, if it is polled outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = runtime::net::TcpSocket::new_v4()?;
    /// socket.set_nodelay(true)?;
    /// let stream = socket.connect(listener.local_addr()?).await?;
    /// assert!(stream.nodelay()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn connect(self, addr: SocketAddr) -> impl Future<Output = io::Result<TcpStream>> {
        let asked_for = Location::caller();
        here(async move {
            let reactor = reactor_of(asked_for);
            begin(&self.inner, &addr.into())?;
            let stream = mio::net::TcpStream::from_std(self.inner.into());
            connect::finish(stream, reactor).await
        })
    }

    /// Listens at the address that it was bound to. `backlog` connections can wait to be
    /// accepted, or fewer if the system says so.
    ///
    /// # Errors
    ///
    /// Those of `listen(2)`.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.bind("127.0.0.1:0".parse().unwrap())?;
    /// let listener = socket.listen(16)?;
    /// # drop(listener);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        let reactor = reactor();
        TcpListener::from_mio(self.into_listener(backlog)?, reactor)
    }

    /// A socket for the family of `address`.
    pub(super) fn for_address(address: SocketAddr) -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::for_address(address))
    }

    pub(super) fn into_listener(self, backlog: u32) -> io::Result<mio::net::TcpListener> {
        let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
        self.inner.listen(backlog)?;
        Ok(mio::net::TcpListener::from_std(self.inner.into()))
    }

    /// The address that it is bound to.
    ///
    /// # Errors
    ///
    /// Those of `getsockname(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// assert_eq!(socket.local_addr()?.port(), 0, "it is not bound yet");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        crate::net::memory::address(self.inner.local_addr()?)
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
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// assert!(socket.take_error()?.is_none());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.take_error()
    }
}

/// Begins to connect; that it takes a while is no error.
fn begin(socket: &Socket, address: &SockAddr) -> io::Result<()> {
    match socket.connect(address) {
        Err(error)
            if matches!(
                error.raw_os_error(),
                Some(libc::EINPROGRESS | libc::EINTR | libc::EAGAIN)
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

/// Options. The errors are those of `getsockopt(2)` and `setsockopt(2)`.
impl TcpSocket {
    /// Whether the peer is asked now and then if it is still there (`SO_KEEPALIVE`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_keepalive(true)?;
    /// assert!(socket.keepalive()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn keepalive(&self) -> io::Result<bool> {
        self.inner.keepalive()
    }

    /// Sets whether the peer is asked now and then if it is still there (`SO_KEEPALIVE`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_keepalive(true)?;
    /// assert!(socket.keepalive()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_keepalive(&self, keepalive: bool) -> io::Result<()> {
        self.inner.set_keepalive(keepalive)
    }

    /// Whether an address can be bound to although an earlier connection has not been
    /// forgotten there (`SO_REUSEADDR`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_reuseaddr(true)?;
    /// assert!(socket.reuseaddr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn reuseaddr(&self) -> io::Result<bool> {
        self.inner.reuse_address()
    }

    /// Sets whether an address can be bound to although an earlier connection has not been
    /// forgotten there (`SO_REUSEADDR`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_reuseaddr(true)?;
    /// assert!(socket.reuseaddr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_reuseaddr(&self, reuseaddr: bool) -> io::Result<()> {
        self.inner.set_reuse_address(reuseaddr)
    }

    /// Whether several sockets can share the address (`SO_REUSEPORT`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_reuseport(true)?;
    /// assert!(socket.reuseport()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn reuseport(&self) -> io::Result<bool> {
        self.inner.reuse_port()
    }

    /// Sets whether several sockets can share the address (`SO_REUSEPORT`): the system
    /// spreads the connections among listeners that do.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_reuseport(true)?;
    /// assert!(socket.reuseport()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_reuseport(&self, reuseport: bool) -> io::Result<()> {
        self.inner.set_reuse_port(reuseport)
    }

    /// The size of the buffer for sending, in bytes (`SO_SNDBUF`). Linux tells twice of
    /// what was set.
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_send_buffer_size(10_000)?;
    /// assert!(socket.send_buffer_size()? >= 10_000);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        self.inner.send_buffer_size().map(saturate)
    }

    /// Sets the size of the buffer for sending, in bytes (`SO_SNDBUF`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_send_buffer_size(10_000)?;
    /// assert!(socket.send_buffer_size()? >= 10_000);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_send_buffer_size(&self, size: u32) -> io::Result<()> {
        self.inner.set_send_buffer_size(size as usize)
    }

    /// The size of the buffer for receiving, in bytes (`SO_RCVBUF`). Linux tells twice of
    /// what was set.
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_recv_buffer_size(10_000)?;
    /// assert!(socket.recv_buffer_size()? >= 10_000);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        self.inner.recv_buffer_size().map(saturate)
    }

    /// Sets the size of the buffer for receiving, in bytes (`SO_RCVBUF`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_recv_buffer_size(10_000)?;
    /// assert!(socket.recv_buffer_size()? >= 10_000);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_recv_buffer_size(&self, size: u32) -> io::Result<()> {
        self.inner.set_recv_buffer_size(size as usize)
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
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_linger(Some(std::time::Duration::from_secs(1)))?;
    /// assert_eq!(socket.linger()?, Some(std::time::Duration::from_secs(1)));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.inner.linger()
    }

    /// Sets how long closing may take (`SO_LINGER`): dropping blocks the thread meanwhile.
    /// See [`TcpStream::set_linger`].
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_linger(Some(std::time::Duration::from_secs(1)))?;
    /// assert_eq!(socket.linger()?, Some(std::time::Duration::from_secs(1)));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        self.inner.set_linger(linger)
    }

    /// Lets closing reset the connection. See [`TcpStream::set_zero_linger`].
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_zero_linger()?;
    /// assert_eq!(socket.linger()?, Some(std::time::Duration::ZERO));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// Whether small packets are sent at once (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_nodelay(true)?;
    /// assert!(socket.nodelay()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn nodelay(&self) -> io::Result<bool> {
        self.inner.tcp_nodelay()
    }

    /// Sets whether small packets are sent at once (`TCP_NODELAY`). See
    /// [`TcpStream::set_nodelay`].
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_nodelay(true)?;
    /// assert!(socket.nodelay()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.inner.set_tcp_nodelay(nodelay)
    }

    /// The type of service of its packets (`IP_TOS`), for a socket of IPv4.
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_tos_v4(0x10)?;
    /// assert_eq!(socket.tos_v4()?, 0x10);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn tos_v4(&self) -> io::Result<u32> {
        self.inner.tos_v4()
    }

    /// Sets the type of service of its packets (`IP_TOS`), for a socket of IPv4.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// socket.set_tos_v4(0x10)?;
    /// assert_eq!(socket.tos_v4()?, 0x10);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        self.inner.set_tos_v4(tos)
    }

    /// The traffic class of its packets (`IPV6_TCLASS`), for a socket of IPv6.
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let Ok(socket) = TcpSocket::new_v6() else { return Ok(()) };
    /// socket.set_tclass_v6(0x20)?;
    /// assert_eq!(socket.tclass_v6()?, 0x20);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn tclass_v6(&self) -> io::Result<u32> {
        self.inner.tclass_v6()
    }

    /// Sets the traffic class of its packets (`IPV6_TCLASS`), for a socket of IPv6.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let Ok(socket) = TcpSocket::new_v6() else { return Ok(()) };
    /// socket.set_tclass_v6(0x20)?;
    /// assert_eq!(socket.tclass_v6()?, 0x20);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_tclass_v6(&self, tclass: u32) -> io::Result<()> {
        self.inner.set_tclass_v6(tclass)
    }

    /// The network device that it is bound to (`SO_BINDTODEVICE`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// assert_eq!(socket.device()?, None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        self.inner.device()
    }

    /// Binds it to a network device (`SO_BINDTODEVICE`), by its name, or to none.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::TcpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = TcpSocket::new_v4()?;
    /// assert!(socket.bind_device(Some(b"there is no such")).is_err());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        self.inner.bind_device(interface)
    }
}

fn saturate(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

impl fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl AsRawFd for TcpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl From<OwnedFd> for TcpSocket {
    fn from(fd: OwnedFd) -> Self {
        TcpSocket { inner: fd.into() }
    }
}

impl From<TcpSocket> for OwnedFd {
    fn from(socket: TcpSocket) -> Self {
        socket.inner.into()
    }
}

impl IntoRawFd for TcpSocket {
    fn into_raw_fd(self) -> RawFd {
        self.inner.into_raw_fd()
    }
}
