//! Models of the hand-over: whatever the order of things, each job is run, cancelled
//! or handed back, exactly once, and one that was taken while the pool is open runs.

use super::*;
use crate::base::parker::{Parker, Unparker};
use crate::base::sync::thread::{Builder, JoinHandle};
use std::ops::Range;
use std::sync::Arc as StdArc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What became of the jobs. Not loom's atomics: these count, they hand nothing over.
#[derive(Clone, Default)]
struct Fates(StdArc<Counts>);

#[derive(Default)]
struct Counts {
    run: AtomicUsize,
    cancelled: AtomicUsize,
    refused: AtomicUsize,
}

impl Fates {
    fn run(&self) -> usize {
        self.0.run.load(Relaxed)
    }

    fn refused(&self) -> usize {
        self.0.refused.load(Relaxed)
    }

    fn cancelled(&self) -> usize {
        self.0.cancelled.load(Relaxed)
    }

    fn all(&self) -> usize {
        self.run() + self.refused() + self.cancelled()
    }
}

struct Task {
    fates: Fates,
    done: Option<Unparker>,
    /// Where it waits for another job before it ends.
    meeting: Option<Arc<Meeting>>,
}

/// Jobs that wait for each other.
struct Meeting {
    absent: Mutex<usize>,
    complete: Condvar,
}

impl Meeting {
    fn of(count: usize) -> Self {
        Meeting {
            absent: Mutex::new(count),
            complete: Condvar::new(),
        }
    }

    fn wait(&self) {
        let mut absent = self.absent.lock();
        *absent -= 1;
        if *absent == 0 {
            self.complete.notify_all();
        }
        while *absent > 0 {
            self.complete.wait(&mut absent);
        }
    }
}

fn task_at(meeting: &Arc<Meeting>, fates: &Fates, done: &Parker) -> Task {
    Task {
        fates: fates.clone(),
        done: Some(done.unparker()),
        meeting: Some(meeting.clone()),
    }
}

impl Job for Task {
    fn run(self) {
        if let Some(meeting) = &self.meeting {
            meeting.wait();
        }
        self.fates.0.run.fetch_add(1, Relaxed);
        if let Some(done) = self.done {
            done.unpark();
        }
    }

    fn cancel(self) {
        self.fates.0.cancelled.fetch_add(1, Relaxed);
        if let Some(done) = self.done {
            done.unpark();
        }
    }
}

fn model(f: impl Fn() + Send + Sync + 'static) {
    model_with_preemptions(2, f);
}

fn model_with_preemptions(bound: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(bound);
    builder.check(f);
}

fn pool(max_threads: usize, keep_alive: Duration) -> Pool<Task> {
    Pool::new(Config {
        max_threads,
        keep_alive,
        ..Config::default()
    })
}

/// A pool of which some starts fail, counted from 0.
fn failing_pool(max_threads: usize, keep_alive: Duration, fail: Range<usize>) -> Pool<Task> {
    let asked = AtomicUsize::new(0);
    let admit: Admit = StdArc::new(move || match asked.fetch_add(1, Relaxed) {
        n if fail.contains(&n) => Err(io::Error::from(io::ErrorKind::WouldBlock)),
        _ => Ok(()),
    });
    Pool::new(Config {
        max_threads,
        keep_alive,
        admit: Some(admit),
        ..Config::default()
    })
}

fn submit(pool: &Pool<Task>, fates: &Fates, done: Option<Unparker>) {
    let outcome = pool.submit(Task {
        fates: fates.clone(),
        done,
        meeting: None,
    });
    if outcome.is_err() {
        fates.0.refused.fetch_add(1, Relaxed);
    }
}

fn spawn(f: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    Builder::new().spawn(f).expect("a model's thread")
}

fn wait_for(done: &Parker, enough: impl Fn() -> bool) {
    while !enough() {
        done.park();
    }
}

fn finish(pool: &Pool<Task>) {
    pool.close();
    assert!(pool.wait(None));
    assert_eq!(pool.stats(), Stats::default());
    assert_eq!(pool.owner.shared.state.lock().asleep(), 0);
}

/// Broken on purpose by an `end_watch` that does not look at the queue (invariant 1), or by a
/// `look` that lets go of the lock between seeing an empty queue and going onto the idle
/// stack: the job is queued in between, nobody is woken for it, and the model ends in a deadlock.
#[test]
fn a_job_that_comes_while_a_thread_goes_idle_is_run() {
    model(|| {
        let pool = pool(1, Duration::MAX);
        let (fates, done) = (Fates::default(), Parker::new());
        submit(&pool, &fates, Some(done.unparker()));
        wait_for(&done, || fates.run() == 1);
        submit(&pool, &fates, Some(done.unparker()));
        wait_for(&done, || fates.run() == 2);
        finish(&pool);
    });
}

/// Broken on purpose by a `rouse` that retires a thread whose time is over without
/// asking whether it is still on the stack: the count of those that are coming stays
/// up, and the job waits for nobody.
#[test]
fn a_job_that_comes_while_an_idle_thread_times_out_is_run() {
    model(|| {
        let pool = pool(1, Duration::ZERO);
        let (fates, done) = (Fates::default(), Parker::new());
        submit(&pool, &fates, Some(done.unparker()));
        wait_for(&done, || fates.run() == 1);
        submit(&pool, &fates, Some(done.unparker()));
        wait_for(&done, || fates.run() == 2);
        finish(&pool);
    });
}

