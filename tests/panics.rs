//! A panic in code of the user ends that code and nothing else: the runtime is usable
//! afterwards, counts and owners are right, and nothing runs twice.

#[path = "common/runtimes.rs"]
mod runtimes;

use futures::FutureExt;
use runtime::rt::{Builder, Runtime};
use runtime::sync::oneshot;
use runtime::task::{JoinSet, spawn_blocking, yield_now};
use runtimes::{Census, on_each, on_each_multi_thread, soon, with_workers, within};
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

/// Panics when it is dropped.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

/// Tasks, jobs and timeslices still work, on every worker.
fn assert_usable(runtime: &Runtime) {
    let sum: usize = runtime.block_on(async {
        let mut set = JoinSet::new();
        for i in 0..200 {
            set.spawn(async move {
                yield_now().await;
                i
            });
        }
        let sum: usize = set.join_all().await.into_iter().sum();
        sum + spawn_blocking(|| 1).await.unwrap()
    });
    assert_eq!(sum, 19_901);
    soon("all tasks end", || runtime.metrics().num_alive_tasks() == 0);
}

#[test]
fn a_panic_in_a_future_is_the_result_of_its_task() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        runtime.block_on(async {
            let mut set = JoinSet::new();
            for i in 0..100 {
                let inside = census.make();
                set.spawn(async move {
                    let _inside = inside;
                    if i % 2 == 0 {
                        yield_now().await;
                    }
                    panic!("number {i}");
                });
            }
            let mut count = 0;
            while let Some(result) = set.join_next().await {
                let error: Result<(), _> = result;
                let payload = error.unwrap_err().into_panic();
                let text = payload.downcast_ref::<String>().unwrap();
                assert!(text.starts_with("number "));
                count += 1;
            }
            assert_eq!(count, 100);
        });
        census.assert_over();
        assert_usable(&runtime);
    });
}

#[test]
fn a_panic_in_the_drop_of_a_completed_future_keeps_its_output() {
    struct Future {
        _bomb: Bomb,
    }
    impl std::future::Future for Future {
        type Output = u8;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> std::task::Poll<u8> {
            std::task::Poll::Ready(5)
        }
    }
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(Future {
            _bomb: Bomb("a completed future"),
        });
        assert_eq!(runtime.block_on(task).unwrap(), 5);
        assert_usable(&runtime);
    });
}

#[test]
fn a_panic_in_a_poll_and_another_one_in_the_drop_is_one_panic() {
    struct Future {
        _bomb: Bomb,
    }
    impl std::future::Future for Future {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> std::task::Poll<()> {
            panic!("the poll");
        }
    }
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(Future {
            _bomb: Bomb("the drop after it"),
        });
        let error = runtime.block_on(task).unwrap_err();
        assert_eq!(error.into_panic().downcast_ref(), Some(&"the poll"));
        assert_usable(&runtime);
    });
}

#[test]
fn a_panic_in_the_drop_of_an_output_reaches_nobody() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            // Dropped by the task.
            let (ended, has_ended) = oneshot::channel::<()>();
            drop(runtime::spawn(async move {
                let _ended = ended;
                Bomb("an output without a handle")
            }));
            assert!(has_ended.await.is_err());
            // Dropped by the handle.
            let task = runtime::spawn(async { Bomb("an output with a handle") });
            while !task.is_finished() {
                yield_now().await;
            }
            drop(task);
        });
        assert_usable(&runtime);
    });
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_goes_no_further() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            drop(runtime::spawn(async { panic_any(Bomb("a payload")) }));
            let task = runtime::spawn(async { panic_any(Bomb("a payload")) });
            while !task.is_finished() {
                yield_now().await;
            }
            drop(task);
            let error = runtime::spawn(async { panic_any(Bomb("a payload")) });
            let payload = error.await.unwrap_err().into_panic();
            assert!(catch_unwind(AssertUnwindSafe(|| drop(payload))).is_err());
            let job = spawn_blocking(|| panic_any(Bomb("a payload")));
            while !job.is_finished() {
                yield_now().await;
            }
            drop(job);
        });
        assert_usable(&runtime);
    });
}

struct PanicWaker(AtomicUsize);

impl Wake for PanicWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("a waker");
    }
}

impl Drop for PanicWaker {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("the drop of a waker");
        }
    }
}

#[test]
fn a_join_waker_that_panics_does_not_hurt_the_task() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        let (go, gone) = oneshot::channel::<()>();
        let output = census.make();
        let mut task = runtime.spawn(async move {
            gone.await.unwrap();
            output
        });
        let panics = Arc::new(PanicWaker(AtomicUsize::new(0)));
        let waker = Waker::from(panics.clone());
        let mut cx = Context::from_waker(&waker);
        assert!(Pin::new(&mut task).poll_unpin(&mut cx).is_pending());
        go.send(()).unwrap();
        assert_usable(&runtime);
        // A task is no longer counted before its end is told.
        soon("the waker is woken", || panics.0.load(Ordering::SeqCst) > 0);
        drop(runtime.block_on(task).unwrap());
        census.assert_over();
        soon("the task lets go of it", || Arc::strong_count(&panics) == 2);
        assert_eq!(panics.0.load(Ordering::SeqCst), 1);
        drop(waker);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(panics))).is_err());
    });
}

