//! How a worker sleeps: in the driver if its group's [seat](super::seats) there is free, else on its
//! own parker.
//!
//! Either way it sleeps until it is picked, or until the first deadline of its own wheel. The
//! one in the driver is woken by events as well, and in the first seat it looks after the deadlines
//! of threads that are not workers. (While there are no sources it sleeps on the driver's doorstep, which is
//! its own parker: see [`driver::doorstep`](crate::driver).) A worker is busy with its own wheel only: no two workers are woken
//! for one deadline, and arming a timer wakes nobody.
//!
//! # Before it sleeps
//!
//! A job of the blocking pool takes a few microseconds if it asks for a name or for what is in memory, and
//! a wake-up takes longer. So a worker that searches, alone, while such a job is under way stays awake a little for
//! what it brings, as long as that pays ([`base::patience`](crate::base::patience)): for [`LOOKOUT`] at
//! the most, only if that leaves a core to the pool, and not with a paused clock. It is SEARCHING meanwhile, so
//! whoever offers work wakes nobody. After each such look that brought something it looks after timers and sockets as a busy
//! worker does: else nobody would, in a runtime that goes from job to job. A file that is written
//! with one hop after the other: 15 µs each in place of 57; one that is cut: 2 in place of 35.
//!
//! # The watch
//!
//! A worker that is stuck in a long poll fires no timers, and nobody wakes for the sockets if
//! all others sleep beside the driver. So those who sleep keep a watch: the one in the driver,
//! and one of those beside it, wake every [`WATCH`] to fire deadlines that were left behind;
//! the one beside also looks whether the busy workers make progress, and if they do not, it
//! takes the driver; and both see to other groups' seats, if those were left alone. So a long poll
//! does not stop the clock and the sockets of the others for longer than that.
//!
//! Once everybody has slept for [`QUIET`] looks in a row the watch ends: an idle runtime is
//! silent. Who goes to work after that wakes one of the others, if there are any, to begin a
//! new watch.

use super::idle::Awake;
use super::worker::Core;
use super::{Remote, Scheduler, lookout, paused, worker};
use crate::base::padded::Padded;
use crate::base::patience::LOOKOUT;
use crate::base::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::base::sync::{MutexGuard, spin_until};
use crate::base::wait;
use crate::driver::timers::Precision;
use crate::driver::{Driver, Poller};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a worker on watch looks around.
pub(super) const WATCH: Duration = Duration::from_millis(10);

/// How often in a row a watch finds everybody parked before it ends.
const QUIET: u32 = 20;

/// A busy worker turns the driver at most this often for the sake of tasks that yield.
/// In nanoseconds.
const TURN_EVERY: u64 = 50_000;

/// Where a worker sleeps: read by whoever has picked it, written by itself before it
/// announces that it will sleep.
pub(super) struct Place(AtomicUsize);

/// No seat.
const BESIDE: usize = usize::MAX;

impl Place {
    pub(super) fn new() -> Self {
        Place(AtomicUsize::new(BESIDE))
    }

    /// In the driver, in the seat of that group.
    ///
    /// ORDERING: the list of sleepers, under its lock, lies between the two.
    #[inline]
    pub(super) fn seat(&self) -> Option<usize> {
        let seat = self.0.load(Ordering::Relaxed);
        (seat != BESIDE).then_some(seat)
    }

    fn set(&self, seat: usize) {
        self.0.store(seat, Ordering::Relaxed);
    }
}

/// Fires what is due and, if that was long ago, turns the driver without waiting. For a
/// busy worker.
pub(super) fn maintain(scheduler: &Arc<Scheduler>, core: &mut Core) {
    let driver = &scheduler.driver;
    let now = look_at_clock(driver);
    let counts = &scheduler.counts[core.index];
    if let Some(mean) = core.tally.publish_sometimes(now, counts) {
        core.tune(mean, &scheduler.config);
    }
    core.fire(scheduler, now, true);
    if driver.clock.is_paused() {
        scheduler.turn_everywhere(&mut core.wakers);
    } else if now.saturating_sub(core.last_turn) >= TURN_EVERY {
        scheduler.turn_own(core, now);
        core.last_turn = now;
    }
}

/// The driver's time in nanoseconds, also for the wait records.
pub(super) fn look_at_clock(driver: &Driver) -> u64 {
    let now = driver.now_nanos();
    wait::set_now(now / 1_000_000);
    now
}

