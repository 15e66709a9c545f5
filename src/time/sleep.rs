//! The timer that users await.
//!
//! A [`Sleep`] is armed by its first poll, in the wheel of the worker that polls it, or in the
//! last shard on a thread that is not a worker of its runtime:
//!
//! ```text
//!                 poll, too early                     poll, fired
//!   idle, ahead ───────────────────────▶ armed ────────────────────▶ elapsed
//!    │  ▲                                │  ▲ │                       ▲ │
//!    │  └────────── reset after it fired ┘  └─┘ reset                 │ │
//!    ├───────────────── poll, the deadline has come ──────────────────┘ │
//!    └◀────────────────────────────  reset  ◀───────────────────────────┘
//! ```
//!
//! Its runtime is that in whose context it is made, or, if there is none, that in whose
//! context it is first polled. A worker does not look for one when it makes a timer: it is
//! nearly always a worker that polls it.
//!
//! It changes runtimes in one case: where its own fires nothing as long as its poller waits,
//! because the poller is in the `block_on` of another runtime, within the one that would have
//! to go on for it. The timer then comes over to the other one, with the time that is left.
//!
//! It stays where it was armed: a worker sleeps until the first deadline of its own wheel, and
//! it is this worker that was awake when the timer came in. A *reset* from another worker
//! would not wake the first one for an earlier deadline, so it takes the timer along to the
//! current worker's wheel. For a later one nothing moves.
//!
//! A deadline that no [`Instant`] can say stands for one in thirty years.
//!
//! A task that was woken during the poll that it is in will be polled again at once; a timer
//! that it polls then only looks at the clock, and is armed when the task comes to rest. So a
//! timeout around a future that goes on by itself costs no more than that (bench `timeout`).
//!
//! # Rejected
//!
//! * A limit that begins at an earlier look at the clock, or at a coarse one, to save the look
//!   when a timeout is made (a third of what it costs). How old the look is cannot be told without
//!   another one, and the coarse clock stands still while a virtual machine's timekeeper does: the
//!   limit would pass too early, or as much too late as the first poll takes.
//! * A reset to a later deadline that is told the wheel at the next poll only. It saves a lock,
//!   but then who resets and does not poll again is woken at the old deadline, and not at the new
//!   one.

use super::Instant;
use crate::base::{budget, clock, wait};
use crate::driver::TimerKey;
use crate::driver::timers::Closed;
use crate::rt;
use crate::scheduler::Home;
use crate::tasks::will_be_polled_again;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

#[cfg(all(test, not(loom)))]
mod tests;

/// Waits until `duration` has passed.
///
/// The timer is never early. It is late by the grain of the wheel, 65.5 µs at most, and by
/// what the operating system and a busy worker add. A zero duration is over at once; one that
/// reaches beyond what an `Instant` can say, as [`Duration::MAX`] does, ends in thirty years (a
/// paused clock gets there when nothing else is to be done).
///
/// # Panics
///
/// When it is polled, if it was neither made nor is polled in the context of a runtime, or if
/// its runtime has been shut down and it is not polled in the context of another.
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, Instant, sleep};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let start = Instant::now();
/// sleep(Duration::from_millis(5)).await;
/// assert!(start.elapsed() >= Duration::from_millis(5));
/// # });
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    let now = Instant::now();
    let state = match duration.is_zero() {
        true => State::Elapsed,
        // A paused clock may jump before the first poll, and is cheap to read.
        false if clock::any_paused() => State::Idle,
        false => State::Ahead,
    };
    let deadline = now.checked_add(duration);
    let deadline = deadline.unwrap_or_else(Instant::far_future);
    Sleep::new(Timer::new(deadline, state))
}

/// Waits until `deadline`.
///
/// A deadline in the past is over at once, and costs nothing.
///
/// # Panics
///
/// As [`sleep`].
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, Instant, sleep_until};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let deadline = Instant::now() + Duration::from_millis(5);
/// sleep_until(deadline).await;
/// assert!(Instant::now() >= deadline);
/// # });
/// ```
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(Timer::new(deadline, State::Idle))
}

pin_project! {
    /// The future of [`sleep`] and [`sleep_until`].
    ///
    /// It must be pinned to be polled by hand: `let sleep = pin!(sleep(..))`. After it has
    /// elapsed it is ready each time that it is polled, until it is
    /// [reset](Sleep::reset).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, Sleep, sleep};
    /// use std::pin::pin;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let start = Instant::now();
    /// let mut pause = pin!(sleep(Duration::from_secs(60)));
    /// pause.as_mut().reset(start + Duration::from_millis(1));
    /// pause.await;
    /// assert!(start.elapsed() >= Duration::from_millis(1));
    /// # });
    /// ```
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Sleep {
        timer: Timer,
        #[pin]
        _pinned: PhantomPinned,
    }
}

