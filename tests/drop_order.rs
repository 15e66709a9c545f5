//! When what is dropped, and on which thread.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, Runtime, RuntimeFlavor};
use runtime::sync::oneshot;
use runtime::task::yield_now;
use runtimes::{on_each, on_each_multi_thread, with_workers};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

type Trace = Arc<Mutex<Vec<(&'static str, ThreadId)>>>;

/// Writes its name when it is dropped.
struct Tell(&'static str, Trace);

impl Drop for Tell {
    fn drop(&mut self) {
        let entry = (self.0, thread::current().id());
        self.1.lock().unwrap().push(entry);
    }
}

fn names(trace: &Trace) -> Vec<&'static str> {
    trace.lock().unwrap().iter().map(|entry| entry.0).collect()
}

#[test]
fn a_future_is_dropped_before_its_output_is_given_out() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let trace = Trace::default();
        let (held, captured) = (
            Tell("local", trace.clone()),
            Tell("captured", trace.clone()),
        );
        let output = Tell("output", trace.clone());
        let task = runtime.spawn(async move {
            let _captured = &captured;
            let _held = held;
            output
        });
        let output = runtime.block_on(task).unwrap();
        let before = names(&trace);
        assert!(before.contains(&"local") && before.contains(&"captured"));
        drop(output);
        assert_eq!(names(&trace).last(), Some(&"output"));
        assert_eq!(names(&trace).len(), 3);
    });
}

#[test]
fn an_aborted_future_is_dropped_by_the_runtime_and_not_by_whoever_aborts() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let trace = Trace::default();
        let inside = Tell("future", trace.clone());
        let (started, has_started) = oneshot::channel::<()>();
        let task = runtime.spawn(async move {
            let _inside = inside;
            started.send(()).unwrap();
            pending::<()>().await;
        });
        runtime.block_on(has_started).unwrap();
        let abort = task.abort_handle();
        let aborter = thread::spawn(move || {
            abort.abort();
            thread::current().id()
        });
        let aborter = aborter.join().unwrap();
        assert!(runtime.block_on(task).unwrap_err().is_cancelled());
        let dropped_on = trace.lock().unwrap()[0].1;
        assert_ne!(dropped_on, aborter);
        if runtime.handle().runtime_flavor() == RuntimeFlavor::CurrentThread {
            assert_eq!(dropped_on, thread::current().id());
        } else {
            assert_ne!(dropped_on, thread::current().id());
        }
    });
}

#[test]
fn an_aborted_future_is_gone_when_the_handle_says_so() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        for _ in 0..200 {
            let trace = Trace::default();
            let inside = Tell("future", trace.clone());
            let task = runtime.spawn(async move {
                let _inside = inside;
                pending::<()>().await;
            });
            task.abort();
            runtime.block_on(task).unwrap_err();
            assert_eq!(names(&trace), ["future"]);
        }
    });
}

#[test]
fn all_futures_are_gone_when_the_drop_of_the_runtime_returns() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let trace = Trace::default();
        for _ in 0..100 {
            let inside = Tell("future", trace.clone());
            drop(runtime.spawn(async move {
                let _inside = inside;
                pending::<()>().await;
            }));
        }
        drop(runtime);
        assert_eq!(names(&trace).len(), 100);
    });
}

#[test]
fn futures_of_a_current_thread_runtime_are_dropped_by_who_drops_it() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let trace = Trace::default();
    let inside = Tell("future", trace.clone());
    drop(runtime.spawn(async move {
        let _inside = inside;
        pending::<()>().await;
    }));
    runtime.block_on(yield_now());
    let dropper = thread::spawn(move || {
        drop(runtime);
        thread::current().id()
    });
    let dropper = dropper.join().unwrap();
    assert_eq!(trace.lock().unwrap()[0].1, dropper);
}

#[test]
fn an_output_without_a_handle_is_dropped_where_the_task_ended() {
    on_each_multi_thread(|mut builder| {
        let runtime: Runtime = builder.build().unwrap();
        let trace = Trace::default();
        let output = Tell("output", trace.clone());
        let (go, gone) = oneshot::channel::<()>();
        drop(runtime.spawn(async move {
            gone.await.unwrap();
            output
        }));
        go.send(()).unwrap();
        runtimes::soon("the output is dropped", || names(&trace) == ["output"]);
        assert_ne!(trace.lock().unwrap()[0].1, thread::current().id());
    });
}

#[test]
fn a_job_that_shutdown_cancels_is_dropped_and_one_that_runs_is_not() {
    let runtime = with_workers(1).max_blocking_threads(1).build().unwrap();
    let trace = Trace::default();
    let (first, second) = (
        Tell("running", trace.clone()),
        Tell("queued", trace.clone()),
    );
    let (started, has_started) = std::sync::mpsc::channel();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let running = runtime.spawn_blocking(move || {
        started.send(()).unwrap();
        gone.recv().unwrap();
        drop(first);
    });
    has_started.recv().unwrap();
    drop(runtime.spawn_blocking(move || drop(second)));
    runtime.shutdown_background();
    assert_eq!(names(&trace), ["queued"]);
    go.send(()).unwrap();
    futures::executor::block_on(running).unwrap();
    assert_eq!(names(&trace), ["queued", "running"]);
}
