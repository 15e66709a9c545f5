//! [`OpenOptions`]: pipes with names.

use super::{Receiver, Sender};
use crate::net::reactor;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// How to open a pipe that has a name (a FIFO, made by `mkfifo`).
///
/// Opening never waits for the other end.
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::unix::pipe;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let path = std::env::temp_dir().join(format!("doc-fifo-{}", std::process::id()));
/// # assert!(std::process::Command::new("mkfifo").arg(&path).status()?.success());
/// let mut receiver = pipe::OpenOptions::new().open_receiver(&path)?;
/// let mut sender = pipe::OpenOptions::new().open_sender(&path)?;
/// sender.write_all(b"hello").await?;
/// let mut greeting = [0; 5];
/// receiver.read_exact(&mut greeting).await?;
/// assert_eq!(&greeting, b"hello");
/// std::fs::remove_file(&path)
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    read_write: bool,
    unchecked: bool,
}

impl OpenOptions {
    /// Read or write only, and check that it is a pipe.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::unix::pipe::OpenOptions;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let error = OpenOptions::new().open_sender("Cargo.toml").unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    /// # });
    /// ```
    pub fn new() -> OpenOptions {
        OpenOptions {
            read_write: false,
            unchecked: false,
        }
    }

    /// Opens the pipe for reading and for writing (Linux): a receiver then finds no end when
    /// all senders are gone, and a sender can be opened before there is a receiver.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::unix::pipe;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("doc-fifo-rw-{}", std::process::id()));
    /// # assert!(std::process::Command::new("mkfifo").arg(&path).status()?.success());
    /// assert!(pipe::OpenOptions::new().open_sender(&path).is_err());
    /// assert!(pipe::OpenOptions::new().read_write(true).open_sender(&path).is_ok());
    /// # std::fs::remove_file(&path) }).unwrap();
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn read_write(&mut self, value: bool) -> &mut Self {
        self.read_write = value;
        self
    }

    /// Leaves out the check that the file is a pipe. Something else that does not block, and
    /// that the system can watch, may work as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::unix::pipe;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let checked = pipe::OpenOptions::new().open_receiver("Cargo.toml").unwrap_err();
    /// assert_eq!(checked.kind(), std::io::ErrorKind::InvalidInput);
    /// let unchecked = pipe::OpenOptions::new().unchecked(true).open_receiver("Cargo.toml");
    /// assert_eq!(unchecked.unwrap_err().raw_os_error(), Some(libc::EPERM), "from the system");
    /// # });
    /// ```
    pub fn unchecked(&mut self, value: bool) -> &mut Self {
        self.unchecked = value;
        self
    }

    /// Opens the end to read from.
    ///
    /// # Errors
    ///
    /// Those of `open(2)`; `InvalidInput` if it is not a pipe.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::unix::pipe::OpenOptions;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let error = OpenOptions::new().open_receiver("Cargo.toml").unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput); // no pipe
    /// # });
    /// ```
    #[track_caller]
    pub fn open_receiver<P: AsRef<Path>>(&self, path: P) -> io::Result<Receiver> {
        let reactor = reactor();
        let file = self.open(
            path.as_ref(),
            File::options().read(true).write(self.read_write),
        )?;
        Receiver::register_fd(file.into(), reactor)
    }

    /// Opens the end to write to.
    ///
    /// # Errors
    ///
    /// Those of `open(2)`: `ENXIO` if nobody has it open for reading. `InvalidInput` if it is
    /// not a pipe.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::unix::pipe::OpenOptions;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let error = OpenOptions::new().open_sender("no such file").unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    /// # });
    /// ```
    #[track_caller]
    pub fn open_sender<P: AsRef<Path>>(&self, path: P) -> io::Result<Sender> {
        let reactor = reactor();
        let file = self.open(
            path.as_ref(),
            File::options().write(true).read(self.read_write),
        )?;
        Sender::register_fd(file.into(), reactor)
    }

    fn open(&self, path: &Path, options: &mut std::fs::OpenOptions) -> io::Result<File> {
        let file = options.custom_flags(libc::O_NONBLOCK).open(path)?;
        if !self.unchecked && !file.metadata()?.file_type().is_fifo() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is not a pipe",
            ));
        }
        Ok(file)
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions::new()
    }
}
