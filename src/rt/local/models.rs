//! Models of what other threads can do to a set of local tasks while its own thread polls it,
//! sleeps, or drops it.
//!
//! Broken on purpose: with a `take_or_sleep` that looks into the inbox and leaves the waker
//! under two locks, the first model ends in a deadlock; with a `close` that closes the inbox
//! before it cancels the tasks, and an inbox that drops what comes too late instead of
//! abandoning it, the last two find a future that was dropped elsewhere.

use super::set::LocalSet;
use crate::base::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::base::sync::thread::{self, ThreadId};
use crate::base::sync::{Arc, Mutex};
use crate::tasks::AbortHandle;
use loom::future::block_on;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

fn model(f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

/// Polls the set to its end, or for ever, with nothing entered: loom's threads share what is
/// thread-local.
async fn run_to_the_end(set: &LocalSet) {
    poll_fn(|cx| {
        set.run(cx);
        match set.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}

/// Knows its home, and is dropped there, once.
struct AtHome {
    home: ThreadId,
    drops: Arc<AtomicUsize>,
}

impl AtHome {
    fn new(drops: &Arc<AtomicUsize>) -> Self {
        AtHome {
            home: thread::current().id(),
            drops: drops.clone(),
        }
    }

    fn check(&self) {
        assert_eq!(
            self.home,
            thread::current().id(),
            "polled or dropped elsewhere"
        );
    }
}

impl Drop for AtHome {
    fn drop(&mut self) {
        self.check();
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a task shares with another thread.
#[derive(Default)]
struct Signal {
    is_set: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Signal {
    fn wake(&self) {
        self.is_set.store(true, Ordering::Relaxed);
        let waker = self.waker.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Waits for the signal.
struct Wait(Arc<Signal>, AtHome);

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.1.check();
        *self.0.waker.lock() = Some(cx.waker().clone());
        match self.0.is_set.load(Ordering::Relaxed) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

#[test]
fn a_wake_from_afar_while_the_set_goes_to_sleep_is_not_lost() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let signal = Arc::new(Signal::default());
        let set = LocalSet::new();
        drop(set.spawn_local(Wait(signal.clone(), AtHome::new(&drops))));
        let theirs = signal.clone();
        let other = spawn(move || theirs.wake());
        block_on(run_to_the_end(&set));
        other.join().expect("no panic");
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn an_abort_from_afar_during_a_poll_or_sleep_drops_the_task_at_home() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let set = LocalSet::new();
        let task = set.spawn_local(Wait(Arc::default(), AtHome::new(&drops)));
        let abort: AbortHandle = task.abort_handle();
        let other = spawn(move || {
            abort.abort();
            // The last references may be those of this thread.
            drop((abort, task));
        });
        block_on(run_to_the_end(&set));
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        drop(set);
        other.join().expect("no panic");
    });
}

#[test]
fn a_wake_from_afar_while_the_set_is_dropped_drops_nothing_there() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let signal = Arc::new(Signal::default());
        let set = LocalSet::new();
        let task = set.spawn_local(Wait(signal.clone(), AtHome::new(&drops)));
        set.run(&mut Context::from_waker(Waker::noop()));
        let theirs = signal.clone();
        let other = spawn(move || theirs.wake());
        drop(set);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        let cancelled = pin!(task).poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(cancelled, Poll::Ready(Err(error)) if error.is_cancelled()));
        other.join().expect("no panic");
    });
}

#[test]
fn an_abort_from_afar_while_the_set_is_dropped_drops_nothing_there() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let set = LocalSet::new();
        let task = set.spawn_local(Wait(Arc::default(), AtHome::new(&drops)));
        set.run(&mut Context::from_waker(Waker::noop()));
        let other = spawn(move || {
            task.abort();
            drop(task);
        });
        drop(set);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        other.join().expect("no panic");
    });
}
