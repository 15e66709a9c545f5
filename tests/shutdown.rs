//! How a runtime ends: every task is over, its future dropped once, every thread gone,
//! whatever the tasks do meanwhile and wherever the end comes from.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Handle, Runtime, RuntimeFlavor};
use runtime::sync::oneshot;
use runtime::task::{AbortHandle, JoinHandle, spawn_blocking, yield_now};
use runtimes::{Census, on_each, on_each_multi_thread, soon, with_workers};
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Spawns its like until it is cancelled.
fn spawner(census: Census, width: usize) -> BoxFuture {
    let inside = census.make();
    Box::pin(async move {
        let _inside = inside;
        loop {
            for _ in 0..width {
                runtime::spawn(spawner(census.clone(), 0));
            }
            yield_now().await;
            if width == 0 {
                return;
            }
        }
    })
}

/// Lets the runtime work on whatever thread that takes.
fn run_for(runtime: &Runtime, rounds: usize) {
    runtime.block_on(async {
        for _ in 0..rounds {
            yield_now().await;
        }
    });
}

#[test]
fn tasks_that_spawn_tasks_end_with_the_runtime() {
    on_each(|mut builder| {
        for _ in 0..10 {
            let runtime = builder.build().unwrap();
            let census = Census::default();
            for _ in 0..4 {
                runtime.spawn(spawner(census.clone(), 3));
            }
            run_for(&runtime, 20);
            drop(runtime);
            census.assert_over();
        }
    });
}

#[test]
fn a_future_that_spawns_when_it_is_dropped_finds_the_runtime_closed() {
    struct SpawnOnDrop(Census, Arc<Mutex<Vec<JoinHandle<()>>>>);
    impl Drop for SpawnOnDrop {
        fn drop(&mut self) {
            let inside = self.0.make();
            let task = runtime::spawn(async move {
                let _inside = inside;
            });
            self.1.lock().unwrap().push(task);
        }
    }
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let (census, tasks) = (Census::default(), Arc::default());
        for _ in 0..50 {
            let on_drop = SpawnOnDrop(census.clone(), Arc::clone(&tasks));
            runtime.spawn(async move {
                let _on_drop = on_drop;
                pending::<()>().await;
            });
        }
        run_for(&runtime, 5);
        drop(runtime);
        census.assert_over();
        assert_eq!(census.made(), 50);
        for task in std::mem::take(&mut *tasks.lock().unwrap()) {
            assert!(task.is_finished());
            let error = futures::executor::block_on(task).unwrap_err();
            assert!(error.is_cancelled());
        }
    });
}

#[test]
fn a_future_that_enters_a_runtime_when_it_is_dropped_may() {
    struct EnterOnDrop(Handle, mpsc::Sender<bool>);
    impl Drop for EnterOnDrop {
        fn drop(&mut self) {
            let here = {
                let _guard = self.0.enter();
                Handle::try_current().is_ok()
            };
            let _ = self.1.send(here);
        }
    }
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let handle = runtime.handle().clone();
        let (send, receive) = mpsc::channel();
        drop(runtime);
        let _guard = handle.enter();
        let on_drop = EnterOnDrop(handle.clone(), send);
        let task = runtime::spawn(async move {
            let _on_drop = on_drop;
        });
        assert!(task.is_finished());
        assert_eq!(receive.recv(), Ok(true));
    });
}

#[test]
fn tasks_that_wake_each_other_end_with_the_runtime() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        let wakers: Arc<Mutex<Vec<Waker>>> = Arc::default();
        for _ in 0..20 {
            let (inside, wakers) = (census.make(), wakers.clone());
            runtime.spawn(async move {
                let _inside = inside;
                poll_fn::<(), _>(|cx| {
                    let others = std::mem::take(&mut *wakers.lock().unwrap());
                    others.iter().for_each(Waker::wake_by_ref);
                    let mut list = wakers.lock().unwrap();
                    list.extend([cx.waker().clone(), cx.waker().clone()]);
                    cx.waker().wake_by_ref();
                    Poll::Pending
                })
                .await;
            });
        }
        run_for(&runtime, 50);
        drop(runtime);
        census.assert_over();
        wakers.lock().unwrap().drain(..).for_each(Waker::wake);
    });
}

#[test]
fn tasks_that_await_each_other_in_a_ring_are_opened_by_shutdown() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        let slots: Vec<Arc<Mutex<Option<JoinHandle<()>>>>> =
            (0..10).map(|_| Arc::default()).collect();
        for i in 0..10 {
            let (inside, next) = (census.make(), slots[(i + 1) % 10].clone());
            let task = runtime.spawn(async move {
                let _inside = inside;
                loop {
                    let handle = next.lock().unwrap().take();
                    match handle {
                        Some(handle) => handle.await.unwrap(),
                        None => yield_now().await,
                    }
                }
            });
            *slots[i].lock().unwrap() = Some(task);
        }
        drop(slots);
        run_for(&runtime, 100);
        drop(runtime);
        census.assert_over();
    });
}

