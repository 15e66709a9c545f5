//! What the paused clock promises.

use runtime::rt::{Builder, Runtime};
use runtime::time::{self, Duration, Instant, MissedTickBehavior, interval, sleep, timeout};
use std::future::Future;
use std::sync::{Arc, Mutex};

fn paused() -> Runtime {
    Builder::new_current_thread()
        .start_paused(true)
        .build()
        .unwrap()
}

#[test]
fn an_hour_passes_at_once_when_nothing_else_can_be_done() {
    let real = std::time::Instant::now();
    paused().block_on(async {
        let start = Instant::now();
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(3600));
    });
    assert!(real.elapsed() < Duration::from_secs(60));
}

#[test]
fn sleeps_end_in_the_order_of_their_deadlines_and_at_exactly_them() {
    paused().block_on(async {
        let start = Instant::now();
        let log = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..500u64)
            .map(|i| {
                let log = log.clone();
                let wait = Duration::from_nanos(i * 7_919_777 % 5_000_003 * 1_001);
                runtime::spawn(async move {
                    sleep(wait).await;
                    assert_eq!(start.elapsed(), wait);
                    log.lock().unwrap().push(wait);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert!(log.lock().unwrap().is_sorted());
    });
}

#[test]
fn the_clock_waits_for_blocking_jobs() {
    paused().block_on(async {
        let start = Instant::now();
        let job = runtime::task::spawn_blocking(|| {
            std::thread::sleep(std::time::Duration::from_millis(50));
        });
        let late = timeout(Duration::from_millis(1), job).await;
        assert!(late.is_ok(), "time did not pass while the job ran");
        assert_eq!(start.elapsed(), Duration::ZERO);
    });
}

#[test]
fn advance_wakes_what_is_due_and_nothing_else() {
    paused().block_on(async {
        let soon = runtime::spawn(sleep(Duration::from_secs(5)));
        let later = runtime::spawn(sleep(Duration::from_secs(7)));
        runtime::task::yield_now().await;
        time::advance(Duration::from_secs(6)).await;
        assert!(soon.is_finished());
        assert!(!later.is_finished());
        time::advance(Duration::from_secs(1)).await;
        assert!(later.is_finished());
    });
}

#[test]
fn a_resumed_clock_runs_on_from_where_it_stood() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        time::pause();
        let start = Instant::now();
        time::advance(Duration::from_secs(100)).await;
        time::resume();
        let real = std::time::Instant::now();
        sleep(Duration::from_millis(5)).await;
        assert!(real.elapsed() >= Duration::from_millis(5));
        let elapsed = start.elapsed();
        assert!(elapsed >= Duration::from_secs(100) && elapsed < Duration::from_secs(200));
    });
}

#[test]
fn late_ticks_burst_or_are_delayed_or_skipped() {
    let takes = |behavior| {
        paused().block_on(async move {
            let start = Instant::now();
            let mut ticks = interval(Duration::from_millis(50));
            ticks.set_missed_tick_behavior(behavior);
            ticks.tick().await;
            time::advance(Duration::from_millis(220)).await;
            let mut at = Vec::new();
            for _ in 0..6 {
                ticks.tick().await;
                at.push(start.elapsed().as_millis());
            }
            at
        })
    };
    assert_eq!(
        takes(MissedTickBehavior::Burst),
        [220, 220, 220, 220, 250, 300]
    );
    assert_eq!(
        takes(MissedTickBehavior::Delay),
        [220, 270, 320, 370, 420, 470]
    );
    assert_eq!(
        takes(MissedTickBehavior::Skip),
        [220, 250, 300, 350, 400, 450]
    );
}

#[test]
fn two_runtimes_have_two_clocks() {
    let (a, b) = (paused(), Builder::new_current_thread().build().unwrap());
    let start = a.block_on(async { Instant::now() });
    a.block_on(async { sleep(Duration::from_secs(10)).await });
    b.block_on(async {
        assert!(Instant::now() < start + Duration::from_secs(5));
    });
    a.block_on(async {
        assert_eq!(Instant::now(), start + Duration::from_secs(10));
    });
}

