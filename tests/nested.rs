//! Blocking on a runtime from wherever that is allowed, entering several, and two runtimes
//! that talk to each other.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, Handle, Runtime, RuntimeFlavor};
use runtime::sync::{mpsc, oneshot};
use runtime::task::{block_in_place, spawn_blocking, yield_now};
use runtimes::{on_each, on_each_multi_thread, soon, with_workers, within};
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

#[test]
fn a_handle_blocks_a_thread_of_the_user_and_spawns_from_there() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let handle = runtime.handle().clone();
        let (done, is_done) = oneshot::channel();
        let thread = thread::spawn(move || {
            let sum = handle.block_on(async {
                let task = runtime::spawn(async { 20 });
                task.await.unwrap() + 1
            });
            done.send(()).unwrap();
            sum
        });
        // This is what runs the tasks of a current-thread runtime.
        runtime.block_on(is_done).unwrap();
        assert_eq!(thread.join().unwrap(), 21);
    });
}

#[test]
fn a_handle_blocks_a_thread_of_the_pool() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let sum = runtime.block_on(async {
            let jobs: Vec<_> = (0..8)
                .map(|i| {
                    let handle = Handle::current();
                    spawn_blocking(move || {
                        handle.block_on(async {
                            yield_now().await;
                            runtime::spawn(async move { i }).await.unwrap()
                        })
                    })
                })
                .collect();
            let mut sum = 0;
            for job in jobs {
                sum += job.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 28);
    });
}

#[test]
fn a_handle_blocks_within_block_in_place_to_any_depth() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            let mut depth = 0;
            block_in_place(|| {
                Handle::current().block_on(async {
                    depth += 1;
                    runtime::spawn(yield_now()).await.unwrap();
                    block_in_place(|| {
                        Handle::current().block_on(async {
                            depth += 1;
                            runtime::spawn(yield_now()).await.unwrap();
                        });
                    });
                });
            });
            // It is a task as before.
            yield_now().await;
            runtime::spawn(async {}).await.unwrap();
            depth
        });
        assert_eq!(runtime.block_on(task).unwrap(), 2);
    });
}

#[test]
fn another_runtime_is_built_run_and_dropped_within_block_in_place_and_jobs() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let inner = || {
            let runtime = current_thread();
            let task = runtime.spawn(async { 5 });
            runtime.block_on(task).unwrap()
        };
        let task = runtime.spawn(async move {
            let one = block_in_place(inner);
            one + spawn_blocking(inner).await.unwrap()
        });
        assert_eq!(runtime.block_on(task).unwrap(), 10);
    });
}

#[test]
fn a_thread_is_in_the_context_that_it_entered_last() {
    let names = ["outer", "inner"];
    let [outer, inner] = names.map(|name| {
        let runtime = Builder::new_current_thread().name(name).build();
        runtime.unwrap()
    });
    let here = || {
        Handle::try_current()
            .ok()
            .and_then(|h| h.name().map(String::from))
    };
    assert_eq!(here(), None);
    {
        let _outer = outer.enter();
        assert_eq!(here().as_deref(), Some("outer"));
        {
            let _inner = inner.handle().enter();
            assert_eq!(here().as_deref(), Some("inner"));
            let _again = outer.enter();
            assert_eq!(here().as_deref(), Some("outer"));
        }
        assert_eq!(here().as_deref(), Some("outer"));
        inner.block_on(async { assert_eq!(here().as_deref(), Some("inner")) });
        assert_eq!(here().as_deref(), Some("outer"));
        let task = inner.spawn(async move { here() });
        assert_eq!(inner.block_on(task).unwrap().as_deref(), Some("inner"));
    }
    assert_eq!(here(), None);
}

#[test]
fn an_entered_runtime_is_left_by_a_panic() {
    let runtime = current_thread();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _guard = runtime.enter();
        panic!("with a guard");
    }));
    assert!(caught.is_err());
    assert!(Handle::try_current().is_err());
}

#[test]
fn a_root_future_is_dropped_in_the_context_of_its_runtime() {
    struct SpawnOnDrop;
    impl Drop for SpawnOnDrop {
        fn drop(&mut self) {
            drop(runtime::spawn(async {}));
        }
    }
    struct Root {
        _inside: SpawnOnDrop,
    }
    impl Future for Root {
        type Output = ();
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<()> {
            Poll::Ready(())
        }
    }
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        runtime.block_on(Root {
            _inside: SpawnOnDrop,
        });
        runtime.handle().block_on(Root {
            _inside: SpawnOnDrop,
        });
    });
}

#[test]
fn two_runtimes_talk() {
    on_each(|mut builder| {
        for mut other in [Builder::new_current_thread(), with_workers(2)] {
            let (one, two) = (builder.build().unwrap(), other.build().unwrap());
            let (to_two, mut from_one) = mpsc::channel::<u32>(4);
            let (to_one, mut from_two) = mpsc::channel::<u32>(4);
            let echo = two.spawn(async move {
                while let Some(number) = from_one.recv().await {
                    to_one.send(number + 1).await.unwrap();
                }
            });
            let (end, at_end) = oneshot::channel::<()>();
            let second = thread::spawn(move || {
                two.block_on(async {
                    at_end.await.unwrap();
                    echo.await.unwrap();
                });
            });
            let last = one.block_on(async {
                let task = runtime::spawn(async move {
                    let mut number = 0;
                    for _ in 0..200 {
                        to_two.send(number).await.unwrap();
                        number = from_two.recv().await.unwrap();
                    }
                    number
                });
                task.await.unwrap()
            });
            assert_eq!(last, 200);
            end.send(()).unwrap();
            second.join().unwrap();
        }
    });
}

