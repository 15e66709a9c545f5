//! What does a job for the blocking pool cost?

use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::time::{Duration, Instant};
use subject::task::spawn_blocking;

/// Jobs that an iteration spawns before it joins the first.
pub const MANY: u64 = 10_000;

/// Jobs of the tasks that are in flight, together.
pub const IN_FLIGHT: u64 = TASKS * JOBS;

const TASKS: u64 = 64;
const JOBS: u64 = 100;
const JOURNEYS: usize = 500;

/// From before the job is spawned until the task that awaits it goes on: half of them take no
/// longer than that. Always wall time.
pub fn median(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let mut sum = Duration::ZERO;
        for _ in 0..iterations {
            let mut times = Vec::with_capacity(JOURNEYS);
            for _ in 0..JOURNEYS {
                let start = Instant::now();
                assert_eq!(spawn_blocking(|| 7).await.unwrap(), 7);
                times.push(start.elapsed());
            }
            times.sort_unstable();
            sum += times[JOURNEYS / 2];
        }
        sum
    })
}

/// Spawns all of them, then joins all.
pub fn many(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let jobs: Vec<_> = (0..MANY).map(|nth| spawn_blocking(move || nth)).collect();
            let mut sum = 0;
            for job in jobs {
                sum += job.await.unwrap();
            }
            assert_eq!(sum, MANY * (MANY - 1) / 2);
        }
        start.elapsed()
    })
}

/// Tasks that each await one job after the other.
pub fn in_flight(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations {
            let tasks: Vec<_> = (0..TASKS)
                .map(|_| {
                    subject::spawn(async {
                        for nth in 0..JOBS {
                            assert_eq!(spawn_blocking(move || nth).await.unwrap(), nth);
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
        start.elapsed()
    })
}
