use super::*;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc as StdArc, Barrier};
use std::thread::{self as os, ThreadId};

type Body = Box<dyn FnOnce(bool) + Send>;

/// Calls its closure with whether it was run.
struct Call(Body);

impl Job for Call {
    fn run(self) {
        (self.0)(true);
    }

    fn cancel(self) {
        (self.0)(false);
    }
}

fn call(f: impl FnOnce(bool) + Send + 'static) -> Call {
    Call(Box::new(f))
}

fn submit(pool: &Pool<Call>, f: impl FnOnce() + Send + 'static) {
    let job = call(move |is_run| {
        assert!(is_run);
        f();
    });
    assert!(pool.submit(job).is_ok());
}

fn pool(max_threads: usize) -> Pool<Call> {
    Pool::new(Config {
        max_threads,
        ..Config::default()
    })
}

fn finish(pool: &Pool<Call>) {
    pool.close();
    assert!(pool.wait(None));
    assert_eq!(pool.stats(), Stats::default());
}

fn until(what: impl Fn() -> bool) {
    while !what() {
        os::yield_now();
    }
}

/// A job that says on which thread it runs, and stays there until it is told.
fn occupy(pool: &Pool<Call>) -> (ThreadId, Sender<()>) {
    let (here, started) = mpsc::channel();
    let (go, told): (_, Receiver<()>) = mpsc::channel();
    submit(pool, move || {
        here.send(os::current().id()).unwrap();
        let _ = told.recv();
    });
    (started.recv().unwrap(), go)
}

#[test]
fn jobs_that_wait_for_each_other_all_run_at_once() {
    let pool = pool(64);
    for count in [2, 64, 64, 7] {
        let barrier = StdArc::new(Barrier::new(count + 1));
        for _ in 0..count {
            let barrier = barrier.clone();
            submit(&pool, move || {
                barrier.wait();
            });
        }
        barrier.wait();
        assert!(pool.stats().threads <= 64);
    }
    finish(&pool);
}

#[test]
fn no_more_threads_start_than_jobs_were_submitted() {
    let pool = pool(512);
    for count in 1..=8 {
        submit(&pool, || {});
        assert!(pool.stats().threads <= count);
    }
    finish(&pool);
}

#[test]
fn at_most_max_threads_jobs_run_at_once_and_the_rest_queues() {
    let pool = pool(3);
    let busy: Vec<_> = (0..3).map(|_| occupy(&pool).1).collect();
    let (running, done) = (
        StdArc::new(AtomicUsize::new(0)),
        StdArc::new(AtomicUsize::new(0)),
    );
    for _ in 0..100 {
        let (running, done) = (running.clone(), done.clone());
        submit(&pool, move || {
            assert!(running.fetch_add(1, SeqCst) < 3);
            os::yield_now();
            running.fetch_sub(1, SeqCst);
            done.fetch_add(1, SeqCst);
        });
    }
    let full = Stats {
        threads: 3,
        idle: 0,
        queued: 100,
    };
    assert_eq!(pool.stats(), full);
    drop(busy);
    until(|| done.load(SeqCst) == 100);
    until(|| pool.stats().idle == 3);
    finish(&pool);
}

#[test]
fn one_thread_runs_jobs_in_the_order_of_their_submission() {
    let pool = pool(1);
    let (tx, rx) = mpsc::channel();
    for n in 0..100 {
        let tx = tx.clone();
        submit(&pool, move || tx.send(n).unwrap());
    }
    assert_eq!(
        rx.iter().take(100).collect::<Vec<_>>(),
        (0..100).collect::<Vec<_>>()
    );
    finish(&pool);
}

/// How many threads wait for a job and are not the lookout.
fn asleep(pool: &Pool<Call>) -> usize {
    pool.owner.shared.state.lock().asleep()
}

