//! How workers sleep while the clock stands still, and how it moves by itself.
//!
//! With a paused clock nobody sleeps until a deadline. When nothing can run, the clock moves to
//! the earliest deadline of all and its timers fire. That nothing can run means, precisely:
//!
//! 1. every worker is parked, with no wakers in its hands;
//! 2. nothing is [under way](crate::driver::UnderWay): no job of the blocking pool (files and
//!    names are such jobs) is queued or runs, no thread polls in `block_on`, and no thread that
//!    was a worker is in `block_in_place` or a nested `block_on`, unless that waits for this
//!    runtime;
//! 3. no task is queued, and the root future of a current-thread runtime is not woken;
//! 4. the kernel had no event, for any reactor, when the worker in the driver looked, after it had parked.
//!
//! A socket, a pipe or a child process that may answer one day is not waited for: nobody knows
//! whether it ever will, and a server that listens would stop the time for good. But what two
//! tasks say to each other is on its way for moments only, so where there are sources the look (4)
//! takes [`GRACE`]: their talk is not interrupted by the clock.
//!
//! # Who looks
//!
//! With a paused clock there is one worker in the driver, of whatever group: the one in the first
//! [seat](super::seats). It hears of the events of all reactors
//! ([`Driver::hear_all`](crate::driver::Driver::hear_all)), and takes them in. The others sleep beside it.
//!
//! It looks when it has parked. Whenever something changes afterwards that it
//! looked at, it is unparked, leaves and parks again: by the last worker to park if that is
//! another one, by the end of the last thing under way, by who arms a timer from outside or
//! changes the clock. In any sequence of these the last one is followed by a look. (Beside that
//! it looks every [`WATCH`] as long as something runs, as the others look after the driver.)
//!
//! # Why it does not move while a task can run
//!
//! The decision and the move are one under the lock of [`Idle`](super::idle::Idle)'s list, without
//! which no worker leaves it; and under the clock's lock. So from the moment at which all are
//! parked (1) until the clock has moved, no worker takes a task or makes one. What is under way
//! is read then (2): at zero, whatever was under way has queued what follows from it before it
//! ended. The queues are read after that (3): nobody has taken anything out of them, so they show
//! it. (In the other order it would be right too: who queues a task picks a worker from the list,
//! and so cannot be done with it meanwhile.) A thread that begins something in between, from
//! outside of all this, waits for the clock's lock as soon as it asks for the time, and sees the
//! clock moved from its beginning on.
//!
//! The worker that has fired timers, or taken events in, has their wakers in its hands. It keeps
//! the driver until it has left the list (1): another one could else park in the meantime, find
//! all parked, and move the clock again.
//!
//! A worker that is just coming out of an ordinary sleep when the clock is paused for the first
//! time is the exception: what it brings may be overtaken by the clock once.
//!
//! # Rejected
//!
//! * Reading the count of parked workers instead of holding the list: a worker that is picked,
//!   begins a job and parks again between two reads is not seen.

use super::park::{WATCH, has_work, look_at_clock};
use super::worker::{self, Core};
use super::{Home, Scheduler};
use crate::base::batch::wake_all;
use crate::base::sync::atomic::Ordering;
use crate::driver::timers::Precision;
use crate::driver::{Poller, Reactor};
use std::sync::Arc;
use std::time::Duration;

/// How long the clock waits, in real time, for an event that the kernel may be about to deliver:
/// on a busy machine it leaves that to a thread of its own. Only where there are sources at all.
const GRACE: Duration = Duration::from_millis(2);

/// Sleeps with a paused clock, or moves it. The caller keeps the driver until the worker has
/// left the list of those who are parked. `is_last` says that it was the last one to come.
pub(super) fn sleep(
    scheduler: &Arc<Scheduler>,
    core: &mut Core,
    poller: Option<&mut Poller>,
    is_last: bool,
) {
    let driver = &scheduler.driver;
    let Some(poller) = poller else {
        if is_last {
            driver.unpark(0);
        }
        let _ = core.block((!is_last).then_some(WATCH));
        return;
    };
    driver.hear_all();
    let has_sources = |reactor: &Arc<Reactor>| reactor.registry().len() > 0;
    let grace = if driver.reactors().iter().any(has_sources) {
        GRACE
    } else {
        Duration::ZERO
    };
    let (events, all) = scheduler.turn_all(poller, Some(grace), &mut core.wakers);
    if events > 0 {
        return;
    }
    // From here on, who arms a timer from outside ends the turn below, whatever its deadline.
    scheduler.asleep_until.swap(u64::MAX, Ordering::SeqCst);
    if !all || !scheduler.advance() {
        let limit = (!all || !scheduler.is_quiet()).then_some(WATCH);
        scheduler.turn_all(poller, limit, &mut core.wakers);
    }
    scheduler.asleep_until.store(0, Ordering::SeqCst);
    let now = look_at_clock(driver);
    core.fire_all(scheduler, now);
}

