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
//! # More workers than cores
//!
//! To wake a worker for which there is no core helps nobody. So there is a *limit* of workers that
//! are awake, which begins as the number of cores. At the limit, whoever offers work wakes one more
//! worker, but that one only NAPS: for a moment it leaves the work to the others, and then looks
//! whether they get on with it. Those who do not are on no core: they wait for something in the
//! middle of a poll (a lock, a file, `std::thread::sleep`). The limit rises by twice their number, the
//! napper goes to search, and when it has found something, wakes the next, as everybody does.
//! [`super::lookout`] has the look. Nobody else is woken while one naps: it has seen to it that
//! the queues are looked into again, however late. Beyond the limit nobody searches either: who has run
//! out of tasks parks, or naps if nobody does. If work is left when it has parked, it asks
//! itself what an offer would have asked ([`come_back`](Idle::come_back)).
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
//! 1. Push the task, into the own run queue or an injector, and [post](super::queue::Queues::post) it.
//! 2. Read the word. If nobody searches and somebody is parked, [pick](Idle::pick) one: it
//!    leaves the list as SEARCHING, or at the limit as NAPPING if nobody naps, and is unparked.
//!
//! While somebody searches nobody else is woken: the searcher will find the task, and if it
//! finds another one it wakes the next searcher ([`end_search`](Idle::end_search) says that
//! it was the last, and it looks again whether there is work). So a burst wakes
//! workers one after the other, as long as there is something left to do.
//!
//! # Protocol to fall asleep
//!
//! 1. [`park`](Idle::park): one write makes the worker PARKED (and no longer SEARCHING).
//! 2. Look into all queues once more. If there is work, [come back](Idle::come_back).
//! 3. Block, in the driver or on the own parker. [`leave`](Idle::leave) afterwards.
//!
//! # Why no task is left while all sleep
//!
//! Offer: push, **A** = post (SeqCst), **B** = read the word (SeqCst). Sleep: **C** = change
//! the word (SeqCst), **D** = read all posts (SeqCst), look into all queues. All four are in
//! one total order, A before B and C before D. If B comes after C, the offering side sees
//! that the worker is parked, and wakes one unless another searches or naps; that one passes through
//! its own C later, which is then the C to look at. If B comes before C, then A comes before
//! D, so D sees the post and with it the push. Hence for each push the last worker to pass C
//! either sees the task or was seen; and a worker that sees it does not sleep, unless it has
//! seen, under the lock, a napper whose C is still to come.
//!
//! The models below check exactly this, with the queues of [`super::queue`] and real parkers.
//! (loom has no single order of SeqCst loads; [`load_in_order`] says what stands in for it.)
//!
//! # Rejected
//!
//! * Sleeping in rounds (spin, yield, then park): idle processes must cost nothing. (While a job of the
//!   blocking pool is under way, [`park`](super::park) knows what it waits for.)
//! * A read-modify-write of this word on every push, or on every injection, in place of the post:
//!   all workers, or all threads outside, would write one line.

use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::sync::{Mutex, load_in_order};

const SEARCHING: usize = 1;
const NAPPING: usize = 1 << 15;
const PARKED: usize = 1 << 16;

/// What a worker is that is not parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awake {
    Busy,
    Searching,
    Napping,
}

impl Awake {
    /// How it is counted.
    fn unit(self) -> usize {
        match self {
            Awake::Busy => 0,
            Awake::Searching => SEARCHING,
            Awake::Napping => NAPPING,
        }
    }
}

/// See the [module](self).
pub(super) struct Idle {
    word: AtomicUsize,
    /// How many may be busy or search before the next one who is woken naps.
    limit: AtomicUsize,
    sleepers: Mutex<Sleepers>,
    workers: usize,
    cores: usize,
}

struct Sleepers {
    parked: Vec<usize>,
    /// Who was picked to nap, until it is over.
    napper: Option<usize>,
}

/// A copy of the word.
#[derive(Clone, Copy)]
struct Counts(usize);

impl Counts {
    fn searching(self) -> usize {
        self.0 % NAPPING
    }

    fn napping(self) -> usize {
        self.0 / NAPPING % 2
    }

    fn parked(self) -> usize {
        self.0 / PARKED
    }
}

impl Idle {
    /// All workers are busy at first.
    pub(super) fn new(workers: usize, cores: usize) -> Self {
        assert!(workers < NAPPING, "more workers than can be counted");
        Idle {
            word: AtomicUsize::new(0),
            limit: AtomicUsize::new(cores),
            sleepers: Mutex::new(Sleepers {
                parked: Vec::with_capacity(workers),
                napper: None,
            }),
            workers,
            cores,
        }
    }

    fn counts(&self) -> Counts {
        Counts(load_in_order(&self.word))
    }

