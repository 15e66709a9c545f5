//! What blocks: on the pool, or in place.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, Handle};
use runtime::sync::oneshot;
use runtime::task::{block_in_place, spawn_blocking, yield_now};
use runtimes::{Census, on_each, on_each_multi_thread, soon, with_workers};
use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn no_more_jobs_run_at_once_than_there_may_be_threads() {
    on_each(|mut builder| {
        let runtime = builder.max_blocking_threads(3).build().unwrap();
        // The first three meet, however long their threads take to start.
        let meeting = Arc::new(Barrier::new(3));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let jobs: Vec<_> = (0..60)
            .map(|i| {
                let (now, most, meeting) = (now.clone(), most.clone(), meeting.clone());
                runtime.spawn_blocking(move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    if i < 3 {
                        meeting.wait();
                    }
                    thread::sleep(Duration::from_micros(300));
                    now.fetch_sub(1, Ordering::SeqCst);
                    i
                })
            })
            .collect();
        runtime.block_on(async {
            for (i, job) in jobs.into_iter().enumerate() {
                assert_eq!(job.await.unwrap(), i);
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 3);
        assert!(runtime.metrics().num_blocking_threads() <= 3);
        assert_eq!(runtime.metrics().blocking_queue_depth(), 0);
    });
}

#[test]
fn jobs_that_wait_for_each_other_get_a_thread_each() {
    on_each(|mut builder| {
        let runtime = builder.max_blocking_threads(50).build().unwrap();
        let barrier = Arc::new(Barrier::new(50));
        let jobs: Vec<_> = (0..50)
            .map(|_| {
                let barrier = barrier.clone();
                runtime.spawn_blocking(move || barrier.wait().is_leader())
            })
            .collect();
        let leaders = runtime.block_on(async {
            let mut leaders = 0;
            for job in jobs {
                leaders += usize::from(job.await.unwrap());
            }
            leaders
        });
        assert_eq!(leaders, 1);
    });
}

#[test]
fn an_idle_thread_is_used_again_and_leaves_when_its_time_is_over() {
    on_each(|mut builder| {
        let runtime = builder
            .thread_keep_alive(Duration::from_millis(50))
            .build()
            .unwrap();
        let metrics = runtime.metrics();
        for _ in 0..20 {
            let job = runtime.spawn_blocking(|| {});
            runtime.block_on(job).unwrap();
            soon("the thread is idle, or gone", || {
                metrics.num_idle_blocking_threads() == metrics.num_blocking_threads()
            });
            assert!(metrics.num_blocking_threads() <= 1);
        }
        soon("the threads leave", || {
            runtime.metrics().num_blocking_threads() == 0
        });
        assert_eq!(runtime.metrics().num_idle_blocking_threads(), 0);
    });
}

#[test]
fn a_job_that_is_aborted_before_it_starts_does_not_run() {
    on_each(|mut builder| {
        let runtime = builder.max_blocking_threads(1).build().unwrap();
        let (go, gone) = mpsc::channel::<()>();
        let (started, has_started) = mpsc::channel();
        let first = runtime.spawn_blocking(move || {
            started.send(()).unwrap();
            gone.recv().unwrap();
        });
        has_started.recv().unwrap();
        let census = Census::default();
        let inside = census.make();
        let second = runtime.spawn_blocking(move || {
            drop(inside);
            unreachable!("it was aborted");
        });
        assert_eq!(runtime.metrics().blocking_queue_depth(), 1);
        second.abort();
        first.abort();
        go.send(()).unwrap();
        runtime.block_on(async {
            first.await.unwrap();
            assert!(second.await.unwrap_err().is_cancelled());
        });
        census.assert_over();
    });
}

#[test]
fn a_job_is_in_the_context_of_its_runtime_and_is_a_task() {
    on_each(|mut builder| {
        let runtime = builder.name("here").build().unwrap();
        let job = runtime.spawn_blocking(|| {
            let name = Handle::current().name().map(String::from);
            (name, runtime::task::id())
        });
        let id = job.id();
        let (name, inside) = runtime.block_on(job).unwrap();
        assert_eq!(name.as_deref(), Some("here"));
        assert_eq!(inside, id);
    });
}

#[test]
fn block_in_place_may_borrow_and_the_task_goes_on_afterwards() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            let mut text = String::from("borrowed");
            for _ in 0..5 {
                block_in_place(|| text.push('!'));
                yield_now().await;
            }
            text
        });
        assert_eq!(runtime.block_on(task).unwrap(), "borrowed!!!!!");
        // Where there is no worker it is just called.
        assert_eq!(block_in_place(|| 1), 1);
        assert_eq!(runtime.block_on(async { block_in_place(|| 2) }), 2);
        let job = runtime.spawn_blocking(|| block_in_place(|| 3));
        assert_eq!(runtime.block_on(job).unwrap(), 3);
    });
}

