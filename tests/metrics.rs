//! The numbers of a runtime add up.

#[path = "common/runtimes.rs"]
mod runtimes;

use futures::FutureExt;
use runtime::net::UdpSocket;
use runtime::rt::{Builder, HistogramConfiguration, Runtime, RuntimeMetrics};
use runtime::sync::oneshot;
use runtime::task::{consume_budget, yield_now};
use runtime::time::{Duration, sleep};
use runtimes::{on_each, soon, with_workers};
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn sum(metrics: &RuntimeMetrics, of: impl Fn(&RuntimeMetrics, usize) -> u64) -> u64 {
    (0..metrics.num_workers()).map(|i| of(metrics, i)).sum()
}

#[test]
fn spawned_and_alive_tasks_are_counted() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let metrics = runtime.metrics();
        let tasks: Vec<_> = (0..10).map(|_| runtime.spawn(async {})).collect();
        let endless = runtime.spawn(pending::<()>());
        runtime.block_on(async {
            for task in tasks {
                task.await.unwrap();
            }
        });
        assert_eq!(metrics.spawned_tasks_count(), 11);
        assert_eq!(metrics.num_alive_tasks(), 1);
        assert!(metrics.remote_schedule_count() >= 11);
        endless.abort();
        let _ = runtime.block_on(endless);
        assert_eq!(metrics.num_alive_tasks(), 0);
    });
}

#[test]
fn polls_and_schedules_are_counted_to_the_last_one() {
    let runtime = current_thread();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        for _ in 0..10 {
            runtime::spawn(yield_now()).await.unwrap();
        }
    });
    assert_eq!(metrics.worker_poll_count(0), 20);
    assert_eq!(metrics.worker_local_schedule_count(0), 20);
    assert_eq!(metrics.remote_schedule_count(), 0);
    assert_eq!(metrics.worker_steal_count(0), 0);
    assert_eq!(metrics.worker_overflow_count(0), 0);
    assert_eq!(metrics.worker_local_queue_depth(0), 0);
}

#[test]
fn polls_of_all_workers_are_told_before_they_sleep() {
    for workers in [1, 2, 4] {
        let runtime = with_workers(workers).build().unwrap();
        let metrics = runtime.metrics();
        let tasks: Vec<_> = (0..100).map(|_| runtime.spawn(yield_now())).collect();
        runtime.block_on(async {
            for task in tasks {
                task.await.unwrap();
            }
        });
        soon("all polls are told", || {
            sum(&metrics, RuntimeMetrics::worker_poll_count) == 200
        });
        assert!(
            sum(&metrics, RuntimeMetrics::worker_steal_count)
                >= sum(&metrics, RuntimeMetrics::worker_steal_operations)
        );
    }
}

#[test]
fn a_worker_that_sleeps_has_parked_once_more_than_it_woke() {
    let runtime = with_workers(1).build().unwrap();
    let metrics = runtime.metrics();
    let asleep = || {
        let park = metrics.worker_park_count(0);
        park > 0 && metrics.worker_park_unpark_count(0) == 2 * park - 1
    };
    soon("it sleeps", asleep);
    assert_eq!(metrics.worker_park_count(0), 1);
    let before = metrics.worker_park_count(0);
    runtime.block_on(runtime.spawn(async {})).unwrap();
    soon("it sleeps again", || {
        asleep() && metrics.worker_park_count(0) > before
    });
}

#[test]
fn looks_of_the_watch_that_find_nothing_are_one_sleep() {
    let runtime = with_workers(2).build().unwrap();
    let metrics = runtime.metrics();
    let parks = || sum(&metrics, RuntimeMetrics::worker_park_count);
    soon("both sleep", || parks() >= 2);
    std::thread::sleep(Duration::from_millis(60));
    assert!(parks() <= 4, "{}", parks());
}

