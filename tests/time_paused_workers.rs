//! What the paused clock promises where there are several workers: that time stands as long as
//! any of them, or anybody who works for them, has something to do.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::rt::{Builder, Handle, Runtime};
use runtime::sync::{mpsc, oneshot};
use runtime::task::{block_in_place, spawn_blocking, yield_now};
use runtime::time::{self, Duration, Instant, interval, sleep, timeout};
use runtimes::within;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::thread;

const HOUR: Duration = Duration::from_secs(3600);

fn paused(workers: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .start_paused(true)
        .build()
        .unwrap()
}

/// The claim with 1, 2 and 8 workers, as a root future and as a task.
fn on_each<F>(claim: fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    for workers in [1, 2, 8] {
        within(&format!("{workers} workers"), move || {
            let runtime = paused(workers);
            runtime.block_on(claim());
            runtime.block_on(runtime.spawn(claim())).unwrap();
        });
    }
}

/// Keeps a thread busy in real time.
fn work_for(millis: u64) {
    thread::sleep(Duration::from_millis(millis));
}

#[test]
fn hours_pass_at_once() {
    let real = std::time::Instant::now();
    on_each(|| async {
        let start = Instant::now();
        for _ in 0..100 {
            sleep(HOUR).await;
        }
        assert_eq!(start.elapsed(), 100 * HOUR);
        assert!(timeout(HOUR, std::future::pending::<()>()).await.is_err());
        assert_eq!(start.elapsed(), 101 * HOUR);
    });
    assert!(real.elapsed() < Duration::from_secs(60));
}

#[test]
fn everybody_wakes_at_exactly_its_own_time() {
    on_each(|| async {
        let start = Instant::now();
        let log = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..300u64)
            .map(|i| {
                let log = log.clone();
                let wait = Duration::from_nanos(1 + i * 7_919_777 % 5_000_003 * 1_001);
                runtime::spawn(async move {
                    sleep(wait).await;
                    log.lock().unwrap().push(start.elapsed());
                    start.elapsed().saturating_sub(wait)
                })
            })
            .collect();
        for task in tasks {
            // The clock does not wait for those who are spawned last; but who has slept is
            // alone in the world then.
            assert!(task.await.unwrap() < Duration::from_millis(10));
        }
        assert!(log.lock().unwrap().is_sorted());
    });
}

#[test]
fn time_stands_while_another_worker_polls() {
    on_each(|| async {
        let start = Instant::now();
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                runtime::spawn(async move {
                    for _ in 0..3 {
                        let before = Instant::now();
                        work_for(1);
                        assert_eq!(Instant::now(), before);
                        yield_now().await;
                    }
                    start.elapsed()
                })
            })
            .collect();
        let sleeper = runtime::spawn(sleep(Duration::from_nanos(1)));
        for task in tasks {
            assert_eq!(task.await.unwrap(), Duration::ZERO);
        }
        sleeper.await.unwrap();
    });
}

#[test]
fn time_stands_while_the_root_future_polls() {
    for workers in [1, 2, 8] {
        within(&format!("{workers} workers"), move || {
            paused(workers).block_on(async {
                let start = Instant::now();
                let sleeper = runtime::spawn(sleep(HOUR));
                for _ in 0..10 {
                    work_for(1);
                    assert_eq!(start.elapsed(), Duration::ZERO);
                    let (send, receive) = oneshot::channel();
                    runtime::spawn(async move { send.send(()).unwrap() });
                    receive.await.unwrap();
                    yield_now().await;
                }
                sleeper.await.unwrap();
                assert_eq!(start.elapsed(), HOUR);
                work_for(1);
                assert_eq!(start.elapsed(), HOUR);
            });
        });
    }
}

#[test]
fn time_stands_until_the_end_of_a_job_is_told() {
    on_each(|| async {
        let start = Instant::now();
        for round in 0..30 {
            let job = spawn_blocking(move || work_for(round % 3));
            let late = timeout(Duration::from_nanos(1), job).await;
            assert!(late.is_ok(), "time passed while the job ran");
            assert_eq!(start.elapsed(), Duration::ZERO);
        }
        // Jobs that queue, and jobs of jobs.
        let handle = Handle::current();
        let jobs: Vec<_> = (0..20)
            .map(|_| {
                let handle = handle.clone();
                spawn_blocking(move || handle.spawn_blocking(|| work_for(1)))
            })
            .collect();
        let all = async {
            for job in jobs {
                job.await.unwrap().await.unwrap();
            }
        };
        assert!(timeout(Duration::from_nanos(1), all).await.is_ok());
        assert_eq!(start.elapsed(), Duration::ZERO);
    });
}

