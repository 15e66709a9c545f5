//! Nobody starves: not behind tasks that wake each other, that yield, or that are always
//! ready; not outside of the runtime, nor on the pool.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::Runtime;
use runtime::sync::mpsc;
use runtime::task::{spawn_blocking, yield_now};
use runtime::time::sleep;
use runtimes::{on_each, soon, with_workers};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

/// Keeps all workers busy with tasks that never wait until it is dropped.
struct Load(Arc<AtomicBool>);

impl Load {
    fn of_yields(runtime: &Runtime, tasks: usize) -> Self {
        let load = Load(Arc::default());
        for _ in 0..tasks {
            let stop = load.0.clone();
            drop(runtime.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    yield_now().await;
                }
            }));
        }
        load
    }

    fn of_self_wakes(runtime: &Runtime, tasks: usize) -> Self {
        let load = Load(Arc::default());
        for _ in 0..tasks {
            let stop = load.0.clone();
            drop(runtime.spawn(poll_fn(move |cx| {
                cx.waker().wake_by_ref();
                if stop.load(Ordering::Relaxed) {
                    return Poll::Ready(());
                }
                Poll::Pending
            })));
        }
        load
    }

    /// Pairs of tasks that hand a message to and fro.
    fn of_ping_pong(runtime: &Runtime, pairs: usize) -> Self {
        let load = Load(Arc::default());
        for _ in 0..pairs {
            let (to_one, mut one) = mpsc::unbounded_channel::<()>();
            let (to_two, mut two) = mpsc::unbounded_channel::<()>();
            let stop = load.0.clone();
            to_one.send(()).unwrap();
            drop(runtime.spawn(async move {
                while one.recv().await.is_some() && !stop.load(Ordering::Relaxed) {
                    let _ = to_two.send(());
                }
            }));
            drop(runtime.spawn(async move {
                while two.recv().await.is_some() {
                    let _ = to_one.send(());
                }
            }));
        }
        load
    }

    /// Tasks that spawn their successor, which so comes into the slot of the last-woken.
    fn of_spawns(runtime: &Runtime, tasks: usize) -> Self {
        fn next(stop: Arc<AtomicBool>) {
            if !stop.load(Ordering::Relaxed) {
                drop(runtime::spawn(async move { next(stop) }));
            }
        }
        let load = Load(Arc::default());
        for _ in 0..tasks {
            let stop = load.0.clone();
            drop(runtime.spawn(async move { next(stop) }));
        }
        load
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

type MakeLoad = fn(&Runtime, usize) -> Load;

const LOADS: [(&str, MakeLoad); 4] = [
    ("yields", Load::of_yields),
    ("self-wakes", Load::of_self_wakes),
    ("ping-pong", Load::of_ping_pong),
    ("spawns", Load::of_spawns),
];

/// `claim` on each kind of runtime under each kind of load, of one task, and of more than there
/// are workers.
fn under_load(claim: impl Fn(&Runtime) + Clone + Send + Sync + 'static) {
    for (name, make) in LOADS {
        let claim = claim.clone();
        on_each(move |mut builder| {
            let runtime = builder.build().unwrap();
            let workers = runtime.metrics().num_workers();
            for tasks in [1, workers + 2] {
                eprintln!("under {tasks} of {name} with {workers} workers");
                let _load = make(&runtime, tasks);
                claim(&runtime);
            }
        });
    }
}

#[test]
fn tasks_from_outside_are_served() {
    under_load(|runtime| {
        let handle = runtime.handle().clone();
        let outside = thread::spawn(move || {
            for i in 0..50 {
                let task = handle.spawn(async move { i });
                assert_eq!(futures::executor::block_on(task).unwrap(), i);
            }
        });
        runtime.block_on(async {
            while !outside.is_finished() {
                yield_now().await;
            }
        });
        outside.join().unwrap();
    });
}

#[test]
fn tasks_that_are_spawned_and_woken_inside_are_served() {
    under_load(|runtime| {
        let task = runtime.spawn(async {
            for i in 0..50 {
                let inner = runtime::spawn(async move {
                    yield_now().await;
                    i
                });
                assert_eq!(inner.await.unwrap(), i);
            }
        });
        runtime.block_on(task).unwrap();
    });
}

#[test]
fn those_who_yield_are_served_beside_those_who_never_stop() {
    under_load(|runtime| {
        let task = runtime.spawn(async {
            for _ in 0..200 {
                yield_now().await;
            }
        });
        runtime.block_on(task).unwrap();
    });
}

#[test]
fn the_root_is_polled_when_it_is_woken() {
    under_load(|runtime| {
        runtime.block_on(async {
            for _ in 0..200 {
                yield_now().await;
            }
        });
    });
}

#[test]
fn the_ends_of_blocking_jobs_are_heard_of() {
    under_load(|runtime| {
        let task = runtime.spawn(async {
            for i in 0..20 {
                assert_eq!(spawn_blocking(move || i).await.unwrap(), i);
            }
        });
        runtime.block_on(async {
            for i in 0..20 {
                assert_eq!(spawn_blocking(move || i).await.unwrap(), i);
            }
            task.await.unwrap();
        });
    });
}

#[test]
fn a_root_that_is_always_ready_does_not_starve_the_tasks() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let handle = runtime.handle().clone();
        for _ in 0..10 {
            let count = count.clone();
            drop(handle.spawn(async move {
                for _ in 0..10 {
                    yield_now().await;
                }
                spawn_blocking(|| {}).await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
            }));
        }
        runtime.block_on(poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if count.load(Ordering::Relaxed) == 10 {
                return Poll::Ready(());
            }
            Poll::Pending
        }));
    });
}

