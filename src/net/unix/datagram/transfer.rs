//! Sending and receiving, any number of tasks.

use super::super::SocketAddr;
use super::super::addr::{from_system, to_system};
use super::UnixDatagram;
use crate::net::{READ, WRITE, here, memory};
use crate::registry::Interest;
use bytes::BufMut;
use socket2::SockRef;
use std::io;
use std::path::Path;

/// Sending and receiving.
impl UnixDatagram {
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
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
    /// assert_eq!(here.send(b"hello").await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn send(&self, buf: &[u8]) -> impl Future<Output = io::Result<usize>> {
        here(self.source.async_io(WRITE, move |socket| socket.send(buf)))
    }

    /// Sends to the socket at `target`, and says how many bytes. A path that begins with a
    /// zero byte is an abstract name.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `send(2)`, or if the runtime is shut down. Also if the path is too long or has
    /// zero bytes in it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let name = |end| format!("\0doc-{}-1-{end}", std::process::id());
    /// let here = UnixDatagram::bind(name("here"))?;
    /// let there = UnixDatagram::bind(name("there"))?;
    /// assert_eq!(here.send_to(b"hello", name("there")).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn send_to<P: AsRef<Path>>(
        &self,
        buf: &[u8],
        target: P,
    ) -> impl Future<Output = io::Result<usize>> {
        let target = to_system(target.as_ref());
        here(async move {
            let target = target?;
            let send = |socket: &_| SockRef::from(socket).send_to(buf, &target);
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
    /// Those of `recv(2)`, or if the runtime is shut down. A `ConnectionReset` says
    /// that the connected peer was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
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
    /// Those of `recv(2)`, or if the runtime is shut down. A `ConnectionReset` says
    /// that the connected peer was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
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
    /// Those of `recv(2)`, or if the runtime is shut down. A `ConnectionReset` says
    /// that the connected peer was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let name = |end| format!("\0doc-{}-2-{end}", std::process::id());
    /// let here = UnixDatagram::bind(name("here"))?;
    /// let there = UnixDatagram::bind(name("there"))?;
    /// there.send_to(b"hello", name("here")).await?;
    /// let mut buffer = [0; 1500];
    /// let (count, from) = here.recv_from(&mut buffer).await?;
    /// assert_eq!(count, 5);
    /// let address = there.local_addr()?;
    /// assert_eq!(from.as_abstract_name(), address.as_abstract_name());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn recv_from(
        &self,
        buf: &mut [u8],
    ) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        let recv = move |socket: &_| recv_from(socket, buf);
        here(self.source.async_io(READ, recv))
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
    /// Those of `recv(2)`, or if the runtime is shut down. A `ConnectionReset` says
    /// that the connected peer was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let name = |end| format!("\0doc-{}-3-{end}", std::process::id());
    /// let here = UnixDatagram::bind(name("here"))?;
    /// let there = UnixDatagram::bind(name("there"))?;
    /// there.send_to(b"hello", name("here")).await?;
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
    /// # use runtime::io::Interest;
    /// # use runtime::net::UnixDatagram;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (here, there) = UnixDatagram::pair()?;
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

pub(super) fn recv_from(
    socket: &mio::net::UnixDatagram,
    buf: &mut [u8],
) -> io::Result<(usize, SocketAddr)> {
    let (count, from) = socket.recv_from(buf)?;
    Ok((count, from.into()))
}

pub(super) fn recv_buf_from<B: BufMut>(
    socket: &mio::net::UnixDatagram,
    buf: &mut B,
) -> io::Result<(usize, SocketAddr)> {
    let (count, from) = memory::recv_buf_from(socket, buf)?;
    Ok((count, from_system(&from)?))
}
