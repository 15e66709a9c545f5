//! What crosses threads: an eventfd behind an epoll, and std's channels.

use crate::on_runtime::workloads::{blocking, spawn, wake};
use crate::stopwatch::Stopwatch;
use mio::{Events, Poll, Token, Waker};
use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::Context;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Sends boxed futures to a thread that polls them, and waits until it has polled the last.
pub(super) fn many_from_outside(_: usize, iterations: u64) -> Duration {
    type Task = Pin<Box<dyn Future<Output = u64> + Send>>;
    let (spawn, spawned) = channel::<Task>();
    let (done, all_done) = channel();
    let worker = thread::spawn(move || {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let (mut ran, mut sum) = (0, 0);
        for mut task in spawned {
            let polled = task.as_mut().poll(&mut cx);
            sum += match polled {
                std::task::Poll::Ready(i) => i,
                std::task::Poll::Pending => unreachable!("nothing waits"),
            };
            ran += 1;
            if ran % spawn::MANY == 0 {
                done.send(()).expect("somebody waits");
            }
        }
        sum
    });
    let start = Stopwatch::start();
    for _ in 0..iterations {
        for i in 0..spawn::MANY {
            spawn.send(Box::pin(async move { i })).expect("a worker");
        }
        all_done.recv().expect("a worker");
    }
    let elapsed = start.elapsed();
    drop(spawn);
    let sum = worker.join().expect("a worker");
    assert_eq!(sum, iterations * (spawn::MANY * (spawn::MANY - 1) / 2));
    elapsed
}

/// The latency that half of the wake-ups stay within.
pub(super) fn wake_median(_: usize, iterations: u64) -> Duration {
    (0..iterations).map(|_| wake_percentile(50)).sum()
}

/// The latency that all but one wake-up in a hundred stay within.
pub(super) fn wake_worst_but_one_in_a_hundred(_: usize, iterations: u64) -> Duration {
    (0..iterations).map(|_| wake_percentile(99)).sum()
}

fn wake_percentile(percent: usize) -> Duration {
    let mut latencies = wake_latencies().expect("an epoll");
    latencies.sort_unstable();
    latencies[(wake::WAKES * percent).div_ceil(100) - 1]
}

/// From just before an eventfd is written until the thread that polls it goes on.
fn wake_latencies() -> std::io::Result<Vec<Duration>> {
    let mut poll = Poll::new()?;
    let waker = Waker::new(poll.registry(), Token(0))?;
    let rung = Arc::new(Mutex::new(None::<Instant>));
    let (report, latencies) = channel();
    let bell = rung.clone();
    let listener = thread::spawn(move || {
        let mut events = Events::with_capacity(8);
        for _ in 0..wake::WAKES {
            let latency = loop {
                poll.poll(&mut events, None).expect("an epoll");
                if let Some(rung) = bell.lock().unwrap().take() {
                    break rung.elapsed();
                }
            };
            report.send(latency).expect("somebody waits");
        }
    });
    let mut all = Vec::with_capacity(wake::WAKES);
    for _ in 0..wake::WAKES {
        thread::sleep(2 * wake::LULL);
        *rung.lock().unwrap() = Some(Instant::now());
        waker.wake()?;
        all.push(latencies.recv().expect("a listener"));
    }
    listener.join().expect("a listener");
    Ok(all)
}

/// A thread that runs jobs.
struct Pool {
    jobs: Option<Sender<Box<dyn FnOnce() + Send>>>,
    thread: Option<JoinHandle<()>>,
}

impl Pool {
    fn start() -> Self {
        let (jobs, queue) = channel::<Box<dyn FnOnce() + Send>>();
        Pool {
            jobs: Some(jobs),
            thread: Some(thread::spawn(move || {
                queue.into_iter().for_each(|job| job())
            })),
        }
    }

    fn run(&self, job: impl FnOnce() + Send + 'static) {
        let jobs = self.jobs.as_ref().expect("it is there until the drop");
        jobs.send(Box::new(job)).expect("a thread");
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("a thread");
        }
    }
}

/// A job, and its result back, one after the other: half of them take no longer than that.
pub(super) fn median(_: usize, iterations: u64) -> Duration {
    const JOURNEYS: usize = 500;
    let pool = Pool::start();
    let (done, results) = channel();
    let mut sum = Duration::ZERO;
    for _ in 0..iterations {
        let mut times = Vec::with_capacity(JOURNEYS);
        for _ in 0..JOURNEYS {
            let start = Instant::now();
            let done = done.clone();
            pool.run(move || done.send(7).expect("somebody waits"));
            assert_eq!(results.recv(), Ok(7));
            times.push(start.elapsed());
        }
        times.sort_unstable();
        sum += times[JOURNEYS / 2];
    }
    sum
}

/// Many jobs at once, then all their results.
pub(super) fn many(_: usize, iterations: u64) -> Duration {
    let pool = Pool::start();
    let (done, results) = channel();
    let start = Stopwatch::start();
    for _ in 0..iterations {
        for nth in 0..blocking::MANY {
            let done = done.clone();
            pool.run(move || done.send(nth).expect("somebody waits"));
        }
        let sum: u64 = results.iter().take(blocking::MANY as usize).sum();
        assert_eq!(sum, blocking::MANY * (blocking::MANY - 1) / 2);
    }
    start.elapsed()
}

/// Some jobs at a time: each result sends the next.
pub(super) fn in_flight(_: usize, iterations: u64) -> Duration {
    const AT_A_TIME: u64 = 64;
    let pool = Pool::start();
    let (done, results) = channel();
    let send = |nth: u64| {
        let done = done.clone();
        pool.run(move || done.send(nth).expect("somebody waits"));
    };
    let start = Stopwatch::start();
    for _ in 0..iterations {
        (0..AT_A_TIME).for_each(send);
        let mut sum = 0;
        for next in AT_A_TIME..blocking::IN_FLIGHT + AT_A_TIME {
            sum += results.recv().expect("a thread");
            if next < blocking::IN_FLIGHT {
                send(next);
            }
        }
        assert_eq!(sum, blocking::IN_FLIGHT * (blocking::IN_FLIGHT - 1) / 2);
    }
    start.elapsed()
}