#[test]
fn busy_time_grows_with_work_and_not_with_sleep() {
    let runtime = current_thread();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        let before = metrics.worker_total_busy_duration(0);
        sleep(Duration::from_millis(200)).await;
        let slept = metrics.worker_total_busy_duration(0) - before;
        assert!(slept < Duration::from_millis(200), "{slept:?}");
    });
    let before = metrics.worker_total_busy_duration(0);
    runtime.block_on(async {
        runtime::spawn(async { std::thread::sleep(Duration::from_millis(5)) })
            .await
            .unwrap();
    });
    let worked = metrics.worker_total_busy_duration(0) - before;
    assert!(worked >= Duration::from_millis(5), "{worked:?}");
    assert!(metrics.worker_mean_poll_time(0) > Duration::ZERO);
}

#[test]
fn a_thread_is_told_while_there_is_one() {
    let runtime = current_thread();
    let metrics = runtime.metrics();
    assert_eq!(metrics.worker_thread_id(0), None);
    let here = std::thread::current().id();
    runtime.block_on(async { assert_eq!(metrics.worker_thread_id(0), Some(here)) });
    assert_eq!(metrics.worker_thread_id(0), None);
    let runtime = with_workers(1).build().unwrap();
    let there = runtime.block_on(runtime.spawn(async { std::thread::current().id() }));
    assert_eq!(runtime.metrics().worker_thread_id(0), Some(there.unwrap()));
}

#[test]
fn tasks_that_had_to_give_way_are_counted() {
    let runtime = current_thread();
    let greedy = async {
        for _ in 0..1000 {
            consume_budget().await;
        }
    };
    runtime.block_on(runtime.spawn(greedy)).unwrap();
    assert_eq!(runtime.metrics().budget_forced_yield_count(), 1000 / 128);
    runtime.block_on(runtime.spawn(yield_now())).unwrap();
    assert_eq!(runtime.metrics().budget_forced_yield_count(), 1000 / 128);
}

#[test]
fn queues_are_as_deep_as_what_waits_in_them() {
    let runtime = current_thread();
    let metrics = runtime.metrics();
    let tasks: Vec<_> = (0..5).map(|_| runtime.spawn(async {})).collect();
    assert_eq!(metrics.global_queue_depth(), 5);
    assert_eq!(metrics.injection_queue_depth(), 5);
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
        for _ in 0..5 {
            drop(runtime::spawn(async {}));
        }
        assert_eq!(
            metrics.worker_local_queue_depth(0),
            4,
            "and one in the slot"
        );
    });
    assert_eq!(metrics.global_queue_depth(), 0);
}

#[test]
fn blocking_threads_are_counted() {
    let runtime = Builder::new_current_thread()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let (started, starts) = oneshot::channel();
    let first = runtime.spawn_blocking(move || {
        started.send(()).unwrap();
        let _ = wait.recv();
    });
    let second = runtime.spawn_blocking(|| ());
    runtime.block_on(starts).unwrap();
    assert_eq!(metrics.num_blocking_threads(), 1);
    assert_eq!(metrics.blocking_queue_depth(), 1);
    drop(go);
    runtime.block_on(async {
        first.await.unwrap();
        second.await.unwrap();
    });
    soon("the thread is idle", || {
        metrics.num_idle_blocking_threads() == 1
    });
}

#[test]
fn sources_and_their_events_are_counted() {
    on_each(|mut builder| {
        let runtime = builder.max_io_events_per_busy_tick(1).build().unwrap();
        let metrics = runtime.metrics();
        runtime.block_on(async {
            let a = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let b = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            assert_eq!(metrics.io_driver_fd_registered_count(), 2);
            let mut buffer = [0; 8];
            let mut received = Box::pin(b.recv_from(&mut buffer));
            assert!((&mut received).now_or_never().is_none());
            a.send_to(b"hello", b.local_addr().unwrap()).await.unwrap();
            assert_eq!(received.await.unwrap().0, 5);
        });
        assert!(metrics.io_driver_ready_count() > 0);
        assert_eq!(metrics.io_driver_fd_deregistered_count(), 2);
    });
}

