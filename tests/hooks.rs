//! Hooks around the life of tasks are called once each, in order, with the task's id and line,
//! and a panic in one harms nobody.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, RngSeed, worker_index};
use runtime::sync::Notify;
use runtime::task::{Id, yield_now};
use runtime::time::{Duration, sleep};
use runtimes::{on_each, soon};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Spawn,
    Before,
    After,
    Terminate,
}

use Event::{After, Before, Spawn, Terminate};

type Log = Arc<Mutex<Vec<(Id, u32, Event)>>>;

fn logging(builder: &mut Builder) -> Log {
    let log = Log::default();
    let log_as = |event: Event| {
        let log = log.clone();
        move |task: &runtime::rt::TaskMeta<'_>| {
            let entry = (task.id(), task.spawned_at().line(), event);
            log.lock().unwrap().push(entry);
        }
    };
    builder
        .on_task_spawn(log_as(Spawn))
        .on_before_task_poll(log_as(Before))
        .on_after_task_poll(log_as(After))
        .on_task_terminate(log_as(Terminate));
    log
}

fn events_of(log: &Log, id: Id) -> Vec<Event> {
    let log = log.lock().unwrap();
    log.iter()
        .filter(|one| one.0 == id)
        .map(|one| one.2)
        .collect()
}

#[test]
fn each_task_is_told_of_from_its_spawn_to_its_end() {
    on_each(|mut builder| {
        let log = logging(&mut builder);
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async { yield_now().await });
        let line = line!() - 1;
        let id = task.id();
        runtime.block_on(task).unwrap();
        assert_eq!(
            events_of(&log, id),
            [Spawn, Before, After, Before, After, Terminate]
        );
        assert!(log.lock().unwrap().iter().all(|one| one.1 == line));
    });
}

#[test]
fn a_task_that_panics_or_is_cancelled_terminates_once() {
    on_each(|mut builder| {
        let log = logging(&mut builder);
        let runtime = builder.build().unwrap();
        let panics = runtime.spawn(async { panic!("as it should") });
        let id = panics.id();
        assert!(runtime.block_on(panics).unwrap_err().is_panic());
        assert_eq!(events_of(&log, id), [Spawn, Before, After, Terminate]);

        let aborted = runtime.spawn(pending::<()>());
        let id = aborted.id();
        aborted.abort();
        assert!(runtime.block_on(aborted).unwrap_err().is_cancelled());
        let events = events_of(&log, id);
        assert_eq!((events[0], events[events.len() - 1]), (Spawn, Terminate));

        let left = runtime.spawn(pending::<()>());
        let handle = runtime.handle().clone();
        drop(runtime);
        let late = handle.spawn(async {});
        for id in [left.id(), late.id()] {
            let events = events_of(&log, id);
            let count = |event| events.iter().filter(|one| **one == event).count();
            assert_eq!((count(Spawn), count(Terminate)), (1, 1));
        }
        assert!(events_of(&log, late.id()).len() == 2, "it was never polled");
    });
}

#[test]
fn a_task_that_is_aborted_before_its_first_poll_is_told_of_as_not_polled() {
    let mut builder = Builder::new_current_thread();
    let log = logging(&mut builder);
    let runtime = builder.build().unwrap();
    let task = runtime.spawn(async {});
    task.abort();
    let id = task.id();
    assert!(runtime.block_on(task).is_err());
    assert_eq!(events_of(&log, id), [Spawn, Terminate]);
}

#[test]
fn a_panic_in_a_hook_ends_there() {
    on_each(|mut builder| {
        let calls = Arc::new(AtomicUsize::new(0));
        let panics = || {
            let calls = calls.clone();
            move |_: &runtime::rt::TaskMeta<'_>| {
                calls.fetch_add(1, Ordering::Relaxed);
                std::panic::resume_unwind(Box::new("a hook's"));
            }
        };
        builder
            .on_task_spawn(panics())
            .on_before_task_poll(panics())
            .on_after_task_poll(panics())
            .on_task_terminate(panics());
        let runtime = builder.build().unwrap();
        for i in 0..10 {
            assert_eq!(
                runtime.block_on(runtime.spawn(async move { i })).unwrap(),
                i
            );
        }
        assert_eq!(calls.load(Ordering::Relaxed), 40);
    });
}

