//! How a worker sleeps: in the driver if nobody else is there, else on its own parker.
//!
//! Either way it sleeps until it is picked, or until the first deadline of its own wheel. The
//! one in the driver is woken by events as well, and looks after the deadlines of threads
//! that are not workers. A worker is busy with its own wheel only: no two workers are woken
//! for one deadline, and arming a timer wakes nobody.
//!
//! # The watch
//!
//! One of the parked workers is on watch: it wakes every [`WATCH`], fires deadlines that a
//! worker stuck in a long poll left behind, and takes the driver if nobody has it. So a long
//! poll does not stop the clock and the sockets of the others for longer than that. Once all
//! have been parked for [`QUIET`] looks in a row the watch ends: an idle runtime is silent.
//! Whoever then goes to work wakes another worker, if there is one, to begin a new watch.
//!
//! # Paused time
//!
//! With a paused clock nobody sleeps until a deadline. The worker that parks last, when no
//! blocking job is under way and the driver has no event, moves the clock to the earliest
//! deadline of all and fires it.

use super::worker::Core;
use super::{Scheduler, worker};
use crate::base::sync::MutexGuard;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::base::wait;
use crate::driver::timers::Precision;
use crate::driver::{Driver, Poller};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a worker on watch looks around.
const WATCH: Duration = Duration::from_millis(10);

/// How often in a row a watch finds everybody parked before it ends.
const QUIET: u32 = 20;

/// A busy worker turns the driver at most this often for the sake of tasks that yield.
/// In nanoseconds.
const TURN_EVERY: u64 = 50_000;

/// Where a worker sleeps: read by whoever has picked it, written by itself before it
/// announces that it will sleep.
pub(super) struct Place(AtomicBool);

impl Place {
    pub(super) fn new() -> Self {
        Place(AtomicBool::new(false))
    }

    /// ORDERING: the list of sleepers, under its lock, lies between the two.
    pub(super) fn is_driver(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, driver: bool) {
        self.0.store(driver, Ordering::Relaxed);
    }
}

/// Fires what is due and, if that was long ago, turns the driver without waiting. For a
/// busy worker.
pub(super) fn maintain(scheduler: &Arc<Scheduler>, core: &mut Core) {
    let driver = &scheduler.driver;
    let now = look_at_clock(driver);
    core.fire(scheduler, now, true);
    if now.saturating_sub(core.last_turn) >= TURN_EVERY || driver.clock.is_paused() {
        if let Some(mut poller) = scheduler.poller.try_lock() {
            driver.turn(&mut poller, Some(Duration::ZERO), &mut core.wakers);
        }
        core.last_turn = now;
    }
}

/// The driver's time in nanoseconds, also for the wait records.
fn look_at_clock(driver: &Driver) -> u64 {
    let now = driver.nanos(driver.now());
    wait::set_now(now / 1_000_000);
    now
}

/// Sleeps until there may be something to do. The wakers that this leaves in the core are
/// for the caller to wake.
pub(super) fn park(scheduler: &Arc<Scheduler>, core: &mut Core) {
    let poller = scheduler.poller.try_lock();
    let remote = &scheduler.remotes[core.index];
    remote.place.set(poller.is_some());
    let parked = scheduler.idle.park(core.index, core.searching);
    core.searching = false;
    if !has_work(scheduler) {
        let all_parked = parked == scheduler.workers();
        if scheduler.driver.clock.is_paused() {
            sleep_paused(scheduler, core, poller, all_parked);
        } else {
            sleep(scheduler, core, poller, all_parked);
        }
    }
    core.searching = !scheduler.idle.leave(core.index);
    if core.searching || !core.wakers.is_empty() {
        core.quiet = 0;
    }
}

fn has_work(scheduler: &Scheduler) -> bool {
    scheduler.queues.has_work()
        || scheduler.root_woken.load(Ordering::SeqCst)
        || scheduler.is_closed()
}

