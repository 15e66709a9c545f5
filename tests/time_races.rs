//! What timers promise when they fire, move and go at the same time, on several threads.

// A sleep is handed from task to task on purpose.
#![allow(clippy::async_yields_async)]

#[path = "common/waking.rs"]
mod waking;

use runtime::rt::{Builder, Runtime};
use runtime::time::{Duration, Instant, Sleep, sleep, timeout};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use waking::{Count, Panics, poll, poll_with};

const FOREVER: Duration = Duration::from_secs(30);

fn runtimes() -> Vec<Runtime> {
    let mut runtimes = vec![Builder::new_current_thread().build().unwrap()];
    for workers in [1, 2, 64] {
        let mut builder = Builder::new_multi_thread();
        runtimes.push(builder.worker_threads(workers).build().unwrap());
    }
    runtimes
}

/// Small numbers, all different ways.
fn micros(seed: u64) -> Duration {
    Duration::from_micros(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 55)
}

#[test]
fn a_sleep_may_be_dropped_on_another_thread_while_it_fires() {
    for runtime in runtimes() {
        let (send, receive) = mpsc::channel::<Pin<Box<Sleep>>>();
        let dropping = std::thread::spawn(move || {
            receive.into_iter().fold(0, |dropped, sleep| {
                while Instant::now() < sleep.deadline() {
                    std::hint::spin_loop();
                }
                dropped + 1
            })
        });
        runtime.block_on(async {
            for i in 0..500 {
                let send = send.clone();
                let task = runtime::spawn(async move {
                    let mut sleep = Box::pin(sleep(micros(i)));
                    let armed = poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx))).await;
                    if armed.is_pending() {
                        send.send(sleep).unwrap();
                    }
                    runtime::time::sleep(micros(i + 1000)).await;
                });
                task.await.unwrap();
            }
        });
        drop(send);
        assert!(dropping.join().unwrap() > 0);
    }
}

#[test]
fn a_sleep_that_is_reset_while_it_fires_ends_at_its_last_deadline() {
    for runtime in runtimes() {
        let shared = Arc::new(Mutex::new(Box::pin(sleep(FOREVER))));
        let over = Arc::new(AtomicBool::new(false));
        runtime.block_on(async {
            let (theirs, is_over) = (shared.clone(), over.clone());
            let waiting = runtime::spawn(poll_fn(move |cx| {
                let mut sleep = theirs.lock().unwrap();
                while sleep.as_mut().poll(cx).is_ready() {
                    assert!(Instant::now() >= sleep.deadline(), "early");
                    if is_over.load(Ordering::SeqCst) {
                        return Poll::Ready(());
                    }
                    let next = Instant::now() + Duration::from_micros(100);
                    sleep.as_mut().reset(next);
                }
                Poll::Pending
            }));
            let (theirs, is_over) = (shared.clone(), over.clone());
            let resetting = std::thread::spawn(move || {
                for i in 0..1000 {
                    let deadline = Instant::now() + micros(i);
                    theirs.lock().unwrap().as_mut().reset(deadline);
                    std::thread::sleep(micros(i) / 8);
                }
                let mut sleep = theirs.lock().unwrap();
                is_over.store(true, Ordering::SeqCst);
                sleep
                    .as_mut()
                    .reset(Instant::now() + Duration::from_millis(1));
            });
            timeout(FOREVER, waiting).await.unwrap().unwrap();
            resetting.join().unwrap();
        });
    }
}

#[test]
fn a_sleep_that_wanders_between_workers_and_threads_fires_where_it_is() {
    for runtime in runtimes() {
        runtime.block_on(async {
            for i in 0..50 {
                let mut sleep = Box::pin(sleep(Duration::from_millis(2) + micros(i)));
                let deadline = sleep.deadline();
                // Armed by the root, looked at by two tasks and a thread, awaited by a third.
                for _ in 0..2 {
                    poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx).is_ready())).await;
                    let task = runtime::spawn(async move {
                        poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx).is_ready())).await;
                        sleep
                    });
                    sleep = timeout(FOREVER, task).await.unwrap().unwrap();
                }
                let thread = std::thread::spawn(move || {
                    let _ = poll(sleep.as_mut());
                    sleep
                });
                let sleep = thread.join().unwrap();
                let task = runtime::spawn(sleep);
                timeout(FOREVER, task).await.unwrap().unwrap();
                assert!(Instant::now() >= deadline);
            }
        });
    }
}

#[test]
fn only_the_waker_of_the_last_poll_is_woken() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let ((first, by_first), (last, by_last)) = (Count::new(), Count::new());
            let mut once = pin!(sleep(Duration::from_millis(3)));
            let by_first = poll_with(once.as_mut(), &by_first);
            let by_last = poll_with(once.as_mut(), &by_last);
            if by_first.is_ready() || by_last.is_ready() {
                return;
            }
            let start = Instant::now();
            while last.get() == 0 {
                assert!(start.elapsed() < FOREVER, "the wake was lost");
                sleep(Duration::from_micros(500)).await;
            }
            assert_eq!((first.get(), last.get()), (0, 1));
            assert!(!once.is_elapsed(), "it was not polled");
            assert!(poll(once.as_mut()).is_ready());
            assert!(once.is_elapsed());
            assert!(poll(once).is_ready(), "still");
        });
    }
}

