//! What joining and aborting promise: one end for each task, told to whoever asks, and each
//! future and output dropped once.

#[path = "common/runtimes.rs"]
mod runtimes;

use futures::FutureExt;
use runtime::rt::Runtime;
use runtime::sync::oneshot;
use runtime::task::{JoinHandle, JoinSet, yield_now};
use runtimes::{Census, on_each, on_each_multi_thread, soon};
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

const RACES: usize = 50_000;

fn races_of(runtime: &Runtime) -> usize {
    // Where the workers outnumber the cores by far, a race takes longer.
    if runtime.metrics().num_workers() > 2 {
        RACES / 10
    } else {
        RACES
    }
}

#[test]
fn an_abort_against_completion_ends_a_task_once() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let (futures, outputs) = (Census::default(), Census::default());
        let mut ends = [0; 2];
        runtime.block_on(async {
            for round in 0..races_of(&runtime) {
                let (inside, output) = (futures.make(), outputs.make());
                let task = runtime::spawn(async move {
                    let _inside = inside;
                    if round % 3 == 0 {
                        yield_now().await;
                    }
                    output
                });
                if round % 2 == 0 {
                    yield_now().await;
                }
                task.abort();
                match task.await {
                    Ok(output) => {
                        ends[0] += 1;
                        drop(output);
                    }
                    Err(error) => {
                        assert!(error.is_cancelled());
                        ends[1] += 1;
                    }
                }
            }
        });
        assert_eq!(ends[0] + ends[1], races_of(&runtime));
        drop(runtime);
        futures.assert_over();
        outputs.assert_over();
    });
}

#[test]
fn a_handle_dropped_while_its_task_completes_leaves_one_owner_of_the_output() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        for round in 0..races_of(&runtime) {
            let output = census.make();
            let task = runtime.spawn(async move { output });
            for _ in 0..round % 64 {
                std::hint::spin_loop();
            }
            drop(task);
        }
        soon("the last task ends", || {
            runtime.metrics().num_alive_tasks() == 0
        });
        drop(runtime);
        census.assert_over();
    });
}

#[test]
fn a_handle_that_was_polled_and_is_dropped_while_its_task_completes_drops_its_waker_once() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            for round in 0..races_of(&runtime) / 5 {
                let mut task = runtime::spawn(async move {
                    if round % 2 == 0 {
                        yield_now().await;
                    }
                    Box::new(round)
                });
                poll_fn(|cx| {
                    let _ = Pin::new(&mut task).poll_unpin(cx);
                    Poll::Ready(())
                })
                .await;
            }
        });
    });
}

#[test]
fn an_output_that_nobody_joins_is_dropped_by_the_task() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        runtime.block_on(async {
            let output = census.make();
            drop(runtime::spawn(async move { output }));
            while census.dropped() == 0 {
                yield_now().await;
            }
            let output = census.make();
            let kept = runtime::spawn(async move { output });
            while !kept.is_finished() {
                yield_now().await;
            }
            assert_eq!(census.dropped(), 1, "the handle has the second one");
            drop(kept);
            assert_eq!(census.dropped(), 2, "and drops it at once");
        });
    });
}

#[test]
fn an_abort_before_the_first_poll_drops_the_future_without_a_poll() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let polls = Arc::new(AtomicUsize::new(0));
        runtime.block_on(async {
            for _ in 0..100 {
                let theirs = polls.clone();
                let task = runtime::spawn(async move {
                    theirs.fetch_add(1, Ordering::SeqCst);
                    pending::<()>().await;
                });
                task.abort();
                task.abort();
                assert!(task.await.unwrap_err().is_cancelled());
            }
        });
        assert!(polls.load(Ordering::SeqCst) <= 100);
        if runtime.handle().runtime_flavor() == runtime::rt::RuntimeFlavor::CurrentThread {
            assert_eq!(polls.load(Ordering::SeqCst), 0);
        }
    });
}

#[test]
fn an_abort_after_the_end_changes_nothing() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let task = runtime::spawn(async { 7 });
            while !task.is_finished() {
                yield_now().await;
            }
            let abort = task.abort_handle();
            abort.abort();
            task.abort();
            assert!(abort.is_finished());
            assert_eq!(abort.id(), task.id());
            assert_eq!(task.await.unwrap(), 7);
        });
    });
}

