//! What a timeout promises.

use runtime::rt::{Builder, Runtime};
use runtime::sync::mpsc;
use runtime::task::yield_now;
use runtime::time::{Duration, Instant, error::Elapsed, sleep, timeout, timeout_at};
use std::future::{Future, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

fn runtimes() -> Vec<Runtime> {
    let mut runtimes = vec![Builder::new_current_thread().build().unwrap()];
    for workers in [1, 2, 64] {
        let mut builder = Builder::new_multi_thread();
        runtimes.push(builder.worker_threads(workers).build().unwrap());
    }
    runtimes
}

fn paused() -> Runtime {
    Builder::new_current_thread()
        .start_paused(true)
        .build()
        .unwrap()
}

#[test]
fn a_future_that_is_ready_wins_over_a_limit_that_is_over() {
    for runtime in runtimes() {
        runtime.block_on(async {
            assert_eq!(timeout(Duration::ZERO, ready(1)).await, Ok(1));
            let past = Instant::now();
            assert_eq!(timeout_at(past, ready(2)).await, Ok(2));
            assert!(timeout(Duration::ZERO, pending::<()>()).await.is_err());
            assert!(timeout_at(past, pending::<()>()).await.is_err());
        });
    }
}

#[test]
fn a_limit_beyond_the_end_of_time_passes_after_all_others() {
    paused().block_on(async {
        let start = Instant::now();
        let year = Duration::from_secs(365 * 86400);
        let (sender, mut receiver) = mpsc::channel(1);
        drop(runtime::spawn(async move {
            sleep(20 * year).await;
            sender.send(5).await.unwrap();
            pending::<()>().await;
        }));
        assert_eq!(timeout(Duration::MAX, receiver.recv()).await, Ok(Some(5)));
        assert_eq!(start.elapsed(), 20 * year);
        assert!(timeout(Duration::MAX, receiver.recv()).await.is_err());
    });
}

#[test]
fn of_two_limits_the_shorter_one_passes() {
    paused().block_on(async {
        let start = Instant::now();
        let inner = timeout(Duration::from_secs(2), pending::<()>());
        let outer = timeout(Duration::from_secs(3), inner).await;
        assert!(matches!(outer, Ok(Err(_))));
        assert_eq!(start.elapsed(), Duration::from_secs(2));
        let inner = timeout(Duration::from_secs(9), pending::<()>());
        assert!(timeout(Duration::from_secs(3), inner).await.is_err());
        assert_eq!(start.elapsed(), Duration::from_secs(5));
    });
}

#[test]
fn a_limit_and_a_future_due_at_the_same_time_give_the_future() {
    paused().block_on(async {
        let second = Duration::from_secs(1);
        assert_eq!(timeout(second, sleep(second)).await, Ok(()));
        let later = second + Duration::from_nanos(1);
        assert!(timeout(second, sleep(later)).await.is_err());
    });
}

#[test]
fn the_future_can_be_seen_and_taken_out() {
    struct Counts(u32);
    impl Future for Counts {
        type Output = u32;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
            Poll::Ready(self.0)
        }
    }
    paused().block_on(async {
        let mut limited = timeout(Duration::from_secs(1), Counts(1));
        assert_eq!(limited.get_ref().0, 1);
        limited.get_mut().0 = 2;
        let taken = limited.into_inner();
        assert_eq!(taken.await, 2);
        let mut limited = timeout(Duration::from_secs(1), Counts(3));
        limited.get_mut().0 = 4;
        assert_eq!(limited.await, Ok(4));
    });
}

#[test]
fn an_elapsed_limit_is_an_io_error_of_its_kind() {
    paused().block_on(async {
        let elapsed: Elapsed = timeout(Duration::from_secs(1), pending::<()>())
            .await
            .unwrap_err();
        assert_eq!(elapsed.to_string(), "deadline has elapsed");
        let error = std::io::Error::from(elapsed);
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    });
}

/// Channels that are never empty and never full: always ready to go on.
async fn busy() {
    let (sender, mut receiver) = mpsc::channel(8);
    loop {
        sender.send(()).await.unwrap();
        receiver.recv().await.unwrap();
    }
}

#[test]
fn a_limit_passes_around_a_future_that_is_always_ready_to_go_on() {
    let limit = Duration::from_millis(10);
    for runtime in runtimes() {
        let start = Instant::now();
        runtime.block_on(async {
            assert!(timeout(limit, busy()).await.is_err());
            let task = runtime::spawn(timeout(limit, busy()));
            assert!(task.await.unwrap().is_err());
            // The limits within a limit all have their turn.
            let nested = timeout(limit, timeout(4 * limit, timeout(8 * limit, busy())));
            // Which of them ends it is the machine's to say, if it stops for long.
            assert!(!matches!(nested.await, Ok(Ok(Ok(())))));
        });
        assert!(start.elapsed() >= 3 * limit);
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn timers_that_are_always_over_do_not_starve_the_others() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let spinning = runtime::spawn(async {
                loop {
                    sleep(Duration::ZERO).await;
                }
            });
            let limited = timeout(Duration::from_secs(30), async {
                for _ in 0..50 {
                    yield_now().await;
                }
                sleep(Duration::from_millis(2)).await;
            });
            limited.await.unwrap();
            spinning.abort();
            assert!(spinning.await.unwrap_err().is_cancelled());
        });
    }
}

#[test]
fn a_future_that_is_dropped_by_its_limit_is_dropped_once_and_with_it() {
    struct Tells(std::sync::Arc<std::sync::atomic::AtomicUsize>);
    impl Drop for Tells {
        fn drop(&mut self) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }
    paused().block_on(async {
        let drops = std::sync::Arc::default();
        let tells = Tells(std::sync::Arc::clone(&drops));
        let mut limited = Box::pin(timeout(Duration::from_secs(1), async move {
            let _tells = tells;
            pending::<()>().await;
        }));
        assert!(limited.as_mut().await.is_err());
        assert_eq!(drops.load(std::sync::atomic::Ordering::SeqCst), 0);
        drop(limited);
        assert_eq!(drops.load(std::sync::atomic::Ordering::SeqCst), 1);
    });
}

#[test]
fn limits_that_are_armed_and_not_reached_let_their_futures_end() {
    for runtime in runtimes().into_iter().take(3) {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..8)
                .map(|_| {
                    runtime::spawn(async {
                        for _ in 0..10_000 {
                            let mut polled = false;
                            let once = poll_fn(|cx| {
                                if std::mem::replace(&mut polled, true) {
                                    return Poll::Ready(());
                                }
                                cx.waker().wake_by_ref();
                                Poll::Pending
                            });
                            let mut limited = pin!(timeout(Duration::from_secs(600), once));
                            limited.as_mut().await.unwrap();
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}
