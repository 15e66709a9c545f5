//! [`File`]: an open file, how to get one and how to get out of it.

use super::OpenOptions;
use super::cached_open;
use super::cursor::Cursor;
use super::hop::{Tried, Try, keep, op};
use super::writes::Writes;
use crate::base::sync::Arc;
use crate::base::sync::atomic::AtomicBool;
use crate::base::wait;
use std::fs::File as StdFile;
use std::future::poll_fn;
use std::io;
use std::path::Path;

/// An open file.
///
/// It is read with the methods of [`AsyncReadExt`], written with those of [`AsyncWriteExt`],
/// and moved in with those of [`AsyncSeekExt`]; [`read_at`](Self::read_at) and
/// [`write_at`](Self::write_at) need no position and no `&mut`.
///
/// What the kernel has in memory is read at once, by the thread that polls; everything else is
/// done by a thread of the runtime's pool.
///
/// # Writing
///
/// A write is done when the bytes are accepted; a thread of the pool then brings
/// them to the file, many small ones at a time. [`flush`] waits for that and tells
/// how it ended. An error that nobody has waited for is that of the next write, flush, or
/// [`sync_all`](Self::sync_all). Everything else waits by itself for the writes before it.
///
/// A `File` that is dropped is closed when its writes are done; **how they ended, nobody will
/// know**, so flush before. They are done even if the runtime is shut down meanwhile.
///
/// [`AsyncReadExt`]: crate::io::AsyncReadExt
/// [`AsyncWriteExt`]: crate::io::AsyncWriteExt
/// [`AsyncSeekExt`]: crate::io::AsyncSeekExt
/// [`flush`]: crate::io::AsyncWriteExt::flush
///
/// # Cancel safety
///
/// Nothing is lost.
/// What a read that was dropped has got from the disk comes with the next one; a write takes
/// all or nothing of what it says to have taken, and a `flush` can be asked for again.
///
/// # Panics
///
/// Reading, writing and seeking outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let path = std::env::temp_dir().join(format!("fs-file-{}", std::process::id()));
/// use runtime::fs::File;
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
///
/// let mut file = File::create(&path).await?;
/// file.write_all(b"hello").await?;
/// file.flush().await?;
///
/// let mut text = String::new();
/// File::open(&path).await?.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # runtime::fs::remove_file(&path).await
/// # }).unwrap();
/// ```
pub struct File {
    pub(super) std: std::sync::Arc<StdFile>,
    pub(super) writes: Arc<Writes>,
    pub(super) cursor: Cursor,
    /// Whether another `File` has the same position.
    pub(super) is_cloned: AtomicBool,
}

impl File {
    /// Opens a file to read it.
    ///
    /// # Errors
    ///
    /// If it isn't there, or must not be read; see [`OpenOptions::open`].
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
    /// use runtime::fs::File;
    ///
    /// assert!(File::open("Cargo.toml").await.is_ok());
    /// assert!(File::open("no such file").await.is_err());
    /// # });
    /// ```
    #[track_caller]
    pub fn open(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        let name = path.as_ref().to_owned();
        let same = name.clone();
        keep(
            path,
            Try::new(
                move || match cached_open::open(&same) {
                    Some(file) => Tried::Done(File::from_std(file)),
                    None => Tried::Nothing,
                },
                |_| 0,
                move || StdFile::open(name).map(File::from_std),
            ),
        )
    }

    /// Opens a file to write it from the start. One that is there is cut to no length, one that
    /// isn't is made.
    ///
    /// # Errors
    ///
    /// If it can't be made or must not be written; see [`OpenOptions::open`].
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// The file may still be made, or cut.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-create-{}", std::process::id()));
    /// let file = runtime::fs::File::create(&path).await?;
    /// assert_eq!(file.metadata().await?.len(), 0);
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn create(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        let name = path.as_ref().to_owned();
        keep(path, op(move || StdFile::create(name).map(File::from_std)))
    }

