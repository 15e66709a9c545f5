//! [`UnixDatagram`]: datagrams within the machine.

mod polling;
mod transfer;
mod trying;

use super::SocketAddr;
use super::addr::{to_std, to_system};
use crate::driver::{Reactor, Source};
use crate::net::{BOTH, READ, WRITE, here, reactor};
use crate::registry::{Interest, Ready};
use socket2::SockRef;
use std::fmt;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::path::Path;
use std::sync::Arc;

/// A Unix socket for datagrams.
///
/// It sends to a path ([`send_to`](Self::send_to)) or, once it is
/// [connected](Self::connect) or one of a [`pair`](Self::pair), to its peer
/// ([`send`](Self::send)). Nothing is lost and nothing changes places on the way: a sender
/// waits when the receiver's queue is full.
///
/// Only a socket that is [bound](Self::bind) can be sent an answer. The file that binding makes
/// stays when the socket is gone; remove it. An abstract name, a path that begins with a zero
/// byte, makes no file (Linux).
///
/// All methods take `&self`: put it in an `Arc` to use it in several tasks.
///
/// # Examples
///
/// ```
/// use runtime::net::UnixDatagram;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (here, there) = UnixDatagram::pair()?;
/// here.send(b"hello").await?;
/// let mut buffer = [0; 16];
/// let count = there.recv(&mut buffer).await?;
/// assert_eq!(&buffer[..count], b"hello");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UnixDatagram {
    source: Source<mio::net::UnixDatagram>,
}

