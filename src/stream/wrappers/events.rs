//! Ticks, signals, connections and ended tasks as streams.

use super::super::Stream;
use crate::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use crate::rt::join_set::JoinSet;
use crate::signal::unix::Signal;
use crate::tasks::JoinError;
use crate::time::{Instant, Interval};
use futures_core::FusedStream;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The ticks of an interval. It never ends.
///
/// # Examples
///
/// ```
/// use runtime::stream::{StreamExt, wrappers::IntervalStream};
/// use runtime::time::{Duration, interval};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let ticks = IntervalStream::new(interval(Duration::from_millis(1)));
/// assert_eq!(ticks.take(3).collect::<Vec<_>>().await.len(), 3);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct IntervalStream {
    inner: Interval,
}

impl IntervalStream {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::IntervalStream;
    /// use runtime::time::{Duration, interval};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = interval(Duration::from_millis(1));
    /// let _stream = IntervalStream::new(inner);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(inner: Interval) -> Self {
        IntervalStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::IntervalStream;
    /// use runtime::time::{Duration, interval};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = interval(Duration::from_millis(1));
    /// let _inner = IntervalStream::new(inner).into_inner();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> Interval {
        self.inner
    }
}

impl Stream for IntervalStream {
    type Item = Instant;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_tick(cx).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl AsRef<Interval> for IntervalStream {
    fn as_ref(&self) -> &Interval {
        &self.inner
    }
}

impl AsMut<Interval> for IntervalStream {
    fn as_mut(&mut self) -> &mut Interval {
        &mut self.inner
    }
}

impl FusedStream for IntervalStream {
    fn is_terminated(&self) -> bool {
        false
    }
}

/// The arrivals of a signal, each of which may stand for several.
///
/// # Examples
///
/// ```
/// use runtime::signal::unix::{SignalKind, signal};
/// use runtime::stream::{StreamExt, wrappers::SignalStream};
/// use runtime::time::{Duration, timeout};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut hangups = SignalStream::new(signal(SignalKind::window_change())?);
/// assert!(timeout(Duration::from_millis(1), hangups.next()).await.is_err());
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct SignalStream {
    inner: Signal,
}

impl SignalStream {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::signal::unix::{SignalKind, signal};
    /// use runtime::stream::wrappers::SignalStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = signal(SignalKind::window_change())?;
    /// let _stream = SignalStream::new(inner);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(inner: Signal) -> Self {
        SignalStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::signal::unix::{SignalKind, signal};
    /// use runtime::stream::wrappers::SignalStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = signal(SignalKind::window_change())?;
    /// let _inner = SignalStream::new(inner).into_inner();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> Signal {
        self.inner
    }
}

impl Stream for SignalStream {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_recv(cx)
    }
}

impl AsRef<Signal> for SignalStream {
    fn as_ref(&self) -> &Signal {
        &self.inner
    }
}

impl AsMut<Signal> for SignalStream {
    fn as_mut(&mut self) -> &mut Signal {
        &mut self.inner
    }
}

/// The connections that come in. It never ends, and goes on after an error.
///
/// # Examples
///
/// ```
/// use runtime::net::{TcpListener, TcpStream};
/// use runtime::stream::{StreamExt, wrappers::TcpListenerStream};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let address = listener.local_addr()?;
/// let mut incoming = TcpListenerStream::new(listener);
/// let client = TcpStream::connect(address).await?;
/// let server = incoming.next().await.unwrap()?;
/// assert_eq!(server.peer_addr()?, client.local_addr()?);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct TcpListenerStream {
    inner: TcpListener,
}

impl TcpListenerStream {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::TcpListener;
    /// use runtime::stream::wrappers::TcpListenerStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = TcpListener::bind("127.0.0.1:0").await?;
    /// let _stream = TcpListenerStream::new(inner);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(inner: TcpListener) -> Self {
        TcpListenerStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::TcpListener;
    /// use runtime::stream::wrappers::TcpListenerStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = TcpListener::bind("127.0.0.1:0").await?;
    /// let _inner = TcpListenerStream::new(inner).into_inner();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> TcpListener {
        self.inner
    }
}