    /// How many more workers the limit lets be awake; negative if it was higher before.
    ///
    /// ORDERING: the limit decides when somebody looks, not whether.
    fn room(&self, counts: Counts) -> isize {
        let awake = self.workers - counts.parked() - counts.napping();
        self.limit.load(Ordering::Relaxed) as isize - awake as isize
    }

    #[inline]
    fn decide(&self, counts: Counts) -> Option<Awake> {
        if counts.searching() > 0 || counts.parked() == 0 {
            None
        } else if self.room(counts) > 0 {
            Some(Awake::Searching)
        } else if counts.napping() == 0 {
            Some(Awake::Napping)
        } else {
            None
        }
    }

    /// Whether a worker is to be picked for work that was just posted.
    #[inline]
    pub(super) fn wants_a_wake(&self) -> bool {
        self.decide(self.counts()).is_some()
    }

    /// Takes the worker that parked last out of the list, to search or to nap. The caller unparks
    /// it.
    #[must_use = "the worker is to be unparked"]
    pub(super) fn pick(&self) -> Option<usize> {
        let mut sleepers = self.sleepers.lock();
        let to = self.decide(self.counts())?;
        let worker = sleepers.parked.pop()?;
        self.rise(&mut sleepers, worker, to);
        Some(worker)
    }

    /// Takes `worker` out of the list, if it is in, as SEARCHING.
    #[must_use = "the worker is to be unparked"]
    pub(super) fn pick_this(&self, worker: usize) -> bool {
        if self.counts().parked() == 0 {
            return false;
        }
        let mut sleepers = self.sleepers.lock();
        let found = sleepers.take_out(worker);
        if found {
            self.rise(&mut sleepers, worker, Awake::Searching);
        }
        found
    }

    /// PARKED to another state; it is out of the list.
    fn rise(&self, sleepers: &mut Sleepers, worker: usize, to: Awake) {
        if to == Awake::Napping {
            sleepers.napper = Some(worker);
        }
        let change = to.unit().wrapping_sub(PARKED);
        self.word.fetch_add(change, Ordering::SeqCst);
    }

    /// BUSY to SEARCHING, unless enough search already, or too many are awake.
    #[must_use]
    pub(super) fn try_search(&self) -> bool {
        let counts = self.counts();
        if 2 * counts.searching() >= self.workers || self.room(counts) < 0 {
            return false;
        }
        self.word.fetch_add(SEARCHING, Ordering::SeqCst);
        true
    }

    /// Whether the caller, who searches, is the only one, and there is a core for somebody else.
    pub(super) fn may_watch(&self) -> bool {
        let counts = self.counts();
        let awake = self.workers - counts.parked() - counts.napping();
        counts.searching() == 1 && awake < self.cores
    }

    /// SEARCHING to BUSY. True if nobody searches now: then the caller looks whether there
    /// is more work, and picks a worker for it.
    #[must_use]
    pub(super) fn end_search(&self) -> bool {
        let before = Counts(self.word.fetch_sub(SEARCHING, Ordering::SeqCst));
        debug_assert!(before.searching() > 0);
        before.searching() == 1
    }

    /// NAPPING to SEARCHING.
    pub(super) fn end_nap(&self) {
        let mut sleepers = self.sleepers.lock();
        debug_assert!(sleepers.napper.is_some());
        sleepers.napper = None;
        let change = SEARCHING.wrapping_sub(NAPPING);
        self.word.fetch_add(change, Ordering::SeqCst);
    }

    /// So many workers wait in the middle of a poll. True if one more may be awake.
    pub(super) fn set_stuck(&self, stuck: usize) -> bool {
        let limit = self.cores + 2 * stuck;
        self.limit.store(limit, Ordering::Relaxed);
        self.room(self.counts()) > 0
    }

    /// To PARKED. The caller looks into all queues before it blocks.
    /// Returns how many workers are parked now.
    pub(super) fn park(&self, worker: usize, from: Awake) -> usize {
        let mut sleepers = self.sleepers.lock();
        debug_assert!(!sleepers.parked.contains(&worker));
        if from == Awake::Napping {
            sleepers.napper = None;
        }
        let change = PARKED - from.unit();
        let before = Counts(self.word.fetch_add(change, Ordering::SeqCst));
        sleepers.parked.push(worker);
        before.parked() + 1
    }

    /// Out of the list, as what: BUSY if the worker was not picked meanwhile.
    #[must_use]
    pub(super) fn leave(&self, worker: usize) -> Awake {
        let mut sleepers = self.sleepers.lock();
        if sleepers.take_out(worker) {
            self.rise(&mut sleepers, worker, Awake::Busy);
            return Awake::Busy;
        }
        match sleepers.napper == Some(worker) {
            true => Awake::Napping,
            false => Awake::Searching,
        }
    }

