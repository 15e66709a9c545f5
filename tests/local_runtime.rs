//! What a runtime of one thread promises to tasks that are not `Send`, and the threads of a
//! pool that have one each.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, Handle, LocalOptions, LocalRuntime, Runtime, RuntimeFlavor};
use runtime::sync::{mpsc, oneshot};
use runtime::task::{self, JoinSet, LocalPoolHandle, LocalSet, spawn_local, yield_now};
use runtime::time::{Duration, Instant, sleep, timeout};
use runtimes::{soon, within};
use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::{Poll, Waker};
use std::thread::{self, ThreadId};

/// Is dropped where it was made, or the test fails.
struct AtHome {
    home: ThreadId,
    dropped: Arc<AtomicUsize>,
    _not_send: Rc<()>,
}

impl AtHome {
    fn new(dropped: &Arc<AtomicUsize>) -> Self {
        AtHome {
            home: thread::current().id(),
            dropped: dropped.clone(),
            _not_send: Rc::new(()),
        }
    }
}

impl Drop for AtHome {
    fn drop(&mut self) {
        if thread::current().id() != self.home {
            eprintln!("dropped on a foreign thread");
            std::process::abort();
        }
        self.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

fn count(counter: &Arc<AtomicUsize>) -> usize {
    counter.load(Ordering::SeqCst)
}

#[test]
fn local_and_other_tasks_run_on_the_runtimes_thread() {
    let runtime = LocalRuntime::new().unwrap();
    let home = thread::current().id();
    let trace = Rc::new(RefCell::new(Vec::new()));
    let theirs = trace.clone();
    runtime.block_on(async move {
        for i in 0..3 {
            let trace = theirs.clone();
            let local = spawn_local(async move {
                sleep(Duration::from_millis(1)).await;
                trace.borrow_mut().push(i);
                thread::current().id()
            });
            let other = runtime::spawn(async { thread::current().id() });
            assert_eq!(local.await.unwrap(), home);
            assert_eq!(other.await.unwrap(), home);
        }
    });
    assert_eq!(*trace.borrow(), [0, 1, 2]);
    assert_eq!(
        runtime.handle().runtime_flavor(),
        RuntimeFlavor::CurrentThread
    );
}

#[test]
fn a_task_can_be_spawned_before_within_and_after_a_block_on() {
    let runtime = Builder::new_current_thread()
        .build_local(LocalOptions::default())
        .unwrap();
    let sum = Rc::new(Cell::new(0));
    let add = |n: i32| {
        let sum = sum.clone();
        async move { sum.set(sum.get() + n) }
    };
    let before = runtime.spawn_local(add(1));
    let guard = runtime.enter();
    let entered = spawn_local(add(10));
    drop(guard);
    runtime.block_on(async {
        spawn_local(add(100)).await.unwrap();
        before.await.unwrap();
        entered.await.unwrap();
    });
    let after = runtime.spawn_local(add(1000));
    runtime.block_on(after).unwrap();
    assert_eq!(sum.get(), 1111);
}

#[test]
fn spawn_local_is_refused_on_other_threads_and_other_runtimes() {
    let runtime = LocalRuntime::new().unwrap();
    let handle = runtime.handle().clone();
    let refused = thread::spawn(move || {
        let _guard = handle.enter();
        catch_unwind(|| drop(spawn_local(async {}))).is_err()
            && handle.block_on(async { catch_unwind(|| drop(spawn_local(async {}))).is_err() })
    });
    assert!(refused.join().unwrap());
    let multi = Runtime::new().unwrap();
    let task = multi.spawn(async { catch_unwind(|| drop(spawn_local(async {}))).is_err() });
    assert!(multi.block_on(task).unwrap());
    let job = runtime.spawn_blocking(|| catch_unwind(|| drop(spawn_local(async {}))).is_err());
    assert!(runtime.block_on(job).unwrap());
}

#[test]
fn a_local_runtime_with_threads_is_refused() {
    let built = AssertUnwindSafe(|| Builder::new_multi_thread().build_local(Default::default()));
    let panic = catch_unwind(built).unwrap_err();
    let text = panic.downcast_ref::<&str>().copied().unwrap_or_default();
    assert!(text.contains("new_current_thread"), "{text}");
}

#[test]
fn other_threads_spawn_and_wake_and_wait_for_it() {
    let runtime = LocalRuntime::new().unwrap();
    let (sender, mut receiver) = mpsc::channel::<usize>(1);
    let keep = Rc::new(());
    let sum = runtime.spawn_local(async move {
        let mut sum = 0;
        while let Some(n) = receiver.recv().await {
            sum += n;
        }
        drop(keep);
        sum
    });
    let handle = runtime.handle().clone();
    let other = thread::spawn(move || {
        let task = handle.spawn(async move {
            for n in 0..100 {
                sender.send(n).await.unwrap();
            }
            thread::current().id()
        });
        handle.block_on(task).unwrap()
    });
    assert_eq!(runtime.block_on(sum).unwrap(), 4950);
    runtime.block_on(async {
        while !other.is_finished() {
            yield_now().await;
        }
    });
    assert_eq!(other.join().unwrap(), thread::current().id());
}

#[test]
fn a_task_that_is_aborted_elsewhere_is_dropped_at_home() {
    let runtime = LocalRuntime::new().unwrap();
    let dropped = Arc::new(AtomicUsize::new(0));
    let at_home = AtHome::new(&dropped);
    let task = runtime.spawn_local(async move {
        let _at_home = at_home;
        pending::<()>().await;
    });
    runtime.block_on(yield_now());
    let abort = task.abort_handle();
    thread::spawn(move || abort.abort()).join().unwrap();
    assert_eq!(count(&dropped), 0, "nobody runs the runtime");
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
    assert_eq!(count(&dropped), 1);
}

#[test]
fn a_wake_or_abort_while_the_runtime_ends_drops_nothing_elsewhere() {
    for round in 0..100 {
        let runtime = LocalRuntime::new().unwrap();
        let dropped = Arc::new(AtomicUsize::new(0));
        let (send_waker, wakers) = std::sync::mpsc::channel::<Waker>();
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let at_home = AtHome::new(&dropped);
                let send_waker = send_waker.clone();
                runtime.spawn_local(poll_fn(move |cx| {
                    let _at_home = &at_home;
                    send_waker.send(cx.waker().clone()).unwrap();
                    Poll::<()>::Pending
                }))
            })
            .collect();
        runtime.block_on(yield_now());
        let start = Arc::new(Barrier::new(2));
        let theirs = start.clone();
        let other = thread::spawn(move || {
            theirs.wait();
            for (task, waker) in tasks.into_iter().zip(wakers.try_iter()) {
                match round % 2 {
                    0 => waker.wake(),
                    _ => task.abort(),
                }
            }
        });
        start.wait();
        match round % 3 {
            0 => drop(runtime),
            1 => runtime.shutdown_background(),
            _ => runtime.shutdown_timeout(Duration::from_secs(1)),
        }
        assert_eq!(count(&dropped), 20);
        other.join().unwrap();
    }
}

