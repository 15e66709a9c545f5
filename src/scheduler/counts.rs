//! What a worker counts.
//!
//! Each worker counts for itself, in plain numbers that lie in its core ([`Tally`]), and copies
//! them now and then to where others can read them ([`Counts`]): each time that it looks after
//! timers and driver, before it sleeps, and when it leaves its thread. So a poll costs one
//! addition to memory that is in the cache anyway, and no line that two workers write. What a
//! reader sees is older than the truth by one `event_interval` of rounds at most.
//!
//! All times are those of the driver's clock: one that is paused stands still here too.

use crate::base::budget;
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::ThreadId;

/// The weight of the past in the mean of poll times, out of [`WHOLE`].
const PAST: u64 = 9;
const WHOLE: u64 = 10;

/// So many polls are much to tell.
const MUCH: u64 = 32;

/// The owner's side.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) polls: u64,
    pub(super) steals: u64,
    pub(super) steal_operations: u64,
    pub(super) local_schedules: u64,
    parks: u64,
    unparks: u64,
    noops: u64,
    forced_yields: u64,
    /// Busy time up to `busy_since`.
    busy: u64,
    busy_since: u64,
    mean_poll: u64,
    /// Polls when the worker woke last, and when the mean was formed last.
    polls_at_unpark: u64,
    polls_in_mean: u64,
}

/// How many tasks began and ended somewhere. They are counted at once: before the end of a task
/// can be seen, it is counted.
#[derive(Default)]
pub(crate) struct Population {
    spawned: AtomicU64,
    ended: AtomicU64,
}

impl Population {
    pub(super) fn spawned(&self) -> u64 {
        self.spawned.load(Ordering::Relaxed)
    }

    pub(super) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Relaxed)
    }

    /// For the thread that has the worker's core: nobody else counts here.
    #[inline]
    pub(super) fn add_spawned(&self) {
        let count = self.spawned.load(Ordering::Relaxed) + 1;
        self.spawned.store(count, Ordering::Relaxed);
    }

    /// As [`add_spawned`](Self::add_spawned).
    #[inline]
    pub(super) fn add_ended(&self) {
        let count = self.ended.load(Ordering::Relaxed) + 1;
        self.ended.store(count, Ordering::Relaxed);
    }

    pub(super) fn count_spawned(&self) {
        self.spawned.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_ended(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// The readers' side.
#[derive(Default)]
pub(crate) struct Counts {
    pub(super) population: Population,
    pub(crate) polls: AtomicU64,
    pub(crate) steals: AtomicU64,
    pub(crate) steal_operations: AtomicU64,
    pub(crate) local_schedules: AtomicU64,
    pub(crate) parks: AtomicU64,
    pub(crate) unparks: AtomicU64,
    pub(crate) noops: AtomicU64,
    pub(crate) forced_yields: AtomicU64,
    /// Nanoseconds.
    pub(crate) busy: AtomicU64,
    /// Nanoseconds.
    pub(crate) mean_poll: AtomicU64,
    /// The thread that runs the worker, or that ran it last.
    thread: Mutex<Option<ThreadId>>,
    runs: AtomicBool,
}

impl Tally {
    /// The worker gets, or has again, a thread.
    pub(super) fn begin(&mut self, now: u64) {
        self.busy_since = now;
    }

    /// Publishes if there is much to tell. A task that yields makes its worker look after the
    /// driver each time, and telling each time would cost a tenth of that (counted in
    /// instructions). Then returns how long a poll takes on average.
    pub(super) fn publish_sometimes(&mut self, now: u64, counts: &Counts) -> Option<u64> {
        if self.polls - self.polls_in_mean < MUCH {
            return None;
        }
        self.publish(now, counts);
        Some(self.mean_poll)
    }

    /// It was busy until `now`. ORDERING: relaxed; each number stands for itself.
    pub(super) fn publish(&mut self, now: u64, counts: &Counts) {
        let spent = now.saturating_sub(self.busy_since);
        self.busy += spent;
        self.busy_since = now;
        let polls = self.polls - self.polls_in_mean;
        if let Some(mean) = spent.checked_div(polls) {
            let is_first = self.polls_in_mean == 0;
            self.polls_in_mean = self.polls;
            self.mean_poll = if is_first {
                mean
            } else {
                (self.mean_poll * PAST + mean * (WHOLE - PAST)) / WHOLE
            };
        }
        self.forced_yields += budget::take_refusals();
        for (value, cell) in [
            (self.polls, &counts.polls),
            (self.steals, &counts.steals),
            (self.steal_operations, &counts.steal_operations),
            (self.local_schedules, &counts.local_schedules),
            (self.forced_yields, &counts.forced_yields),
            (self.busy, &counts.busy),
            (self.mean_poll, &counts.mean_poll),
        ] {
            cell.store(value, Ordering::Relaxed);
        }
    }

    /// It is about to sleep.
    pub(super) fn park(&mut self, now: u64, counts: &Counts) {
        self.publish(now, counts);
        if self.unparks > 0 && self.polls == self.polls_at_unpark {
            self.noops += 1;
            counts.noops.store(self.noops, Ordering::Relaxed);
        }
        self.parks += 1;
        counts.parks.store(self.parks, Ordering::Relaxed);
    }

    /// It has slept until `now`.
    pub(super) fn unpark(&mut self, now: u64, counts: &Counts) {
        self.polls_at_unpark = self.polls;
        self.busy_since = now;
        self.unparks += 1;
        counts.unparks.store(self.unparks, Ordering::Relaxed);
    }
}

impl Counts {
    /// From here on it runs on this thread, if it runs.
    pub(super) fn set_thread(&self, thread: ThreadId) {
        *self.thread.lock() = Some(thread);
    }

    pub(super) fn set_running(&self, runs: bool) {
        self.runs.store(runs, Ordering::Release);
    }

    /// The thread that runs the worker.
    pub(crate) fn thread(&self) -> Option<ThreadId> {
        let runs = self.runs.load(Ordering::Acquire);
        runs.then(|| *self.thread.lock()).flatten()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn read(cell: &AtomicU64) -> u64 {
        cell.load(Ordering::Relaxed)
    }

    #[test]
    fn busy_time_is_what_lies_between_waking_and_sleeping() {
        let (mut tally, counts) = (Tally::default(), Counts::default());
        tally.begin(100);
        tally.polls += 2;
        tally.park(160, &counts);
        assert_eq!((read(&counts.busy), read(&counts.mean_poll)), (60, 30));
        tally.unpark(1000, &counts);
        tally.park(1007, &counts);
        assert_eq!((read(&counts.busy), read(&counts.noops)), (67, 1));
        tally.unpark(2000, &counts);
        tally.polls += 1;
        tally.publish(2130, &counts);
        assert_eq!(read(&counts.busy), 197);
        assert_eq!(read(&counts.mean_poll), (30 * 9 + 130) / 10);
        assert_eq!((read(&counts.parks), read(&counts.unparks)), (2, 2));
        assert_eq!((read(&counts.polls), read(&counts.noops)), (3, 1));
    }
}
