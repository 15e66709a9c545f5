//! A chain of tasks, each of which drops the next, is taken down without recursion.

#[path = "common/runtimes.rs"]
mod runtimes;

use futures::FutureExt;
use runtime::rt::{Builder, Runtime};
use runtime::task::{JoinHandle, yield_now};
use runtimes::{Census, Thing, on_each, soon, within};
use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::thread;

const LENGTH: usize = 100_000;

/// Less than a chain of frames would need by far.
const STACK: usize = 128 * 1024;

fn on_small_stack(claim: impl FnOnce() + Send + 'static) {
    within("a small stack", move || {
        let thread = thread::Builder::new().stack_size(STACK).spawn(claim);
        thread.unwrap().join().unwrap();
    });
}

fn small_stacks(mut builder: Builder) -> Runtime {
    builder.thread_stack_size(STACK).build().unwrap()
}

/// The output of a task: the handle of the one before.
struct Link {
    _before: Option<JoinHandle<Link>>,
    _thing: Thing,
}

/// Somebody took all of it down. That may be a worker that had one of the tasks in hand still:
/// the count of tasks goes down a moment before a task has ended.
fn assert_gone(census: &Census) {
    soon("all are dropped", || census.made() == census.dropped());
    assert_eq!(census.made(), LENGTH);
}

/// Complete tasks, each of whose outputs holds the next one's handle.
fn chain(runtime: &Runtime, census: &Census) -> JoinHandle<Link> {
    let mut last = None;
    for _ in 0..LENGTH {
        let (before, thing) = (last.take(), census.make());
        last = Some(runtime.spawn(async move {
            Link {
                _before: before,
                _thing: thing,
            }
        }));
    }
    let last = last.unwrap();
    runtime.block_on(async {
        while runtime.metrics().num_alive_tasks() > 0 {
            yield_now().await;
        }
    });
    last
}

#[test]
fn a_chain_of_outputs_is_dropped_from_outside() {
    on_each(|builder| {
        let runtime = small_stacks(builder);
        let census = Census::default();
        let last = chain(&runtime, &census);
        let theirs = census.clone();
        on_small_stack(move || {
            drop(last);
            assert_gone(&theirs);
        });
    });
}

#[test]
fn a_chain_of_outputs_is_dropped_in_a_task() {
    on_each(|builder| {
        let runtime = small_stacks(builder);
        let census = Census::default();
        let last = chain(&runtime, &census);
        let theirs = census.clone();
        if runtime.metrics().num_workers() > 1 {
            let task = runtime.spawn(async move { drop(last) });
            runtime.block_on(task).unwrap();
        } else {
            on_small_stack(move || {
                let task = runtime.spawn(async move { drop(last) });
                runtime.block_on(task).unwrap();
                assert_gone(&theirs);
            });
        }
        assert_gone(&census);
    });
}

#[test]
fn a_chain_of_outputs_is_dropped_when_its_last_task_is_cancelled() {
    on_each(|builder| {
        let runtime = small_stacks(builder);
        let census = Census::default();
        let last = chain(&runtime, &census);
        drop(runtime.spawn(async move {
            let _last = last;
            pending::<()>().await;
        }));
        on_small_stack(move || drop(runtime));
        assert_gone(&census);
    });
}

#[test]
fn a_chain_of_handles_each_in_the_next_ones_future_ends_with_the_runtime() {
    on_each(|builder| {
        let runtime = small_stacks(builder);
        let census = Census::default();
        let mut last = None;
        for _ in 0..LENGTH {
            let (before, thing): (Option<JoinHandle<()>>, _) = (last.take(), census.make());
            last = Some(runtime.spawn(async move {
                let _thing = thing;
                match before {
                    Some(before) => before.await.unwrap(),
                    None => pending().await,
                }
            }));
        }
        runtime.block_on(async {
            for _ in 0..10 {
                yield_now().await;
            }
        });
        on_small_stack(move || drop((runtime, last)));
        assert_gone(&census);
    });
}

#[test]
fn a_chain_of_tasks_that_complete_one_by_the_other_completes() {
    on_each(|builder| {
        let runtime = small_stacks(builder);
        on_small_stack(move || {
            let mut last: Option<JoinHandle<usize>> = None;
            for _ in 0..LENGTH {
                let before = last.take();
                last = Some(runtime.spawn(async move {
                    match before {
                        Some(before) => before.await.unwrap() + 1,
                        None => 1,
                    }
                }));
            }
            assert_eq!(runtime.block_on(last.unwrap()).unwrap(), LENGTH);
        });
    });
}

/// A waker that owns a handle, in whose task the next such waker waits.
struct Holder {
    _before: Mutex<Option<JoinHandle<()>>>,
    _thing: Thing,
}

impl Wake for Holder {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn a_chain_of_wakers_is_dropped() {
    on_each(|builder| {
        let runtime = small_stacks(builder);
        let census = Census::default();
        let mut last: Option<JoinHandle<()>> = None;
        for _ in 0..LENGTH {
            let mut task = runtime.spawn(pending::<()>());
            let holder = Holder {
                _before: Mutex::new(last.take()),
                _thing: census.make(),
            };
            let waker = Waker::from(Arc::new(holder));
            let mut cx = Context::from_waker(&waker);
            assert!(Pin::new(&mut task).poll_unpin(&mut cx).is_pending());
            last = Some(task);
        }
        let theirs = census.clone();
        on_small_stack(move || {
            drop(last);
            assert_gone(&theirs);
        });
    });
}

#[test]
fn a_chain_of_wakers_is_woken_by_shutdown() {
    on_each(|builder| {
        let runtime = small_stacks(builder);
        let census = Census::default();
        let mut last: Option<JoinHandle<()>> = None;
        for _ in 0..LENGTH {
            let mut task = runtime.spawn(pending::<()>());
            let holder = Holder {
                _before: Mutex::new(last.take()),
                _thing: census.make(),
            };
            let waker = Waker::from(Arc::new(holder));
            let mut cx = Context::from_waker(&waker);
            assert!(Pin::new(&mut task).poll_unpin(&mut cx).is_pending());
            last = Some(task);
        }
        on_small_stack(move || drop(runtime));
        // Each waker went with its task, and the handle in it with the waker.
        assert_eq!(census.dropped(), LENGTH);
        drop(last);
    });
}

#[test]
fn a_chain_of_spawns_from_drops_ends_with_the_runtime() {
    /// Each future spawns the next one when it is dropped.
    struct Next {
        left: usize,
        census: Census,
        _thing: Thing,
    }
    impl Next {
        fn new(left: usize, census: &Census) -> Self {
            let (census, _thing) = (census.clone(), census.make());
            Next {
                left,
                census,
                _thing,
            }
        }
    }
    impl Drop for Next {
        fn drop(&mut self) {
            if self.left > 0 {
                let next = Next::new(self.left - 1, &self.census);
                drop(runtime::spawn(async move {
                    let _next = next;
                    pending::<()>().await;
                }));
            }
        }
    }
    on_each(|builder| {
        let runtime = small_stacks(builder);
        let census = Census::default();
        let first = Next::new(LENGTH, &census);
        drop(runtime.spawn(async move {
            let _first = first;
            pending::<()>().await;
        }));
        runtime.block_on(yield_now());
        on_small_stack(move || drop(runtime));
        soon("the last one is dropped", || {
            census.made() == census.dropped()
        });
        assert_eq!(census.made(), LENGTH + 1);
    });
}
