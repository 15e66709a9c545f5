//! The handler of ours, and `sigaction(2)`: all unsafe code of this module.
//!
//! # Safety argument
//!
//! This file has unsafe code because std has no way to handle a signal.
//!
//! 1. [`handle`] does only what a handler may do while the thread that it interrupts holds any
//!    lock whatsoever: it reads and writes atomics, asks for the process's id, reads from and
//!    writes to a socket, and saves `errno`. It neither allocates nor panics.
//! 2. What it reaches are statics that are never freed or moved; they are there before the
//!    handler is.
//! 3. An earlier handler is called with the arguments that it was installed for, and only
//!    while ours is called by the kernel, or by somebody who was asked to chain to it.
//! 4. The `sigaction`s that are handed to the system are those that came from it, or are
//!    zeroed (a valid value: integers and an optional function) and then filled in.

#![allow(unsafe_code)] // see the safety argument above

use super::slot;
use crate::base::sync::atomic::{AtomicU64, Ordering};
use crate::base::sync::local;
use std::cell::Cell;
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::raw::{c_int, c_void};
use std::os::unix::net::UnixStream;
use std::ptr;

/// What a process does on a signal.
#[derive(Clone, Copy)]
pub(super) struct Action(libc::sigaction);

/// The function that was the handler before ours: its address, and [`WITH_INFO`].
#[derive(Debug)]
pub(super) struct Earlier(AtomicU64);

/// The earlier handler takes three arguments. (No function's address has this bit.)
const WITH_INFO: u64 = 1 << 63;

type Plain = extern "C" fn(c_int);
type WithInfo = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

local! {
    /// The signals whose earlier handler this thread is in: it may have been told to call
    /// ours as *its* earlier one. (Read only where there is an earlier handler, since in a
    /// library that was loaded later the first access could allocate.)
    static INSIDE: Cell<u128> = Cell::new(0);
}

extern "C" fn handle(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let errno = io::Error::last_os_error().raw_os_error();
    if let Some(slot) = slot::get(signal) {
        slot.earlier
            .call_after(|| slot.raise(), signal, info, context);
    }
    set_errno(errno.unwrap_or(0));
}

impl Earlier {
    pub(super) fn none() -> Self {
        Earlier(AtomicU64::new(0))
    }

    fn set(&self, action: &Action) {
        let function = match action.0.sa_sigaction {
            libc::SIG_DFL | libc::SIG_IGN => 0,
            address if action.0.sa_flags & libc::SA_SIGINFO != 0 => address as u64 | WITH_INFO,
            address => address as u64,
        };
        self.0.store(function, Ordering::Release);
    }

    /// Calls `raise` and then the function, if there is one; nothing if it was that which
    /// called us.
    fn call_after(
        &self,
        raise: impl FnOnce(),
        signal: c_int,
        info: *mut libc::siginfo_t,
        context: *mut c_void,
    ) {
        let word = self.0.load(Ordering::Acquire);
        if word == 0 {
            return raise();
        }
        let inside = INSIDE.with(Cell::get);
        let bit = 1 << signal;
        if inside & bit != 0 {
            return;
        }
        raise();
        INSIDE.with(|now| now.set(inside | bit));
        let address = ptr::with_exposed_provenance::<()>((word & !WITH_INFO) as usize);
        if word & WITH_INFO == 0 {
            // SAFETY: it was installed as a handler of this form (3).
            let function = unsafe { mem::transmute::<*const (), Plain>(address) };
            function(signal);
        } else {
            // SAFETY: as above.
            let function = unsafe { mem::transmute::<*const (), WithInfo>(address) };
            function(signal, info, context);
        }
        INSIDE.with(|now| now.set(inside));
    }
}

impl Action {
    fn of(signal: c_int) -> io::Result<Self> {
        // SAFETY: zeroed is valid (4).
        let mut action = Action(unsafe { mem::zeroed() });
        // SAFETY: a null pointer asks; the other one is to be written to, and can be.
        check(unsafe { libc::sigaction(signal, ptr::null(), &mut action.0) })?;
        Ok(action)
    }

    /// Our handler. What an earlier one wanted to be blocked meanwhile is blocked.
    fn ours(before: &Action) -> Self {
        let mut action = *before;
        action.0.sa_sigaction = address();
        action.0.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
        action
    }

    fn is_ours(&self) -> bool {
        self.0.sa_sigaction == address()
    }

    fn install(&self, signal: c_int) -> io::Result<()> {
        // SAFETY: it is one of ours, whose handler keeps to the rules (1), or came from the
        // system (4).
        check(unsafe { libc::sigaction(signal, &self.0, ptr::null_mut()) })
    }
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Action").field(&self.0.sa_sigaction).finish()
    }
}

fn address() -> usize {
    handle as WithInfo as *const () as usize
}

/// Installs our handler, which calls the one that was there, if any. Returns what is to come
/// back later, or nothing if it was ours already.
///
/// # Errors
/// If there is no such signal, or its handler cannot be changed.
pub(super) fn install(signal: c_int, earlier: &Earlier) -> io::Result<Option<Action>> {
    let before = Action::of(signal)?;
    if before.is_ours() {
        return Ok(None);
    }
    earlier.set(&before);
    Action::ours(&before).install(signal)?;
    Ok(Some(before))
}

/// Lets `before` come back, if the handler is still ours. False if it is not.
pub(super) fn restore(signal: c_int, before: &Action) -> bool {
    match Action::of(signal) {
        Ok(action) if action.is_ours() => before.install(signal).is_ok(),
        _ => false,
    }
}

/// Puts `new` where `old` is, under its number.
pub(super) fn replace(old: &UnixStream, new: UnixStream) -> io::Result<()> {
    let new = OwnedFd::from(new);
    // SAFETY: both are open; what `old` was is closed by the system, and `old` goes on as the
    // owner of what is there now.
    check(unsafe { libc::dup2(new.as_raw_fd(), old.as_raw_fd()) })?;
    // SAFETY: it is open.
    check(unsafe { libc::fcntl(old.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) })
}

fn check(result: c_int) -> io::Result<()> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
use libc::__errno as errno_location;
#[cfg(any(target_os = "linux", target_os = "dragonfly"))]
use libc::__errno_location as errno_location;
#[cfg(any(target_os = "macos", target_os = "ios", target_os = "freebsd"))]
use libc::__error as errno_location;

fn set_errno(value: c_int) {
    // SAFETY: it points to this thread's `errno`.
    unsafe { *errno_location() = value };
}
