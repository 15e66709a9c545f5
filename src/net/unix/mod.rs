//! Unix sockets: their addresses, and what [`UnixStream::split`] and its like return; and
//! [pipes](pipe).
//!
//! The listener, the stream, the datagram socket and the socket with options are in
//! [`net`](super).

mod addr;
pub(super) mod datagram;
pub(super) mod listener;
mod owned;
pub mod pipe;
pub(super) mod socket;
mod split;
pub(super) mod stream;
mod stream_io;
mod ucred;

pub use addr::SocketAddr;
pub use owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use split::{ReadHalf, WriteHalf};
pub use ucred::UCred;

// The public paths of these are in `net`.
use datagram::UnixDatagram;
use listener::UnixListener;
use stream::UnixStream;

/// The number of a user.
#[allow(non_camel_case_types)] // the system's name
pub type uid_t = u32;

/// The number of a group.
#[allow(non_camel_case_types)] // the system's name
pub type gid_t = u32;

/// The number of a process.
#[allow(non_camel_case_types)] // the system's name
pub type pid_t = i32;
