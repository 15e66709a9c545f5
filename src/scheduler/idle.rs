//! Who sleeps, who searches, and how nobody sleeps while there is work.
//!
//! # States of a worker
//!
//! ```text
//!             found a task                    nothing found
//!   BUSY ◀──────────────────── SEARCHING ─────────────────────▶ PARKED
//!    │                            ▲  ▲                            │  │
//!    └── own queue is empty ──────┘  └────── picked to wake ──────┘  │
//!    ▲        (if few search)                                        │
//!    └──────────── woke by itself: an event, a deadline ─────────────┘
//! ```
//!
//! At most half of the workers search at a time: searching is looking into other people's
//! queues, which costs them cache misses. Whoever may not search parks at once.
//!
//! # The word and the list
//!
//! [`Idle`] packs the number of searching and of parked workers into one word, which those
//! who have work to offer read without a lock; and lists the parked workers under a lock,
//! the one that parked last being woken first (its cache is the warmest). Every change of
//! "parked" happens under the lock, word and list together.
//!
//! # Protocol to offer work
//!
//! 1. Push the task: into the own run queue and [post](super::queue::Queues::post) it, or
//!    into the injector and [`announce_injected`](Idle::announce_injected).
//! 2. Read the word. If nobody searches and somebody is parked, [pick](Idle::pick) one: it
//!    leaves the list as SEARCHING, and is unparked.
//!
//! While somebody searches nobody else is woken: the searcher will find the task, and if it
//! finds another one it wakes the next searcher ([`end_search`](Idle::end_search) says that
//! it was the last, and it looks again whether there is work). So a burst wakes
//! workers one after the other, as long as there is something left to do.
//!
//! # Protocol to fall asleep
//!
//! 1. [`park`](Idle::park): one write makes the worker PARKED (and no longer SEARCHING).
//! 2. Look into all queues once more. If there is work, [`leave`](Idle::leave) the list and
//!    search.
//! 3. Block, in the driver or on the own parker. [`leave`](Idle::leave) afterwards.
//!
//! # Why no task is left while all sleep
//!
//! Offer: push, **A** = post (SeqCst), **B** = read the word (SeqCst). Sleep: **C** = change
//! the word (SeqCst), **D** = read all posts (SeqCst), look into all queues. All four are in
//! one total order, A before B and C before D. If B comes after C, the offering side sees
//! that the worker is parked, and wakes one unless another searches; that one passes through
//! its own C later, which is then the C to look at. If B comes before C, then A comes before
//! D, so D sees the post and with it the push. Hence for each push the last worker to pass C
//! either sees the task or was seen; and a worker that sees it does not sleep. For the
//! injector A and B are one read-modify-write of the word itself, so either it comes before C,
//! and C, reading from it, makes the push visible; or after, and it sees the parked worker.
//!
//! The models below check exactly this, with the queues of [`super::queue`] and real parkers.
//! (loom has no single order of SeqCst loads; [`load_in_order`] says what stands in for it.)
//!
//! # Rejected
//!
//! * Sleeping in rounds (spin, yield, then park): idle processes must cost nothing.
//! * A read-modify-write of this word on every push: all workers would write one line.

use crate::base::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::base::sync::{Mutex, load_in_order};

const SEARCHING: usize = 1;
const PARKED: usize = 1 << 16;

/// See the [module](self).
pub(super) struct Idle {
    word: AtomicUsize,
    /// Beside the word, which whoever injects writes too.
    injections: AtomicU64,
    sleepers: Mutex<Vec<usize>>,
    workers: usize,
}

/// A copy of the word.
#[derive(Clone, Copy)]
struct Counts(usize);

impl Counts {
    fn searching(self) -> usize {
        self.0 % PARKED
    }

    fn parked(self) -> usize {
        self.0 / PARKED
    }

    fn wants_a_wake(self) -> bool {
        self.searching() == 0 && self.parked() > 0
    }
}

impl Idle {
    /// All workers are busy at first.
    pub(super) fn new(workers: usize) -> Self {
        assert!(workers < PARKED, "more workers than can be counted");
        Idle {
            word: AtomicUsize::new(0),
            injections: AtomicU64::new(0),
            sleepers: Mutex::new(Vec::with_capacity(workers)),
            workers,
        }
    }