#[test]
fn misuse_of_the_clock_names_the_remedy() {
    let says = |remedy: &str, f: &dyn Fn()| {
        let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_err();
        let text = match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => payload.downcast_ref::<&str>().unwrap().to_string(),
        };
        assert!(text.contains(remedy), "{text}");
    };
    says("paused already", &|| {
        paused().block_on(async { time::pause() })
    });
    says("`time::pause` before", &|| {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { time::resume() });
    });
    says("`time::pause` before", &|| {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { time::advance(Duration::from_secs(1)).await });
    });
    says("there is no runtime here", &time::pause);
}

#[test]
fn a_timeout_around_work_that_never_pauses_by_itself_fires() {
    paused().block_on(async {
        let (sender, mut receiver) = runtime::sync::mpsc::channel(8);
        let busy = async {
            loop {
                sender.send(1).await.unwrap();
                receiver.recv().await.unwrap();
            }
        };
        let advancing = runtime::spawn(async {
            for _ in 0..20 {
                time::advance(Duration::from_millis(1)).await;
            }
        });
        assert!(timeout(Duration::from_millis(10), busy).await.is_err());
        advancing.await.unwrap();
    });
}

#[test]
fn the_clock_stands_until_the_end_of_a_blocking_job_is_told() {
    paused().block_on(async {
        let start = Instant::now();
        for i in 0..2000u32 {
            let job = runtime::task::spawn_blocking(move || i);
            let done = timeout(Duration::from_millis(1), job).await;
            assert_eq!(done.expect("the clock moved").unwrap(), i);
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    });
}

#[test]
fn a_sleep_on_another_thread_moves_the_clock_while_the_root_waits() {
    let runtime = paused();
    let handle = runtime.handle().clone();
    let thread = std::thread::spawn(move || {
        for _ in 0..50 {
            handle.block_on(sleep(Duration::from_secs(3600)));
        }
    });
    runtime.block_on(async {
        let start = Instant::now();
        while !thread.is_finished() {
            sleep(Duration::from_secs(60)).await;
        }
        thread.join().unwrap();
        assert!(start.elapsed() > Duration::from_secs(3600));
    });
    let handle = runtime.handle().clone();
    let (sender, mut receiver) = runtime::sync::mpsc::channel(1);
    let thread = std::thread::spawn(move || {
        // The worker is asleep, for nothing is armed.
        std::thread::sleep(Duration::from_millis(20));
        handle.block_on(async {
            sleep(Duration::from_secs(3600)).await;
            sender.send(Instant::now()).await.unwrap();
        });
    });
    runtime.block_on(async {
        let start = Instant::now();
        let then = receiver.recv().await.unwrap();
        assert_eq!(then, start + Duration::from_secs(3600));
    });
    thread.join().unwrap();
}

#[test]
fn a_clock_that_is_moved_from_another_thread_fires_what_is_due() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        let _guard = handle.enter();
        time::pause();
    });
    let real = std::time::Instant::now();
    runtime.block_on(sleep(Duration::from_secs(3600)));
    assert!(real.elapsed() < Duration::from_secs(60));
    thread.join().unwrap();
}

#[test]
fn advance_moves_the_clock_when_it_is_polled_and_not_before() {
    paused().block_on(async {
        let start = Instant::now();
        let advance = time::advance(Duration::from_secs(2));
        assert_eq!(start.elapsed(), Duration::ZERO);
        let mut sleep = std::pin::pin!(sleep(Duration::from_secs(1)));
        let mut polled = false;
        let sleeping = std::future::poll_fn(|cx| {
            polled = true;
            sleep.as_mut().poll(cx)
        });
        let both = futures::future::join(sleeping, advance);
        both.await;
        assert!(polled);
        assert_eq!(start.elapsed(), Duration::from_secs(2));
    });
}

