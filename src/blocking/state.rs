//! What the pool's lock protects: the queue, the threads, and all moves between them.
//!
//! Each method is one transition of the drawing in the [module above](super). It
//! neither blocks nor wakes nor runs anything: it returns an [`Order`], which its
//! caller carries out when the lock is released.

use super::{MAX_COMING, Stats};
use crate::base::parker::Unparker;
use crate::base::patience::Patience;
use crate::base::sync::thread::JoinHandle;
use slab::Slab;
use std::collections::VecDeque;
use std::time::Duration;

/// A thread's place in [`State::threads`].
pub(super) type Key = usize;

/// Tells one submission from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// What to do outside of the lock.
#[must_use = "somebody relies on it"]
pub(super) enum Order {
    /// Enough threads are coming, or none is to be had.
    Nothing,
    /// Ring: the lookout counts as coming already.
    Ring,
    /// Wake this thread: it was idle and counts as coming.
    Wake(Unparker),
    /// Start this thread: it is reserved and counts as coming.
    Start(Key),
}

/// What a thread finds when it looks.
pub(super) enum Found<J> {
    /// A job. The order goes first.
    Job(J, Order),
    /// Nothing: it is the lookout now, and comes once more when that is over.
    Watch,
    /// Nothing: it is on the idle stack now and is to park.
    Idle,
    /// The pool is closed and the thread struck off: it is to leave.
    Leave,
}

/// What is left to do when a thread could not be started.
#[must_use]
pub(super) struct Failed<J> {
    /// The submitter's job, if nobody is there to run it.
    pub(super) own: Option<J>,
    /// Jobs that relied on this start, to be cancelled.
    pub(super) orphans: Vec<J>,
    /// An idle thread, to be woken in place of the new one.
    pub(super) sleeper: Option<Unparker>,
}

/// See the [module](self).
pub(super) struct State<J> {
    /// Jobs that nobody has taken yet, first come first.
    queue: VecDeque<(Ticket, J)>,
    next_ticket: u64,
    /// Threads that sleep; the last one goes first.
    idle: Vec<(Key, Unparker)>,
    /// All threads, from being reserved to being struck off.
    threads: Slab<Entry>,
    /// Threads that were not told to leave.
    live: usize,
    /// Live threads that exist for certain: arrived, or `spawn` said so.
    sure: usize,
    /// Threads that were started or summoned and have not looked yet, and the lookout.
    coming: usize,
    /// Whether a thread is the lookout.
    is_watched: bool,
    /// Whether being the lookout has paid lately.
    patience: Patience,
    /// Threads that have left and wait to be joined.
    left: Vec<JoinHandle<()>>,
    /// Threads of the pool that wait for the others.
    waiting_inside: usize,
    max_threads: usize,
    closed: bool,
}

struct Entry {
    stage: Stage,
    /// Whether it is on the idle stack.
    is_idle: bool,
}

/// `spawn` returns to the starter while the thread runs already, or is gone already.
enum Stage {
    /// `spawn` has not returned, the thread was not seen.
    Reserved,
    /// `spawn` has not returned, the thread is here.
    Arrived,
    /// `spawn` has returned.
    Started(JoinHandle<()>),
    /// `spawn` has not returned, the thread is gone.
    Gone,
}

impl<J> State<J> {
    pub(super) fn new(max_threads: usize) -> Self {
        State {
            queue: VecDeque::new(),
            next_ticket: 0,
            idle: Vec::new(),
            threads: Slab::new(),
            live: 0,
            sure: 0,
            coming: 0,
            is_watched: false,
            patience: Patience::new(),
            left: Vec::new(),
            waiting_inside: 0,
            max_threads: max_threads.max(1),
            closed: false,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            threads: self.live,
            idle: self.idle.len() + usize::from(self.is_watched),
            queued: self.queue.len(),
        }
    }

    /// How many threads sleep.
    #[cfg(test)]
    pub(super) fn asleep(&self) -> usize {
        self.idle.len()
    }

