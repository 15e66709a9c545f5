//! Four questions to the system that neither std nor socket2 asks.
//!
//! # Safety argument
//!
//! This file has unsafe code: calls of libc functions. Each passes the number of a descriptor
//! that is borrowed for the call, and pointers to memory of the caller with its true length,
//! which the system does not keep.

#![allow(unsafe_code)] // see the safety argument above

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Who is at the other end: user, group and process (`SO_PEERCRED`).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn peer_cred(socket: BorrowedFd<'_>) -> io::Result<libc::ucred> {
    let mut cred = libc::ucred {
        pid: 0,
        uid: 0,
        gid: 0,
    };
    let mut len = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: `cred` has `len` bytes, and any bytes are a `ucred`.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut cred).cast(),
            &raw mut len,
        )
    };
    succeeded(result).map(|_| cred)
}

/// How a descriptor was opened (`F_GETFL`).
pub(super) fn open_flags(fd: BorrowedFd<'_>) -> io::Result<libc::c_int> {
    // SAFETY: no memory is involved.
    succeeded(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) })
}

/// Reads into the first bytes of `memory`, and says how many.
pub(super) fn read(fd: BorrowedFd<'_>, memory: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
    // SAFETY: `memory` is that long, and may be written to.
    let count = unsafe { libc::read(fd.as_raw_fd(), memory.as_mut_ptr().cast(), memory.len()) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Receives from a Unix stream into the first bytes of `memory`, says how many, and whether there
/// was no more to be had.
///
/// A short count alone does not say so: a read stops behind a message that carries descriptors,
/// and between messages of different senders where credentials are passed. Both are told by
/// `MSG_CTRUNC`, as there is no room for either here.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn recv_to_end(
    socket: BorrowedFd<'_>,
    memory: &mut [MaybeUninit<u8>],
) -> io::Result<(usize, bool)> {
    let mut part = libc::iovec {
        iov_base: memory.as_mut_ptr().cast(),
        iov_len: memory.len(),
    };
    // SAFETY: all zeros are a `msghdr`, with null pointers of length zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    // SAFETY: there is one part, which is `memory`, and may be written to.
    let count = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut message, 0) };
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    let is_whole = message.msg_flags & libc::MSG_CTRUNC == 0;
    Ok((count, 0 < count && count < memory.len() && is_whole))
}

fn succeeded(result: libc::c_int) -> io::Result<libc::c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}