#[test]
fn a_foreign_executor_in_the_context_of_a_runtime_gets_its_timers() {
    for runtime in runtimes().into_iter().skip(1) {
        let _guard = runtime.enter();
        for i in 0..20 {
            let wait = Duration::from_micros(500) + micros(i);
            let start = Instant::now();
            futures::executor::block_on(sleep(wait));
            assert!(start.elapsed() >= wait);
            assert!(start.elapsed() < FOREVER);
        }
    }
}

#[test]
fn a_timer_belongs_to_the_runtime_in_which_it_was_made() {
    for runtime in runtimes().into_iter().skip(1) {
        let made = {
            let _guard = runtime.enter();
            sleep(Duration::from_millis(2))
        };
        // This thread is in no runtime.
        futures::executor::block_on(made);
        let made = {
            let _guard = runtime.enter();
            sleep(Duration::from_millis(2))
        };
        let other = Builder::new_current_thread()
            .start_paused(true)
            .build()
            .unwrap();
        let start = std::time::Instant::now();
        other.block_on(async {
            made.await;
            assert!(
                start.elapsed() >= Duration::from_millis(1),
                "by its own clock"
            );
        });
    }
}

#[test]
fn a_sleep_on_a_thread_outside_ends_while_all_workers_sleep_long() {
    for runtime in runtimes() {
        let handle = runtime.handle().clone();
        let thread = std::thread::spawn(move || {
            let mut worst = Duration::ZERO;
            for i in 0..50 {
                std::thread::sleep(micros(i));
                let wait = Duration::from_millis(1) + micros(i);
                let start = Instant::now();
                handle.block_on(sleep(wait));
                assert!(start.elapsed() >= wait);
                worst = worst.max(start.elapsed());
            }
            worst
        });
        let worst = runtime.block_on(async {
            let long: Vec<_> = (0..4).map(|_| runtime::spawn(sleep(FOREVER))).collect();
            while !thread.is_finished() {
                sleep(Duration::from_millis(200)).await;
            }
            long.iter().for_each(|task| task.abort());
            thread.join().unwrap()
        });
        assert!(worst < Duration::from_secs(10), "{worst:?}");
    }
}

#[test]
fn a_timer_whose_runtime_ends_is_woken_and_says_so() {
    for runtime in runtimes() {
        let (counts, waker) = Count::new();
        let guard = runtime.enter();
        let mut armed = pin!(sleep(FOREVER));
        let mut moved = Box::pin(sleep(FOREVER));
        let mut fresh = pin!(sleep(FOREVER));
        assert!(poll_with(armed.as_mut(), &waker).is_pending());
        assert!(poll(moved.as_mut()).is_pending());
        drop(guard);
        drop(runtime);
        assert_eq!(counts.get(), 1);
        moved.as_mut().reset(Instant::now() + FOREVER);
        drop(moved);
        for sleep in [&mut armed, &mut fresh] {
            let polled = std::panic::AssertUnwindSafe(|| poll(sleep.as_mut()));
            let payload = std::panic::catch_unwind(polled).unwrap_err();
            let text = payload.downcast_ref::<String>().unwrap();
            assert!(text.contains("was shut down"), "{text}");
            assert!(text.contains(file!()), "{text}");
        }
        armed.as_mut().reset(Instant::now() + FOREVER);
    }
}

#[test]
fn many_runtimes_in_a_row_have_timers_that_fire_and_timers_that_do_not() {
    for round in 0..200u64 {
        let mut builder = match round % 2 {
            0 => Builder::new_current_thread(),
            _ => Builder::new_multi_thread(),
        };
        let runtime = builder.worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let never: Vec<_> = (0..10).map(|_| runtime::spawn(sleep(FOREVER))).collect();
            runtime::spawn(sleep(micros(round))).await.unwrap();
            sleep(micros(round + 1)).await;
            assert!(never.iter().all(|task| !task.is_finished()));
        });
    }
}

#[test]
fn a_panic_in_the_waker_of_a_timer_leaves_the_others_in_order() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let task = runtime::spawn(async {
                let mut sleeps: Vec<_> = (0..10)
                    .map(|_| Box::pin(sleep(Duration::from_millis(2))))
                    .collect();
                for sleep in &mut sleeps {
                    let _ = poll_with(sleep.as_mut(), &Arc::new(Panics).into());
                }
                sleep(Duration::from_millis(3)).await;
                sleeps.len()
            });
            assert_eq!(timeout(FOREVER, task).await.unwrap().unwrap(), 10);
        });
    }
}
