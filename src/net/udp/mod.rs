//! [`UdpSocket`]: datagrams.

mod framed;
mod options;
mod polling;
mod transfer;
mod trying;

pub use framed::UdpFramed;

use crate::driver::{Reactor, Source};
use crate::net::addr::{ToSocketAddrs, no_address, resolve, target};
use crate::net::connect::all_failed;
use crate::net::{BOTH, READ, WRITE, here, reactor, reactor_of, spend};
use crate::registry::{Interest, Ready};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::sync::Arc;

/// A UDP socket.
///
/// There are two ways to use it. *Unconnected*, it sends to whom it is told
/// ([`send_to`](Self::send_to)) and receives from anybody ([`recv_from`](Self::recv_from)).
/// After [`connect`](Self::connect) it has one peer: it sends to that ([`send`](Self::send))
/// and receives from nobody else ([`recv`](Self::recv)).
///
/// All methods take `&self`: put it in an `Arc` to use it in several tasks. It need not be
/// split.
///
/// A datagram comes as a whole or not at all. What does not fit into the buffer that it is
/// received into is cut off, and lost. One of length zero is a datagram, not an end.
///
/// # Examples
///
/// ```
/// use runtime::net::UdpSocket;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let server = UdpSocket::bind("127.0.0.1:0").await?;
/// let client = UdpSocket::bind("127.0.0.1:0").await?;
/// client.connect(server.local_addr()?).await?;
///
/// client.send(b"ping").await?;
/// let mut buffer = [0; 1500];
/// let (count, from) = server.recv_from(&mut buffer).await?;
/// server.send_to(&buffer[..count], from).await?;
/// assert_eq!(client.recv(&mut buffer).await?, 4);
/// assert_eq!(&buffer[..4], b"ping");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct UdpSocket {
    source: Source<mio::net::UdpSocket>,
}

impl UdpSocket {
    /// A socket at the first of `addr`'s addresses that can be had.
    ///
    /// With port 0 the system chooses one; [`local_addr`](Self::local_addr) tells which.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the name cannot be looked up or the system refuses. The error names each address
    /// that was tried, if there were several.
    ///
    /// # Panics
    ///
    /// The future, if it is polled outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert_ne!(socket.local_addr()?.port(), 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<UdpSocket>> {
        let asked_for = Location::caller();
        let target = target(&addr);
        here(async move {
            let reactor = reactor_of(asked_for);
            poll_fn(spend).await;
            let mut failed = Vec::new();
            for &address in resolve(target).await?.as_slice() {
                match mio::net::UdpSocket::bind(address) {
                    Ok(socket) => return UdpSocket::register(socket, reactor),
                    Err(error) => failed.push((address, error)),
                }
            }
            match failed.is_empty() {
                true => Err(no_address()),
                false => Err(all_failed("bound to", failed)),
            }
        })
    }

    /// Taken to be ready: there is room to send, and something may have come in.
    fn register(socket: mio::net::UdpSocket, reactor: Arc<Reactor>) -> io::Result<UdpSocket> {
        let source = Source::new_late(socket, BOTH, reactor)?;
        Ok(UdpSocket { source })
    }

    /// Takes over a socket of the standard library.
    ///
    /// It must not block: call [`set_nonblocking(true)`](std::net::UdpSocket::set_nonblocking)
    /// first. A socket that blocks stops a worker, and all its tasks, while it receives.
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
    /// let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// socket.set_nonblocking(true)?;
    /// let socket = runtime::net::UdpSocket::from_std(socket)?;
    /// # drop(socket);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        let reactor = reactor();
        UdpSocket::register(mio::net::UdpSocket::from_std(socket), reactor)
    }

    /// Gives the socket to the standard library. It does not block; if it is to, call
    /// [`set_nonblocking(false)`](std::net::UdpSocket::set_nonblocking).
    ///
    /// # Errors
    ///
    /// If it cannot be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let socket: std::net::UdpSocket = socket.into_std()?;
    /// socket.set_nonblocking(false)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_std(self) -> io::Result<std::net::UdpSocket> {
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
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// assert_ne!(here.local_addr()?.port(), 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source.local_addr()
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
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// assert_eq!(here.peer_addr()?, there.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.source.peer_addr()
    }

    /// Makes the first of `addr`'s addresses that the system takes the only peer.
    ///
    /// Nothing is sent. Datagrams of others that have come in already are still received.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the name cannot be looked up or the system refuses.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// use runtime::net::UdpSocket;
    ///
    /// let server = UdpSocket::bind("127.0.0.1:0").await?;
    /// let client = UdpSocket::bind("127.0.0.1:0").await?;
    /// client.connect(server.local_addr()?).await?;
    /// assert_eq!(client.peer_addr()?, server.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(&self, addr: A) -> impl Future<Output = io::Result<()>> {
        let target = target(&addr);
        here(async move {
            poll_fn(spend).await;
            let mut failed = Vec::new();
            for &address in resolve(target).await?.as_slice() {
                match self.source.connect(address) {
                    Ok(()) => return Ok(()),
                    Err(error) => failed.push((address, error)),
                }
            }
            Err(all_failed("connected to", failed))
        })
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
    /// let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert!(socket.ready(Interest::WRITABLE).await?.is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        here(self.source.readiness(interest))
    }

    /// Waits until there is a datagram to receive. It may be gone when it is asked for, or
    /// refused by the system (a wrong checksum): the `try_` method then says
    /// [`WouldBlock`](io::ErrorKind::WouldBlock).
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
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
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
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.writable().await?;
    /// assert_eq!(here.try_send(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        here(async { self.source.readiness(WRITE).await.map(|_| ()) })
    }
}

/// The same as [`UdpSocket::from_std`].
impl TryFrom<std::net::UdpSocket> for UdpSocket {
    type Error = io::Error;

    #[track_caller]
    fn try_from(socket: std::net::UdpSocket) -> io::Result<Self> {
        UdpSocket::from_std(socket)
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.io().fmt(f)
    }
}

impl AsRawFd for UdpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}