#[test]
fn the_histogram_of_poll_times_has_each_poll_in_its_bucket() {
    let buckets = HistogramConfiguration::linear(Duration::from_millis(4), 3);
    let runtime = Builder::new_current_thread()
        .enable_metrics_poll_time_histogram()
        .metrics_poll_time_histogram_configuration(buckets)
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    assert!(metrics.poll_time_histogram_enabled());
    assert_eq!(metrics.poll_time_histogram_num_buckets(), 3);
    let slow = async { std::thread::sleep(Duration::from_millis(9)) };
    runtime.block_on(runtime.spawn(slow)).unwrap();
    let last = metrics.poll_time_histogram_bucket_range(2);
    assert_eq!(last.start, Duration::from_millis(8));
    assert!(last.end > Duration::from_secs(1_000_000));
    let counts = [0, 1, 2].map(|i| metrics.poll_time_histogram_bucket_count(0, i));
    assert_eq!(counts, [0, 0, 1]);
}

#[test]
fn the_histogram_of_delays_has_each_time_that_a_task_was_scheduled() {
    on_each(|mut builder| {
        builder.enable_metrics_scheduling_delay_histogram();
        let runtime = builder.build().unwrap();
        let metrics = runtime.metrics();
        assert!(metrics.scheduling_delay_histogram_enabled());
        assert!(!metrics.poll_time_histogram_enabled());
        let (send, receive) = oneshot::channel::<()>();
        let task = runtime.spawn(async {
            yield_now().await;
            receive.await.unwrap();
            sleep(Duration::from_millis(1)).await;
        });
        runtime.block_on(async {
            send.send(()).unwrap();
            task.await.unwrap();
        });
        let buckets = 0..metrics.scheduling_delay_histogram_num_buckets();
        let counted = sum(&metrics, |metrics, worker| {
            let count = |i| metrics.scheduling_delay_histogram_bucket_count(worker, i);
            buckets.clone().map(count).sum()
        });
        assert!((3..=4).contains(&counted), "{counted}");
    });
}

#[test]
fn a_task_that_waited_long_for_its_worker_is_in_a_late_bucket() {
    let buckets = HistogramConfiguration::linear(Duration::from_millis(4), 2);
    let runtime = Builder::new_current_thread()
        .metrics_scheduling_delay_histogram_configuration(buckets)
        .build()
        .unwrap();
    runtime.block_on(async {
        let late = runtime::spawn(async {});
        std::thread::sleep(Duration::from_millis(5));
        late.await.unwrap();
    });
    let metrics = runtime.metrics();
    let counts = [0, 1].map(|i| metrics.scheduling_delay_histogram_bucket_count(0, i));
    assert_eq!(counts, [0, 1]);
}

#[test]
fn the_hour_that_a_paused_clock_skips_is_no_busy_time() {
    on_each(|mut builder| {
        let runtime = builder.start_paused(true).build().unwrap();
        let hour = Duration::from_secs(3600);
        let task = runtime.spawn(async move { sleep(hour).await });
        runtime.block_on(async {
            task.await.unwrap();
            // The workers publish when they look around.
            sleep(hour).await;
        });
        let metrics = runtime.metrics();
        for worker in 0..metrics.num_workers() {
            assert!(metrics.worker_total_busy_duration(worker) < hour / 2);
        }
    });
}

#[test]
fn without_histograms_there_is_nothing_to_ask() {
    let metrics = current_thread().metrics();
    assert_eq!(metrics.poll_time_histogram_num_buckets(), 0);
    assert_eq!(metrics.poll_time_histogram_bucket_count(0, 7), 0);
    assert_eq!(metrics.scheduling_delay_histogram_num_buckets(), 0);
    let ask = AssertUnwindSafe(|| metrics.poll_time_histogram_bucket_range(0));
    assert!(catch_unwind(ask).is_err());
    let ask = AssertUnwindSafe(|| metrics.worker_poll_count(1));
    let payload = catch_unwind(ask).unwrap_err();
    let text = payload.downcast_ref::<String>().unwrap();
    assert!(text.contains("num_workers"), "{text}");
}