#[test]
fn a_chain_of_runtimes_that_falls_while_others_wake_drops_nothing_elsewhere() {
    for _ in 0..5 {
        let dropped = Arc::new(AtomicUsize::new(0));
        let (send_waker, wakers) = std::sync::mpsc::channel::<Waker>();
        let mut inner: Option<LocalRuntime> = None;
        for _ in 0..40 {
            let runtime = LocalRuntime::new().unwrap();
            let at_home = AtHome::new(&dropped);
            let held = inner.take();
            let send_waker = send_waker.clone();
            runtime.spawn_local(poll_fn(move |cx| {
                let _both = (&at_home, &held);
                send_waker.send(cx.waker().clone()).unwrap();
                Poll::<()>::Pending
            }));
            runtime.block_on(yield_now());
            inner = Some(runtime);
        }
        drop(send_waker);
        let start = Arc::new(Barrier::new(2));
        let theirs = start.clone();
        let other = thread::spawn(move || {
            let wakers: Vec<Waker> = wakers.try_iter().collect();
            theirs.wait();
            wakers.into_iter().for_each(Waker::wake);
        });
        start.wait();
        drop(inner);
        assert_eq!(count(&dropped), 40);
        other.join().unwrap();
    }
}

#[test]
fn a_runtime_that_is_dropped_drops_its_tasks_and_cancels_those_that_come_late() {
    struct Spawns(Rc<RefCell<Option<task::JoinHandle<()>>>>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            *self.0.borrow_mut() = Some(spawn_local(async {}));
        }
    }
    let runtime = LocalRuntime::new().unwrap();
    let late = Rc::new(RefCell::new(None));
    let spawns = Spawns(late.clone());
    let polled = runtime.spawn_local(async move {
        let _spawns = spawns;
        pending::<()>().await;
    });
    runtime.block_on(yield_now());
    let unpolled = runtime.spawn_local(async {});
    drop(runtime);
    let late = late.borrow_mut().take().unwrap();
    for task in [polled, unpolled, late] {
        assert!(
            futures::executor::block_on(task)
                .unwrap_err()
                .is_cancelled()
        );
    }
}