#[test]
fn tasks_behind_block_in_place_are_run_by_another_thread() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            // Both in the slot that no other worker looks into, and in the run queue.
            let (send, receive) = mpsc::channel();
            for i in 0..10 {
                let send = send.clone();
                drop(runtime::spawn(async move { send.send(i).unwrap() }));
            }
            block_in_place(|| {
                let mut seen: Vec<i32> = (0..10).map(|_| receive.recv().unwrap()).collect();
                seen.sort_unstable();
                assert_eq!(seen, (0..10).collect::<Vec<_>>());
            });
        });
        runtime.block_on(task).unwrap();
    });
}

#[test]
fn what_is_woken_and_spawned_in_block_in_place_runs() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            let (wake, woken) = oneshot::channel();
            let sleeper = runtime::spawn(woken);
            yield_now().await;
            block_in_place(|| {
                wake.send(4).unwrap();
                let task = runtime::spawn(async { 3 });
                let handle = Handle::current();
                handle.block_on(async { task.await.unwrap() + sleeper.await.unwrap().unwrap() })
            })
        });
        assert_eq!(runtime.block_on(task).unwrap(), 7);
    });
}

#[test]
fn a_task_that_was_woken_during_block_in_place_is_polled_again() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            let mut polls = 0;
            poll_fn(|cx| {
                polls += 1;
                if polls == 20 {
                    return Poll::Ready(());
                }
                block_in_place(|| cx.waker().wake_by_ref());
                Poll::Pending
            })
            .await;
            polls
        });
        assert_eq!(runtime.block_on(task).unwrap(), 20);
    });
}

#[test]
fn a_thousand_block_in_place_at_once_leave_the_workers_as_they_were() {
    on_each_multi_thread(|mut builder| {
        if runtime_is_wide(&builder) {
            return;
        }
        let runtime = builder.build().unwrap();
        let barrier = Arc::new(Barrier::new(1000));
        let tasks: Vec<_> = (0..1000)
            .map(|i| {
                let barrier = barrier.clone();
                runtime.spawn(async move {
                    block_in_place(|| barrier.wait());
                    yield_now().await;
                    i
                })
            })
            .collect();
        let sum: usize = runtime.block_on(async {
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 499_500);
        let task = runtime.spawn(async { 1 });
        assert_eq!(runtime.block_on(task).unwrap(), 1);
    });
}

/// Two workers are storm enough.
fn runtime_is_wide(builder: &Builder) -> bool {
    format!("{builder:?}").contains("64")
}

#[test]
fn the_thread_that_leaves_block_in_place_gives_its_place_back() {
    let (starts, stops) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (on_start, on_stop) = (starts.clone(), stops.clone());
    let runtime = with_workers(2)
        .on_thread_start(move || _ = on_start.fetch_add(1, Ordering::SeqCst))
        .on_thread_stop(move || _ = on_stop.fetch_add(1, Ordering::SeqCst))
        .build()
        .unwrap();
    for _ in 0..20 {
        let task = runtime.spawn(async { block_in_place(|| {}) });
        runtime.block_on(task).unwrap();
    }
    soon("the threads that gave their core away end", || {
        starts.load(Ordering::SeqCst) == stops.load(Ordering::SeqCst) + 2
    });
    drop(runtime);
    assert_eq!(starts.load(Ordering::SeqCst), stops.load(Ordering::SeqCst));
}

#[test]
fn a_task_that_blocks_again_and_again_starts_a_few_threads_only() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            let mut threads = HashSet::new();
            for _ in 0..1000 {
                threads.insert(block_in_place(|| thread::current().id()));
                yield_now().await;
            }
            threads.len()
        });
        let threads = runtime.block_on(task).unwrap();
        let workers = runtime.metrics().num_workers();
        assert!(threads < 100 + workers, "{threads}");
    });
}

#[test]
fn a_runtime_ends_at_once_though_threads_stay_for_the_next_to_block() {
    let start = Instant::now();
    for _ in 0..50 {
        let runtime = with_workers(1).build().unwrap();
        let task = runtime.spawn(async { block_in_place(|| {}) });
        runtime.block_on(task).unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn hooks_and_names_are_those_of_all_threads() {
    on_each(|mut builder| {
        let named = Arc::new(AtomicBool::new(true));
        let theirs = named.clone();
        let runtime = builder
            .thread_name("of-mine")
            .on_thread_start(move || {
                let is_named = thread::current().name() == Some("of-mine");
                theirs.fetch_and(is_named, Ordering::SeqCst);
            })
            .build()
            .unwrap();
        runtime.block_on(async {
            spawn_blocking(|| {}).await.unwrap();
            runtime::spawn(async {}).await.unwrap();
        });
        drop(runtime);
        assert!(named.load(Ordering::SeqCst));
    });
}
