//! [`AsyncFd`]: any descriptor that the system can watch, as a source of the reactor.
//!
//! A thin coat over [`driver::Source`](crate::driver::Source): what the sockets do within
//! the crate, users do here with what they bring along. The guards carry what was seen
//! *before* the operation; clearing it takes back that and nothing newer.
//!
//! # Safety argument
//!
//! This file has unsafe code. The two `register` functions are declared unsafe, as the field
//! has them; their bodies need nothing of the promise that they ask for. And `as_fd` borrows
//! what the object's `as_raw_fd` returns.

#![allow(unsafe_code)] // see the safety argument above

mod guard;
mod waiting;

pub use guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard, TryIoError};

use crate::driver::{Fd, Source};
use crate::registry::{Interest, Ready};
use crate::rt;
use std::error::Error;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

const READ: Interest = Interest::READABLE;
const WRITE: Interest = Interest::WRITABLE;

/// Something with a descriptor, and the means to wait until that is ready.
///
/// It is for what this crate has no type for: a descriptor of another library, a netlink or
/// packet socket, an inotify or an eventfd. Files and directories are always ready for the
/// system and cannot be watched.
///
/// The descriptor must not block (`O_NONBLOCK`): an operation that does stops a worker. One
/// descriptor can be registered once in a runtime at a time.
///
/// # Readiness
///
/// Readiness is kept from the moment at which the system told of it until an operation finds
/// that it is used up, and says so: by returning [`WouldBlock`](io::ErrorKind::WouldBlock)
/// in [`try_io`](Self::try_io), [`async_io`](Self::async_io) or
/// [`AsyncFdReadyGuard::try_io`], or by [`AsyncFdReadyGuard::clear_ready`]. To forget that is
/// to spin; to clear without having met `WouldBlock` is to sleep for ever.
///
/// # Examples
///
/// ```
/// use runtime::io::unix::AsyncFd;
/// use std::io::{Read, Write};
/// use std::os::unix::net::UnixStream;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (ours, mut theirs) = UnixStream::pair()?;
/// ours.set_nonblocking(true)?;
/// let ours = AsyncFd::new(ours)?;
/// theirs.write_all(b"hello")?;
///
/// let mut buffer = [0; 16];
/// let count = loop {
///     let mut guard = ours.readable().await?;
///     match guard.try_io(|fd| fd.get_ref().read(&mut buffer)) {
///         Ok(result) => break result?,
///         Err(_would_block) => continue,
///     }
/// };
/// assert_eq!(&buffer[..count], b"hello");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct AsyncFd<T: AsRawFd> {
    source: Source<Fd<T>>,
}

/// The system would not watch a descriptor. The object comes back with the reason.
///
/// Returned by [`AsyncFd::try_new`] and its like.
///
/// # Examples
///
/// ```
/// use runtime::io::unix::AsyncFd;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let file = std::fs::File::open("Cargo.toml").unwrap();
/// let error = AsyncFd::try_new(file).expect_err("a file is always ready");
/// assert_eq!(error.to_string(), "Operation not permitted (os error 1)");
/// let (_file, reason) = error.into_parts();
/// assert_eq!(reason.kind(), std::io::ErrorKind::PermissionDenied);
/// # });
/// ```
pub struct AsyncFdRegisterError<T> {
    inner: T,
    cause: io::Error,
}

