//! The blocking pool: threads for what would block a worker.
//!
//! A [`Pool`] runs [`Job`]s, in the order in which they come, each on a thread of its
//! own as long as there are fewer than `max_threads`; beyond that they queue. It
//! starts threads on demand, reuses the one that went idle last, and lets those go
//! that were idle for `keep_alive`. It knows nothing of tasks: floor 4 gives it
//! runnables.
//!
//! # States of a thread
//!
//! ```text
//!          reserve               arrive, finds a job
//!  (none) ─────────▶ COMING ────────────────────────────▶ BUSY ◀─┐
//!     ▲ spawn fails    │ ▲                                ▲ │ │   │ look: a job
//!     └────────────────┘ │                     rung: a job│ │ └───┘
//!                        │                                │ │ look: no job
//!                        │                       WATCHING ┘◀┤
//!                        │ summon (pops it)         │       ▼
//!                        └──────────────── IDLE ◀───┴───────┘
//!                                           │     in vain
//!                                           │ keep_alive over, still on the stack
//!                                           ▼
//!                                        RETIRED ──▶ (joined)
//! ```
//!
//! *Coming* is the word that matters: a thread that was started or woken and has not
//! been at the lock since. It is certain to look at the queue next, with no code of
//! the user before. A busy thread looks as well, but nobody knows when, so nobody
//! relies on it; a retired one never looks again, and is off the books from the very
//! moment at which it decides to go.
//!
//! *Watching* is the state of the lookout, one thread at most, which has found no job and stays awake
//! for some microseconds before it sleeps, if that has paid lately ([`patience`](crate::base::patience)). It looks once
//! more when that is over, or as soon as the bell rings; so it counts as coming, and a job that it
//! is there for needs no wake-up.
//!
//! # Hand-over: a chain of wakes
//!
//! All of it is one lock around queue, idle stack and counts (`state.rs`); wakes,
//! starts, jobs and hooks happen outside of it, as the [order](state::Order) that a
//! transition returns.
//!
//! * **submit**: push the job, then *summon*: unless enough threads are coming
//!   already, pop the last idle one and count it as coming, else reserve a new one.
//! * **look**, by a thread that comes or is done with a job: take the first job, then
//!   *summon* again on behalf of those that are left, and run the job last. With no
//!   job there, the thread becomes the lookout or pushes itself onto the idle stack.
//!
//! "Enough" is one for each queued job, but no more than [`MAX_COMING`]. So one job
//! is one wake at most, and a burst of short jobs costs a few wakes in all: while one
//! thread is on its way through the kernel, those that are awake drain the queue. And
//! a burst of jobs that wait for each other gets a thread for each, for every thread
//! that takes one sees to its successor before it runs anything.
//!
//! Invariants, checked after each transition:
//!
//! 1. If there is a job in the queue and nobody is coming, then nobody is idle. (And
//!    no more threads may be started, or the system refused the last one; each look
//!    tries anew.) This is "no job is lost": whoever would sleep has looked first.
//! 2. `sure <= live <= max_threads`, and no more are coming or idle than are live.
//! 3. A closed pool has no idle threads, and a queue only while threads live, who all look
//!    once more.
//!
//! The time-out of an idle thread races with a summon. The stack decides, under the
//! lock: a thread that finds itself popped when it wakes is coming, whatever its clock
//! says. An unpark that arrives after such a thread has served its job is a stray
//! token; it ends a later park early, the thread finds itself still on the stack and
//! parks on.
//!
//! # When a thread cannot be started
//!
//! A reserved thread is not *sure* before it has arrived or `spawn` has said so. If
//! the start fails while a sure thread exists, the job stays in the queue: that thread
//! will look (it is busy or coming, or is idle and gets summoned at once). If there
//! is none, the submitter takes its own job out again by its ticket and hands it back
//! in [`Refused::NoThread`]. A submission that finds no sure thread does not rely on
//! another's start but makes one of its own. Only if `max_threads` are starting at
//! that moment must it rely on them; if then all those starts fail, its job is
//! cancelled by the last of them, as `close` would.
//!
//! # The end
//!
//! [`Pool::close`] cancels what is queued, but for one job for each thread that is coming:
//! so a job that came to a pool with room runs, however soon the end follows. It sends all
//! threads home once they have finished their job; [`Pool::wait`] waits for them. Each
//! thread that leaves joins those that left before it, and `wait` joins the last: no
//! handle outlives its thread for long. Dropping the last handle closes the pool and does
//! not wait.
//!
//! # Rejected
//!
//! * One wake for each submission (all that a condition variable offers): see the
//!   numbers at [`MAX_COMING`].
//! * A job handed directly to the thread that is woken for it: it saves an uncontended
//!   lock of some 20 ns next to a wake of some microseconds, but binds the job to a
//!   thread that is still asleep while busy ones could take it, and that thread would
//!   not look at the queue before it runs, so that nobody could rely on it.
//! * A lookout of 4 µs: shorter than the way of the worker that waits for the job, through its own
//!   wake-up, so that nobody looked any more when the next job came.
//! * The worker that waits runs the job itself while the pool sleeps: it would save both
//!   wake-ups, but who takes its timers and sockets over if the job blocks?
//! * Shards of the queue, each with a lock, by the thread that submits. 400,000 empty jobs from 1, 2, 8
//!   and 64 threads, on 2 cores: 38, 40, 39 and 33 ns a submission. To a bare `Mutex<VecDeque>`, from
//!   which two others take meanwhile: 32, 17, 15 and 17 ns; to eight of those: 29, 14, 8 and 25 ns. So
//!   the lock is no dearer for being wanted by more (a hundredth of the time passes in waiting for it),
//!   and shards could save some 7 ns of 40: the idle stack and the number of those who are coming
//!   stay one place to which each submission must go. They would cost the order of the jobs, and
//!   a closing or a failed start would have to stop all of them. This is for cores that are few: where
//!   many submit and take at once, the lock admits as many jobs a second as its line can move, and
//!   it is the limit once jobs are shorter than that times the number of cores.
//! * Not trying to start a thread for a while after a failure: one failure would then
//!   leave jobs that wait for each other stuck, with nobody to try again.