#[test]
fn a_task_that_aborts_itself_ends_at_its_next_wait() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let (tell, own) = oneshot::channel();
            let went_on = Arc::new(AtomicUsize::new(0));
            let theirs = went_on.clone();
            let task: JoinHandle<()> = runtime::spawn(async move {
                let own: runtime::task::AbortHandle = own.await.unwrap();
                own.abort();
                theirs.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
                theirs.fetch_add(1, Ordering::SeqCst);
            });
            tell.send(task.abort_handle()).unwrap();
            assert!(task.await.unwrap_err().is_cancelled());
            assert_eq!(went_on.load(Ordering::SeqCst), 1);
        });
    });
}

#[test]
fn a_task_whose_future_panics_when_it_is_aborted_ends_with_that_panic() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the drop");
        }
    }
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let (started, has_started) = oneshot::channel();
            let task = runtime::spawn(async move {
                let _bomb = Bomb;
                started.send(()).unwrap();
                pending::<()>().await;
            });
            has_started.await.unwrap();
            task.abort();
            let error = task.await.unwrap_err();
            assert_eq!(error.into_panic().downcast_ref(), Some(&"in the drop"));
        });
    });
}

#[test]
fn aborts_of_one_task_from_many_threads_end_it_once() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        for _ in 0..20 {
            let inside = census.make();
            let task = runtime.spawn(async move {
                let _inside = inside;
                pending::<()>().await;
            });
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let abort = task.abort_handle();
                    thread::spawn(move || abort.abort())
                })
                .collect();
            assert!(runtime.block_on(task).unwrap_err().is_cancelled());
            threads.into_iter().for_each(|one| one.join().unwrap());
        }
        census.assert_over();
    });
}

#[test]
fn a_handle_polled_by_another_waker_wakes_the_last_one() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let (go, gone) = oneshot::channel::<()>();
            let mut task = runtime::spawn(async move {
                gone.await.unwrap();
                3
            });
            // Once here, with this future's waker; then in another task, with that one's.
            assert!((&mut task).now_or_never().is_none());
            let other = runtime::spawn(task);
            yield_now().await;
            go.send(()).unwrap();
            assert_eq!(other.await.unwrap().unwrap(), 3);
        });
    });
}

#[test]
fn a_set_gives_its_members_in_the_order_in_which_they_end() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let mut set = JoinSet::new();
            let (senders, receivers): (Vec<_>, Vec<_>) =
                (0..100).map(|_| oneshot::channel::<()>()).unzip();
            let mut ids = Vec::new();
            for (number, receiver) in receivers.into_iter().enumerate() {
                let abort = set.spawn(async move {
                    receiver.await.unwrap();
                    number
                });
                ids.push(abort.id());
            }
            assert_eq!(set.len(), 100);
            assert!(set.try_join_next().is_none());
            for (number, sender) in senders.into_iter().enumerate().rev() {
                sender.send(()).unwrap();
                let (id, output) = set.join_next_with_id().await.unwrap().unwrap();
                assert_eq!((id, output), (ids[number], number));
            }
            assert!(set.is_empty());
            assert!(set.join_next().await.is_none());
        });
    });
}

#[test]
fn a_set_has_room_for_new_members_while_it_is_joined() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let handle = runtime.handle().clone();
        runtime.block_on(async {
            let mut set: JoinSet<usize> = (0..10).map(|i| async move { i }).collect();
            set.spawn_on(async { 10 }, &handle);
            set.spawn_blocking(|| 11);
            set.spawn_blocking_on(|| 12, &handle);
            let mut sum = 0;
            let mut more = 20;
            while let Some(result) = set.join_next().await {
                sum += result.unwrap();
                if more > 0 {
                    more -= 1;
                    set.spawn(async { 100 });
                }
            }
            assert_eq!(sum, 78 + 2000);
        });
    });
}

#[test]
fn members_that_end_before_they_are_joined_are_all_there() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let mut set = JoinSet::new();
            for i in 0..1000_usize {
                set.spawn(async move { i });
            }
            while set.try_join_next().is_none() {
                yield_now().await;
            }
            let mut joined = 1;
            while joined < 500 {
                match set.try_join_next_with_id() {
                    Some(result) => {
                        result.unwrap();
                        joined += 1;
                    }
                    None => yield_now().await,
                }
            }
            assert_eq!(set.join_all().await.len(), 500);
        });
    });
}

#[test]
fn a_set_that_is_dropped_aborts_its_members() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        runtime.block_on(async {
            let mut set = JoinSet::new();
            for _ in 0..100 {
                let inside = census.make();
                set.spawn(async move {
                    let _inside = inside;
                    pending::<()>().await;
                });
            }
            yield_now().await;
            drop(set);
            while census.dropped() < 100 {
                yield_now().await;
            }
        });
    });
}

