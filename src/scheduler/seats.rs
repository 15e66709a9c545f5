//! The seats: the right to wait for a reactor's events, one for each [group](super::groups).
//!
//! A worker that sleeps takes its group's seat, if it is free, and is *in the driver*; the others of the
//! group sleep beside it ([`park`]). Nobody sleeps in the seat of another group.
//!
//! A seat is looked after as long as anybody of its group sleeps in it or makes rounds. Neither is so if
//! all of them are stuck in polls; or if the one who had the seat is, while the others
//! sleep. Other groups see that by the time of its last turn, and when it was [`LEFT`] alone for long
//! enough they [look after it](Scheduler::look_after): they wake one of the group who sleeps, who
//! takes the seat on its way back to sleep, or else take in the events that there are. Those who are
//! busy look at one other seat whenever they turn their own, each in turn; those on watch at all.
//!
//! So a group that is stuck to the last worker has its events taken in every 10 ms, by others.
//!
//! With a paused clock the first seat stands for all: see [`paused`](super::paused).
//!
//! # Rejected
//!
//! * To sleep in the seat of a group that is stuck: whoever comes back to it would find its seat
//!   taken, and the one in it would have to hand it back before it does anything else.

use super::worker::Core;
use super::{Scheduler, park};
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicU64, Ordering};
use crate::driver::Poller;
use std::task::Waker;
use std::time::Duration;

/// How long a seat may be left alone, in nanoseconds.
const LEFT: u64 = park::WATCH.as_nanos() as u64;

/// See the [module](self).
pub(super) struct Seat {
    pub(super) poller: Mutex<Poller>,
    /// When somebody last turned it, in the driver's nanoseconds. ORDERING: relaxed; it decides when
    /// somebody looks, not whether.
    turned: AtomicU64,
}

impl Seat {
    pub(super) fn new(poller: Poller) -> Self {
        Seat {
            poller: Mutex::new(poller),
            turned: AtomicU64::new(0),
        }
    }

    pub(super) fn turned(&self, now: u64) {
        self.turned.store(now, Ordering::Relaxed);
    }

    fn is_left(&self, now: u64) -> bool {
        now.saturating_sub(self.turned.load(Ordering::Relaxed)) >= LEFT
    }
}

impl Scheduler {
    /// A busy worker takes in the events of its group, and looks after another one.
    pub(super) fn turn_own(&self, core: &mut Core, now: u64) {
        let own = core.group;
        self.turn_now(own, now, &mut core.wakers);
        let groups = self.groups.count();
        if groups > 1 {
            core.seat_turn = (core.seat_turn + 1) % groups;
            if core.seat_turn != own {
                self.look_after(core.seat_turn, now, &mut core.wakers);
            }
        }
    }

    /// Looks after all seats but the own one. For a worker on watch.
    pub(super) fn look_after_others(&self, core: &mut Core) {
        let now = self.driver.now_nanos();
        for group in self.groups.others(core.group) {
            self.look_after(group, now, &mut core.wakers);
        }
    }

    fn look_after(&self, group: usize, now: u64, wakers: &mut Vec<Waker>) {
        let seat = &self.seats[group];
        let reactor = &self.driver.reactors()[group];
        // Whoever is in the first seat has the deadlines of threads outside, too.
        if !seat.is_left(now) || (group > 0 && reactor.registry().seems_empty()) {
            return;
        }
        // If it is locked, somebody is in it.
        let Some(poller) = seat.poller.try_lock() else {
            return;
        };
        seat.turned(now);
        drop(poller);
        let sleeper = self
            .idle
            .find_parked(|worker| self.groups.of_worker(worker) == group);
        match sleeper {
            Some(sleeper) => self.unpark(sleeper),
            None => {
                self.turn_now(group, now, wakers);
            }
        }
    }

    /// Takes in the events that there are. `None` if somebody else does.
    fn turn_now(&self, group: usize, now: u64, wakers: &mut Vec<Waker>) -> Option<usize> {
        let seat = &self.seats[group];
        let mut poller = seat.poller.try_lock()?;
        let limit = Some(Duration::ZERO);
        let events = self.driver.turn(group, &mut poller, limit, wakers);
        seat.turned(now);
        Some(events)
    }

    /// One turn of all reactors, by whoever is in the first seat. Returns the number of events, and whether
    /// all were looked at.
    pub(super) fn turn_all(
        &self,
        first: &mut Poller,
        limit: Option<Duration>,
        wakers: &mut Vec<Waker>,
    ) -> (usize, bool) {
        let mut sum = self.driver.turn(0, first, limit, wakers);
        let mut all = true;
        for group in self.groups.others(0) {
            match self.turn_now(group, 0, wakers) {
                Some(events) => sum += events,
                None => all = false,
            }
        }
        (sum, all)
    }

    /// A busy worker takes in all events that there are, while the clock is paused.
    pub(super) fn turn_everywhere(&self, wakers: &mut Vec<Waker>) {
        for group in 0..self.groups.count() {
            self.turn_now(group, 0, wakers);
        }
    }
}
