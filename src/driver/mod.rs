//! The driver: the reactor and the timers, flat, with the clock that they share.
//!
//! [`Driver`] is what all threads see: they register sources, arm timers, read the clock,
//! and unpark whoever waits inside. The [`Poller`] is the right to wait for events; the
//! scheduler has it in a lock that one idle worker holds. The timers have a shard a worker
//! and a last one for everybody else; who fires which is the scheduler's business.
//!
//! Neither half wakes anybody: both move wakers into the caller's list, for it to wake once
//! it has let go of the driver.

mod doorstep;
pub(crate) mod fd;
pub(crate) mod reactor;
pub(crate) mod source;
pub(crate) mod timers;
mod under_way;

pub(crate) use fd::Fd;
pub(crate) use reactor::{Poller, Reactor};
pub(crate) use source::Source;
pub(crate) use timers::{TimerKey, Timers};
pub(crate) use under_way::{BesideUnderWay, ThreadUnderWay, UnderWay, is_counted_here};

pub(crate) use crate::registry::is_shut_down;

use crate::base::batch::wake_all;
use crate::base::clock::Clock;
use crate::base::sync::atomic::AtomicUsize;
use std::io;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

/// The shared half. See the [module](self).
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) reactor: Arc<Reactor>,
    pub(crate) timers: Timers,
    pub(crate) clock: Clock,
    /// How much is [under way](self::under_way): a paused clock does not move by itself while
    /// there is anything.
    under_way: AtomicUsize,
}

impl Driver {
    /// A driver with `shards` timer shards, whose turns take in at most `events` events.
    ///
    /// # Errors
    /// If the process has no file descriptors left.
    pub(crate) fn new(shards: usize, events: usize) -> io::Result<(Arc<Self>, Poller)> {
        let (reactor, poller) = reactor::new(events)?;
        let clock = Clock::new();
        let driver = Driver {
            reactor: Arc::new(reactor),
            timers: Timers::new(clock.start(), shards),
            clock,
            under_way: AtomicUsize::new(0),
        };
        Ok((Arc::new(driver), poller))
    }

    #[inline]
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// [`nanos`](Self::nanos) of now, and never more than that.
    #[inline]
    pub(crate) fn now_nanos(&self) -> u64 {
        self.clock.nanos()
    }

    /// Nanoseconds from the runtime's start to `instant`, within what fits.
    pub(crate) fn nanos(&self, instant: Instant) -> u64 {
        self.timers.nanos(instant)
    }

    /// One turn of the reactor: waits at most `limit`, adds the wakers to wake, and returns
    /// the number of events.
    ///
    /// # Panics
    /// If the operating system refuses to wait, which no program can mend.
    pub(crate) fn turn(
        &self,
        poller: &mut Poller,
        limit: Option<Duration>,
        wakers: &mut Vec<Waker>,
    ) -> usize {
        match poller.turn(&self.reactor, limit, wakers) {
            Ok(events) => events,
            Err(error) => panic!("the reactor cannot wait for events: {error}"),
        }
    }

    /// Ends the turn that is in progress, or the next one; or the sleep on the
    /// [`doorstep`].
    pub(crate) fn unpark(&self) {
        self.reactor.unpark();
    }

    /// Wakes all who wait for a source or a deadline; from now on both answer that the
    /// runtime is gone.
    pub(crate) fn close(&self) {
        let mut wakers = self.reactor.close();
        self.timers.close(&mut wakers);
        wake_all(&mut wakers);
    }

    /// Moves a paused clock to the earliest deadline of all shards, if nothing is under way
    /// and, asked in this order, nothing is queued. False if it has not moved.
    pub(crate) fn advance_to_next(&self, is_queued: impl FnOnce() -> bool) -> bool {
        let shards = 0..self.timers.shards();
        let next = shards
            .filter_map(|shard| self.timers.next_exact(shard))
            .min();
        next.is_some_and(|next| {
            let quiet = || !self.is_anything_under_way() && !is_queued();
            self.clock.advance_to(next, quiet)
        })
    }
}
