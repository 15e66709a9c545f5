//! What a worker does next: one round after the other, as [`scheduler`](crate::scheduler) tells in order.

use super::{Core, INJECTOR_INTERVAL, Next};
use crate::base::sync::atomic::Ordering;
use crate::scheduler::idle::Awake;
use crate::scheduler::{Config, Scheduler, park};
use crate::tasks::{Again, Runnable};
use std::sync::Arc;

/// How long a task should wait in the injector for the next look, in nanoseconds. Where polls are longer
/// than a sixtieth of it, a worker looks after fewer of them.
const INJECTOR_WAITS: u64 = 200_000;

/// The same for a deadline or an event. (Polls of a few microseconds, which are mostly system calls
/// on sockets, leave it at the most: with twice as many looks a worker of two that
/// share their cores with a busy client hardly ever sleeps, and what lies in its queue waits for
/// as long as the kernel lets others run.)
const EVENT_WAITS: u64 = 1_000_000;

impl Core {
    /// What most rounds do: they take a task from the own queue. `None` if this round is another
    /// one, or finds nothing there: then [`next`](Self::next) says what to do.
    ///
    /// The task counts as polled from here on: the core is not borrowed a second time for that.
    #[inline]
    pub(super) fn next_own(&mut self, scheduler: &Scheduler) -> Option<Runnable> {
        if self.until_events == 1 || self.until_injector == 1 || scheduler.is_closed() {
            return None;
        }
        let task = self.queue.pop()?;
        self.until_events -= 1;
        self.until_injector -= 1;
        self.count_round(scheduler);
        self.found(scheduler);
        Some(task)
    }

    /// What to do next, in any round.
    #[inline(never)]
    pub(super) fn next(&mut self, scheduler: &Arc<Scheduler>) -> Next {
        let next = self.look(scheduler);
        if let Next::Run(_) = &next {
            self.found(scheduler);
        }
        next
    }

    #[inline]
    fn count_round(&mut self, scheduler: &Scheduler) {
        self.round = self.round.wrapping_add(1);
        let rounds = &scheduler.remotes[self.index].rounds;
        rounds.store(self.round, Ordering::Relaxed);
    }

    fn look(&mut self, scheduler: &Arc<Scheduler>) -> Next {
        if scheduler.is_closed() {
            return Next::Leave;
        }
        self.count_round(scheduler);
        self.until_events -= 1;
        if self.until_events == 0 {
            self.until_events = self.event_interval;
            park::maintain(scheduler, self);
            if !self.wakers.is_empty() {
                return Next::Wake(std::mem::take(&mut self.wakers));
            }
            self.unyield(scheduler);
        }
        self.until_injector -= 1;
        if self.until_injector == 0 {
            self.until_injector = self.injector_interval;
            let turn = self.injector_turn;
            self.injector_turn = (turn + 1) % scheduler.groups.count();
            if let Some(task) = scheduler.queues.take_injected(turn) {
                return Next::Run(task);
            }
        }
        match self.queue.pop() {
            Some(task) => Next::Run(task),
            None => self.look_further(scheduler),
        }
    }

    /// Polls take `mean` nanoseconds at the moment. What a seed decides does not depend on that.
    pub(in crate::scheduler) fn tune(&mut self, mean: u64, config: &Config) {
        if config.seed.is_some() {
            return;
        }
        let within = |wait: u64, most: u32| (wait / mean.max(1)).clamp(1, u64::from(most)) as u32;
        self.event_interval = within(EVENT_WAITS, config.event_interval);
        self.until_events = self.until_events.min(self.event_interval);
        if config.global_queue_interval.is_none() {
            self.injector_interval = within(INJECTOR_WAITS, INJECTOR_INTERVAL);
            self.until_injector = self.until_injector.min(self.injector_interval);
        }
    }

