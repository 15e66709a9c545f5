//! How long does a task wait when a foreign thread wakes a runtime that sleeps?

use super::Runtime;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

/// How many wake-ups an iteration takes its percentiles from.
pub const WAKES: usize = 300;

/// What a runtime is given to fall asleep.
pub const LULL: Duration = Duration::from_micros(200);

/// The latency that half of the wake-ups stay within. Always wall time.
pub fn median(runtime: &Runtime, iterations: u64) -> Duration {
    (0..iterations).map(|_| percentile(runtime, 50)).sum()
}

/// The latency that all but one wake-up in a hundred stay within. Always wall time.
pub fn worst_but_one_in_a_hundred(runtime: &Runtime, iterations: u64) -> Duration {
    (0..iterations).map(|_| percentile(runtime, 99)).sum()
}

fn percentile(runtime: &Runtime, percent: usize) -> Duration {
    let mut latencies: Vec<_> = latencies(runtime);
    latencies.sort_unstable();
    latencies[(WAKES * percent).div_ceil(100) - 1]
}

/// What the task and the thread share: who waits, and when it was woken.
#[derive(Default)]
struct Bell {
    waiting: Option<Waker>,
    rung: Option<Instant>,
}

/// From just before the wake to the poll that it leads to.
fn latencies(runtime: &Runtime) -> Vec<Duration> {
    let bell = Arc::new(Mutex::new(Bell::default()));
    let (report, latencies) = mpsc::channel();
    drop(runtime.spawn(listen(bell.clone(), report)));
    (0..WAKES)
        .map(|_| {
            let waker = loop {
                std::thread::sleep(LULL);
                if let Some(waker) = bell.lock().unwrap().waiting.take() {
                    break waker;
                }
            };
            std::thread::sleep(LULL);
            bell.lock().unwrap().rung = Some(Instant::now());
            waker.wake();
            latencies.recv().unwrap()
        })
        .collect()
}

async fn listen(bell: Arc<Mutex<Bell>>, report: mpsc::Sender<Duration>) {
    for _ in 0..WAKES {
        let latency = poll_fn(|cx| {
            let mut bell = bell.lock().unwrap();
            match bell.rung.take() {
                Some(rung) => Poll::Ready(rung.elapsed()),
                None => {
                    bell.waiting = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        });
        report.send(latency.await).unwrap();
    }
}