    /// Counts an injection, for the metrics.
    pub(super) fn count_injection(&self) {
        self.injections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn injections(&self) -> u64 {
        self.injections.load(Ordering::Relaxed)
    }

    fn counts(&self) -> Counts {
        Counts(load_in_order(&self.word))
    }

    /// Whether a worker is to be picked for work that was just posted.
    #[inline]
    pub(super) fn wants_a_wake(&self) -> bool {
        self.counts().wants_a_wake()
    }

    /// The same for work that was just injected.
    pub(super) fn announce_injected(&self) -> bool {
        Counts(self.word.fetch_add(0, Ordering::SeqCst)).wants_a_wake()
    }

    /// Takes the worker that parked last out of the list, as SEARCHING. The caller unparks
    /// it.
    #[must_use = "the worker is to be unparked"]
    pub(super) fn pick(&self) -> Option<usize> {
        let mut sleepers = self.sleepers.lock();
        if !self.counts().wants_a_wake() {
            return None;
        }
        let worker = sleepers.pop()?;
        self.picked();
        Some(worker)
    }

    /// Takes `worker` out of the list, if it is in, as SEARCHING.
    #[must_use = "the worker is to be unparked"]
    pub(super) fn pick_this(&self, worker: usize) -> bool {
        if self.counts().parked() == 0 {
            return false;
        }
        let mut sleepers = self.sleepers.lock();
        let found = take_out(&mut sleepers, worker);
        if found {
            self.picked();
        }
        found
    }

    fn picked(&self) {
        self.word
            .fetch_add(SEARCHING.wrapping_sub(PARKED), Ordering::SeqCst);
    }

    /// BUSY to SEARCHING, unless enough search already.
    #[must_use]
    pub(super) fn try_search(&self) -> bool {
        if 2 * self.counts().searching() >= self.workers {
            return false;
        }
        self.word.fetch_add(SEARCHING, Ordering::SeqCst);
        true
    }

    /// SEARCHING to BUSY. True if nobody searches now: then the caller looks whether there
    /// is more work, and picks a worker for it.
    #[must_use]
    pub(super) fn end_search(&self) -> bool {
        let before = Counts(self.word.fetch_sub(SEARCHING, Ordering::SeqCst));
        debug_assert!(before.searching() > 0);
        before.searching() == 1
    }

    /// BUSY or SEARCHING to PARKED. The caller looks into all queues before it blocks.
    /// Returns how many workers are parked now.
    pub(super) fn park(&self, worker: usize, searching: bool) -> usize {
        let mut sleepers = self.sleepers.lock();
        debug_assert!(!sleepers.contains(&worker));
        let change = PARKED - if searching { SEARCHING } else { 0 };
        let before = Counts(self.word.fetch_add(change, Ordering::SeqCst));
        sleepers.push(worker);
        before.parked() + 1
    }

    /// PARKED to BUSY. False if the worker was picked meanwhile: then it is SEARCHING.
    #[must_use]
    pub(super) fn leave(&self, worker: usize) -> bool {
        let mut sleepers = self.sleepers.lock();
        let found = take_out(&mut sleepers, worker);
        if found {
            self.word.fetch_sub(PARKED, Ordering::SeqCst);
        }
        found
    }

    pub(super) fn parked(&self) -> usize {
        self.counts().parked()
    }

    pub(super) fn is_parked(&self, worker: usize) -> bool {
        self.sleepers.lock().contains(&worker)
    }

    /// Calls `f` if all workers are parked; none of them leaves meanwhile. False if not.
    pub(super) fn while_all_parked(&self, f: impl FnOnce() -> bool) -> bool {
        let sleepers = self.sleepers.lock();
        sleepers.len() == self.workers && f()
    }
}

fn take_out(sleepers: &mut Vec<usize>, worker: usize) -> bool {
    match sleepers.iter().rposition(|&sleeper| sleeper == worker) {
        Some(place) => {
            sleepers.remove(place);
            true
        }
        None => false,
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn one_is_woken_at_a_time_and_the_last_to_park_first() {
        let idle = Idle::new(4);
        assert!(!idle.wants_a_wake(), "nobody is parked");
        for worker in 0..3 {
            idle.park(worker, false);
        }
        assert_eq!(idle.parked(), 3);
        assert!(idle.wants_a_wake());
        assert_eq!(idle.pick(), Some(2));
        assert!(!idle.wants_a_wake(), "one searches");
        assert_eq!(idle.pick(), None);
        assert!(!idle.leave(2), "it was picked");
        assert!(idle.end_search(), "it was the last");
        assert!(idle.announce_injected());
        assert!(idle.leave(0), "it woke by itself");
        assert_eq!(idle.pick(), Some(1));
    }

    #[test]
    fn at_most_half_search() {
        let idle = Idle::new(5);
        assert!(idle.try_search());
        assert!(idle.try_search());
        assert!(idle.try_search());
        assert!(!idle.try_search());
        assert!(!idle.end_search());
        assert!(!idle.end_search());
        assert!(idle.end_search());
        let alone = Idle::new(1);
        assert!(alone.try_search());
        assert!(!alone.try_search());
    }
}

/// Workers of a model: the real idle state, queues and parkers, and tasks that are numbers.
#[cfg(all(test, loom))]
mod models {
    use super::super::queue::{LocalQueue, Queues};
    use super::*;
    use crate::base::parker::{Parker, Unparker};
    use crate::base::rng::Rng;
    use crate::base::sync::atomic::AtomicBool;
    use crate::base::sync::{Arc, thread};

    struct House {
        idle: Idle,
        queues: Queues<u32>,
        unparkers: Mutex<Vec<Option<Unparker>>>,
        done: AtomicUsize,
        closed: AtomicBool,
    }

    fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
        thread::Builder::new().spawn(f).expect("a model's thread")
    }

    impl House {
        fn new(workers: usize) -> (Arc<Self>, Vec<LocalQueue<u32>>) {
            let (queues, locals) = Queues::new(workers);
            let house = House {
                idle: Idle::new(workers),
                queues,
                unparkers: Mutex::new((0..workers).map(|_| None).collect()),
                done: AtomicUsize::new(0),
                closed: AtomicBool::new(false),
            };
            (Arc::new(house), locals)
        }

        fn wake_one(&self) {
            if let Some(worker) = self.idle.pick() {
                self.unpark(worker);
            }
        }

        fn unpark(&self, worker: usize) {
            let unparker = self.unparkers.lock()[worker].clone();
            unparker.expect("it parked, so it is there").unpark();
        }

        /// Runs tasks until `total` of them are done by whomever.
        fn work(&self, me: usize, mut local: LocalQueue<u32>, total: usize) {
            let parker = Parker::new();
            self.unparkers.lock()[me] = Some(parker.unparker());
            let rng = Rng::new(1 + me as u64);
            let mut searching = false;
            loop {
                if self.closed.load(Ordering::SeqCst) {
                    return;
                }
                let found = local.pop().or_else(|| {
                    searching = searching || self.idle.try_search();
                    let injected = self.queues.take_injected_batch(&mut local);
                    injected.or_else(|| {
                        if searching {
                            self.queues.steal(me, &mut local, &rng)
                        } else {
                            None
                        }
                    })
                });
                if found.is_some() {
                    if searching {
                        searching = false;
                        if self.idle.end_search() && self.queues.has_work() {
                            self.wake_one();
                        }
                    }
                    if self.done.fetch_add(1, Ordering::SeqCst) + 1 == total {
                        self.close();
                    }
                    continue;
                }
                self.idle.park(me, searching);
                if !self.queues.has_work() && !self.closed.load(Ordering::SeqCst) {
                    parker.park();
                }
                searching = !self.idle.leave(me);
            }
        }

        fn close(&self) {
            self.closed.store(true, Ordering::SeqCst);
            for unparker in self.unparkers.lock().iter().flatten() {
                unparker.unpark();
            }
        }
    }

    fn model(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(preemptions);
        builder.check(f);
    }

    /// A task that is never run leaves all workers parked: loom reports the deadlock. It
    /// does so if the last look into the queues is left out, or comes before `Idle::park`.
    #[test]
    fn an_injected_task_is_run_though_the_worker_is_about_to_sleep() {
        model(3, || {
            let (house, mut locals) = House::new(1);
            let local = locals.remove(0);
            let inside = house.clone();
            let worker = spawn(move || inside.work(0, local, 1));
            house.queues.inject(1);
            if house.idle.announce_injected() {
                house.wake_one();
            }
            worker.join().expect("no panic");
        });
    }

    /// A busy worker that blocks after it posted a task: the other one must run it. Without
    /// look at the word after the push, or the last look into the queues, it deadlocks.
    #[test]
    fn a_posted_task_is_run_by_a_worker_that_is_about_to_sleep() {
        model(3, || {
            let (house, mut locals) = House::new(2);
            let sleepy = locals.pop().expect("two");
            let mut busy = locals.pop().expect("two");
            let inside = house.clone();
            let worker = spawn(move || inside.work(1, sleepy, 1));
            busy.push_back(1);
            house.queues.post(0);
            if house.idle.wants_a_wake() {
                house.wake_one();
            }
            // The busy worker is stuck in its poll: only the other one can run the task.
            worker.join().expect("no panic");
            drop(busy);
        });
    }

    #[test]
    fn of_two_injected_tasks_none_is_left_while_both_workers_sleep() {
        model(2, || {
            let (house, mut locals) = House::new(2);
            let (b, a) = (locals.pop().expect("two"), locals.pop().expect("two"));
            let (one, two) = (house.clone(), house.clone());
            let first = spawn(move || one.work(0, a, 2));
            let second = spawn(move || two.work(1, b, 2));
            for task in 0..2 {
                house.queues.inject(task);
                if house.idle.announce_injected() {
                    house.wake_one();
                }
            }
            first.join().expect("no panic");
            second.join().expect("no panic");
            assert_eq!(house.done.load(Ordering::SeqCst), 2);
        });
    }
}
