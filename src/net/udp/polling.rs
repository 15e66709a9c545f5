//! Sending and receiving for code that polls: one task a direction, the last one that asks
//! is woken.

use super::UdpSocket;
use super::transfer::peek_sender;
use crate::async_io::ReadBuf;
use crate::base::wait;
use crate::net::memory;
use crate::registry::Side;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::task::{Context, Poll};

/// Sending and receiving for code that polls: one task a direction. The last one that asks
/// is woken.
impl UdpSocket {
    /// Whether there is room to send a datagram.
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
    /// poll_fn(|cx| here.poll_send_ready(cx)).await?;
    /// assert_eq!(here.try_send(b"hello")?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wait::at(Location::caller(), || {
            self.source.poll_ready(Side::Write, cx)
        })
    }

    /// Whether there is a datagram to receive.
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
    /// poll_fn(|cx| here.poll_recv_ready(cx)).await?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wait::at(Location::caller(), || {
            self.source.poll_ready(Side::Read, cx)
        })
    }

    /// Sends to the connected peer; see [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// Those of `send(2)`, or if the runtime is shut down.
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
    /// assert_eq!(poll_fn(|cx| here.poll_send(cx, b"hello")).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let op = |socket: &mio::net::UdpSocket| socket.send(buf);
        wait::at(Location::caller(), || {
            self.source.poll_io(Side::Write, cx, op)
        })
    }

    /// Sends to `target`; see [`send_to`](Self::send_to).
    ///
    /// # Errors
    ///
    /// Those of `send(2)`, or if the runtime is shut down.
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
    /// let target = there.local_addr()?;
    /// assert_eq!(poll_fn(|cx| here.poll_send_to(cx, b"hello", target)).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        let op = |socket: &mio::net::UdpSocket| socket.send_to(buf, target);
        wait::at(Location::caller(), || {
            self.source.poll_io(Side::Write, cx, op)
        })
    }

    /// Receives from the connected peer; see [`recv`](Self::recv).
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
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
    /// let mut memory = [0; 8];
    /// let mut buffer = ReadBuf::new(&mut memory);
    /// poll_fn(|cx| here.poll_recv(cx, &mut buffer)).await?;
    /// assert_eq!(buffer.filled(), b"hello");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let op = |socket: &_| memory::recv(socket, buf).map(|_| ());
        wait::at(Location::caller(), || {
            self.source.poll_io(Side::Read, cx, op)
        })
    }

    /// Receives, and says from whom; see [`recv_from`](Self::recv_from).
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
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
    /// let mut memory = [0; 8];
    /// let mut buffer = ReadBuf::new(&mut memory);
    /// let from = poll_fn(|cx| here.poll_recv_from(cx, &mut buffer)).await?;
    /// assert_eq!(from, there.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<SocketAddr>> {
        let op = |socket: &_| memory::recv_from(socket, buf).and_then(memory::address);
        wait::at(Location::caller(), || {
            self.source.poll_io(Side::Read, cx, op)
        })
    }

    /// Receives and leaves the datagram where it is; see [`peek`](Self::peek).
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
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
    /// let mut memory = [0; 8];
    /// let mut buffer = ReadBuf::new(&mut memory);
    /// poll_fn(|cx| here.poll_peek(cx, &mut buffer)).await?;
    /// assert_eq!(here.recv(&mut [0; 8]).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let op = |socket: &_| memory::peek(socket, buf).map(|_| ());
        wait::at(Location::caller(), || {
            self.source.poll_io(Side::Read, cx, op)
        })
    }

    /// Receives, leaves the datagram where it is, and says from whom it is; see
    /// [`peek_from`](Self::peek_from).
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
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
    /// let mut memory = [0; 8];
    /// let mut buffer = ReadBuf::new(&mut memory);
    /// let from = poll_fn(|cx| here.poll_peek_from(cx, &mut buffer)).await?;
    /// assert_eq!(from, there.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_peek_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<SocketAddr>> {
        let op = |socket: &_| memory::peek_from(socket, buf).and_then(memory::address);
        wait::at(Location::caller(), || {
            self.source.poll_io(Side::Read, cx, op)
        })
    }

    /// Says from whom the next datagram is; see [`peek_sender`](Self::peek_sender).
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
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
    /// let from = poll_fn(|cx| here.poll_peek_sender(cx)).await?;
    /// assert_eq!(from, there.local_addr()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        wait::at(Location::caller(), || {
            self.source.poll_io(Side::Read, cx, peek_sender)
        })
    }
}