#[test]
fn two_tasks_that_wake_each_other_let_a_third_one_in_after_a_few_polls() {
    let mut builder = runtime::rt::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).build().unwrap();
    let task = runtime.spawn(async {
        let polls = Arc::new(AtomicUsize::new(0));
        let (to_one, mut one) = mpsc::unbounded_channel::<()>();
        let (to_two, mut two) = mpsc::unbounded_channel::<()>();
        let counted = polls.clone();
        let first = runtime::spawn(async move {
            while one.recv().await.is_some() {
                counted.fetch_add(1, Ordering::Relaxed);
                if to_two.send(()).is_err() {
                    return;
                }
            }
        });
        let starter = to_one.clone();
        let second = runtime::spawn(async move {
            while two.recv().await.is_some() {
                to_one.send(()).unwrap();
            }
        });
        yield_now().await;
        starter.send(()).unwrap();
        let third = polls.clone();
        let task = runtime::spawn(async move { third.load(Ordering::Relaxed) });
        // Queued behind the three of them: the cap on the slot lets it in.
        assert!(task.await.unwrap() <= 8);
        first.abort();
        second.abort();
    });
    runtime.block_on(task).unwrap();
}

#[test]
fn the_tasks_of_a_current_thread_runtime_run_in_the_order_in_which_they_were_woken() {
    let mut builder = runtime::rt::Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (trace, mut traced) = mpsc::unbounded_channel();
        for i in 0..5 {
            let trace = trace.clone();
            runtime::spawn(async move {
                trace.send((0, i)).unwrap();
                yield_now().await;
                trace.send((1, i)).unwrap();
                // All at once, by one turn of the timers.
                runtime::time::sleep(Duration::from_millis(1)).await;
                trace.send((2, i)).unwrap();
            });
        }
        drop(trace);
        for round in 0..3 {
            for i in 0..5 {
                assert_eq!(traced.recv().await, Some((round, i)));
            }
        }
    });
}

#[test]
fn yielding_goes_behind_those_who_are_ready() {
    let runtime = runtime::rt::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let trace = Arc::new(std::sync::Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..3)
            .map(|i| {
                let trace = trace.clone();
                runtime::spawn(async move {
                    for round in 0..3 {
                        trace.lock().unwrap().push((round, i));
                        yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let trace = trace.lock().unwrap();
        // Round by round, in whatever order within one.
        assert!(trace.is_sorted_by_key(|&(round, _)| round), "{trace:?}");
    });
}

/// Between any two polls of a task that blocks for longer than the others sleep, each of those
/// has its turn.
#[test]
fn sleeping_tasks_run_after_each_poll_of_a_task_that_blocks() {
    for runtime in [
        with_workers(1).build().unwrap(),
        runtime::rt::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap(),
    ] {
        let blocked = Arc::new(AtomicUsize::new(0));
        let sleepers: Vec<_> = (0..50)
            .map(|_| {
                let blocked = blocked.clone();
                runtime.spawn(async move {
                    let mut polls = Vec::new();
                    let mut before = blocked.load(Ordering::Relaxed);
                    while before < 100 {
                        sleep(Duration::from_micros(200)).await;
                        let now = blocked.load(Ordering::Relaxed);
                        polls.push(now - before);
                        before = now;
                    }
                    polls
                })
            })
            .collect();
        drop(runtime.spawn(async move {
            loop {
                thread::sleep(Duration::from_millis(1));
                blocked.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
            }
        }));
        runtime.block_on(async {
            for sleeper in sleepers {
                let polls = sleeper.await.unwrap();
                // At first the worker does not know that they block.
                let missed = polls.iter().skip(10).filter(|&&polls| polls > 1);
                assert_eq!(missed.count(), 0, "{polls:?}");
            }
        });
    }
}

#[test]
fn a_root_that_yields_has_its_turn_as_often_as_a_task_that_does() {
    let runtime = runtime::rt::Builder::new_current_thread().build().unwrap();
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = polls.clone();
    drop(runtime.spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
        }
    }));
    runtime.block_on(async {
        for _ in 0..1000 {
            yield_now().await;
        }
    });
    let polls = polls.load(Ordering::Relaxed);
    assert!((990..=1010).contains(&polls), "{polls}");
}

#[test]
fn tasks_from_outside_wait_for_fewer_polls_where_polls_are_long() {
    let runtime = with_workers(1).build().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let polls = Arc::new(AtomicUsize::new(0));
    for _ in 0..2 {
        let (stop, polls) = (stop.clone(), polls.clone());
        drop(runtime.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                polls.fetch_add(1, Ordering::Relaxed);
                thread::sleep(Duration::from_micros(100));
                poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    Poll::Ready(())
                })
                .await;
                yield_now().await;
            }
        }));
    }
    let counted = polls.clone();
    soon("the interval is adapted", || {
        let before = polls.load(Ordering::Relaxed);
        let counted = counted.clone();
        let task = runtime.spawn(async move { counted.load(Ordering::Relaxed) });
        futures::executor::block_on(task).unwrap() - before < 16
    });
    stop.store(true, Ordering::Relaxed);
}
