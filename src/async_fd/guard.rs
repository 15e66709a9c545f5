//! The guards that [`AsyncFd`]'s waits resolve to.

use super::AsyncFd;
use crate::registry::{Ready, Sight};
use std::error::Error;
use std::fmt;
use std::io;
use std::os::fd::AsRawFd;

/// That a descriptor was seen to be ready, and the means to take that back.
///
/// From [`AsyncFd::readable`] and its like. Dropping it leaves the readiness as it is.
///
/// # Examples
///
/// ```
/// use runtime::io::unix::AsyncFd;
/// use std::io::Write;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
/// ours.set_nonblocking(true)?;
/// let ours = AsyncFd::new(ours)?;
/// let mut guard = ours.writable().await?;
/// let written = guard.try_io(|fd| fd.get_ref().write(b"hello"));
/// assert_eq!(written.expect("there is room")?, 5);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[must_use = "the readiness stays until it is cleared or used in `try_io`"]
pub struct AsyncFdReadyGuard<'a, T: AsRawFd> {
    fd: &'a AsyncFd<T>,
    sight: Sight,
}

/// An [`AsyncFdReadyGuard`] that has the [`AsyncFd`] to itself.
///
/// From [`AsyncFd::readable_mut`] and its like.
///
/// # Examples
///
/// ```
/// use runtime::io::unix::AsyncFd;
/// use std::io::Write;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
/// ours.set_nonblocking(true)?;
/// let mut ours = AsyncFd::new(ours)?;
/// let mut guard = ours.writable_mut().await?;
/// let written = guard.try_io(|fd| fd.get_mut().write(b"hello"));
/// assert_eq!(written.expect("there is room")?, 5);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[must_use = "the readiness stays until it is cleared or used in `try_io`"]
pub struct AsyncFdReadyMutGuard<'a, T: AsRawFd> {
    fd: &'a mut AsyncFd<T>,
    sight: Sight,
}

/// The operation would have had to wait; the readiness was taken back.
///
/// Returned by [`AsyncFdReadyGuard::try_io`] and [`AsyncFdReadyMutGuard::try_io`].
///
/// # Examples
///
/// ```
/// use runtime::io::unix::AsyncFd;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (one, _other) = std::os::unix::net::UnixStream::pair().unwrap();
/// one.set_nonblocking(true).unwrap();
/// let one = AsyncFd::new(one).unwrap();
/// let mut guard = one.writable().await.unwrap();
/// let error = guard.try_io(|_| -> std::io::Result<()> {
///     Err(std::io::ErrorKind::WouldBlock.into())
/// });
/// assert!(!error.unwrap_err().to_string().is_empty());
/// # });
/// ```
#[derive(Debug)]
pub struct TryIoError(());

impl fmt::Display for TryIoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the descriptor is not ready after all")
    }
}

impl Error for TryIoError {}

impl<'a, T: AsRawFd> AsyncFdReadyGuard<'a, T> {
    pub(super) fn new(fd: &'a AsyncFd<T>, sight: Sight) -> Self {
        AsyncFdReadyGuard { fd, sight }
    }

    /// What it was seen to be ready for.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let ours = AsyncFd::new(ours)?;
    /// let guard = ours.writable().await?;
    /// assert!(guard.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn ready(&self) -> Ready {
        self.sight.ready()
    }

    /// Takes back what was seen, after an operation that would have had to wait.
    ///
    /// What has come in since the guard was made stays. "Closed" stays as well, unless that
    /// was all that was seen.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let ours = AsyncFd::new(ours)?;
    /// let mut guard = ours.writable().await?;
    /// guard.clear_ready();
    /// assert!(guard.ready().is_empty());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn clear_ready(&mut self) {
        self.clear_ready_matching(Ready::ALL);
    }

    /// Takes back some of what was seen.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, Ready, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let ours = AsyncFd::new(ours)?;
    /// let mut guard = ours.ready(Interest::READABLE | Interest::WRITABLE).await?;
    /// guard.clear_ready_matching(Ready::READABLE);
    /// assert!(guard.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn clear_ready_matching(&mut self, ready: Ready) {
        let (taken_back, left) = self.sight.partition(ready);
        self.fd.source.clear(&taken_back);
        self.sight = left;
    }

    /// Leaves the readiness as it is, which dropping the guard does as well. It says that this
    /// is meant.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let ours = AsyncFd::new(ours)?;
    /// ours.writable().await?.retain_ready();
    /// assert!(ours.writable().await?.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn retain_ready(&mut self) {}

    /// Runs `f`, and takes the readiness back if that says
    /// [`WouldBlock`](io::ErrorKind::WouldBlock).
    ///
    /// `f` must say so only if the system did.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] if `f` said `WouldBlock`; else the inner result is that of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::unix::AsyncFd;
    /// use std::io::Read;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    /// ours.set_nonblocking(true)?;
    /// let ours = AsyncFd::new(ours)?;
    /// drop(theirs);
    /// let mut guard = ours.readable().await?;
    /// let read = guard.try_io(|fd| fd.get_ref().read(&mut [0; 8]));
    /// assert_eq!(read.expect("the end is no reason to wait")?, 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&'a AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        match f(self.fd) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.clear_ready();
                Err(TryIoError(()))
            }
            result => Ok(result),
        }
    }

    /// What is watched.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let ours = AsyncFd::new(ours)?;
    /// let guard = ours.writable().await?;
    /// assert!(std::ptr::eq(guard.get_ref(), &ours));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_ref(&self) -> &'a AsyncFd<T> {
        self.fd
    }

    /// The object that is watched.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let ours = AsyncFd::new(ours)?;
    /// let guard = ours.writable().await?;
    /// guard.get_inner().set_nonblocking(true)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_inner(&self) -> &'a T {
        self.fd.get_ref()
    }
}