#[test]
fn a_task_that_holds_its_own_waker_and_handles_is_dropped() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        for _ in 0..20 {
            let inside = census.make();
            let (tell, told) = oneshot::channel::<(JoinHandle<()>, AbortHandle)>();
            let task = runtime.spawn(async move {
                let _inside = inside;
                let _own = told.await;
                let mut waker = None;
                poll_fn::<(), _>(|cx| {
                    waker = Some(cx.waker().clone());
                    Poll::Pending
                })
                .await;
            });
            let abort = task.abort_handle();
            let _ = tell.send((task, abort));
        }
        run_for(&runtime, 5);
        drop(runtime);
        census.assert_over();
    });
}

#[test]
fn a_task_that_blocks_is_waited_for_and_then_cancelled() {
    on_each_multi_thread(|mut builder| {
        for in_place in [false, true] {
            let runtime = builder.build().unwrap();
            let census = Census::default();
            let inside = census.make();
            let (started, has_started) = mpsc::channel();
            let polled_again = Arc::new(AtomicBool::new(false));
            let theirs = polled_again.clone();
            runtime.spawn(async move {
                let _inside = inside;
                started.send(()).unwrap();
                let block = || thread::sleep(Duration::from_millis(50));
                if in_place {
                    runtime::task::block_in_place(block);
                } else {
                    block();
                }
                yield_now().await;
                theirs.store(true, Ordering::SeqCst);
            });
            has_started.recv().unwrap();
            drop(runtime);
            census.assert_over();
            assert!(!polled_again.load(Ordering::SeqCst));
        }
    });
}

#[test]
fn what_is_spawned_after_the_end_is_cancelled() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        let census = Census::default();
        let inside = census.make();
        let task = handle.spawn(async move {
            let _inside = inside;
        });
        census.assert_over();
        let inside = census.make();
        let job = handle.spawn_blocking(move || drop(inside));
        census.assert_over();
        assert!(task.is_finished() && job.is_finished());
        handle.block_on(async {
            assert!(task.await.unwrap_err().is_cancelled());
            assert!(job.await.unwrap_err().is_cancelled());
        });
        assert_eq!(handle.metrics().num_alive_tasks(), 0);
    });
}

#[test]
fn spawning_from_threads_while_the_runtime_ends_loses_nobody() {
    on_each(|mut builder| {
        for _ in 0..20 {
            let runtime = builder.build().unwrap();
            let census = Census::default();
            let start = Arc::new(std::sync::Barrier::new(4));
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let handle = runtime.handle().clone();
                    let (census, start) = (census.clone(), start.clone());
                    thread::spawn(move || {
                        start.wait();
                        let tasks: Vec<_> = (0..200)
                            .map(|_| {
                                let inside = census.make();
                                handle.spawn(async move {
                                    let _inside = inside;
                                    yield_now().await;
                                })
                            })
                            .collect();
                        for task in tasks {
                            // Either end will do, but there is one.
                            let _ = futures::executor::block_on(task);
                        }
                    })
                })
                .collect();
            start.wait();
            drop(runtime);
            threads.into_iter().for_each(|one| one.join().unwrap());
            census.assert_over();
        }
    });
}

#[test]
fn wakers_are_used_from_threads_during_and_after_the_end() {
    on_each(|mut builder| {
        for _ in 0..10 {
            let runtime = builder.build().unwrap();
            let census = Census::default();
            let wakers: Arc<Mutex<Vec<Waker>>> = Arc::default();
            for _ in 0..100 {
                let (inside, wakers) = (census.make(), wakers.clone());
                runtime.spawn(async move {
                    let _inside = inside;
                    poll_fn::<(), _>(|cx| {
                        let waker = cx.waker().clone();
                        wakers.lock().unwrap().push(waker);
                        Poll::Pending
                    })
                    .await;
                });
            }
            run_for(&runtime, 5);
            let stop = Arc::new(AtomicBool::new(false));
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let (wakers, stop) = (wakers.clone(), stop.clone());
                    thread::spawn(move || {
                        while !stop.load(Ordering::SeqCst) {
                            let waker = wakers.lock().unwrap().pop();
                            waker.iter().for_each(Waker::wake_by_ref);
                            drop(waker.clone());
                            waker.into_iter().for_each(Waker::wake);
                        }
                    })
                })
                .collect();
            drop(runtime);
            census.assert_over();
            stop.store(true, Ordering::SeqCst);
            threads.into_iter().for_each(|one| one.join().unwrap());
            wakers.lock().unwrap().drain(..).for_each(Waker::wake);
        }
    });
}

