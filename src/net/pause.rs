//! What a listener does about the errors of `accept`: it skips those of a connection that is
//! gone, and pauses while the process is out of descriptors or memory.
//!
//! In the latter case the connection stays in the queue, and the listener stays ready: a
//! loop that goes on would use a whole core to fail. So the caller is told, and the *next*
//! accept waits a while before it tries: 5 ms, twice as long after each failure in a row,
//! at most one second. The first that succeeds ends it.
//!
//! The time to wait until is a point in time and kept here, not in the future that waits:
//! a `select!` that makes a new future in each round would otherwise begin anew each time.

use super::delay::{Delay, now};
use crate::base::sync::Mutex;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

pub(super) struct Pause {
    state: Mutex<State>,
}

// A panic leaves no pause half counted: what may panic is polled outside of the lock.
impl UnwindSafe for Pause {}
impl RefUnwindSafe for Pause {}

struct State {
    /// In a row, until now.
    failures: u32,
    until: Option<Instant>,
    /// What [`Pause::poll`] waits with. Taken out to be polled.
    delay: Option<Delay>,
}

impl Pause {
    pub(super) fn new() -> Self {
        Pause {
            state: Mutex::new(State {
                failures: 0,
                until: None,
                delay: None,
            }),
        }
    }

    /// When the next attempt may be made, unless that is now.
    fn until(&self) -> Option<Instant> {
        let until = self.state.lock().until?;
        (now() < until).then_some(until)
    }

    /// Waits until an attempt may be made; any number of tasks.
    pub(super) async fn pass(&self) -> io::Result<()> {
        match self.until() {
            Some(until) => Delay::until(until).await,
            None => Ok(()),
        }
    }

    /// The same, for one task.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(until) = self.until() else {
            return Poll::Ready(Ok(()));
        };
        let kept = self.state.lock().delay.take();
        // One of an earlier pause may be left: nobody polled when that was over.
        let kept = kept.filter(|delay| delay.is_until(until));
        let mut delay = kept.unwrap_or_else(|| Delay::until(until));
        let poll = Pin::new(&mut delay).poll(cx);
        if poll.is_pending() {
            let before = self.state.lock().delay.replace(delay);
            drop(before);
        }
        ready!(poll)?;
        Poll::Ready(Ok(()))
    }

    /// Takes notice of how an attempt ended.
    pub(super) fn learn<T>(&self, result: &io::Result<T>) {
        match result {
            Err(error) if is_exhaustion(error) => {
                let now = now();
                let mut state = self.state.lock();
                let wait = FIRST.saturating_mul(1 << state.failures.min(16));
                state.failures = state.failures.saturating_add(1);
                state.until = Some(now + wait.min(LONGEST));
            }
            _ => {
                let mut state = self.state.lock();
                state.failures = 0;
                state.until = None;
                let left = state.delay.take();
                drop(state);
                drop(left);
            }
        }
    }
}

/// Whether the process or the system has run out of what a connection needs.
fn is_exhaustion(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM)
    )
}

/// Accepts one connection; those that failed in the queue are skipped. Each of them is
/// taken from the queue, so this ends.
pub(super) fn accept_next<T>(mut accept: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match accept() {
            Err(error) if is_of_the_connection(&error) => {}
            result => return result,
        }
    }
}

/// Whether an error of `accept` is that of the connection which was to be accepted; see
/// accept(2), "Error handling".
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::ECONNABORTED
                | libc::EPROTO
                | libc::ENETDOWN
                | libc::ENOPROTOOPT
                | libc::EHOSTDOWN
                | libc::EHOSTUNREACH
                | libc::ENETUNREACH
        )
    )
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_wait_ever_longer_and_a_success_ends_that() {
        let pause = Pause::new();
        let full: io::Result<()> = Err(io::Error::from_raw_os_error(libc::EMFILE));
        let mut last = Duration::ZERO;
        for _ in 0..40 {
            pause.learn(&full);
            let until = pause.until().expect("it pauses");
            let wait = until - Instant::now();
            assert!(wait <= LONGEST);
            assert!(wait > last || wait > LONGEST - Duration::from_millis(100));
            last = wait;
        }
        pause.learn(&Ok(()));
        assert_eq!(pause.until(), None);
        pause.learn::<()>(&Err(io::ErrorKind::ConnectionReset.into()));
        assert_eq!(pause.until(), None);
    }
}
