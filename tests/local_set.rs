//! What a set of local tasks promises: futures that are not `Send` run, and are dropped, on the
//! thread of the set, whatever other threads do, and starve nobody.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::rt::{Builder, Handle, Runtime};
use runtime::sync::{mpsc, oneshot};
use runtime::task::{self, JoinMap, JoinQueue, JoinSet, LocalSet, TaskTracker};
use runtime::task::{spawn_local, yield_now};
use runtime::time::{Duration, sleep, timeout};
use runtimes::{on_each, within};
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};

/// Is polled and dropped where it was made, or the test fails.
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

    #[track_caller]
    fn check(&self) {
        assert_eq!(thread::current().id(), self.home);
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

fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The drops so far.
fn count(counter: &Arc<AtomicUsize>) -> usize {
    counter.load(Ordering::SeqCst)
}

#[test]
fn futures_that_are_not_send_run_on_the_thread_of_the_set_on_any_runtime() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let set = LocalSet::new();
        let home = thread::current().id();
        let trace = Rc::new(RefCell::new(Vec::new()));
        let theirs = trace.clone();
        let output = set.block_on(&runtime, async move {
            for i in 0..3 {
                let trace = theirs.clone();
                spawn_local(async move {
                    assert_eq!(thread::current().id(), home);
                    sleep(Duration::from_millis(1)).await;
                    assert_eq!(thread::current().id(), home);
                    trace.borrow_mut().push(i);
                })
                .await
                .unwrap();
            }
            spawn_local(async { Rc::new("an output that is not `Send`") })
                .await
                .unwrap()
        });
        assert_eq!(*trace.borrow(), [0, 1, 2]);
        assert!(output.starts_with("an"));
    });
}

#[test]
fn a_set_is_done_when_all_its_tasks_are_those_that_they_spawned_included() {
    on_each(|mut builder| {
        let done = Rc::new(Cell::new(0));
        let set = LocalSet::new();
        for _ in 0..10 {
            let done = done.clone();
            set.spawn_local(async move {
                yield_now().await;
                let theirs = done.clone();
                spawn_local(async move {
                    yield_now().await;
                    theirs.set(theirs.get() + 1);
                });
                done.set(done.get() + 1);
            });
        }
        builder.build().unwrap().block_on(set);
        assert_eq!(done.get(), 20);
    });
}

#[test]
fn a_set_without_tasks_is_done_at_once_and_needs_no_runtime() {
    futures::executor::block_on(LocalSet::new());
    futures::executor::block_on(LocalSet::default().run_until(async {}));
    let set = LocalSet::new();
    let task = set.spawn_local(async { 1 });
    assert_eq!(futures::executor::block_on(set.run_until(task)).unwrap(), 1);
}

#[test]
fn tasks_that_have_not_ended_go_on_in_the_next_round() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let (sender, receiver) = oneshot::channel::<u8>();
    let task = set.spawn_local(receiver);
    set.block_on(&runtime, yield_now());
    assert!(!task.is_finished());
    sender.send(7).unwrap();
    assert!(!task.is_finished(), "nobody polls the set");
    assert_eq!(set.block_on(&runtime, task).unwrap().unwrap(), 7);
}

#[test]
fn a_cancelled_run_until_loses_no_task() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let done = Rc::new(Cell::new(0));
    for _ in 0..200 {
        let done = done.clone();
        set.spawn_local(async move { done.set(done.get() + 1) });
    }
    runtime.block_on(async {
        // Some have run, others are taken out of the inbox already, when it is dropped.
        let mut round = Box::pin(set.run_until(pending::<()>()));
        assert!(poll_once(round.as_mut()).is_pending());
        drop(round);
        assert!((1..200).contains(&done.get()));
    });
    runtime.block_on(set);
    assert_eq!(done.get(), 200);
}