mod state;
mod thread;

#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;

use crate::base::padded::Padded;
use crate::base::panics::quietly;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::base::sync::{Arc, Condvar, Mutex};
use state::{Order, State, Ticket};
use std::io;
use std::time::{Duration, Instant};

/// How many threads may be on their way to the queue at once.
///
/// 400,000 empty jobs from one submitter, on 2 cores, with 1, 2, 4 and any number
/// coming: 90, 145, 370 and 1,300 ns a job, and 0.003, 0.004, 0.05 and 0.3 voluntary
/// switches of threads. From 16 submitters: 110, 113, 120 and 540 ns. A burst of 400
/// jobs that wait for each other, on no thread: 41, 13, 16 and 24 ms. So two: nearly
/// as good as one in the former, as good as any in the latter; and a thread that the
/// system leaves waiting for its turn does not hold up the others.
const MAX_COMING: usize = 2;

/// What a pool runs.
pub(crate) trait Job: Send + 'static {
    /// Does the work. If it panics, the panic ends here.
    fn run(self);

    /// Gives up: the pool was closed before the job's turn came.
    fn cancel(self);
}

/// Something to call on each thread.
pub(crate) type Hook = std::sync::Arc<dyn Fn() + Send + Sync>;

/// Wraps what a thread does, from its first job to its last.
pub(crate) type Enter = std::sync::Arc<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// Names a thread that is about to be started.
pub(crate) type Name = std::sync::Arc<dyn Fn() -> String + Send + Sync>;

/// Lets a start fail before the system is asked.
pub(crate) type Admit = std::sync::Arc<dyn Fn() -> io::Result<()> + Send + Sync>;

/// How a pool is to behave. A panic in one of the closures is contained.
#[derive(Clone)]
pub(crate) struct Config {
    /// How many jobs run at once; at least 1.
    pub(crate) max_threads: usize,
    /// How long a thread stays without a job.
    pub(crate) keep_alive: Duration,
    /// Bytes of stack for each thread; `None` leaves it to std.
    pub(crate) stack_size: Option<usize>,
    /// Called by whoever starts a thread.
    pub(crate) name: Option<Name>,
    /// Called on each thread before its first job.
    pub(crate) on_start: Option<Hook>,
    /// Called on each thread after its last job, when it counts no more.
    pub(crate) on_stop: Option<Hook>,
    /// Put around each thread's loop, between the two hooks.
    pub(crate) enter: Option<Enter>,
    /// Asked before each start.
    pub(crate) admit: Option<Admit>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            max_threads: 512,
            keep_alive: Duration::from_secs(10),
            stack_size: None,
            name: None,
            on_start: None,
            on_stop: None,
            enter: None,
            admit: None,
        }
    }
}

/// Why a job was not taken. The job comes back, neither run nor cancelled.
pub(crate) enum Refused<J> {
    /// The pool is closed.
    Closed(J),
    /// There is no thread, and none could be started.
    NoThread {
        /// The job.
        job: J,
        /// What the system said.
        source: io::Error,
    },
}

/// What a pool holds at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stats {
    /// Threads, from the decision to start one to its decision to leave.
    pub(crate) threads: usize,
    /// Threads that wait for a job.
    pub(crate) idle: usize,
    /// Jobs that nobody has taken yet.
    pub(crate) queued: usize,
}

/// A handle to a pool of threads. See the [module](self).
///
/// Dropping the last handle closes the pool.
pub(crate) struct Pool<J: Job> {
    owner: Arc<Owner<J>>,
}

