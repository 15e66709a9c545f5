//! Run queues: where a runnable waits for a worker.
//!
//! Each worker owns a [`LocalQueue`]: a *LIFO slot* for the task that was woken last, whose
//! data is still in this core's cache, and a *run queue* (FIFO) behind it. Others may steal
//! from the run queue, never from the slot: stealing it always costs locality, as users of
//! another runtime measured. Whoever is not a worker of this scheduler pushes into an
//! *injector*, of which each [group](super::groups) has one. [`Queues`] is the shared side of all of them.
//!
//! The slot is capped: after [`LIFO_CAP`] tasks in a row came from it, its task goes behind
//! the others, so that two tasks that wake each other cannot keep a worker for themselves.
//!
//! A current-thread runtime runs its tasks in the order in which they were woken, as its users
//! count on. Nobody steals from it; so its slot is the *head* of the run queue, which is filled
//! while nothing else is queued: a task that is alone needs no operation on the deque.
//!
//! # Posting
//!
//! A push into a run queue is *posted*: the owner then swaps its `posts` counter (SeqCst) and
//! looks whether somebody sleeps. A worker that is about to sleep announces that (SeqCst) and
//! then reads all `posts` and all queues. In the single order of those four operations one
//! side comes second and sees the other. [`super::idle`] has the whole protocol. The counter
//! is on a line that its owner alone writes, so posting costs no traffic between cores.
//! Each injector has such a counter too, which those write who push there, and which is also the
//! count for the metrics.

use crate::base::padded::Padded;
use crate::base::rng::Rng;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::sync::deque::{Injector, Steal, Stealer, Worker};
use crate::base::sync::load_in_order;

/// How many tasks in a row may come from the LIFO slot.
const LIFO_CAP: u8 = 3;

/// What a worker's slot is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// It is for the task that was woken last.
    LastFirst,
    /// It is the head of the run queue, which nobody steals from.
    FirstFirstAlone,
    /// There is none: each task can be stolen.
    FirstFirst,
}

/// A worker's own queue. See the [module](self).
pub(super) struct LocalQueue<T> {
    slot: Option<T>,
    /// Tasks in a row that came from the slot.
    streak: u8,
    order: Order,
    run_queue: Worker<T>,
}

/// What others see of a worker's queue.
struct Remote<T> {
    stealer: Stealer<T>,
    posts: AtomicUsize,
}

/// Where a group's share of those who are not workers leaves tasks.
struct Inbox<T> {
    injector: Injector<T>,
    posts: AtomicUsize,
}

/// The shared side of all queues of a scheduler.
pub(super) struct Queues<T> {
    remotes: Box<[Padded<Remote<T>>]>,
    /// By group.
    inboxes: Box<[Padded<Inbox<T>>]>,
}

impl<T> LocalQueue<T> {
    /// Adds a task, to the slot if it may. True if that put one into the run queue, which
    /// the caller then [posts](Queues::post).
    #[must_use = "what went into the run queue is to be posted"]
    #[inline]
    pub(super) fn push(&mut self, task: T) -> bool {
        let pushed = match self.order {
            Order::LastFirst => self.slot.replace(task),
            Order::FirstFirstAlone if self.is_empty() => {
                self.slot = Some(task);
                None
            }
            Order::FirstFirstAlone | Order::FirstFirst => Some(task),
        };
        match pushed {
            Some(task) => {
                self.run_queue.push(task);
                true
            }
            None => false,
        }
    }

    /// Lets the tasks run in the order in which they come.
    pub(super) fn run_in_order(&mut self, alone: bool) {
        self.order = match alone {
            true => Order::FirstFirstAlone,
            false => Order::FirstFirst,
        };
    }

    /// Whether the task that was woken last runs first.
    pub(super) fn last_is_first(&self) -> bool {
        self.order == Order::LastFirst
    }

    /// The number of tasks in the run queue.
    pub(super) fn len(&self) -> usize {
        self.run_queue.len()
    }

