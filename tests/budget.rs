//! A task whose leaves are always ready gives way: it is polled for so many of them, then
//! the others have their turn. Nothing that was granted is lost by that.

#[path = "common/runtimes.rs"]
mod runtimes;

use futures::FutureExt;
use runtime::rt::{Builder, Runtime};
use runtime::sync::{Mutex, Notify, Semaphore, mpsc, oneshot};
use runtime::task::{AbortHandle, JoinHandle, JoinSet, yield_now};
use runtimes::on_each;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// Runs `greedy` beside a task that counts its turns: how many it got until `greedy` was done.
fn turns_beside<F>(greedy: impl FnOnce() -> F) -> usize
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = current_thread();
    let turns = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let counted = turns.clone();
        let other = runtime::spawn(async move {
            loop {
                counted.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
            }
        });
        runtime::spawn(greedy()).await.unwrap();
        other.abort();
    });
    turns.load(Ordering::Relaxed)
}

#[test]
fn joining_tasks_that_have_ended_gives_way() {
    let turns = turns_beside(|| async {
        let tasks: Vec<JoinHandle<()>> = (0..1000).map(|_| runtime::spawn(async {})).collect();
        while !tasks.iter().all(JoinHandle::is_finished) {
            yield_now().await;
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(turns >= 1000 / 128, "{turns}");
}

#[test]
fn joining_the_members_of_a_set_gives_way() {
    let turns = turns_beside(|| async {
        let mut set = JoinSet::new();
        let members: Vec<_> = (0..1000).map(|_| set.spawn(async {})).collect();
        while !members.iter().all(AbortHandle::is_finished) {
            yield_now().await;
        }
        while set.join_next().await.is_some() {}
    });
    assert!(turns >= 1000 / 128, "{turns}");
}

#[test]
fn channels_locks_and_permits_give_way() {
    let turns = turns_beside(|| async {
        let (send, mut receive) = mpsc::unbounded_channel();
        for i in 0..1000 {
            send.send(i).unwrap();
        }
        for i in 0..1000 {
            assert_eq!(receive.recv().await, Some(i));
        }
    });
    assert!(turns >= 1000 / 128, "recv: {turns}");
    let turns = turns_beside(|| async {
        let mutex = Mutex::new(0);
        for _ in 0..1000 {
            *mutex.lock().await += 1;
        }
        assert_eq!(*mutex.lock().await, 1000);
    });
    assert!(turns >= 1000 / 128, "lock: {turns}");
    let turns = turns_beside(|| async {
        let semaphore = Semaphore::new(1);
        for _ in 0..1000 {
            semaphore.acquire().await.unwrap().forget();
            semaphore.add_permits(1);
        }
    });
    assert!(turns >= 1000 / 128, "acquire: {turns}");
    let turns = turns_beside(|| async {
        let notify = Notify::new();
        for _ in 0..1000 {
            notify.notify_one();
            notify.notified().await;
        }
    });
    assert!(turns >= 1000 / 128, "notified: {turns}");
}

#[test]
fn the_budget_is_whole_again_at_each_poll() {
    let runtime = current_thread();
    runtime.block_on(async {
        let task = runtime::spawn(async {
            let mutex = Mutex::new(());
            let mut ready = 0;
            for _ in 0..5 {
                let mut in_a_row = 0;
                while let Some(guard) = mutex.lock().now_or_never() {
                    drop(guard);
                    in_a_row += 1;
                    assert!(in_a_row < 100_000, "no budget at all");
                }
                ready += in_a_row;
                yield_now().await;
            }
            ready
        });
        assert_eq!(task.await.unwrap(), 5 * 128);
    });
}

#[test]
fn there_is_no_limit_where_there_is_no_task() {
    let mutex = Mutex::new(());
    for _ in 0..10_000 {
        assert!(mutex.lock().now_or_never().is_some());
    }
    let runtime = current_thread();
    let job =
        runtime.spawn_blocking(move || (0..10_000).all(|_| mutex.lock().now_or_never().is_some()));
    assert!(runtime.block_on(job).unwrap());
}

#[test]
fn an_output_that_was_ready_when_the_budget_ran_out_is_not_lost() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            let mut done = runtime::spawn(async { 8 });
            while !done.is_finished() {
                yield_now().await;
            }
            let mutex = Mutex::new(());
            while mutex.lock().now_or_never().is_some() {}
            assert!((&mut done).now_or_never().is_none(), "there is no budget");
            let (send, mut receive) = oneshot::channel();
            send.send(9).unwrap();
            assert!((&mut receive).now_or_never().is_none());
            done.await.unwrap() + receive.await.unwrap()
        });
        assert_eq!(runtime.block_on(task).unwrap(), 17);
    });
}

#[test]
fn a_branch_of_select_is_heard_beside_one_that_is_always_ready() {
    // The greedy branch leaves no budget for those behind it; but it is not always the first.
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            let (stop, stops) = oneshot::channel::<()>();
            drop(runtime::spawn(async move {
                yield_now().await;
                stop.send(()).unwrap();
            }));
            let mutex = Mutex::new(0_u64);
            let greedy = async {
                loop {
                    *mutex.lock().await += 1;
                }
            };
            runtime::select! {
                () = greedy => unreachable!("it has no end"),
                stopped = stops => stopped.unwrap(),
            }
        });
        runtime.block_on(task).unwrap();
    });
}
