//! Reading what is in the page cache, here and now, without a hop.
//!
//! `preadv2(.., RWF_NOWAIT)` copies what the kernel has in memory and says `EAGAIN` where it
//! would have to ask the disk, so that a worker can make the call itself and saves the hop:
//! two switches of threads, and a copy. (`read_by_32k` in `benches/src/bin/files.rs`.)
//!
//! With an offset of -1 the call reads at the position of the file description, and moves it,
//! as `read` does. So duplicates of the descriptor, children that inherit it and `into_std`
//! see the position that they would see with `read`.
//!
//! What it does not do: file systems that know nothing of it (`EOPNOTSUPP`), kernels before
//! 4.14 (`ENOSYS`) and sandboxes that forbid it (`EPERM`) make it
//! [`Unsupported`](Cached::Unsupported). Linux 5.9 and 5.10 may answer 0 before the end of
//! the file (see "BUGS" in readv(2)), hence a look at the file's length then.
//!
//! The position is behind a lock in the kernel, which a blocking read through a duplicate holds
//! while it waits for the disk. So a [`File`](super::File) that was cloned doesn't come here.
//!
//! # The safety argument
//!
//! This file contains unsafe code: a system call that writes into memory. It gets the
//! address and the length of the unfilled part of a [`ReadBuf`], which is borrowed exclusively
//! until it returns; and what it says to have written is counted as initialised, which holds
//! by the contract of the call. A number beyond that length would be caught by `ReadBuf`.
#![allow(unsafe_code)]

use crate::async_io::ReadBuf;
use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::AsRawFd;

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cached {
    /// So many bytes were put into the buffer; none at the end of the file.
    Read(usize),
    /// It would have to wait.
    Absent,
    /// This file cannot be read in this way.
    Unsupported,
}

/// Reads at most `limit` bytes, at the file's position or at the offset `at`.
pub(super) fn read(file: &File, buf: &mut ReadBuf<'_>, limit: usize, at: Option<u64>) -> Cached {
    let Ok(offset) = at.map_or(Ok(-1), i64::try_from) else {
        return Cached::Absent;
    };
    let wanted = buf.remaining().min(limit);
    loop {
        match preadv2(file, buf, wanted, offset) {
            Ok(0) if wanted > 0 => return at_end(file, at),
            Ok(read) => return Cached::Read(read),
            Err(error) => match error.raw_os_error() {
                Some(libc::EINTR) => {}
                Some(libc::EOPNOTSUPP | libc::ENOSYS | libc::EPERM | libc::EINVAL) => {
                    return Cached::Unsupported;
                }
                // All others, EAGAIN and errors of the disk, come again on the pool.
                _ => return Cached::Absent,
            },
        }
    }
}

/// What an answer of 0 bytes means.
fn at_end(mut file: &File, at: Option<u64>) -> Cached {
    let position = at.map_or_else(|| file.stream_position(), Ok);
    match (position, file.metadata()) {
        (Ok(position), Ok(metadata)) if position >= metadata.len() => Cached::Read(0),
        _ => Cached::Absent,
    }
}

fn preadv2(file: &File, buf: &mut ReadBuf<'_>, wanted: usize, offset: i64) -> io::Result<usize> {
    // SAFETY: nothing is de-initialised: the kernel only writes.
    let unfilled = unsafe { buf.unfilled_mut() };
    let part = libc::iovec {
        iov_base: unfilled.as_mut_ptr().cast(),
        iov_len: wanted.min(unfilled.len()),
    };
    // The offset is passed in two halves of the size of a register. Where one register holds
    // all of it the kernel shifts the upper half out.
    let low = offset as libc::c_long;
    let high = (offset >> 32) as libc::c_long;
    // SAFETY: `part` is one buffer within `unfilled`, borrowed exclusively until here; the
    // descriptor is open, since `file` is borrowed.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_preadv2,
            libc::c_long::from(file.as_raw_fd()),
            &raw const part,
            1 as libc::c_long,
            low,
            high,
            libc::RWF_NOWAIT as libc::c_long,
        )
    };
    let Ok(read) = usize::try_from(answer) else {
        return Err(io::Error::last_os_error());
    };
    // SAFETY: the kernel has written that many bytes, from the start of `unfilled`.
    unsafe { buf.assume_init(read) };
    buf.advance(read);
    Ok(read)
}
