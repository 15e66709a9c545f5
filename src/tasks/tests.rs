//! What a task promises, on one thread.
#![allow(unsafe_code)] // to make local tasks

use super::*;
use crate::base::sync::{Arc, Mutex};
use std::cell::Cell as StdCell;
use std::collections::VecDeque;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

#[derive(Clone)]
struct Home(Arc<(Mutex<VecDeque<Runnable>>, LiveSet)>);

impl Schedule for Home {
    fn schedule(&self, task: Runnable) {
        self.0.0.lock().push_back(task);
    }

    fn adopt(&self, task: TaskRef) -> Result<(), TaskRef> {
        task.put_into(0);
        self.0.1.insert(task)
    }

    fn release(&self, task: &TaskRef) -> Option<TaskRef> {
        self.0.1.remove(task)
    }
}

impl Home {
    fn new() -> Self {
        Home(Arc::new((Mutex::new(VecDeque::new()), LiveSet::new())))
    }

    #[track_caller]
    fn spawn<F: Future + 'static>(&self, future: F) -> JoinHandle<F::Output> {
        // SAFETY: these tests have one thread.
        let (runnable, handle) =
            unsafe { new_local(future, self.clone(), Id::next(), Origin::here()) };
        self.schedule(runnable);
        handle
    }

    /// Opens the ring of this home, its queue and its tasks.
    fn close(&self) {
        while let Some(task) = self.0.1.pop() {
            task.shutdown();
        }
        let queued = std::mem::take(&mut *self.0.0.lock());
        drop(queued);
    }

    /// Runs what is queued now, once each; the number of polls.
    fn round(&self) -> usize {
        let queued = std::mem::take(&mut *self.0.0.lock());
        let polls = queued.len();
        for task in queued {
            if let Some(again) = task.run() {
                self.schedule(again.task);
            }
        }
        polls
    }
}

fn poll_now<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn a_task_is_polled_once_for_any_number_of_wakes_during_its_poll() {
    let home = Home::new();
    let polls = std::rc::Rc::new(StdCell::new(0));
    let ours = polls.clone();
    drop(home.spawn(poll_fn(move |cx| {
        ours.set(ours.get() + 1);
        cx.waker().wake_by_ref();
        let another = cx.waker().clone();
        another.wake();
        cx.waker().wake_by_ref();
        Poll::<()>::Pending
    })));
    for round in 1..10 {
        assert_eq!(home.round(), 1);
        assert_eq!(polls.get(), round);
    }
    home.close();
}

#[test]
fn a_waker_that_outlives_its_task_does_nothing() {
    let home = Home::new();
    let slot = std::rc::Rc::new(StdCell::new(None));
    let ours = slot.clone();
    drop(home.spawn(poll_fn(move |cx| {
        ours.set(Some(cx.waker().clone()));
        Poll::Ready(())
    })));
    assert_eq!(home.round(), 1);
    assert_eq!(home.0.1.len(), 0);
    let waker: Waker = slot.take().expect("polled");
    waker.wake_by_ref();
    let another = waker.clone();
    another.wake();
    assert_eq!(home.round(), 0);
    drop(home);
    waker.wake();
}

#[test]
fn panics_in_the_future_its_drop_and_its_output_reach_the_handle_or_nobody() {
    let home = Home::new();
    let mut poll_panics = home.spawn(async { panic!("poll") });
    let mut drop_panics = home.spawn(async {
        let _bomb = PanicsWhenDropped;
        pending::<()>().await
    });
    let output_panics = home.spawn(async { PanicsWhenDropped });
    home.round();
    drop_panics.abort();
    home.round();
    match poll_now(&mut poll_panics) {
        Poll::Ready(Err(error)) => assert!(error.is_panic()),
        other => panic!("{other:?}"),
    }
    match poll_now(&mut drop_panics) {
        Poll::Ready(Err(error)) => assert!(error.is_panic()),
        other => panic!("{other:?}"),
    }
    drop(output_panics);
    assert_eq!(home.0.1.len(), 0);
}

#[test]
fn a_handle_that_gave_its_output_names_the_misuse() {
    let home = Home::new();
    let mut handle = home.spawn(async { 1 });
    home.round();
    assert!(matches!(poll_now(&mut handle), Poll::Ready(Ok(1))));
    let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| poll_now(&mut handle)));
    let payload = again.expect_err("polled after completion");
    let text = payload.downcast_ref::<&str>().expect("a literal");
    assert!(text.contains("after it had given"), "{text}");
}

#[test]
fn the_origin_and_the_wait_are_kept_in_the_header() {
    let home = Home::new();
    let line = line!() + 1;
    let inner = home.spawn(pending::<()>());
    let id = inner.id();
    let outer = home.spawn(async move { inner.await.is_ok() });
    home.round();
    let inner_task = home.0.1.pop_by(|task| task.id() == id);
    assert_eq!(inner_task.origin().spawned_at().line(), line);
    assert!(inner_task.origin().name().is_none());
    let outer_task = home.0.1.pop_by(|task| task.id() == outer.id());
    let wait = outer_task.wait();
    assert_eq!(wait.kind, crate::base::wait::Kind::Join);
    assert_eq!(wait.resource, id.as_u64());
    assert_eq!(wait.location.expect("an await").line(), line + 2);
    inner_task.shutdown();
    assert_eq!(outer_task.references(), 3, "handle, runnable and ours");
    outer_task.shutdown();
    home.close();
}

impl LiveSet {
    /// Takes out the task that `wanted` says yes to.
    fn pop_by(&self, wanted: impl Fn(&TaskRef) -> bool) -> TaskRef {
        let mut others = Vec::new();
        let found = loop {
            let task = self.pop().expect("it is in the set");
            if wanted(&task) {
                break task;
            }
            others.push(task);
        };
        for task in others {
            self.insert(task).expect("open");
        }
        found
    }
}

#[test]
fn a_runnable_that_is_dropped_cancels_its_task() {
    let home = Home::new();
    let mut handle = home.spawn(async { 1 });
    home.0.0.lock().clear();
    match poll_now(&mut handle) {
        Poll::Ready(Err(error)) => assert!(error.is_cancelled()),
        other => panic!("{other:?}"),
    }
    assert_eq!(home.0.1.len(), 0);
}

#[test]
fn a_small_task_is_small() {
    fn size<F: Future>(_: F) -> usize {
        std::mem::size_of::<cell::Cell<F, *const ()>>()
    }
    let number = 7u64;
    assert!(size(async {}) <= 120, "{}", size(async {}));
    assert!(
        size(async move { number }) <= 120,
        "{}",
        size(async move { number })
    );
}