#[test]
fn members_that_were_detached_run_on() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let ended = Arc::new(AtomicUsize::new(0));
            let mut set = JoinSet::new();
            let (senders, receivers): (Vec<_>, Vec<_>) =
                (0..50).map(|_| oneshot::channel::<()>()).unzip();
            for receiver in receivers {
                let ended = ended.clone();
                set.spawn(async move {
                    receiver.await.unwrap();
                    ended.fetch_add(1, Ordering::SeqCst);
                });
            }
            set.detach_all();
            assert!(set.is_empty());
            assert!(set.join_next().await.is_none());
            // The places of the old members are taken by new ones, which they do not end.
            let (go, gone) = oneshot::channel::<()>();
            set.spawn(async move { gone.await.unwrap() });
            for sender in senders {
                sender.send(()).unwrap();
            }
            while ended.load(Ordering::SeqCst) < 50 {
                yield_now().await;
            }
            assert!(set.try_join_next().is_none());
            go.send(()).unwrap();
            set.join_next().await.unwrap().unwrap();
            drop(set);
        });
    });
}

#[test]
fn a_set_that_aborts_all_gives_cancelled_members_and_shutdown_waits_for_them() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        runtime.block_on(async {
            let mut set = JoinSet::new();
            for _ in 0..50 {
                let inside = census.make();
                set.spawn(async move {
                    let _inside = inside;
                    pending::<()>().await;
                });
            }
            set.abort_all();
            let mut cancelled = 0;
            while let Some(result) = set.join_next().await {
                assert!(result.unwrap_err().is_cancelled());
                cancelled += 1;
            }
            assert_eq!(cancelled, 50);
            census.assert_over();
            for _ in 0..50 {
                let inside = census.make();
                set.spawn(async move {
                    let _inside = inside;
                    pending::<()>().await;
                });
            }
            set.shutdown().await;
            assert!(set.is_empty());
            census.assert_over();
        });
    });
}

#[test]
fn a_panic_of_a_member_is_its_result_and_ends_join_all() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            runtime.block_on(async {
                let mut set = JoinSet::new();
                set.spawn(async { panic!("a member's") });
                assert!(set.join_next().await.unwrap().unwrap_err().is_panic());
                let inside = census.make();
                set.spawn(async move {
                    let _inside = inside;
                    pending::<()>().await;
                });
                set.spawn(async { panic!("a member's") });
                set.join_all().await;
            });
        }));
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"a member's"));
        drop(runtime);
        census.assert_over();
    });
}

#[test]
fn a_set_that_is_dropped_while_its_members_end_loses_and_doubles_nothing() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        runtime.block_on(async {
            for round in 0..races_of(&runtime) / 50 {
                let mut set = JoinSet::new();
                for _ in 0..10 {
                    let output = census.make();
                    set.spawn(async move { output });
                }
                for _ in 0..round % 10 {
                    set.join_next().await.unwrap().unwrap();
                }
            }
        });
        drop(runtime);
        census.assert_over();
    });
}

#[test]
fn dropping_the_waiting_side_of_join_next_loses_nothing() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let mut set = JoinSet::new();
            let (go, gone) = oneshot::channel::<()>();
            set.spawn(async move { gone.await.unwrap() });
            for _ in 0..10 {
                assert!(set.join_next().now_or_never().is_none());
            }
            go.send(()).unwrap();
            set.join_next().await.unwrap().unwrap();
        });
    });
}

#[test]
fn an_id_is_the_same_inside_and_outside_and_in_the_drop_of_future_and_output() {
    struct Tell(Option<std::sync::mpsc::Sender<Option<runtime::task::Id>>>);
    impl Drop for Tell {
        fn drop(&mut self) {
            let id = runtime::task::try_id();
            self.0.take().unwrap().send(id).unwrap();
        }
    }
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            assert!(runtime::task::try_id().is_none(), "the root is no task");
            let (tell, told) = std::sync::mpsc::channel();
            let tell = Tell(Some(tell));
            let task = runtime::spawn(async move {
                let _tell = tell;
                pending::<()>().await;
            });
            let id = task.id();
            task.abort();
            assert_eq!(task.await.unwrap_err().id(), id);
            assert_eq!(told.recv().unwrap(), Some(id));
            // The same goes for the output of a task whose handle is dropped at last.
            let (tell, told) = std::sync::mpsc::channel();
            let task = runtime::spawn(async { Tell(Some(tell)) });
            let id = task.id();
            while !task.is_finished() {
                yield_now().await;
            }
            drop(task);
            assert_eq!(told.recv().unwrap(), Some(id));
        });
    });
}