#[test]
fn everybody_who_is_due_has_run_when_advance_returns() {
    for in_task in [false, true] {
        let body = async move {
            let tasks: Vec<_> = (1..=1000u64)
                .map(|i| runtime::spawn(sleep(Duration::from_millis(i))))
                .collect();
            // They have armed their timers.
            time::advance(Duration::ZERO).await;
            assert!(tasks.iter().all(|task| !task.is_finished()));
            time::advance(Duration::from_millis(700)).await;
            let finished = tasks.iter().filter(|task| task.is_finished()).count();
            assert_eq!(finished, 700);
            time::advance(Duration::from_millis(300)).await;
            assert!(tasks.iter().all(|task| task.is_finished()));
        };
        let runtime = paused();
        match in_task {
            true => runtime.block_on(async { runtime::spawn(body).await.unwrap() }),
            false => runtime.block_on(body),
        }
    }
}

#[test]
fn advance_fires_in_the_order_of_the_deadlines() {
    paused().block_on(async {
        let log = Arc::new(Mutex::new(Vec::new()));
        for i in 0..200u64 {
            let log = log.clone();
            let wait = Duration::from_micros(i * 7919 % 1000 * 70);
            drop(runtime::spawn(async move {
                sleep(wait).await;
                log.lock().unwrap().push(wait);
            }));
        }
        time::advance(Duration::ZERO).await;
        time::advance(Duration::from_secs(1)).await;
        let log = log.lock().unwrap();
        assert_eq!(log.len(), 200);
        assert!(log.is_sorted());
    });
}

#[test]
fn the_clock_does_not_move_while_a_task_can_run() {
    paused().block_on(async {
        let start = Instant::now();
        let busy = runtime::spawn(async move {
            for _ in 0..1000 {
                runtime::task::yield_now().await;
                assert_eq!(start.elapsed(), Duration::ZERO);
            }
        });
        let woken = runtime::spawn(async move {
            let (sender, receiver) = runtime::sync::oneshot::channel();
            let sending = runtime::spawn(async move { sender.send(()) });
            receiver.await.unwrap();
            sending.await.unwrap().unwrap();
            assert_eq!(start.elapsed(), Duration::ZERO);
        });
        sleep(Duration::from_millis(1)).await;
        assert_eq!(start.elapsed(), Duration::from_millis(1));
        assert!(busy.is_finished() && woken.is_finished());
    });
}

#[test]
fn a_sleep_beyond_the_end_of_time_is_over_after_all_others() {
    paused().block_on(async {
        let start = Instant::now();
        let longest = runtime::spawn(sleep(Duration::MAX));
        sleep(Duration::from_secs(1)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        assert!(!longest.is_finished());
        longest.await.unwrap();
        assert!(start.elapsed() > Duration::from_secs(1 << 29));
        sleep(Duration::MAX - Duration::from_millis(1)).await;
        sleep(Duration::from_secs(1)).await;
    });
}

#[test]
fn years_pass_to_the_nanosecond() {
    paused().block_on(async {
        let start = Instant::now();
        let mut expected = Duration::ZERO;
        for shift in 0..=58 {
            for beside in [0, 1, 2] {
                let wait = Duration::from_nanos((1u64 << shift) - 1 + beside);
                expected += wait;
                sleep(wait).await;
                assert_eq!(start.elapsed(), expected);
            }
        }
    });
}

#[test]
fn a_runtime_within_a_runtime_has_its_own_clock() {
    paused().block_on(async {
        let start = Instant::now();
        sleep(Duration::from_secs(1000)).await;
        let inner = runtime::task::spawn_blocking(move || {
            assert_eq!(start.elapsed(), Duration::from_secs(1000));
            let inner = paused();
            let passed = inner.block_on(async {
                assert!(start.elapsed() < Duration::from_secs(500));
                let start = Instant::now();
                sleep(Duration::from_secs(7)).await;
                start.elapsed()
            });
            assert_eq!(start.elapsed(), Duration::from_secs(1000));
            passed
        });
        assert_eq!(inner.await.unwrap(), Duration::from_secs(7));
        assert_eq!(start.elapsed(), Duration::from_secs(1000));
    });
}
