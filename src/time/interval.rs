//! Ticks.

use super::sleep::{State, Timer};
use super::{Instant, MissedTickBehavior};
use crate::base::wait;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
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
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, Instant, interval_at};
///
/// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
/// let start = Instant::now() + Duration::from_secs(5);
/// let mut ticks = interval_at(start, Duration::from_secs(1));
/// assert_eq!(ticks.tick().await, start);
/// assert_eq!(ticks.tick().await, start + Duration::from_secs(1));
/// # });
/// ```
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
///
/// It belongs to the runtime in which it is made, as a [`Sleep`](super::Sleep) does. A tick
/// that is given up (its future is dropped) is not lost: the next one that is asked for is the
/// same.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, Interval, interval};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut ticks: Interval = interval(Duration::from_millis(1));
/// let first = ticks.tick().await;
/// assert!(ticks.tick().await > first);
/// # });
/// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, interval};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let start = Instant::now();
    /// let mut ticks = interval(Duration::from_secs(10));
    /// ticks.tick().await;
    /// assert_eq!(ticks.tick().await, start + Duration::from_secs(10));
    /// # });
    /// ```
    #[track_caller]
    pub fn tick(&mut self) -> impl Future<Output = Instant> + '_ {
        let here = Location::caller();
        poll_fn(move |cx| wait::at(here, || self.poll_tick(cx)))
    }

    /// Polls for the next tick; if it is not due, the task is woken when it is.
    ///
    /// # Panics
    ///
    /// As [`sleep`](super::sleep()).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, interval};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let mut ticks = interval(Duration::from_secs(10));
    /// std::future::poll_fn(|cx| ticks.poll_tick(cx)).await;
    /// # });
    /// ```
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(self.timer.poll(cx));
        let due = self.timer.deadline();
        let now = match self.behavior {
            // Whatever the time is.
            MissedTickBehavior::Burst => due,
            _ => Instant::now(),
        };
        let next = self
            .behavior
            .next(due.into_std(), now.into_std(), self.period);
        self.reset_or_far(next.map(Instant::from_std));
        Poll::Ready(due)
    }

    /// Begins anew: the next tick is one period from now.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{self, Duration, Instant, interval};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let start = Instant::now();
    /// let mut ticks = interval(Duration::from_secs(10));
    /// ticks.tick().await;
    /// time::advance(Duration::from_secs(3)).await;
    /// ticks.reset();
    /// assert_eq!(ticks.tick().await, start + Duration::from_secs(13));
    /// # });
    /// ```
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// The next tick is due at once, and the following ones every period from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, interval};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let start = Instant::now();
    /// let mut ticks = interval(Duration::from_secs(10));
    /// ticks.tick().await;
    /// ticks.reset_immediately();
    /// assert_eq!(ticks.tick().await, start);
    /// assert_eq!(ticks.tick().await, start + Duration::from_secs(10));
    /// # });
    /// ```
    pub fn reset_immediately(&mut self) {
        self.timer.reset_to_now();
    }

    /// The next tick is due after `duration`, and the following ones every period from then
    /// on.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, interval};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let start = Instant::now();
    /// let mut ticks = interval(Duration::from_secs(10));
    /// ticks.reset_after(Duration::from_secs(1));
    /// assert_eq!(ticks.tick().await, start + Duration::from_secs(1));
    /// assert_eq!(ticks.tick().await, start + Duration::from_secs(11));
    /// # });
    /// ```
    pub fn reset_after(&mut self, duration: Duration) {
        self.reset_or_far(Instant::now().checked_add(duration));
    }

    /// The next tick is due at `deadline`, and the following ones every period from then on.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, interval};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let at = Instant::now() + Duration::from_secs(1);
    /// let mut ticks = interval(Duration::from_secs(10));
    /// ticks.reset_at(at);
    /// assert_eq!(ticks.tick().await, at);
    /// # });
    /// ```
    pub fn reset_at(&mut self, deadline: Instant) {
        self.timer.reset(deadline);
    }

    fn reset_or_far(&mut self, next: Option<Instant>) {
        self.timer.reset(next.unwrap_or_else(Instant::far_future));
    }

    /// The time between two ticks.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, interval};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let ticks = interval(Duration::from_secs(10));
    /// assert_eq!(ticks.period(), Duration::from_secs(10));
    /// # });
    /// ```
    pub fn period(&self) -> Duration {
        self.period
    }

    /// What happens when a tick is taken late.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, MissedTickBehavior, interval};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let ticks = interval(Duration::from_secs(10));
    /// assert_eq!(ticks.missed_tick_behavior(), MissedTickBehavior::Burst);
    /// # });
    /// ```
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.behavior
    }

    /// Says what happens when a tick is taken late.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{self, Duration, Instant, MissedTickBehavior, interval};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let start = Instant::now();
    /// let mut ticks = interval(Duration::from_secs(10));
    /// ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    /// ticks.tick().await;
    /// time::advance(Duration::from_secs(35)).await;
    /// ticks.tick().await;
    /// assert_eq!(ticks.tick().await, start + Duration::from_secs(40));
    /// # });
    /// ```
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
