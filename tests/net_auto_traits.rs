//! Which types of sockets, pipes, descriptors and standard streams, and which of their futures,
//! may be sent and shared.

use runtime::either::Either;
use runtime::io::unix::{AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard};
use runtime::io::unix::{AsyncFdRegisterError, TryIoError};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadHalf, SimplexStream};
use runtime::io::{Stderr, Stdin, Stdout, WriteHalf};
use runtime::net::ListenerAcceptFut;
use runtime::net::unix::{SocketAddr, UCred, pipe};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UdpSocket, tcp, unix};
use runtime::net::{UnixDatagram, UnixListener, UnixSocket, UnixStream};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::error::Error;
use std::fmt::Debug;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, RawFd};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

assert_impl_all!(TcpListener: UnwindSafe, RefUnwindSafe);
assert_impl_all!(TcpStream: UnwindSafe, RefUnwindSafe);
assert_impl_all!(TcpSocket: UnwindSafe, RefUnwindSafe);
assert_impl_all!(UdpSocket: UnwindSafe, RefUnwindSafe);
assert_impl_all!(UnixListener: UnwindSafe, RefUnwindSafe);
assert_impl_all!(UnixStream: UnwindSafe, RefUnwindSafe);
assert_impl_all!(UnixDatagram: UnwindSafe, RefUnwindSafe);

