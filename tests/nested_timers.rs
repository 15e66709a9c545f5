//! Timers of a runtime that stands still, because its thread waits for another one.

#[path = "common/runtimes.rs"]
mod runtimes;

use futures::poll;
use runtime::rt::{Builder, Runtime};
use runtime::time::{Duration, Instant, advance, sleep, timeout};
use runtimes::{on_each, with_workers};
use std::future::pending;
use std::pin::pin;

const BRIEF: Duration = Duration::from_millis(5);
const HOUR: Duration = Duration::from_secs(3600);

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// Sleeps of the runtime around, waited for in others.
fn block_on_sleeps() {
    let first = sleep(BRIEF);
    current_thread().block_on(first);
    // By now a task is not on its worker any more.
    let second = sleep(BRIEF);
    let inner = with_workers(1).build().unwrap();
    inner.block_on(second);
    let ended = inner.block_on(timeout(BRIEF, pending::<()>()));
    assert!(ended.is_err());
    current_thread().block_on(async { inner.block_on(sleep(BRIEF)) });
}

#[test]
fn a_sleep_made_around_a_nested_runtime_ends_in_it() {
    on_each(|mut builder| {
        let outer = builder.build().unwrap();
        outer.block_on(async {
            block_on_sleeps();
            runtime::spawn(async { block_on_sleeps() }).await.unwrap();
        });
    });
}

#[test]
fn a_sleep_by_a_paused_clock_ends_in_a_nested_runtime_after_as_long_a_time() {
    on_each(|mut builder| {
        let outer = builder.start_paused(true).build().unwrap();
        outer.block_on(async {
            advance(HOUR).await;
            block_on_sleeps();
            let task = runtime::spawn(async {
                block_on_sleeps();
                let start = std::time::Instant::now();
                current_thread().block_on(sleep(BRIEF));
                assert!(start.elapsed() >= BRIEF);
            });
            task.await.unwrap();
            runtime::task::spawn_blocking(block_on_sleeps)
                .await
                .unwrap();
        });
    });
}

#[test]
fn a_sleep_that_runs_already_goes_along_into_a_nested_runtime_and_back() {
    on_each(|mut builder| {
        let outer = builder.build().unwrap();
        outer.block_on(async {
            let mut short = pin!(sleep(BRIEF));
            let mut long = pin!(sleep(4 * BRIEF));
            let start = Instant::now();
            assert!(poll!(&mut short).is_pending());
            assert!(poll!(&mut long).is_pending());
            let inner = current_thread();
            inner.block_on(async {
                assert!(poll!(&mut long).is_pending());
                short.await;
            });
            // Here it would be in a runtime that nobody runs, and then in one that is gone.
            assert!(poll!(&mut long).is_pending() || start.elapsed() >= 4 * BRIEF);
            current_thread().block_on(async { poll!(&mut long).is_pending() });
            long.await;
            assert!(start.elapsed() >= 4 * BRIEF);
        });
    });
}
