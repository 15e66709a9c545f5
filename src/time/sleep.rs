//! The timer that users await.
//!
//! A [`Sleep`] is armed by its first poll, in the wheel of the worker that polls it, or in the
//! last shard on a thread that is not a worker. It stays there: a worker sleeps until the first
//! deadline of its own wheel, and it is this worker that was awake when the timer came in. A
//! *reset* from another worker would not wake the first one for an earlier deadline, so it
//! takes the timer along to the current worker's wheel.
//!
//! A task that was woken during the poll that it is in will be polled again at once; a timer
//! that it polls then only looks at the clock, and is armed when the task comes to rest. So a
//! timeout around a future that goes on by itself costs no more than that (bench `timeout`).

use super::Instant;
use crate::base::{budget, wait};
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
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

/// Waits until `duration` has passed.
///
/// The timer is never early. It is late by the grain of the wheel, 65.5 µs at most, and by
/// what the operating system and a busy worker add. A zero duration is over at once; one that
/// reaches beyond what an `Instant` can say never ends.
///
/// # Panics
///
/// When it is polled for the first time outside of a runtime, and when its runtime is shut
/// down under it.
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
    match now.checked_add(duration) {
        Some(_) if duration.is_zero() => Sleep::new(now, State::Elapsed),
        Some(deadline) => Sleep::new(deadline, State::Ahead),
        None => Sleep::new(Instant::far_future(), State::Ahead),
    }
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
    Sleep::new(deadline, State::Idle)
}

pin_project! {
    /// The future of [`sleep`] and [`sleep_until`].
    ///
    /// It must be pinned to be polled by hand: `let sleep = pin!(sleep(..))`. After it has
    /// elapsed it is ready each time that it is polled, until it is
    /// [reset](Sleep::reset).
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
    location: &'static Location<'static>,
}

pub(super) enum State {
    /// Never polled since it was made or reset.
    Idle,
    /// The same, and the deadline was ahead a moment ago: the first poll need not look at
    /// the clock. (If it comes late, the wheel fires at its next turn.)
    Ahead,
    /// The key is there until the timer reports its end.
    Armed(Option<TimerKey>, Home),
    Elapsed,
}

impl Sleep {
    #[track_caller]
    fn new(deadline: Instant, state: State) -> Self {
        Sleep {
            timer: Timer::new(deadline, state),
            _pinned: PhantomPinned,
        }
    }

    /// When it elapses, or elapsed.
    pub fn deadline(&self) -> Instant {
        self.timer.deadline
    }

    /// Whether it was polled after its deadline, or was told so by the wheel.
    pub fn is_elapsed(&self) -> bool {
        self.timer.is_elapsed()
    }

    /// Gives it another deadline, whether it has elapsed or not.
    ///
    /// If it was polled before, the task that polled it is woken at the new deadline; no
    /// further poll is needed for that.
    ///
    /// # Panics
    ///
    /// If its runtime is shut down.
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
    #[track_caller]
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        self.project().timer.reset(deadline);
    }
}

impl Future for Sleep {
    type Output = ();

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
            location: Location::caller(),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        matches!(self.state, State::Elapsed)
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let spent = ready!(budget::poll_proceed(cx));
        if self.poll_state(cx.waker()) {
            spent.made_progress();
            return Poll::Ready(());
        }
        wait::note_at(wait::Kind::Timer, self.key_bits(), self.location);
        Poll::Pending
    }

    /// True if the deadline has come; else the waker is woken when it does.
    fn poll_state(&mut self, waker: &Waker) -> bool {
        match &mut self.state {
            State::Elapsed => true,
            State::Idle if Instant::now() >= self.deadline => {
                self.state = State::Elapsed;
                true
            }
            State::Idle | State::Ahead => {
                self.state = if will_be_polled_again(waker) {
                    State::Idle
                } else {
                    self.arm(self.home(), waker)
                };
                false
            }
            State::Armed(key, home) => match home.scheduler().driver().timers.poll(key, waker) {
                Poll::Pending => false,
                Poll::Ready(Ok(())) => {
                    self.state = State::Elapsed;
                    true
                }
                Poll::Ready(Err(Closed)) => {
                    self.state = State::Idle;
                    self.refuse()
                }
            },
        }
    }

    /// The wheel for a timer that is armed here and now.
    fn home(&self) -> Home {
        match rt::try_home() {
            Some(home) => home,
            None => panic!(
                "the timer made at {} was polled outside of a runtime: poll it within \
                 `Runtime::block_on`, a task, or the scope of `Runtime::enter`",
                self.location
            ),
        }
    }

    fn arm(&self, home: Home, waker: &Waker) -> State {
        let deadline = self.deadline.into_std();
        let armed = home
            .scheduler()
            .driver()
            .timers
            .arm(home.shard(), deadline, waker);
        match armed {
            Ok(armed) => {
                home.armed(armed.earlier, deadline);
                State::Armed(Some(armed.key), home)
            }
            Err(Closed) => self.refuse(),
        }
    }

    fn refuse(&self) -> ! {
        panic!(
            "the runtime of the timer made at {} was shut down; end what waits for a timer \
             before its runtime",
            self.location
        )
    }

    #[track_caller]
    pub(super) fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        let State::Armed(Some(key), home) = std::mem::replace(&mut self.state, State::Idle) else {
            return;
        };
        let scheduler = home.scheduler();
        let timers = &scheduler.driver().timers;
        let std = deadline.into_std();
        let here = scheduler.timer_shard();
        if here == key.shard() {
            match timers.reset(&key, std) {
                Ok(earlier) => home.armed(earlier, std),
                Err(Closed) => self.refuse(),
            }
            self.state = State::Armed(Some(key), home);
        } else if let Some(waker) = timers.take(key) {
            self.state = self.arm(scheduler.own_home_here(), &waker);
        }
    }

    fn key_bits(&self) -> u64 {
        match &self.state {
            State::Armed(Some(key), _) => key.to_bits(),
            _ => 0,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let State::Armed(Some(key), home) = std::mem::replace(&mut self.state, State::Idle) {
            home.scheduler().driver().timers.cancel(key);
        }
    }
}