    /// Whether the worker, which has parked and then found that there is work, is to go
    /// [out of the list](Self::leave): not if too many are awake, and one naps.
    #[must_use]
    pub(super) fn come_back(&self, worker: usize) -> bool {
        let mut sleepers = self.sleepers.lock();
        let counts = self.counts();
        if self.room(counts) > 0 || !sleepers.parked.contains(&worker) {
            return true;
        }
        let alone = sleepers.napper.is_none();
        if alone {
            sleepers.take_out(worker);
            self.rise(&mut sleepers, worker, Awake::Napping);
        }
        alone
    }

    pub(super) fn parked(&self) -> usize {
        self.counts().parked()
    }

    pub(super) fn is_parked(&self, worker: usize) -> bool {
        self.sleepers.lock().parked.contains(&worker)
    }

    /// One who is parked and of whom that is so.
    pub(super) fn find_parked(&self, is: impl Fn(usize) -> bool) -> Option<usize> {
        let sleepers = self.sleepers.lock();
        sleepers.parked.iter().copied().find(|&worker| is(worker))
    }

    /// Calls `f` with the list of those who are parked.
    pub(super) fn with_parked(&self, f: impl FnOnce(&[usize])) {
        f(&self.sleepers.lock().parked);
    }

    /// Calls `f` if all workers are parked; none of them leaves meanwhile. False if not.
    pub(super) fn while_all_parked(&self, f: impl FnOnce() -> bool) -> bool {
        let sleepers = self.sleepers.lock();
        sleepers.parked.len() == self.workers && f()
    }
}

impl Sleepers {
    /// False if it is not in the list.
    fn take_out(&mut self, worker: usize) -> bool {
        let place = self.parked.iter().rposition(|&other| other == worker);
        place.map(|place| self.parked.remove(place)).is_some()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn one_is_woken_at_a_time_and_the_last_to_park_first() {
        let idle = Idle::new(4, 4);
        assert!(!idle.wants_a_wake(), "nobody is parked");
        for worker in 0..3 {
            idle.park(worker, Awake::Busy);
        }
        assert_eq!(idle.parked(), 3);
        assert!(idle.wants_a_wake());
        assert_eq!(idle.pick(), Some(2));
        assert!(!idle.wants_a_wake(), "one searches");
        assert_eq!(idle.pick(), None);
        assert_eq!(idle.leave(2), Awake::Searching, "it was picked");
        assert!(idle.end_search(), "it was the last");
        assert!(idle.wants_a_wake());
        assert_eq!(idle.leave(0), Awake::Busy, "it woke by itself");
        assert_eq!(idle.pick(), Some(1));
    }

    #[test]
    fn at_most_half_search() {
        let idle = Idle::new(5, 5);
        assert!(idle.try_search());
        assert!(!idle.may_watch(), "all are awake");
        assert!(idle.try_search());
        assert!(idle.try_search());
        assert!(!idle.try_search());
        assert!(!idle.end_search());
        assert!(!idle.end_search());
        assert!(idle.end_search());
        let alone = Idle::new(1, 1);
        assert!(alone.try_search());
        assert!(!alone.try_search());
        assert!(!alone.may_watch(), "there is no core for others");
    }

    #[test]
    fn beyond_the_cores_one_naps_and_nobody_searches() {
        let idle = Idle::new(5, 2);
        (1..5).for_each(|worker| {
            idle.park(worker, Awake::Busy);
        });
        assert_eq!(idle.pick(), Some(4));
        assert_eq!(idle.leave(4), Awake::Searching, "there is a core for it");
        assert!(!idle.may_watch(), "both cores have a worker");
        idle.park(0, Awake::Busy);
        assert!(idle.may_watch());
        assert_eq!(idle.leave(0), Awake::Busy);
        assert!(idle.end_search());
        assert_eq!(idle.pick(), Some(3));
        assert_eq!(idle.leave(3), Awake::Napping);
        assert!(!idle.wants_a_wake() && idle.pick().is_none(), "one naps");
        assert!(idle.try_search(), "there are not too many awake");
        assert!(idle.end_search());
        assert!(!idle.set_stuck(0));
        assert!(idle.set_stuck(1), "room for two");
        idle.end_nap();
        assert!(idle.end_search());
        assert_eq!(idle.pick(), Some(2));
        assert_eq!(idle.leave(2), Awake::Searching);
        assert!(idle.end_search());
        assert!(!idle.set_stuck(0));
        assert!(!idle.try_search(), "too many are awake");
    }

    #[test]
    fn who_parks_beyond_the_cores_naps_if_nobody_does() {
        let idle = Idle::new(4, 1);
        idle.park(0, Awake::Busy);
        idle.park(1, Awake::Busy);
        assert!(idle.come_back(1));
        assert_eq!(idle.leave(1), Awake::Napping);
        assert!(!idle.come_back(0), "one naps");
        idle.park(1, Awake::Napping);
        idle.park(2, Awake::Busy);
        idle.park(3, Awake::Busy);
        assert!(idle.come_back(0));
        assert_eq!(idle.leave(0), Awake::Busy, "nobody else is awake");
    }
}

#[cfg(all(test, loom))]
mod models;
