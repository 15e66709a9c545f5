//! Sockets from the bare number of a descriptor.
//!
//! # Safety argument
//!
//! This file has unsafe code: the functions of `FromRawFd` are unsafe to call, and pass what
//! their callers promise on to that of std.

#![allow(unsafe_code)] // see the safety argument above

use super::{TcpSocket, UnixSocket};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// It must not block.
impl FromRawFd for TcpSocket {
    unsafe fn from_raw_fd(fd: RawFd) -> Self {
        // SAFETY: the caller owns the descriptor, and gives it away.
        unsafe { OwnedFd::from_raw_fd(fd) }.into()
    }
}

/// It must not block.
impl FromRawFd for UnixSocket {
    unsafe fn from_raw_fd(fd: RawFd) -> Self {
        // SAFETY: the caller owns the descriptor, and gives it away.
        unsafe { OwnedFd::from_raw_fd(fd) }.into()
    }
}
