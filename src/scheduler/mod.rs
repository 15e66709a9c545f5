//! The scheduler: runnables, and the workers that poll them.
//!
//! ```text
//!   spawn, wake ─▶ schedule ─┬─ on a worker ─▶ LIFO slot ─▶ run queue ──┐
//!                            └─ elsewhere ───▶ an injector ────────┐    │ steal
//!                                                                  ▼    ▼
//!   driver: events, deadlines ◀── park ◀── nothing found ◀── worker's round ─▶ poll
//!        └──────────── wakers, woken with no lock held ──▶ schedule
//! ```
//!
//! [`Scheduler`] is what all threads share; [`worker`] is the loop of one worker, which owns
//! its [`queue::LocalQueue`]; [`idle`] decides who sleeps and who is woken, and [`lookout`] how many
//! may be awake; [`park`] is the
//! sleep itself, in the driver, where each [group](groups) has one of the [`seats`], or beside it, and [`paused`] the same while the clock stands
//! still; [`current_thread`] runs the one worker of a scheduler without threads of its own on the
//! thread that calls `block_on`, and [`beside`] is for all others that call it.
//!
//! # A round
//!
//! A worker's round polls one task. Where it comes from, first to last: the LIFO slot (at
//! most three times in a row; a current-thread runtime has none), the own run queue, the injector of its
//! [group](groups), tasks that yielded (behind a look at
//! the clock, the timers and the driver), other injectors, another worker's run queue. Every
//! `global_queue_interval` rounds an injector comes first, each in turn (if nobody has set it, more often
//! where polls are long), and every `event_interval` rounds, or more often where polls are long,
//! the worker looks after timers and driver although it is busy, so that neither starves. Whom
//! such a look wakes runs before those who yielded.
//!
//! # Shutdown
//!
//! One function, [`Scheduler::close`], and what it sets in motion, in this order:
//!
//! 1. `closed` is set and whoever sleeps is unparked. From here on a spawned task is cancelled.
//! 2. Each worker leaves after its current poll and retires its queue.
//! 3. The last one out ([`Scheduler::finish`]) closes the sets of live tasks and cancels every
//!    task in them; drops what is queued, which cancels the tasks that never waited; closes the
//!    driver, whose waiters are woken and find their tasks cancelled; and says so to whoever waits in [`Scheduler::wait_closed`].
//! 4. A waker that fires later finds its task complete. A runnable that is injected later is
//!    dropped by the one who injects it.
//!
//! # Who keeps whom alive
//!
//! Workers, handles and tasks hold a [`Home`], and a home holds the scheduler. The scheduler
//! holds live tasks, so there is a ring, which step 3 opens. [`home`] tells why that is not an
//! `Arc`.
//!
//! # Invariants
//!
//! 1. Each task in a set of live tasks belongs to the scheduler of that set. A task that is not
//!    complete is in such a set, in a queue, or polled: a worker puts it into its own set when it
//!    waits for the first time.
//! 2. A worker that is parked is in the list of [`idle::Idle`], and each worker in the list
//!    will look into all queues before it blocks, or knows of one who naps and will.
//! 3. If all workers of a [group](groups) are parked, one of them is in its [seat](seats), in the driver.
//! 4. No task is polled, and no waker woken, while a lock of this module is held or the
//!    worker's core is borrowed.

mod beside;
mod counts;
mod current_thread;
mod groups;
mod home;
mod idle;
mod local;
mod lookout;
mod park;
mod paused;
mod queue;
mod seats;
mod stopped;
mod watch;
mod worker;

pub(crate) use beside::block_on_beside;
pub(crate) use counts::Counts;
use counts::Population;
use groups::Groups;
pub(crate) use groups::suit as groups_for;
pub(crate) use home::Home;
pub(crate) use local::spawn_local;
pub(crate) use paused::Progress;
pub(crate) use watch::{Bounds, Histogram, TaskHooks, Watcher};
pub(crate) use worker::{
    Aside, Core, Held, Standing, block_in_place, held_here, is_leaving, on_worker, stand_aside,
    worker_here,
};

use crate::base::padded::Padded;
use crate::base::panics::quietly;
use crate::base::parker::Unparker;
use crate::base::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use crate::base::sync::thread::ThreadId;
use crate::base::sync::{Condvar, Mutex};
use crate::driver::timers::Closed;
use crate::driver::{Driver, Poller, TimerKey};
use crate::tasks::{self, Id, JoinHandle, LiveSet, Origin, Runnable, Schedule, TaskRef};
use home::Stocked;
use idle::Idle;
use lookout::Lookout;
use park::{Place, Watch};
use queue::Queues;
use seats::Seat;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;
use worker::Cores;

