//! Blocking on a runtime in the middle of async code: what works, who goes on meanwhile, and
//! what is refused because it could never end.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::rt::{Builder, Handle, Runtime, RuntimeFlavor};
use runtime::sync::{mpsc, oneshot};
use runtime::task::{block_in_place, spawn_blocking, yield_now};
use runtime::time::{Duration, sleep, timeout};
use runtimes::{Census, on_each, on_each_multi_thread, soon, with_workers, within};
use std::cell::RefCell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread;

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn threads_named(name: &str) -> usize {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let names = threads.flatten().map(|thread| {
        let name = std::fs::read_to_string(thread.path().join("comm"));
        name.unwrap_or_default()
    });
    names.filter(|its| its.trim_end() == name).count()
}

/// A bit of everything that a future may need of its runtime.
async fn work() -> u32 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let echo = runtime::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let byte = stream.read_u8().await.unwrap();
        stream.write_u8(byte + 1).await.unwrap();
    });
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_u8(6).await.unwrap();
    sleep(Duration::from_micros(100)).await;
    let number = stream.read_u8().await.unwrap();
    echo.await.unwrap();
    u32::from(number) + spawn_blocking(|| 1).await.unwrap()
}

#[test]
fn another_runtime_is_run_in_async_code_of_any() {
    on_each(|mut builder| {
        let outer = builder.build().unwrap();
        for mut inner in [Builder::new_current_thread(), with_workers(2)] {
            let inner = Arc::new(inner.build().unwrap());
            let theirs = inner.clone();
            let sum = outer.block_on(async move {
                let in_root = theirs.block_on(work());
                let task = runtime::spawn(async move { theirs.block_on(work()) });
                in_root + task.await.unwrap()
            });
            assert_eq!(sum, 16);
            assert_eq!(outer.block_on(work()), 8);
        }
        let task = outer.spawn(async { runtime::block_on(work()) });
        assert_eq!(outer.block_on(task).unwrap(), 8);
    });
}

#[test]
fn a_multi_thread_runtime_is_blocked_on_by_its_own_tasks() {
    on_each_multi_thread(|mut builder| {
        let runtime = Arc::new(builder.build().unwrap());
        let theirs = runtime.clone();
        let sum = runtime.block_on(async {
            let in_root = theirs.block_on(work()) + theirs.handle().block_on(work());
            let inside = theirs.clone();
            let task = runtime::spawn(async move {
                let sum = inside.block_on(work()) + Handle::current().block_on(work());
                // It is a task as before.
                yield_now().await;
                sum + runtime::spawn(async { 0 }).await.unwrap()
            });
            in_root + task.await.unwrap()
        });
        assert_eq!(sum, 32);
    });
}

#[test]
fn the_other_tasks_of_the_worker_go_on_elsewhere() {
    // With one worker, all that goes on goes on because it was handed over.
    within("one worker", || {
        let runtime = with_workers(1).build().unwrap();
        let task = runtime.spawn(async {
            let slept = runtime::spawn(sleep(Duration::from_millis(1)));
            let worked = runtime::spawn(work());
            yield_now().await;
            let (send, receive) = oneshot::channel();
            // The last one is in the LIFO slot.
            let sending = runtime::spawn(async move { send.send(5).unwrap() });
            let other = current_thread();
            other.block_on(async {
                slept.await.unwrap();
                sending.await.unwrap();
                receive.await.unwrap() + worked.await.unwrap()
            })
        });
        assert_eq!(runtime.block_on(task).unwrap(), 13);
    });
}

#[test]
fn the_tasks_of_a_current_thread_runtime_wait_and_none_is_lost() {
    within("a current-thread runtime", || {
        let outer = current_thread();
        let log = Arc::new(Mutex::new(Vec::new()));
        outer.block_on(async {
            let (send, mut receive) = mpsc::unbounded_channel();
            let theirs = log.clone();
            let waiting = runtime::spawn(async move {
                while let Some(entry) = receive.recv().await {
                    theirs.lock().unwrap().push(entry);
                }
            });
            yield_now().await;
            let inner = current_thread();
            inner.block_on(async {
                send.send("woken in between").unwrap();
                work().await;
                log.lock().unwrap().push("the nested one is over");
            });
            drop(send);
            waiting.await.unwrap();
        });
        let log = log.lock().unwrap();
        assert_eq!(*log, ["the nested one is over", "woken in between"]);
    });
}

#[test]
fn a_hundred_runtimes_in_one_another_and_back() {
    fn nest(depth: usize, multi: bool) -> usize {
        if depth == 0 {
            return 0;
        }
        let runtime = match multi {
            true => with_workers(1).build().unwrap(),
            false => current_thread(),
        };
        runtime.block_on(async {
            let rest = nest(depth - 1, multi);
            runtime::spawn(async move { rest + 1 }).await.unwrap()
        })
    }
    within("a hundred runtimes", || {
        assert_eq!(nest(100, false), 100);
        assert_eq!(nest(30, true), 30);
    });
}