#[test]
fn a_runtime_in_a_thread_local_is_dropped_with_its_thread_without_a_panic() {
    thread_local! {
        static RUNTIME: RefCell<Option<LocalRuntime>> = const { RefCell::new(None) };
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let theirs = dropped.clone();
    let task = thread::spawn(move || {
        let runtime = LocalRuntime::new().unwrap();
        let at_home = AtHome::new(&theirs);
        let task = runtime.spawn_local(async move {
            let _at_home = at_home;
            pending::<()>().await;
        });
        runtime.block_on(yield_now());
        RUNTIME.with(|slot| *slot.borrow_mut() = Some(runtime));
        task
    });
    let task = task.join().unwrap();
    assert_eq!(count(&dropped), 1);
    let error = futures::executor::block_on(task).unwrap_err();
    assert!(error.is_cancelled(), "{error}");
}

/// Leaks the value where the leak checker finds it.
fn leak<T>(value: T) {
    static LEAKED: std::sync::Mutex<Vec<usize>> = std::sync::Mutex::new(Vec::new());
    let address = std::ptr::from_mut(Box::leak(Box::new(value))).addr();
    LEAKED.lock().unwrap().push(address);
}

#[test]
fn a_runtime_that_is_leaked_drops_nothing_anywhere() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let theirs = dropped.clone();
    let task = thread::spawn(move || {
        let runtime = LocalRuntime::new().unwrap();
        let at_home = AtHome::new(&theirs);
        let task = runtime.spawn_local(async move {
            let _at_home = at_home;
            pending::<()>().await;
        });
        runtime.block_on(yield_now());
        leak(runtime);
        task
    });
    let task = task.join().unwrap();
    let abort = task.abort_handle();
    abort.abort();
    drop(task);
    assert_eq!(count(&dropped), 0);
    leak(abort);
}

#[test]
fn an_entered_set_does_not_take_the_tasks_of_a_local_runtime() {
    let runtime = LocalRuntime::new().unwrap();
    let set = LocalSet::new();
    let guard = set.enter();
    let one = runtime.block_on(async { spawn_local(async { 1 }).await });
    assert_eq!(one.unwrap(), 1);
    let two = spawn_local(async { 2 });
    drop(guard);
    let two = runtime.block_on(set.run_until(two));
    assert_eq!(two.unwrap(), 2);
}