/// A function that users put around the life of a worker thread.
pub(crate) type Hook = Arc<dyn Fn() + Send + Sync>;

/// Calls a user's hook, if there is one; a panic in it ends there.
pub(crate) fn call_hook(hook: &Option<Hook>) {
    if let Some(hook) = hook {
        quietly(|| hook());
    }
}

/// What the builder decides.
pub(crate) struct Config {
    pub(crate) workers: usize,
    /// `None`: as long as polls take.
    pub(crate) global_queue_interval: Option<u32>,
    pub(crate) event_interval: u32,
    pub(crate) before_park: Option<Hook>,
    pub(crate) after_unpark: Option<Hook>,
    pub(crate) watcher: Option<Watcher>,
    pub(crate) disable_lifo_slot: bool,
    /// Where all choices at random begin, if they are to be the same in each run.
    pub(crate) seed: Option<u64>,
    /// Runs a worker on a thread of its own; an error if there is no thread to be had.
    pub(crate) launch: Option<Launch>,
    /// The one thread on which tasks may be polled and dropped; `None` for any.
    pub(crate) home: Option<ThreadId>,
}

/// Starts a thread that [runs](Core::run) the core; gives it back if there is none.
pub(crate) type Launch = Arc<dyn Fn(Box<Core>) -> Result<(), (Box<Core>, io::Error)> + Send + Sync>;

/// See the [module](self).
pub(crate) struct Scheduler {
    config: Config,
    groups: Groups,
    queues: Queues<Runnable>,
    idle: Idle,
    lookout: Lookout,
    remotes: Box<[Padded<Remote>]>,
    counts: Box<[Padded<Counts>]>,
    /// One set for the tasks that waited first on each worker, and a last one for all others.
    live: Box<[Padded<LiveSet>]>,
    /// Tasks that threads spawned that are not workers, and that ended there; by group.
    outside: Box<[Padded<Population>]>,
    driver: Arc<Driver>,
    /// By group.
    seats: Box<[Padded<Seat>]>,
    /// Until when whoever is in the first seat will sleep, in the driver's nanoseconds; 0 if
    /// nobody is. For those who arm timers and are not a worker.
    asleep_until: AtomicU64,
    watch_inside: Watch,
    watch_beside: Watch,
    /// The root future of a current-thread scheduler is to be polled.
    root_woken: AtomicBool,
    closed: AtomicBool,
    /// Nothing that is injected now will be taken out by a worker.
    finished: AtomicBool,
    /// Cores of workers that left, for the last one.
    retired: Mutex<Cores>,
    /// Cores without a thread: at first all, later that of a current-thread scheduler while
    /// nobody runs it.
    lobby: Mutex<current_thread::Lobby>,
    exit: Mutex<Exit>,
    exited: Condvar,
}

/// What others need of a worker.
struct Remote {
    place: Place,
    unparker: Mutex<Option<Unparker>>,
    /// Counts rounds: one relaxed store a poll.
    rounds: AtomicUsize,
}

#[derive(Default)]
struct Exit {
    finished: bool,
}

impl Scheduler {
    /// A scheduler and the cores of its workers, which the caller gives threads, or (for one
    /// worker) to [`current_thread`]. There are as many [groups](groups_for) as reactors, and never more than
    /// workers.
    pub(crate) fn build(
        config: Config,
        driver: Arc<Driver>,
        pollers: Vec<Poller>,
    ) -> (Home, Cores) {
        let workers = config.workers;
        let cores = lookout::cores();
        let groups = Groups::new(pollers.len());
        let (queues, mut locals) = Queues::new(workers, groups.count());
        let is_alone = config.launch.is_none();
        if config.disable_lifo_slot || is_alone {
            for local in &mut locals {
                local.run_in_order(is_alone);
            }
        }
        let scheduler = Arc::new(Scheduler {
            groups,
            queues,
            idle: Idle::new(workers, cores),
            lookout: Lookout::new(workers, cores),
            remotes: (0..workers).map(|_| Padded(Remote::new())).collect(),
            counts: (0..workers).map(|_| Padded::default()).collect(),
            live: (0..=workers).map(|_| Padded(LiveSet::new())).collect(),
            outside: (0..groups.count()).map(|_| Padded::default()).collect(),
            driver,
            seats: pollers
                .into_iter()
                .map(|poller| Padded(Seat::new(poller)))
                .collect(),
            asleep_until: AtomicU64::new(0),
            watch_inside: Watch::default(),
            watch_beside: Watch::default(),
            root_woken: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            finished: AtomicBool::new(false),
            retired: Mutex::new(Vec::with_capacity(workers)),
            lobby: Mutex::new(current_thread::Lobby::default()),
            exit: Mutex::new(Exit::default()),
            exited: Condvar::new(),
            config,
        });
        let home = Home::new(scheduler);
        let cores = locals
            .into_iter()
            .enumerate()
            .map(|(index, queue)| Core::new(Stocked::new(&home, index), index, queue))
            .collect();
        (home, cores)
    }

