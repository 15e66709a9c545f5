//! What timers have failed by elsewhere: ends of time, drift, and races with the moment in
//! which they fire.

#[path = "common/runtimes.rs"]
mod runtimes;
#[path = "common/waking.rs"]
mod waking;

use runtime::rt::{Builder, Runtime};
use runtime::sync::oneshot;
use runtime::time::{
    Duration, Instant, MissedTickBehavior, Sleep, advance, interval, interval_at, sleep,
    sleep_until, timeout,
};
use runtimes::{soon, with_workers, within};
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::mpsc;
use std::task::Poll;
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
fn the_longest_duration_is_for_ever_and_not_now_and_no_panic() {
    for mut builder in [
        Builder::new_current_thread(),
        with_workers(1),
        with_workers(2),
    ] {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let mut for_ever = pin!(sleep(Duration::MAX));
            assert!(poll(for_ever.as_mut()).is_pending());
            assert!(for_ever.deadline() > Instant::now() + Duration::from_secs(1 << 29));
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
            for_ever.as_mut().reset(Instant::now());
            for_ever.await;
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
fn a_sleep_that_is_dropped_by_another_thread_while_it_fires_is_gone() {
    beside_each(|| {
        let (give, take) = mpsc::channel::<(Pin<Box<Sleep>>, Duration)>();
        let dropping = thread::spawn(move || {
            for (sleep, after) in take {
                while Instant::now() < sleep.deadline() + after {
                    std::hint::spin_loop();
                }
                drop(sleep);
            }
        });
        let mut counts = Vec::new();
        for i in 0..1500 {
            let (count, waker) = Count::new();
            let mut sleep = Box::pin(sleep(Duration::from_micros(i % 50 * 7)));
            if poll_with(sleep.as_mut(), &waker).is_pending() {
                counts.push(count);
            }
            let after = Duration::from_micros(i % 11 * 10);
            give.send((sleep, after)).unwrap();
        }
        drop(give);
        dropping.join().unwrap();
        for count in counts {
            // Whoever took the waker out, it is not kept.
            soon("the waker is dropped", || {
                std::sync::Arc::strong_count(&count) == 1
            });
            assert!(count.get() <= 1, "woken {} times", count.get());
        }
    });
}

#[test]
fn a_sleep_that_is_reset_while_it_fires_comes_at_the_new_deadline() {
    beside_each(|| {
        for i in 0..300 {
            let (count, waker) = Count::new();
            let mut sleep = Box::pin(sleep(Duration::from_micros(150)));
            if poll_with(sleep.as_mut(), &waker).is_ready() {
                continue;
            }
            let around = sleep.deadline() + Duration::from_micros(i % 40 * 5);
            while Instant::now() < around {
                std::hint::spin_loop();
            }
            let deadline = Instant::now() + Duration::from_micros(200);
            sleep.as_mut().reset(deadline);
            // The wake-up of the first deadline may be on its way yet; that of the second one
            // has to come too.
            loop {
                let woken = count.get();
                if poll_with(sleep.as_mut(), &waker).is_ready() {
                    break;
                }
                soon("it is woken at the new deadline", || count.get() > woken);
            }
            assert!(Instant::now() >= deadline, "it was early");
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

#[test]
fn a_sleep_that_goes_from_task_to_task_fires_in_the_last_one() {
    for workers in [1, 2, 64] {
        let runtime = with_workers(workers).build().unwrap();
        runtime.block_on(async {
            for _ in 0..50 {
                let mut sleep = Box::pin(sleep(Duration::from_micros(300)));
                for _ in 0..5 {
                    let moved = runtime::spawn(async move {
                        poll_fn(|cx| {
                            let _ = sleep.as_mut().poll(cx);
                            Poll::Ready(())
                        })
                        .await;
                        (sleep,)
                    });
                    (sleep,) = moved.await.unwrap();
                }
                let waiting = timeout(Duration::from_secs(30), sleep);
                waiting.await.expect("the last one is woken");
            }
        });
    }
}