#[test]
fn of_two_who_poll_a_set_either_may_leave() {
    on_each(|mut builder| {
        let set = Rc::new(LocalSet::new());
        let outer = LocalSet::new();
        let (sender, receiver) = oneshot::channel::<u8>();
        let task = set.spawn_local(receiver);
        let one = set.clone();
        let waits = outer.spawn_local(async move { one.run_until(task).await });
        let (leave, left) = oneshot::channel::<()>();
        let leaves = outer.spawn_local(async move { set.run_until(left).await });
        let waits = outer.block_on(&builder.build().unwrap(), async move {
            yield_now().await;
            leave.send(()).unwrap();
            leaves.await.unwrap().unwrap();
            thread::spawn(move || sender.send(7).unwrap());
            waits.await
        });
        assert_eq!(waits.unwrap().unwrap().unwrap(), 7);
    });
}

#[test]
fn a_run_until_that_is_over_or_given_up_leaves_no_waker_behind() {
    struct Idle;
    impl Wake for Idle {
        fn wake(self: Arc<Self>) {}
    }
    let set = LocalSet::new();
    let _task = set.spawn_local(pending::<()>());
    for polls in 1..=2 {
        let idle = Arc::new(Idle);
        let waker = Waker::from(idle.clone());
        let mut cx = Context::from_waker(&waker);
        let mut left = 2;
        let mut until = Box::pin(set.run_until(poll_fn(move |_| {
            left -= 1;
            match left {
                0 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })));
        for _ in 0..polls {
            let _ = until.as_mut().poll(&mut cx);
        }
        drop(until);
        drop(waker);
        assert_eq!(Arc::strong_count(&idle), 1);
    }
}

#[test]
fn a_task_may_poll_its_own_set() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = Rc::new(LocalSet::new());
    let inner = set.clone();
    let sum = set.block_on(&runtime, async move {
        let other = spawn_local(async { 1 });
        let task = spawn_local(async move { inner.run_until(other).await.unwrap() + 1 });
        task.await.unwrap() + 1
    });
    assert_eq!(sum, 3);
}

#[test]
fn wakes_from_many_threads_reach_the_set() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let set = LocalSet::new();
        let (sender, mut receiver) = mpsc::channel::<usize>(1);
        let mut threads = Vec::new();
        for i in 0..4 {
            let sender = sender.clone();
            threads.push(thread::spawn(move || {
                for _ in 0..100 {
                    sender.blocking_send(i).unwrap();
                }
            }));
        }
        drop(sender);
        let keep = Rc::new(());
        let sum = set.spawn_local(async move {
            let mut sum = 0;
            while let Some(i) = receiver.recv().await {
                sum += i;
            }
            drop(keep);
            sum
        });
        assert_eq!(set.block_on(&runtime, sum).unwrap(), 600);
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn a_task_that_is_aborted_elsewhere_is_dropped_at_home() {
    on_each(|mut builder| {
        let runtime = builder.build().unwrap();
        let set = LocalSet::new();
        let dropped = Arc::new(AtomicUsize::new(0));
        let at_home = AtHome::new(&dropped);
        let task = set.spawn_local(async move {
            at_home.check();
            pending::<()>().await;
        });
        set.block_on(&runtime, yield_now());
        let abort = task.abort_handle();
        let handle = runtime.handle().clone();
        thread::spawn(move || {
            abort.abort();
            handle.spawn(async move { drop(abort) });
        })
        .join()
        .unwrap();
        assert_eq!(count(&dropped), 0, "the set was not polled");
        assert!(set.block_on(&runtime, task).unwrap_err().is_cancelled());
        assert_eq!(count(&dropped), 1);
    });
}