#[test]
fn a_task_awaits_a_task_of_another_runtime() {
    on_each(|mut builder| {
        let (one, two) = (builder.build().unwrap(), with_workers(1).build().unwrap());
        let far = two.handle().clone();
        let sum = one.block_on(async {
            let mut sum = 0;
            for i in 0..100 {
                let far = far.clone();
                sum += runtime::spawn(async move { far.spawn(async move { i }).await.unwrap() })
                    .await
                    .unwrap();
            }
            sum
        });
        assert_eq!(sum, 4950);
        // And learns of that one's end.
        let task = one.spawn(far.spawn(pending::<()>()));
        drop(two);
        assert!(one.block_on(task).unwrap().unwrap_err().is_cancelled());
    });
}

#[test]
fn several_threads_in_block_on_of_one_current_thread_runtime_all_come_to_their_end() {
    within("several threads in block_on", || {
        for _ in 0..20 {
            let runtime = Arc::new(current_thread());
            let threads: Vec<_> = (0..4)
                .map(|i| {
                    let runtime = runtime.clone();
                    thread::spawn(move || {
                        runtime.block_on(async move {
                            let mut sum = 0;
                            for j in 0..50 {
                                sum += runtime::spawn(async move {
                                    yield_now().await;
                                    i * j
                                })
                                .await
                                .unwrap();
                            }
                            sum
                        })
                    })
                })
                .collect();
            for (i, thread) in threads.into_iter().enumerate() {
                assert_eq!(thread.join().unwrap(), i * 1225);
            }
        }
    });
}

#[test]
fn who_leaves_block_on_hands_the_tasks_to_the_next_thread() {
    within("a core that is handed over", || {
        let runtime = Arc::new(current_thread());
        let ticks = Arc::new(AtomicUsize::new(0));
        let theirs = ticks.clone();
        drop(runtime.spawn(async move {
            loop {
                theirs.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
            }
        }));
        let (stop_first, first_stops) = oneshot::channel::<()>();
        let (stop_second, second_stops) = oneshot::channel::<()>();
        let [first, second] = [first_stops, second_stops].map(|stops| {
            let runtime = runtime.clone();
            thread::spawn(move || runtime.block_on(stops).unwrap())
        });
        let moves = |what| {
            let before = ticks.load(Ordering::SeqCst);
            soon(what, || ticks.load(Ordering::SeqCst) > before + 10);
        };
        moves("while both are in block_on");
        stop_first.send(()).unwrap();
        first.join().unwrap();
        moves("after the first has left");
        stop_second.send(()).unwrap();
        second.join().unwrap();
        let before = ticks.load(Ordering::SeqCst);
        assert_eq!(runtime.metrics().num_alive_tasks(), 1);
        assert_eq!(ticks.load(Ordering::SeqCst), before, "nobody runs it");
    });
}

#[test]
fn a_panic_of_the_one_who_runs_the_tasks_hands_them_over_as_well() {
    within("a core that is handed over by a panic", || {
        let runtime = Arc::new(current_thread());
        let (panic_now, panics) = oneshot::channel::<()>();
        let theirs = runtime.clone();
        let started = Arc::new(AtomicBool::new(false));
        let has_started = started.clone();
        let first = thread::spawn(move || {
            theirs.block_on(async {
                has_started.store(true, Ordering::SeqCst);
                panics.await.unwrap();
                panic!("the driving one");
            })
        });
        soon("the first one starts", || started.load(Ordering::SeqCst));
        let second = {
            let runtime = runtime.clone();
            thread::spawn(move || {
                runtime.block_on(async {
                    let task = runtime::spawn(async {
                        for _ in 0..1000 {
                            yield_now().await;
                        }
                        9
                    });
                    panic_now.send(()).unwrap();
                    task.await.unwrap()
                })
            })
        };
        assert_eq!(second.join().unwrap(), 9);
        assert!(first.join().is_err());
    });
}

#[test]
fn a_future_beside_the_one_that_runs_the_tasks_is_polled_when_it_is_woken_only() {
    within("a future beside", || {
        let runtime = Arc::new(current_thread());
        let (stop, stops) = oneshot::channel::<()>();
        let theirs = runtime.clone();
        let first = thread::spawn(move || theirs.block_on(stops).unwrap());
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = polls.clone();
        let second = {
            let runtime = runtime.clone();
            thread::spawn(move || {
                let handle = runtime.handle().clone();
                let mut task = pin!(handle.spawn(async {
                    for _ in 0..100 {
                        yield_now().await;
                    }
                }));
                runtime.block_on(std::future::poll_fn(|cx| {
                    counted.fetch_add(1, Ordering::SeqCst);
                    task.as_mut().poll(cx)
                }))
            })
        };
        second.join().unwrap().unwrap();
        stop.send(()).unwrap();
        first.join().unwrap();
        // Woken by its task, by the core, and polled at first.
        assert!(polls.load(Ordering::SeqCst) <= 3);
    });
}

#[test]
fn block_on_again_and_again_finds_the_tasks_where_they_were() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let (send, mut receive) = mpsc::channel(1);
        drop(runtime.spawn(async move {
            for i in 0..100 {
                send.send(i).await.unwrap();
            }
        }));
        for i in 0..100 {
            assert_eq!(runtime.block_on(receive.recv()), Some(i));
            if i == 50 && runtime.handle().runtime_flavor() == RuntimeFlavor::CurrentThread {
                assert_eq!(runtime.metrics().num_alive_tasks(), 1);
            }
        }
        assert_eq!(runtime.block_on(receive.recv()), None);
    });
}
