//! Sending and receiving, any number of tasks.

use super::UdpSocket;
use crate::net::addr::{ToSocketAddrs, resolve, target};
use crate::net::{READ, WRITE, here, memory};
use crate::registry::Interest;
use bytes::BufMut;
use socket2::SockRef;
use std::io;
use std::net::SocketAddr;

/// Sending and receiving.
impl UdpSocket {
    /// Sends to the [connected](Self::connect) peer, and says how many bytes.
    ///
    /// A datagram is sent as a whole, or the system refuses it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `send(2)`, or if the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UdpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// assert_eq!(here.send(b"hello").await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn send(&self, buf: &[u8]) -> impl Future<Output = io::Result<usize>> {
        here(self.source.async_io(WRITE, move |socket| socket.send(buf)))
    }

    /// Sends to the first of `target`'s addresses, and says how many bytes.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `send(2)`, or if the runtime is shut down.
    /// Also if the name cannot be looked up.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UdpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// assert_eq!(here.send_to(b"hello", there.local_addr()?).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn send_to<A: ToSocketAddrs>(
        &self,
        buf: &[u8],
        target: A,
    ) -> impl Future<Output = io::Result<usize>> {
        let target = self::target(&target);
        here(async move {
            let address = resolve(target).await?.first()?;
            let send = |socket: &mio::net::UdpSocket| socket.send_to(buf, address);
            self.source.async_io(WRITE, send).await
        })
    }

    /// Receives a datagram from the [connected](Self::connect) peer, and says how many bytes.
    ///
    /// What does not fit is lost.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`, or if the runtime is shut down. On a connected socket also what a
    /// datagram that was sent earlier has met with: `ConnectionRefused`, if nobody is there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UdpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// there.send(b"hello").await?;
    /// let mut buffer = [0; 1500];
    /// assert_eq!(here.recv(&mut buffer).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn recv(&self, buf: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        here(self.source.async_io(READ, move |socket| socket.recv(buf)))
    }

    /// [`recv`](Self::recv) that appends to `buf`, whose memory need not be initialised.
    ///
    /// `buf` must have room: what does not fit into its next chunk is lost.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`, or if the runtime is shut down. On a connected socket also what a
    /// datagram that was sent earlier has met with: `ConnectionRefused`, if nobody is there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UdpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// there.send(b"hello").await?;
    /// let mut buffer = Vec::with_capacity(1500);
    /// here.recv_buf(&mut buffer).await?;
    /// assert_eq!(buffer, b"hello");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn recv_buf<B: BufMut>(&self, buf: &mut B) -> impl Future<Output = io::Result<usize>> {
        let recv = move |socket: &_| memory::recv_buf(socket, buf);
        here(self.source.async_io(READ, recv))
    }

    /// Receives a datagram, and says how many bytes and from whom.
    ///
    /// What does not fit is lost.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`, or if the runtime is shut down. On a connected socket also what a
    /// datagram that was sent earlier has met with: `ConnectionRefused`, if nobody is there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UdpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// there.send_to(b"hello", here.local_addr()?).await?;
    /// let mut buffer = [0; 1500];
    /// let (count, from) = here.recv_from(&mut buffer).await?;
    /// assert_eq!((count, from), (5, there.local_addr()?));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn recv_from(
        &self,
        buf: &mut [u8],
    ) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        here(
            self.source
                .async_io(READ, move |socket| socket.recv_from(buf)),
        )
    }

    /// [`recv_from`](Self::recv_from) that appends to `buf`, whose memory need not be
    /// initialised.
    ///
    /// `buf` must have room: what does not fit into its next chunk is lost.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`, or if the runtime is shut down. On a connected socket also what a
    /// datagram that was sent earlier has met with: `ConnectionRefused`, if nobody is there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UdpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// there.send_to(b"hello", here.local_addr()?).await?;
    /// let mut buffer = Vec::with_capacity(1500);
    /// here.recv_buf_from(&mut buffer).await?;
    /// assert_eq!(buffer, b"hello");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn recv_buf_from<B: BufMut>(
        &self,
        buf: &mut B,
    ) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        let recv = move |socket: &_| recv_buf_from(socket, buf);
        here(self.source.async_io(READ, recv))
    }

    /// [`recv`](Self::recv) that leaves the datagram where it is.
    ///
    /// Two tasks that peek at a time see the same one.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`, or if the runtime is shut down. On a connected socket also what a
    /// datagram that was sent earlier has met with: `ConnectionRefused`, if nobody is there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UdpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// there.send(b"hello").await?;
    /// let mut buffer = [0; 1500];
    /// assert_eq!(here.peek(&mut buffer).await?, 5);
    /// assert_eq!(here.recv(&mut buffer).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn peek(&self, buf: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        here(self.source.async_io(READ, move |socket| socket.peek(buf)))
    }

    /// [`recv_from`](Self::recv_from) that leaves the datagram where it is.
    ///
    /// Two tasks that peek at a time see the same one.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`, or if the runtime is shut down. On a connected socket also what a
    /// datagram that was sent earlier has met with: `ConnectionRefused`, if nobody is there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UdpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// there.send_to(b"hello", here.local_addr()?).await?;
    /// let mut buffer = [0; 1500];
    /// assert_eq!(here.peek_from(&mut buffer).await?.0, 5);
    /// assert_eq!(here.recv_from(&mut buffer).await?.0, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn peek_from(
        &self,
        buf: &mut [u8],
    ) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        here(
            self.source
                .async_io(READ, move |socket| socket.peek_from(buf)),
        )
    }

    /// Waits for a datagram, and says from whom it is.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`, or if the runtime is shut down. On a connected socket also what a
    /// datagram that was sent earlier has met with: `ConnectionRefused`, if nobody is there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UdpSocket;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// there.send_to(b"hello", here.local_addr()?).await?;
    /// assert_eq!(here.peek_sender().await?, there.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn peek_sender(&self) -> impl Future<Output = io::Result<SocketAddr>> {
        here(self.source.async_io(READ, peek_sender))
    }

    /// Runs an operation of your own whenever the socket is ready for `interest`, until it
    /// says something else than [`WouldBlock`](io::ErrorKind::WouldBlock).
    ///
    /// See [`try_io`](Self::try_io) for what `f` may do.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `f`, or if the runtime is shut down.
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
    /// let send = || socket2::SockRef::from(&here).send(b"hello");
    /// assert_eq!(here.async_io(Interest::WRITABLE, send).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        here(self.source.async_io(interest, move |_| f()))
    }
}

pub(super) fn recv_buf_from<B: BufMut>(
    socket: &mio::net::UdpSocket,
    buf: &mut B,
) -> io::Result<(usize, SocketAddr)> {
    let (count, from) = memory::recv_buf_from(socket, buf)?;
    Ok((count, memory::address(from)?))
}

/// Who sent the next datagram.
pub(super) fn peek_sender(socket: &mio::net::UdpSocket) -> io::Result<SocketAddr> {
    memory::address(SockRef::from(socket).peek_sender()?)
}