#[test]
fn shutdown_timeout_leaves_jobs_that_have_started_and_cancels_those_that_have_not() {
    on_each(|mut builder| {
        let runtime = builder.max_blocking_threads(1).build().unwrap();
        let (go, gone) = mpsc::channel::<()>();
        let (started, has_started) = mpsc::channel();
        let running = runtime.spawn_blocking(move || {
            started.send(()).unwrap();
            gone.recv().unwrap();
            7
        });
        has_started.recv().unwrap();
        let queued = runtime.spawn_blocking(|| 8);
        let begin = Instant::now();
        runtime.shutdown_timeout(Duration::from_millis(20));
        assert!(begin.elapsed() >= Duration::from_millis(20));
        let queued = futures::executor::block_on(queued);
        assert!(queued.unwrap_err().is_cancelled());
        assert!(!running.is_finished());
        go.send(()).unwrap();
        assert_eq!(futures::executor::block_on(running).unwrap(), 7);
    });
}

#[test]
fn shutdown_background_waits_for_nothing_and_still_ends_everything() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let census = Census::default();
        let (go, gone) = mpsc::channel::<()>();
        let (started, has_started) = mpsc::channel();
        let running = runtime.spawn_blocking(move || {
            started.send(()).unwrap();
            gone.recv().unwrap();
        });
        for _ in 0..10 {
            let inside = census.make();
            runtime.spawn(async move {
                let _inside = inside;
                pending::<()>().await;
            });
        }
        has_started.recv().unwrap();
        runtime.shutdown_background();
        soon("the tasks are dropped", || census.dropped() == 10);
        go.send(()).unwrap();
        futures::executor::block_on(running).unwrap();
    });
}

#[test]
fn shutdown_waits_for_jobs_that_have_started() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let theirs = ended.clone();
        let (started, has_started) = mpsc::channel();
        drop(runtime.spawn_blocking(move || {
            started.send(()).unwrap();
            thread::sleep(Duration::from_millis(30));
            theirs.store(true, Ordering::SeqCst);
        }));
        has_started.recv().unwrap();
        drop(runtime);
        assert!(ended.load(Ordering::SeqCst));
    });
}

#[test]
fn a_job_that_waits_for_a_task_is_told_that_it_is_cancelled() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let handle = runtime.handle().clone();
        let (started, has_started) = mpsc::channel();
        let job = runtime.spawn_blocking(move || {
            let task = handle.spawn(pending::<()>());
            started.send(()).unwrap();
            handle.block_on(task).unwrap_err().is_cancelled()
        });
        has_started.recv().unwrap();
        drop(runtime);
        assert!(futures::executor::block_on(job).unwrap());
    });
}

#[test]
fn a_runtime_can_be_dropped_in_async_code_of_another_one() {
    on_each(|mut builder| {
        let outer = builder.build().unwrap();
        for inner in [runtime::rt::Builder::new_current_thread(), with_workers(2)] {
            let mut inner = inner;
            let census = Census::default();
            let inside = census.make();
            let runtime = inner.build().unwrap();
            runtime.spawn(async move {
                let _inside = inside;
                pending::<()>().await;
            });
            outer.block_on(async {
                runtime::spawn(async move { drop(runtime) }).await.unwrap();
                assert_eq!(runtime::spawn(async { 1 }).await.unwrap(), 1);
            });
            soon("the task is dropped", || census.dropped() == 1);
        }
    });
}

#[test]
fn a_runtime_can_be_dropped_by_its_own_task_and_its_own_job() {
    on_each(|mut builder| {
        for blocking in [false, true] {
            let runtime = Arc::new(builder.build().unwrap());
            if !blocking && runtime.handle().runtime_flavor() == RuntimeFlavor::CurrentThread {
                // Whoever runs its tasks is in `block_on`, which borrows it.
                continue;
            }
            let census = Census::default();
            let (inside, output) = (census.make(), census.make());
            runtime.spawn(async move {
                let _inside = inside;
                pending::<()>().await;
            });
            let handle = runtime.handle().clone();
            let (go, gone) = mpsc::channel::<()>();
            let theirs = runtime.clone();
            let end = move || {
                gone.recv().unwrap();
                drop(theirs);
                output
            };
            let task = if blocking {
                handle.spawn_blocking(end)
            } else {
                handle.spawn(async move { end() })
            };
            drop(runtime);
            go.send(()).unwrap();
            drop(futures::executor::block_on(task));
            soon("all tasks are dropped", || census.dropped() == 2);
            assert!(
                handle.spawn(async {}).is_finished(),
                "what is spawned now is cancelled"
            );
        }
    });
}

