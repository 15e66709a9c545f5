//! Sockets: TCP, UDP and Unix; and pipes.
//!
//! | to | there is |
//! |---|---|
//! | take connections | [`TcpListener`] |
//! | have one | [`TcpStream`], and [`TcpStream::into_split`] for two tasks |
//! | set options before it is bound or connected | [`TcpSocket`] |
//! | send and receive datagrams | [`UdpSocket`] |
//! | talk within the machine | [`UnixListener`], [`UnixStream`], [`UnixDatagram`] |
//! | read or write a pipe | [`unix::pipe`] |
//! | find the addresses of a name | [`lookup_host`]; [`ToSocketAddrs`] does so by itself |
//!
//! # Examples
//!
//! ```
//! use runtime::io::{AsyncReadExt, AsyncWriteExt};
//! use runtime::net::{TcpListener, TcpStream};
//!
//! # runtime::rt::Runtime::new().unwrap().block_on(async {
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! let server = runtime::spawn(async move {
//!     let (mut stream, _) = listener.accept().await?;
//!     stream.write_all(b"hello").await
//! });
//! let mut greeting = String::new();
//! TcpStream::connect(address).await?.read_to_string(&mut greeting).await?;
//! assert_eq!(greeting, "hello");
//! server.await.unwrap()
//! # }).unwrap();
//! ```
//!
//! # Sockets and runtimes
//!
//! A socket belongs to the runtime in whose context it was made. It can be used from
//! anywhere, on another runtime or with another executor, for as long as its own lives;
//! when that is shut down, whatever waits for the socket, and whatever is tried after
//! that, ends with an error that says so.
//!
//! # Readiness
//!
//! `ready`, `readable` and `writable` wait until an operation is worth a try, and the
//! `try_*` methods try it. A readiness stays until an operation finds that it is used up;
//! so an operation behind the socket's back (on its descriptor) belongs into `try_io` or
//! `async_io`, which take notice of its [`WouldBlock`](std::io::ErrorKind::WouldBlock).
//!
//! These waits spend the task's [budget](crate::task::coop) also where the socket is ready:
//! a loop of `writable` and `try_write` lets the others have their turn. Whoever polls such
//! a wait by hand may so see it pending although the socket is ready.

// Each socket is a `driver::Source`, where the loop of trying and waiting is, once for
// all. What is here says which operation, for whom, and in which words. Three forms:
//
// * `poll_*`: one task a direction. On `Source::poll_io` and, for streams of bytes,
//   `poll_stream`, which saves the read that would only find out that there is no more.
// * futures: any number of tasks through `&self`. On `Source::async_io`.
// * `try_*`: on `Source::try_io`.
//
// Where things are: `addr` (names to addresses), `connect` (addresses to a connection),
// `pause` (a listener that is out of descriptors), `delay` (what both wait with), `shared`
// (a stream with two owners), and the sockets. The unsafe code is in `memory` (receiving into
// memory that isn't initialised), `sys` (system calls) and `from_raw`.

mod addr;
mod connect;
mod delay;
mod from_raw;
mod listening;
mod memory;
mod pause;
mod shared;
mod sys;
pub mod tcp;
#[cfg(all(test, not(loom)))]
mod tests;
mod udp;
pub mod unix;

pub use addr::{ToSocketAddrs, lookup_host};
pub use listening::{Listener, ListenerAcceptFut};
pub use tcp::listener::TcpListener;
pub use tcp::socket::TcpSocket;
pub use tcp::stream::TcpStream;
pub use udp::{UdpFramed, UdpSocket};
pub use unix::datagram::UnixDatagram;
pub use unix::listener::UnixListener;
pub use unix::socket::UnixSocket;
pub use unix::stream::UnixStream;

use crate::base::budget::spend;
use crate::base::wait::here;
use crate::driver::{Reactor, Source};
use crate::registry::Interest;
use crate::rt;
use std::panic::Location;
use std::sync::Arc;

const READ: Interest = Interest::READABLE;
const WRITE: Interest = Interest::WRITABLE;
const BOTH: Interest = READ.add(WRITE);

/// What a stream is registered for: the mark of urgent data as well, at which a read
/// stops short.
#[cfg(any(target_os = "linux", target_os = "android"))]
const STREAM: Interest = BOTH.add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const STREAM: Interest = BOTH;

/// The reactor of the current runtime.
///
/// # Panics
/// If there is none, at the caller's line.
#[track_caller]
fn reactor() -> Arc<Reactor> {
    rt::reactor()
}

/// The reactor of the current runtime, for a future that is polled elsewhere than it was
/// asked for.
///
/// # Panics
/// If there is none; the message names `asked_for`.
fn reactor_of(asked_for: &Location<'_>) -> Arc<Reactor> {
    match try_reactor() {
        Some(reactor) => reactor,
        None => panic!(
            "the socket asked for at {asked_for} has no runtime: `.await` it within \
             `Runtime::block_on`, a task, or the scope of `Runtime::enter`"
        ),
    }
}

/// The reactor of the current runtime, if there is one.
fn try_reactor() -> Option<Arc<Reactor>> {
    let home = rt::try_home()?;
    Some(home.scheduler().reactor().clone())
}

/// The reactor for what `listener` has accepted.
fn reactor_for_accepted<S: mio::event::Source>(listener: &Source<S>) -> Arc<Reactor> {
    match rt::try_home() {
        Some(home) => home.scheduler().next_reactor().clone(),
        None => listener.reactor().clone(),
    }
}