#[test]
fn a_paused_clock_and_budgets_work_as_on_any_runtime() {
    within("a local runtime", || {
        let runtime = Builder::new_current_thread()
            .start_paused(true)
            .build_local(LocalOptions::default())
            .unwrap();
        runtime.block_on(async {
            let start = Instant::now();
            let task = spawn_local(async { sleep(Duration::from_secs(3600)).await });
            task.await.unwrap();
            assert!(start.elapsed() >= Duration::from_secs(3600));
        });
        let runtime = LocalRuntime::new().unwrap();
        let (sender, mut receiver) = mpsc::unbounded_channel::<u8>();
        let endless = runtime.spawn_local(async move {
            loop {
                sender.send(1).unwrap();
                receiver.recv().await.unwrap();
            }
        });
        let endless: Result<Result<(), _>, _> =
            runtime.block_on(async { timeout(Duration::from_millis(2), endless).await });
        assert!(endless.is_err());
    });
}

#[test]
fn a_panic_ends_one_task_only() {
    let runtime = LocalRuntime::new().unwrap();
    let bad = runtime.spawn_local(async { panic!("one task's") });
    let good = runtime.spawn_local(async { 1 });
    let (bad, good) = runtime.block_on(async { (bad.await, good.await) });
    let bad: Result<(), _> = bad;
    assert!(bad.unwrap_err().is_panic());
    assert_eq!(good.unwrap(), 1);
}

#[test]
fn another_runtime_can_be_waited_for_in_async_code_and_the_same_one_is_refused() {
    let runtime = Rc::new(LocalRuntime::new().unwrap());
    let same = runtime.clone();
    runtime.block_on(async move {
        let inner = LocalRuntime::new().unwrap();
        assert_eq!(inner.block_on(async { 1 }), 1);
        let nested = catch_unwind(AssertUnwindSafe(|| same.block_on(async {})));
        assert!(nested.is_err());
    });
}

#[test]
fn a_join_set_and_a_builder_take_local_tasks() {
    let runtime = LocalRuntime::new().unwrap();
    runtime.block_on(async {
        let mut set = JoinSet::new();
        set.spawn_local(async { Rc::new(1) });
        assert_eq!(*set.join_next().await.unwrap().unwrap(), 1);
        let task = task::Builder::new().name("local").spawn_local(async { 1 });
        let task = task.unwrap();
        let text = format!("{task:?}");
        assert!(
            text.contains("local_runtime.rs") && text.contains("\"local\""),
            "{text}"
        );
        task.await.unwrap();
    });
}

#[test]
fn large_futures_are_boxed() {
    let runtime = LocalRuntime::new().unwrap();
    let data = [1u8; 64 * 1024];
    let task = runtime.spawn_local(async move {
        yield_now().await;
        data.len()
    });
    assert_eq!(runtime.block_on(task).unwrap(), 64 * 1024);
}

#[runtime::test(flavor = "local")]
async fn the_attribute_gives_a_local_runtime() {
    let not_send = Rc::new(7);
    let theirs = not_send.clone();
    assert_eq!(
        spawn_local(async move { *theirs }).await.unwrap(),
        *not_send
    );
}

#[runtime::test(flavor = "local", start_paused = true)]
async fn the_attribute_can_pause_a_local_runtimes_clock() -> Result<(), task::JoinError> {
    spawn_local(async { sleep(Duration::from_secs(3600)).await }).await
}

#[runtime::main(flavor = "local")]
async fn local_main(n: u32) -> u32 {
    spawn_local(async move { n + 1 }).await.unwrap()
}

#[test]
fn the_attribute_for_main_gives_a_local_runtime() {
    assert_eq!(local_main(1), 2);
}

