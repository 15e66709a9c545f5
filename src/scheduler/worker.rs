//! The loop of one worker.
//!
//! A [`Core`] is everything that makes a thread a worker: its queue, its place in the
//! scheduler, its parker. While a thread runs a core, the core lies in the thread's
//! [`Local`], where `schedule` finds it when a task that is being polled wakes or spawns
//! another. It is borrowed only for moments in which no foreign code runs. What it does next is in
//! [`rounds`].
//!
//! [`stand_aside`] ([`aside`]) takes the core away, gives it to another thread, and lets the current one
//! block: what it wakes or spawns from then on goes through the injector, and when its poll ends
//! it leaves. A core that has no other thread to go to stays where it is, out of sight: the
//! thread's locals form a chain, from what it is now to what it was when that began, and it is no
//! worker of a core further down.

mod aside;
mod rounds;

pub(crate) use aside::{
    Aside, Held, Standing, block_in_place, held_here, is_leaving, on_worker, stand_aside,
};

use super::counts::{Counts, Tally};
use super::home::Stocked;
use super::idle::Awake;
use super::park;
use super::queue::LocalQueue;
use super::watch::OnWorker;
use super::{Scheduler, Watcher, call_hook};
use crate::base::batch::wake_all;
use crate::base::parker::Parker;
use crate::base::patience::Patience;
use crate::base::rng::{self, Rng};
use crate::base::sync::atomic::Ordering;
use crate::driver::ThreadUnderWay;
use crate::tasks::{Again, Runnable};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};

/// The rounds between two looks into the injector, at the most.
const INJECTOR_INTERVAL: u32 = 61;

/// See the [module](self).
pub(crate) struct Core {
    pub(super) index: usize,
    pub(super) group: usize,
    homes: Stocked,
    queue: LocalQueue<Runnable>,
    /// Tasks that were woken during their own poll: behind everybody else.
    yielded: VecDeque<Runnable>,
    round: usize,
    /// Rounds until the next look after timers and driver.
    until_events: u32,
    /// Rounds until the next look into the injector.
    until_injector: u32,
    /// The rounds between two looks into the injector.
    injector_interval: u32,
    /// Whose injector is to be looked into first the next time.
    injector_turn: usize,
    /// Which seat it has looked at last.
    pub(super) seat_turn: usize,
    /// The rounds between two looks at timers and driver.
    event_interval: u32,
    rng: Rng,
    /// The state of the thread's generator while the core is not on a thread, and the
    /// thread's own while it is. Only with a seed.
    thread_rng: u64,
    pub(super) tally: Tally,
    pub(super) awake: Awake,
    /// When it last turned the driver, in the driver's nanoseconds.
    pub(super) last_turn: u64,
    /// How often in a row it found everybody parked, on watch.
    pub(super) quiet: u32,
    /// Whether staying awake for a job of the blocking pool has paid lately.
    pub(super) patience: Patience,
    /// It wakes a batch from driver and wheel: what goes into the run queue meanwhile is
    /// offered at the end, once.
    waking: bool,
    /// Wakers on their way out of the driver; empty between rounds.
    pub(super) wakers: Vec<Waker>,
    /// Of the root future, while nobody polls one.
    root_waker: Option<Waker>,
    /// For the [`Local`] of the next call of `block_on`, while there is none.
    own: Option<Arc<Scheduler>>,
    /// Belongs to the thread that runs the core, or that ran it last.
    pub(super) parker: Option<Parker>,
}

/// Cores that nobody runs, in the boxes in which they go from thread to thread.
#[allow(clippy::vec_box)]
pub(crate) type Cores = Vec<Box<Core>>;

/// A thread that is a worker, or that was until it stood aside.
#[derive(Default)]
struct Local {
    /// `None` in one that is spare.
    scheduler: Option<Arc<Scheduler>>,
    core: RefCell<Option<Box<Core>>>,
    /// The `block_on` that runs the core, if it is one without a thread of its own.
    block_on: Option<&'static Location<'static>>,
    /// The scheduler is closed, and what it has left is dropped here.
    is_leaving: Cell<bool>,
    /// For a paused clock: the core went elsewhere in a poll that is not over yet.
    under_way: RefCell<Option<ThreadUnderWay>>,
    /// What the thread was before.
    outer: Option<Rc<Local>>,
}

/// Makes the thread what it was before, when it is dropped.
struct Entered(Option<Rc<Local>>);

impl Entered {
    #[inline]
    fn local(&self) -> &Local {
        // PANIC: it is there until this leaves.
        self.0.as_deref().expect("a thread that entered")
    }