impl Scheduler {
    /// Moves the clock to the earliest deadline, if nothing can run. False if it has not moved.
    fn advance(&self) -> bool {
        let move_clock = || self.driver.advance_to_next(|| has_work(self));
        self.idle.while_all_parked(move_clock)
    }

    /// Whether the clock stands only because there is no deadline.
    fn is_quiet(&self) -> bool {
        let quiet = || !self.driver.is_anything_under_way() && !has_work(self);
        self.idle.while_all_parked(quiet)
    }

    /// Lets everybody look at a clock that was changed; on a thread that is no worker, also fires
    /// what is due now.
    pub(crate) fn clock_changed(self: &Arc<Self>) {
        self.rouse();
        if worker::index_in(self).is_some() || !self.driver.clock.is_paused() {
            return;
        }
        let now = self.driver.now_nanos();
        let mut wakers = Vec::new();
        for shard in 0..=self.workers() {
            let timers = &self.driver.timers;
            timers.fire_due(shard, now, Precision::Exact, &mut wakers);
        }
        wake_all(&mut wakers);
    }
}

/// How far the other workers had come at some moment.
pub(crate) struct Progress {
    scheduler: Arc<Scheduler>,
    rounds: Vec<usize>,
    /// After so many rounds a worker has run what was queued then.
    enough: usize,
}

impl Progress {
    pub(crate) fn now(home: &Home) -> Self {
        let scheduler = home.scheduler().clone();
        let rounds = scheduler.remotes.iter();
        Progress {
            rounds: rounds
                .map(|remote| remote.rounds.load(Ordering::Relaxed))
                .collect(),
            enough: scheduler.live_tasks() + scheduler.config.event_interval as usize,
            scheduler,
        }
    }

    /// Whether all workers except for the current one have run what was queued then: they have
    /// nothing left, or have made enough rounds. A current-thread runtime has no others.
    pub(crate) fn is_enough(&self) -> bool {
        let scheduler = &self.scheduler;
        if scheduler.config.launch.is_none() || scheduler.is_closed() {
            return true;
        }
        let me = worker::index_in(scheduler);
        let is_idle = |worker| scheduler.idle.is_parked(worker) && !has_work(scheduler);
        self.rounds.iter().enumerate().all(|(worker, before)| {
            let rounds = scheduler.remotes[worker].rounds.load(Ordering::Relaxed);
            me == Some(worker) || rounds.wrapping_sub(*before) >= self.enough || is_idle(worker)
        })
    }
}

/// The real list, queues, parkers and clock; tasks that are numbers, and a count of what is
/// under way as the driver has it.
#[cfg(all(test, loom))]
mod models {
    use super::super::idle::{Awake, Idle};
    use super::super::queue::{LocalQueue, Queues};
    use crate::base::clock::Clock;
    use crate::base::parker::{Parker, Unparker};
    use crate::base::sync::atomic::{AtomicUsize, Ordering};
    use crate::base::sync::{Arc, Mutex, thread};
    use std::time::Duration;

    struct House {
        idle: Idle,
        queues: Queues<u32>,
        clock: Clock,
        under_way: AtomicUsize,
        unparkers: Mutex<Vec<Option<Unparker>>>,
        /// Tasks that were run to their end.
        done: AtomicUsize,
        /// The clock has moved.
        moved: AtomicUsize,
    }

    impl House {
        fn new(workers: usize) -> (Arc<Self>, Vec<LocalQueue<u32>>) {
            let (queues, locals) = Queues::new(workers, 1);
            let house = House {
                idle: Idle::new(workers, workers),
                queues,
                clock: Clock::new(),
                under_way: AtomicUsize::new(0),
                unparkers: Mutex::new((0..workers).map(|_| None).collect()),
                done: AtomicUsize::new(0),
                moved: AtomicUsize::new(0),
            };
            house.clock.pause();
            (Arc::new(house), locals)
        }

        fn inject(&self, task: u32) {
            self.queues.inject(0, task);
            if self.idle.wants_a_wake() {
                if let Some(worker) = self.idle.pick() {
                    self.unpark(worker);
                }
            }
        }

