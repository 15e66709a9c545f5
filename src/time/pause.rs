//! The paused clock, for tests.

use crate::base::clock::Clock;
use crate::rt::{self, Handle};
use crate::scheduler::Progress;
use crate::tasks::yield_now;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

/// Lets the current runtime's clock stand still.
///
/// From then on time passes only by [`advance`], and *by itself when nothing else can be done*:
/// the clock then moves to the next deadline. A test with an hour of timeouts so takes a
/// millisecond. It does not move as long as
///
/// - any worker has a task to run, or a thread in `block_on` a future that was woken;
/// - a job of the blocking pool is queued or runs: [`spawn_blocking`](crate::task::spawn_blocking),
///   files, the look-up of names; or a task is in
///   [`block_in_place`](crate::task::block_in_place);
/// - a socket has received something that its task has not been told of.
///
/// A socket that waits for its peer, and a child process, do not hold the clock up. All of this
/// is so with any number of workers; with one, or on a current-thread runtime, a test runs in the
/// same order each time.
///
/// # Panics
///
/// If there is no current runtime, and if the clock is paused already.
///
/// # Examples
///
/// ```
/// use runtime::time::{self, Duration, Instant};
///
/// # runtime::rt::Builder::new_current_thread().build().unwrap().block_on(async {
/// time::pause();
/// let start = Instant::now();
/// time::sleep(Duration::from_secs(3600)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(3600));
/// # });
/// ```
#[track_caller]
pub fn pause() {
    match change("time::pause", Clock::pause) {
        Ok(()) => {}
        Err(Refusal::Misplaced(why)) => panic!("{why}"),
        Err(Refusal::Clock) => panic!(
            "`time::pause` was called while the clock is paused already; call it once, or \
             `time::resume` before it"
        ),
    }
}

/// Lets the current runtime's clock run on from where it stands.
///
/// # Panics
///
/// If there is no current runtime, and if the clock is not paused.
///
/// # Examples
///
/// ```
/// use runtime::time::{self, Duration, Instant};
///
/// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
/// let start = Instant::now();
/// time::resume();
/// time::sleep(Duration::from_millis(2)).await;
/// assert!(start.elapsed() >= Duration::from_millis(2));
/// # });
/// ```
#[track_caller]
pub fn resume() {
    match change("time::resume", Clock::resume) {
        Ok(()) => {}
        Err(Refusal::Misplaced(why)) => panic!("{why}"),
        Err(Refusal::Clock) => {
            panic!("`time::resume` was called while the clock runs; call `time::pause` before it")
        }
    }
}

/// Moves the current runtime's paused clock on by `duration`, and lets the tasks run whose
/// deadlines have come.
///
/// The clock moves in one jump, when the future is first polled: the timers that are due fire
/// in the order of their deadlines, but all see the new time. To have each see its own, use
/// [`sleep`](super::sleep()) instead, which lets the clock move by itself. Before it returns, each
/// worker has run the tasks that it had to run, or as many as there were.
///
/// # Panics
///
/// When it is polled without a current runtime, if the clock is not paused, and if the new time
/// is beyond what an `Instant` can say.
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Examples
///
/// ```
/// use runtime::time::{self, Duration, Instant};
///
/// # runtime::rt::Builder::new_current_thread().build().unwrap().block_on(async {
/// time::pause();
/// let sleeper = runtime::spawn(time::sleep(Duration::from_secs(5)));
/// runtime::task::yield_now().await;
/// time::advance(Duration::from_secs(6)).await;
/// assert!(sleeper.is_finished());
/// # });
/// ```
#[track_caller]
pub fn advance(duration: Duration) -> impl Future<Output = ()> {
    let here = Location::caller();
    async move {
        match change("time::advance", |clock| clock.advance(duration)) {
            Ok(()) => {}
            Err(Refusal::Misplaced(why)) => panic!("{why} (the call at {here})"),
            Err(Refusal::Clock) => panic!(
                "`time::advance`, called at {here}, needs a clock that is paused and a duration \
                 that leads to a time which an `Instant` can say; call `time::pause` before it"
            ),
        }
        let Some(home) = rt::try_home() else { return };
        let others = Progress::now(&home);
        // During the first one the wheel fires, during the others run those who were woken.
        for _ in 0..=home.scheduler().rounds_for_all() {
            yield_now().await;
        }
        while !others.is_enough() {
            yield_now().await;
        }
    }
}

/// Why the clock was not changed.
enum Refusal {
    /// There is no runtime.
    Misplaced(String),
    /// The clock itself says no.
    Clock,
}

/// Changes the current runtime's clock, and lets a worker that sleeps look at it anew.
fn change(what: &str, f: impl FnOnce(&Clock) -> bool) -> Result<(), Refusal> {
    let Some(home) = rt::try_home() else {
        let why = Handle::try_current().err();
        let why = why.map(|error| format!("`{what}`: {error}"));
        return Err(Refusal::Misplaced(why.unwrap_or_default()));
    };
    let scheduler = home.scheduler();
    scheduler.driver().count_deferred();
    if !f(&scheduler.driver().clock) {
        return Err(Refusal::Clock);
    }
    scheduler.clock_changed();
    Ok(())
}
