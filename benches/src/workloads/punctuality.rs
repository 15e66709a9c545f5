//! How late does a timer fire?
//!
//! The time of these is a lateness: from the deadline until the task goes on. Always wall time.

use super::subject::task::yield_now;
use super::subject::time::{Instant, interval, sleep_until};
use super::{Runtime, inside, subject};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// From tick to tick, and from a sleep's start to its deadline.
pub const PERIOD: Duration = Duration::from_millis(1);

/// How many ticks an iteration takes its percentiles from.
pub const TICKS: usize = 300;

/// How many tasks sleep beside one that blocks, and how many times each.
const SLEEPERS: usize = 100;
const SLEEPS: usize = 10;

/// How long that one blocks between its yields.
const BLOCKED: Duration = Duration::from_millis(5);

/// The lateness that half of an interval's ticks stay within.
pub fn tick_median(runtime: &Runtime, iterations: u64) -> Duration {
    ticks(runtime, iterations, 50)
}

/// The lateness that all but one tick of an interval in a hundred stay within.
pub fn tick_worst_but_one_in_a_hundred(runtime: &Runtime, iterations: u64) -> Duration {
    ticks(runtime, iterations, 99)
}

fn ticks(runtime: &Runtime, iterations: u64, percent: usize) -> Duration {
    inside(runtime, async move {
        let mut sum = Duration::ZERO;
        for _ in 0..iterations {
            let mut interval = interval(PERIOD);
            let start = interval.tick().await;
            let mut latenesses = Vec::with_capacity(TICKS);
            for nth in 1..=TICKS as u32 {
                assert_eq!(interval.tick().await, start + nth * PERIOD);
                latenesses.push((start + nth * PERIOD).elapsed());
            }
            sum += percentile(latenesses, percent);
        }
        sum
    })
}

/// The lateness that all but one sleep in a hundred stay within, of tasks that sleep while
/// another one blocks its worker again and again.
pub fn beside_one_that_blocks(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let mut sum = Duration::ZERO;
        for _ in 0..iterations {
            let ends = Arc::new(AtomicBool::new(false));
            let blocks = subject::spawn(block_until(ends.clone()));
            let sleepers: Vec<_> = (0..SLEEPERS).map(|_| subject::spawn(nap())).collect();
            let mut latenesses = Vec::with_capacity(SLEEPERS * SLEEPS);
            for sleeper in sleepers {
                latenesses.extend(sleeper.await.unwrap());
            }
            ends.store(true, Ordering::Relaxed);
            assert!(blocks.await.unwrap() > 0, "nobody blocked");
            assert_eq!(latenesses.len(), SLEEPERS * SLEEPS);
            sum += percentile(latenesses, 99);
        }
        sum
    })
}

async fn nap() -> Vec<Duration> {
    let mut latenesses = Vec::with_capacity(SLEEPS);
    for _ in 0..SLEEPS {
        let deadline = Instant::now() + PERIOD;
        sleep_until(deadline).await;
        let now = Instant::now();
        assert!(now >= deadline, "a timer fired early");
        latenesses.push(now - deadline);
    }
    latenesses
}

/// Uses the processor, with a yield from time to time. Returns how many times it did so.
async fn block_until(ends: Arc<AtomicBool>) -> usize {
    let mut times = 0;
    while !ends.load(Ordering::Relaxed) {
        let start = Instant::now();
        while start.elapsed() < BLOCKED {
            std::hint::spin_loop();
        }
        times += 1;
        yield_now().await;
    }
    times
}

/// What such a share of the values, in percent, stays within.
pub fn percentile(mut values: Vec<Duration>, percent: usize) -> Duration {
    values.sort_unstable();
    values[(values.len() * percent).div_ceil(100) - 1]
}
