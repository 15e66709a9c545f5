//! Pipes: bytes in one direction, between threads, processes or, with a name, strangers.
//!
//! # Examples
//!
//! ```
//! use runtime::io::{AsyncReadExt, AsyncWriteExt};
//! use runtime::net::unix::pipe;
//!
//! # runtime::rt::Runtime::new().unwrap().block_on(async {
//! let (mut sender, mut receiver) = pipe::pipe()?;
//! sender.write_all(b"hello").await?;
//! drop(sender);
//! let mut text = String::new();
//! receiver.read_to_string(&mut text).await?;
//! assert_eq!(text, "hello");
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

// On `Source::poll_io`, not `poll_stream`: a pipe of somebody else's can be one of packets
// (`O_DIRECT`), where a short count does not mean that it is drained.

mod open;
mod receiver;
mod sender;

pub use open::OpenOptions;
pub use receiver::Receiver;
pub use sender::Sender;

use crate::net::reactor;
use crate::net::sys;
use socket2::SockRef;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;

/// A pipe: what is written to the sender can be read from the receiver.
///
/// To give one end to a child process, turn it into a descriptor that blocks, with
/// [`Sender::into_blocking_fd`] or [`Receiver::into_blocking_fd`].
///
/// # Errors
///
/// Those of `pipe(2)`.
///
/// # Panics
///
/// Outside of a runtime.
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (mut sender, mut receiver) = runtime::net::unix::pipe::pipe()?;
/// sender.write_u8(7).await?;
/// assert_eq!(receiver.read_u8().await?, 7);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn pipe() -> io::Result<(Sender, Receiver)> {
    let reactor = reactor();
    let (sender, receiver) = mio::unix::pipe::new()?;
    let sender = Sender::register(sender, reactor.clone())?;
    Ok((sender, Receiver::register(receiver, reactor)?))
}

/// Whether `fd` is a pipe that was opened for reading (`O_RDONLY`) or writing (`O_WRONLY`), or
/// for both; makes it one that does not block.
fn prepare(fd: OwnedFd, wanted: libc::c_int) -> io::Result<OwnedFd> {
    let refuse = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    let file = File::from(fd);
    if !file.metadata()?.file_type().is_fifo() {
        return refuse("it is not a pipe");
    }
    let access = sys::open_flags(file.as_fd())? & libc::O_ACCMODE;
    if access != wanted && access != libc::O_RDWR {
        return refuse(match wanted {
            libc::O_RDONLY => "the pipe was not opened for reading",
            _ => "the pipe was not opened for writing",
        });
    }
    SockRef::from(&file).set_nonblocking(true)?;
    Ok(file.into())
}

fn into_blocking(fd: OwnedFd) -> io::Result<OwnedFd> {
    SockRef::from(&fd).set_nonblocking(false)?;
    Ok(fd)
}
