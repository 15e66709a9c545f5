//! What timers promise on a clock that runs.

use runtime::rt::{Builder, Runtime};
use runtime::time::{Duration, Instant, interval, sleep, sleep_until, timeout};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

fn runtimes() -> Vec<Runtime> {
    vec![
        Builder::new_current_thread().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap(),
        Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap(),
        Builder::new_multi_thread()
            .worker_threads(64)
            .build()
            .unwrap(),
    ]
}

#[test]
fn no_sleep_is_early_in_a_task_or_in_the_root() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..2500u64)
                .map(|i| {
                    runtime::spawn(async move {
                        let wait = Duration::from_micros(i * 7919 % 30_000);
                        let start = Instant::now();
                        sleep(wait).await;
                        assert!(start.elapsed() >= wait);
                    })
                })
                .collect();
            for micros in [1, 50, 99, 500, 1500, 5100] {
                let wait = Duration::from_micros(micros);
                let start = Instant::now();
                sleep(wait).await;
                assert!(start.elapsed() >= wait);
            }
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}

#[test]
fn a_sleep_of_a_tenth_of_a_millisecond_takes_less_than_one() {
    for runtime in runtimes() {
        let mut lateness = runtime.block_on(async {
            runtime::spawn(async {
                let mut lateness = Vec::new();
                for _ in 0..50 {
                    let start = Instant::now();
                    sleep(Duration::from_micros(100)).await;
                    lateness.push(start.elapsed());
                }
                lateness
            })
            .await
            .unwrap()
        });
        lateness.sort();
        assert!(lateness[10] < Duration::from_millis(1), "{lateness:?}");
    }
}

#[test]
fn a_deadline_in_the_past_is_over_at_the_first_poll() {
    for runtime in runtimes() {
        runtime.block_on(poll_fn(|cx| {
            let now = Instant::now();
            assert!(pin!(sleep_until(now)).poll(cx).is_ready());
            let past = now.checked_sub(Duration::from_millis(1)).unwrap_or(now);
            assert!(pin!(sleep_until(past)).poll(cx).is_ready());
            assert!(pin!(sleep(Duration::ZERO)).poll(cx).is_ready());
            assert!(pin!(sleep(Duration::MAX)).poll(cx).is_pending());
            assert!(pin!(sleep(Duration::from_secs(1))).poll(cx).is_pending());
            Poll::Ready(())
        }));
    }
}

#[test]
fn a_timeout_fires_beside_tasks_that_never_rest() {
    for runtime in runtimes() {
        for _ in 0..4 {
            runtime.spawn(async {
                loop {
                    runtime::task::yield_now().await;
                }
            });
        }
        runtime.block_on(async {
            let busy = async {
                loop {
                    runtime::task::yield_now().await;
                }
            };
            let start = Instant::now();
            assert!(timeout(Duration::from_millis(20), busy).await.is_err());
            assert!(start.elapsed() >= Duration::from_millis(20));
        });
    }
}

#[test]
fn a_reset_moves_the_deadline_both_ways() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let mut sleep = pin!(sleep(Duration::from_secs(60)));
            poll_fn(|cx| {
                assert!(sleep.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            let start = Instant::now();
            sleep.as_mut().reset(start + Duration::from_millis(5));
            sleep.as_mut().await;
            assert!(start.elapsed() >= Duration::from_millis(5));
            assert!(start.elapsed() < Duration::from_secs(30));
            assert!(sleep.is_elapsed());
        });
    }
}

#[test]
fn a_sleep_that_is_polled_here_and_reset_there_wakes_at_the_new_deadline() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let shared = std::sync::Arc::new(std::sync::Mutex::new(Box::pin(sleep(
                Duration::from_secs(60),
            ))));
            let theirs = shared.clone();
            let waiting =
                runtime::spawn(poll_fn(move |cx| theirs.lock().unwrap().as_mut().poll(cx)));
            sleep(Duration::from_millis(2)).await;
            let resetting = shared.clone();
            runtime::spawn(async move {
                let soon = Instant::now() + Duration::from_millis(3);
                resetting.lock().unwrap().as_mut().reset(soon);
            })
            .await
            .unwrap();
            timeout(Duration::from_secs(30), waiting)
                .await
                .unwrap()
                .unwrap();
            // And from a thread that is no worker.
            shared
                .lock()
                .unwrap()
                .as_mut()
                .reset(Instant::now() + Duration::from_secs(60));
            let theirs = shared.clone();
            let waiting =
                runtime::spawn(poll_fn(move |cx| theirs.lock().unwrap().as_mut().poll(cx)));
            sleep(Duration::from_millis(2)).await;
            let resetting = shared.clone();
            std::thread::spawn(move || {
                let soon = Instant::now() + Duration::from_millis(3);
                resetting.lock().unwrap().as_mut().reset(soon);
            })
            .join()
            .unwrap();
            timeout(Duration::from_secs(30), waiting)
                .await
                .unwrap()
                .unwrap();
        });
    }
}

#[test]
fn an_interval_ticks_at_once_and_then_by_its_period() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let start = Instant::now();
            let mut ticks = interval(Duration::from_millis(3));
            for i in 0..5u32 {
                let due = ticks.tick().await;
                assert!(start.elapsed() >= Duration::from_millis(3) * i);
                assert!(due <= Instant::now());
            }
        });
    }
}

#[test]
fn a_timer_fires_although_its_worker_is_stuck_in_a_long_poll() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        // Armed on a worker, which then blocks for long.
        let (tell, told) = std::sync::mpsc::channel();
        let sleeper = runtime::spawn(async move {
            let start = Instant::now();
            runtime::spawn(async move {
                let mut sleep = pin!(sleep(Duration::from_millis(20)));
                sleep.as_mut().await;
                tell.send(start.elapsed()).unwrap();
            });
            runtime::task::yield_now().await;
            std::thread::sleep(Duration::from_secs(2));
        });
        let late = told.recv_timeout(Duration::from_secs(30)).unwrap();
        assert!(late < Duration::from_millis(1_500), "{late:?}");
        sleeper.await.unwrap();
    });
}

#[test]
fn a_timer_outside_of_a_runtime_names_its_line_and_the_remedy() {
    let line = line!() + 1;
    let outside = || futures::executor::block_on(sleep(Duration::from_secs(1)));
    let payload = std::panic::catch_unwind(outside).unwrap_err();
    let text = payload.downcast_ref::<String>().unwrap();
    assert!(text.contains("outside of a runtime"), "{text}");
    assert!(text.contains("Runtime::enter"), "{text}");
    assert!(text.contains(&format!("{}:{line}:", file!())), "{text}");
}

#[test]
fn a_timer_that_is_made_outside_of_a_runtime_belongs_to_that_in_which_it_is_polled() {
    for runtime in runtimes() {
        let start = Instant::now();
        runtime.block_on(sleep(Duration::from_millis(2)));
        assert!(start.elapsed() >= Duration::from_millis(2));
    }
}

#[test]
fn a_deadline_that_passes_before_the_first_poll_is_not_waited_for() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let deadline = Instant::now() + Duration::from_millis(1);
            let (until, late) = (sleep_until(deadline), sleep(Duration::from_millis(1)));
            std::thread::sleep(Duration::from_millis(2));
            let (mut until, mut late) = (pin!(until), pin!(late));
            poll_fn(|cx| {
                assert!(until.as_mut().poll(cx).is_ready());
                late.as_mut().poll(cx)
            })
            .await;
        });
    }
}

#[test]
#[should_panic(expected = "must be above zero")]
fn an_interval_of_zero_says_so() {
    let _ = interval(Duration::ZERO);
}