#[test]
fn time_stands_while_a_task_blocks_in_place_and_passes_while_it_waits_for_it() {
    on_each(|| async {
        let start = Instant::now();
        let sleeper = runtime::spawn(sleep(HOUR));
        let task = runtime::spawn(async move {
            block_in_place(|| work_for(3));
            assert_eq!(start.elapsed(), Duration::ZERO);
            // The other runtime's time is real, and this one's stands meanwhile.
            let other = Builder::new_current_thread().build().unwrap();
            other.block_on(async { sleep(Duration::from_millis(3)).await });
            assert_eq!(start.elapsed(), Duration::ZERO);
            // Who blocks on this runtime's time lets it pass.
            Handle::current().block_on(sleep(2 * HOUR));
            assert_eq!(start.elapsed(), 2 * HOUR);
            block_in_place(|| Handle::current().block_on(sleep(HOUR)));
            work_for(1);
            assert_eq!(start.elapsed(), 3 * HOUR);
            yield_now().await;
            sleep(HOUR).await;
        });
        task.await.unwrap();
        sleeper.await.unwrap();
        assert_eq!(start.elapsed(), 4 * HOUR);
    });
}

#[test]
fn a_job_may_wait_for_the_time_that_it_stops() {
    on_each(|| async {
        let start = Instant::now();
        let handle = Handle::current();
        let job = spawn_blocking(move || {
            work_for(2);
            assert_eq!(start.elapsed(), Duration::ZERO);
            handle.block_on(async {
                sleep(HOUR).await;
                handle.block_on(sleep(HOUR));
            });
            work_for(2);
            start.elapsed()
        });
        assert_eq!(job.await.unwrap(), 2 * HOUR);
        assert_eq!(start.elapsed(), 2 * HOUR);
    });
}

#[test]
fn two_that_talk_over_a_socket_are_not_interrupted_by_the_clock() {
    on_each(|| async {
        let start = Instant::now();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let echo = runtime::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            while let Ok(byte) = stream.read_u8().await {
                stream.write_u8(byte).await.unwrap();
            }
        });
        let mut stream = TcpStream::connect(address).await.unwrap();
        for round in 0..100 {
            let talk = async {
                stream.write_u8(round).await.unwrap();
                stream.read_u8().await.unwrap()
            };
            assert_eq!(timeout(HOUR, talk).await.unwrap(), round);
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        // A peer that does not answer does not stop the time.
        let silence = timeout(HOUR, stream.read_u8()).await;
        assert!(silence.is_err());
        assert_eq!(start.elapsed(), HOUR);
        drop(stream);
        echo.await.unwrap();
    });
}

#[test]
fn a_message_from_a_thread_of_the_user_arrives_though_time_passes() {
    on_each(|| async {
        let (send, mut receive) = mpsc::channel(1);
        let ticker = runtime::spawn(async {
            let mut ticks = interval(Duration::from_secs(1));
            loop {
                ticks.tick().await;
            }
        });
        let thread = thread::spawn(move || {
            for i in 0..200 {
                send.blocking_send(i).unwrap();
            }
        });
        let mut next = 0;
        while let Some(number) = receive.recv().await {
            assert_eq!(number, next);
            next += 1;
            let before = Instant::now();
            std::hint::black_box((0..1000).sum::<u64>());
            assert_eq!(Instant::now(), before, "time passed in a poll");
        }
        assert_eq!(next, 200);
        thread.join().unwrap();
        ticker.abort();
    });
}

#[test]
fn advance_lets_everybody_run_who_is_due() {
    on_each(|| async {
        let (send, mut armed) = mpsc::channel::<()>(1);
        let tasks: Vec<_> = (1..=200u64)
            .map(|i| {
                let send = send.clone();
                runtime::spawn(async move {
                    let mut wait = std::pin::pin!(sleep(Duration::from_millis(i)));
                    futures::future::poll_immediate(&mut wait).await;
                    drop(send);
                    wait.await;
                    yield_now().await;
                })
            })
            .collect();
        drop(send);
        assert!(armed.recv().await.is_none());
        assert!(tasks.iter().all(|task| !task.is_finished()));
        for step in 1..=4 {
            time::advance(Duration::from_millis(50)).await;
            let finished = tasks.iter().filter(|task| task.is_finished()).count();
            assert_eq!(finished, step * 50);
        }
    });
}

#[test]
fn advance_returns_though_some_never_come_to_rest() {
    on_each(|| async {
        let restless: Vec<_> = (0..3)
            .map(|_| {
                runtime::spawn(async {
                    loop {
                        yield_now().await;
                    }
                })
            })
            .collect();
        let due = runtime::spawn(sleep(Duration::from_millis(5)));
        time::advance(Duration::from_millis(1)).await;
        time::advance(HOUR).await;
        due.await.unwrap();
        restless.iter().for_each(|task| task.abort());
    });
}