    /// A job comes in. The pool is not closed.
    pub(super) fn submit(&mut self, job: J) -> (Ticket, Order) {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.queue.push_back((ticket, job));
        let order = if self.sure == 0 {
            self.reserve()
        } else {
            self.summon()
        };
        self.check();
        (ticket, order)
    }

    /// Sees to it that enough threads are coming for what is queued.
    fn summon(&mut self) -> Order {
        if !self.is_short() {
            return if self.is_watched {
                Order::Ring
            } else {
                Order::Nothing
            };
        }
        match self.pop_idle() {
            Some(sleeper) => Order::Wake(sleeper),
            None => self.reserve(),
        }
    }

    /// Whether fewer threads are coming than the queue asks for.
    fn is_short(&self) -> bool {
        self.coming < self.queue.len().min(MAX_COMING)
    }

    /// IDLE to COMING, for the one that went idle last.
    fn pop_idle(&mut self) -> Option<Unparker> {
        let (key, sleeper) = self.idle.pop()?;
        self.threads[key].is_idle = false;
        self.coming += 1;
        Some(sleeper)
    }

    /// (none) to COMING, if there is room.
    fn reserve(&mut self) -> Order {
        if self.live == self.max_threads {
            return Order::Nothing;
        }
        self.live += 1;
        self.coming += 1;
        Order::Start(self.threads.insert(Entry {
            stage: Stage::Reserved,
            is_idle: false,
        }))
    }

    /// `spawn` has returned.
    pub(super) fn started(&mut self, key: Key, handle: JoinHandle<()>) {
        match self.threads[key].stage {
            Stage::Reserved => self.sure += 1,
            Stage::Arrived => {}
            Stage::Gone => {
                self.threads.remove(key);
                self.left.push(handle);
                return;
            }
            Stage::Started(_) => unreachable!("a thread is started once"),
        }
        self.threads[key].stage = Stage::Started(handle);
        self.check();
    }

    /// COMING to (none): `spawn` has failed.
    pub(super) fn start_failed(&mut self, key: Key, own: Option<Ticket>) -> Failed<J> {
        self.threads.remove(key);
        self.live -= 1;
        self.coming -= 1;
        let mut failed = Failed {
            own: None,
            orphans: Vec::new(),
            sleeper: None,
        };
        if self.sure > 0 {
            if self.is_short() {
                failed.sleeper = self.pop_idle();
            }
            self.check();
            return failed;
        }
        let mine = self
            .queue
            .iter()
            .position(|(ticket, _)| Some(*ticket) == own);
        failed.own = mine
            .and_then(|at| self.queue.remove(at))
            .map(|(_, job)| job);
        if self.live == 0 {
            failed.orphans = self.queue.drain(..).map(|(_, job)| job).collect();
        }
        self.check();
        failed
    }

    /// COMING to BUSY: a new thread is here. It takes a job at once if there is one,
    /// before any code of the user runs on it.
    pub(super) fn arrive(&mut self, key: Key) -> Option<(J, Order)> {
        self.coming -= 1;
        let stage = &mut self.threads[key].stage;
        if let Stage::Reserved = stage {
            *stage = Stage::Arrived;
            self.sure += 1;
        }
        let taken = self.take();
        self.check();
        taken
    }

    /// A thread wants a job: BUSY to BUSY, WATCHING, IDLE or RETIRED.
    pub(super) fn look(&mut self, key: Key, sleeper: &Unparker) -> Found<J> {
        let found = if let Some((job, order)) = self.take() {
            Found::Job(job, order)
        } else if !self.closed && !self.is_watched && self.patience.allows_watch() {
            self.is_watched = true;
            self.coming += 1;
            Found::Watch
        } else {
            self.rest(key, sleeper)
        };
        self.check();
        found
    }

    /// The lookout was rung, or has looked out for long enough: WATCHING to BUSY, IDLE or RETIRED.
    pub(super) fn end_watch(
        &mut self,
        key: Key,
        sleeper: &Unparker,
        watched: Duration,
    ) -> Found<J> {
        self.is_watched = false;
        self.coming -= 1;
        let taken = self.take();
        self.patience.learn(watched, taken.is_some());
        let found = match taken {
            Some((job, order)) => Found::Job(job, order),
            None => self.rest(key, sleeper),
        };
        self.check();
        found
    }

