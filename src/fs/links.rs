//! Links: names that lead to other files.

use super::hop::{keep, op};
use std::io;
use std::path::{Path, PathBuf};

/// Gives a file another name.
///
/// Both names are equal: the file is there until the last one is removed.
///
/// # Errors
///
/// If `original` isn't there or is a directory, if something is at `link`, or if that is on another
/// file system.
///
/// # Cancel safety
///
/// Not cancel safe: it may still be made, and the next try then finds it there.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-hard_link-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// runtime::fs::write(dir.join("one"), "text").await?;
/// runtime::fs::hard_link(dir.join("one"), dir.join("other")).await?;
/// assert_eq!(runtime::fs::read(dir.join("other")).await?, b"text");
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn hard_link(
    original: impl AsRef<Path>,
    link: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    let original_name = original.as_ref().to_owned();
    let link_name = link.as_ref().to_owned();
    keep(
        (original, link),
        op(move || std::fs::hard_link(original_name, link_name)),
    )
}

/// Makes a symbolic link at `link` that leads to `original`.
///
/// Nothing need be at `original`. A relative path is seen from the directory of the link.
///
/// # Errors
///
/// If something is at `link`, or its directory must not be written.
///
/// # Cancel safety
///
/// Not cancel safe: it may still be made, and the next try then finds it there.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-symlink-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// runtime::fs::write(dir.join("one"), "text").await?;
/// runtime::fs::symlink("one", dir.join("link")).await?;
/// assert_eq!(runtime::fs::read(dir.join("link")).await?, b"text");
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn symlink(
    original: impl AsRef<Path>,
    link: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    let original_name = original.as_ref().to_owned();
    let link_name = link.as_ref().to_owned();
    keep(
        (original, link),
        op(move || std::os::unix::fs::symlink(original_name, link_name)),
    )
}

/// Where a symbolic link leads to, as it was written.
///
/// # Errors
///
/// [`InvalidInput`](io::ErrorKind::InvalidInput) if it is no link, or if nothing is there.
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
/// # let dir = std::env::temp_dir().join(format!("fs-doc-read_link-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// runtime::fs::symlink("one", dir.join("link")).await?;
/// assert_eq!(runtime::fs::read_link(dir.join("link")).await?.as_os_str(), "one");
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn read_link(path: impl AsRef<Path>) -> impl Future<Output = io::Result<PathBuf>> {
    let name = path.as_ref().to_owned();
    keep(path, op(move || std::fs::read_link(name)))
}