#[test]
fn every_job_is_run_whether_or_not_it_finds_a_lookout_and_then_all_sleep() {
    let pool = pool(8);
    for _ in 0..1000 {
        let (tx, rx) = mpsc::channel();
        submit(&pool, move || tx.send(()).unwrap());
        rx.recv().unwrap();
    }
    until(|| asleep(&pool) == pool.stats().threads);
    finish(&pool);
}

#[test]
fn the_thread_that_went_idle_last_is_reused_first() {
    let pool = pool(8);
    let (first, go_first) = occupy(&pool);
    let (last, go_last) = occupy(&pool);
    drop(go_first);
    until(|| asleep(&pool) == 1);
    drop(go_last);
    until(|| asleep(&pool) == 2);
    let (one, go_one) = occupy(&pool);
    let (two, go_two) = occupy(&pool);
    assert_eq!((one, two), (last, first));
    drop((go_one, go_two));
    finish(&pool);
}

#[test]
fn thousands_of_jobs_from_16_submitters_are_run_once_each() {
    for max_threads in [1, 4, 512] {
        let pool = pool(max_threads);
        let done = StdArc::new(AtomicUsize::new(0));
        os::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        let done = done.clone();
                        submit(&pool, move || {
                            done.fetch_add(1, SeqCst);
                        });
                    }
                });
            }
        });
        until(|| done.load(SeqCst) == 16_000);
        finish(&pool);
        assert_eq!(done.load(SeqCst), 16_000);
    }
}

#[test]
fn jobs_that_come_while_threads_time_out_are_run() {
    let pool = Pool::new(Config {
        keep_alive: Duration::ZERO,
        max_threads: 4,
        ..Config::default()
    });
    let done = StdArc::new(AtomicUsize::new(0));
    for n in 1..=2000 {
        let counted = done.clone();
        submit(&pool, move || {
            counted.fetch_add(1, SeqCst);
        });
        if n % 3 == 0 {
            until(|| done.load(SeqCst) == n);
        }
    }
    until(|| done.load(SeqCst) == 2000);
    assert!(pool.wait(None), "idle threads leave an open pool, too");
    assert_eq!(pool.stats(), Stats::default());
    submit(&pool, || {});
    finish(&pool);
}

/// A pool whose starts fail when `fail` says so of their number.
fn failing(fail: impl Fn(usize) -> bool + Send + Sync + 'static) -> Pool<Call> {
    let asked = AtomicUsize::new(0);
    Pool::new(Config {
        admit: Some(StdArc::new(move || {
            if fail(asked.fetch_add(1, SeqCst)) {
                return Err(io::Error::from(io::ErrorKind::WouldBlock));
            }
            Ok(())
        })),
        ..Config::default()
    })
}

#[test]
fn without_a_thread_the_job_comes_back_with_the_systems_error() {
    let pool = failing(|n| n < 3);
    let fate = StdArc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let told = fate.clone();
        let outcome = pool.submit(call(move |_| {
            told.fetch_add(1, SeqCst);
        }));
        let Err(Refused::NoThread { job, source }) = outcome else {
            panic!("there is no thread");
        };
        assert_eq!(source.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(pool.stats(), Stats::default());
        drop(job);
    }
    assert_eq!(fate.load(SeqCst), 0, "neither run nor cancelled");
    let (_, go) = occupy(&pool);
    drop(go);
    finish(&pool);
}

#[test]
fn with_one_thread_all_jobs_run_though_no_other_can_be_started() {
    let pool = failing(|n| n > 0);
    let (thread, go) = occupy(&pool);
    let (tx, rx) = mpsc::channel();
    for _ in 0..50 {
        let tx = tx.clone();
        submit(&pool, move || tx.send(os::current().id()).unwrap());
    }
    assert_eq!(pool.stats().queued, 50);
    drop(go);
    assert!(rx.iter().take(50).all(|id| id == thread));
    assert_eq!(pool.stats().threads, 1);
    finish(&pool);
}