    /// Returns the reference to the scheduler, unless somebody looks at the local.
    #[inline]
    fn leave(&mut self) -> Option<Arc<Scheduler>> {
        let mut local = self.0.take()?;
        let outer = local.outer.clone();
        let _ = LOCAL.try_with(|current| current.replace(outer));
        let left = std::mem::take(Rc::get_mut(&mut local)?);
        let _ = SPARE.try_with(|spare| spare.set(Some(local)));
        left.scheduler
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        drop(self.leave());
    }
}

std::thread_local! {
    // Not the switch's `local!`: no model runs a worker. Without a destructor, so that it is
    // there in the destructors of the thread's other locals too: who enters also leaves.
    static LOCAL: ManuallyDrop<RefCell<Option<Rc<Local>>>> =
        const { ManuallyDrop::new(RefCell::new(None)) };
    // An empty one for the next to enter, which then allocates nothing.
    static SPARE: Cell<Option<Rc<Local>>> = const { Cell::new(None) };
}

/// What a worker does next.
enum Next {
    Run(Runnable),
    /// Wakers from the driver or the wheel.
    Wake(Vec<Waker>),
    Park,
    /// The scheduler is closed, or the core was handed over.
    Leave,
}

impl Core {
    pub(super) fn new(homes: Stocked, index: usize, queue: LocalQueue<Runnable>) -> Box<Self> {
        let interval = homes.scheduler().config.global_queue_interval;
        let event_interval = homes.scheduler().config.event_interval;
        let seed = homes.scheduler().config.seed;
        let seed = seed.map(|seed| seed.wrapping_add(index as u64));
        let group = homes.scheduler().groups.of_worker(index);
        Box::new(Core {
            index,
            group,
            homes,
            queue,
            yielded: VecDeque::new(),
            round: 0,
            until_events: event_interval,
            until_injector: interval.unwrap_or(INJECTOR_INTERVAL),
            injector_interval: interval.unwrap_or(INJECTOR_INTERVAL),
            injector_turn: group,
            seat_turn: group,
            event_interval,
            rng: Rng::new(seed.unwrap_or_else(rng::seed)),
            thread_rng: seed.map_or(0, |seed| (!seed).max(1)),
            tally: Tally::default(),
            awake: Awake::Busy,
            last_turn: 0,
            quiet: 0,
            patience: Patience::new(),
            waking: false,
            wakers: Vec::new(),
            root_waker: None,
            own: None,
            parker: None,
        })
    }

    /// Makes the current thread a worker until the scheduler closes or the core is handed
    /// over.
    pub(crate) fn run(self: Box<Self>) {
        let entered = Local::enter(self, None);
        entered.local().run(0, &mut || false);
        entered.local().leave();
    }

    /// From here on the current thread runs the core. Often it is the one that ran it before.
    fn settle(&mut self, scheduler: &Scheduler) {
        if !self.parker.as_ref().is_some_and(Parker::is_here) {
            let parker = Parker::new();
            *scheduler.remotes[self.index].unparker.lock() = Some(parker.unparker());
            self.parker = Some(parker);
            scheduler.counts[self.index].set_thread(std::thread::current().id());
            scheduler.lookout.arrive(self.index);
        }
        self.arrive(scheduler);
    }

    /// Drops what is queued, one by one: the queue's other ends live on in the scheduler.
    pub(super) fn drain(mut self: Box<Self>) {
        while let Some(task) = self.queue.pop().or_else(|| self.yielded.pop_front()) {
            drop(task);
        }
    }
}

impl Core {
    /// The core has a thread: the current one.
    fn arrive(&mut self, scheduler: &Scheduler) {
        let driver = &scheduler.driver;
        self.tally.begin(driver.now_nanos());
        scheduler.counts[self.index].set_running(true);
        self.swap_rng();
        self.homes.swap();
    }

    /// The core leaves its thread.
    fn depart(&mut self, scheduler: &Scheduler) {
        let driver = &scheduler.driver;
        let counts = &scheduler.counts[self.index];
        self.tally.publish(driver.now_nanos(), counts);
        counts.set_running(false);
        self.swap_rng();
        self.homes.swap();
    }

    fn swap_rng(&mut self) {
        if self.homes.scheduler().config.seed.is_some() {
            self.thread_rng = rng::swap_thread(self.thread_rng);
        }
    }
}

impl Local {
    fn enter(mut core: Box<Core>, block_on: Option<&'static Location<'static>>) -> Entered {
        let own = core.own.take();
        let scheduler = own.unwrap_or_else(|| core.homes.scheduler().clone());
        core.settle(&scheduler);
        Local::begin(scheduler, Some(core), block_on)
    }

