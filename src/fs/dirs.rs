//! Directories: making and removing them.

use super::hop::{keep, op};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Makes a directory.
///
/// [`create_dir_all`] makes those above as well.
///
/// # Errors
///
/// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if something is there, or if the directory above
/// isn't there or must not be written.
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
/// # let dir = std::env::temp_dir().join(format!("fs-doc-create_dir-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// runtime::fs::create_dir(dir.join("new")).await?;
/// assert!(runtime::fs::create_dir(dir.join("new")).await.is_err());
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn create_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let name = path.as_ref().to_owned();
    keep(path, op(move || std::fs::create_dir(name)))
}

/// Makes a directory and those above it, as far as they aren't there.
///
/// # Errors
///
/// If something else is in the way, or a directory must not be written.
///
/// # Cancel safety
///
/// Nothing is lost.
/// Some or all of them may still be made.
///
/// # Panics
///
/// If it is awaited outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-doc-create_dir_all-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// runtime::fs::create_dir_all(dir.join("a/b/c")).await?;
/// runtime::fs::create_dir_all(dir.join("a/b/c")).await?;
/// assert!(runtime::fs::metadata(dir.join("a/b/c")).await?.is_dir());
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn create_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let name = path.as_ref().to_owned();
    keep(path, op(move || std::fs::create_dir_all(name)))
}

/// Removes a directory that is empty.
///
/// # Errors
///
/// If none is there, or something is in it.
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
/// # let dir = std::env::temp_dir().join(format!("fs-doc-remove_dir-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// runtime::fs::create_dir(dir.join("new")).await?;
/// runtime::fs::remove_dir(dir.join("new")).await?;
/// assert!(runtime::fs::remove_dir(dir.join("new")).await.is_err());
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn remove_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let name = path.as_ref().to_owned();
    keep(path, op(move || std::fs::remove_dir(name)))
}

/// Removes a directory with all that is in it.
///
/// Symbolic links are removed, not followed. What is added meanwhile may stay, and with it the
/// directory.
///
/// # Errors
///
/// If none is there, or something in it can't be removed. What was removed before is gone.
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
/// # let dir = std::env::temp_dir().join(format!("fs-doc-remove_dir_all-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// runtime::fs::create_dir_all(dir.join("a/b/c")).await?;
/// runtime::fs::remove_dir_all(dir.join("a")).await?;
/// assert!(!runtime::fs::try_exists(dir.join("a")).await?);
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[track_caller]
pub fn remove_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let name = path.as_ref().to_owned();
    keep(path, op(move || std::fs::remove_dir_all(name)))
}

/// Makes directories in one of several ways.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let dir = std::env::temp_dir().join(format!("fs-builder-{}", std::process::id()));
/// use runtime::fs::DirBuilder;
///
/// DirBuilder::new().recursive(true).mode(0o700).create(dir.join("a/b")).await?;
/// assert!(runtime::fs::metadata(dir.join("a/b")).await?.is_dir());
/// # std::fs::remove_dir_all(&dir)
/// # }).unwrap();
/// ```
#[derive(Debug, Default)]
pub struct DirBuilder {
    recursive: bool,
    mode: Option<u32>,
}

impl DirBuilder {
    /// One directory, with the mode that the process gives to all of them.
    ///
    /// # Examples
    ///
    /// ```
    /// let builder = runtime::fs::DirBuilder::new();
    /// # drop(builder);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        DirBuilder::default()
    }

    /// Whether to make those above as well, and to be content with one that is there. Not so at
    /// first.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut builder = runtime::fs::DirBuilder::new();
    /// builder.recursive(true);
    /// ```
    pub fn recursive(&mut self, recursive: bool) -> &mut Self {
        self.recursive = recursive;
        self
    }

    /// Who may do what with it, as for `mkdir`: the process's mask is taken off. `0o777` at first.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut builder = runtime::fs::DirBuilder::new();
    /// builder.mode(0o700);
    /// ```
    pub fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = Some(mode);
        self
    }

    /// Makes the directory.
    ///
    /// # Errors
    ///
    /// If something is in the way, or the directory above isn't there or must not be written.
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
    /// # let dir = std::env::temp_dir().join(format!("fs-builder-create-{}", std::process::id()));
    /// runtime::fs::DirBuilder::new().create(&dir).await?;
    /// assert!(runtime::fs::metadata(&dir).await?.is_dir());
    /// # std::fs::remove_dir_all(&dir)
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn create(&self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
        let name = path.as_ref().to_owned();
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(self.recursive);
        if let Some(mode) = self.mode {
            builder.mode(mode);
        }
        keep(path, op(move || builder.create(name)))
    }
}
