//! Models of the task's life: every pair of things that can happen to it at once.
//!
//! Broken on purpose, each makes models fail: `Relaxed` instead of `AcqRel` in
//! `State::update` (causality violations on the stage in nearly all of them); `end_poll`
//! that clears SCHEDULED instead of saying `Reschedule` (the first model deadlocks);
//! `retract_join_waker` that does not look at COMPLETE (the join waker's model reports two
//! threads in the slot); `give_up` of one reference only (loom reports the leak); `Relaxed` for the
//! load in `ref_dec` (a causality violation where the last reference frees the stage), or for that in
//! `update_as_owner` (the last model deadlocks).

use super::*;
use crate::base::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::base::sync::{Arc, Condvar, Mutex, thread};
use loom::future::block_on;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::task::{Poll, Waker};

/// A scheduler with one queue, run by whoever calls `run_until_idle` or `run_until`.
struct Queue {
    inbox: Mutex<Inbox>,
    arrived: Condvar,
    live: LiveSet,
}

#[derive(Default)]
struct Inbox {
    runnables: VecDeque<Runnable>,
    /// Tasks that have not ended.
    alive: usize,
    closed: bool,
}

#[derive(Clone)]
struct Home(Arc<Queue>);

impl Schedule for Home {
    fn schedule(&self, task: Runnable) {
        let mut inbox = self.0.inbox.lock();
        if inbox.closed {
            drop(inbox);
            return drop(task);
        }
        inbox.runnables.push_back(task);
        drop(inbox);
        self.0.arrived.notify_one();
    }

    fn adopt(&self, task: TaskRef) -> Result<(), TaskRef> {
        task.put_into(0);
        self.0.live.insert(task)
    }

    fn release(&self, task: &TaskRef) -> Option<TaskRef> {
        self.0.inbox.lock().alive -= 1;
        self.0.arrived.notify_one();
        task.set().and_then(|_| self.0.live.remove(task))
    }
}

impl Home {
    fn new() -> Self {
        Home(Arc::new(Queue {
            inbox: Mutex::new(Inbox::default()),
            arrived: Condvar::new(),
            live: LiveSet::new(),
        }))
    }

    fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (runnable, handle) = new(future, self.clone(), Id::next(), Origin::here());
        self.0.inbox.lock().alive += 1;
        self.schedule(runnable);
        handle
    }

    fn run_one(&self, task: Runnable) {
        if let Some(again) = task.run() {
            self.schedule(again.task);
        }
    }

    fn next(&self) -> Option<Runnable> {
        self.0.inbox.lock().runnables.pop_front()
    }

    fn run_until_idle(&self) {
        while let Some(task) = self.next() {
            self.run_one(task);
        }
    }

    /// Waits for runnables until no task is left: a lost wake-up deadlocks here.
    fn run_to_the_end(&self) {
        loop {
            let mut inbox = self.0.inbox.lock();
            while inbox.runnables.is_empty() && inbox.alive > 0 {
                self.0.arrived.wait(&mut inbox);
            }
            let Some(task) = inbox.runnables.pop_front() else {
                break;
            };
            drop(inbox);
            self.run_one(task);
        }
    }

    fn close(&self) {
        self.0.live.close();
        while let Some(task) = self.0.live.pop() {
            task.shutdown();
        }
        self.0.inbox.lock().closed = true;
        while let Some(task) = self.next() {
            drop(task);
        }
    }
}

/// Counts its drops; what futures and outputs are made of here.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