    fn begin(
        scheduler: Arc<Scheduler>,
        core: Option<Box<Core>>,
        block_on: Option<&'static Location<'static>>,
    ) -> Entered {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        let mut local: Rc<Local> = spare.unwrap_or_default();
        LOCAL.with(|current| {
            let mut current = current.borrow_mut();
            // PANIC: a spare one was left, and nobody else had it.
            *Rc::get_mut(&mut local).expect("a local that is spare") = Local {
                scheduler: Some(scheduler),
                core: RefCell::new(core),
                block_on,
                outer: current.take(),
                ..Local::default()
            };
            *current = Some(local.clone());
            Entered(Some(local))
        })
    }

    #[inline]
    fn scheduler(&self) -> &Arc<Scheduler> {
        // PANIC: who has a local keeps it from becoming spare.
        self.scheduler.as_ref().expect("a thread that entered")
    }

    /// Rounds, until the scheduler is closed, the core is gone, or `root` says that it is
    /// done. It is called when the root future was woken, and then not before `event_interval`
    /// tasks have run or the run queue is empty: a root that yields goes behind the others,
    /// those included whom a look at timers and driver has just woken, and has its turn as often
    /// as another task that yields.
    fn run(&self, mut until_root: u32, root: &mut dyn FnMut() -> bool) {
        let scheduler = self.scheduler();
        loop {
            if until_root == 0 && scheduler.take_root_wake() {
                if root() {
                    return;
                }
                until_root = scheduler.config.event_interval;
            }
            let own = match &mut *self.core.borrow_mut() {
                Some(core) => core.next_own(scheduler),
                None => return,
            };
            let next = own.map_or_else(|| self.next(), Next::Run);
            match next {
                Next::Run(task) => {
                    self.run_task(task);
                    if until_root > 0 {
                        until_root = if self.has_empty_queue() {
                            0
                        } else {
                            until_root - 1
                        };
                    }
                }
                Next::Wake(wakers) => self.wake(wakers),
                Next::Park => {
                    let only_look = scheduler.root_woken.load(Ordering::SeqCst);
                    self.park(only_look);
                    if !only_look || self.has_empty_queue() {
                        until_root = 0;
                    }
                }
                Next::Leave => return,
            }
        }
    }

    fn next(&self) -> Next {
        match &mut *self.core.borrow_mut() {
            Some(core) => core.next(self.scheduler()),
            None => Next::Leave,
        }
    }

    fn has_empty_queue(&self) -> bool {
        let empty = |core: &Core| core.queue.is_empty();
        self.core.borrow().as_deref().is_none_or(empty)
    }

    fn run_task(&self, task: Runnable) {
        let again = match &self.scheduler().config.watcher {
            None => task.run(),
            Some(watcher) => self.run_watched(watcher, task),
        };
        let Some(again) = again else { return };
        let homeless = match &mut *self.core.borrow_mut() {
            Some(core) => {
                core.again(again, self.scheduler());
                None
            }
            // The core went elsewhere during the poll.
            None => Some(again.task),
        };
        if let Some(task) = homeless {
            self.scheduler().inject(task);
        }
    }

    #[cold]
    fn run_watched(&self, watcher: &Watcher, task: Runnable) -> Option<Again> {
        let worker = self.core.borrow().as_ref().map_or(0, |core| core.index);
        task.run_watched(&OnWorker { watcher, worker })
    }

    /// Wakes with nothing borrowed, and gives the empty list back for the next time. If who is
    /// woken last runs first, that is the first one's turn, so that they run in the order of
    /// their deadlines.
    fn wake(&self, mut wakers: Vec<Waker>) {
        if wakers.len() > 1 && self.last_is_first() {
            wakers.rotate_left(1);
        }
        self.set_waking(wakers.len() > 1);
        wake_all(&mut wakers);
        self.set_waking(false);
        if let Some(core) = &mut *self.core.borrow_mut() {
            core.wakers = wakers;
            core.unyield(self.scheduler());
        }
    }

    fn set_waking(&self, waking: bool) {
        if let Some(core) = &mut *self.core.borrow_mut() {
            let was_waking = std::mem::replace(&mut core.waking, waking);
            if was_waking && !waking {
                core.offer(self.scheduler());
            }
        }
    }

    fn last_is_first(&self) -> bool {
        let core = self.core.borrow();
        core.as_ref().is_some_and(|core| core.queue.last_is_first())
    }

    /// Sleeps until there may be something to do, or only looks after timers and driver.
    fn park(&self, only_look: bool) {
        let config = &self.scheduler().config;
        if only_look {
            return self.with_core(park::maintain);
        }
        call_hook(&config.before_park);
        // The hook may have woken or spawned something, for this very worker too.
        match config.before_park.is_some() && self.has_work() {
            true => self.with_core(park::maintain),
            false => self.with_core(park::park),
        }
        call_hook(&config.after_unpark);
    }

