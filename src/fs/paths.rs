//! What can be done with a path to a file: asking, copying, renaming, removing.

use super::cached_look;
use super::hop::{Tried, Try, keep, op};
use std::fs::{Metadata, Permissions};
use std::io;
use std::path::{Path, PathBuf};

/// What the file system knows of the file at `path`: its length, kind, owner, times.
///
/// A symbolic link is followed; [`symlink_metadata`] asks about the link.
///
/// # Errors
///
/// If nothing is there, or a directory on the way must not be entered.
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
/// # let dir = std::env::temp_dir().join(format!("fs-doc-metadata-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let metadata = runtime::fs::metadata("Cargo.toml").await?;
/// assert!(metadata.is_file() && metadata.len() > 0);
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn metadata(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Metadata>> {
    ask(path, cached_look::metadata, std::fs::metadata)
}

/// [`metadata`] of what is at `path` itself, also if that is a symbolic link.
///
/// # Errors
///
/// If nothing is there, or a directory on the way must not be entered.
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
/// # let dir = std::env::temp_dir().join(format!("fs-doc-symlink_metadata-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let link = dir.join("link");
/// runtime::fs::symlink("nowhere", &link).await?;
/// assert!(runtime::fs::symlink_metadata(&link).await?.is_symlink());
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn symlink_metadata(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Metadata>> {
    ask(
        path,
        cached_look::symlink_metadata,
        std::fs::symlink_metadata,
    )
}

/// Whether something is at `path`.
///
/// A symbolic link that leads nowhere is nothing.
///
/// What is there now may be gone in a moment: rather open it, and look at the error.
///
/// # Errors
///
/// If that can't be told, as a directory on the way must not be entered.
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
/// # let dir = std::env::temp_dir().join(format!("fs-doc-try_exists-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// assert!(runtime::fs::try_exists("Cargo.toml").await?);
/// assert!(!runtime::fs::try_exists("no such file").await?);
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn try_exists(path: impl AsRef<Path>) -> impl Future<Output = io::Result<bool>> {
    ask(path, cached_look::exists, std::fs::exists)
}

/// [`try_exists`] under the name that it has in `std::fs`.
///
/// # Errors
///
/// If that can't be told, as a directory on the way must not be entered.
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
/// # let dir = std::env::temp_dir().join(format!("fs-doc-exists-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// assert!(runtime::fs::exists("Cargo.toml").await?);
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn exists(path: impl AsRef<Path>) -> impl Future<Output = io::Result<bool>> {
    try_exists(path)
}

/// The one absolute path of `path`, without links, `.` or `..`.
///
/// # Errors
///
/// If nothing is there, or a directory on the way must not be entered.
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
/// # let dir = std::env::temp_dir().join(format!("fs-doc-canonicalize-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let path = runtime::fs::canonicalize("./Cargo.toml").await?;
/// assert_eq!(path, std::env::current_dir()?.canonicalize()?.join("Cargo.toml"));
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn canonicalize(path: impl AsRef<Path>) -> impl Future<Output = io::Result<PathBuf>> {
    let name = path.as_ref().to_owned();
    keep(path, op(move || std::fs::canonicalize(name)))
}

/// Changes who may do what with the file at `path`.
///
/// # Errors
///
/// If nothing is there, or it isn't ours.
///
/// # Cancel safety
///
/// Nothing is lost.
/// It may still be done.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-set_permissions-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let path = dir.join("file");
/// runtime::fs::write(&path, "").await?;
/// let mut permissions = runtime::fs::metadata(&path).await?.permissions();
/// permissions.set_readonly(true);
/// runtime::fs::set_permissions(&path, permissions).await?;
/// assert!(runtime::fs::metadata(&path).await?.permissions().readonly());
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn set_permissions(
    path: impl AsRef<Path>,
    permissions: Permissions,
) -> impl Future<Output = io::Result<()>> {
    let name = path.as_ref().to_owned();
    keep(
        path,
        op(move || std::fs::set_permissions(name, permissions)),
    )
}

/// Copies the bytes and permissions of a file to another, and tells how many bytes.
///
/// What is at `to` is overwritten. The kernel copies, where it can, without the bytes coming here.
///
/// # Errors
///
/// If `from` is no file or must not be read, or `to` can't be written.
///
/// # Cancel safety
///
/// Nothing is lost.
/// It may still be done.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-copy-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let copy = dir.join("copy");
/// let copied = runtime::fs::copy("Cargo.toml", &copy).await?;
/// assert_eq!(runtime::fs::metadata(&copy).await?.len(), copied);
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> impl Future<Output = io::Result<u64>> {
    let from_name = from.as_ref().to_owned();
    let to_name = to.as_ref().to_owned();
    keep((from, to), op(move || std::fs::copy(from_name, to_name)))
}

/// Moves what is at `from` to `to`, in place of what is there.
///
/// Who opens `to` meanwhile finds the old file or the new one, and never a part of it.
///
/// # Errors
///
/// If nothing is at `from`, if `to` is on another file system, or a directory where `from` is none.
///
/// # Cancel safety
///
/// Nothing is lost.
/// It may still be done.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-rename-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// runtime::fs::write(dir.join("new"), "text").await?;
/// runtime::fs::rename(dir.join("new"), dir.join("name")).await?;
/// assert_eq!(runtime::fs::read(dir.join("name")).await?, b"text");
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn rename(
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    let from_name = from.as_ref().to_owned();
    let to_name = to.as_ref().to_owned();
    keep((from, to), op(move || std::fs::rename(from_name, to_name)))
}

/// Removes the file or link at `path`.
///
/// Who has it open keeps it until they close it.
///
/// # Errors
///
/// If nothing is there, or a directory, or its directory must not be written.
///
/// # Cancel safety
///
/// Nothing is lost.
/// It may still be done.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-remove_file-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let path = dir.join("file");
/// runtime::fs::write(&path, "").await?;
/// runtime::fs::remove_file(&path).await?;
/// assert!(!runtime::fs::try_exists(&path).await?);
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn remove_file(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let name = path.as_ref().to_owned();
    keep(path, op(move || std::fs::remove_file(name)))
}

/// What `quick` knows about `path` here and now, or else `call` on the pool.
#[track_caller]
fn ask<T: Send + 'static>(
    path: impl AsRef<Path>,
    quick: fn(&Path) -> Tried<T>,
    call: fn(PathBuf) -> io::Result<T>,
) -> impl Future<Output = io::Result<T>> {
    let name = path.as_ref().to_owned();
    let same = name.clone();
    keep(
        path,
        Try::new(move || quick(&same), |_| 0, move || call(name)),
    )
}