impl<'a, T: AsRawFd> AsyncFdReadyMutGuard<'a, T> {
    pub(super) fn new(fd: &'a mut AsyncFd<T>, sight: Sight) -> Self {
        AsyncFdReadyMutGuard { fd, sight }
    }

    /// What it was seen to be ready for.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// let guard = ours.writable_mut().await?;
    /// assert!(guard.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn ready(&self) -> Ready {
        self.sight.ready()
    }

    /// Takes back what was seen, after an operation that would have had to wait.
    ///
    /// What has come in since the guard was made stays. "Closed" stays as well, unless that
    /// was all that was seen.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// let mut guard = ours.writable_mut().await?;
    /// guard.clear_ready();
    /// assert!(guard.ready().is_empty());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn clear_ready(&mut self) {
        self.clear_ready_matching(Ready::ALL);
    }

    /// Takes back some of what was seen.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, Ready, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// let mut guard = ours.ready_mut(Interest::READABLE | Interest::WRITABLE).await?;
    /// guard.clear_ready_matching(Ready::READABLE);
    /// assert!(guard.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn clear_ready_matching(&mut self, ready: Ready) {
        let (taken_back, left) = self.sight.partition(ready);
        self.fd.source.clear(&taken_back);
        self.sight = left;
    }

    /// Leaves the readiness as it is, which dropping the guard does as well. It says that this
    /// is meant.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// ours.writable_mut().await?.retain_ready();
    /// assert!(ours.writable().await?.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn retain_ready(&mut self) {}

    /// Runs `f`, and takes the readiness back if that says
    /// [`WouldBlock`](io::ErrorKind::WouldBlock).
    ///
    /// `f` must say so only if the system did.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] if `f` said `WouldBlock`; else the inner result is that of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::unix::AsyncFd;
    /// use std::io::Write;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (one, _other) = std::os::unix::net::UnixStream::pair()?;
    /// one.set_nonblocking(true)?;
    /// let mut one = AsyncFd::new(one)?;
    /// let mut guard = one.writable_mut().await?;
    /// let written = guard.try_io(|one| one.get_mut().write(b"hello")).unwrap()?;
    /// assert_eq!(written, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&mut AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        match f(self.fd) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.clear_ready();
                Err(TryIoError(()))
            }
            result => Ok(result),
        }
    }

    /// What is watched.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # use std::os::fd::AsRawFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// let number = ours.as_raw_fd();
    /// let guard = ours.writable_mut().await?;
    /// assert_eq!(guard.get_ref().as_raw_fd(), number);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_ref(&self) -> &AsyncFd<T> {
        self.fd
    }

    /// What is watched, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # use std::io::Write;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// let mut guard = ours.writable_mut().await?;
    /// guard.get_mut().get_mut().write_all(b"hello")?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_mut(&mut self) -> &mut AsyncFd<T> {
        self.fd
    }

    /// The object that is watched.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// let guard = ours.writable_mut().await?;
    /// guard.get_inner().set_nonblocking(true)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_inner(&self) -> &T {
        self.fd.get_ref()
    }

    /// The object that is watched, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::unix::AsyncFd;
    /// # use std::io::Write;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// let mut guard = ours.writable_mut().await?;
    /// guard.get_inner_mut().write_all(b"hello")?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_inner_mut(&mut self) -> &mut T {
        self.fd.get_mut()
    }
}

impl<T: fmt::Debug + AsRawFd> fmt::Debug for AsyncFdReadyGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyGuard")
            .field("fd", self.fd)
            .field("ready", &self.ready())
            .finish()
    }
}

impl<T: fmt::Debug + AsRawFd> fmt::Debug for AsyncFdReadyMutGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyMutGuard")
            .field("fd", self.fd)
            .field("ready", &self.ready())
            .finish()
    }
}
