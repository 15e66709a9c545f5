//! Workers of a model: the real idle state, queues and parkers, and tasks that are numbers.

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
    /// What a look finds.
    stuck: usize,
}

fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

impl House {
    fn new(workers: usize, cores: usize) -> (Arc<Self>, Vec<LocalQueue<u32>>) {
        House::with_groups(workers, cores, 1)
    }

    fn with_groups(
        workers: usize,
        cores: usize,
        groups: usize,
    ) -> (Arc<Self>, Vec<LocalQueue<u32>>) {
        let (queues, locals) = Queues::new(workers, groups);
        let house = House {
            idle: Idle::new(workers, cores),
            queues,
            unparkers: Mutex::new((0..workers).map(|_| None).collect()),
            done: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            stuck: workers - cores,
        };
        (Arc::new(house), locals)
    }

    fn inject(&self, group: usize, task: u32) {
        self.queues.inject(group, task);
        if self.idle.wants_a_wake() {
            self.wake_one();
        }
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
        let mut awake = Awake::Busy;
        loop {
            if self.closed.load(Ordering::SeqCst) {
                return;
            }
            let found = local.pop().or_else(|| {
                if awake == Awake::Busy && self.idle.try_search() {
                    awake = Awake::Searching;
                }
                let injected = self.queues.take_injected_batch(0, &mut local);
                injected.or_else(|| match awake {
                    Awake::Searching => {
                        let elsewhere = self.queues.take_injected(0);
                        elsewhere.or_else(|| self.queues.steal(me, &mut local, &rng))
                    }
                    _ => None,
                })
            });
            if found.is_some() {
                if awake == Awake::Searching {
                    awake = Awake::Busy;
                    if self.idle.end_search() && self.queues.has_work() {
                        self.wake_one();
                    }
                }
                if self.done.fetch_add(1, Ordering::SeqCst) + 1 == total {
                    self.close();
                }
                continue;
            }
            awake = self.sleep(me, awake, &parker);
        }
    }

    /// As in `park` and `lookout`, where naps take no time.
    fn sleep(&self, me: usize, mut awake: Awake, parker: &Parker) -> Awake {
        loop {
            self.idle.park(me, awake);
            let closed = || self.closed.load(Ordering::SeqCst);
            let leaves_work = || !closed() && !self.idle.come_back(me);
            if (!self.queues.has_work() && !closed()) || leaves_work() {
                parker.park();
            }
            awake = self.idle.leave(me);
            if awake != Awake::Napping {
                return awake;
            }
            while !closed() && self.queues.has_work() && !self.idle.set_stuck(self.stuck) {
                thread::yield_now();
            }
            if closed() || self.queues.has_work() {
                self.idle.end_nap();
                return Awake::Searching;
            }
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
/// (The model's injector is a lock, and so stands in for the post as well.)
#[test]
fn an_injected_task_is_run_though_the_worker_is_about_to_sleep() {
    model(3, || a_task_injected_into_the_last_of(1));
}

#[test]
fn a_task_injected_elsewhere_is_run_though_the_worker_is_about_to_sleep() {
    model(3, || a_task_injected_into_the_last_of(2));
}

fn a_task_injected_into_the_last_of(groups: usize) {
    let (house, mut locals) = House::with_groups(1, 1, groups);
    let local = locals.remove(0);
    let inside = house.clone();
    let worker = spawn(move || inside.work(0, local, 1));
    house.inject(groups - 1, 1);
    worker.join().expect("no panic");
}

/// Two threads that post on one counter.
#[test]
fn what_two_threads_inject_is_run_though_the_worker_is_about_to_sleep() {
    model(2, || {
        let (house, mut locals) = House::new(1, 1);
        let local = locals.remove(0);
        let (inside, other) = (house.clone(), house.clone());
        let worker = spawn(move || inside.work(0, local, 2));
        let injects = spawn(move || other.inject(0, 1));
        house.inject(0, 2);
        injects.join().expect("no panic");
        worker.join().expect("no panic");
    });
}

/// A busy worker that blocks after it posted a task: the other one must run it. Without
/// look at the word after the push, or the last look into the queues, it deadlocks.
#[test]
fn a_posted_task_is_run_by_a_worker_that_is_about_to_sleep() {
    model(3, || a_posted_task_is_run_by_the_other_worker(2));
}

/// The same with one core, which the stuck worker has. Deadlocks if whoever comes last leaves the work
/// to nobody, in `Idle::come_back`.
#[test]
fn a_posted_task_is_run_by_a_worker_that_naps_first() {
    model(3, || a_posted_task_is_run_by_the_other_worker(1));
}

fn a_posted_task_is_run_by_the_other_worker(cores: usize) {
    let (house, mut locals) = House::new(2, cores);
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
}

#[test]
fn of_two_injected_tasks_none_is_left_to_a_napper_who_sleeps() {
    model(2, || both_injected_tasks_are_run(1));
}

#[test]
fn of_two_injected_tasks_none_is_left_while_both_workers_sleep() {
    model(2, || both_injected_tasks_are_run(2));
}

fn both_injected_tasks_are_run(cores: usize) {
    let (house, mut locals) = House::new(2, cores);
    let (b, a) = (locals.pop().expect("two"), locals.pop().expect("two"));
    let (one, two) = (house.clone(), house.clone());
    let first = spawn(move || one.work(0, a, 2));
    let second = spawn(move || two.work(1, b, 2));
    for task in 0..2 {
        house.inject(0, task);
    }
    first.join().expect("no panic");
    second.join().expect("no panic");
    assert_eq!(house.done.load(Ordering::SeqCst), 2);
}