/// Making one, and giving it up.
impl<T: AsRawFd> AsyncFd<T> {
    /// Registers `inner` for reading and writing with the current runtime.
    ///
    /// # Errors
    ///
    /// If the system refuses: `EPERM` for what is always ready, `EEXIST` for a descriptor
    /// that is registered already; or if the runtime is shut down. `inner` is dropped;
    /// [`try_new`](Self::try_new) gives it back.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::unix::AsyncFd;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// ours.set_nonblocking(true)?;
    /// let ours = AsyncFd::new(ours)?;
    /// assert!(ours.writable().await?.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn new(inner: T) -> io::Result<Self> {
        AsyncFd::try_new(inner).map_err(Into::into)
    }

    /// [`new`](Self::new) for some of the readinesses only.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{Interest, unix::AsyncFd};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// ours.set_nonblocking(true)?;
    /// AsyncFd::with_interest(ours, Interest::READABLE)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn with_interest(inner: T, interest: Interest) -> io::Result<Self> {
        AsyncFd::try_with_interest(inner, interest).map_err(Into::into)
    }

    /// [`new`](Self::new) that gives `inner` back if it fails.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::unix::AsyncFd;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (one, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    /// one.set_nonblocking(true).unwrap();
    /// assert!(AsyncFd::try_new(one).is_ok());
    /// # });
    /// ```
    #[track_caller]
    pub fn try_new(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        AsyncFd::try_with_interest(inner, READ | WRITE)
    }

    /// [`with_interest`](Self::with_interest) that gives `inner` back if it fails.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{Interest, unix::AsyncFd};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let file = std::fs::File::open("Cargo.toml").unwrap();
    /// assert!(AsyncFd::try_with_interest(file, Interest::READABLE).is_err());
    /// # });
    /// ```
    #[track_caller]
    pub fn try_with_interest(
        inner: T,
        interest: Interest,
    ) -> Result<Self, AsyncFdRegisterError<T>> {
        let descriptor = inner.as_raw_fd();
        let reactor = rt::with_driver(|driver| driver.reactor_for(descriptor).clone());
        match Source::try_new(Fd(inner), interest, Ready::EMPTY, reactor) {
            Ok(source) => Ok(AsyncFd { source }),
            Err((Fd(inner), cause)) => Err(AsyncFdRegisterError { inner, cause }),
        }
    }

    /// [`try_new`](Self::try_new), with a promise.
    ///
    /// This runtime does the same with and without the promise.
    ///
    /// # Safety
    ///
    /// `inner` keeps one and the same descriptor open for as long as the `AsyncFd` exists.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::unix::AsyncFd;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (ours, _theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    /// // SAFETY: a `UnixStream` keeps its descriptor.
    /// let ours = unsafe { AsyncFd::register(ours) };
    /// assert!(ours.is_ok());
    /// # });
    /// ```
    #[track_caller]
    pub unsafe fn register(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        AsyncFd::try_new(inner)
    }

    /// [`try_with_interest`](Self::try_with_interest), with a promise.
    ///
    /// # Safety
    ///
    /// As for [`register`](Self::register).
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{Interest, unix::AsyncFd};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (ours, _theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    /// // SAFETY: a `UnixStream` keeps its descriptor.
    /// let ours = unsafe { AsyncFd::register_with_interest(ours, Interest::WRITABLE) };
    /// assert!(ours.is_ok());
    /// # });
    /// ```
    #[track_caller]
    pub unsafe fn register_with_interest(
        inner: T,
        interest: Interest,
    ) -> Result<Self, AsyncFdRegisterError<T>> {
        AsyncFd::try_with_interest(inner, interest)
    }

    /// The object.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::unix::AsyncFd;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// let ours = AsyncFd::new(ours)?;
    /// ours.get_ref().set_nonblocking(true)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_ref(&self) -> &T {
        &self.source.io().0
    }

    /// The object, to be changed. It should keep its descriptor: another one would not be
    /// watched.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::unix::AsyncFd;
    /// use std::io::Write;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// let mut ours = AsyncFd::new(ours)?;
    /// ours.get_mut().write_all(b"hello")?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.source.io_mut().0
    }

    /// The object, which is watched no more.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::unix::AsyncFd;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// let ours = AsyncFd::new(ours)?.into_inner();
    /// ours.set_nonblocking(false)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> T {
        // An error means that it was not registered any more.
        self.source.into_parts().0.0
    }
}

impl<T: AsRawFd> AsRawFd for AsyncFd<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.get_ref().as_raw_fd()
    }
}

impl<T: AsRawFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the object has the descriptor open for as long as it is there, which is what
        // `AsRawFd` is for; the borrow keeps the object.
        unsafe { BorrowedFd::borrow_raw(self.as_raw_fd()) }
    }
}

impl<T: fmt::Debug + AsRawFd> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFd")
            .field("inner", self.get_ref())
            .finish()
    }
}

impl<T> AsyncFdRegisterError<T> {
    /// The object, and why the system would not watch it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::unix::AsyncFd;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let file = std::fs::File::open("Cargo.toml").unwrap();
    /// let (file, error) = AsyncFd::try_new(file).unwrap_err().into_parts();
    /// assert!(file.metadata().is_ok());
    /// assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
    /// # });
    /// ```
    pub fn into_parts(self) -> (T, io::Error) {
        (self.inner, self.cause)
    }
}

impl<T> fmt::Debug for AsyncFdRegisterError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncFdRegisterError")
            .field(&self.cause)
            .finish()
    }
}

impl<T> fmt::Display for AsyncFdRegisterError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl<T> Error for AsyncFdRegisterError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

/// The reason; the object is dropped.
impl<T> From<AsyncFdRegisterError<T>> for io::Error {
    fn from(error: AsyncFdRegisterError<T>) -> Self {
        error.cause
    }
}