    /// Makes a file that isn't there, to read and write it.
    ///
    /// # Errors
    ///
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists), and those of [`OpenOptions::open`].
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the file may still be made, and the next try then finds it there.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-create-new-{}", std::process::id()));
    /// use runtime::fs::File;
    ///
    /// assert!(File::create_new(&path).await.is_ok());
    /// let error = File::create_new(&path).await.unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn create_new<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<File>> {
        let name = path.as_ref().to_owned();
        keep(
            path,
            op(move || StdFile::create_new(name).map(File::from_std)),
        )
    }

    /// [`OpenOptions::new`], where no other name is imported.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let file = runtime::fs::File::options().read(true).open("Cargo.toml").await?;
    /// assert!(file.metadata().await?.is_file());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Takes over a file of std's, with its position.
    ///
    /// # Examples
    ///
    /// ```
    /// let file = std::fs::File::open("Cargo.toml")?;
    /// let file = runtime::fs::File::from_std(file);
    /// assert!(file.try_into_std().is_ok());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn from_std(std: StdFile) -> File {
        File {
            std: std::sync::Arc::new(std),
            writes: Arc::new(Writes::new()),
            cursor: Cursor::new(),
            is_cloned: AtomicBool::new(false),
        }
    }

    /// The file as std's, once what is under way is done.
    ///
    /// The position is where the reads and writes that were awaited have led to.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the file is closed.
    ///
    /// # Panics
    ///
    /// If an operation whose future was dropped still runs, and the process has no descriptor
    /// left to duplicate the file.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let file = runtime::fs::File::open("Cargo.toml").await?;
    /// assert!(file.into_std().await.metadata()?.is_file());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn into_std(mut self) -> impl Future<Output = StdFile> {
        let location = std::panic::Location::caller();
        async move {
            poll_fn(|cx| {
                wait::at(location, || {
                    self.cursor.poll_rest(cx, &self.std, &self.writes)
                })
            })
            .await;
            poll_fn(|cx| wait::at(location, || self.writes.poll_idle(cx))).await;
            self.cursor.give_back(&self.std);
            match std::sync::Arc::try_unwrap(self.std) {
                Ok(file) => file,
                // A job whose future is gone has it too.
                Err(file) => file.try_clone().expect(
                    "a file that is in use can't be duplicated: await its operations before \
                     `into_std`, or raise the limit of descriptors",
                ),
            }
        }
    }

    /// The file as std's, if nothing is under way.
    ///
    /// # Errors
    ///
    /// The `File` itself, if something is.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let file = runtime::fs::File::open("Cargo.toml").await?;
    /// assert!(file.try_into_std().is_ok());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_into_std(mut self) -> Result<StdFile, Self> {
        let is_used = std::sync::Arc::strong_count(&self.std) > 1;
        if is_used || !self.cursor.is_at_rest() || !self.writes.is_idle() {
            return Err(self);
        }
        self.cursor.give_back(&self.std);
        let File {
            std,
            writes,
            cursor,
            is_cloned,
        } = self;
        std::sync::Arc::try_unwrap(std).map_err(|std| File {
            std,
            writes,
            cursor,
            is_cloned,
        })
    }

    /// Changes how many bytes may gather before a write waits, and how many one read reads at
    /// most. 2 MiB at first.
    ///
    /// # Panics
    ///
    /// If `max_buf_size` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut file = runtime::fs::File::open("Cargo.toml").await?;
    /// file.set_max_buf_size(64 * 1024);
    /// assert_eq!(file.max_buf_size(), 64 * 1024);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn set_max_buf_size(&mut self, max_buf_size: usize) {
        assert!(
            max_buf_size > 0,
            "`max_buf_size` must be greater than 0: reads and writes would not get anywhere"
        );
        self.cursor.max_buf = max_buf_size;
    }

    /// How many bytes may gather before a write waits.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let file = runtime::fs::File::open("Cargo.toml").await?;
    /// assert_eq!(file.max_buf_size(), 2 * 1024 * 1024);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn max_buf_size(&self) -> usize {
        self.cursor.max_buf
    }
}
