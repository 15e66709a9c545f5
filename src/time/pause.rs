//! The paused clock, for tests.

use crate::rt::{self, RuntimeFlavor};
use crate::tasks::yield_now;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::driver::Driver;

/// Lets the current runtime's clock stand still.
///
/// From then on time passes only by [`advance`], and *by itself when nothing else can be done*:
/// when no task can run, no blocking job is under way and no socket has an event, the clock
/// moves to the next deadline. A test with an hour of timeouts so takes a millisecond.
///
/// # Panics
///
/// Outside of a current-thread runtime, and if the clock is paused already.
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
    let driver = test_driver("time::pause");
    assert!(
        driver.clock.pause(),
        "`time::pause` was called while the clock is paused already; call it once, or \
         `time::resume` before it"
    );
}

/// Lets the current runtime's clock run on from where it stands.
///
/// # Panics
///
/// Outside of a current-thread runtime, and if the clock is not paused.
#[track_caller]
pub fn resume() {
    let driver = test_driver("time::resume");
    assert!(
        driver.clock.resume(),
        "`time::resume` was called while the clock runs; call `time::pause` before it"
    );
}

/// Moves the current runtime's paused clock on by `duration`, and lets the tasks run whose
/// deadlines have come.
///
/// All deadlines up to then are seen as of the new time; to see each at its own time, use
/// [`sleep`](super::sleep()) instead, which lets the clock move by itself.
///
/// # Panics
///
/// Outside of a current-thread runtime, if the clock is not paused, and if the new time is
/// beyond what an `Instant` can say.
///
/// # Cancel safety
///
/// Nothing is lost: the clock moves when the future is made.
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
    let driver = test_driver("time::advance");
    assert!(
        driver.clock.is_paused(),
        "`time::advance` was called while the clock runs; call `time::pause` before it"
    );
    assert!(
        driver.clock.advance(duration),
        "`time::advance` was called with a duration beyond what an `Instant` can say"
    );
    async {
        // Once for the wheel to fire, once for those who were woken to run.
        yield_now().await;
        yield_now().await;
    }
}

#[track_caller]
fn test_driver(what: &str) -> Arc<Driver> {
    match rt::Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => rt::with_driver(Arc::clone),
        _ => panic!(
            "`{what}` was called on a multi-thread runtime; use \
             `#[runtime::test(start_paused = true)]` or `Builder::new_current_thread`"
        ),
    }
}