#[test]
fn one_runtime_a_hundred_times_in_itself() {
    fn nest(handle: &Handle, depth: usize) -> usize {
        if depth == 0 {
            return 0;
        }
        handle.block_on(async {
            let rest = nest(handle, depth - 1);
            runtime::spawn(async move { rest + 1 }).await.unwrap()
        })
    }
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let handle = runtime.handle().clone();
        let task = runtime.spawn(async move { nest(&handle, 100) });
        assert_eq!(runtime.block_on(task).unwrap(), 100);
    });
}

#[test]
fn tasks_that_each_block_get_a_thread_each_and_the_threads_go_again() {
    within("two hundred that block", || {
        let runtime = with_workers(2).thread_name("two-hundred").build().unwrap();
        let workers = || threads_named("two-hundred");
        soon("the workers are there", || workers() == 2);
        runtime.block_on(async {
            let tasks: Vec<_> = (0..200u32)
                .map(|i| {
                    runtime::spawn(async move {
                        let task = runtime::spawn(async move { i });
                        Handle::current().block_on(task).unwrap()
                    })
                })
                .collect();
            for (i, task) in tasks.into_iter().enumerate() {
                assert_eq!(task.await.unwrap() as usize, i);
            }
            let one_by_one = runtime::spawn(async {
                for i in 0..200 {
                    let task = runtime::spawn(async move { i });
                    assert_eq!(Handle::current().block_on(task).unwrap(), i);
                    yield_now().await;
                }
            });
            one_by_one.await.unwrap();
        });
        soon("they have gone", || workers() == 2);
    });
}

#[test]
fn the_nested_future_has_a_budget_of_its_own() {
    on_each(|mut builder| {
        let outer = builder.build().unwrap();
        let task = outer.spawn(async {
            let (send, mut receive) = mpsc::unbounded_channel();
            (0..1000).for_each(|i| send.send(i).unwrap());
            for _ in 0..100 {
                receive.recv().await.unwrap();
            }
            let inner = current_thread();
            let over = inner.block_on(async {
                // Always ready, but it comes to an end.
                timeout(Duration::from_millis(2), async {
                    loop {
                        send.send(0).unwrap();
                        receive.recv().await.unwrap();
                    }
                })
                .await
            });
            assert!(over.is_err());
        });
        outer.block_on(task).unwrap();
    });
}

#[test]
fn a_panic_goes_through_and_leaves_everything_as_it_was() {
    on_each(|mut builder| {
        let outer = builder.build().unwrap();
        for mut inner in [Builder::new_current_thread(), with_workers(1)] {
            let inner = Arc::new(inner.name("inner").build().unwrap());
            let task = outer.spawn(async move {
                let caught = catch_unwind(AssertUnwindSafe(|| {
                    inner.block_on(async {
                        yield_now().await;
                        panic!("through it");
                    })
                }));
                assert_eq!(
                    *caught.unwrap_err().downcast::<&str>().unwrap(),
                    "through it"
                );
                assert_eq!(Handle::current().name(), None);
                assert_eq!(inner.block_on(work()), 8);
                yield_now().await;
                work().await
            });
            assert_eq!(outer.block_on(task).unwrap(), 8);
        }
        let uncaught = outer.spawn(async { current_thread().block_on(async { panic!("out") }) });
        assert!(outer.block_on(uncaught).unwrap_err().is_panic());
        assert_eq!(outer.block_on(work()), 8);
    });
}

#[test]
fn it_blocks_within_jobs_within_block_in_place_and_in_both() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(async {
            let in_place = block_in_place(|| {
                Handle::current().block_on(async { current_thread().block_on(work()) })
            });
            let job = spawn_blocking(|| {
                let handle = Handle::current();
                handle.block_on(async { handle.block_on(work()) })
            });
            in_place + job.await.unwrap()
        });
        assert_eq!(runtime.block_on(task).unwrap(), 16);
    });
}

#[test]
fn block_in_place_is_allowed_where_the_tasks_wait_already() {
    within("block_in_place", || {
        let (alone, other) = (current_thread(), with_workers(1).build().unwrap());
        let number = alone.block_on(async { other.block_on(async { block_in_place(|| 4) }) });
        assert_eq!(number, 4);
    });
}

#[test]
fn it_blocks_in_the_destructors_of_thread_locals() {
    struct AtTheEnd(Option<Arc<Runtime>>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let runtime = self.0.take().unwrap();
            let other = current_thread();
            let sum = runtime.block_on(async { other.block_on(work()) });
            assert_eq!(sum, 8);
        }
    }
    thread_local! {
        static END: RefCell<AtTheEnd> = const { RefCell::new(AtTheEnd(None)) };
    }
    within("a thread's end", || {
        let runtime = Arc::new(with_workers(1).build().unwrap());
        let theirs = runtime.clone();
        thread::spawn(move || END.with(|end| end.borrow_mut().0 = Some(theirs)))
            .join()
            .unwrap();
        assert_eq!(Arc::strong_count(&runtime), 1);
    });
}