    /// Keeps the cores until they get threads.
    pub(crate) fn keep(&self, cores: Cores) {
        self.lobby.lock().cores = cores;
    }

    /// Gives each core a thread.
    ///
    /// # Errors
    /// If there are not enough threads to be had. Then the scheduler closes: the workers that
    /// have a thread leave, the others are retired here.
    pub(crate) fn launch(&self) -> io::Result<()> {
        let Some(launch) = &self.config.launch else {
            return Ok(());
        };
        let mut cores = std::mem::take(&mut self.lobby.lock().cores).into_iter();
        while let Some(core) = cores.next() {
            if let Err((core, error)) = launch(core) {
                self.close();
                for core in std::iter::once(core).chain(cores) {
                    if self.retire(Some(core)) {
                        self.finish();
                    }
                }
                return Err(error);
            }
        }
        Ok(())
    }

    pub(crate) fn driver(&self) -> &Arc<Driver> {
        &self.driver
    }

    pub(crate) fn workers(&self) -> usize {
        self.config.workers
    }

    /// What a worker has counted.
    pub(crate) fn counts(&self, worker: usize) -> &Counts {
        &self.counts[worker]
    }

    /// Who looks on, if anybody does.
    pub(crate) fn watcher(&self) -> Option<&Watcher> {
        self.config.watcher.as_ref()
    }

    /// The number of tasks in a worker's run queue.
    pub(crate) fn queued(&self, worker: usize) -> usize {
        self.queues.depth(worker)
    }

    /// How often a task was scheduled from outside of the workers.
    pub(crate) fn injections(&self) -> u64 {
        self.queues.injections()
    }

    /// The number of tasks that were ever spawned.
    pub(crate) fn spawned_tasks(&self) -> u64 {
        self.populations().map(Population::spawned).sum()
    }

    pub(crate) fn live_tasks(&self) -> usize {
        // In this order: a task that ends meanwhile is counted, one that begins is not.
        let ended: u64 = self.populations().map(Population::ended).sum();
        self.spawned_tasks().saturating_sub(ended) as usize
    }

    /// Where a thread counts that is not a worker.
    fn outside(&self) -> &Population {
        &self.outside[self.groups.outside()]
    }

    fn populations(&self) -> impl Iterator<Item = &Population> {
        let workers = self.counts.iter().map(|counts| &counts.population);
        workers.chain(self.outside.iter().map(|outside| &**outside))
    }

    /// After a root future or a task has yielded so often, every task that was runnable has
    /// run: between two yields a worker runs all tasks, or at least as many as lie between
    /// two looks at the driver.
    pub(crate) fn rounds_for_all(&self) -> usize {
        1 + self.live_tasks() / self.config.event_interval as usize
    }

    pub(crate) fn injected(&self) -> usize {
        self.queues.injected()
    }

    /// The timer shard that belongs to the current thread.
    fn timer_shard(self: &Arc<Self>) -> usize {
        worker::index_in(self).unwrap_or(self.config.workers)
    }

    /// Arms a timer in the current thread's shard.
    ///
    /// # Errors
    /// If the runtime was shut down.
    pub(crate) fn arm(
        self: &Arc<Self>,
        deadline: Instant,
        waker: &Waker,
    ) -> Result<TimerKey, Closed> {
        let shard = self.timer_shard();
        let armed = self.driver.timers.arm(shard, deadline, waker)?;
        self.armed(shard, armed.earlier, deadline);
        Ok(armed.key)
    }