#[test]
fn a_join_waker_whose_drop_panics_leaves_its_task_alone() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let mut task = runtime.spawn(pending::<()>());
        let waker = Waker::from(Arc::new(PanicWaker(AtomicUsize::new(0))));
        let mut cx = Context::from_waker(&waker);
        assert!(Pin::new(&mut task).poll_unpin(&mut cx).is_pending());
        let abort = task.abort_handle();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(waker)));
        let _ = catch_unwind(AssertUnwindSafe(|| drop(task)));
        abort.abort();
        assert_usable(&runtime);
    });
}

#[test]
fn a_panic_in_a_blocking_job_is_its_result() {
    on_each(|mut builder| {
        let runtime = builder.max_blocking_threads(2).build().unwrap();
        runtime.block_on(async {
            for _ in 0..20 {
                let error = spawn_blocking(|| panic!("a job")).await.unwrap_err();
                assert_eq!(error.into_panic().downcast_ref(), Some(&"a job"));
            }
        });
        assert!(runtime.metrics().num_blocking_threads() <= 2);
        assert_usable(&runtime);
    });
}

#[test]
fn a_panic_in_block_on_goes_through_it_and_leaves_the_runtime_usable() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        for _ in 0..10 {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                runtime.block_on(async {
                    let task = runtime::spawn(async { yield_now().await });
                    task.await.unwrap();
                    panic!("the root");
                })
            }));
            assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"the root"));
            let caught = catch_unwind(AssertUnwindSafe(|| {
                runtime.handle().block_on(async { panic!("the root") })
            }));
            assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"the root"));
            assert!(runtime::rt::Handle::try_current().is_err());
        }
        assert_usable(&runtime);
    });
}

#[test]
fn a_panic_in_block_in_place_is_the_tasks() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        for _ in 0..10 {
            let task = runtime.spawn(async {
                runtime::task::block_in_place(|| panic!("in place"));
            });
            let error = runtime.block_on(task).unwrap_err();
            assert_eq!(error.into_panic().downcast_ref(), Some(&"in place"));
        }
        assert_usable(&runtime);
    });
}

#[test]
fn a_panic_in_a_hook_takes_no_thread_down() {
    type Set = fn(&mut Builder, fn()) -> &mut Builder;
    let hooks: [(&str, Set); 4] = [
        ("on_thread_start", |b, hook| b.on_thread_start(hook)),
        ("on_thread_stop", |b, hook| b.on_thread_stop(hook)),
        ("on_thread_park", |b, hook| b.on_thread_park(hook)),
        ("on_thread_unpark", |b, hook| b.on_thread_unpark(hook)),
    ];
    for (_, set) in hooks {
        on_each(move |mut builder| {
            let runtime = set(&mut builder, || panic!("a hook")).build().unwrap();
            for _ in 0..3 {
                assert_usable(&runtime);
            }
        });
    }
}

#[test]
fn a_panic_in_the_name_of_a_worker_is_an_error_of_build() {
    within("a name that panics", || {
        for workers in [1, 2, 64] {
            let count = Arc::new(AtomicUsize::new(0));
            let result = with_workers(workers)
                .thread_name_fn(move || {
                    let before = count.fetch_add(1, Ordering::SeqCst);
                    assert!(before < workers - 1, "a name");
                    String::from("named")
                })
                .build();
            assert!(result.is_err());
        }
        assert!(with_workers(1).thread_name("a\0b").build().is_err());
    });
}

#[test]
fn a_panic_in_the_name_of_a_later_thread_costs_only_that_thread() {
    within("a name that panics later", || {
        let count = Arc::new(AtomicUsize::new(0));
        let runtime = with_workers(2)
            .thread_name_fn(move || {
                assert!(count.fetch_add(1, Ordering::SeqCst) < 2, "a name");
                String::from("named")
            })
            .build()
            .unwrap();
        let task = runtime.spawn(async { runtime::task::block_in_place(|| 1) });
        assert_eq!(runtime.block_on(task).unwrap(), 1);
        let job = runtime.spawn_blocking(|| 1);
        assert!(runtime.block_on(job).unwrap_err().is_panic());
        let task = runtime.spawn(async { 2 });
        assert_eq!(runtime.block_on(task).unwrap(), 2);
    });
}

#[test]
fn futures_that_panic_when_shutdown_drops_them_do_not_stop_it() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        for _ in 0..100 {
            let inside = census.make();
            runtime.spawn(async move {
                let _inside = inside;
                let _bomb = Bomb("a future at the end");
                pending::<()>().await;
            });
        }
        runtime.block_on(yield_now());
        drop(runtime);
        census.assert_over();
    });
}
