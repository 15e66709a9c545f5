//! Waiting for a time, for the sockets' own use: between attempts to connect, and before a
//! listener that is out of descriptors tries again.
//!
//! It is not [`time::Sleep`](crate::time::Sleep), which belongs to the user and panics where
//! this one has an error to return.

use crate::base::wait::{self, Kind};
use crate::driver::TimerKey;
use crate::registry::shut_down;
use crate::rt;
use crate::scheduler::Home;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

/// Ready at its deadline; at once if there is no runtime to wait in; with an error when that
/// ends. It is armed by its first poll, in the shard of the worker that polls.
pub(super) struct Delay {
    until: Instant,
    armed: Option<(Home, Option<TimerKey>)>,
}

/// The time as the current runtime tells it: a test may have stopped the clock.
pub(super) fn now() -> Instant {
    rt::paused_now().unwrap_or_else(Instant::now)
}

impl Delay {
    pub(super) fn until(until: Instant) -> Delay {
        Delay { until, armed: None }
    }

    pub(super) fn is_until(&self, until: Instant) -> bool {
        self.until == until
    }

    fn arm(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(home) = rt::try_home() else {
            return Poll::Ready(Ok(()));
        };
        let driver = home.scheduler().driver();
        if driver.now() >= self.until {
            return Poll::Ready(Ok(()));
        }
        let Ok(key) = home.scheduler().arm(self.until, cx.waker()) else {
            return Poll::Ready(Err(shut_down()));
        };
        wait::note(Kind::Timer, driver.nanos(self.until) / 1_000_000);
        self.armed = Some((home, Some(key)));
        Poll::Pending
    }
}

impl Future for Delay {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let until = self.until;
        match &mut self.armed {
            None => self.arm(cx),
            Some((_, None)) => Poll::Ready(Ok(())),
            Some((home, key)) => {
                let driver = home.scheduler().driver();
                let poll = driver.timers.poll(key, cx.waker());
                if poll.is_pending() {
                    wait::note(Kind::Timer, driver.nanos(until) / 1_000_000);
                }
                poll.map(|fired| fired.map_err(|_| shut_down()))
            }
        }
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        if let Some((home, Some(key))) = self.armed.take() {
            home.scheduler().driver().timers.cancel(key);
        }
    }
}