    /// The own queue is empty.
    fn look_further(&mut self, scheduler: &Arc<Scheduler>) -> Next {
        if !self.yielded.is_empty() {
            park::maintain(scheduler, self);
            if !self.wakers.is_empty() {
                return Next::Wake(std::mem::take(&mut self.wakers));
            }
        }
        if let Some(task) = self.take_injected(scheduler, self.group) {
            return Next::Run(task);
        }
        // The first one runs at once: if it is alone, nobody else needs to know.
        if let Some(task) = self.yielded.pop_front() {
            self.unyield(scheduler);
            return Next::Run(task);
        }
        if self.awake == Awake::Busy && scheduler.idle.try_search() {
            self.awake = Awake::Searching;
        }
        if self.awake == Awake::Searching {
            let queues = &scheduler.queues;
            let mut others = scheduler.groups.others(self.group);
            if let Some(task) = others.find_map(|group| self.take_injected(scheduler, group)) {
                return Next::Run(task);
            }
            if let Some(task) = queues.steal(self.index, &mut self.queue, &self.rng) {
                self.tally.steal_operations += 1;
                self.tally.steals += 1 + self.queue.len() as u64;
                self.offer(scheduler);
                return Next::Run(task);
            }
        }
        Next::Park
    }

    /// Takes tasks from a group's injector, and offers all but one.
    #[inline]
    fn take_injected(&mut self, scheduler: &Scheduler, group: usize) -> Option<Runnable> {
        let queues = &scheduler.queues;
        let task = queues.take_injected_batch(group, &mut self.queue)?;
        self.offer(scheduler);
        Some(task)
    }

    /// Queues a task that was woken or spawned by the one that is polled.
    #[inline(always)]
    pub(super) fn push(&mut self, scheduler: &Scheduler, task: Runnable) {
        scheduler.tell_scheduled(&task);
        self.tally.local_schedules += 1;
        if self.queue.push(task) && !self.waking {
            self.offer(scheduler);
        }
    }

    /// Queues a task that was woken during its poll: behind the others, and if it yielded,
    /// behind a look at timers and driver too. (If others yielded before it, it waits with
    /// them: else it would pass them by until the next look.)
    pub(super) fn again(&mut self, again: Again, scheduler: &Scheduler) {
        self.tally.local_schedules += 1;
        scheduler.tell_scheduled(&again.task);
        if again.yielded || !self.yielded.is_empty() {
            self.yielded.push_back(again.task);
            return;
        }
        // Alone it is this worker's next task: nobody else needs to know.
        let others = !self.queue.is_empty();
        self.queue.push_back(again.task);
        if others {
            self.offer(scheduler);
        }
    }

    /// Tasks that yielded go to the end of the run queue, behind whom the look at timers and
    /// driver woke.
    pub(super) fn unyield(&mut self, scheduler: &Scheduler) {
        if self.yielded.is_empty() {
            return;
        }
        for task in self.yielded.drain(..) {
            self.queue.push_back(task);
        }
        self.offer(scheduler);
    }

    /// Something may have come into the run queue: tell those who sleep.
    pub(super) fn offer(&self, scheduler: &Scheduler) {
        if scheduler.workers() > 1 && self.queue.has_stealable() {
            scheduler.queues.post(self.index);
            if scheduler.idle.wants_a_wake() {
                scheduler.wake_one();
            }
        }
    }

    /// A task was found, and will be polled.
    #[inline]
    fn found(&mut self, scheduler: &Scheduler) {
        self.tally.polls += 1;
        if self.awake == Awake::Searching {
            self.stop_searching(scheduler);
        }
    }

    /// SEARCHING to BUSY. The last searcher looks whether there is more.
    #[inline(never)]
    fn stop_searching(&mut self, scheduler: &Scheduler) {
        self.awake = Awake::Busy;
        if scheduler.idle.end_search() {
            if scheduler.queues.has_work() {
                scheduler.wake_one();
            } else {
                scheduler.keep_watch();
            }
        }
    }
}
