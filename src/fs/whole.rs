//! Whole files, in one hop, or none.
//!
//! A small file that is in the cache takes less processor time here and now than half of a hop
//! would, and no switch of threads. So it is read here, however many others are. (`small` and
//! `small_in_turn` in `benches/src/bin/files.rs`.)
//!
//! # Rejected
//!
//! * Reading on the pool as soon as other tasks wait for the thread: of many hops the most are without a
//!   wake-up, and the pool has threads on other cores; but it took 1.5 times the processor time of
//!   std's loop, and with two workers twice as long as reading here.

use super::cached_open;
use super::hop::{Try, keep, op};
use std::io;
use std::path::Path;

/// Reads all of a file.
///
/// A small file that the kernel has in memory is read at once; any other in one hop to the
/// pool.
///
/// # Errors
///
/// If it can't be opened or read; [`OutOfMemory`](io::ErrorKind::OutOfMemory) if it is too large.
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-read-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let bytes = runtime::fs::read("Cargo.toml").await?;
/// assert!(!bytes.is_empty());
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn read(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Vec<u8>>> {
    let name = path.as_ref().to_owned();
    let same = name.clone();
    keep(
        path,
        Try::new(
            move || cached_open::read(&same),
            Vec::len,
            move || std::fs::read(name),
        ),
    )
}

/// Reads all of a file, as text.
///
/// # Errors
///
/// [`InvalidData`](io::ErrorKind::InvalidData) if it isn't UTF-8, and those of [`read`].
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-read_to_string-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let text = runtime::fs::read_to_string("Cargo.toml").await?;
/// assert!(text.contains("[package]"));
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn read_to_string(path: impl AsRef<Path>) -> impl Future<Output = io::Result<String>> {
    let name = path.as_ref().to_owned();
    keep(path, op(move || std::fs::read_to_string(name)))
}

/// Writes a file: `contents`, and nothing else.
///
/// One that is there is overwritten, one that isn't is made. Who reads it meanwhile may find a part of
/// it: write to another name and [`rename`](super::rename) where that matters.
///
/// # Errors
///
/// If it can't be opened or written. It may be there then, cut short.
///
/// # Cancel safety
///
/// Not cancel safe: whether the file was written, nobody will know.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-write-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// runtime::fs::write(dir.join("file"), "text").await?;
/// assert_eq!(runtime::fs::read_to_string(dir.join("file")).await?, "text");
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn write(
    path: impl AsRef<Path>,
    contents: impl AsRef<[u8]>,
) -> impl Future<Output = io::Result<()>> {
    let name = path.as_ref().to_owned();
    let contents = contents.as_ref().to_vec();
    keep(path, op(move || std::fs::write(name, contents)))
}