#[test]
fn the_last_handle_and_waker_may_go_elsewhere() {
    let runtime = Runtime::new().unwrap();
    for round in 0..50 {
        let set = LocalSet::new();
        let dropped = Arc::new(AtomicUsize::new(0));
        let at_home = AtHome::new(&dropped);
        let (send_waker, waker) = std::sync::mpsc::channel::<Waker>();
        let task = set.spawn_local(poll_fn(move |cx| {
            at_home.check();
            send_waker.send(cx.waker().clone()).unwrap();
            Poll::<()>::Pending
        }));
        set.block_on(&runtime, yield_now());
        let start = Arc::new(Barrier::new(2));
        let theirs = start.clone();
        let other = thread::spawn(move || {
            let waker = waker.recv().unwrap();
            theirs.wait();
            match round % 4 {
                0 => task.abort(),
                1 => waker.wake_by_ref(),
                _ => {}
            }
            drop(task);
            drop(waker);
        });
        start.wait();
        if round % 2 == 0 {
            set.block_on(&runtime, yield_now());
        }
        drop(set);
        assert_eq!(count(&dropped), 1);
        other.join().unwrap();
    }
}

#[test]
fn a_set_that_is_dropped_drops_its_tasks_and_cancels_those_that_come_late() {
    struct Spawns(Rc<RefCell<Option<task::JoinHandle<()>>>>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            *self.0.borrow_mut() = Some(spawn_local(async {}));
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let set = LocalSet::new();
    let late = Rc::new(RefCell::new(None));
    let spawns = Spawns(late.clone());
    let at_home = AtHome::new(&dropped);
    let polled = set.spawn_local(async move {
        let _both = (spawns, at_home);
        pending::<()>().await;
    });
    assert!(poll_once(pin!(set.run_until(pending::<()>()))).is_pending());
    let at_home = AtHome::new(&dropped);
    let unpolled = set.spawn_local(async move { drop(at_home) });
    let guard = set.enter();
    drop(set);
    assert_eq!(count(&dropped), 2);
    let after = spawn_local(async {});
    drop(guard);
    let late = late.borrow_mut().take().unwrap();
    for task in [polled, unpolled, late, after] {
        let error = futures::executor::block_on(task).unwrap_err();
        assert!(error.is_cancelled());
    }
}

/// Leaks the value where the leak checker finds it.
fn leak<T>(value: T) {
    static LEAKED: std::sync::Mutex<Vec<usize>> = std::sync::Mutex::new(Vec::new());
    let address = std::ptr::from_mut(Box::leak(Box::new(value))).addr();
    LEAKED.lock().unwrap().push(address);
}

#[test]
fn a_set_that_is_leaked_drops_nothing_anywhere() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let theirs = dropped.clone();
    let (task, waker) = thread::spawn(move || {
        let set = LocalSet::new();
        let at_home = AtHome::new(&theirs);
        let slot = Arc::new(std::sync::Mutex::new(None));
        let filled = slot.clone();
        let task = set.spawn_local(poll_fn(move |cx| {
            at_home.check();
            *filled.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }));
        assert!(poll_once(pin!(set.run_until(pending::<()>()))).is_pending());
        leak(set);
        let waker = slot.lock().unwrap().take().unwrap();
        (task, waker)
    })
    .join()
    .unwrap();
    waker.wake_by_ref();
    task.abort();
    drop(task);
    assert_eq!(count(&dropped), 0);
    leak(waker);
}

#[test]
fn a_set_in_a_thread_local_is_dropped_with_its_thread_without_a_panic() {
    thread_local! {
        static SET: RefCell<Option<LocalSet>> = const { RefCell::new(None) };
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let theirs = dropped.clone();
    let task = within_thread(move || {
        let set = LocalSet::new();
        let at_home = AtHome::new(&theirs);
        let task = set.spawn_local(async move {
            let _at_home = at_home;
            pending::<()>().await;
        });
        assert!(poll_once(pin!(set.run_until(pending::<()>()))).is_pending());
        SET.with(|slot| *slot.borrow_mut() = Some(set));
        task
    });
    assert_eq!(count(&dropped), 1);
    let error = futures::executor::block_on(task).unwrap_err();
    assert!(error.is_cancelled(), "{error}");
}

fn within_thread<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(f).join().unwrap()
}

