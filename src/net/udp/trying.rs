//! Sending and receiving now or never.

use super::UdpSocket;
use super::transfer::{peek_sender, recv_buf_from};
use crate::net::{READ, WRITE, memory};
use crate::registry::Interest;
use bytes::BufMut;
use std::io;
use std::net::SocketAddr;

/// Trying, without to wait: [`WouldBlock`](io::ErrorKind::WouldBlock) says that it is too early.
impl UdpSocket {
    /// Sends to the connected peer, if there is room. See [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is no room;
    /// [`writable`](Self::writable) waits for it. Else those of `send(2)`.
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
    /// here.writable().await?;
    /// assert_eq!(here.try_send(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.source.try_io(WRITE, |socket| socket.send(buf))
    }

    /// Sends to `target`, if there is room. See [`send_to`](Self::send_to).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is no room;
    /// [`writable`](Self::writable) waits for it. Else those of `send(2)`.
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
    /// assert_eq!(here.try_send_to(b"hello", there.local_addr()?)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.source
            .try_io(WRITE, |socket| socket.send_to(buf, target))
    }

    /// Receives from the connected peer, if there is a datagram. See [`recv`](Self::recv).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is none;
    /// [`readable`](Self::readable) waits for it. Else those of [`recv`](Self::recv).
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
    /// let mut buffer = [0; 1500];
    /// let nothing = here.try_recv(&mut buffer).unwrap_err();
    /// assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.source.try_io(READ, |socket| socket.recv(buf))
    }

    /// Receives from the connected peer, if there is a datagram. See
    /// [`recv_buf`](Self::recv_buf).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is none;
    /// [`readable`](Self::readable) waits for it. Else those of [`recv`](Self::recv).
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
    /// let mut buffer = Vec::with_capacity(8);
    /// assert_eq!(here.try_recv_buf(&mut buffer)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_recv_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.source
            .try_io(READ, |socket| memory::recv_buf(socket, buf))
    }

    /// Receives, if there is a datagram. See [`recv_from`](Self::recv_from).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is none;
    /// [`readable`](Self::readable) waits for it. Else those of [`recv`](Self::recv).
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
    /// assert_eq!(here.try_recv_from(&mut [0; 8])?, (5, there.local_addr()?));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.source.try_io(READ, |socket| socket.recv_from(buf))
    }

    /// Receives, if there is a datagram. See [`recv_buf_from`](Self::recv_buf_from).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is none;
    /// [`readable`](Self::readable) waits for it. Else those of [`recv`](Self::recv).
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
    /// let mut buffer = Vec::with_capacity(8);
    /// assert_eq!(here.try_recv_buf_from(&mut buffer)?, (5, there.local_addr()?));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_recv_buf_from<B: BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
        self.source
            .try_io(READ, |socket| recv_buf_from(socket, buf))
    }

    /// Receives, if there is a datagram, and leaves it where it is. See [`peek`](Self::peek).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is none;
    /// [`readable`](Self::readable) waits for it. Else those of [`recv`](Self::recv).
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
    /// assert_eq!(here.try_peek(&mut [0; 8])?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.source.try_io(READ, |socket| socket.peek(buf))
    }

    /// Receives, if there is a datagram, and leaves it where it is. See
    /// [`peek_from`](Self::peek_from).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is none;
    /// [`readable`](Self::readable) waits for it. Else those of [`recv`](Self::recv).
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
    /// assert_eq!(here.try_peek_from(&mut [0; 8])?, (5, there.local_addr()?));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.source.try_io(READ, |socket| socket.peek_from(buf))
    }

    /// Says from whom the next datagram is, if there is one.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is none;
    /// [`readable`](Self::readable) waits for it. Else those of [`recv`](Self::recv).
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
    /// assert_eq!(here.try_peek_sender()?, there.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.source.try_io(READ, peek_sender)
    }

    /// Runs an operation of your own, if the socket is ready for `interest`.
    ///
    /// It is for operations that this type has no method for. If `f` says
    /// [`WouldBlock`](io::ErrorKind::WouldBlock), the readiness is taken back: it must say
    /// so only if the system did, and must not use the methods of this type.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if the socket is not ready, without calling
    /// `f`; else those of `f`.
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
    /// let send = || socket2::SockRef::from(&here).send(b"hello");
    /// assert_eq!(here.try_io(Interest::WRITABLE, send)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        self.source.try_once(interest, |_| f())
    }
}