    /// Puts a task at the end of the run queue; the caller posts it.
    pub(super) fn push_back(&mut self, task: T) {
        self.run_queue.push(task);
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<T> {
        if self.streak < LIFO_CAP || self.order != Order::LastFirst {
            if let Some(task) = self.slot.take() {
                self.streak = self.streak.saturating_add(1);
                return Some(task);
            }
        }
        self.streak = 0;
        match self.run_queue.pop() {
            Some(task) => {
                // The slot's turn was over: its task waits behind the others.
                if let Some(waiting) = self.slot.take() {
                    self.run_queue.push(waiting);
                }
                Some(task)
            }
            None => self.slot.take(),
        }
    }

    /// Moves the slot's task to where others can steal it: the caller will not come back
    /// soon. The caller posts it.
    pub(super) fn expose(&mut self) {
        if let Some(task) = self.slot.take() {
            self.run_queue.push(task);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slot.is_none() && self.run_queue.is_empty()
    }

    pub(super) fn has_stealable(&self) -> bool {
        !self.run_queue.is_empty()
    }
}

impl<T> Queues<T> {
    /// The shared side, and each worker's own.
    pub(super) fn new(workers: usize, groups: usize) -> (Self, Vec<LocalQueue<T>>) {
        let locals: Vec<LocalQueue<T>> = (0..workers)
            .map(|_| LocalQueue {
                slot: None,
                streak: 0,
                order: Order::LastFirst,
                run_queue: Worker::new_fifo(),
            })
            .collect();
        let remotes = locals
            .iter()
            .map(|local| {
                Padded(Remote {
                    stealer: local.run_queue.stealer(),
                    posts: AtomicUsize::new(0),
                })
            })
            .collect();
        let inbox = |_| {
            Padded(Inbox {
                injector: Injector::new(),
                posts: AtomicUsize::new(0),
            })
        };
        let inboxes = (0..groups).map(inbox).collect();
        let shared = Queues { remotes, inboxes };
        (shared, locals)
    }

    /// Makes what `worker` pushed into its run queue visible to those who are about to sleep.
    /// The caller then looks whether somebody sleeps.
    ///
    /// ORDERING: pairs with [`has_work`](Self::has_work), through the single order of SeqCst.
    pub(super) fn post(&self, worker: usize) {
        self.remotes[worker].posts.swap(1, Ordering::SeqCst);
    }

    /// Whether there is anything to steal or to take from an injector. A worker that has
    /// announced that it will sleep calls this last.
    pub(super) fn has_work(&self) -> bool {
        let posted = |remote: &Padded<Remote<T>>| {
            // The value says nothing; reading it orders us behind the post.
            let _ = load_in_order(&remote.posts);
            !remote.stealer.is_empty()
        };
        let injected = |inbox: &Padded<Inbox<T>>| {
            let _ = load_in_order(&inbox.posts);
            !inbox.injector.is_empty()
        };
        self.inboxes.iter().any(injected) || self.remotes.iter().any(posted)
    }

    /// For those who are not a worker, into the injector of `group`, and posts it. The caller then
    /// looks whether somebody sleeps.
    ///
    /// ORDERING: as [`post`](Self::post). Several post here: each of them adds to what the others
    /// wrote, so who reads one's count has what all before it pushed.
    pub(super) fn inject(&self, group: usize, task: T) {
        let inbox = &self.inboxes[group];
        inbox.injector.push(task);
        inbox.posts.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes one task out of an injector, that of `first` or the next one that has any.
    pub(super) fn take_injected(&self, first: usize) -> Option<T> {
        let (before, from_first) = self.inboxes.split_at(first);
        let inboxes = from_first.iter().chain(before);
        inboxes
            .filter(|inbox| !inbox.injector.is_empty())
            .find_map(|inbox| retry(|| inbox.injector.steal()))
    }

    /// Moves a share of the injector of `group` into `into` and takes one of it.
    #[inline]
    pub(super) fn take_injected_batch(&self, group: usize, into: &mut LocalQueue<T>) -> Option<T> {
        let injector = &self.inboxes[group].injector;
        if injector.is_empty() {
            return None;
        }
        retry(|| injector.steal_batch_and_pop(&into.run_queue))
    }

    /// Steals half of some other worker's run queue and takes one of it. Victims are tried
    /// from a random one on.
    pub(super) fn steal(&self, thief: usize, into: &mut LocalQueue<T>, rng: &Rng) -> Option<T> {
        let count = self.remotes.len();
        let first = rng.below(count as u32) as usize;
        (0..count)
            .map(|offset| (first + offset) % count)
            .filter(|&victim| victim != thief)
            .find_map(|victim| {
                let stealer = &self.remotes[victim].stealer;
                if stealer.is_empty() {
                    return None;
                }
                retry(|| stealer.steal_batch_and_pop(&into.run_queue))
            })
    }

    /// The number of tasks in a worker's run queue; the slot's, which others cannot see, is
    /// not among them.
    pub(super) fn depth(&self, worker: usize) -> usize {
        self.remotes[worker].stealer.len()
    }

    /// The number of tasks in the injectors.
    pub(super) fn injected(&self) -> usize {
        self.inboxes.iter().map(|inbox| inbox.injector.len()).sum()
    }

    /// How many tasks were ever injected.
    pub(super) fn injections(&self) -> u64 {
        let posts = |inbox: &Padded<Inbox<T>>| inbox.posts.load(Ordering::Relaxed) as u64;
        self.inboxes.iter().map(posts).sum()
    }
}

fn retry<T>(mut attempt: impl FnMut() -> Steal<T>) -> Option<T> {
    loop {
        match attempt() {
            Steal::Retry => crate::base::sync::spin_hint(),
            done => return done.success(),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn one() -> (Queues<u32>, LocalQueue<u32>) {
        let (shared, mut locals) = Queues::new(1, 1);
        (shared, locals.remove(0))
    }

    #[test]
    fn the_task_that_was_woken_last_runs_first_but_not_for_ever() {
        let (_shared, mut queue) = one();
        queue.push_back(100);
        queue.push_back(101);
        assert!(!queue.push(1));
        for next in 2..=LIFO_CAP as u32 {
            assert_eq!(queue.pop(), Some(next - 1));
            assert!(!queue.push(next));
        }
        assert_eq!(queue.pop(), Some(LIFO_CAP as u32));
        assert!(!queue.push(50));
        assert_eq!(queue.pop(), Some(100), "the slot's turn is over");
        assert_eq!(queue.pop(), Some(101));
        assert_eq!(queue.pop(), Some(50), "it waited behind the others");
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn alone_the_tasks_run_in_the_order_in_which_they_came() {
        let (_shared, mut queue) = one();
        queue.run_in_order(true);
        for round in 0..10 {
            assert!(!queue.push(round), "it is the head");
            queue.push_back(round + 1);
            assert!(queue.push(round + 2));
            assert_eq!(queue.pop(), Some(round));
            assert!(queue.push(round + 3), "behind the others");
            let rest: Vec<u32> = std::iter::from_fn(|| queue.pop()).collect();
            assert_eq!(rest, [round + 1, round + 2, round + 3]);
        }
        assert!(queue.is_empty());
    }

    #[test]
    fn the_slot_is_not_stolen_from() {
        let (shared, mut locals) = Queues::new(2, 1);
        let mut thief = locals.pop().unwrap();
        let mut owner = locals.pop().unwrap();
        let rng = Rng::new(1);
        assert!(!owner.push(1));
        assert!(!shared.has_work());
        assert_eq!(shared.steal(1, &mut thief, &rng), None);
        owner.expose();
        assert!(shared.has_work());
        assert_eq!(shared.steal(1, &mut thief, &rng), Some(1));
        assert_eq!((owner.pop(), thief.pop()), (None, None));
    }

    #[test]
    fn a_thief_leaves_about_half() {
        let (shared, mut locals) = Queues::new(2, 1);
        let mut thief = locals.pop().unwrap();
        let mut owner = locals.pop().unwrap();
        for task in 0..20 {
            owner.push_back(task);
        }
        assert_eq!(shared.steal(1, &mut thief, &Rng::new(3)), Some(0));
        let stolen = std::iter::from_fn(|| thief.pop()).count() + 1;
        assert_eq!(stolen, 10);
        assert_eq!(std::iter::from_fn(|| owner.pop()).count(), 10);
    }

    #[test]
    fn whoever_looks_finds_what_lies_in_any_injector() {
        let (shared, mut locals) = Queues::new(1, 3);
        let queue = &mut locals[0];
        for group in [1, 2, 2] {
            shared.inject(group, group);
        }
        assert!(shared.has_work());
        assert_eq!(shared.take_injected_batch(0, queue), None, "not its own");
        assert_eq!((shared.injected(), shared.injections()), (3, 3));
        assert_eq!(shared.take_injected(2), Some(2));
        assert_eq!(shared.take_injected(0), Some(1));
        assert_eq!(shared.take_injected(0), Some(2), "past the empty ones");
        assert_eq!(shared.take_injected(1), None);
        assert!(!shared.has_work());
        assert_eq!((shared.injected(), shared.injections()), (0, 3));
    }
}