    /// There is no job: BUSY to IDLE or RETIRED.
    fn rest(&mut self, key: Key, sleeper: &Unparker) -> Found<J> {
        if self.closed {
            self.retire();
            return Found::Leave;
        }
        self.threads[key].is_idle = true;
        self.idle.push((key, sleeper.clone()));
        Found::Idle
    }

    fn take(&mut self) -> Option<(J, Order)> {
        let (_, job) = self.queue.pop_front()?;
        Some((job, self.summon()))
    }

    /// A park has ended: COMING to where a look leads, or IDLE to BUSY or RETIRED if
    /// its time is over. `None` if it is still idle and has time: a stray token.
    pub(super) fn rouse(
        &mut self,
        key: Key,
        sleeper: &Unparker,
        expired: bool,
    ) -> Option<Found<J>> {
        if !self.threads[key].is_idle {
            self.coming -= 1;
            return Some(self.look(key, sleeper));
        }
        if !expired {
            return None;
        }
        // The oldest ones are at the bottom, and they expire first.
        let at = self.idle.iter().position(|(idle, _)| *idle == key);
        // PANIC: `is_idle` says that it is there.
        self.idle.remove(at.expect("it is idle"));
        self.threads[key].is_idle = false;
        // A job that is there has been left to one that is coming. That one may not
        // be sure: only a thread that leaves no job behind may go.
        let found = if let Some((job, order)) = self.take() {
            Found::Job(job, order)
        } else {
            self.retire();
            Found::Leave
        };
        self.check();
        Some(found)
    }

    /// From now on nobody relies on this thread, and another may take its room.
    fn retire(&mut self) {
        self.live -= 1;
        self.sure -= 1;
    }

    /// A retired thread has nothing left to do. Returns those that left before.
    pub(super) fn leave(&mut self, key: Key) -> Vec<JoinHandle<()>> {
        let before = self.take_left();
        if let Stage::Arrived = self.threads[key].stage {
            self.threads[key].stage = Stage::Gone;
        } else if let Stage::Started(handle) = self.threads.remove(key).stage {
            self.left.push(handle);
        }
        before
    }

    /// No more jobs. Returns those to cancel, and the threads to wake. Jobs for which a thread is
    /// coming have as good as started.
    pub(super) fn close(&mut self) -> (Vec<J>, Vec<Unparker>) {
        self.closed = true;
        let stay = self.coming.min(self.queue.len());
        let queue = self.queue.drain(stay..).map(|(_, job)| job).collect();
        let sleepers = std::iter::from_fn(|| self.pop_idle()).collect();
        self.check();
        (queue, sleepers)
    }

    /// Whether every thread has left, except those that wait inside for the others,
    /// if the question `is_own`, from one of them.
    pub(super) fn all_left(&self, is_own: bool) -> bool {
        let rest = if is_own { self.waiting_inside } else { 0 };
        self.threads.len() <= rest
    }

    pub(super) fn begin_wait_inside(&mut self) {
        self.waiting_inside += 1;
    }

    pub(super) fn end_wait_inside(&mut self) {
        self.waiting_inside -= 1;
    }

    /// The threads that wait to be joined.
    pub(super) fn take_left(&mut self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut self.left)
    }

    /// The invariants, by number.
    fn check(&self) {
        if !cfg!(any(debug_assertions, test)) {
            return;
        }
        let unserved = !self.queue.is_empty() && self.coming == 0;
        assert!(!unserved || self.idle.is_empty(), "1");
        assert!(self.sure <= self.live && self.live <= self.max_threads, "2");
        assert!(self.coming + self.idle.len() <= self.live, "2");
        assert!(self.coming >= usize::from(self.is_watched), "2");
        let served = self.queue.is_empty() || self.live > 0;
        assert!(!self.closed || (self.idle.is_empty() && served), "3");
    }
}
