//! TCP: what [`TcpStream::split`] and [`TcpStream::into_split`] return.
//!
//! The listener, the stream and the socket are in [`net`](super).

mod listener;
mod owned;
mod socket;
mod split;
mod stream;
mod stream_io;

pub use listener::TcpListener;
pub use owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use socket::TcpSocket;
pub use split::{ReadHalf, WriteHalf};
pub use stream::TcpStream;
