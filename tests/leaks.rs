//! What a runtime held is back after it: tasks, threads, descriptors.
//!
//! The counts are those of the process, so they are taken in child processes, in which one
//! test runs alone.
//!
//! Unsafe code: the calls that read and set a limit of the process get a pointer to a struct
//! of their type.
#![allow(unsafe_code)]

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, Runtime, RuntimeFlavor};
use runtime::sync::oneshot;
use runtime::task::{JoinSet, block_in_place, spawn_blocking, yield_now};
use runtimes::{Census, on_each, soon, with_workers};
use std::fs;
use std::future::pending;
use std::process::Command;

const INSIDE: &str = "RUNTIME_TEST_INSIDE";

/// True in the child process; in the parent runs the child and asserts that it succeeds.
fn alone(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        // A panic that is printed with its frames needs memory, which one test takes away.
        .env("RUST_BACKTRACE", "0")
        .status();
    assert!(status.unwrap().success(), "{test}, in a process of its own");
    false
}

/// Threads and descriptors of this process.
fn held() -> (usize, usize) {
    let count = |what| fs::read_dir(format!("/proc/self/{what}")).unwrap().count();
    (count("task"), count("fd"))
}

fn use_it(runtime: &Runtime) {
    runtime.block_on(async {
        let mut set = JoinSet::new();
        for i in 0..20 {
            drop(runtime::spawn(pending::<()>()));
            set.spawn(yield_now());
            if i % 5 == 0 {
                set.spawn_blocking(|| {});
            }
        }
        set.join_all().await;
    });
}

#[test]
fn two_hundred_runtimes_in_a_row_leave_threads_and_descriptors_as_they_were() {
    let name = "two_hundred_runtimes_in_a_row_leave_threads_and_descriptors_as_they_were";
    if !alone(name) {
        return;
    }
    drop(with_workers(2).build().unwrap());
    let before = held();
    for round in 0..200 {
        let runtime = match round % 8 {
            0 => Builder::new_current_thread().build().unwrap(),
            1 => with_workers(16).build().unwrap(),
            _ => with_workers(1 + round % 3).build().unwrap(),
        };
        use_it(&runtime);
        if round % 2 == 0 {
            // Ends in the background, all the same.
            runtime.shutdown_background();
        }
    }
    soon("all threads and descriptors are given back", || {
        held() == before
    });
}

#[test]
fn a_runtime_that_is_dropped_has_given_its_threads_and_descriptors_back() {
    let name = "a_runtime_that_is_dropped_has_given_its_threads_and_descriptors_back";
    if !alone(name) {
        return;
    }
    let before = held();
    for workers in [1, 2, 64] {
        let runtime = with_workers(workers).build().unwrap();
        use_it(&runtime);
        assert!(held().0 >= before.0 + workers);
        drop(runtime);
        // A thread that was joined may be listed for a moment.
        soon("joined threads are off the list", || held() == before);
    }
}

#[test]
fn a_build_without_threads_or_descriptors_is_an_error_that_leaves_nothing() {
    let name = "a_build_without_threads_or_descriptors_is_an_error_that_leaves_nothing";
    if !alone(name) {
        return;
    }
    if address_space() > 1 << 40 {
        eprintln!("skipped: a sanitizer needs the address space that this test takes away");
        return;
    }
    drop(with_workers(2).build().unwrap());
    let before = held();
    {
        let _limit = Limit::address_space(32 * STACK);
        for workers in [64, 256] {
            let mut builder = with_workers(workers);
            let error = builder.thread_stack_size(STACK).build().unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock, "{error}");
            soon("what was started is undone", || held() == before);
        }
        let some = with_workers(2).thread_stack_size(STACK).build().unwrap();
        let task = some.spawn(async { 1 });
        assert_eq!(some.block_on(task).unwrap(), 1);
    }
    soon("its threads have ended", || held() == before);
    {
        let _limit = Limit::descriptors(3);
        for mut builder in [with_workers(2), Builder::new_current_thread()] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
        }
    }
    assert_eq!(held(), before);
}

#[test]
fn a_runtime_that_gets_no_more_threads_tells_jobs_so_and_runs_its_tasks() {
    let name = "a_runtime_that_gets_no_more_threads_tells_jobs_so_and_runs_its_tasks";
    if !alone(name) {
        return;
    }
    if address_space() > 1 << 40 {
        eprintln!("skipped: a sanitizer needs the address space that this test takes away");
        return;
    }
    for mut builder in [with_workers(1), Builder::new_current_thread()] {
        let runtime = builder.thread_stack_size(STACK).build().unwrap();
        let limit = Limit::address_space(STACK / 2);
        let job = runtime.spawn_blocking(|| {});
        let error = runtime.block_on(job).unwrap_err();
        assert!(error.to_string().contains("no thread"), "{error}");
        if runtime.handle().runtime_flavor() == RuntimeFlavor::MultiThread {
            let task = runtime.spawn(async {
                let one = block_in_place(|| 1);
                yield_now().await;
                one
            });
            assert_eq!(runtime.block_on(task).unwrap(), 1);
        }
        drop(limit);
        let job = runtime.spawn_blocking(|| 2);
        assert_eq!(runtime.block_on(job).unwrap(), 2);
    }
}

