//! What the blocking pool has failed by elsewhere: a job that is queued while nobody looks.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, Handle};
use runtime::task::{JoinSet, block_in_place, spawn_blocking};
use runtime::time::Duration;
use runtimes::{with_workers, within};

fn on_small(claim: impl Fn(Builder) + Send + Copy + 'static) {
    for builder in [
        Builder::new_current_thread(),
        with_workers(1),
        with_workers(2),
    ] {
        within("a small runtime", move || claim(builder));
    }
}

/// A job that waits for a job, and so on, each on a thread of its own.
fn nest(depth: usize) -> usize {
    if depth == 0 {
        return 0;
    }
    let inner = spawn_blocking(move || nest(depth - 1));
    1 + Handle::current().block_on(inner).unwrap()
}

#[test]
fn jobs_that_wait_for_jobs_do_not_hang() {
    on_small(|mut builder| {
        let runtime = builder.build().unwrap();
        for depth in [1, 2, 3, 60, 1, 60] {
            let job = runtime.spawn_blocking(move || nest(depth));
            assert_eq!(runtime.block_on(job).unwrap(), depth);
        }
        // Many nests at once, with as many threads as there may be.
        let nests: Vec<_> = (0..40)
            .map(|_| runtime.spawn_blocking(|| nest(4)))
            .collect();
        for job in nests {
            assert_eq!(runtime.block_on(job).unwrap(), 4);
        }
    });
}

#[test]
fn a_job_that_comes_while_the_last_thread_leaves_is_run() {
    on_small(|mut builder| {
        builder.thread_keep_alive(Duration::from_micros(30));
        let runtime = builder.max_blocking_threads(2).build().unwrap();
        runtime.block_on(async {
            for i in 0..1500u64 {
                assert_eq!(spawn_blocking(move || i).await.unwrap(), i);
                let pause = std::time::Instant::now();
                while pause.elapsed() < Duration::from_nanos(i * 37 % 60_000) {
                    std::hint::spin_loop();
                }
            }
        });
    });
}

#[test]
fn jobs_in_tasks_in_jobs_do_not_hang_with_one_thread_for_jobs() {
    on_small(|mut builder| {
        let runtime = builder.max_blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for i in 0..300 {
                tasks.spawn(async move {
                    let one = spawn_blocking(move || i).await.unwrap();
                    spawn_blocking(move || one + 1).await.unwrap()
                });
            }
            assert_eq!(tasks.join_all().await.iter().sum::<usize>(), 300 * 301 / 2);
        });
    });
}

#[test]
fn block_in_place_in_jobs_and_jobs_in_block_in_place_do_not_hang() {
    for workers in [1, 2] {
        within("workers", move || {
            let runtime = with_workers(workers).build().unwrap();
            let mut tasks = JoinSet::new();
            for i in 0..100 {
                let work = async move {
                    block_in_place(|| {
                        let job = spawn_blocking(move || block_in_place(|| nest(i % 3)));
                        Handle::current().block_on(job).unwrap()
                    })
                };
                tasks.spawn_on(work, runtime.handle());
            }
            let depths = runtime.block_on(tasks.join_all());
            assert_eq!(depths.iter().sum::<usize>(), 99);
        });
    }
}