/// Sleeps until there may be something to do. The wakers that this leaves in the core are
/// for the caller to wake.
pub(super) fn park(scheduler: &Arc<Scheduler>, core: &mut Core) {
    if may_watch(scheduler, core) && watch(scheduler, core) {
        // Timers and sockets as well: where it pays each time, nobody sleeps.
        return maintain(scheduler, core);
    }
    let counts = &scheduler.counts[core.index];
    let now = look_at_clock(&scheduler.driver);
    core.tally.park(now, counts);
    // A look of the watch that finds everything quiet is part of the same sleep.
    loop {
        let quiet = core.quiet;
        sleep_or_search(scheduler, core);
        if core.awake == Awake::Napping && !lookout::nap(scheduler, core) {
            continue;
        }
        if core.quiet <= quiet || core.awake == Awake::Searching || !core.wakers.is_empty() {
            break;
        }
    }
    // It looks at the clock after it has slept.
    core.tally.unpark(now.max(core.last_turn), counts);
}

/// Whether a worker that has found nothing is to stay awake for what the blocking pool brings.
fn may_watch(scheduler: &Scheduler, core: &mut Core) -> bool {
    let driver = &scheduler.driver;
    driver.is_job_under_way()
        && core.awake == Awake::Searching
        && scheduler.idle.may_watch()
        && !driver.clock.is_paused()
        && core.patience.allows_watch()
}

/// Stays awake for a moment, until the first own deadline at the longest. True if there is work.
#[cold]
fn watch(scheduler: &Scheduler, core: &mut Core) -> bool {
    let driver = &scheduler.driver;
    let left = scheduler.left(driver.timers.next_deadline(core.index));
    let limit = left.map_or(LOOKOUT, |left| left.min(LOOKOUT));
    let is_over = || has_work(scheduler) || !driver.is_job_under_way();
    let watched = spin_until(limit, is_over);
    let has_caught = has_work(scheduler);
    core.patience.learn(watched, has_caught);
    has_caught
}

fn sleep_or_search(scheduler: &Arc<Scheduler>, core: &mut Core) {
    let clock = &scheduler.driver.clock;
    let paused = clock.is_paused();
    let seat = if paused { 0 } else { core.group };
    let mut poller = scheduler.seats[seat].poller.try_lock();
    let outside = !paused && poller.is_some() && core.takes_doorstep(scheduler);
    let in_driver = poller.is_some() && !outside;
    let place = &scheduler.remotes[core.index].place;
    place.set(if in_driver { seat } else { BESIDE });
    let parked = scheduler.idle.park(core.index, core.awake);
    // If the clock was paused meanwhile, or goes on, it chooses once more.
    if paused == clock.is_paused() && (!has_work(scheduler) || scheduler.leaves_work(core.index)) {
        if !paused {
            sleep(scheduler, core, poller.take(), outside);
        } else {
            let is_last = parked == scheduler.workers();
            paused::sleep(scheduler, core, poller.as_deref_mut(), is_last);
            core.last_turn = look_at_clock(&scheduler.driver);
        }
    }
    if outside {
        scheduler.driver.reactors()[seat].leave_doorstep();
    }
    core.awake = scheduler.idle.leave(core.index);
    // With a paused clock not before: see `paused`.
    drop(poller);
    if core.awake != Awake::Busy || !core.wakers.is_empty() {
        core.quiet = 0;
    }
}

pub(super) fn has_work(scheduler: &Scheduler) -> bool {
    scheduler.queues.has_work()
        || scheduler.root_woken.load(Ordering::SeqCst)
        || scheduler.is_closed()
}

fn sleep(
    scheduler: &Arc<Scheduler>,
    core: &mut Core,
    poller: Option<MutexGuard<'_, Poller>>,
    outside: bool,
) {
    let driver = &scheduler.driver;
    let own = driver.timers.next_deadline(core.index);
    let in_driver = poller.is_some();
    match poller {
        Some(poller) => sleep_inside(scheduler, core, poller, outside, own),
        None => sleep_beside(scheduler, core, own),
    }
    let now = look_at_clock(driver);
    core.last_turn = now;
    if in_driver {
        scheduler.seats[core.group].turned(now);
    }
    core.fire(scheduler, now, in_driver);
    if !core.wakers.is_empty() {
        scheduler.keep_watch();
    }
}

/// Sleeps in the driver, or on its doorstep.
fn sleep_inside(
    scheduler: &Scheduler,
    core: &mut Core,
    mut poller: MutexGuard<'_, Poller>,
    on_doorstep: bool,
    own: Option<Instant>,
) {
    let watching = scheduler.watch_inside.begin(scheduler, core);
    let own = earlier(own, watching.then(|| scheduler.next_look()).flatten());
    let is_first = core.group == 0;
    let outside = is_first.then(|| scheduler.announce_sleep(own)).flatten();
    let limit = scheduler.left(earlier(own, outside));
    let events = if on_doorstep {
        core.block(limit);
        0
    } else {
        let driver = &scheduler.driver;
        driver.turn(core.group, &mut poller, limit, &mut core.wakers)
    };
    if is_first {
        scheduler.asleep_until.store(0, Ordering::SeqCst);
    }
    let all_quiet = events == 0 && scheduler.all_parked();
    core.quiet = if all_quiet { core.quiet + 1 } else { 0 };
    if watching {
        scheduler.look_after_others(core);
        scheduler.watch_inside.end();
    }
}

