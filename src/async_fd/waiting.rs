//! Waiting for an [`AsyncFd`], and operations on it.

use super::{AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard, READ, WRITE};
use crate::base::wait::{self, here};
use crate::registry::{Interest, Side};
use std::io;
use std::os::fd::AsRawFd;
use std::panic::Location;
use std::task::{Context, Poll, ready};

/// Waiting.
impl<T: AsRawFd> AsyncFd<T> {
    /// Waits until it is ready for some of `interest`.
    ///
    /// Any number of tasks can wait.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let ours = AsyncFd::new(ours)?;
    /// let guard = ours.ready(Interest::WRITABLE).await?;
    /// assert!(guard.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready(
        &self,
        interest: Interest,
    ) -> impl Future<Output = io::Result<AsyncFdReadyGuard<'_, T>>> {
        here(async move {
            let sight = self.source.sight(interest).await?;
            Ok(AsyncFdReadyGuard::new(self, sight))
        })
    }

    /// Waits until it is ready to be read from.
    ///
    /// Any number of tasks can wait.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let ours = AsyncFd::new(ours)?;
    /// # (&_theirs as &std::os::unix::net::UnixStream).shutdown(std::net::Shutdown::Both)?;
    /// let guard = ours.readable().await?;
    /// assert!(guard.ready().is_read_closed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<AsyncFdReadyGuard<'_, T>>> {
        here(async move {
            let sight = self.source.sight(READ).await?;
            Ok(AsyncFdReadyGuard::new(self, sight))
        })
    }

    /// Waits until it is ready to be written to.
    ///
    /// Any number of tasks can wait.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let ours = AsyncFd::new(ours)?;
    /// let guard = ours.writable().await?;
    /// assert!(guard.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<AsyncFdReadyGuard<'_, T>>> {
        here(async move {
            let sight = self.source.sight(WRITE).await?;
            Ok(AsyncFdReadyGuard::new(self, sight))
        })
    }

    /// Whether it is ready to be read from; the last task that asks is woken.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let ours = AsyncFd::new(ours)?;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert!(ours.poll_read_ready(&mut cx).is_pending());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_read_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let poll = wait::at(Location::caller(), || {
            self.source.poll_sight(Side::Read, cx)
        });
        let sight = ready!(poll)?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, sight)))
    }

    /// Whether it is ready to be written to; the last task that asks is woken.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let ours = AsyncFd::new(ours)?;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let mut cx = Context::from_waker(Waker::noop());
    /// # ours.writable().await?;
    /// let poll = ours.poll_write_ready(&mut cx)?;
    /// assert!(poll.is_ready());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_write_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let poll = wait::at(Location::caller(), || {
            self.source.poll_sight(Side::Write, cx)
        });
        let sight = ready!(poll)?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, sight)))
    }

    /// Runs an operation of your own, if it is ready for `interest`.
    ///
    /// If `f` says [`WouldBlock`](io::ErrorKind::WouldBlock), the readiness is taken back: it
    /// must say so only if the system did.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if it is not ready, without calling `f`; else
    /// those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let ours = AsyncFd::new(ours)?;
    /// use std::io::Write;
    ///
    /// ours.writable().await?.retain_ready();
    /// let count = ours.try_io(Interest::WRITABLE, |mut inner| inner.write(b"hello"))?;
    /// assert_eq!(count, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.source.try_once(interest, |fd| f(&fd.0))
    }

    /// Runs an operation of your own whenever it is ready for `interest`, until that says
    /// something else than [`WouldBlock`](io::ErrorKind::WouldBlock). A signal that interrupts
    /// it makes it run again.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `f`, or if the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let ours = AsyncFd::new(ours)?;
    /// use std::io::Write;
    ///
    /// let write = |mut inner: &std::os::unix::net::UnixStream| inner.write(b"hello");
    /// assert_eq!(ours.async_io(Interest::WRITABLE, write).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut(&T) -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        here(self.source.async_io(interest, move |fd| f(&fd.0)))
    }

    /// Waits until it is ready for some of `interest` and keeps the object to itself.
    ///
    /// Otherwise as [`ready`](Self::ready).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// let guard = ours.ready_mut(Interest::WRITABLE).await?;
    /// assert!(guard.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn ready_mut(
        &mut self,
        interest: Interest,
    ) -> impl Future<Output = io::Result<AsyncFdReadyMutGuard<'_, T>>> {
        here(async move {
            let sight = self.source.sight(interest).await?;
            Ok(AsyncFdReadyMutGuard::new(self, sight))
        })
    }

    /// Waits until it is ready to be read from and keeps the object to itself.
    ///
    /// Otherwise as [`readable`](Self::readable).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// # (&_theirs as &std::os::unix::net::UnixStream).shutdown(std::net::Shutdown::Both)?;
    /// let guard = ours.readable_mut().await?;
    /// assert!(guard.ready().is_read_closed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn readable_mut(
        &mut self,
    ) -> impl Future<Output = io::Result<AsyncFdReadyMutGuard<'_, T>>> {
        here(async move {
            let sight = self.source.sight(READ).await?;
            Ok(AsyncFdReadyMutGuard::new(self, sight))
        })
    }

    /// Waits until it is ready to be written to and keeps the object to itself.
    ///
    /// Otherwise as [`writable`](Self::writable).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// let guard = ours.writable_mut().await?;
    /// assert!(guard.ready().is_writable());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn writable_mut(
        &mut self,
    ) -> impl Future<Output = io::Result<AsyncFdReadyMutGuard<'_, T>>> {
        here(async move {
            let sight = self.source.sight(WRITE).await?;
            Ok(AsyncFdReadyMutGuard::new(self, sight))
        })
    }

    /// Whether it is ready to be read from; the last task that asks is woken.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert!(ours.poll_read_ready_mut(&mut cx).is_pending());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_read_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let poll = wait::at(Location::caller(), || {
            self.source.poll_sight(Side::Read, cx)
        });
        let sight = ready!(poll)?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(self, sight)))
    }

    /// Whether it is ready to be written to; the last task that asks is woken.
    ///
    /// # Errors
    ///
    /// If the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let mut cx = Context::from_waker(Waker::noop());
    /// # ours.writable().await?;
    /// let poll = ours.poll_write_ready_mut(&mut cx)?;
    /// assert!(poll.is_ready());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn poll_write_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let poll = wait::at(Location::caller(), || {
            self.source.poll_sight(Side::Write, cx)
        });
        let sight = ready!(poll)?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(self, sight)))
    }

    /// Runs an operation of your own, if it is ready for `interest`.
    ///
    /// If `f` says [`WouldBlock`](io::ErrorKind::WouldBlock), the readiness is taken back: it
    /// must say so only if the system did.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if it is not ready, without calling `f`; else
    /// those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// use std::io::Write;
    ///
    /// ours.writable().await?.retain_ready();
    /// let count = ours.try_io_mut(Interest::WRITABLE, |inner| inner.write(b"hello"))?;
    /// assert_eq!(count, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn try_io_mut<R>(
        &mut self,
        interest: Interest,
        f: impl FnOnce(&mut T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.source.try_once_mut(interest, |fd| f(&mut fd.0))
    }

    /// Runs an operation of your own whenever it is ready for `interest`, until that says
    /// something else than [`WouldBlock`](io::ErrorKind::WouldBlock). A signal that interrupts
    /// it makes it run again.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of `f`, or if the runtime is shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, unix::AsyncFd};
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let (ours, _theirs) = std::os::unix::net::UnixStream::pair()?;
    /// # ours.set_nonblocking(true)?;
    /// # let mut ours = AsyncFd::new(ours)?;
    /// use std::io::Write;
    ///
    /// let write = |inner: &mut std::os::unix::net::UnixStream| inner.write(b"hello");
    /// assert_eq!(ours.async_io_mut(Interest::WRITABLE, write).await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn async_io_mut<R>(
        &mut self,
        interest: Interest,
        mut f: impl FnMut(&mut T) -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        here(self.source.async_io_mut(interest, move |fd| f(&mut fd.0)))
    }
}