#[test]
fn the_clock_is_paused_and_resumed_by_a_task_while_others_sleep() {
    for workers in [1, 2, 8] {
        within(&format!("{workers} workers"), move || {
            let runtime = Builder::new_multi_thread()
                .worker_threads(workers)
                .build()
                .unwrap();
            runtime.block_on(async {
                let real = std::time::Instant::now();
                let long: Vec<_> = (0..20).map(|_| runtime::spawn(sleep(HOUR))).collect();
                yield_now().await;
                runtime::spawn(async { time::pause() }).await.unwrap();
                let start = Instant::now();
                for task in long {
                    task.await.unwrap();
                }
                assert!(start.elapsed() <= HOUR);
                assert!(real.elapsed() < Duration::from_secs(60));
                // Sleeps that were armed while it stood go on in real time.
                let (send, mut armed) = mpsc::channel::<()>(1);
                let short: Vec<_> = (0..20)
                    .map(|_| {
                        let send = send.clone();
                        runtime::spawn(async move {
                            let mut wait = std::pin::pin!(sleep(Duration::from_millis(5)));
                            futures::future::poll_immediate(&mut wait).await;
                            drop(send);
                            wait.await;
                        })
                    })
                    .collect();
                drop(send);
                // It holds the clock up until the other runtime's time is over.
                spawn_blocking(|| work_for(2)).await.unwrap();
                runtime::spawn(async { time::resume() }).await.unwrap();
                assert!(armed.recv().await.is_none());
                for task in short {
                    task.await.unwrap();
                }
                let then = std::time::Instant::now();
                sleep(Duration::from_millis(2)).await;
                assert!(then.elapsed() >= Duration::from_millis(2));
            });
        });
    }
}

/// What several tasks do and when, in the order in which they do it.
async fn story() -> Vec<(u64, Duration)> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let start = Instant::now();
    let (send, mut receive) = mpsc::channel(2);
    let tasks: Vec<_> = (0..40u64)
        .map(|i| {
            let (log, send) = (log.clone(), send.clone());
            runtime::spawn(async move {
                for j in 0..5 {
                    match (i + j) % 4 {
                        0 => sleep(Duration::from_micros(i * 37 % 11 * 100)).await,
                        1 => yield_now().await,
                        2 => send.send(i).await.unwrap(),
                        _ => spawn_blocking(|| {}).await.unwrap(),
                    }
                    if (i + j) % 4 == 0 {
                        log.lock().unwrap().push((i, start.elapsed()));
                    }
                }
            })
        })
        .collect();
    drop(send);
    while receive.recv().await.is_some() {
        sleep(Duration::from_micros(50)).await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    log.lock().unwrap().clone()
}

/// The same without jobs, whose order is the kernel's.
async fn plain_story() -> Vec<(u64, Duration)> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let start = Instant::now();
    let tasks: Vec<_> = (0..60u64)
        .map(|i| {
            let log = log.clone();
            runtime::spawn(async move {
                for j in 0..6 {
                    if (i + j) % 3 == 0 {
                        yield_now().await;
                    } else {
                        sleep(Duration::from_micros(i * 37 % 11 * 100)).await;
                    }
                    log.lock().unwrap().push((i * 10 + j, start.elapsed()));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    log.lock().unwrap().clone()
}

#[test]
fn one_worker_without_a_lifo_slot_keeps_the_order_of_a_current_thread_runtime() {
    let alone = || {
        Builder::new_current_thread()
            .start_paused(true)
            .build()
            .unwrap()
    };
    let expected = {
        let runtime = alone();
        runtime.block_on(runtime.spawn(plain_story())).unwrap()
    };
    assert_eq!(expected.len(), 360);
    for _ in 0..5 {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .disable_lifo_slot()
            .start_paused(true)
            .build()
            .unwrap();
        let story = runtime.block_on(runtime.spawn(plain_story())).unwrap();
        assert_eq!(story, expected);
    }
}

#[test]
fn with_many_workers_things_happen_at_the_same_times() {
    let times = |mut story: Vec<(u64, Duration)>| {
        story.sort();
        story
    };
    let run = |workers| {
        let runtime = paused(workers);
        times(runtime.block_on(runtime.spawn(plain_story())).unwrap())
    };
    let expected = run(1);
    assert_eq!(run(2), expected);
    assert_eq!(run(8), expected);
    for workers in [1, 2, 8] {
        let runtime = paused(workers);
        assert_eq!(runtime.block_on(runtime.spawn(story())).unwrap().len(), 50);
    }
}

#[test]
fn a_paused_runtime_ends_in_the_middle_of_everything() {
    for workers in [1, 2, 8] {
        within(&format!("{workers} workers"), move || {
            for _ in 0..20 {
                let runtime = paused(workers);
                for i in 1..20 {
                    runtime.spawn(async move {
                        loop {
                            sleep(i * HOUR).await;
                        }
                    });
                }
                runtime.spawn_blocking(|| work_for(1));
                drop(runtime);
            }
        });
    }
}
