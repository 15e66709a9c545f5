//! Nanoseconds since some moment, where [`Instant`] is all that is known of the clock.

use std::time::Instant;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Stopwatch {
    start: Instant,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Stopwatch {
            start: Instant::now(),
        }
    }

    #[inline]
    pub(crate) fn nanos(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}