#[test]
fn a_panic_ends_one_task_and_reaches_its_handle() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let bad = set.spawn_local(async { panic!("one task's") });
    let good = set.spawn_local(async { 1 });
    let (bad, good) = set.block_on(&runtime, async { (bad.await, good.await) });
    let bad: Result<(), _> = bad;
    assert!(bad.unwrap_err().to_string().contains("one task's"));
    assert_eq!(good.unwrap(), 1);
}

#[test]
fn a_panic_of_the_root_leaves_the_set_as_it_was() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let task = set.spawn_local(async { 1 });
    let root = AssertUnwindSafe(|| set.block_on(&runtime, async { panic!("the root's") }));
    let outcome: Result<(), _> = catch_unwind(root);
    assert!(outcome.is_err());
    assert!(catch_unwind(|| spawn_local(async {})).is_err(), "left");
    assert_eq!(set.block_on(&runtime, task).unwrap(), 1);
}

#[test]
fn spawn_local_without_a_set_panics_at_the_callers_line() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let theirs = seen.clone();
    let me = thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if thread::current().id() == me {
            let place = info
                .location()
                .map(|place| (place.file().to_owned(), place.line()));
            theirs.lock().unwrap().push((place, info.to_string()));
        }
    }));
    let here = Location::caller().line();
    let outside = catch_unwind(|| spawn_local(async {}));
    let runtime = Builder::new_current_thread().build().unwrap();
    let in_runtime = runtime.block_on(async { catch_unwind(|| spawn_local(async {})).is_err() });
    drop(std::panic::take_hook());
    assert!(outside.is_err() && in_runtime);
    let seen = seen.lock().unwrap();
    let line = |at: usize| seen[at].0.clone().unwrap();
    assert!(line(0).0.ends_with("local_set.rs"));
    assert_eq!(line(0).1, here + 1);
    assert_eq!(line(1).1, here + 3);
    assert!(seen[0].1.contains("LocalSet"));
}

#[test]
fn a_spawned_task_is_in_no_set() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let is_in = set.block_on(&runtime, async {
        let there = runtime::spawn(async { catch_unwind(|| drop(spawn_local(async {}))).is_ok() });
        let here = spawn_local(async { catch_unwind(|| drop(spawn_local(async {}))).is_ok() });
        (there.await.unwrap(), here.await.unwrap())
    });
    assert_eq!(is_in, (false, true));
}

#[test]
#[allow(clippy::async_yields_async)] // a handle is what is meant
fn sets_nest_and_the_innermost_gets_the_task() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let (outer, inner) = (LocalSet::new(), LocalSet::new());
    let (one, two) = outer.block_on(&runtime, async {
        let two = inner.run_until(async { spawn_local(async { 2 }) }).await;
        let one = spawn_local(async { 1 });
        (one.await.unwrap(), two)
    });
    assert_eq!(one, 1);
    assert!(!two.is_finished(), "the inner set was not polled since");
    assert_eq!(inner.block_on(&runtime, two).unwrap(), 2);
}

#[test]
fn tasks_run_in_the_order_of_their_wakes_and_all_get_their_turn() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let trace = Rc::new(RefCell::new(Vec::new()));
    for i in 0..150 {
        let trace = trace.clone();
        set.spawn_local(async move {
            for _ in 0..2 {
                trace.borrow_mut().push(i);
                yield_now().await;
            }
        });
    }
    runtime.block_on(set);
    let trace = trace.borrow();
    for i in 0..150 {
        let turns: Vec<usize> = (0..300).filter(|&at| trace[at] == i).collect();
        assert!(turns[1] - turns[0] >= 61, "{i}: {turns:?}");
    }
    let firsts: Vec<i32> = (0..150).collect();
    let mut seen = Vec::new();
    trace.iter().for_each(|i| {
        if !seen.contains(i) {
            seen.push(*i);
        }
    });
    assert_eq!(seen, firsts);
}

