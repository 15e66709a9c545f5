//! TCP: what [`TcpStream::split`] and [`TcpStream::into_split`] return.
//!
//! The listener, the stream and the socket are in [`net`](super).

pub(super) mod listener;
mod owned;
pub(super) mod socket;
mod split;
pub(super) mod stream;
mod stream_io;

pub use owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use split::{ReadHalf, WriteHalf};

// The public paths of these are in `net`.
use listener::TcpListener;
use socket::TcpSocket;
use stream::TcpStream;
