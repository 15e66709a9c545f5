//! Opening and reading what is in the kernel's caches, here and now, without a hop.
//!
//! `openat2(.., RESOLVE_CACHED)` opens a file if its name is in the cache of names, and says
//! `EAGAIN` otherwise. That alone is not enough for a worker to make the call itself: opening
//! a pipe waits for its other end, opening a device may do anything, and opening a file
//! of a network or user-space file system asks its server. So a file is opened twice:
//!
//! 1. with `O_PATH`, which finds it and does nothing else. What it is, `statx` tells, without
//!    asking a server. We go on with regular files on a block device.
//! 2. to be read, and with `O_NONBLOCK`: should a pipe have taken the name meanwhile, opening
//!    it does not wait, and a second look, or reading at an offset, shows what it is.
//!
//! The six calls take half as much processor time again as std's, where a hop with std's takes
//! more than two and a half times as much, and two switches of threads
//! (`small_in_turn` in `benches/src/bin/files.rs`). Whatever goes wrong here, errors included, is
//! left to the hop: kernels before 5.12 and sandboxes know nothing of the call, a file may be
//! missing, or larger than what one poll may copy.
//!
//! # The safety argument
//!
//! This file contains unsafe code: two system calls. They get a path that ends in a zero,
//! borrowed until they return, and structures of their size that live on the stack. What
//! `openat2` returns is a descriptor of nobody else, so it is owned from there on.
//! `statx` fills a structure of integers, for which zeros are valid too.
#![allow(unsafe_code)]

use super::cached::{self, Cached};
use crate::async_io::ReadBuf;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::mem::{MaybeUninit, zeroed};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What is read of a file that is read as a whole; its memory is new, and costs more than the copy.
const SMALL: usize = 256 * 1024;

/// Opens a file to be read, if that needs no waiting.
pub(super) fn open(path: &Path) -> Option<File> {
    let path = CString::new(path.as_os_str().as_bytes()).ok()?;
    // While it is open its number is not given to another file.
    let (_found, before) = find(&path)?;
    let file = openat2(&path, NON_BLOCKING)?;
    let after = look(file.as_raw_fd())?;
    if !after.is_local_file() || after.identity != before.identity {
        return None;
    }
    // SAFETY: a call with numbers only; the descriptor is open.
    let cleared = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, 0) };
    (cleared == 0).then(|| File::from(file))
}

/// Reads a whole file, if that needs no waiting and little copying.
pub(super) fn read(path: &Path) -> Option<Vec<u8>> {
    let path = CString::new(path.as_os_str().as_bytes()).ok()?;
    let (found, look) = find(&path)?;
    drop(found);
    let length = usize::try_from(look.length).ok()?;
    // Files without a length have contents nevertheless, in some file systems.
    if length == 0 || length > SMALL {
        return None;
    }
    // A pipe in its place could not be read at an offset.
    let file = File::from(openat2(&path, NON_BLOCKING)?);
    // A byte more, so that less than asked for is the end.
    let mut bytes = vec![0; length + 1];
    let read = cached::read(&file, &mut ReadBuf::new(&mut bytes), length + 1, Some(0));
    if read != Cached::Read(length) {
        return None;
    }
    bytes.truncate(length);
    Some(bytes)
}

/// How a file is opened that was a regular one a moment ago.
const NON_BLOCKING: i32 = libc::O_RDONLY | libc::O_NONBLOCK | libc::O_LARGEFILE;

/// A regular file that is there, not to be read yet.
fn find(path: &CStr) -> Option<(OwnedFd, Look)> {
    let found = openat2(path, libc::O_PATH)?;
    let look = look(found.as_raw_fd())?;
    look.is_local_file().then_some((found, look))
}

/// What `statx` tells.
struct Look {
    kind: u32,
    length: u64,
    /// The device, and the number there.
    identity: (u32, u32, u64),
}

impl Look {
    /// File systems without a device of their own have 0 as its first half: those of networks
    /// and in user space, and a few harmless ones.
    fn is_local_file(&self) -> bool {
        self.kind == libc::S_IFREG && self.identity.0 != 0
    }
}

fn look(descriptor: RawFd) -> Option<Look> {
    let wanted = libc::STATX_TYPE | libc::STATX_SIZE | libc::STATX_INO;
    let mut found = MaybeUninit::<libc::statx>::zeroed();
    // SAFETY: the path is an empty string that lives for ever, `found` is a `statx`.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_statx,
            libc::c_long::from(descriptor),
            c"".as_ptr(),
            libc::c_long::from(libc::AT_EMPTY_PATH | libc::AT_STATX_DONT_SYNC),
            wanted as libc::c_long,
            found.as_mut_ptr(),
        )
    };
    // SAFETY: integers, which were zeros before.
    let found = unsafe { found.assume_init() };
    (answer == 0 && found.stx_mask & wanted == wanted).then(|| Look {
        kind: u32::from(found.stx_mode) & libc::S_IFMT,
        length: found.stx_size,
        identity: (found.stx_dev_major, found.stx_dev_minor, found.stx_ino),
    })
}

fn openat2(path: &CStr, flags: i32) -> Option<OwnedFd> {
    // SAFETY: a structure of integers.
    let mut how: libc::open_how = unsafe { zeroed() };
    how.flags = (flags | libc::O_CLOEXEC) as u64;
    how.resolve = libc::RESOLVE_CACHED;
    // SAFETY: `path` ends in a zero, `how` is as long as it is said to be.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_openat2,
            libc::c_long::from(libc::AT_FDCWD),
            path.as_ptr(),
            &raw const how,
            size_of::<libc::open_how>(),
        )
    };
    let descriptor = RawFd::try_from(answer).ok().filter(|number| *number >= 0)?;
    // SAFETY: it was opened just now, for us.
    Some(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_opened_and_only_small_ones_are_read() {
        let dir = std::env::temp_dir().join(format!("runtime-cached-{}", std::process::id()));
        std::fs::create_dir(&dir).unwrap();
        let file = dir.join("file");
        std::fs::write(&file, "text").unwrap();
        // Both may find nothing, as the cache or the kernel will have it; but no wrong thing.
        assert!(read(&file).is_none_or(|bytes| bytes == b"text"));
        if let Some(file) = open(&file) {
            // SAFETY: a call with numbers only.
            let flags = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETFL) };
            assert_eq!(flags & libc::O_NONBLOCK, 0);
        }
        std::fs::write(&file, vec![1; SMALL + 1]).unwrap();
        assert!(read(&file).is_none());
        std::fs::write(&file, "").unwrap();
        assert!(read(&file).is_none());
        assert!(read(&dir).is_none() && open(&dir).is_none());
        assert!(open(Path::new("/dev/null")).is_none());
        assert!(open(Path::new("/proc/self/status")).is_none());
        assert!(open(&dir.join("absent")).is_none());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
