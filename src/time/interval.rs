//! Ticks.

use super::sleep::{State, Timer};
use super::{Instant, MissedTickBehavior};
use std::fmt;
use std::future::{Future, poll_fn};
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Ticks every `period`, the first time at once.
///
/// # Panics
///
/// If `period` is zero.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, Instant, interval};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let start = Instant::now();
/// let mut interval = interval(Duration::from_millis(2));
/// for _ in 0..4 {
///     interval.tick().await;
/// }
/// assert!(start.elapsed() >= Duration::from_millis(6));
/// # });
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    interval_at(Instant::now(), period)
}

/// Ticks every `period`, the first time at `start`.
///
/// # Panics
///
/// If `period` is zero.
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    assert!(
        !period.is_zero(),
        "`period` of an interval must be above zero; for a loop without pauses use `yield_now`"
    );
    Interval {
        timer: Timer::new(start, State::Idle),
        period,
        behavior: MissedTickBehavior::default(),
    }
}

/// Ticks. Made by [`interval`] and [`interval_at`].
pub struct Interval {
    timer: Timer,
    period: Duration,
    behavior: MissedTickBehavior,
}

impl Interval {
    /// Waits for the next tick, and returns when it was due.
    ///
    /// # Panics
    ///
    /// As [`sleep`](super::sleep()).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub fn tick(&mut self) -> impl Future<Output = Instant> + '_ {
        poll_fn(|cx| self.poll_tick(cx))
    }

    /// Polls for the next tick.
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(self.timer.poll(cx));
        let due = self.timer.deadline();
        let now = Instant::now();
        let next = self
            .behavior
            .next(due.into_std(), now.into_std(), self.period);
        let next = next.map_or_else(Instant::far_future, Instant::from_std);
        self.timer.reset(next);
        Poll::Ready(due)
    }

    /// Begins anew: the next tick is one period from now.
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// The next tick is due at once, and the following ones every period from now on.
    pub fn reset_immediately(&mut self) {
        self.reset_at(Instant::now());
    }

    /// The next tick is due after `duration`, and the following ones every period from then
    /// on.
    pub fn reset_after(&mut self, duration: Duration) {
        let next = Instant::now().checked_add(duration);
        self.reset_at(next.unwrap_or_else(Instant::far_future));
    }

    /// The next tick is due at `deadline`, and the following ones every period from then on.
    pub fn reset_at(&mut self, deadline: Instant) {
        self.timer.reset(deadline);
    }

    /// The time between two ticks.
    pub fn period(&self) -> Duration {
        self.period
    }

    /// What happens when a tick is taken late.
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.behavior
    }

    /// Says what happens when a tick is taken late.
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.behavior = behavior;
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interval")
            .field("next", &self.timer.deadline())
            .field("period", &self.period)
            .field("missed_tick_behavior", &self.behavior)
            .finish()
    }
}