#[test]
fn a_job_that_comes_while_the_pool_is_closed_has_one_fate() {
    for keep_alive in [Duration::ZERO, Duration::MAX] {
        model(move || {
            let pool = pool(1, keep_alive);
            let fates = Fates::default();
            let (theirs, counts) = (pool.clone(), fates.clone());
            let submitter = spawn(move || {
                submit(&theirs, &counts, None);
                submit(&theirs, &counts, None);
            });
            finish(&pool);
            submitter.join().expect("no panic");
            assert!(pool.wait(None));
            assert_eq!(fates.all(), 2);
        });
    }
}

#[test]
fn two_submitters_with_one_idle_thread_get_a_thread_each() {
    model(|| {
        let pool = pool(2, Duration::MAX);
        let (fates, done) = (Fates::default(), Parker::new());
        submit(&pool, &fates, Some(done.unparker()));
        wait_for(&done, || fates.run() == 1);
        let meeting = Arc::new(Meeting::of(2));
        let [one, two] = [(); 2].map(|()| task_at(&meeting, &fates, &done));
        let theirs = pool.clone();
        let submitter = spawn(move || assert!(theirs.submit(one).is_ok()));
        assert!(pool.submit(two).is_ok());
        wait_for(&done, || fates.run() == 3);
        submitter.join().expect("no panic");
        assert!(pool.stats().threads <= 2);
        finish(&pool);
    });
}

#[test]
fn a_start_that_fails_loses_no_job() {
    for (nth, max_threads) in [(0, 1), (1, 1), (0, 2), (1, 2)] {
        model(move || {
            let pool = failing_pool(max_threads, Duration::MAX, nth..nth + 1);
            let (fates, done) = (Fates::default(), Parker::new());
            let (theirs, counts, wake) = (pool.clone(), fates.clone(), done.unparker());
            let submitter = spawn(move || submit(&theirs, &counts, Some(wake)));
            submit(&pool, &fates, Some(done.unparker()));
            submitter.join().expect("no panic");
            // The pool is still open: nothing waits for its end.
            wait_for(&done, || fates.all() == 2);
            assert!(fates.refused() <= 1);
            assert!(max_threads == 1 || fates.cancelled() == 0, "there is room");
            finish(&pool);
            assert_eq!(fates.all(), 2);
        });
    }
}

/// Broken on purpose by a `start_failed` that does not look at the idle stack: the
/// last job had been left to the start that fails, and the first thread sleeps.
#[test]
fn a_start_that_fails_wakes_an_idle_thread_for_those_that_relied_on_it() {
    for keep_alive in [Duration::ZERO, Duration::MAX] {
        model(move || {
            let pool = failing_pool(2, keep_alive, 1..2);
            let (fates, done) = (Fates::default(), Parker::new());
            submit(&pool, &fates, Some(done.unparker()));
            let (theirs, counts, wake) = (pool.clone(), fates.clone(), done.unparker());
            let submitter = spawn(move || submit(&theirs, &counts, Some(wake)));
            submit(&pool, &fates, Some(done.unparker()));
            submitter.join().expect("no panic");
            wait_for(&done, || fates.all() == 3);
            assert_eq!(fates.cancelled(), 0);
            if keep_alive == Duration::MAX {
                assert_eq!(fates.refused(), 0, "a thread is there");
            }
            finish(&pool);
            assert_eq!(fates.all(), 3);
        });
    }
}

/// Broken on purpose by a `submit` that summons even if no thread is sure: the third
/// submitter relies on the two starts that fail, and its job is cancelled.
#[test]
fn nobody_relies_on_a_start_that_may_fail_while_there_is_room() {
    model(|| {
        let pool = failing_pool(3, Duration::MAX, 0..2);
        let (fates, done) = (Fates::default(), Parker::new());
        let submitters = [(); 2].map(|()| {
            let (theirs, counts, wake) = (pool.clone(), fates.clone(), done.unparker());
            spawn(move || submit(&theirs, &counts, Some(wake)))
        });
        submit(&pool, &fates, Some(done.unparker()));
        for submitter in submitters {
            submitter.join().expect("no panic");
        }
        wait_for(&done, || fates.all() == 3);
        assert_eq!(fates.cancelled(), 0);
        assert!(fates.refused() <= 2);
        finish(&pool);
        assert_eq!(fates.all(), 3);
    });
}

/// Broken on purpose by a `take` that does not summon: two threads are coming when
/// the third job is queued, both take theirs, and the third job waits for ever.
#[test]
fn more_jobs_than_may_be_coming_that_wait_for_each_other_run_at_once() {
    model_with_preemptions(1, || {
        const COUNT: usize = MAX_COMING + 1;
        let pool = pool(COUNT, Duration::MAX);
        let (fates, done) = (Fates::default(), Parker::new());
        let meeting = Arc::new(Meeting::of(COUNT));
        for _ in 0..COUNT {
            let task = task_at(&meeting, &fates, &done);
            assert!(pool.submit(task).is_ok());
        }
        wait_for(&done, || fates.run() == COUNT);
        assert!(pool.stats().threads <= COUNT);
        finish(&pool);
    });
}

#[test]
fn the_last_handle_closes_the_pool_and_its_threads_leave() {
    model(|| {
        let pool = pool(1, Duration::MAX);
        let fates = Fates::default();
        submit(&pool, &fates, None);
        submit(&pool, &fates, None);
        drop(pool); // loom reports a thread that never ends
    });
}
