//! What an interval does about ticks that nobody came for. Pure arithmetic.
//!
//! ```text
//!   scheduled    0    1    2    3    4    5    6    7
//!                │    │    ├─────── busy ─┐
//!   Burst        0    1    2              345  6    7     all ticks, late ones at once
//!   Delay        0    1    2              3    4    5     a period from now
//!   Skip         0    1    2              3  6    7       back on the grid
//! ```

use std::time::{Duration, Instant};

/// A tick that is not later than this counts as in time: threads wake up late by
/// themselves. The value is the one which the field documents for its intervals.
const LATENESS: Duration = Duration::from_millis(5);

/// What an interval does when a tick was missed, that is, came more than 5 ms late
/// because nobody asked for it.
///
/// Under every behaviour, the first tick after the delay comes at once; the behaviour
/// chooses when the ones after it come.
///
/// # Examples
///
/// ```
/// use runtime::time::MissedTickBehavior;
///
/// assert_eq!(MissedTickBehavior::default(), MissedTickBehavior::Burst);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissedTickBehavior {
    /// Ticks without a pause until it has caught up, then goes on as if nothing had been.
    ///
    /// For work of which each piece has to be done, however late. It is the default.
    #[default]
    Burst,
    /// Ticks again one period after the late tick was taken.
    ///
    /// For work that must never come closer together than a period.
    Delay,
    /// Drops what was missed, and ticks again at the next multiple of the period since
    /// the start.
    ///
    /// For work that should stay in step with the clock.
    Skip,
}

impl MissedTickBehavior {
    /// When the tick after the one that was `scheduled`, and is taken `now`, is due.
    /// `None` if that is later than an `Instant` can say. `period` is not zero.
    pub(super) fn next(
        self,
        scheduled: Instant,
        now: Instant,
        period: Duration,
    ) -> Option<Instant> {
        let late = now.saturating_duration_since(scheduled);
        match self {
            MissedTickBehavior::Delay if late > LATENESS => now.checked_add(period),
            MissedTickBehavior::Skip if late > LATENESS => {
                let since_grid = remainder(late, period);
                now.checked_add(period - since_grid)
            }
            _ => scheduled.checked_add(period),
        }
    }
}

/// `of % by`.
fn remainder(of: Duration, by: Duration) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    let nanos = of.as_nanos() % by.as_nanos();
    // Less than `by`, so the seconds fit.
    Duration::new((nanos / SECOND) as u64, (nanos % SECOND) as u32)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::MissedTickBehavior::{Burst, Delay, Skip};
    use super::*;
    use proptest::prelude::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_tick_that_is_5_ms_late_is_in_time_and_one_later_is_missed() {
        let at = Instant::now();
        for behaviour in [Burst, Delay, Skip] {
            for late in [Duration::ZERO, MS, 5 * MS] {
                assert_eq!(behaviour.next(at, at + late, 2 * MS), Some(at + 2 * MS));
            }
        }
        let now = at + 5 * MS + Duration::from_nanos(1);
        assert_eq!(Burst.next(at, now, 2 * MS), Some(at + 2 * MS));
        assert_eq!(Delay.next(at, now, 2 * MS), Some(now + 2 * MS));
        assert_eq!(Skip.next(at, now, 2 * MS), Some(at + 6 * MS));
    }

    #[test]
    fn a_skip_that_falls_on_the_grid_takes_the_place_of_that_tick() {
        let at = Instant::now();
        assert_eq!(Skip.next(at, at + 30 * MS, 10 * MS), Some(at + 40 * MS));
        assert_eq!(Skip.next(at, at + 39 * MS, 10 * MS), Some(at + 40 * MS));
        assert_eq!(Skip.next(at, at + 7 * MS, 10 * MS), Some(at + 10 * MS));
    }

    #[test]
    fn a_clock_that_stands_still_and_a_period_without_end_are_legal() {
        let at = Instant::now();
        for behaviour in [Burst, Delay, Skip] {
            assert_eq!(behaviour.next(at, at, MS), Some(at + MS));
            assert_eq!(behaviour.next(at + MS, at, MS), Some(at + 2 * MS));
            assert_eq!(behaviour.next(at, at, Duration::MAX), None);
        }
        let never = Delay.next(at, at + 9 * MS, Duration::MAX);
        assert_eq!(never, None);
    }

    proptest! {
        #[test]
        fn a_skip_stays_on_the_grid_after_now_and_within_a_period(
            late in 5_000_001..10_000_000_000_000u64,
            period in 1..10_000_000_000_000u64,
        ) {
            let at = Instant::now();
            let now = at + Duration::from_nanos(late);
            let next = Skip.next(at, now, Duration::from_nanos(period)).expect("near");
            prop_assert!(next > now);
            prop_assert!(next - now <= Duration::from_nanos(period));
            prop_assert_eq!((next - at).as_nanos() % u128::from(period), 0);
        }
    }
}
