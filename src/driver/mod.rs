//! The driver: the reactors and the timers, flat, with the clock that they share.
//!
//! [`Driver`] is what all threads see: they register sources, arm timers, read the clock,
//! and unpark whoever waits inside. There is a reactor for each group of workers (on a small machine
//! that is one), and a [`Poller`] for each reactor, which is the right to wait for its events; the
//! scheduler has each in a lock that one idle worker of the group holds. The timers have a shard a worker
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
pub(crate) use reactor::{Counts, Poller, Reactor};
pub(crate) use source::Source;
pub(crate) use timers::{TimerKey, Timers};
pub(crate) use under_way::{BesideUnderWay, ThreadUnderWay, UnderWay, is_counted_here};

pub(crate) use crate::registry::{is_shut_down, shut_down};

use crate::base::batch::wake_all;
use crate::base::clock::Clock;
use crate::base::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

/// The shared half. See the [module](self).
#[derive(Debug)]
pub(crate) struct Driver {
    /// One at least.
    reactors: Box<[Arc<Reactor>]>,
    /// Whoever waits for the first reactor hears of the events of all.
    hears_all: AtomicBool,
    pub(crate) timers: Timers,
    pub(crate) clock: Clock,
    /// How much is [under way](self::under_way): a paused clock does not move by itself while
    /// there is anything.
    under_way: AtomicU64,
}

impl Driver {
    /// A driver with `reactors` reactors, each turn of which takes in at most `events` events, and
    /// with `shards` timer shards.
    ///
    /// # Errors
    /// If the process has no file descriptors left.
    pub(crate) fn new(
        reactors: usize,
        events: usize,
        shards: usize,
    ) -> io::Result<(Arc<Self>, Vec<Poller>)> {
        let halves = (0..reactors).map(|_| reactor::new(events));
        let halves: io::Result<Vec<(Reactor, Poller)>> = halves.collect();
        let (reactors, pollers): (Vec<_>, Vec<_>) = halves?.into_iter().unzip();
        let clock = Clock::new();
        let driver = Driver {
            reactors: reactors.into_iter().map(Arc::new).collect(),
            hears_all: AtomicBool::new(false),
            timers: Timers::new(clock.start(), shards),
            clock,
            under_way: AtomicU64::new(0),
        };
        Ok((Arc::new(driver), pollers))
    }

    pub(crate) fn reactors(&self) -> &[Arc<Reactor>] {
        &self.reactors
    }

    /// The reactor for a source whose descriptor is to be registered once only: always the same one.
    pub(crate) fn reactor_for(&self, descriptor: RawFd) -> &Arc<Reactor> {
        &self.reactors[descriptor.unsigned_abs() as usize % self.reactors.len()]
    }

    /// The sum of what each of the reactors counts.
    pub(crate) fn count(&self, what: impl Fn(&Counts) -> &AtomicU64) -> u64 {
        let counts = |reactor: &Arc<Reactor>| what(reactor.counts()).load(Ordering::Relaxed);
        self.reactors.iter().map(counts).sum()
    }

    /// Whether the reactor is one of this driver.
    pub(crate) fn has(&self, reactor: &Arc<Reactor>) -> bool {
        self.reactors.iter().any(|own| Arc::ptr_eq(own, reactor))
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

    /// One turn of a reactor: waits at most `limit`, adds the wakers to wake, and returns
    /// the number of events.
    ///
    /// # Panics
    /// If the operating system refuses to wait, which no program can mend.
    pub(crate) fn turn(
        &self,
        reactor: usize,
        poller: &mut Poller,
        limit: Option<Duration>,
        wakers: &mut Vec<Waker>,
    ) -> usize {
        match poller.turn(&self.reactors[reactor], limit, wakers) {
            Ok(events) => events,
            Err(error) => panic!("the reactor cannot wait for events: {error}"),
        }
    }

    /// From now on a turn of the first reactor ends, with none, when there are events of another
    /// one. For a paused clock, which one worker moves; it stays so.
    ///
    /// # Panics
    /// As [`turn`](Self::turn).
    pub(crate) fn hear_all(&self) {
        if self.hears_all.swap(true, Ordering::SeqCst) {
            return;
        }
        let (first, others) = self.reactors.split_at(1);
        for other in others {
            if let Err(error) = first[0].hear(other) {
                panic!("a reactor cannot wait for the others' events: {error}");
            }
        }
    }

    /// Ends the turn of a reactor that is in progress, or the next one; or the sleep on its
    /// [`doorstep`].
    pub(crate) fn unpark(&self, reactor: usize) {
        self.reactors[reactor].unpark();
    }

    pub(crate) fn unpark_all(&self) {
        self.reactors.iter().for_each(|reactor| reactor.unpark());
    }

    /// Wakes all who wait for a source or a deadline; from now on both answer that the
    /// runtime is gone.
    pub(crate) fn close(&self) {
        let reactors = self.reactors.iter();
        let mut wakers: Vec<Waker> = reactors.flat_map(|reactor| reactor.close()).collect();
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