const STACK: usize = 64 << 20;

/// Bytes of address space that the process has.
fn address_space() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').next().unwrap().parse::<usize>().unwrap() * 4096
}

/// A limit of this process, until it is dropped.
struct Limit(libc::__rlimit_resource_t, libc::rlimit);

impl Limit {
    /// Room for so many bytes more: a thread whose stack does not fit cannot be made, with the
    /// same error as if there were too many threads.
    fn address_space(room: usize) -> Self {
        Limit::set(libc::RLIMIT_AS, address_space() + room)
    }

    fn descriptors(count: usize) -> Self {
        Limit::set(libc::RLIMIT_NOFILE, count)
    }

    fn set(what: libc::__rlimit_resource_t, soft: usize) -> Self {
        let mut before = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the pointer is to a struct of that type.
        assert_eq!(unsafe { libc::getrlimit(what, &mut before) }, 0);
        let now = libc::rlimit {
            rlim_cur: soft as libc::rlim_t,
            ..before
        };
        // SAFETY: as above.
        assert_eq!(unsafe { libc::setrlimit(what, &now) }, 0);
        Limit(what, before)
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        // SAFETY: as in `set`.
        assert_eq!(unsafe { libc::setrlimit(self.0, &self.1) }, 0);
    }
}

#[test]
fn after_the_work_no_task_is_left() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let metrics = runtime.metrics();
        let census = Census::default();
        runtime.block_on(async {
            let mut set = JoinSet::new();
            let (senders, receivers): (Vec<_>, Vec<_>) =
                (0..100).map(|_| oneshot::channel::<()>()).unzip();
            for receiver in receivers {
                let inside = census.make();
                set.spawn(async move {
                    let _inside = inside;
                    let _ = receiver.await;
                });
                let inside = census.make();
                drop(runtime::spawn(async move {
                    let _inside = inside;
                    yield_now().await;
                    panic!("on purpose");
                }));
                let inside = census.make();
                let aborted = runtime::spawn(async move {
                    let _inside = inside;
                    pending::<()>().await;
                });
                aborted.abort();
            }
            assert!(metrics.num_alive_tasks() >= 100);
            drop(senders);
            set.join_all().await;
            spawn_blocking(|| {}).await.unwrap();
        });
        let over = || metrics.num_alive_tasks() == 0;
        runtime.block_on(async {
            while !over() {
                yield_now().await;
            }
        });
        census.assert_over();
        assert_eq!(metrics.global_queue_depth(), 0);
        assert_eq!(metrics.injection_queue_depth(), 0);
        assert_eq!(metrics.blocking_queue_depth(), 0);
        assert_eq!(metrics.num_blocking_threads(), 1);
        soon("the thread of the pool is idle", || {
            metrics.num_idle_blocking_threads() == 1
        });
        drop(runtime);
        assert_eq!(metrics.num_alive_tasks(), 0);
        assert_eq!(metrics.num_blocking_threads(), 0);
    });
}

#[test]
fn what_waits_in_the_injector_is_counted() {
    let runtime = Builder::new_current_thread().build().unwrap();
    for _ in 0..7 {
        drop(runtime.spawn(async {}));
    }
    assert_eq!(runtime.metrics().global_queue_depth(), 7);
    assert_eq!(runtime.metrics().num_alive_tasks(), 7);
    runtime.block_on(async {
        while runtime.metrics().num_alive_tasks() > 0 {
            yield_now().await;
        }
    });
    assert_eq!(runtime.metrics().global_queue_depth(), 0);
}

#[test]
fn a_hundred_thousand_tasks_leave_the_heap_as_it_was() {
    let name = "a_hundred_thousand_tasks_leave_the_heap_as_it_was";
    if !alone(name) {
        return;
    }
    if address_space() > 1 << 40 {
        eprintln!("skipped: a sanitizer keeps what was freed for a while");
        return;
    }
    let resident = || {
        let pages = fs::read_to_string("/proc/self/statm").unwrap();
        let pages = pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap();
        pages * 4096
    };
    for mut builder in [Builder::new_current_thread(), with_workers(2)] {
        let runtime = builder.build().unwrap();
        let round = || {
            runtime.block_on(async {
                for _ in 0..100 {
                    let mut set: JoinSet<()> = (0..1000).map(|_| yield_now()).collect();
                    while set.join_next().await.is_some() {}
                }
            });
        };
        round();
        let before = resident();
        for _ in 0..3 {
            round();
        }
        let grown = resident().saturating_sub(before);
        assert!(grown < 4 << 20, "{grown} bytes after 300,000 more tasks");
    }
}
