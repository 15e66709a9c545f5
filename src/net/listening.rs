//! [`Listener`]: what all listeners have in common.

use super::{TcpListener, TcpStream, UnixListener, UnixStream, unix};
use crate::async_io::either::Either;
use crate::base::wait;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What takes connections, of whatever kind.
///
/// # Examples
///
/// ```
/// use runtime::net::{Listener, TcpListener, TcpStream};
///
/// async fn first<L: Listener>(mut listener: L) -> std::io::Result<L::Io> {
///     Ok(listener.accept().await?.0)
/// }
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let client = TcpStream::connect(listener.local_addr()?).await?;
/// assert_eq!(first(listener).await?.peer_addr()?, client.local_addr()?);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait Listener {
    /// A connection.
    type Io;
    /// Where it comes from.
    type Addr;

    /// Polls for the next connection.
    ///
    /// # Errors
    ///
    /// Those of the listener's own `accept`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{Listener, TcpListener, TcpStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let _client = TcpStream::connect(listener.local_addr()?).await?;
    /// std::future::poll_fn(|cx| Listener::poll_accept(&mut listener, cx)).await?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Self::Io, Self::Addr)>>;

    /// Waits for the next connection.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of the listener's own `accept`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{Listener, TcpListener, TcpStream};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let _client = TcpStream::connect(listener.local_addr()?).await?;
    /// Listener::accept(&mut listener).await?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn accept(&mut self) -> ListenerAcceptFut<'_, Self>
    where
        Self: Sized,
    {
        ListenerAcceptFut {
            listener: self,
            location: Location::caller(),
        }
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// Those of the listener's own `local_addr`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{Listener, TcpListener};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// assert_ne!(Listener::local_addr(&listener)?.port(), 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn local_addr(&self) -> io::Result<Self::Addr>;
}

/// Waits for the next connection. Made by [`Listener::accept`].
///
/// # Examples
///
/// ```
/// use runtime::net::{Listener, ListenerAcceptFut, TcpListener, TcpStream};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut listener = TcpListener::bind("127.0.0.1:0").await?;
/// let _client = TcpStream::connect(listener.local_addr()?).await?;
/// let accepting: ListenerAcceptFut<'_, _> = Listener::accept(&mut listener);
/// accepting.await?;
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct ListenerAcceptFut<'a, L> {
    listener: &'a mut L,
    location: &'static Location<'static>,
}

impl<L: Listener> Future for ListenerAcceptFut<'_, L> {
    type Output = io::Result<(L::Io, L::Addr)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        wait::at(this.location, || this.listener.poll_accept(cx))
    }
}

impl Listener for TcpListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        TcpListener::poll_accept(self, cx)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        TcpListener::local_addr(self)
    }
}

impl Listener for UnixListener {
    type Io = UnixStream;
    type Addr = unix::SocketAddr;

    fn poll_accept(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(UnixStream, unix::SocketAddr)>> {
        UnixListener::poll_accept(self, cx)
    }

    fn local_addr(&self) -> io::Result<unix::SocketAddr> {
        UnixListener::local_addr(self)
    }
}

/// A connection with its address, as a listener takes it.
type Accepted<L> = (<L as Listener>::Io, <L as Listener>::Addr);

impl<L: Listener, R: Listener> Either<L, R> {
    /// Waits for the next connection of the listener that it is.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of the listener's own `accept`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::either::Either;
    /// use runtime::net::{TcpListener, TcpStream, UnixListener};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let _client = TcpStream::connect(listener.local_addr()?).await?;
    /// let mut either: Either<TcpListener, UnixListener> = Either::Left(listener);
    /// assert!(matches!(either.accept().await?, Either::Left(_)));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn accept(&mut self) -> impl Future<Output = io::Result<Either<Accepted<L>, Accepted<R>>>> {
        let location = Location::caller();
        poll_fn(move |cx| {
            wait::at(location, || match self {
                Either::Left(left) => left.poll_accept(cx).map_ok(Either::Left),
                Either::Right(right) => right.poll_accept(cx).map_ok(Either::Right),
            })
        })
    }

    /// Where the listener that it is listens.
    ///
    /// # Errors
    ///
    /// Those of the listener's own `local_addr`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::either::Either;
    /// use runtime::net::{TcpListener, UnixListener};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let either: Either<TcpListener, UnixListener> = Either::Left(listener);
    /// assert!(matches!(either.local_addr()?, Either::Left(_)));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<Either<L::Addr, R::Addr>> {
        match self {
            Either::Left(left) => left.local_addr().map(Either::Left),
            Either::Right(right) => right.local_addr().map(Either::Right),
        }
    }
}