#[runtime::test]
async fn a_pool_makes_and_keeps_each_future_on_one_of_its_threads() {
    let pool = LocalPoolHandle::new(3);
    let me = thread::current().id();
    let mut threads = Vec::new();
    for i in 0..9 {
        let task = pool.spawn_pinned_by_idx(
            || {
                let made = thread::current().id();
                let not_send = Rc::new(made);
                async move {
                    yield_now().await;
                    let theirs = not_send.clone();
                    let spawned = spawn_local(async move {
                        assert_eq!(*theirs, thread::current().id());
                        thread::current().id()
                    });
                    assert_eq!(*not_send, spawned.await.unwrap());
                    made
                }
            },
            i % 3,
        );
        threads.push(task.await.unwrap());
    }
    assert_eq!(threads[0], threads[3]);
    assert_eq!(threads[1], threads[7]);
    assert!(threads[0] != threads[1] && threads[1] != threads[2] && threads[0] != threads[2]);
    assert!(!threads.contains(&me));
}

#[runtime::test]
async fn a_pool_gives_a_task_to_the_thread_with_the_fewest() {
    let pool = LocalPoolHandle::new(2);
    let (end, ended) = oneshot::channel::<()>();
    let first = pool.spawn_pinned_by_idx(|| async { ended.await.unwrap() }, 0);
    assert_eq!(pool.get_task_loads_for_each_worker(), [1, 0]);
    let second = pool.spawn_pinned(pending::<()>);
    assert_eq!(pool.get_task_loads_for_each_worker(), [1, 1]);
    end.send(()).unwrap();
    first.await.unwrap();
    second.abort();
    assert!(second.await.unwrap_err().is_cancelled());
    soon("an empty pool", || {
        pool.get_task_loads_for_each_worker() == [0, 0]
    });
}

#[runtime::test]
async fn what_is_aborted_in_a_pool_is_dropped_on_its_thread() {
    let pool = LocalPoolHandle::new(1);
    let dropped = Arc::new(AtomicUsize::new(0));
    let theirs = dropped.clone();
    let (started, has_started) = oneshot::channel();
    let task = pool.spawn_pinned(move || {
        let at_home = AtHome::new(&theirs);
        async move {
            let _at_home = at_home;
            started.send(()).unwrap();
            pending::<()>().await;
        }
    });
    has_started.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    soon("the drop at home", || count(&dropped) == 1);
}

#[runtime::test]
async fn panics_in_a_pool_reach_the_handle_and_spare_the_thread() {
    let pool = LocalPoolHandle::new(1);
    let in_making = pool.spawn_pinned(|| {
        if true {
            panic!("in the making");
        }
        async {}
    });
    assert!(in_making.await.unwrap_err().is_panic());
    let in_task = pool.spawn_pinned(|| async { panic!("in the task") });
    let in_task: Result<(), _> = in_task.await;
    assert_eq!(
        in_task.unwrap_err().into_panic().downcast_ref(),
        Some(&"in the task")
    );
    assert_eq!(pool.spawn_pinned(|| async { 1 }).await.unwrap(), 1);
}

#[runtime::test]
async fn a_pool_outlives_its_handles_until_its_tasks_have_ended() {
    let (end, ended) = oneshot::channel::<u8>();
    let task = LocalPoolHandle::new(1).spawn_pinned(|| async {
        // Not a task of the pool: it ends with the thread.
        spawn_local(pending::<()>());
        (Handle::current(), ended.await.unwrap())
    });
    end.send(7).unwrap();
    let (handle, seven) = task.await.unwrap();
    assert_eq!(seven, 7);
    soon("the end of the thread", || {
        handle.metrics().num_alive_tasks() == 0
    });
}

#[test]
fn a_pool_without_threads_or_an_index_beyond_them_is_refused() {
    assert!(catch_unwind(|| LocalPoolHandle::new(0)).is_err());
    let pool = LocalPoolHandle::new(1);
    let panic = catch_unwind(|| drop(pool.spawn_pinned_by_idx(|| async {}, 1))).unwrap_err();
    let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(text.contains("num_threads"), "{text}");
}
