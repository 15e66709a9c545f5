//! What std has no safe or stable function for: a descriptor for a process, and code between
//! fork and exec.
//!
//! # Safety argument
//!
//! This file has unsafe code. `pidfd_open` takes two numbers and returns a new descriptor,
//! which nobody else owns, or -1. `pre_exec` hands its caller's promise on.

#![allow(unsafe_code)] // see the safety argument above

use super::Command;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token, event};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;

/// A descriptor that becomes readable when its process ends.
#[derive(Debug)]
pub(super) struct PidFd(OwnedFd);

impl PidFd {
    /// The descriptor of a child that is not reaped yet.
    ///
    /// # Errors
    /// If the system has no such thing, or no descriptors left.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn open(pid: u32) -> io::Result<Self> {
        use std::os::fd::{FromRawFd, RawFd};
        // SAFETY: it takes no pointers.
        let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it is new, and nobody else's. (Descriptors are small.)
        Ok(PidFd(unsafe { OwnedFd::from_raw_fd(descriptor as RawFd) }))
    }

    /// The descriptor of a child: here there is no such thing.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn open(_: u32) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl event::Source for PidFd {
    fn register(&mut self, to: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(to, token, interest)
    }

    fn reregister(&mut self, to: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(to, token, interest)
    }

    fn deregister(&mut self, from: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(from)
    }
}

impl Command {
    /// Runs `f` in the child, between fork and exec; an error from it is one of the spawn.
    ///
    /// Several run in the order in which they were given.
    ///
    /// # Safety
    ///
    /// As for [`pre_exec`](CommandExt::pre_exec) of std: the child is a copy of this process
    /// in which only one thread goes on. What any other thread was in the middle of, such as
    /// allocating memory or holding a lock, stays so for ever; `f` may do only what a handler
    /// of signals may.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut command = runtime::process::Command::new("true");
    /// // SAFETY: making an error of a number is allowed there.
    /// unsafe { command.pre_exec(|| Err(std::io::Error::from_raw_os_error(1))) };
    /// assert_eq!(command.status().await.unwrap_err().raw_os_error(), Some(1));
    /// # });
    /// ```
    pub unsafe fn pre_exec<F>(&mut self, f: F) -> &mut Command
    where
        F: FnMut() -> io::Result<()> + Send + Sync + 'static,
    {
        // SAFETY: our caller promises the same.
        unsafe { self.std.pre_exec(f) };
        self
    }
}
