//! What spawning, joining and aborting promise.

use runtime::rt::{Builder, Runtime};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn runtimes() -> Vec<Runtime> {
    vec![
        Builder::new_current_thread().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap(),
        Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap(),
        Builder::new_multi_thread()
            .worker_threads(64)
            .build()
            .unwrap(),
    ]
}

#[test]
fn a_spawned_task_gives_its_output() {
    for runtime in runtimes() {
        let sum = runtime.block_on(async {
            let tasks: Vec<_> = (0..1000u64)
                .map(|i| runtime::spawn(async move { i }))
                .collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 499_500);
    }
}

#[test]
fn tasks_spawned_from_outside_and_inside_all_run() {
    for runtime in runtimes() {
        let count = Arc::new(AtomicUsize::new(0));
        let outer: Vec<_> = (0..100)
            .map(|_| {
                let count = count.clone();
                runtime.spawn(async move {
                    let inner: Vec<_> = (0..100)
                        .map(|_| {
                            let count = count.clone();
                            runtime::spawn(async move {
                                runtime::task::yield_now().await;
                                count.fetch_add(1, Ordering::Relaxed);
                            })
                        })
                        .collect();
                    for task in inner {
                        task.await.unwrap();
                    }
                })
            })
            .collect();
        runtime.block_on(async {
            for task in outer {
                task.await.unwrap();
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), 10_000);
    }
}

#[test]
fn an_aborted_task_is_cancelled_and_its_future_dropped() {
    for runtime in runtimes() {
        let alive = Arc::new(());
        let inside = alive.clone();
        runtime.block_on(async {
            let task = runtime::spawn(async move {
                let _inside = inside;
                pending::<()>().await
            });
            runtime::task::yield_now().await;
            task.abort();
            let error = task.await.unwrap_err();
            assert!(error.is_cancelled());
        });
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}

#[test]
fn a_panic_reaches_whoever_joins_and_the_worker_lives_on() {
    for runtime in runtimes() {
        runtime.block_on(async {
            for _ in 0..10 {
                let error = runtime::spawn(async { panic!("on purpose") })
                    .await
                    .unwrap_err();
                assert_eq!(error.into_panic().downcast_ref(), Some(&"on purpose"));
            }
            assert_eq!(runtime::spawn(async { 1 }).await.unwrap(), 1);
        });
    }
}

#[test]
fn shutdown_drops_every_task_whether_it_ran_or_not() {
    for runtime in runtimes() {
        let alive = Arc::new(());
        for _ in 0..1000 {
            let inside = alive.clone();
            runtime.spawn(async move {
                let _inside = inside;
                pending::<()>().await
            });
        }
        drop(runtime);
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}

#[test]
fn spawn_blocking_runs_beside_the_tasks() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let jobs: Vec<_> = (0..50)
                .map(|i| {
                    runtime::task::spawn_blocking(move || {
                        std::thread::sleep(Duration::from_millis(1));
                        i
                    })
                })
                .collect();
            for (i, job) in jobs.into_iter().enumerate() {
                assert_eq!(job.await.unwrap(), i);
            }
        });
    }
}