impl Stream for TcpListenerStream {
    type Item = io::Result<TcpStream>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let accepted = self.inner.poll_accept(cx);
        accepted.map(|accepted| Some(accepted.map(|(stream, _)| stream)))
    }
}

impl AsRef<TcpListener> for TcpListenerStream {
    fn as_ref(&self) -> &TcpListener {
        &self.inner
    }
}

impl AsMut<TcpListener> for TcpListenerStream {
    fn as_mut(&mut self) -> &mut TcpListener {
        &mut self.inner
    }
}

/// The connections that come in at a Unix socket. It never ends, and goes on after an error.
///
/// # Examples
///
/// ```
/// use runtime::net::{UnixListener, UnixStream};
/// use runtime::stream::{StreamExt, wrappers::UnixListenerStream};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let name = format!("\0runtime-stream-{}", std::process::id());
/// let mut incoming = UnixListenerStream::new(UnixListener::bind(&name)?);
/// let _client = UnixStream::connect(&name).await?;
/// let _server = incoming.next().await.unwrap()?;
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct UnixListenerStream {
    inner: UnixListener,
}

impl UnixListenerStream {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::UnixListener;
    /// use runtime::stream::wrappers::UnixListenerStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("\0runtime-stream-inner-{}", std::process::id());
    /// let inner = UnixListener::bind(&name)?;
    /// let _stream = UnixListenerStream::new(inner);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(inner: UnixListener) -> Self {
        UnixListenerStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::UnixListener;
    /// use runtime::stream::wrappers::UnixListenerStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let name = format!("\0runtime-stream-inner-{}", std::process::id());
    /// let inner = UnixListener::bind(&name)?;
    /// let _inner = UnixListenerStream::new(inner).into_inner();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> UnixListener {
        self.inner
    }
}

impl Stream for UnixListenerStream {
    type Item = io::Result<UnixStream>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let accepted = self.inner.poll_accept(cx);
        accepted.map(|accepted| Some(accepted.map(|(stream, _)| stream)))
    }
}

impl AsRef<UnixListener> for UnixListenerStream {
    fn as_ref(&self) -> &UnixListener {
        &self.inner
    }
}

impl AsMut<UnixListener> for UnixListenerStream {
    fn as_mut(&mut self) -> &mut UnixListener {
        &mut self.inner
    }
}

/// What the tasks of a set return, as they end. It ends when the set is empty.
///
/// The set's tasks are aborted when it is dropped.
///
/// # Examples
///
/// ```
/// use runtime::stream::{StreamExt, wrappers::JoinSetStream};
/// use runtime::task::JoinSet;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut set = JoinSet::new();
/// set.spawn(async { 1 });
/// set.spawn(async { 2 });
/// let results: Result<Vec<i32>, _> = JoinSetStream::new(set).collect().await;
/// let mut results = results.unwrap();
/// results.sort();
/// assert_eq!(results, [1, 2]);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct JoinSetStream<T> {
    inner: JoinSet<T>,
}

impl<T: 'static> JoinSetStream<T> {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::JoinSetStream;
    /// use runtime::task::JoinSet;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = JoinSet::<i32>::new();
    /// let _stream = JoinSetStream::new(inner);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(inner: JoinSet<T>) -> Self {
        JoinSetStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::stream::wrappers::JoinSetStream;
    /// use runtime::task::JoinSet;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = JoinSet::<i32>::new();
    /// let _inner = JoinSetStream::new(inner).into_inner();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> JoinSet<T> {
        self.inner
    }
}

impl<T: 'static> Stream for JoinSetStream<T> {
    type Item = Result<T, JoinError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_join_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.inner.len(), Some(self.inner.len()))
    }
}

impl<T: 'static> AsRef<JoinSet<T>> for JoinSetStream<T> {
    fn as_ref(&self) -> &JoinSet<T> {
        &self.inner
    }
}

impl<T: 'static> AsMut<JoinSet<T>> for JoinSetStream<T> {
    fn as_mut(&mut self) -> &mut JoinSet<T> {
        &mut self.inner
    }
}

impl<T: 'static> From<JoinSet<T>> for JoinSetStream<T> {
    fn from(inner: JoinSet<T>) -> Self {
        JoinSetStream::new(inner)
    }
}
