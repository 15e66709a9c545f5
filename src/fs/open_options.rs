//! [`OpenOptions`]: how to open a file.

use super::File;
use super::hop::{keep, op};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// How a file is to be opened: to read, to write, to make it.
///
/// Those of `std::fs::OpenOptions`, which it can be made of.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// # let path = std::env::temp_dir().join(format!("fs-options-{}", std::process::id()));
/// use runtime::fs::OpenOptions;
/// use runtime::io::AsyncWriteExt;
///
/// let mut options = OpenOptions::new();
/// options.append(true).create(true).mode(0o600);
/// for line in ["one\n", "two\n"] {
///     let mut log = options.open(&path).await?;
///     log.write_all(line.as_bytes()).await?;
///     log.flush().await?;
/// }
/// assert_eq!(std::fs::read(&path)?, b"one\ntwo\n");
/// # runtime::fs::remove_file(&path).await
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions(std::fs::OpenOptions);

impl OpenOptions {
    /// Nothing is allowed yet.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let options = runtime::fs::OpenOptions::new();
    /// assert!(options.open("Cargo.toml").await.is_err(), "to do what?");
    /// # });
    /// ```
    #[must_use]
    pub fn new() -> OpenOptions {
        OpenOptions(std::fs::OpenOptions::new())
    }

    /// Whether the file is to be read.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// assert!(runtime::fs::OpenOptions::new().read(true).open("Cargo.toml").await.is_ok());
    /// # });
    /// ```
    pub fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.0.read(read);
        self
    }

    /// Whether the file is to be written.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut options = runtime::fs::OpenOptions::new();
    /// options.write(true).create(true);
    /// ```
    pub fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.0.write(write);
        self
    }

    /// Whether the file is to be written at its end, wherever its position is.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut options = runtime::fs::OpenOptions::new();
    /// options.append(true).create(true);
    /// ```
    pub fn append(&mut self, append: bool) -> &mut OpenOptions {
        self.0.append(append);
        self
    }

    /// Whether the file is to be cut to no length. It must be opened to be written.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut options = runtime::fs::OpenOptions::new();
    /// options.write(true).truncate(true);
    /// ```
    pub fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.0.truncate(truncate);
        self
    }

    /// Whether the file is to be made, if it isn't there. It must be opened to be written.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut options = runtime::fs::OpenOptions::new();
    /// options.write(true).create(true);
    /// ```
    pub fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.0.create(create);
        self
    }

    /// Whether the file is to be made, and must not be there. It must be opened to be written.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut options = runtime::fs::OpenOptions::new();
    /// let error = options.write(true).create_new(true).open("Cargo.toml").await.unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    /// # });
    /// ```
    pub fn create_new(&mut self, create_new: bool) -> &mut OpenOptions {
        self.0.create_new(create_new);
        self
    }

    /// Who may do what with a file that is made, as for `open`: the process's mask is taken off.
    /// `0o666` at first.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut options = runtime::fs::OpenOptions::new();
    /// options.write(true).create(true).mode(0o600);
    /// ```
    pub fn mode(&mut self, mode: u32) -> &mut OpenOptions {
        self.0.mode(mode);
        self
    }

    /// More flags for the system's `open`, such as `O_NOFOLLOW`. Those that say whether to read
    /// or write are ignored.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut options = runtime::fs::OpenOptions::new();
    /// options.read(true).custom_flags(libc::O_NOFOLLOW);
    /// ```
    pub fn custom_flags(&mut self, flags: i32) -> &mut OpenOptions {
        self.0.custom_flags(flags);
        self
    }

    /// Opens the file at `path`.
    ///
    /// # Errors
    ///
    /// * [`NotFound`](io::ErrorKind::NotFound): it isn't there and is not to be made, or its
    ///   directory isn't there.
    /// * [`PermissionDenied`](io::ErrorKind::PermissionDenied): it may not be opened in this way.
    /// * [`AlreadyExists`](io::ErrorKind::AlreadyExists): it is there, and should not.
    /// * [`InvalidInput`](io::ErrorKind::InvalidInput): the options contradict each other.
    /// * Others of the system: too many open files, no room, links in a ring.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// The file may still be made or cut, if the options say so.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let file = runtime::fs::OpenOptions::new().read(true).open("Cargo.toml").await?;
    /// assert!(file.metadata().await?.is_file());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn open(&self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        let name = path.as_ref().to_owned();
        let options = self.0.clone();
        keep(path, op(move || options.open(name).map(File::from_std)))
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions::new()
    }
}

impl From<std::fs::OpenOptions> for OpenOptions {
    fn from(options: std::fs::OpenOptions) -> OpenOptions {
        OpenOptions(options)
    }
}