/// What is in a sleep, and in an interval: a timer that may move.
pub(super) struct Timer {
    deadline: Instant,
    state: State,
    /// Its runtime. Which worker's home it is does not matter; that of the worker where it
    /// was made is the cheapest to count.
    home: Option<Home>,
    location: &'static Location<'static>,
}

/// See the [module](self).
pub(super) enum State {
    /// Not armed since it was made or reset.
    Idle,
    /// The same, and the deadline was ahead a moment ago: the first poll need not look at
    /// the clock. (If it comes late, the wheel fires at its next turn.)
    Ahead,
    /// Polled in vain, but not armed: the task was to be polled again anyway.
    Waiting,
    /// The key is there until the timer reports its end.
    Armed(Option<TimerKey>),
    Elapsed,
}

impl Sleep {
    fn new(timer: Timer) -> Self {
        Sleep {
            timer,
            _pinned: PhantomPinned,
        }
    }

    /// When it elapses, or elapsed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, sleep};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let sleep = sleep(Duration::from_secs(5));
    /// assert_eq!(sleep.deadline(), Instant::now() + Duration::from_secs(5));
    /// # });
    /// ```
    pub fn deadline(&self) -> Instant {
        self.timer.deadline
    }

    /// Whether it was polled after its deadline, or was told so by the wheel.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, sleep};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let mut sleep = std::pin::pin!(sleep(Duration::from_secs(5)));
    /// assert!(!sleep.is_elapsed());
    /// sleep.as_mut().await;
    /// assert!(sleep.is_elapsed());
    /// # });
    /// ```
    pub fn is_elapsed(&self) -> bool {
        self.timer.is_elapsed()
    }

    /// Gives it another deadline, whether it has elapsed or not.
    ///
    /// If it was polled before, the task that polled it is woken at the new deadline; no
    /// further poll is needed for that.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, sleep};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut sleep = std::pin::pin!(sleep(Duration::from_secs(3600)));
    /// sleep.as_mut().reset(Instant::now() + Duration::from_millis(1));
    /// sleep.await;
    /// # });
    /// ```
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        self.project().timer.reset(deadline);
    }
}

impl Future for Sleep {
    type Output = ();

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().timer.poll(cx)
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.timer.deadline)
            .field("elapsed", &self.is_elapsed())
            .finish()
    }
}