        fn unpark(&self, worker: usize) {
            let unparker = self.unparkers.lock()[worker].clone();
            unparker.iter().for_each(Unparker::unpark);
        }

        fn begin(&self) {
            self.under_way.fetch_add(1, Ordering::SeqCst);
        }

        fn end(&self) {
            if self.under_way.fetch_sub(1, Ordering::SeqCst) == 1 {
                // Whoever is in the driver: in the model, all look.
                self.unpark_all();
            }
        }

        fn unpark_all(&self) {
            let unparkers = self.unparkers.lock().clone();
            unparkers.iter().flatten().for_each(Unparker::unpark);
        }

        /// As `Scheduler::advance`.
        fn advance(&self) -> bool {
            let deadline = self.clock.start() + Duration::from_secs(1);
            let quiet = || self.under_way.load(Ordering::SeqCst) == 0 && !self.queues.has_work();
            self.idle.while_all_parked(|| {
                let moved = self.clock.advance_to(deadline, quiet);
                if moved {
                    self.moved.store(1, Ordering::SeqCst);
                }
                moved
            })
        }

        fn work(&self, me: usize, mut local: LocalQueue<u32>, run: impl Fn(u32)) {
            let parker = Parker::new();
            self.unparkers.lock()[me] = Some(parker.unparker());
            let mut awake = Awake::Busy;
            loop {
                if let Some(task) = self.queues.take_injected_batch(0, &mut local) {
                    if std::mem::replace(&mut awake, Awake::Busy) == Awake::Searching {
                        let _ = self.idle.end_search();
                    }
                    run(task);
                    self.done.fetch_add(1, Ordering::SeqCst);
                    continue;
                }
                self.idle.park(me, awake);
                if !self.queues.has_work() {
                    if self.advance() {
                        self.unpark_all();
                    }
                    if self.moved.load(Ordering::SeqCst) == 0 {
                        parker.park();
                    }
                }
                awake = self.idle.leave(me);
                if self.moved.load(Ordering::SeqCst) == 1 {
                    return;
                }
            }
        }
    }

    fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
        thread::Builder::new().spawn(f).expect("a model's thread")
    }

    fn model(f: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(2);
        builder.check(f);
    }

    /// Fails if the job counts as over before it has queued its task.
    #[test]
    fn the_clock_moves_after_a_job_and_after_the_task_that_it_woke() {
        model(|| {
            let (house, mut locals) = House::new(1);
            house.begin();
            let inside = house.clone();
            let local = locals.remove(0);
            let worker = spawn(move || {
                inside.work(0, local, |_| ());
                assert_eq!(inside.done.load(Ordering::SeqCst), 1);
            });
            house.inject(1);
            house.end();
            worker.join().expect("no panic");
        });
    }

    /// Fails if the list is let go between the look at it and the move: the worker that runs the
    /// task is picked while the other one decides.
    #[test]
    fn the_clock_does_not_move_while_a_picked_worker_runs_or_what_it_began_does() {
        model(|| {
            let (house, mut locals) = House::new(2);
            house.begin();
            let workers: Vec<_> = (0..2)
                .map(|me| {
                    let (inside, local) = (house.clone(), locals.remove(0));
                    spawn(move || {
                        let theirs = inside.clone();
                        inside.work(me, local, move |task| {
                            let before = theirs.clock.now();
                            // The task hands the job's part of the count on to what it begins.
                            if task == 1 {
                                theirs.begin();
                            }
                            assert_eq!(theirs.clock.now(), before, "time passed in a poll");
                        });
                    })
                })
                .collect();
            house.inject(1);
            house.end();
            // What the task has begun is over only now, if it has begun.
            let start = house.clock.start();
            while house.done.load(Ordering::SeqCst) == 0 {
                thread::yield_now();
            }
            assert!(house.clock.now() < start + Duration::from_secs(1));
            house.end();
            for worker in workers {
                worker.join().expect("no panic");
            }
            assert!(house.clock.now() >= start + Duration::from_secs(1));
        });
    }

    #[test]
    fn who_begins_something_from_outside_sees_the_clock_stand() {
        model(|| {
            let (house, mut locals) = House::new(1);
            let inside = house.clone();
            let local = locals.remove(0);
            let worker = spawn(move || inside.work(0, local, |_| ()));
            house.begin();
            let before = house.clock.now();
            thread::yield_now();
            assert_eq!(house.clock.now(), before);
            house.end();
            worker.join().expect("no panic");
        });
    }
}