impl UnixDatagram {
    /// A socket at `path`, which becomes a file. A path that begins with a zero byte is an
    /// abstract name.
    ///
    /// # Errors
    ///
    /// Those of `bind(2)`: `AddrInUse` if there is a file, also one that an earlier socket left
    /// behind. Or if the path is too long or has zero bytes in it.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("\0doc-datagram-bind-{}", std::process::id());
    /// let socket = runtime::net::UnixDatagram::bind(&name)?;
    /// assert_eq!(socket.local_addr()?.as_abstract_name(), Some(&name.as_bytes()[1..]));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixDatagram> {
        let reactor = reactor();
        let address = to_std(path.as_ref())?;
        UnixDatagram::register(mio::net::UnixDatagram::bind_addr(&address)?, reactor)
    }

    /// Two sockets that are connected to each other, without names.
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
    /// use runtime::net::UnixDatagram;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (one, other) = UnixDatagram::pair()?;
    /// one.send(b"hello").await?;
    /// assert_eq!(other.recv(&mut [0; 8]).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let reactor = reactor();
        let (one, other) = mio::net::UnixDatagram::pair()?;
        let one = UnixDatagram::register(one, reactor.clone())?;
        Ok((one, UnixDatagram::register(other, reactor)?))
    }

    /// A socket without a name, for sending and for being connected.
    ///
    /// # Errors
    ///
    /// Those of `socket(2)`.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = runtime::net::UnixDatagram::unbound()?;
    /// assert!(socket.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn unbound() -> io::Result<UnixDatagram> {
        let reactor = reactor();
        UnixDatagram::register(mio::net::UnixDatagram::unbound()?, reactor)
    }

    /// Taken to be ready: there is room to send, and something may have come in.
    pub(super) fn register(
        socket: mio::net::UnixDatagram,
        reactor: Arc<Reactor>,
    ) -> io::Result<UnixDatagram> {
        let source = Source::new_late(socket, BOTH, reactor)?;
        Ok(UnixDatagram { source })
    }

    /// Takes over a socket of the standard library.
    ///
    /// It must not block: call
    /// [`set_nonblocking(true)`](std::os::unix::net::UnixDatagram::set_nonblocking) first. A
    /// socket that blocks stops a worker, and all its tasks, while it receives.
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
    /// let socket = std::os::unix::net::UnixDatagram::unbound()?;
    /// socket.set_nonblocking(true)?;
    /// let socket = runtime::net::UnixDatagram::from_std(socket)?;
    /// # drop(socket);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_std(socket: std::os::unix::net::UnixDatagram) -> io::Result<UnixDatagram> {
        let reactor = reactor();
        UnixDatagram::register(mio::net::UnixDatagram::from_std(socket), reactor)
    }

    /// Gives the socket to the standard library. It does not block; if it is to, call
    /// [`set_nonblocking(false)`](std::os::unix::net::UnixDatagram::set_nonblocking).
    ///
    /// # Errors
    ///
    /// If it cannot be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = runtime::net::UnixDatagram::unbound()?;
    /// let socket: std::os::unix::net::UnixDatagram = socket.into_std()?;
    /// socket.set_nonblocking(false)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_std(self) -> io::Result<std::os::unix::net::UnixDatagram> {
        self.source.into_inner().map(Into::into)
    }

    /// Makes the socket at `path` the only peer. A path that begins with a zero byte is an
    /// abstract name.
    ///
    /// # Errors
    ///
    /// Those of `connect(2)`. Or if the path is too long or has zero bytes in it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("\0doc-datagram-connect-{}", std::process::id());
    /// let there = UnixDatagram::bind(&name)?;
    /// let here = UnixDatagram::unbound()?;
    /// here.connect(&name)?;
    /// assert_eq!(here.send(b"hello").await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        SockRef::from(self).connect(&to_system(path.as_ref())?)
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
    /// let (here, _there) = runtime::net::UnixDatagram::pair()?;
    /// assert!(here.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source.local_addr().map(Into::into)
    }

    /// The address that it is connected to.
    ///
    /// # Errors
    ///
    /// Those of `getpeername(2)`: `NotConnected` if it is not.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (here, _there) = runtime::net::UnixDatagram::pair()?;
    /// assert!(here.peer_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.source.peer_addr().map(Into::into)
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
    /// let (here, _there) = runtime::net::UnixDatagram::pair()?;
    /// assert!(here.take_error()?.is_none());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.source.take_error()
    }

    /// Ends one direction, or both: to send fails then, here if it is the one for writing, and
    /// for the peer if it is the one for reading.
    ///
    /// # Errors
    ///
    /// Those of `shutdown(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (here, _there) = runtime::net::UnixDatagram::pair()?;
    /// here.shutdown(std::net::Shutdown::Write)?;
    /// assert!(here.send(b"too late").await.is_err());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.source.shutdown(how)
    }

    /// Waits until the socket is ready for some of `interest`, and says for what.
    ///
    /// Any number of tasks can wait. The socket may turn out not to be ready after all: the
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
    /// use runtime::io::Interest;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = runtime::net::UnixDatagram::unbound()?;
    /// assert!(socket.ready(Interest::WRITABLE).await?.is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        here(self.source.readiness(interest))
    }

    /// Waits until there is a datagram to receive. Another task may have it by
    /// then: the `try_` method then says [`WouldBlock`](io::ErrorKind::WouldBlock).
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// there.send(b"hello").await?;
    /// here.readable().await?;
    /// assert_eq!(here.try_recv(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        here(async { self.source.readiness(READ).await.map(|_| ()) })
    }

    /// Waits until there is room to send a datagram.
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// here.writable().await?;
    /// assert_eq!(here.try_send(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        here(async { self.source.readiness(WRITE).await.map(|_| ()) })
    }
}

/// The same as [`UnixDatagram::from_std`].
impl TryFrom<std::os::unix::net::UnixDatagram> for UnixDatagram {
    type Error = io::Error;

    #[track_caller]
    fn try_from(socket: std::os::unix::net::UnixDatagram) -> io::Result<Self> {
        UnixDatagram::from_std(socket)
    }
}

impl fmt::Debug for UnixDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.io().fmt(f)
    }
}

impl AsRawFd for UnixDatagram {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl AsFd for UnixDatagram {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}
