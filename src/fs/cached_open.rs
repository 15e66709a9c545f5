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
//! # Files of the mount at the root
//!
//! If `/` is on a block device, so is all that `RESOLVE_NO_XDEV` lets an absolute path lead to.
//! Such a file is opened once, and then looked at: `openat2`, `statx`, `preadv2` and `close`,
//! one call less than std makes. A path that leads to another mount is opened twice, and so are
//! the next [`DETOUR`] paths.
//!
//! What turns out to be a pipe is open by then, which may have let a writer go on that waited for
//! a reader. So it stays open: the pool waits until there was a writer, as opening it
//! would have, and reads it to the end. (Devices live on a mount of their own. A process that
//! changes its root to a server's asks that server once: the look shows it.)
//!
//! Processor time of 10,000 files of 4 KiB, one after the other, beside std's: 1.03 with one
//! opening, 1.20 with two, and more than 2.5 with a hop and std's calls
//! (`small_in_turn` in `benches/src/bin/files.rs`). Whatever goes wrong here, errors included, is
//! left to the hop: kernels before 5.12 and sandboxes know nothing of the call, a file may be
//! missing, or larger than what one poll may copy.
//!
//! # The safety argument
//!
//! This file contains unsafe code: system calls. They get a path that ends in a zero,
//! borrowed until they return, and structures of their size that live on the stack. What
//! `openat2` returns is a descriptor of nobody else, so it is owned from there on.
//! `statx` fills a structure of integers, for which zeros are valid too. And what
//! `cached::read` says to have put into a vector's spare memory is counted as its contents.
#![allow(unsafe_code)]

use super::cached::{self, Cached};
use super::cursor::retry;
use super::hop::Tried;
use crate::async_io::ReadBuf;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Read};
use std::mem::{MaybeUninit, zeroed};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What is read of a file that is read as a whole; its memory is new, and costs more than the copy.
const SMALL: usize = 256 * 1024;

/// How many paths are opened twice after one that led from the root's mount to another.
const DETOUR: u32 = 64;

/// Opens a file to be read, if that needs no waiting.
pub(super) fn open(path: &Path) -> Option<File> {
    let path = CString::new(path.as_os_str().as_bytes()).ok()?;
    // While it is open its number is not given to another file.
    let (_found, before) = find(&path)?;
    let file = open_cached(&path, NON_BLOCKING).ok()?;
    let after = look(file.as_raw_fd())?;
    if !after.is_local_file() || after.identity != before.identity {
        return None;
    }
    let file = File::from(file);
    may_block(&file).then_some(file)
}

/// Reads a whole file, if that needs no waiting and little copying.
pub(super) fn read(path: &Path) -> Tried<Vec<u8>> {
    let Ok(name) = CString::new(path.as_os_str().as_bytes()) else {
        return Tried::Nothing;
    };
    if path.is_absolute() {
        match find_in_root(&name, NON_BLOCKING) {
            Some(Ok(file)) => return read_opened(File::from(file)),
            Some(Err(_)) => return Tried::Nothing,
            None => {}
        }
    }
    read_found(&name).map_or(Tried::Nothing, Tried::Done)
}

/// Opens what is on the mount at the root, if that is on a disk of this machine. `None` if it is
/// not, or if this absolute path leads to another mount, or is thought to.
pub(super) fn find_in_root(path: &CStr, flags: i32) -> Option<io::Result<OwnedFd>> {
    if !is_root_local() || makes_detour() {
        return None;
    }
    let resolve = libc::RESOLVE_CACHED | libc::RESOLVE_NO_XDEV;
    match openat2(path, flags, resolve) {
        Err(error) if error.raw_os_error() == Some(libc::EXDEV) => {
            PATHS_AWAY.store(DETOUR, Ordering::Relaxed);
            None
        }
        opened => Some(opened),
    }
}

/// Opens what is at `path`, wherever that is.
pub(super) fn open_cached(path: &CStr, flags: i32) -> io::Result<OwnedFd> {
    openat2(path, flags, libc::RESOLVE_CACHED)
}

/// How many paths are still to be opened twice. Not a model's: a guess, that hands nothing over.
static PATHS_AWAY: AtomicU32 = AtomicU32::new(0);

fn makes_detour() -> bool {
    let left = PATHS_AWAY.load(Ordering::Relaxed);
    if left > 0 {
        PATHS_AWAY.store(left - 1, Ordering::Relaxed);
    }
    left > 0
}

/// Whether the mount at the root is on a block device.
fn is_root_local() -> bool {
    static IS_LOCAL: OnceLock<bool> = OnceLock::new();
    *IS_LOCAL.get_or_init(|| {
        let root = open_cached(c"/", libc::O_PATH).ok();
        let look = root.and_then(|root| look(root.as_raw_fd()));
        look.is_some_and(|look| look.is_local())
    })
}