    /// Moves a timer to another deadline and, if it is not in the current thread's shard,
    /// there: the shard's own worker would not hear of an earlier deadline. `None` if it has
    /// fired elsewhere.
    ///
    /// # Errors
    /// If the runtime was shut down.
    pub(crate) fn rearm(
        self: &Arc<Self>,
        key: TimerKey,
        deadline: Instant,
    ) -> Result<Option<TimerKey>, Closed> {
        let shard = self.timer_shard();
        let timers = &self.driver.timers;
        if key.shard() != shard {
            let waker = timers.take(key);
            return waker.map(|waker| self.arm(deadline, &waker)).transpose();
        }
        match timers.reset(&key, deadline) {
            Ok(earlier) => {
                self.armed(shard, earlier, deadline);
                Ok(Some(key))
            }
            Err(Closed) => {
                timers.cancel(key);
                Err(Closed)
            }
        }
    }

    /// A timer was armed or moved in the current thread's shard, which is now `earlier` than
    /// before. A worker looks at its wheel before it sleeps; others must see to it that
    /// somebody does.
    fn armed(&self, shard: usize, earlier: bool, deadline: Instant) {
        if earlier && shard == self.workers() {
            self.armed_outside(deadline);
        }
    }

    /// A deadline was armed in the shard for threads that are not workers: whoever sleeps in
    /// the first seat must not sleep beyond it.
    ///
    /// ORDERING: pairs with `park::sleep`: there `asleep_until` is written, then the shard's
    /// next deadline is read; here the shard was written, then `asleep_until` is read; all
    /// SeqCst or under the shard's lock.
    fn armed_outside(&self, deadline: Instant) {
        let until = self.asleep_until.fetch_add(0, Ordering::SeqCst);
        if until != 0 && self.driver.nanos(deadline) < until {
            self.driver.unpark(0);
        }
    }

    /// What a task needs that is about to be made; tells the hooks of it. This and
    /// [`admit`](Self::admit) are all that spawning calls: not generic, so that what they do is
    /// compiled in one piece each.
    fn prepare(self: &Arc<Self>, outside: &Home, origin: &Origin) -> (Home, Id) {
        let home = outside.clone();
        let id = Id::next();
        if let Some(watcher) = &self.config.watcher {
            watcher.spawned(id, origin);
        }
        (home, id)
    }

    /// Takes a new task in and schedules it. It needs no place in a set of live tasks as long as
    /// it is in a queue, where [`finish`](Self::finish) finds it too; unless it may be dropped on
    /// one thread only, and others come to the queue.
    fn admit(self: &Arc<Self>, runnable: Runnable) {
        if self.config.home.is_some() {
            return self.admit_at_home(runnable);
        }
        if let Err(task) = worker::admit_here(self, runnable) {
            self.outside().count_spawned();
            self.schedule_from_outside(task);
        }
    }

    /// ORDERING: `finish` closes the sets, under their locks, after `closed` was set.
    #[cold]
    fn admit_at_home(self: &Arc<Self>, runnable: Runnable) {
        self.outside().count_spawned();
        match self.live[self.config.workers].insert(runnable.adopted()) {
            Ok(()) => Home::schedule_here(Arc::as_ptr(self).cast(), runnable)
                .unwrap_or_else(|task| self.schedule_from_outside(task)),
            Err(task) => refuse(task, runnable),
        }
    }

    /// Takes a task that became runnable, on a thread that is no worker of this scheduler.
    fn schedule_from_outside(&self, task: Runnable) {
        self.tell_scheduled(&task);
        self.inject(task);
    }

    #[inline]
    fn tell_scheduled(&self, task: &Runnable) {
        if let Some(watcher) = &self.config.watcher {
            watcher.scheduled(task);
        }
    }

    #[inline(never)]
    fn inject(&self, task: Runnable) {
        self.queues.inject(self.groups.outside(), task);
        if self.idle.wants_a_wake() {
            self.wake_one();
        }
        // ORDERING: the injector was written before; `finish` sets the flag and then drains.
        if self.finished.load(Ordering::SeqCst) {
            self.drain_injector();
        }
    }

    /// Whether the root future of a current-thread scheduler was woken; not again until it is
    /// woken again. One relaxed load where it was not.
    fn take_root_wake(&self) -> bool {
        self.root_woken.load(Ordering::Relaxed) && self.root_woken.swap(false, Ordering::SeqCst)
    }

    /// Wakes the worker that parked last, if nobody searches.
    fn wake_one(&self) {
        if let Some(worker) = self.idle.pick() {
            self.unpark(worker);
        }
    }