/// Sleeps on the own parker.
fn sleep_beside(scheduler: &Scheduler, core: &mut Core, own: Option<Instant>) {
    let mut watching = scheduler.watch_beside.begin(scheduler, core);
    let mut rounds = scheduler.rounds();
    loop {
        let look = watching.then(|| scheduler.next_look()).flatten();
        let unparked = core.block(scheduler.left(earlier(own, look)));
        if unparked || !watching || own.is_some_and(|own| own <= scheduler.driver.now()) {
            break;
        }
        core.fire(scheduler, look_at_clock(&scheduler.driver), true);
        scheduler.look_after_others(core);
        let all_parked = scheduler.all_parked();
        let before = std::mem::replace(&mut rounds, scheduler.rounds());
        if !core.wakers.is_empty() || (before == rounds && !all_parked) {
            break;
        }
        core.quiet = if all_parked { core.quiet + 1 } else { 0 };
        if core.quiet > QUIET {
            scheduler.watch_beside.end();
            watching = false;
        }
    }
    if watching {
        scheduler.watch_beside.end();
    }
}

/// Whether somebody is on watch in one of the two places.
#[derive(Default)]
pub(super) struct Watch(AtomicBool);

impl Watch {
    /// Whether the worker, which is about to sleep, is to be on watch here.
    fn begin(&self, scheduler: &Scheduler, core: &Core) -> bool {
        scheduler.workers() > 1 && core.quiet <= QUIET && !self.0.swap(true, Ordering::SeqCst)
    }

    fn end(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    fn is_kept(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Scheduler {
    /// Whether a worker that has parked leaves what is queued to the others.
    fn leaves_work(&self, worker: usize) -> bool {
        !self.is_closed() && !self.idle.come_back(worker)
    }

    /// The caller goes to work: if nobody is on watch and somebody sleeps, that one is woken
    /// to begin.
    pub(super) fn keep_watch(&self) {
        let kept = self.watch_beside.is_kept() || self.watch_inside.is_kept();
        if self.workers() > 1 && !kept && self.idle.parked() > 0 {
            self.wake_one();
        }
    }

    fn all_parked(&self) -> bool {
        self.idle.parked() == self.workers()
    }

    /// A number that changes while any worker makes progress.
    fn rounds(&self) -> usize {
        let rounds = |sum: usize, remote: &Padded<Remote>| {
            sum.wrapping_add(remote.rounds.load(Ordering::Relaxed))
        };
        self.remotes.iter().fold(0, rounds)
    }

    fn next_look(&self) -> Option<Instant> {
        self.driver.now().checked_add(WATCH)
    }

    pub(super) fn left(&self, until: Option<Instant>) -> Option<Duration> {
        until.map(|until| until.saturating_duration_since(self.driver.now()))
    }

    /// Says until when whoever is in the first seat will sleep, given its own first deadline, and then
    /// looks at the deadlines of outside threads: returns the first of those.
    fn announce_sleep(&self, own: Option<Instant>) -> Option<Instant> {
        let outside = self.workers();
        let first = earlier(own, self.driver.timers.next_deadline(outside));
        let until = first.map_or(u64::MAX, |first| self.driver.nanos(first).max(1));
        self.asleep_until.swap(until, Ordering::SeqCst);
        self.driver.timers.next_deadline(outside)
    }
}

pub(super) fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}

impl Core {
    /// Takes its reactor's doorstep, if that is where its holder is to sleep.
    fn takes_doorstep(&self, scheduler: &Scheduler) -> bool {
        let driver = &scheduler.driver;
        let parker = self.parker.as_ref().unwrap_or_else(|| worker::no_parker());
        driver.reactors()[self.group].take_doorstep(parker)
    }

    /// Blocks on the own parker. False if the limit has passed.
    pub(super) fn block(&self, limit: Option<Duration>) -> bool {
        let parker = self.parker.as_ref().unwrap_or_else(|| worker::no_parker());
        match limit {
            Some(limit) => parker.park_timeout(limit),
            None => {
                parker.park();
                true
            }
        }
    }

    /// Fires the own deadlines, and if `look_around` those of outside threads and those that
    /// a stuck worker left behind.
    pub(super) fn fire(&mut self, scheduler: &Scheduler, now: u64, look_around: bool) {
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
    pub(super) fn fire_all(&mut self, scheduler: &Scheduler, now: u64) {
        for shard in 0..=scheduler.workers() {
            let timers = &scheduler.driver.timers;
            timers.fire_due(shard, now, Precision::Exact, &mut self.wakers);
        }
    }
}