#[test]
fn a_set_that_never_rests_starves_neither_timers_nor_siblings_nor_its_root() {
    within("a set that never rests", || {
        let runtime = Builder::new_current_thread().build().unwrap();
        let set = LocalSet::new();
        for _ in 0..100 {
            set.spawn_local(async {
                // Never yields by itself, but is woken again and again.
                poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    Poll::<()>::Pending
                })
                .await;
            });
        }
        let sibling_ran = Rc::new(Cell::new(0));
        let theirs = sibling_ran.clone();
        set.block_on(&runtime, async move {
            let task = runtime::spawn(async { sleep(Duration::from_millis(1)).await });
            let sibling = async {
                loop {
                    theirs.set(theirs.get() + 1);
                    yield_now().await;
                }
            };
            assert!(timeout(Duration::from_millis(5), sibling).await.is_err());
            task.await.unwrap();
        });
        assert!(sibling_ran.get() > 1);
    });
}

#[test]
fn a_local_task_that_is_always_ready_spends_its_budget() {
    within("a loop that is always ready", || {
        let runtime = Builder::new_current_thread().build().unwrap();
        let set = LocalSet::new();
        let (sender, mut receiver) = mpsc::unbounded_channel::<u8>();
        let task = set.spawn_local(async move {
            timeout(Duration::from_millis(2), async move {
                loop {
                    sender.send(1).unwrap();
                    receiver.recv().await.unwrap();
                }
            })
            .await
        });
        let never: Result<(), _> = set.block_on(&runtime, task).unwrap();
        assert!(never.is_err());
    });
}

#[test]
fn a_set_spends_the_budget_of_the_task_that_polls_it() {
    within("polling a set in a loop", || {
        let runtime = Builder::new_current_thread().build().unwrap();
        let endless = async {
            let set = LocalSet::new();
            loop {
                // Always ready, but for the budget.
                set.run_until(yield_twice()).await;
            }
        };
        let late = runtime.block_on(async { timeout(Duration::from_millis(2), endless).await });
        assert!(late.is_err());
    });
    async fn yield_twice() {
        spawn_local(async {});
        yield_now().await;
        yield_now().await;
    }
}

#[test]
#[allow(clippy::async_yields_async)] // a handle is what is meant
fn an_entered_set_is_found_until_its_guard_goes() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let guard = set.enter();
    let inner = LocalSet::new();
    let inner_guard = inner.enter();
    let second = spawn_local(async { 2 });
    drop(inner_guard);
    let first = spawn_local(async { 1 });
    // Also within a runtime that is none of its business.
    let third = runtime.block_on(async { spawn_local(async { 3 }) });
    drop(guard);
    assert!(catch_unwind(|| spawn_local(async {})).is_err());
    assert_eq!(inner.block_on(&runtime, second).unwrap(), 2);
    assert_eq!(set.block_on(&runtime, first).unwrap(), 1);
    assert_eq!(set.block_on(&runtime, third).unwrap(), 3);
}

#[test]
fn timers_and_handles_are_found_within_and_tasks_have_ids_and_names() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let task = task::Builder::new().name("local").spawn_local_on(
        async {
            sleep(Duration::from_millis(1)).await;
            let there = Handle::current().spawn(async { 1 });
            assert_eq!(there.await.unwrap(), 1);
            task::id()
        },
        &set,
    );
    let task = task.unwrap();
    let text = format!("{task:?}");
    assert!(
        text.contains("local_set.rs") && text.contains("\"local\""),
        "{text}"
    );
    let id = task.id();
    assert_eq!(set.block_on(&runtime, task).unwrap(), id);
}

#[test]
fn a_join_set_takes_local_tasks() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let local = LocalSet::new();
    let mut set = JoinSet::new();
    set.spawn_local_on(async { Rc::new(1) }, &local);
    let sum = local.block_on(&runtime, async {
        set.spawn_local(async { Rc::new(2) });
        let mut sum = 0;
        while let Some(one) = set.join_next().await {
            sum += *one.unwrap();
        }
        set.spawn_local(async { pending().await });
        set.shutdown().await;
        sum
    });
    assert_eq!(sum, 3);
}