#[test]
fn a_start_that_fails_at_any_point_loses_no_job() {
    for nth in 0..10 {
        let pool = failing(move |n| n == nth);
        let done = StdArc::new(AtomicUsize::new(0));
        let mut refused = 0;
        for _ in 0..10 {
            let counted = done.clone();
            let outcome = pool.submit(call(move |is_run| {
                assert!(is_run);
                counted.fetch_add(1, SeqCst);
            }));
            refused += usize::from(outcome.is_err());
        }
        assert_eq!(refused, usize::from(nth == 0));
        until(|| done.load(SeqCst) + refused == 10);
        finish(&pool);
    }
}

#[test]
fn a_start_that_failed_is_tried_again_for_jobs_that_wait_for_each_other() {
    for nth in 1..4 {
        let pool = failing(move |n| n == nth);
        let barrier = StdArc::new(Barrier::new(5));
        for _ in 0..4 {
            let barrier = barrier.clone();
            submit(&pool, move || {
                barrier.wait();
            });
            submit(&pool, || {}); // a further look, which tries again
        }
        let last = barrier.clone();
        until(|| {
            submit(&pool, || {});
            pool.stats().threads >= 4
        });
        last.wait();
        finish(&pool);
    }
}

#[test]
fn a_panic_in_a_job_or_a_hook_takes_nothing_down() {
    let (starts, stops) = (
        StdArc::new(AtomicUsize::new(0)),
        StdArc::new(AtomicUsize::new(0)),
    );
    let (started, stopped) = (starts.clone(), stops.clone());
    for enter_panics_first in [true, false] {
        let (started, stopped) = (started.clone(), stopped.clone());
        let pool = Pool::new(Config {
            max_threads: 1,
            on_start: Some(StdArc::new(move || {
                started.fetch_add(1, SeqCst);
                panic!("on_start");
            })),
            on_stop: Some(StdArc::new(move || {
                stopped.fetch_add(1, SeqCst);
                panic!("on_stop");
            })),
            enter: Some(StdArc::new(move |body| {
                assert!(!enter_panics_first, "enter");
                body();
                panic!("enter");
            })),
            ..Config::default()
        });
        submit(&pool, || panic!("job"));
        let (one, go_one) = occupy(&pool);
        submit(&pool, || panic!("job"));
        drop(go_one);
        let (two, go_two) = occupy(&pool);
        assert_eq!(one, two);
        let cancelled = pool.submit(call(|is_run| panic!("cancelled: {is_run}")));
        assert!(cancelled.is_ok());
        pool.close();
        drop(go_two);
        finish(&pool);
    }
    assert_eq!((starts.load(SeqCst), stops.load(SeqCst)), (2, 2));
}

#[test]
fn a_panic_while_a_thread_is_named_is_a_start_that_fails() {
    let pool = Pool::new(Config {
        name: Some(StdArc::new(|| panic!("name"))),
        ..Config::default()
    });
    let outcome = pool.submit(call(|_| {}));
    assert!(matches!(outcome, Err(Refused::NoThread { .. })));
    finish(&pool);
}

#[test]
fn jobs_run_inside_of_the_wrapper_on_a_named_thread() {
    std::thread_local!(static INSIDE: AtomicBool = const { AtomicBool::new(false) });
    let pool = Pool::new(Config {
        name: Some(StdArc::new(|| "blocking-name".into())),
        stack_size: Some(128 * 1024),
        enter: Some(StdArc::new(|body| {
            INSIDE.with(|inside| inside.store(true, SeqCst));
            body();
            INSIDE.with(|inside| inside.store(false, SeqCst));
        })),
        on_stop: Some(StdArc::new(|| {
            assert!(!INSIDE.with(|inside| inside.load(SeqCst)));
        })),
        ..Config::default()
    });
    let (tx, rx) = mpsc::channel();
    submit(&pool, move || {
        let inside = INSIDE.with(|inside| inside.load(SeqCst));
        tx.send((inside, os::current().name().map(String::from)))
            .unwrap();
    });
    assert_eq!(rx.recv().unwrap(), (true, Some("blocking-name".into())));
    finish(&pool);
}