assert_impl_all!(TcpListener: Send, Sync, Unpin, Debug, AsFd, AsRawFd);
assert_impl_all!(TcpStream: Send, Sync, Unpin, Debug, AsFd, AsRawFd, AsRef<TcpStream>);
assert_impl_all!(TcpSocket: Send, Sync, Unpin, Debug, AsFd, FromRawFd, IntoRawFd);
assert_impl_all!(UdpSocket: Send, Sync, Unpin, Debug, AsFd, AsRawFd);
assert_impl_all!(tcp::ReadHalf<'static>: Send, Sync, Unpin, Debug, AsRef<TcpStream>);
assert_impl_all!(tcp::WriteHalf<'static>: Send, Sync, Unpin, Debug, AsRef<TcpStream>);
assert_impl_all!(tcp::OwnedReadHalf: Send, Sync, Unpin, Debug, AsRef<TcpStream>);
assert_impl_all!(tcp::OwnedWriteHalf: Send, Sync, Unpin, Debug, AsRef<TcpStream>);
assert_impl_all!(tcp::ReuniteError: Send, Sync, Unpin, Error);

assert_impl_all!(UnixListener: Send, Sync, Unpin, Debug, AsFd, AsRawFd);
assert_impl_all!(UnixStream: Send, Sync, Unpin, Debug, AsFd, AsRawFd, AsRef<UnixStream>);
assert_impl_all!(UnixDatagram: Send, Sync, Unpin, Debug, AsFd, AsRawFd);
assert_impl_all!(UnixSocket: Send, Sync, Unpin, Debug, AsFd, FromRawFd, IntoRawFd);
assert_impl_all!(unix::ReadHalf<'static>: Send, Sync, Unpin, Debug, AsRef<UnixStream>);
assert_impl_all!(unix::WriteHalf<'static>: Send, Sync, Unpin, Debug, AsRef<UnixStream>);
assert_impl_all!(unix::OwnedReadHalf: Send, Sync, Unpin, Debug, AsRef<UnixStream>);
assert_impl_all!(unix::OwnedWriteHalf: Send, Sync, Unpin, Debug, AsRef<UnixStream>);
assert_impl_all!(unix::ReuniteError: Send, Sync, Unpin, Error);
assert_impl_all!(SocketAddr: Send, Sync, Unpin, Debug, Clone);
assert_impl_all!(UCred: Send, Sync, Unpin, Debug, Copy, Eq, std::hash::Hash);
assert_impl_all!(pipe::Sender: Send, Sync, Unpin, Debug, AsFd, AsRawFd);
assert_impl_all!(pipe::Receiver: Send, Sync, Unpin, Debug, AsFd, AsRawFd);
assert_impl_all!(pipe::OpenOptions: Send, Sync, Unpin, Debug, Clone, Default);

assert_impl_all!(Stdin: Send, Sync, Unpin, Debug, AsFd, AsRawFd);
assert_impl_all!(Stdout: Send, Sync, Unpin, Debug, AsFd, AsRawFd);
assert_impl_all!(Stderr: Send, Sync, Unpin, Debug, AsFd, AsRawFd);

// A panic leaves none of them half done.
assert_impl_all!(TcpListener: UnwindSafe, RefUnwindSafe);
assert_impl_all!(TcpStream: UnwindSafe, RefUnwindSafe);
assert_impl_all!(UdpSocket: UnwindSafe, RefUnwindSafe);
assert_impl_all!(UnixListener: UnwindSafe, RefUnwindSafe);
assert_impl_all!(UnixStream: UnwindSafe, RefUnwindSafe);
assert_impl_all!(UnixDatagram: UnwindSafe, RefUnwindSafe);
assert_impl_all!(tcp::OwnedReadHalf: UnwindSafe, RefUnwindSafe);
assert_impl_all!(unix::OwnedWriteHalf: UnwindSafe, RefUnwindSafe);
assert_impl_all!(pipe::Sender: UnwindSafe, RefUnwindSafe);
assert_impl_all!(pipe::Receiver: UnwindSafe, RefUnwindSafe);
assert_impl_all!(Stdin: UnwindSafe, RefUnwindSafe);
assert_impl_all!(ReadHalf<Cell<u8>>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(WriteHalf<Cell<u8>>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(SimplexStream: UnwindSafe, RefUnwindSafe);

assert_impl_all!(ListenerAcceptFut<'static, TcpListener>: Send, Sync, Unpin, Debug, Future);
assert_impl_all!(Either<TcpStream, UnixStream>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Either<&'static [u8], Cell<u8>>: Send);
assert_not_impl_any!(Either<TcpStream, Rc<u8>>: Send, Sync);
assert_not_impl_any!(Either<TcpStream, std::marker::PhantomPinned>: Unpin);

/// Has a descriptor, and may be sent but not shared.
struct Unshared(Cell<RawFd>);

impl AsRawFd for Unshared {
    fn as_raw_fd(&self) -> RawFd {
        self.0.get()
    }
}

/// Has a descriptor, and may not be sent.
struct Unsent(Rc<RawFd>);

impl AsRawFd for Unsent {
    fn as_raw_fd(&self) -> RawFd {
        *self.0
    }
}

assert_impl_all!(AsyncFd<RawFd>: Send, Sync, Unpin, Debug, AsFd, AsRawFd);
assert_impl_all!(AsyncFd<Unshared>: Send);
assert_not_impl_any!(AsyncFd<Unshared>: Sync);
assert_not_impl_any!(AsyncFd<Unsent>: Send, Sync);
assert_impl_all!(AsyncFdReadyGuard<'static, RawFd>: Send, Sync, Unpin, Debug);
assert_not_impl_any!(AsyncFdReadyGuard<'static, Unshared>: Send, Sync);
assert_impl_all!(AsyncFdReadyMutGuard<'static, Unshared>: Send);
assert_not_impl_any!(AsyncFdReadyMutGuard<'static, Unshared>: Sync);
assert_impl_all!(AsyncFdRegisterError<u8>: Send, Sync, Unpin, Error);
assert_not_impl_any!(AsyncFdRegisterError<Rc<u8>>: Send, Sync);
assert_impl_all!(TryIoError: Send, Sync, Unpin, Error);

fn send<T: Send>(_: T) {}
fn send_sync<T: Send + Sync>(_: T) {}

/// Asserted by the compiler alone.
#[allow(dead_code)]
fn futures_of_methods(
    listener: &UnixListener,
    stream: &mut UnixStream,
    socket: &UnixDatagram,
    ends: (&mut pipe::Sender, &mut pipe::Receiver),
    fd: &mut AsyncFd<RawFd>,
    unshared: &mut AsyncFd<Unshared>,
    streams: (&mut Stdin, &mut Stdout),
) {
    send_sync(TcpStream::connect("name:1"));
    send_sync(UnixStream::connect("path"));
    send_sync(UnixSocket::connect(
        UnixSocket::new_stream().unwrap(),
        "path",
    ));
    send_sync(listener.accept());
    send_sync(stream.ready(Interest::READABLE));
    send_sync(stream.readable());
    send_sync(stream.read(&mut [0]));
    send_sync(socket.recv_from(&mut [0]));
    send_sync(socket.send_to(b"x", "path"));
    send_sync(ends.0.writable());
    send_sync(ends.1.readable());
    send_sync(fd.ready(Interest::READABLE));
    send(fd.ready_mut(Interest::READABLE));
    send(unshared.ready_mut(Interest::READABLE));
    send(unshared.readable_mut());
    send(unshared.writable_mut());
    send(fd.async_io_mut(Interest::READABLE, |_| Ok(())));
    send_sync(streams.0.read(&mut [0]));
    send_sync(streams.1.write(b"x"));
}

#[test]
fn it_compiles() {}
