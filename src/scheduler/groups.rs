//! Groups of workers: how much is shared, and by how many.
//!
//! What a worker can have for itself it has: a queue, a wheel, a set of tasks. Two things it cannot
//! have for itself, as somebody must look at them also while it is stuck in a poll: the injector,
//! where threads outside leave tasks, and the reactor. One of each for all would be a line, and an
//! `epoll_wait`, behind which the workers of a large machine stand in line. So there is one of each for a
//! *group* of up to [`SIZE`] workers that run at a time. On a small machine that is one of each.
//!
//! Workers are dealt out in turn: 0 to the first group, 1 to the second, and so on. A thread outside belongs to one by its
//! [number](thread_number), for good.
//!
//! A source belongs to the group of the worker that makes it, so that the sockets of one task are
//! together; what a thread outside makes, and what is accepted, is dealt out to all groups in
//! turn, for else one thread that accepts or connects for all would have all events come in one place.
//! (An `AsyncFd` goes by its descriptor, so that the system refuses the same one a second time.)
//!
//! Groups divide who writes what, and nothing else: tasks go to whoever has time, sleepers are in one list.
//!
//! # Why eight
//!
//! Measured on two cores: to wake a task from outside takes 40 ns; where two threads do so at once, 83 each with
//! one injector, and 54 with one each. So the line of an injector is for a few threads. To take in an event takes 170 ns,
//! to read what has come and to answer, over TCP on one machine, 4,800: one who reads the events keeps more than
//! eight busy. Smaller groups would have workers sleep in more places, where each event wakes a
//! thread of its own, and each takes three descriptors.

use super::{Scheduler, lookout, worker};
use crate::base::thread_number;
use crate::driver::Reactor;
use std::sync::Arc;

/// See the [module](self).
const SIZE: usize = 8;

/// How many groups there are to be for so many workers.
pub(crate) fn suit(workers: usize) -> usize {
    let at_a_time = workers.min(lookout::cores());
    at_a_time.div_ceil(SIZE).max(1)
}

/// How many groups there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Groups(usize);

impl Groups {
    pub(super) fn new(count: usize) -> Self {
        Groups(count)
    }

    pub(super) fn count(self) -> usize {
        self.0
    }

    pub(super) fn of_worker(self, worker: usize) -> usize {
        worker % self.0
    }

    /// The group of the current thread, which is not one of the workers.
    #[inline]
    pub(super) fn outside(self) -> usize {
        match self.0 {
            1 => 0,
            count => thread_number::here(count),
        }
    }

    /// All but `own`.
    pub(super) fn others(self, own: usize) -> impl Iterator<Item = usize> {
        (1..self.0).map(move |offset| (own + offset) % self.0)
    }
}

impl Scheduler {
    /// For a source that the current thread makes. See the [module](self).
    pub(crate) fn reactor(&self) -> &Arc<Reactor> {
        self.reactor_of(|groups| match worker::worker_here() {
            Some(worker) => worker % groups,
            None => thread_number::in_turn(groups),
        })
    }

    /// For a source that is accepted.
    pub(crate) fn next_reactor(&self) -> &Arc<Reactor> {
        self.reactor_of(thread_number::in_turn)
    }

    #[inline]
    fn reactor_of(&self, choose: impl FnOnce(usize) -> usize) -> &Arc<Reactor> {
        match self.driver.reactors() {
            [alone] => alone,
            several => &several[choose(several.len())],
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn each_group_has_workers_and_no_worker_has_two() {
        for (groups, workers) in [(1, 1), (1, 64), (2, 9), (3, 5), (4, 4)] {
            let groups = Groups::new(groups);
            let mut sizes = vec![0; groups.count()];
            (0..workers).for_each(|worker| sizes[groups.of_worker(worker)] += 1);
            assert!(sizes.iter().all(|&size| size > 0), "{sizes:?}");
            let others: Vec<usize> = groups.others(0).collect();
            assert_eq!(others, (1..groups.count()).collect::<Vec<_>>());
        }
    }
}
