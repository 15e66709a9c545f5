//! A misuse panics at the line of whoever made it, and says what to do instead; a wrong
//! setting of the environment is an error.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, Handle, Runtime};
use runtime::stream::StreamExt;
use runtime::task::{self, JoinSet, LocalSet, block_in_place, spawn_blocking};
use runtime::time::{Duration, sleep, timeout};
use runtimes::within;
use std::cell::RefCell;
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::Once;

thread_local! {
    static LAST: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// The file in which `misuse` panicked, and the message.
fn panic_of(misuse: impl FnOnce()) -> (String, String) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let file = info.location().map_or("", |location| location.file());
            let payload = info.payload();
            let text = match payload.downcast_ref::<String>() {
                Some(text) => text,
                None => payload.downcast_ref::<&str>().copied().unwrap_or_default(),
            };
            LAST.with(|last| *last.borrow_mut() = Some((file.to_owned(), text.to_owned())));
            before(info);
        }));
    });
    LAST.with(|last| last.borrow_mut().take());
    let caught = catch_unwind(AssertUnwindSafe(misuse));
    assert!(caught.is_err(), "nothing panicked");
    LAST.with(|last| last.borrow_mut().take()).unwrap()
}

/// `misuse` panics in this file, and says how to do without.
#[track_caller]
fn assert_tells(remedy: &str, misuse: impl FnOnce()) {
    let (file, text) = panic_of(misuse);
    assert_eq!(file, file!(), "{text}");
    assert!(text.contains(remedy), "{text:?} has no {remedy:?}");
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap()
}

#[test]
fn a_group_of_no_values_is_refused() {
    assert_tells("a chunk has at least one value", || {
        let values = runtime::stream::iter([1]);
        drop(values.chunks_timeout(0, std::time::Duration::ZERO));
    });
}

#[test]
fn spawning_without_a_runtime_names_the_ways_to_have_one() {
    assert_tells("Runtime::enter", || drop(runtime::spawn(async {})));
    assert_tells("Runtime::enter", || drop(spawn_blocking(|| {})));
    assert_tells("Runtime::enter", || drop(Handle::current()));
    assert_tells("Runtime::enter", || {
        JoinSet::new().spawn(async {});
    });
    assert_tells("Runtime::enter", || {
        JoinSet::new().spawn_blocking(|| {});
    });
    let error = Handle::try_current().unwrap_err();
    assert!(error.is_missing_context());
    assert!(error.to_string().contains("Runtime::enter"));
}

#[test]
fn blocking_on_the_current_thread_runtime_that_this_thread_runs_names_both_calls() {
    let runtime = current_thread();
    let handle = runtime.handle().clone();
    let outer = line!() + 1;
    runtime.block_on(async {
        let tells = |inner: u32, misuse: &dyn Fn()| {
            let (file, text) = panic_of(misuse);
            assert_eq!(file, file!(), "{text}");
            for line in [inner, outer] {
                assert!(text.contains(&format!("misuse.rs:{line}:")), "{text}");
            }
            for remedy in [".await", "spawn_blocking", "multi-thread"] {
                assert!(text.contains(remedy), "{text}");
            }
        };
        tells(line!(), &|| runtime.block_on(async {}));
        tells(line!(), &|| handle.block_on(async {}));
        // Though there are other runtimes in between.
        for other in [current_thread(), multi_thread()] {
            other.block_on(async {
                tells(line!(), &|| runtime.block_on(async {}));
                let third = multi_thread();
                third.block_on(async { tells(line!(), &|| handle.block_on(async {})) });
            });
            // Elsewhere it could make progress.
            let (inside, far) = (handle.clone(), other.handle().clone());
            let far = far.spawn_blocking(move || inside.block_on(async { 3 }));
            assert_eq!(far.await.unwrap(), 3);
        }
        let inside = handle.clone();
        let task = runtime::spawn(async move {
            let (_, text) = panic_of(|| inside.block_on(async {}));
            assert!(text.contains(&format!("misuse.rs:{outer}:")), "{text}");
        });
        task.await.unwrap();
    });
    // It is all over with the outer one.
    assert_eq!(handle.block_on(async { runtime.block_on(async { 5 }) }), 5);
}

#[test]
fn a_blocking_twin_of_an_async_function_names_the_await_in_all_async_code() {
    use runtime::sync::{Mutex, mpsc, oneshot};
    for runtime in [current_thread(), multi_thread()] {
        let misuses = || {
            assert_tells(".await", || drop(Mutex::new(1).blocking_lock()));
            let (send, mut receive) = mpsc::channel::<u32>(1);
            assert_tells(".await", || _ = send.blocking_send(1));
            assert_tells(".await", || _ = receive.blocking_recv());
            assert_tells(".await", || {
                _ = oneshot::channel::<u32>().1.blocking_recv();
            });
        };
        runtime.block_on(async {
            misuses();
            let other = multi_thread();
            other.block_on(async { misuses() });
            runtime::spawn(async move { misuses() }).await.unwrap();
        });
    }
}

