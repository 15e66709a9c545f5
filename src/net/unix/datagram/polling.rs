//! Sending and receiving for code that polls: one task a direction, the last one that asks
//! is woken.

use super::super::SocketAddr;
use super::super::addr::{from_system, to_system};
use super::UnixDatagram;
use crate::async_io::ReadBuf;
use crate::base::wait;
use crate::net::memory;
use crate::registry::Side;
use socket2::SockRef;
use std::io;
use std::panic::Location;
use std::path::Path;
use std::task::{Context, Poll};

/// Sending and receiving for code that polls: one task a direction. The last one that asks
/// is woken.
impl UnixDatagram {
    /// Whether there is room to send a datagram.
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
    /// use std::future::poll_fn;
    ///
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// use std::future::poll_fn;
    ///
    /// there.send(b"hello").await?;
    /// poll_fn(|cx| here.poll_recv_ready(cx)).await?;
    /// assert_eq!(here.try_recv(&mut [0; 8])?, 5);
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// use std::future::poll_fn;
    ///
    /// assert_eq!(poll_fn(|cx| here.poll_send(cx, b"hello")).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let op = |socket: &mio::net::UnixDatagram| socket.send(buf);
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// use std::future::poll_fn;
    ///
    /// let name = format!("\0doc-poll-send-to-{}", std::process::id());
    /// let bound = UnixDatagram::bind(&name)?;
    /// let free = UnixDatagram::unbound()?;
    /// assert_eq!(poll_fn(|cx| free.poll_send_to(cx, b"hello", &name)).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_send_to<P: AsRef<Path>>(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: P,
    ) -> Poll<io::Result<usize>> {
        let target = to_system(target.as_ref())?;
        let op = |socket: &_| SockRef::from(socket).send_to(buf, &target);
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// use runtime::io::ReadBuf;
    /// use std::future::poll_fn;
    ///
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// use runtime::io::ReadBuf;
    /// use std::future::poll_fn;
    ///
    /// there.send(b"hello").await?;
    /// let mut memory = [0; 8];
    /// let mut buffer = ReadBuf::new(&mut memory);
    /// let from = poll_fn(|cx| here.poll_recv_from(cx, &mut buffer)).await?;
    /// assert!(from.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<SocketAddr>> {
        let op = |socket: &_| from_system(&memory::recv_from(socket, buf)?);
        wait::at(Location::caller(), || {
            self.source.poll_io(Side::Read, cx, op)
        })
    }
}
