//! Sending and receiving now or never.

use super::super::SocketAddr;
use super::super::addr::to_system;
use super::UnixDatagram;
use super::transfer::{recv_buf_from, recv_from};
use crate::net::{READ, WRITE, memory};
use crate::registry::Interest;
use bytes::BufMut;
use socket2::SockRef;
use std::io;
use std::path::Path;

/// Trying, without to wait: [`WouldBlock`](io::ErrorKind::WouldBlock) says that it is too early.
impl UnixDatagram {
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
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// let name = format!("\0doc-try-send-to-{}", std::process::id());
    /// let bound = UnixDatagram::bind(&name)?;
    /// here.writable().await?;
    /// assert_eq!(here.try_send_to(b"hello", &name)?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_send_to<P: AsRef<Path>>(&self, buf: &[u8], target: P) -> io::Result<usize> {
        let target = to_system(target.as_ref())?;
        let send = |socket: &_| SockRef::from(socket).send_to(buf, &target);
        self.source.try_io(WRITE, send)
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
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// there.send(b"hello").await?;
    /// here.readable().await?;
    /// let mut buffer = Vec::with_capacity(1500);
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// there.send(b"hello").await?;
    /// here.readable().await?;
    /// let (count, from) = here.try_recv_from(&mut [0; 1500])?;
    /// assert!(count == 5 && from.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.source.try_io(READ, |socket| recv_from(socket, buf))
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// there.send(b"hello").await?;
    /// here.readable().await?;
    /// let mut buffer = Vec::with_capacity(1500);
    /// let (count, from) = here.try_recv_buf_from(&mut buffer)?;
    /// assert!(count == 5 && from.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_recv_buf_from<B: BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
        self.source
            .try_io(READ, |socket| recv_buf_from(socket, buf))
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
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