#[test]
fn a_runtime_can_be_dropped_in_block_in_place_of_its_own_task() {
    on_each_multi_thread(|mut builder| {
        let runtime = Arc::new(builder.build().unwrap());
        let theirs = runtime.clone();
        let (go, gone) = mpsc::channel::<()>();
        let task = runtime.spawn(async move {
            gone.recv().unwrap();
            runtime::task::block_in_place(|| drop(theirs));
            3
        });
        drop(runtime);
        go.send(()).unwrap();
        assert_eq!(futures::executor::block_on(task).unwrap(), 3);
    });
}

#[test]
fn a_runtime_in_a_thread_local_ends_with_its_thread() {
    struct Slot(Option<(Runtime, Waker)>);
    impl Drop for Slot {
        fn drop(&mut self) {
            let (runtime, waker) = self.0.take().unwrap();
            waker.wake_by_ref();
            let task = runtime.spawn(async { 1 });
            if runtime.handle().runtime_flavor() == RuntimeFlavor::MultiThread {
                assert_eq!(futures::executor::block_on(task).unwrap(), 1);
            }
            drop(runtime);
            waker.wake();
        }
    }
    thread_local! {
        static SLOT: std::cell::RefCell<Option<Slot>> = const { std::cell::RefCell::new(None) };
    }
    on_each(|builder| {
        let census = Census::default();
        let theirs = census.clone();
        let thread = thread::spawn(move || {
            SLOT.with(|_| {});
            let runtime = builder.clone().build().unwrap();
            let inside = theirs.make();
            let (send, receive) = mpsc::channel();
            runtime.spawn(async move {
                let _inside = inside;
                poll_fn::<(), _>(|cx| {
                    let _ = send.send(cx.waker().clone());
                    Poll::Pending
                })
                .await;
            });
            run_for(&runtime, 3);
            let waker = receive.recv().unwrap();
            SLOT.with(|slot| *slot.borrow_mut() = Some(Slot(Some((runtime, waker)))));
        });
        thread.join().unwrap();
        census.assert_over();
    });
}

#[test]
fn a_block_on_in_the_destructor_of_a_thread_local_works() {
    struct Slot(Runtime);
    impl Drop for Slot {
        fn drop(&mut self) {
            let one = self.0.block_on(async {
                runtime::spawn(async {
                    yield_now().await;
                    1
                })
                .await
            });
            assert_eq!(one.unwrap(), 1);
            assert_eq!(self.0.handle().block_on(async { 2 }), 2);
        }
    }
    thread_local! {
        static SLOT: std::cell::RefCell<Option<Slot>> = const { std::cell::RefCell::new(None) };
    }
    on_each(|builder| {
        for used_before in [false, true] {
            let mut builder = builder.clone();
            let thread = thread::spawn(move || {
                SLOT.with(|_| {});
                let runtime = builder.build().unwrap();
                if used_before {
                    run_for(&runtime, 1);
                }
                SLOT.with(|slot| *slot.borrow_mut() = Some(Slot(runtime)));
            });
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_future_that_is_dropped_by_shutdown_is_in_the_context_of_its_runtime() {
    struct Tell(mpsc::Sender<bool>);
    impl Drop for Tell {
        fn drop(&mut self) {
            let _ = self.0.send(Handle::try_current().is_ok());
        }
    }
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let (send, receive) = mpsc::channel();
        let tell = Tell(send);
        runtime.spawn(async move {
            let _tell = tell;
            pending::<()>().await;
        });
        drop(runtime);
        assert_eq!(receive.recv(), Ok(true));
    });
}

#[test]
fn a_job_in_block_on_of_handle_ends_when_its_runtime_does() {
    // The chain of waits: this thread for the job, the job for a task, the task for a message
    // that nobody sends. Shutdown cancels the task, and so on back.
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            let handle = Handle::current();
            spawn_blocking(move || {
                let (_keep, receive) = oneshot::channel::<()>();
                handle.block_on(handle.spawn(async move { receive.await.is_ok() }))
            })
            .await
        });
        run_for(&runtime, 5);
        drop(runtime);
        // As far as it came.
        let _ = futures::executor::block_on(task);
    });
}

#[test]
fn a_runtime_may_be_shut_down_by_a_thread_that_is_in_its_context() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let _guard = runtime.enter();
        runtime.shutdown_timeout(Duration::from_secs(60));
        let late = Handle::current().block_on(spawn_blocking(|| {}));
        assert!(late.unwrap_err().is_cancelled());
    });
}

#[test]
fn a_job_that_came_to_a_pool_with_room_runs_however_soon_the_end_follows() {
    on_each(|mut builder| {
        for _ in 0..20 {
            let runtime = builder.build().unwrap();
            let job = runtime.spawn_blocking(|| 5);
            drop(runtime);
            assert_eq!(futures::executor::block_on(job).unwrap(), 5);
        }
    });
}
