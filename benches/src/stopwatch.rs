//! The time that a workload takes: by the clock on the wall, and of the processor.
//!
//! Processor time is that of this process, all threads together. It is less disturbed by
//! what else runs on the machine, and does not show how long anything waited.

use rustix::time::{ClockId, clock_gettime};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

static PROCESSOR: AtomicBool = AtomicBool::new(false);

/// Nanoseconds of the processor in the measurements that have ended.
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// From now on, measure processor time in all workloads that do not say otherwise.
pub fn measure_processor_time() {
    PROCESSOR.store(true, Ordering::Relaxed);
}

/// The processor time of the measurements that have ended since this was asked last. There is
/// none where a workload took its times otherwise, such as each of many.
pub fn take_processor_time() -> Option<Duration> {
    match TAKEN.swap(0, Ordering::Relaxed) {
        0 => None,
        nanoseconds => Some(Duration::from_nanos(nanoseconds)),
    }
}

/// A measurement that has begun, by both clocks.
pub struct Stopwatch {
    processor: Duration,
    wall: Instant,
    /// Which of them is the answer.
    means_processor: bool,
}

impl Stopwatch {
    /// Begins to measure what was asked for: wall time, unless [`measure_processor_time`].
    pub fn start() -> Self {
        Stopwatch {
            processor: processor_time(),
            wall: Instant::now(),
            means_processor: PROCESSOR.load(Ordering::Relaxed),
        }
    }

    /// Begins to measure processor time, whatever was asked for.
    pub fn processor() -> Self {
        Stopwatch {
            means_processor: true,
            ..Self::start()
        }
    }

    /// What has passed since the start.
    pub fn elapsed(&self) -> Duration {
        let wall = self.wall.elapsed();
        let processor = processor_time() - self.processor;
        count(processor);
        match self.means_processor {
            true => processor,
            false => wall,
        }
    }
}

/// What another process has measured, as if it were of this one: what was asked for of the two. It
/// took no processor time if it took its times otherwise.
pub(crate) fn taken_elsewhere(wall: Duration, processor: Duration) -> Duration {
    count(processor);
    match PROCESSOR.load(Ordering::Relaxed) && !processor.is_zero() {
        true => processor,
        false => wall,
    }
}

fn count(processor: Duration) {
    TAKEN.fetch_add(processor.as_nanos() as u64, Ordering::Relaxed);
}

/// What all threads of this process have used so far.
pub fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