#[test]
fn block_in_place_on_a_current_thread_runtime_names_spawn_blocking() {
    let (alone, other) = (current_thread(), multi_thread());
    alone.block_on(async {
        assert_tells("spawn_blocking", || block_in_place(|| {}));
        // Whatever context is entered: it is about this thread.
        let _guard = other.enter();
        assert_tells("spawn_blocking", || block_in_place(|| {}));
    });
    let task = alone.spawn(async { assert_tells("spawn_blocking", || block_in_place(|| {})) });
    alone.block_on(task).unwrap();
    let handle = alone.handle().clone();
    let task = other.spawn(async move {
        let _guard = handle.enter();
        block_in_place(|| 1)
    });
    assert_eq!(other.block_on(task).unwrap(), 1);
}

#[test]
fn block_in_place_in_a_local_set_names_spawn_blocking() {
    let refused = || assert_tells("spawn_blocking", || block_in_place(|| {}));
    let runtime = multi_thread();
    let set = LocalSet::new();
    set.block_on(&runtime, async move {
        refused();
        task::spawn_local(async move { refused() }).await.unwrap();
    });
    // One that is entered, but not polled, has no tasks that would wait.
    let _guard = set.enter();
    assert_eq!(block_in_place(|| 1), 1);
}

#[test]
#[allow(clippy::redundant_async_block)] // The place of the `.await` is what it is about.
fn a_timer_without_a_runtime_is_told_where_it_is_awaited() {
    assert_tells("Runtime::enter", || {
        futures::executor::block_on(async { sleep(Duration::from_secs(1)).await });
    });
    assert_tells("Runtime::enter", || {
        let _ = futures::executor::block_on(async {
            timeout(Duration::from_secs(1), pending::<()>()).await
        });
    });
    let runtime = current_thread();
    let guard = runtime.enter();
    let late = sleep(Duration::from_secs(1));
    drop(guard);
    drop(runtime);
    assert_tells("before its runtime", || {
        futures::executor::block_on(async { late.await });
    });
}

#[test]
fn zero_is_refused_where_it_makes_no_sense() {
    let builder = Builder::new_multi_thread;
    assert_tells("new_current_thread", || {
        builder().worker_threads(0);
    });
    assert_tells("at least 1", || {
        builder().max_blocking_threads(0);
    });
    assert_tells("at least 1", || {
        builder().global_queue_interval(0);
    });
    assert_tells("at least 1", || {
        builder().event_interval(0);
    });
    assert_tells("at least 1", || {
        builder().max_io_events_per_tick(0);
    });
    assert_tells("at least 1", || {
        builder().max_io_events_per_busy_tick(0);
    });
    assert_tells("without one", || {
        builder().name(" ");
    });
}

#[test]
fn the_id_outside_of_a_task_names_try_id() {
    assert_tells("try_id", || _ = task::id());
    current_thread().block_on(async { assert_tells("try_id", || _ = task::id()) });
}

#[test]
fn a_handle_that_is_polled_after_its_end_says_so_there() {
    current_thread().block_on(async {
        let mut handle = runtime::spawn(async {});
        (&mut handle).await.unwrap();
        let (file, text) = panic_of(|| {
            let waker = std::task::Waker::noop();
            let mut cx = std::task::Context::from_waker(waker);
            let _ = std::future::Future::poll(std::pin::Pin::new(&mut handle), &mut cx);
        });
        assert_eq!(file, file!());
        assert!(text.contains("after it had given"), "{text}");
    });
}

#[test]
fn the_payload_of_a_task_that_did_not_panic_names_is_panic() {
    current_thread().block_on(async {
        let handle = runtime::spawn(pending::<()>());
        handle.abort();
        let error = handle.await.unwrap_err();
        assert_tells("is_panic", || drop(error.into_panic()));
    });
}

#[test]
fn guards_in_the_wrong_order_are_told_the_right_one() {
    within("guards in the wrong order", || {
        let runtime = current_thread();
        let first = runtime.enter();
        let second = runtime.enter();
        let (_, text) = panic_of(|| drop(first));
        assert!(text.contains("reverse order"), "{text}");
        drop(second);
        assert!(Handle::try_current().is_err());
    });
}

/// The test of this name once more, in a process with another environment.
fn again(test: &str, workers: &std::ffi::OsStr) -> bool {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env("RUNTIME_WORKERS", workers)
        .env("RUNTIME_TEST_INSIDE", workers)
        .status()
        .unwrap()
        .success()
}

#[test]
fn workers_from_the_environment_are_a_number_above_zero() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let Some(workers) = std::env::var_os("RUNTIME_TEST_INSIDE") else {
        let not_text = OsStr::from_bytes(&[0xff, 0xfe]);
        for value in [
            OsStr::new("3"),
            OsStr::new(" 5 "),
            OsStr::new("0"),
            OsStr::new("-1"),
            OsStr::new("many"),
            OsStr::new(""),
            not_text,
        ] {
            let name = "workers_from_the_environment_are_a_number_above_zero";
            assert!(again(name, value), "{value:?}");
        }
        return;
    };
    let number = workers.to_str().and_then(|text| text.trim().parse().ok());
    match (Runtime::new(), number) {
        (Ok(runtime), Some(number)) => assert_eq!(runtime.metrics().num_workers(), number),
        (Err(error), None | Some(0)) => {
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
            assert!(error.to_string().contains("RUNTIME_WORKERS"), "{error}");
            // The program's word is worth more, and no word is needed where there is one worker.
            assert_eq!(multi_thread().metrics().num_workers(), 2);
            assert_eq!(current_thread().block_on(ready(1)), 1);
        }
        (result, _) => panic!("{workers:?} gave {result:?}"),
    }
}
