//! Asking about a file whose name and inode are in the kernel's caches, here and now, without a
//! hop.
//!
//! There is no `statx` that gives up rather than wait for the disk, so the file is found with
//! `openat2(.., O_PATH, RESOLVE_CACHED)`, which says `EAGAIN` rather than wait and does nothing
//! else to a file, a pipe or a device; and whoever is found has its inode in memory. What std asks
//! of the descriptor then needs no disk, and tells the same as what it asks of the path. But for
//! file systems that ask a server: those are left to the hop, for which there is a second
//! look, as in [`cached_open`](super::cached_open), unless the mount at the root was not left.
//!
//! That nothing is there is an answer as well. `stat` itself begins with this very walk through the
//! cache of names, and ends with it if that comes to a name which is known to be absent. All other
//! errors come again on the pool, as they may be the call's own: too many descriptors, no such call.
//!
//! A path of the root's mount takes 3 system calls (2 if nothing is there), others 4; std's one
//! costs as much as two of them.

use super::cached_open::{find_in_root, look, open_cached};
use super::hop::Tried;
use std::ffi::CString;
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What is known of the file at `path`, if it is known without waiting.
pub(super) fn metadata(path: &Path) -> Tried<Metadata> {
    answer(find(path, 0).and_then(|file| file.metadata()))
}

/// The same of a link itself.
pub(super) fn symlink_metadata(path: &Path) -> Tried<Metadata> {
    answer(find(path, libc::O_NOFOLLOW).and_then(|file| file.metadata()))
}

/// Whether something is at `path`, if that is known without waiting.
pub(super) fn exists(path: &Path) -> Tried<bool> {
    match answer(find(path, 0)) {
        Tried::Done(_) => Tried::Done(true),
        Tried::Failed(error) if error.kind() == io::ErrorKind::NotFound => Tried::Done(false),
        _ => Tried::Nothing,
    }
}

fn answer<T>(result: io::Result<T>) -> Tried<T> {
    match result {
        Ok(found) => Tried::Done(found),
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR)) => {
            Tried::Failed(error)
        }
        Err(_) => Tried::Nothing,
    }
}

/// Whatever is at `path`, on a disk of this machine; it can be asked about, and no more.
fn find(path: &Path, flags: i32) -> io::Result<File> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    let flags = libc::O_PATH | flags;
    if path.is_absolute() {
        if let Some(found) = find_in_root(&name, flags) {
            return found.map(File::from);
        }
    }
    let found = open_cached(&name, flags)?;
    let look = look(found.as_raw_fd()).filter(|look| look.is_local());
    let found = look.map(|_| File::from(found));
    found.ok_or_else(|| io::ErrorKind::WouldBlock.into())
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    fn done<T>(tried: Tried<T>) -> Option<T> {
        match tried {
            Tried::Done(result) => Some(result),
            Tried::Nothing | Tried::Failed(_) => None,
            Tried::Rest(_) => panic!("nothing has begun"),
        }
    }

    #[test]
    fn what_is_known_is_what_std_says() {
        let dir = std::env::temp_dir().join(format!("runtime-look-{}", std::process::id()));
        std::fs::create_dir(&dir).unwrap();
        let file = dir.join("file");
        std::fs::write(&file, "text").unwrap();
        let link = dir.join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        // Each may be unknown, as the cache or the kernel will have it; but not wrong.
        for path in [
            &file,
            &link,
            &dir,
            Path::new("/dev/null"),
            Path::new("/proc/self/status"),
            Path::new("."),
        ] {
            let known = [metadata(path), symlink_metadata(path)].map(done);
            let said = [std::fs::metadata(path), std::fs::symlink_metadata(path)];
            for (known, said) in known.into_iter().zip(said) {
                let said = said.unwrap();
                assert!(known.is_none_or(|known| {
                    (known.dev(), known.ino(), known.mode(), known.created().ok())
                        == (said.dev(), said.ino(), said.mode(), said.created().ok())
                }));
            }
            assert!(done(exists(path)).is_none_or(|exists| exists));
        }
        for absent in [dir.join("absent"), file.join("below"), dir.join("zero\0")] {
            assert!(done(metadata(&absent)).is_none());
            assert!(done(exists(&absent)).is_none_or(|exists| !exists));
        }
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn only_that_nothing_is_there_is_an_error_for_good() {
        let number = |number| answer::<()>(Err(io::Error::from_raw_os_error(number)));
        assert!(matches!(number(libc::ENOENT), Tried::Failed(_)));
        for other in [
            libc::EAGAIN,
            libc::EMFILE,
            libc::ENOSYS,
            libc::EPERM,
            libc::EACCES,
        ] {
            assert!(matches!(number(other), Tried::Nothing));
        }
    }
}
