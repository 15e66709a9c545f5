#![allow(unsafe_code)]
//! Waiting for a selector with the precision of the system's timers.
//!
//! `epoll_wait` counts milliseconds. An epoll descriptor can itself be polled: it is
//! readable while there are events to be fetched, and ppoll(2) counts nanoseconds. So
//! a short wait is made with `ppoll`, and the events are then fetched without waiting.
//!
//! Safety argument: there is one unsafe block, a call of `ppoll` with one descriptor,
//! a timeout and no signal mask. Both structs live on this stack frame and are told to
//! the kernel with their right sizes; it writes nothing but `revents`. The descriptor
//! is borrowed from a `mio::Poll` that outlives the call; a wrong one would be reported
//! as `POLLNVAL`, not be undefined.

use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

/// From here on whole milliseconds are good enough: what is left of the limit is
/// waited for in another turn.
const COARSE: Duration = Duration::from_millis(2);

/// Waits, if `limit` is short, for the selector to have events. Returns how long
/// `poll` may still wait for them, or `None` if the time has passed.
pub(super) fn before_poll(poll: &mio::Poll, limit: Duration) -> io::Result<Option<Duration>> {
    if limit.is_zero() {
        return Ok(Some(limit));
    }
    if limit >= COARSE {
        // Rounded down, for mio rounds up.
        let millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        return Ok(Some(Duration::from_millis(millis)));
    }
    let mut descriptor = libc::pollfd {
        fd: poll.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    let limit = libc::timespec {
        tv_sec: 0,
        tv_nsec: limit.subsec_nanos() as libc::c_long,
    };
    // SAFETY: one initialised pollfd and one timespec, both alive during the call; a
    // null mask leaves the signal mask alone.
    let ready = unsafe { libc::ppoll(&mut descriptor, 1, &limit, std::ptr::null()) };
    match ready {
        0 => Ok(None),
        1 => Ok(Some(Duration::ZERO)),
        _ => Err(io::Error::last_os_error()),
    }
}
