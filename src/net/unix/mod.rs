//! Unix sockets: their addresses, and what [`UnixStream::split`] and its like return; and
//! [pipes](pipe).
//!
//! The listener, the stream, the datagram socket and the socket with options are in
//! [`net`](super).

mod addr;
mod datagram;
mod listener;
mod owned;
pub mod pipe;
mod socket;
mod split;
mod stream;
mod stream_io;
mod ucred;

pub use addr::SocketAddr;
pub use datagram::UnixDatagram;
pub use listener::UnixListener;
pub use owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use socket::UnixSocket;
pub use split::{ReadHalf, WriteHalf};
pub use stream::UnixStream;
pub use ucred::UCred;

/// The number of a user.
#[allow(non_camel_case_types)] // the system's name
pub type uid_t = u32;

/// The number of a group.
#[allow(non_camel_case_types)] // the system's name
pub type gid_t = u32;

/// The number of a process.
#[allow(non_camel_case_types)] // the system's name
pub type pid_t = i32;