fn model(f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

#[test]
fn a_wake_between_poll_and_suspend_is_not_lost() {
    model(|| {
        let home = Home::new();
        let ready = Arc::new(AtomicBool::new(false));
        let slot: Arc<Mutex<Option<Waker>>> = Arc::new(Mutex::new(None));
        let (theirs, their_slot) = (ready.clone(), slot.clone());
        let handle = home.spawn(poll_fn(move |cx| {
            *slot.lock() = Some(cx.waker().clone());
            if ready.load(Ordering::Relaxed) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
        drop(handle);
        let waking = spawn(move || {
            theirs.store(true, Ordering::Relaxed);
            let waker = their_slot.lock().take();
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        home.run_to_the_end();
        waking.join().expect("no panic");
    });
}

#[test]
fn two_wakes_at_once_lead_to_at_least_one_poll_that_sees_both() {
    model(|| {
        let home = Home::new();
        let count = Arc::new(AtomicUsize::new(0));
        let ours = count.clone();
        let slot: Arc<Mutex<Option<Waker>>> = Arc::new(Mutex::new(None));
        let their_slot = slot.clone();
        drop(home.spawn(poll_fn(move |cx| {
            *slot.lock() = Some(cx.waker().clone());
            if ours.load(Ordering::Relaxed) == 2 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })));
        home.run_until_idle();
        let waker = their_slot.lock().take().expect("polled once");
        let (a, b) = (waker.clone(), waker);
        let other = count.clone();
        let one = spawn(move || {
            other.fetch_add(1, Ordering::Relaxed);
            a.wake();
        });
        count.fetch_add(1, Ordering::Relaxed);
        b.wake_by_ref();
        drop(b);
        home.run_to_the_end();
        one.join().expect("no panic");
    });
}

#[test]
fn abort_against_completion_gives_one_result_and_drops_everything_once() {
    model(|| {
        let home = Home::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let counted = Counted(drops.clone());
        let handle = home.spawn(async move { counted });
        let abort = handle.abort_handle();
        let aborting = spawn(move || abort.abort());
        home.run_until_idle();
        aborting.join().expect("no panic");
        home.run_until_idle();
        match block_on(handle) {
            Ok(output) => {
                assert_eq!(drops.load(Ordering::Relaxed), 0);
                drop(output);
            }
            Err(error) => assert!(error.is_cancelled()),
        }
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        assert_eq!(home.0.live.len(), 0);
    });
}

#[test]
fn dropping_the_handle_against_completion_drops_the_output_once() {
    model(|| {
        let home = Home::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let counted = Counted(drops.clone());
        let handle = home.spawn(async move { counted });
        let dropping = spawn(move || drop(handle));
        home.run_until_idle();
        dropping.join().expect("no panic");
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_join_waker_is_woken_by_the_completion_or_sees_it() {
    model(|| {
        let home = Home::new();
        let handle = home.spawn(async { 7 });
        let runner = home.clone();
        let running = spawn(move || runner.run_until_idle());
        assert_eq!(block_on(handle).expect("it completes"), 7);
        running.join().expect("no panic");
    });
}

#[test]
fn a_handle_that_is_polled_and_then_dropped_leaves_no_waker_behind() {
    model(|| {
        let home = Home::new();
        let mut handle = home.spawn(async { 7 });
        let runner = home.clone();
        let running = spawn(move || runner.run_until_idle());
        block_on(poll_fn(|cx| {
            let first = std::pin::Pin::new(&mut handle).poll(cx);
            if first.is_pending() {
                // The same waker again: retract and publish against the completion.
                let _ = std::pin::Pin::new(&mut handle).poll(cx).is_ready();
            }
            Poll::Ready(())
        }));
        // Dropping a handle that has given its output is fine as well.
        drop(handle);
        running.join().expect("no panic");
    });
}

#[test]
fn shutdown_against_a_wake_drops_the_future_once_and_leaves_nothing_queued() {
    model(|| {
        let home = Home::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let counted = Counted(drops.clone());
        let slot: Arc<Mutex<Option<Waker>>> = Arc::new(Mutex::new(None));
        let their_slot = slot.clone();
        drop(home.spawn(async move {
            let _counted = counted;
            poll_fn(|cx| {
                *slot.lock() = Some(cx.waker().clone());
                Poll::<()>::Pending
            })
            .await
        }));
        home.run_until_idle();
        let waker = their_slot.lock().take().expect("polled once");
        let waking = spawn(move || waker.wake());
        home.close();
        waking.join().expect("no panic");
        home.close();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn shutdown_against_a_poll_cancels_after_it() {
    model(|| {
        let home = Home::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let counted = Counted(drops.clone());
        drop(home.spawn(async move {
            let _counted = counted;
            poll_fn(|_| Poll::<()>::Pending).await
        }));
        let runner = home.clone();
        let running = spawn(move || runner.run_until_idle());
        home.close();
        running.join().expect("no panic");
        home.close();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn spawning_against_a_close_cancels_or_runs_but_never_forgets() {
    model(|| {
        let home = Home::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let counted = Counted(drops.clone());
        let closer = home.clone();
        let closing = spawn(move || closer.close());
        drop(home.spawn(async move { drop(counted) }));
        closing.join().expect("no panic");
        home.close();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        assert_eq!(home.0.live.len(), 0);
    });
}

/// It never waits between the two polls, so that the runnable has the only reference as soon as
/// the waker is gone.
#[test]
fn the_only_owner_of_a_task_sees_what_came_before_a_wake_while_it_was_queued() {
    model(|| {
        let home = Home::new();
        let told = Arc::new(AtomicBool::new(false));
        let other = Arc::new(Mutex::new(None));
        let joined = other.clone();
        let mut is_first = true;
        drop(home.spawn(poll_fn(move |cx| {
            if std::mem::take(&mut is_first) {
                let (waker, telling) = (cx.waker().clone(), told.clone());
                *other.lock() = Some(spawn(move || {
                    telling.store(true, Ordering::Relaxed);
                    waker.wake();
                }));
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match told.load(Ordering::Relaxed) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })));
        home.run_to_the_end();
        let thread = joined.lock().take().expect("it was polled");
        thread.join().expect("no panic");
    });
}
