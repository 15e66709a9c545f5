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
//! Groups divide who writes what, and nothing else: tasks go to whoever has time, sleepers are in one list.
//!
//! # Why eight
//!
//! A thread that spawns from outside is in the injector for 27 ns of the 300 that a spawn takes: with
//! more than eight of them on one injector they would wait for each other most of the time. And to take in an event,
//! and to wake its task, costs about a tenth of what the task then does with its socket: one who reads
//! the events keeps eight busy. More groups would have workers sleep in more places for no less
//! waiting, and each takes three descriptors.

use super::lookout;
use crate::base::thread_number;

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