/// Shared by the handles, but not by the threads: its end is the pool's end.
struct Owner<J: Job> {
    shared: Arc<Shared<J>>,
}

/// Shared by the handles and the threads.
struct Shared<J> {
    state: Mutex<State<J>>,
    /// Rung when a job comes while there is a lookout.
    bell: Padded<AtomicBool>,
    /// Notified when a thread was struck off the list, or waits for the others.
    struck_off: Condvar,
    config: Config,
}

impl<J: Job> Clone for Pool<J> {
    fn clone(&self) -> Self {
        Pool {
            owner: self.owner.clone(),
        }
    }
}

impl<J: Job> Pool<J> {
    /// A pool without threads.
    pub(crate) fn new(config: Config) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new(config.max_threads)),
            bell: Padded(AtomicBool::new(false)),
            struck_off: Condvar::new(),
            config,
        });
        Pool {
            owner: Arc::new(Owner { shared }),
        }
    }

    /// Puts `job` at the end of the queue, and sees to it that a thread will look.
    pub(crate) fn submit(&self, job: J) -> Result<(), Refused<J>> {
        let shared = &self.owner.shared;
        let mut state = shared.state.lock();
        if state.is_closed() {
            drop(state);
            return Err(Refused::Closed(job));
        }
        let (ticket, order) = state.submit(job);
        drop(state);
        carry_out(shared, order, Some(ticket))
            .map_err(|(job, source)| Refused::NoThread { job, source })
    }

    /// Cancels what is queued, and takes no more jobs. Jobs that have started, or for which a
    /// thread is coming, go on.
    pub(crate) fn close(&self) {
        self.owner.close();
    }

    /// Waits until all threads have left, or until `deadline`. Returns whether they
    /// have. A thread of the pool that waits does not wait for itself, nor for others
    /// that wait.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> bool {
        let shared = &self.owner.shared;
        let is_own = thread::belongs_to(shared);
        let mut state = shared.state.lock();
        if is_own {
            state.begin_wait_inside();
            shared.struck_off.notify_all();
        }
        let all_left = loop {
            if state.all_left(is_own) {
                break true;
            }
            let Some(deadline) = deadline else {
                shared.struck_off.wait(&mut state);
                continue;
            };
            let limit = deadline.saturating_duration_since(Instant::now());
            if limit.is_zero() {
                break false;
            }
            shared.struck_off.wait_for(&mut state, limit);
        };
        if is_own {
            state.end_wait_inside();
        } else if all_left {
            let left = state.take_left();
            drop(state);
            thread::join(left);
        }
        all_left
    }

    /// Reads the counts.
    pub(crate) fn stats(&self) -> Stats {
        self.owner.shared.state.lock().stats()
    }
}

impl<J: Job> Owner<J> {
    fn close(&self) {
        let (queue, sleepers) = self.shared.state.lock().close();
        for sleeper in sleepers {
            sleeper.unpark();
        }
        self.shared.ring();
        cancel_all(queue);
    }
}

impl<J> Shared<J> {
    /// Tells the lookout to look.
    ///
    /// ORDERING: relaxed, since it hands nothing over. Who rings has found under the lock that there is
    /// a lookout; that one takes the lock after it, rung or not, and sees what was queued.
    fn ring(&self) {
        self.bell.store(true, Ordering::Relaxed);
    }

    fn is_rung(&self) -> bool {
        self.bell.load(Ordering::Relaxed)
    }
}

impl<J: Job> Drop for Owner<J> {
    fn drop(&mut self) {
        self.close();
    }
}

/// Does what a transition asked for, with no lock held. If that was a start, which
/// failed, and the job of `ticket` can be run by nobody, it comes back.
fn carry_out<J: Job>(
    shared: &Arc<Shared<J>>,
    order: Order,
    ticket: Option<Ticket>,
) -> Result<(), (J, io::Error)> {
    let key = match order {
        Order::Nothing => return Ok(()),
        Order::Ring => {
            shared.ring();
            return Ok(());
        }
        Order::Wake(sleeper) => {
            sleeper.unpark();
            return Ok(());
        }
        Order::Start(key) => key,
    };
    let Err(source) = thread::start(shared, key) else {
        return Ok(());
    };
    let failed = shared.state.lock().start_failed(key, ticket);
    shared.struck_off.notify_all();
    if let Some(sleeper) = failed.sleeper {
        sleeper.unpark();
    }
    cancel_all(failed.orphans);
    match failed.own {
        Some(job) => Err((job, source)),
        None => Ok(()),
    }
}

/// Cancels all of them, even if one panics.
fn cancel_all<J: Job>(jobs: impl IntoIterator<Item = J>) {
    for job in jobs {
        quietly(|| job.cancel());
    }
}
