//! What timers have failed by elsewhere: ends of time, drift, and a waker that is replaced at
//! the moment in which they fire. `time_races.rs` has the other races.

#[path = "common/runtimes.rs"]
mod runtimes;
#[path = "common/waking.rs"]
mod waking;

use runtime::rt::{Builder, Runtime};
use runtime::sync::oneshot;
use runtime::time::{
    Duration, Instant, MissedTickBehavior, advance, interval, interval_at, sleep, sleep_until,
    timeout,
};
use runtimes::{soon, with_workers, within};
use std::future::pending;
use std::pin::pin;
use std::thread;
use waking::{Count, poll, poll_with};

fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.start_paused(true).build().unwrap()
}

/// The claim within a runtime whose timers fire, on a thread that is none of its own.
fn beside_each(claim: impl Fn() + Send + Copy + 'static) {
    for mut builder in [
        Builder::new_current_thread(),
        with_workers(1),
        with_workers(2),
    ] {
        within("a runtime", move || {
            let runtime = builder.build().unwrap();
            let handle = runtime.handle().clone();
            let (stop, stopped) = oneshot::channel::<()>();
            let driving = thread::spawn(move || runtime.block_on(stopped));
            let entered = handle.enter();
            claim();
            drop(entered);
            drop(stop);
            let _ = driving.join().unwrap();
        });
    }
}

#[test]
fn a_sleep_that_is_never_polled_needs_no_runtime_and_does_nothing() {
    let unpolled = sleep(Duration::from_secs(1));
    drop(sleep_until(Instant::now()));
    drop(interval(Duration::from_secs(1)));
    drop(timeout(Duration::from_secs(1), pending::<()>()));
    paused().block_on(async {
        let start = Instant::now();
        let unpolled_as_well = sleep(Duration::from_secs(1));
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(3600));
        drop(unpolled_as_well);
    });
    drop(unpolled);
}

#[test]
fn the_longest_duration_is_decades_and_not_now_and_no_panic() {
    for mut builder in [
        Builder::new_current_thread(),
        with_workers(1),
        with_workers(2),
    ] {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let mut for_decades = pin!(sleep(Duration::MAX));
            assert!(poll(for_decades.as_mut()).is_pending());
            assert!(for_decades.deadline() > Instant::now() + Duration::from_secs(1 << 29));
            assert_eq!(timeout(Duration::MAX, async { 1 }).await, Ok(1));

            let mut ticks = interval(Duration::MAX);
            ticks.tick().await;
            assert!(poll(pin!(ticks.tick())).is_pending());
            ticks.reset();
            ticks.reset_after(Duration::MAX);
            assert!(poll(pin!(ticks.tick())).is_pending());
            ticks.reset_immediately();
            ticks.tick().await;
            for behavior in [MissedTickBehavior::Delay, MissedTickBehavior::Skip] {
                ticks.set_missed_tick_behavior(behavior);
                ticks.reset_immediately();
                ticks.tick().await;
                assert!(poll(pin!(ticks.tick())).is_pending());
            }

            // And it can be brought forward.
            for_decades.as_mut().reset(Instant::now());
            for_decades.await;
        });
    }
}

#[test]
fn far_deadlines_are_met_to_the_nanosecond() {
    // Around the edges of powers of two, which are where a wheel has its levels.
    let mut waits: Vec<u64> = (0..=60)
        .flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1])
        .collect();
    waits.extend((0..=36).step_by(6).map(|bit| 1_000_000 << bit >> 1));
    waits.sort_unstable();
    paused().block_on(async {
        let start = Instant::now();
        let sleeping: Vec<_> = waits
            .iter()
            .map(|&nanos| {
                let wait = Duration::from_nanos(nanos);
                runtime::spawn(async move {
                    sleep_until(start + wait).await;
                    (wait, start.elapsed())
                })
            })
            .collect();
        for task in sleeping {
            let (wait, elapsed) = task.await.unwrap();
            assert_eq!(elapsed, wait);
        }
    });
}

#[test]
fn an_interval_does_not_drift() {
    let period = Duration::from_nanos(1_000_333);
    paused().block_on(async {
        let start = Instant::now();
        let mut ticks = interval_at(start + period, period);
        for i in 1..=10_000u32 {
            if i % 7 == 0 {
                advance(period / 3).await;
            }
            assert_eq!(ticks.tick().await, start + period * i);
        }
        let late = start.elapsed() - period * 10_000;
        assert!(late < period, "{late:?}");
    });
    Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(async {
            let period = Duration::from_micros(700);
            let start = Instant::now();
            let mut ticks = interval_at(start, period);
            for i in 0..50 {
                assert_eq!(ticks.tick().await, start + period * i);
            }
        });
}

#[test]
fn a_waker_that_is_replaced_while_the_sleep_fires_is_woken() {
    beside_each(|| {
        for i in 0..300 {
            let mut sleep = Box::pin(sleep(Duration::from_micros(150)));
            let (_, first) = Count::new();
            if poll_with(sleep.as_mut(), &first).is_ready() {
                continue;
            }
            let around = sleep.deadline() + Duration::from_micros(i % 40 * 5);
            while Instant::now() < around {
                std::hint::spin_loop();
            }
            let (count, second) = Count::new();
            if poll_with(sleep.as_mut(), &second).is_pending() {
                soon("the second waker is woken", || count.get() > 0);
                assert!(poll_with(sleep.as_mut(), &second).is_ready());
            }
        }
    });
}
