//! [`TcpListener`]: taking connections.

use super::{TcpSocket, TcpStream};
use crate::base::wait;
use crate::driver::{Reactor, Source};
use crate::net::addr::{Addresses, ToSocketAddrs, no_address, resolve, target};
use crate::net::connect::all_failed;
use crate::net::pause::{Pause, accept_next};
use crate::net::{READ, here, reactor, reactor_for_accepted, reactor_of, spend};
use crate::registry::{Ready, Side};
use socket2::SockRef;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// How many connections wait to be accepted, unless the user says otherwise. (std and mio say
/// 128: a burst of a few hundred clients is then told to come again a second later.)
const BACKLOG: u32 = 1024;

/// A TCP socket that takes connections.
///
/// Dropping it closes the socket: connections that were not accepted yet are reset.
///
/// # Running out of descriptors
///
/// When the process or the system has no descriptors or memory left, `accept` returns the
/// error at once, and the connection stays in the queue. The next call then waits before it
/// tries again: 5 ms, twice as long after each failure in a row, one second at most. So a
/// loop that logs the error and goes on neither spins nor needs to sleep, and recovers by
/// itself once there are descriptors again.
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{TcpListener, TcpStream};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let address = listener.local_addr()?;
/// let server = runtime::spawn(async move {
///     loop {
///         match listener.accept().await {
///             Ok((mut stream, _)) => {
///                 runtime::spawn(async move { stream.write_all(b"hi").await });
///             }
///             Err(error) => eprintln!("cannot accept: {error}"),
///         }
///     }
/// });
/// let mut text = String::new();
/// TcpStream::connect(address).await?.read_to_string(&mut text).await?;
/// assert_eq!(text, "hi");
/// server.abort();
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct TcpListener {
    source: Source<mio::net::TcpListener>,
    pause: Pause,
}

impl TcpListener {
    /// Listens at the first of `addr`'s addresses at which that is possible.
    ///
    /// With port 0 the system chooses one; [`local_addr`](Self::local_addr) tells which.
    /// The address can be reused (`SO_REUSEADDR`, on Unix) and up to 1024 connections wait
    /// to be accepted, or fewer if the system says so (`net.core.somaxconn`); [`TcpSocket`] is there for other wishes.
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
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpListener>> {
        let asked_for = Location::caller();
        let target = target(&addr);
        here(async move {
            let reactor = reactor_of(asked_for);
            poll_fn(spend).await;
            let addresses = resolve(target).await?;
            bind_first(&addresses, &reactor)
        })
    }

    pub(super) fn from_mio(
        listener: mio::net::TcpListener,
        reactor: Arc<Reactor>,
    ) -> io::Result<Self> {
        // Taken to be ready: connections may be waiting.
        let source = Source::new(listener, READ, Ready::READABLE, reactor)?;
        Ok(TcpListener {
            source,
            pause: Pause::new(),
        })
    }

    /// Takes the next connection.
    ///
    /// Any number of tasks can wait; each connection goes to one of them. A connection that
    /// failed while it waited is skipped.
    ///
    /// The stream belongs to the current runtime, if there is one, else to that of the
    /// listener.
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
    /// use runtime::net::{TcpListener, TcpStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let client = TcpStream::connect(listener.local_addr()?).await?;
    /// let (stream, peer) = listener.accept().await?;
    /// assert_eq!(peer, client.local_addr()?);
    /// assert_eq!(stream.peer_addr()?, peer);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> {
        here(async move {
            self.pause.pass().await?;
            let result = self
                .source
                .async_io(READ, |listener| accept_next(|| listener.accept()))
                .await;
            self.welcome(result)
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let client = TcpStream::connect(listener.local_addr()?).await?;
    /// let (_stream, peer) = std::future::poll_fn(|cx| listener.poll_accept(cx)).await?;
    /// assert_eq!(peer, client.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        wait::at(Location::caller(), || {
            ready!(self.pause.poll(cx))?;
            let result = ready!(self.source.poll_io(Side::Read, cx, |listener| {
                accept_next(|| listener.accept())
            }));
            Poll::Ready(self.welcome(result))
        })
    }

    fn welcome(
        &self,
        result: io::Result<(mio::net::TcpStream, SocketAddr)>,
    ) -> io::Result<(TcpStream, SocketAddr)> {
        self.pause.learn(&result);
        let (stream, peer) = result?;
        let reactor = reactor_for_accepted(&self.source);
        Ok((TcpStream::from_accepted(stream, reactor)?, peer))
    }

    /// Takes over a listener of the standard library.
    ///
    /// It must not block: call [`set_nonblocking(true)`](std::net::TcpListener::set_nonblocking)
    /// first. A listener that blocks stops a worker, and all its tasks, in `accept`.
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
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// listener.set_nonblocking(true)?;
    /// let listener = runtime::net::TcpListener::from_std(listener)?;
    /// # drop(listener);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        let reactor = reactor();
        TcpListener::from_mio(mio::net::TcpListener::from_std(listener), reactor)
    }

    /// Gives the listener to the standard library. It does not block; if it is to, call
    /// [`set_nonblocking(false)`](std::net::TcpListener::set_nonblocking).
    ///
    /// # Errors
    ///
    /// If it cannot be deregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let listener: std::net::TcpListener = listener.into_std()?;
    /// listener.set_nonblocking(false)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_std(self) -> io::Result<std::net::TcpListener> {
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source.local_addr()
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
    /// # use runtime::net::{TcpListener, TcpStream};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// assert!(listener.ttl()? > 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn ttl(&self) -> io::Result<u32> {
        SockRef::from(self).ttl_v4()
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
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// listener.set_ttl(64)?;
    /// assert_eq!(listener.ttl()?, 64);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        SockRef::from(self).set_ttl_v4(ttl)
    }
}

fn bind_first(addresses: &Addresses, reactor: &Arc<Reactor>) -> io::Result<TcpListener> {
    let mut failed = Vec::new();
    for &address in addresses.as_slice() {
        match listen_at(address) {
            Ok(listener) => return TcpListener::from_mio(listener, reactor.clone()),
            Err(error) => failed.push((address, error)),
        }
    }
    match failed.is_empty() {
        true => Err(no_address()),
        false => Err(all_failed("bound to", failed)),
    }
}

fn listen_at(address: SocketAddr) -> io::Result<mio::net::TcpListener> {
    let socket = TcpSocket::for_address(address)?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.into_listener(BACKLOG)
}

/// The same as [`TcpListener::from_std`].
impl TryFrom<std::net::TcpListener> for TcpListener {
    type Error = io::Error;

    #[track_caller]
    fn try_from(listener: std::net::TcpListener) -> io::Result<Self> {
        TcpListener::from_std(listener)
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.io().fmt(f)
    }
}

impl AsRawFd for TcpListener {
    fn as_raw_fd(&self) -> RawFd {
        self.source.io().as_raw_fd()
    }
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.io().as_fd()
    }
}