fn sleep(
    scheduler: &Arc<Scheduler>,
    core: &mut Core,
    poller: Option<MutexGuard<'_, Poller>>,
    all_parked: bool,
) {
    let driver = &scheduler.driver;
    let watching = scheduler.begin_watch(core, all_parked);
    let own = driver.timers.next_deadline(core.index);
    let in_driver = poller.is_some();
    let watch = if watching {
        driver.now().checked_add(WATCH)
    } else {
        None
    };
    let own = earlier(own, watch);
    let left =
        |until: Option<Instant>| until.map(|until| until.saturating_duration_since(driver.now()));
    match poller {
        Some(mut poller) => {
            let outside = scheduler.announce_sleep(own);
            let limit = left(earlier(own, outside));
            driver.turn(&mut poller, limit, &mut core.wakers);
            scheduler.asleep_until.store(0, Ordering::SeqCst);
        }
        None => core.block(left(own)),
    }
    if watching {
        scheduler.watchers.store(0, Ordering::SeqCst);
    }
    let now = look_at_clock(driver);
    core.last_turn = now;
    core.fire(scheduler, now, in_driver || watching);
    if !core.wakers.is_empty() {
        scheduler.keep_watch();
    }
}

impl Scheduler {
    /// Whether the worker, which is about to sleep, is to be on watch.
    fn begin_watch(&self, core: &mut Core, all_parked: bool) -> bool {
        core.quiet = if all_parked { core.quiet + 1 } else { 0 };
        let free = || {
            let taken = self
                .watchers
                .compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst);
            taken.is_ok()
        };
        self.workers() > 1 && core.quiet <= QUIET && free()
    }

    /// The caller goes to work: if nobody is on watch and somebody sleeps, that one is woken
    /// to begin.
    pub(super) fn keep_watch(&self) {
        if self.workers() > 1 && self.watchers.load(Ordering::SeqCst) == 0 && self.idle.parked() > 0
        {
            self.wake_one();
        }
    }

    /// Says until when the driver's holder will sleep, given its own first deadline, and then
    /// looks at the deadlines of outside threads: returns the first of those.
    fn announce_sleep(&self, own: Option<Instant>) -> Option<Instant> {
        let outside = self.workers();
        let first = earlier(own, self.driver.timers.next_deadline(outside));
        let until = first.map_or(u64::MAX, |first| self.driver.nanos(first).max(1));
        self.asleep_until.swap(until, Ordering::SeqCst);
        self.driver.timers.next_deadline(outside)
    }
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}

fn sleep_paused(
    scheduler: &Arc<Scheduler>,
    core: &mut Core,
    poller: Option<MutexGuard<'_, Poller>>,
    all_parked: bool,
) {
    let driver = &scheduler.driver;
    let Some(mut poller) = poller else {
        // Somebody else is in the driver; the last one to park looks after the clock.
        core.block((!all_parked).then_some(WATCH));
        return;
    };
    let events = driver.turn(&mut poller, Some(Duration::ZERO), &mut core.wakers);
    let idle = events == 0 && all_parked && !driver.is_blocking_busy();
    if idle && driver.advance_to_next() {
        drop(poller);
        core.fire_all(scheduler, driver.nanos(driver.now()));
    } else if events == 0 {
        let limit = (!idle).then_some(WATCH);
        driver.turn(&mut poller, limit, &mut core.wakers);
    }
}

impl Core {
    fn block(&self, limit: Option<Duration>) {
        let parker = self.parker.as_ref().unwrap_or_else(|| worker::no_parker());
        match limit {
            Some(limit) => {
                let _ = parker.park_timeout(limit);
            }
            None => parker.park(),
        }
    }

    /// Fires the own deadlines, and if `look_around` those of outside threads and those that
    /// a stuck worker left behind.
    fn fire(&mut self, scheduler: &Scheduler, now: u64, look_around: bool) {
        if scheduler.driver.clock.is_paused() {
            return self.fire_all(scheduler, now);
        }
        let timers = &scheduler.driver.timers;
        timers.fire_due(self.index, now, Precision::Tick, &mut self.wakers);
        if !look_around {
            return;
        }
        let outside = scheduler.workers();
        timers.fire_due(outside, now, Precision::Tick, &mut self.wakers);
        let long_ago = now.saturating_sub(WATCH.as_nanos() as u64);
        for shard in 0..outside {
            if timers.next_nanos(shard) <= long_ago {
                timers.fire_due(shard, now, Precision::Tick, &mut self.wakers);
            }
        }
    }

    /// Fires what is due in all shards, exactly: for a paused clock.
    fn fire_all(&mut self, scheduler: &Scheduler, now: u64) {
        for shard in 0..=scheduler.workers() {
            let timers = &scheduler.driver.timers;
            timers.fire_due(shard, now, Precision::Exact, &mut self.wakers);
        }
    }
}