#[test]
fn close_cancels_what_is_queued_and_lets_finish_what_has_started() {
    let pool = pool(1);
    let (_, go) = occupy(&pool);
    let (tx, rx) = mpsc::channel();
    for _ in 0..5 {
        let tx = tx.clone();
        let job = call(move |is_run| tx.send(is_run).unwrap());
        assert!(pool.submit(job).is_ok());
    }
    pool.close();
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [false; 5]);
    let outcome = pool.submit(call(|_| panic!("neither run nor cancelled")));
    assert!(matches!(outcome, Err(Refused::Closed(_))));
    assert!(!pool.wait(Some(Instant::now())), "it does not wait");
    let soon = Instant::now() + Duration::from_millis(5);
    assert!(!pool.wait(Some(soon)));
    assert!(Instant::now() >= soon);
    drop(go);
    assert!(pool.wait(Some(Instant::now() + Duration::from_secs(60))));
    assert_eq!(pool.stats(), Stats::default());
}

#[test]
fn threads_of_the_pool_that_wait_for_its_end_do_not_wait_for_each_other() {
    let pool = pool(4);
    let (tx, rx) = mpsc::channel();
    let together = StdArc::new(Barrier::new(2));
    for _ in 0..2 {
        let (inside, tx, together) = (pool.clone(), tx.clone(), together.clone());
        submit(&pool, move || {
            together.wait();
            inside.close();
            tx.send(inside.wait(None)).unwrap();
        });
    }
    assert_eq!(rx.recv(), Ok(true));
    assert_eq!(rx.recv(), Ok(true));
    finish(&pool);
}

#[test]
fn the_last_handle_may_go_on_a_thread_of_the_pool() {
    let pool = pool(1);
    let (tx, rx) = mpsc::channel();
    let (go, told) = mpsc::channel::<()>();
    let handle = pool.clone();
    submit(&pool, move || {
        let _ = told.recv();
        drop(handle);
    });
    let job = call(move |is_run| tx.send(is_run).unwrap());
    assert!(pool.submit(job).is_ok());
    drop(pool);
    drop(go);
    assert_eq!(rx.recv(), Ok(false), "cancelled by the drop");
}

#[test]
fn a_job_or_a_name_function_may_submit_jobs() {
    let again: StdArc<Mutex<Option<Pool<Call>>>> = StdArc::default();
    let theirs = again.clone();
    let pool = Pool::new(Config {
        max_threads: 2,
        name: Some(StdArc::new(move || {
            let pool = theirs.lock().clone();
            if let Some(pool) = pool {
                let _ = pool.submit(call(|_| {}));
            }
            "recursive".into()
        })),
        ..Config::default()
    });
    *again.lock() = Some(pool.clone());
    let (tx, rx) = mpsc::channel();
    let inner = pool.clone();
    submit(&pool, move || submit(&inner, move || tx.send(()).unwrap()));
    assert_eq!(rx.recv(), Ok(()));
    finish(&pool);
    drop(again.lock().take());
}

/// How many threads of this process are named `name`; `None` where that is not told.
fn threads_named(name: &str) -> Option<usize> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    Some(names.filter(|comm| comm.trim_end() == name).count())
}

#[test]
fn two_hundred_pools_leave_no_thread_behind() {
    for _ in 0..200 {
        let pool = Pool::new(Config {
            name: Some(StdArc::new(|| "pool-of-200".into())),
            ..Config::default()
        });
        let barrier = StdArc::new(Barrier::new(4));
        for _ in 0..3 {
            let barrier = barrier.clone();
            submit(&pool, move || {
                barrier.wait();
            });
        }
        barrier.wait();
        finish(&pool);
    }
    // The kernel takes a moment after a join to take the thread off its list.
    until(|| threads_named("pool-of-200").unwrap_or(0) == 0);
}