/// Reads what was opened before anybody knew what it is.
fn read_opened(file: File) -> Tried<Vec<u8>> {
    match look(file.as_raw_fd()) {
        Some(look) if look.is_local_file() => {
            read_small(&file, look.length).map_or(Tried::Nothing, Tried::Done)
        }
        Some(look) if look.kind == libc::S_IFIFO => Tried::Rest(Box::new(|| read_pipe(file))),
        _ => Tried::Nothing,
    }
}

fn read_found(path: &CStr) -> Option<Vec<u8>> {
    let (found, look) = find(path)?;
    drop(found);
    // A pipe in its place could not be read at an offset.
    let file = open_cached(path, NON_BLOCKING).ok()?;
    read_small(&File::from(file), look.length)
}

fn read_small(file: &File, length: u64) -> Option<Vec<u8>> {
    let length = usize::try_from(length).ok()?;
    // Files without a length have contents nevertheless, in some file systems.
    if length == 0 || length > SMALL {
        return None;
    }
    // A byte more, so that less than asked for is the end.
    let mut bytes = Vec::with_capacity(length + 1);
    let mut buf = ReadBuf::uninit(bytes.spare_capacity_mut());
    if cached::read(file, &mut buf, length + 1, Some(0)) != Cached::Read(length) {
        return None;
    }
    // SAFETY: the buffer began where the vector begins, and so many bytes were put into it.
    unsafe { bytes.set_len(length) };
    Some(bytes)
}

/// Reads a pipe that was opened without waiting for a writer. For the pool.
fn read_pipe(mut file: File) -> io::Result<Vec<u8>> {
    // Neither readable nor hung up before the first writer comes.
    let mut poll = libc::pollfd {
        fd: file.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    retry(|| {
        // SAFETY: one structure, which is borrowed until the call returns.
        match unsafe { libc::poll(&raw mut poll, 1, -1) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    })?;
    if !may_block(&file) {
        return Err(io::Error::last_os_error());
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes `O_NONBLOCK` off.
fn may_block(file: &File) -> bool {
    // SAFETY: a call with numbers only; the descriptor is open.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, 0) == 0 }
}

/// How a file is opened that was a regular one a moment ago.
const NON_BLOCKING: i32 = libc::O_RDONLY | libc::O_NONBLOCK | libc::O_LARGEFILE;

/// A regular file that is there, not to be read yet.
fn find(path: &CStr) -> Option<(OwnedFd, Look)> {
    let found = open_cached(path, libc::O_PATH).ok()?;
    let look = look(found.as_raw_fd())?;
    look.is_local_file().then_some((found, look))
}

/// What `statx` tells.
pub(super) struct Look {
    kind: u32,
    length: u64,
    /// The device, and the number there.
    identity: (u32, u32, u64),
}

impl Look {
    fn is_local_file(&self) -> bool {
        self.kind == libc::S_IFREG && self.is_local()
    }

    /// File systems without a device of their own have 0 as its first half: those of networks
    /// and in user space, and a few harmless ones.
    pub(super) fn is_local(&self) -> bool {
        self.identity.0 != 0
    }
}

pub(super) fn look(descriptor: RawFd) -> Option<Look> {
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

fn openat2(path: &CStr, flags: i32, resolve: u64) -> io::Result<OwnedFd> {
    // SAFETY: a structure of integers.
    let mut how: libc::open_how = unsafe { zeroed() };
    how.flags = (flags | libc::O_CLOEXEC) as u64;
    how.resolve = resolve;
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
    let descriptor = RawFd::try_from(answer).ok().filter(|number| *number >= 0);
    let descriptor = descriptor.ok_or_else(io::Error::last_os_error)?;
    // SAFETY: it was opened just now, for us.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn at_once(path: &Path) -> Option<Vec<u8>> {
        match read(path) {
            Tried::Done(bytes) => Some(bytes),
            Tried::Nothing => None,
            Tried::Failed(_) | Tried::Rest(_) => panic!("errors are left to the pool"),
        }
    }

    #[test]
    fn only_files_are_opened_and_only_small_ones_are_read() {
        let dir = std::env::temp_dir().join(format!("runtime-cached-{}", std::process::id()));
        std::fs::create_dir(&dir).unwrap();
        let file = dir.join("file");
        std::fs::write(&file, "text").unwrap();
        // Both may find nothing, as the cache or the kernel will have it; but no wrong thing.
        assert!(at_once(&file).is_none_or(|bytes| bytes == b"text"));
        let name = CString::new(file.as_os_str().as_bytes()).unwrap();
        assert!(read_found(&name).is_none_or(|bytes| bytes == b"text"));
        if let Some(file) = open(&file) {
            // SAFETY: a call with numbers only.
            let flags = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETFL) };
            assert_eq!(flags & libc::O_NONBLOCK, 0);
        }
        std::fs::write(&file, vec![1; SMALL + 1]).unwrap();
        assert!(at_once(&file).is_none());
        std::fs::write(&file, "").unwrap();
        assert!(at_once(&file).is_none());
        assert!(at_once(&dir).is_none() && open(&dir).is_none());
        assert!(open(Path::new("/dev/null")).is_none());
        assert!(open(Path::new("/proc/self/status")).is_none());
        assert!(open(&dir.join("absent")).is_none());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
