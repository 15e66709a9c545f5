//! What the paused clock promises.

use runtime::rt::{Builder, Runtime};
use runtime::time::{self, Duration, Instant, MissedTickBehavior, interval, sleep, timeout};
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
    says("new_current_thread", &|| {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        runtime.block_on(async { time::pause() });
    });
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
    let error = Builder::new_multi_thread()
        .start_paused(true)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("new_current_thread"));
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
