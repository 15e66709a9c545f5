#![allow(unsafe_code)]
//! Nanoseconds since some moment, read straight from the system.
//!
//! A worker reads the clock before and after each sleep, and needs a number. By way of
//! [`Instant`](std::time::Instant) that is a subtraction of two pairs, checked for each carry, and
//! a sum: 94 instructions more for each read, counted in a TCP echo.
//!
//! It counts on the clock that `Instant` has on Linux, so the two never drift apart. One that is
//! started behind an `Instant` says a little less than what has passed since that: who takes its
//! word for the time is never early.
//!
//! Safety argument: there is one unsafe block, a call of `clock_gettime` with a `timespec` of this
//! stack frame, which it fills in and does not keep.

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Stopwatch {
    start: u64,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Stopwatch { start: monotonic() }
    }

    #[inline]
    pub(crate) fn nanos(&self) -> u64 {
        monotonic().saturating_sub(self.start)
    }
}

/// Nanoseconds since the system was started.
#[inline]
fn monotonic() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a timespec that is ours during the call. It cannot fail: the
    // clock is one that each Linux has.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn it_goes_with_instants_and_is_never_ahead() {
        let start = Instant::now();
        let watch = Stopwatch::start();
        let started = Instant::now();
        for _ in 0..10_000 {
            let least = started.elapsed().as_nanos() as u64;
            let nanos = watch.nanos();
            let most = start.elapsed().as_nanos() as u64;
            assert!(least <= nanos && nanos <= most);
        }
    }
}
