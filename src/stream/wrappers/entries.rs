//! Entries of a directory as a stream.

use super::super::Stream;
use crate::fs::{DirEntry, ReadDir};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The entries of a directory, in no order.
///
/// # Examples
///
/// ```
/// use runtime::fs;
/// use runtime::stream::{StreamExt, wrappers::ReadDirStream};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let entries = ReadDirStream::new(fs::read_dir("src").await?);
/// let entries: Result<Vec<_>, _> = entries.collect().await;
/// assert!(entries?.iter().any(|entry| entry.file_name() == "lib.rs"));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct ReadDirStream {
    inner: ReadDir,
}

impl ReadDirStream {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::fs;
    /// use runtime::stream::wrappers::ReadDirStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = fs::read_dir("src").await?;
    /// let _stream = ReadDirStream::new(inner);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(inner: ReadDir) -> Self {
        ReadDirStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::fs;
    /// use runtime::stream::wrappers::ReadDirStream;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let inner = fs::read_dir("src").await?;
    /// let _inner = ReadDirStream::new(inner).into_inner();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> ReadDir {
        self.inner
    }
}

impl Stream for ReadDirStream {
    type Item = io::Result<DirEntry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_next_entry(cx).map(Result::transpose)
    }
}

impl AsRef<ReadDir> for ReadDirStream {
    fn as_ref(&self) -> &ReadDir {
        &self.inner
    }
}

impl AsMut<ReadDir> for ReadDirStream {
    fn as_mut(&mut self) -> &mut ReadDir {
        &mut self.inner
    }
}