#[test]
fn a_join_map_a_join_queue_and_a_tracker_take_local_tasks() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let local = LocalSet::new();
    let (mut map, mut queue, tracker) = (JoinMap::new(), JoinQueue::new(), TaskTracker::new());
    map.spawn_local_on("far", async { Rc::new(1) }, &local);
    let far = tracker.spawn_local_on(async { Rc::new(3) }, &local);
    assert_eq!(tracker.len(), 1);
    local.block_on(&runtime, async {
        map.spawn_local("here", async { Rc::new(10) });
        queue.spawn_local(async { Rc::new(20) });
        let here = tracker.spawn_local(async { Rc::new(30) });
        let mut sum = *far.await.unwrap() + *here.await.unwrap();
        while let Some((_, one)) = map.join_next().await {
            sum += *one.unwrap();
        }
        assert_eq!(*queue.join_next().await.unwrap().unwrap(), 20);
        assert_eq!((sum, tracker.len()), (44, 0));
    });
}

#[test]
fn a_runtime_that_ends_leaves_the_set_to_the_next_one() {
    let set = LocalSet::new();
    let runtime = Builder::new_current_thread().build().unwrap();
    let sleeps = set.spawn_local(async { sleep(Duration::from_secs(3600)).await });
    let (sender, receiver) = oneshot::channel::<u8>();
    let waits = set.spawn_local(receiver);
    set.block_on(&runtime, yield_now());
    drop(runtime);
    let runtime = Runtime::new().unwrap();
    sender.send(1).unwrap();
    assert_eq!(set.block_on(&runtime, waits).unwrap().unwrap(), 1);
    // Its timer's runtime is gone: an error or a panic of that task, and no hang.
    let outcome = set.block_on(&runtime, async {
        timeout(Duration::from_millis(1), sleeps).await
    });
    drop(outcome);
}

#[test]
fn chains_of_tasks_and_sets_that_hold_each_other_need_no_stack() {
    within("a long chain", || {
        let dropped = Arc::new(AtomicUsize::new(0));
        let mut inner: Option<LocalSet> = None;
        for _ in 0..10_000 {
            let set = LocalSet::new();
            let at_home = AtHome::new(&dropped);
            let held = inner.take();
            set.spawn_local(async move {
                let _both = (at_home, held);
                pending::<()>().await;
            });
            inner = Some(set);
        }
        drop(inner);
        assert_eq!(count(&dropped), 10_000);
    });
}

#[test]
fn a_wake_from_afar_into_a_chain_that_falls_drops_nothing_there() {
    // Deep levels are put aside for a moment: their sets are closed, the tasks not yet
    // cancelled. A wake in that moment must not cancel them elsewhere.
    within("a falling chain", || {
        for _ in 0..20 {
            let dropped = Arc::new(AtomicUsize::new(0));
            let (send_waker, wakers) = std::sync::mpsc::channel::<Waker>();
            let mut inner: Option<LocalSet> = None;
            for _ in 0..100 {
                let set = LocalSet::new();
                let at_home = AtHome::new(&dropped);
                let held = inner.take();
                let send_waker = send_waker.clone();
                set.spawn_local(poll_fn(move |cx| {
                    let _both = (&at_home, &held);
                    send_waker.send(cx.waker().clone()).unwrap();
                    Poll::<()>::Pending
                }));
                assert!(poll_once(pin!(set.run_until(pending::<()>()))).is_pending());
                inner = Some(set);
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
            assert_eq!(count(&dropped), 100);
            other.join().unwrap();
        }
    });
}

#[test]
fn a_large_future_is_boxed() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let data = [1u8; 64 * 1024];
    let task = set.spawn_local(async move {
        yield_now().await;
        data.len()
    });
    assert_eq!(set.block_on(&runtime, task).unwrap(), 64 * 1024);
}