    fn unpark(&self, worker: usize) {
        let remote = &self.remotes[worker];
        match remote.place.seat() {
            Some(group) => self.driver.unpark(group),
            None => {
                let unparker = remote.unparker.lock().clone();
                unparker.iter().for_each(Unparker::unpark);
            }
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Begins the shutdown: step 1. Safe to call again.
    pub(crate) fn close(&self) {
        if self.closed.swap(true, Ordering::SeqCst) {
            return;
        }
        for group in 0..self.groups.count() {
            if self.is_somebody_in_seat(group) {
                self.driver.unpark(group);
            }
        }
        self.unpark_workers();
    }

    /// ORDERING: a worker looks whether the scheduler is closed after it has come into the list of
    /// those who are parked; who asks has closed it before.
    fn is_somebody_in_seat(&self, group: usize) -> bool {
        let is_in_it = |worker: usize| self.remotes[worker].place.seat() == Some(group);
        self.idle.find_parked(is_in_it).is_some()
    }

    /// Ends all sleeps: those who sleep look around once more.
    pub(crate) fn rouse(&self) {
        self.driver.unpark_all();
        self.unpark_workers();
    }

    fn unpark_workers(&self) {
        for remote in &self.remotes {
            let unparker = remote.unparker.lock().clone();
            unparker.iter().for_each(Unparker::unpark);
        }
    }

    /// Step 2: a worker leaves. The last one finishes the shutdown, with its own core still
    /// in place, so that tasks that are woken meanwhile find a queue.
    fn retire(&self, core: Option<Box<Core>>) -> bool {
        let mut retired = self.retired.lock();
        retired.extend(core);
        retired.len() == self.config.workers
    }

    /// Step 3. Futures are dropped here, outside of all locks.
    fn finish(&self) {
        self.live.iter().for_each(|set| set.close());
        for set in &self.live {
            while let Some(task) = set.pop() {
                task.shutdown();
            }
        }
        let cores = std::mem::take(&mut *self.retired.lock());
        cores.into_iter().for_each(|core| core.drain());
        self.drain_injector();
        self.driver.close();
        self.finished.store(true, Ordering::SeqCst);
        self.drain_injector();
        self.exit.lock().finished = true;
        self.exited.notify_all();
    }

    fn drain_injector(&self) {
        while let Some(task) = self.queues.take_injected(0) {
            self.dispose(task);
        }
    }

    /// Waits until step 3 is done, at the longest until `deadline`. False if it is not.
    pub(crate) fn wait_closed(&self, deadline: Option<Instant>) -> bool {
        let mut exit = self.exit.lock();
        while !exit.finished {
            match deadline {
                None => self.exited.wait(&mut exit),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    self.exited.wait_for(&mut exit, left);
                }
            }
        }
        true
    }
}

impl Remote {
    fn new() -> Self {
        Remote {
            place: Place::new(),
            unparker: Mutex::new(None),
            rounds: AtomicUsize::new(0),
        }
    }
}

/// Cancels a task that came too late.
#[cold]
fn refuse(task: TaskRef, runnable: Runnable) {
    task.shutdown();
    drop(runnable);
}

/// Spawns a future, on the current worker if it is one of this scheduler's.
pub(crate) fn spawn<F>(outside: &Home, future: F, origin: Origin) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let scheduler = outside.scheduler();
    let (home, id) = scheduler.prepare(outside, &origin);
    let (runnable, handle) = tasks::new(future, home, id, origin);
    scheduler.admit(runnable);
    handle
}

impl Schedule for Home {
    #[inline]
    fn here(&self) -> *const () {
        Arc::as_ptr(self.scheduler()).cast()
    }

    #[inline]
    fn schedule_here(here: *const (), task: Runnable) -> Result<(), Runnable> {
        worker::schedule_here(here, task)
    }

    fn schedule(&self, task: Runnable) {
        self.scheduler().schedule_from_outside(task);
    }

    /// It can be found in the set of the worker that polls it.
    fn adopt(&self, task: TaskRef) -> Result<(), TaskRef> {
        let scheduler = self.scheduler();
        let set = worker::index_in(scheduler).unwrap_or(scheduler.config.workers);
        task.put_into(set);
        scheduler.live[set].insert(task)
    }

    #[inline]
    fn release(&self, task: &TaskRef) -> Option<TaskRef> {
        let scheduler = self.scheduler();
        if let Some(watcher) = &scheduler.config.watcher {
            watcher.terminated(task);
        }
        match self.worker_here() {
            Some(worker) => scheduler.counts[worker].population.add_ended(),
            None => scheduler.outside().count_ended(),
        }
        let set = match scheduler.config.home {
            Some(_) => scheduler.config.workers,
            None => task.set()?,
        };
        scheduler.live[set].remove(task)
    }
}
