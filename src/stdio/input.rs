//! What descriptor 0 is, and how to read it.
//!
//! # Safety argument
//!
//! This file has unsafe code: socket2 receives into memory that need not be initialised. It
//! hands the memory to the system, which writes the first `n` bytes and returns `n`, and
//! de-initialises nothing.

#![allow(unsafe_code)] // see the safety argument above

use crate::async_io::ReadBuf;
use socket2::SockRef;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};

/// How the input is to be read.
#[derive(Debug)]
pub(super) enum Found {
    /// By the reactor.
    Watchable(Watched),
    /// By jobs that end soon.
    File(File),
    /// By a thread that may wait for ever.
    Other(File),
    /// Not at all: descriptor 0 is closed.
    Nothing,
}

/// Something to read that does not block.
#[derive(Debug)]
pub(super) struct Watched {
    file: File,
    is_socket: bool,
}

/// Finds out what descriptor 0 is.
pub(super) fn find() -> io::Result<Found> {
    let file = match io::stdin().as_fd().try_clone_to_owned() {
        Ok(fd) => File::from(fd),
        Err(error) if error.raw_os_error() == Some(libc::EBADF) => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    let kind = file.metadata()?.file_type();
    if kind.is_socket() {
        let is_socket = true;
        return Ok(Found::Watchable(Watched { file, is_socket }));
    }
    if kind.is_fifo() || is_terminal(&file) {
        return Ok(match again(&file) {
            Ok(file) => Found::Watchable(Watched {
                file,
                is_socket: false,
            }),
            Err(_) => Found::Other(file),
        });
    }
    match kind.is_char_device() {
        true => Ok(Found::Other(file)),
        false => Ok(Found::File(file)),
    }
}

/// Whether it is a terminal, and not the other side of one: opening `/dev/ptmx` again makes
/// another terminal.
fn is_terminal(file: &File) -> bool {
    let is_other_side = |device| (libc::major(device), libc::minor(device)) == (5, 2);
    let device = file.metadata().map(|metadata| metadata.rdev());
    file.is_terminal() && !device.is_ok_and(is_other_side)
}

/// The same file, opened for ourselves.
fn again(file: &File) -> io::Result<File> {
    File::options()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

impl Watched {
    /// Reads what is there, at most as much as fits.
    pub(super) fn read(&self, buf: &mut ReadBuf<'_>) -> io::Result<()> {
        let count = if self.is_socket {
            // SAFETY: nothing is de-initialised.
            let memory = unsafe { buf.unfilled_mut() };
            let flags = libc::MSG_DONTWAIT;
            let count = SockRef::from(&self.file).recv_with_flags(memory, flags)?;
            // SAFETY: that many are initialised.
            unsafe { buf.assume_init(count) };
            count
        } else {
            (&self.file).read(buf.initialize_unfilled())?
        };
        buf.advance(count);
        Ok(())
    }

    /// What can be read by a thread that may wait: only a socket can be both.
    pub(super) fn into_file(self) -> File {
        self.file
    }
}

impl AsRawFd for Watched {
    fn as_raw_fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }
}