#[test]
fn the_outer_runtime_ends_while_one_of_its_tasks_blocks() {
    on_each_multi_thread(|mut builder| {
        let runtime = builder.build().unwrap();
        let (started, has_started) = std::sync::mpsc::channel();
        let (end, at_end) = oneshot::channel::<()>();
        let census = Census::default();
        let inside = census.make();
        let own = runtime.spawn(pending::<()>());
        runtime.spawn(async move {
            let _inside = inside;
            let cancelled = Handle::current().block_on(async {
                started.send(()).unwrap();
                own.await.unwrap_err().is_cancelled()
            });
            assert!(cancelled);
            current_thread().block_on(at_end).unwrap();
        });
        has_started.recv().unwrap();
        runtime.shutdown_background();
        assert_eq!(census.dropped(), 0, "it is in the middle of its poll");
        end.send(()).unwrap();
        soon("it is dropped after its poll", || census.dropped() == 1);
    });
}

#[test]
fn a_runtime_that_is_dropped_in_async_code_has_ended_unless_that_stops_others() {
    on_each(|mut builder| {
        let outer = builder.build().unwrap();
        let multi = outer.handle().runtime_flavor() == RuntimeFlavor::MultiThread;
        for mut inner in [Builder::new_current_thread(), with_workers(2)] {
            let census = Census::default();
            let insides = [census.make(), census.make()];
            let runtime = inner.build().unwrap();
            let [one, two] = insides;
            runtime.spawn(async move {
                let _inside = one;
                pending::<()>().await;
            });
            runtime.spawn_blocking(move || {
                let _inside = two;
                thread::sleep(Duration::from_millis(2));
            });
            let theirs = census.clone();
            let task = outer.spawn(async move {
                drop(runtime);
                if multi {
                    theirs.assert_over();
                }
                work().await
            });
            assert_eq!(outer.block_on(task).unwrap(), 8);
            soon("all is dropped", || census.dropped() == 2);
        }
    });
}

#[test]
fn a_task_that_drops_its_own_runtime_ends() {
    on_each_multi_thread(|mut builder| {
        let census = Census::default();
        let insides: Vec<_> = (0..10).map(|_| census.make()).collect();
        let runtime = Arc::new(builder.build().unwrap());
        for inside in insides {
            runtime.spawn(async move {
                let _inside = inside;
                pending::<()>().await;
            });
        }
        let (done, is_done) = std::sync::mpsc::channel();
        let (go, gone) = oneshot::channel::<()>();
        let theirs = runtime.clone();
        let in_the_end = census.clone();
        runtime.spawn(async move {
            gone.await.unwrap();
            drop(theirs);
            in_the_end.assert_over();
            done.send(()).unwrap();
        });
        // The task has the last one.
        let handle = runtime.handle().clone();
        drop(runtime);
        go.send(()).unwrap();
        is_done.recv().unwrap();
        drop(handle);
    });
}

#[test]
fn a_nested_future_that_falls_deep_in_a_drop_is_not_waited_for_in_vain() {
    struct Chain(Option<Box<Chain>>, usize);
    impl Drop for Chain {
        fn drop(&mut self) {
            let Some(next) = self.0.take() else { return };
            let runtime = current_thread();
            let left = self.1;
            let error = runtime.block_on(async {
                let task = runtime::spawn(async move {
                    let _next = next;
                    pending::<()>().await;
                });
                yield_now().await;
                task.abort();
                task.await.unwrap_err()
            });
            assert!(error.is_cancelled(), "{left} left");
        }
    }
    within("a chain of runtimes", || {
        let chain = (0..40).fold(None, |chain, left| Some(Box::new(Chain(chain, left))));
        drop(chain);
    });
}

#[test]
fn guards_of_an_entered_runtime_are_told_their_order_across_a_nested_block() {
    within("guards", || {
        let (outer, inner) = (current_thread(), current_thread());
        let other = with_workers(1).name("other").build().unwrap();
        outer.block_on(async {
            let _guard = other.enter();
            inner.block_on(async {
                let entered = other.enter();
                assert_eq!(Handle::current().name(), Some("other"));
                drop(entered);
            });
            assert_eq!(Handle::current().name(), Some("other"));
            // A guard that was made inside and outlives the inside is told so, where it ends.
            let mut left = None;
            let caught = catch_unwind(AssertUnwindSafe(|| {
                inner.block_on(async { left = Some(other.enter()) });
            }));
            let text = *caught.unwrap_err().downcast::<&str>().unwrap();
            assert!(text.contains("reverse order"), "{text}");
            assert_eq!(Handle::current().name(), Some("other"));
            drop(left);
        });
        assert!(Handle::try_current().is_err());
    });
}
