//! The time that a workload takes: by the clock on the wall, or of the processor.
//!
//! Processor time is that of this process, all threads together. It is less disturbed by
//! what else runs on the machine, and does not show how long anything waited.

use rustix::time::{ClockId, clock_gettime};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static PROCESSOR: AtomicBool = AtomicBool::new(false);

/// From now on, measure processor time in all workloads that do not say otherwise.
pub fn measure_processor_time() {
    PROCESSOR.store(true, Ordering::Relaxed);
}

/// A measurement that has begun.
pub enum Stopwatch {
    /// By the clock on the wall.
    Wall(Instant),
    /// Of the processor.
    Processor(Duration),
}

impl Stopwatch {
    /// Begins to measure what was asked for: wall time, unless [`measure_processor_time`].
    pub fn start() -> Self {
        match PROCESSOR.load(Ordering::Relaxed) {
            false => Stopwatch::Wall(Instant::now()),
            true => Stopwatch::processor(),
        }
    }

    /// Begins to measure processor time, whatever was asked for.
    pub fn processor() -> Self {
        Stopwatch::Processor(processor_time())
    }

    /// What has passed since the start.
    pub fn elapsed(&self) -> Duration {
        match self {
            Stopwatch::Wall(start) => start.elapsed(),
            Stopwatch::Processor(start) => processor_time() - *start,
        }
    }
}

/// What all threads of this process have used so far.
pub fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