impl Timer {
    #[track_caller]
    pub(super) fn new(deadline: Instant, state: State) -> Self {
        Timer {
            deadline,
            state,
            // A deadline of a paused clock says nothing to any other.
            home: match clock::any_paused() {
                true => rt::try_home(),
                false => rt::home_beside_workers(),
            },
            location: Location::caller(),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        matches!(self.state, State::Elapsed)
    }

    #[track_caller]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Poll::Ready(spent) = budget::poll_proceed(cx) else {
            return self.poll_without_budget();
        };
        if self.poll_state(cx.waker()) {
            spent.made_progress();
            return Poll::Ready(());
        }
        wait::note_at(wait::Kind::Timer, self.key_bits(), self.location);
        Poll::Pending
    }

    /// The task has spent its budget and was woken again. A deadline that was waited for and
    /// has come is told all the same: else whoever spends the whole budget before the timer is
    /// polled (in a biased `select!`, say) would never hear of it. Nobody can make progress
    /// for ever by that, for each such answer was `Pending` before.
    fn poll_without_budget(&mut self) -> Poll<()> {
        match self.state {
            State::Armed(_) | State::Waiting if self.is_due() => {
                self.disarm();
                self.state = State::Elapsed;
                return Poll::Ready(());
            }
            State::Idle | State::Ahead => self.state = State::Waiting,
            _ => {}
        }
        Poll::Pending
    }

    /// True if the deadline has come; else the waker is woken when it does.
    #[track_caller]
    fn poll_state(&mut self, waker: &Waker) -> bool {
        match self.state {
            State::Elapsed => true,
            State::Idle | State::Waiting if self.is_due() => {
                self.state = State::Elapsed;
                true
            }
            State::Idle | State::Ahead | State::Waiting => {
                if self.is_stopped() {
                    self.come_over();
                }
                if will_be_polled_again(waker) {
                    self.state = State::Waiting;
                } else {
                    self.arm(waker);
                }
                false
            }
            State::Armed(_) => match self.is_stopped() && self.come_over() {
                true => self.poll_state(waker),
                false => self.poll_armed(waker),
            },
        }
    }

    #[inline]
    #[track_caller]
    fn poll_armed(&mut self, waker: &Waker) -> bool {
        let (State::Armed(key), Some(home)) = (&mut self.state, &self.home) else {
            unreachable!("what is armed has a key and a runtime");
        };
        match home.scheduler().driver().timers.poll(key, waker) {
            Poll::Pending => false,
            Poll::Ready(Ok(())) => {
                self.state = State::Elapsed;
                true
            }
            Poll::Ready(Err(Closed)) => {
                self.state = State::Idle;
                self.refuse()
            }
        }
    }

    /// Whether its runtime fires nothing as long as the poller waits.
    #[inline]
    fn is_stopped(&self) -> bool {
        let home = self.home.as_ref();
        home.is_some_and(|home| home.scheduler().is_stopped_here())
    }

    /// Goes over from a runtime that is [stopped](Self::is_stopped) to the one in whose context it
    /// is polled. Says whether it did.
    #[cold]
    fn come_over(&mut self) -> bool {
        let Some(home) = &self.home else { return false };
        let stopped = home.scheduler();
        let here = rt::try_home().filter(|here| !Arc::ptr_eq(here.scheduler(), stopped));
        let Some(here) = here else { return false };
        let left = (self.deadline.into_std()).saturating_duration_since(stopped.driver().now());
        let deadline = here.scheduler().driver().now().checked_add(left);
        self.disarm();
        self.deadline = deadline.map_or_else(Instant::far_future, Instant::from_std);
        self.home = Some(here);
        true
    }

    fn is_due(&self) -> bool {
        if !clock::any_paused() {
            return clock::has_come(self.deadline.into_std());
        }
        let now = match &self.home {
            Some(home) => Instant::from_std(home.scheduler().driver().now()),
            None => Instant::now(),
        };
        now >= self.deadline
    }

    /// Apart from the polls that arm nothing, so that they save no registers for it.
    #[inline(never)]
    #[track_caller]
    fn arm(&mut self, waker: &Waker) {
        if self.home.is_none() {
            self.home = rt::try_home();
        }
        let Some(home) = &self.home else {
            panic!(
                "the timer made at {} was polled outside of a runtime: poll it within \
                 `Runtime::block_on`, a task, or the scope of `Runtime::enter`",
                self.location
            )
        };
        match home.scheduler().arm(self.deadline.into_std(), waker) {
            Ok(key) => self.state = State::Armed(Some(key)),
            Err(Closed) => self.refuse(),
        }
    }

    #[cold]
    #[track_caller]
    fn refuse(&self) -> ! {
        panic!(
            "the runtime of the timer made at {} was shut down; end what waits for a timer \
             before its runtime",
            self.location
        )
    }

    pub(super) fn reset(&mut self, deadline: Instant) {
        let is_later = deadline >= std::mem::replace(&mut self.deadline, deadline);
        if is_later && !clock::any_paused() && self.put_off() {
            return;
        }
        // A clock that stands still is asked at once: its wheel may not turn before the next poll.
        let is_due = clock::any_paused() && self.is_due();
        self.rearm(is_due);
    }

    /// An armed timer stays where it is for a later deadline. False if it is not armed.
    fn put_off(&self) -> bool {
        let (State::Armed(Some(key)), Some(home)) = (&self.state, &self.home) else {
            return false;
        };
        let timers = &home.scheduler().driver().timers;
        timers.put_off(key, self.deadline.into_std())
    }

    /// The deadline is now.
    pub(super) fn reset_to_now(&mut self) {
        self.deadline = Instant::now();
        self.rearm(true);
    }

    /// Moves an armed timer to its new deadline, or if that has come wakes whom it would.
    fn rearm(&mut self, is_due: bool) {
        let State::Armed(key) = std::mem::replace(&mut self.state, State::Idle) else {
            return;
        };
        let (Some(key), Some(home)) = (key, &self.home) else {
            return;
        };
        if is_due {
            let waker = home.scheduler().driver().timers.take(key);
            waker.into_iter().for_each(Waker::wake);
            return;
        }
        // Where the runtime is gone, or the timer had fired, the next poll finds out.
        if let Ok(Some(key)) = home.scheduler().rearm(key, self.deadline.into_std()) {
            self.state = State::Armed(Some(key));
        }
    }

    fn disarm(&mut self) {
        if let State::Armed(Some(key)) = std::mem::replace(&mut self.state, State::Idle) {
            if let Some(home) = &self.home {
                home.scheduler().driver().timers.cancel(key);
            }
        }
    }

    fn key_bits(&self) -> u64 {
        match &self.state {
            State::Armed(Some(key)) => key.to_bits(),
            _ => 0,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.disarm();
    }
}