#[test]
fn a_hook_may_spawn() {
    let mut builder = Builder::new_current_thread();
    let children = Arc::new(AtomicUsize::new(0));
    let theirs = children.clone();
    builder.on_task_terminate(move |task| {
        if task.name() == Some("parent") {
            let theirs = theirs.clone();
            runtime::spawn(async move {
                theirs.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    let runtime = builder.build().unwrap();
    runtime.block_on(async {
        let parent = runtime::task::Builder::new().name("parent");
        parent.spawn(async {}).unwrap().await.unwrap();
        while children.load(Ordering::Relaxed) == 0 {
            yield_now().await;
        }
    });
}

#[test]
fn blocking_jobs_and_roots_are_no_tasks() {
    let mut builder = Builder::new_current_thread();
    let log = logging(&mut builder);
    let runtime = builder.build().unwrap();
    runtime.block_on(runtime.spawn_blocking(|| ())).unwrap();
    runtime.block_on(yield_now());
    assert!(log.lock().unwrap().is_empty());
}

#[test]
fn a_worker_knows_its_number_and_others_know_that_they_have_none() {
    assert_eq!(worker_index(), None);
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        assert_eq!(worker_index(), None);
        assert!(runtime::spawn(async { worker_index() }).await.unwrap() < Some(2));
        let job = runtime::task::spawn_blocking(worker_index);
        assert_eq!(job.await.unwrap(), None);
    });
    let runtime = Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(async { worker_index() }), Some(0));
    assert_eq!(worker_index(), None);
}

#[test]
fn the_same_seed_gives_the_same_choices() {
    let choices = |seed: &[u8]| {
        let seed = RngSeed::from_bytes(seed);
        let runtime = Builder::new_current_thread()
            .rng_seed(seed)
            .build()
            .unwrap();
        let choose = async || {
            let mut chosen = Vec::new();
            for _ in 0..64 {
                chosen.push(runtime::select! {
                    () = async {} => 0, () = async {} => 1, () = async {} => 2,
                });
            }
            chosen
        };
        let first = runtime.block_on(choose());
        let second = runtime.block_on(choose());
        assert_ne!(first, second, "it goes on from where it was");
        (first, second)
    };
    assert_eq!(choices(b"a"), choices(b"a"));
    assert_ne!(choices(b"a"), choices(b"b"));
}

#[test]
fn without_the_slot_tasks_run_in_the_order_of_their_wakes() {
    let order = |disable: bool| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1);
        if disable {
            builder.disable_lifo_slot();
        }
        let runtime = builder.build().unwrap();
        let (send, order) = std::sync::mpsc::channel();
        let task = runtime.spawn(async move {
            for i in 0..4 {
                let send = send.clone();
                runtime::spawn(async move { send.send(i).unwrap() });
            }
        });
        runtime.block_on(task).unwrap();
        order.iter().collect::<Vec<_>>()
    };
    assert_eq!(order(true), [0, 1, 2, 3]);
    assert_eq!(order(false), [3, 0, 1, 2]);
}

#[test]
fn ids_of_runtimes_differ() {
    let (a, b) = (
        Builder::new_current_thread().build().unwrap(),
        Builder::new_current_thread().build().unwrap(),
    );
    assert_ne!(a.handle().id(), b.handle().id());
    assert_eq!(a.handle().id(), a.handle().clone().id());
    assert_eq!(a.handle().id().to_string(), a.handle().id().to_string());
}

#[test]
fn what_a_worker_spawns_or_wakes_on_its_way_to_sleep_is_run() {
    for spawns in [true, false] {
        on_each(move |mut builder| {
            let notify = Arc::new(Notify::new());
            let theirs = notify.clone();
            let calls = AtomicUsize::new(0);
            builder.on_thread_park(move || {
                if calls.fetch_add(1, Ordering::SeqCst) > 0 {
                    return;
                }
                let notify = theirs.clone();
                match spawns {
                    true => drop(runtime::spawn(async move { notify.notify_one() })),
                    false => notify.notify_one(),
                }
            });
            let runtime = builder.build().unwrap();
            runtime.block_on(notify.notified());
        });
    }
}

#[test]
fn a_hook_that_always_wakes_the_root_does_not_stop_the_timers() {
    let mut builder = Builder::new_current_thread();
    let notify = Arc::new(Notify::new());
    let theirs = notify.clone();
    builder.on_thread_park(move || theirs.notify_waiters());
    let runtime = builder.build().unwrap();
    let sleeping = runtime.spawn(sleep(Duration::from_millis(1)));
    soon("the timer fires", || {
        runtime.block_on(notify.notified());
        sleeping.is_finished()
    });
}
