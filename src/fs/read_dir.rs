//! [`read_dir()`]: what is in a directory, [`BATCH`] entries a hop.

use super::hop::{Hop, keep, op};
use crate::base::{budget, wait};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{FileType, Metadata};
use std::future::poll_fn;
use std::io;
use std::os::unix::fs::DirEntryExt;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// How many entries a hop brings. The kernel hands out some 500 at a time.
const BATCH: usize = 128;

/// Looks what is in a directory.
///
/// # Errors
///
/// If none is there, or it must not be read.
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
/// let mut entries = runtime::fs::read_dir(".").await?;
/// let mut names = Vec::new();
/// while let Some(entry) = entries.next_entry().await? {
///     names.push(entry.file_name());
/// }
/// assert!(names.contains(&"Cargo.toml".into()));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn read_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<ReadDir>> {
    let name = path.as_ref().to_owned();
    keep(
        path,
        op(move || {
            let batch = next_batch(std::fs::read_dir(name)?);
            Ok(ReadDir(State::Here(batch)))
        }),
    )
}

/// The entries of a directory, in no order, without `.` and `..`.
///
/// Made by [`read_dir()`]. What is added or removed meanwhile may or may not be seen.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut entries = runtime::fs::read_dir("src").await?;
/// assert!(entries.next_entry().await?.is_some());
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "it does nothing unless it is asked for entries"]
pub struct ReadDir(State);

#[derive(Debug)]
enum State {
    Here(Batch),
    OnTheWay(Hop<Batch>),
}

#[derive(Debug)]
struct Batch {
    entries: VecDeque<io::Result<DirEntry>>,
    /// `None` at the end.
    rest: Option<std::fs::ReadDir>,
}

fn next_batch(mut rest: std::fs::ReadDir) -> Batch {
    let mut entries = VecDeque::with_capacity(BATCH);
    while entries.len() < BATCH {
        let Some(entry) = rest.next() else {
            return Batch {
                entries,
                rest: None,
            };
        };
        let failed = entry.is_err();
        entries.push_back(entry.map(DirEntry::new));
        if failed {
            break;
        }
    }
    Batch {
        entries,
        rest: Some(rest),
    }
}

impl ReadDir {
    /// The next entry, `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the disk. More entries may follow.
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
    /// let mut entries = runtime::fs::read_dir("src").await?;
    /// let mut count = 0;
    /// while let Some(entry) = entries.next_entry().await? {
    ///     count += 1;
    /// }
    /// assert!(count > 3);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn next_entry(&mut self) -> impl Future<Output = io::Result<Option<DirEntry>>> {
        let location = Location::caller();
        poll_fn(move |cx| wait::at(location, || self.poll_next_entry(cx)))
    }

    /// Polls for the next entry, `None` at the end.
    ///
    /// When it is `Pending`, the waker of the last call is woken.
    ///
    /// # Errors
    ///
    /// Those of the disk. More entries may follow.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// use std::future::poll_fn;
    ///
    /// let mut entries = runtime::fs::read_dir("src").await?;
    /// let entry = poll_fn(|cx| entries.poll_next_entry(cx)).await?;
    /// assert!(entry.is_some());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        loop {
            match &mut self.0 {
                State::Here(batch) => {
                    let spent = ready!(budget::poll_proceed(cx));
                    if let Some(entry) = batch.entries.pop_front() {
                        spent.made_progress();
                        return Poll::Ready(entry.map(Some));
                    }
                    let Some(rest) = batch.rest.take() else {
                        spent.made_progress();
                        return Poll::Ready(Ok(None));
                    };
                    drop(spent);
                    self.0 = State::OnTheWay(Hop::start(move || Ok(next_batch(rest))));
                }
                State::OnTheWay(hop) => {
                    let batch = ready!(Pin::new(hop).poll(cx)).unwrap_or_else(Batch::failed);
                    self.0 = State::Here(batch);
                }
            }
        }
    }
}

impl Batch {
    /// The end, with an error before it: the runtime was shut down.
    fn failed(error: io::Error) -> Batch {
        Batch {
            entries: VecDeque::from([Err(error)]),
            rest: None,
        }
    }
}

/// Something in a directory.
///
/// Made by [`ReadDir::next_entry`].
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut entries = runtime::fs::read_dir("src").await?;
/// while let Some(entry) = entries.next_entry().await? {
///     assert_eq!(entry.path().file_name(), Some(&*entry.file_name()));
/// }
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct DirEntry {
    std: Arc<std::fs::DirEntry>,
    /// `None` if asking failed; it is asked for again.
    kind: Option<FileType>,
}

impl DirEntry {
    /// Called on the pool: some file systems must be asked for the type.
    fn new(std: std::fs::DirEntry) -> Self {
        DirEntry {
            kind: std.file_type().ok(),
            std: Arc::new(std),
        }
    }

    /// The directory's path, as `read_dir` was given it, and the name.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let entry = runtime::fs::read_dir("src").await?.next_entry().await?.unwrap();
    /// assert!(entry.path().starts_with("src"));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.std.path()
    }

    /// The name, without the directory's path.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let entry = runtime::fs::read_dir("src").await?.next_entry().await?.unwrap();
    /// assert!(!entry.file_name().is_empty());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn file_name(&self) -> OsString {
        self.std.file_name()
    }

    /// What the file system knows of it. Of a symbolic link: of the link.
    ///
    /// # Errors
    ///
    /// If it is gone, or the directory must not be entered.
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
    /// let entry = runtime::fs::read_dir("src").await?.next_entry().await?.unwrap();
    /// assert!(entry.metadata().await?.modified().is_ok());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn metadata(&self) -> impl Future<Output = io::Result<Metadata>> {
        let std = self.std.clone();
        op(move || std.metadata())
    }

    /// Whether it is a file, a directory, a symbolic link or something else. Mostly that is known
    /// already.
    ///
    /// # Errors
    ///
    /// If it is gone, or the directory must not be entered.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime and has to be asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let entry = runtime::fs::read_dir("src").await?.next_entry().await?.unwrap();
    /// let kind = entry.file_type().await?;
    /// assert!(kind.is_file() || kind.is_dir());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn file_type(&self) -> impl Future<Output = io::Result<FileType>> {
        let known = self.kind;
        let std = self.std.clone();
        let ask = op(move || std.file_type());
        async move {
            match known {
                Some(kind) => Ok(kind),
                None => ask.await,
            }
        }
    }

    /// Its number in the file system, as the directory has it.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let entry = runtime::fs::read_dir("src").await?.next_entry().await?.unwrap();
    /// assert_ne!(entry.ino(), 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn ino(&self) -> u64 {
        self.std.ino()
    }
}

impl std::fmt::Debug for DirEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DirEntry").field(&self.path()).finish()
    }
}