    fn has_work(&self) -> bool {
        let own = |core: &Core| !core.queue.is_empty() || !core.yielded.is_empty();
        park::has_work(self.scheduler()) || self.core.borrow().as_deref().is_some_and(own)
    }

    /// Calls `f` with the core, then wakes whom it found.
    fn with_core(&self, f: impl FnOnce(&Arc<Scheduler>, &mut Core)) {
        let wakers = match &mut *self.core.borrow_mut() {
            Some(core) => {
                f(self.scheduler(), core);
                std::mem::take(&mut core.wakers)
            }
            None => return,
        };
        self.wake(wakers);
    }

    /// The thread is no worker any more. The last one out closes up behind itself.
    fn leave(&self) {
        drop(self.under_way.take());
        let core = self.take_core();
        if let Some(core) = core {
            self.is_leaving.set(true);
            if self.scheduler().retire(Some(core)) {
                self.scheduler().finish();
            }
        }
    }

    fn take_core(&self) -> Option<Box<Core>> {
        let mut core = self.core.borrow_mut().take();
        core.iter_mut()
            .for_each(|core| core.depart(self.scheduler()));
        core
    }
}

/// Runs `f` with the current thread's local, if it is a worker of `scheduler`.
fn with_local<R>(scheduler: &Arc<Scheduler>, f: impl FnOnce(&mut Core) -> R) -> Option<R> {
    LOCAL
        .try_with(|current| match &*current.borrow() {
            Some(local) if Arc::ptr_eq(local.scheduler(), scheduler) => {
                local.core.borrow_mut().as_deref_mut().map(f)
            }
            _ => None,
        })
        .ok()
        .flatten()
}

/// Puts the task into the current worker's queue; gives it back on any other thread.
pub(super) fn schedule_here(here: *const (), task: Runnable) -> Result<(), Runnable> {
    queue_here(here, task, |_| {})
}

/// The same for a task that is new.
pub(super) fn admit_here(scheduler: &Arc<Scheduler>, task: Runnable) -> Result<(), Runnable> {
    let count = |counts: &Counts| counts.population.add_spawned();
    queue_here(Arc::as_ptr(scheduler).cast(), task, count)
}

#[inline(always)]
fn queue_here(
    here: *const (),
    task: Runnable,
    count: impl FnOnce(&Counts),
) -> Result<(), Runnable> {
    LOCAL.with(|current| {
        let current = current.borrow();
        let Some(local) = &*current else {
            return Err(task);
        };
        if Arc::as_ptr(local.scheduler()).cast() != here {
            return Err(task);
        }
        let mut core = local.core.borrow_mut();
        let Some(core) = &mut *core else {
            return Err(task);
        };
        count(&local.scheduler().counts[core.index]);
        core.push(local.scheduler(), task);
        Ok(())
    })
}

pub(super) fn index_in(scheduler: &Arc<Scheduler>) -> Option<usize> {
    with_local(scheduler, |core| core.index)
}

/// The number of the worker that the current thread is, of whatever scheduler.
pub(crate) fn worker_here() -> Option<usize> {
    LOCAL
        .try_with(|current| {
            let local = current.borrow();
            let core = local.as_ref()?.core.borrow();
            Some(core.as_ref()?.index)
        })
        .ok()
        .flatten()
}

pub(super) fn no_parker() -> ! {
    // PANIC: `Local::enter` gives each core that runs its thread's parker.
    unreachable!("a core parks without a thread")
}

/// Runs the core on the current thread, for the `block_on` at `place`, until `root` is done; then
/// puts it back into the lobby, also if `root` panics.
pub(super) fn run_until(
    scheduler: &Scheduler,
    mut core: Box<Core>,
    place: &'static Location<'static>,
    root: &mut dyn FnMut(&mut Context<'_>) -> bool,
) {
    let waker = core.root_waker.take();
    let new_waker = || Waker::from(core.homes.scheduler().clone());
    let waker = waker.unwrap_or_else(new_waker);
    let running = Running {
        scheduler,
        waker,
        entered: Local::enter(core, Some(place)),
    };
    let mut cx = Context::from_waker(&running.waker);
    // This poll sees what happened before earlier calls were woken for it.
    scheduler.take_root_wake();
    if !root(&mut cx) {
        let until_root = scheduler.config.event_interval;
        running
            .entered
            .local()
            .run(until_root, &mut || root(&mut cx));
    }
}

/// A thread that runs a core for a while.
struct Running<'a> {
    scheduler: &'a Scheduler,
    waker: Waker,
    entered: Entered,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let core = self.entered.local().take_core();
        let own = self.entered.leave();
        if let Some(mut core) = core {
            core.root_waker = Some(std::mem::replace(&mut self.waker, Waker::noop().clone()));
            core.own = own;
            super::current_thread::give_back(self.scheduler, core);
        }
    }
}
