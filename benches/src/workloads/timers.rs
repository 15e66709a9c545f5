//! What does a timer cost: one that never fires, one that fires, one that guards, one
//! that is over before it began, and one that is put off?

use super::subject::time::{Instant, sleep, sleep_until, timeout};
use super::{Runtime, inside, subject};
use crate::stopwatch::Stopwatch;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// How many timers an iteration of [`never_fire`] arms, one at a time.
pub const UNFIRED: u64 = 1_000_000;

/// How many sleeping tasks there are in an iteration of [`fire`].
pub const FIRED: u64 = 100_000;

/// The time within which all of them wake up.
const SPAN: Duration = Duration::from_millis(500);

/// How many futures an iteration of [`guard`] puts a timeout around, one at a time.
pub const GUARDED: u64 = 10_000;

/// How many deadlines that have passed an iteration waits for.
pub const OVER: u64 = 100;

/// How many times an iteration of [`reset`] does so.
pub const RESET: u64 = 10_000;

/// Arms a timer by its first poll, and drops it. Their deadlines lie between a millisecond
/// and an hour after a minute from now.
pub fn never_fire(runtime: &Runtime, iterations: u64) -> Duration {
    const MINUTE: Duration = Duration::from_secs(60);
    inside(runtime, async move {
        let start = Stopwatch::start();
        for i in 0..iterations * UNFIRED {
            let mut timer = pin!(sleep(MINUTE + Duration::from_millis(i * 7919 % 3_600_000)));
            let armed = poll_fn(|cx| Poll::Ready(timer.as_mut().poll(cx).is_pending()));
            assert!(armed.await);
        }
        start.elapsed()
    })
}

/// Spawns tasks that sleep, and joins them. Their deadlines are spread evenly over the span,
/// not in the order in which the tasks are spawned. Always processor time.
pub fn fire(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let mut handles = Vec::with_capacity(FIRED as usize);
        let start = Stopwatch::processor();
        for _ in 0..iterations {
            let now = Instant::now();
            handles.extend((0..FIRED).map(|i| {
                // A prime number of steps reaches each of the points once.
                let deadline = now + SPAN * (i * 7919 % FIRED) as u32 / FIRED as u32;
                subject::spawn(async move {
                    sleep_until(deadline).await;
                    Instant::now() >= deadline
                })
            }));
            for handle in handles.drain(..) {
                assert!(handle.await.unwrap(), "a timer fired early");
            }
        }
        start.elapsed()
    })
}

/// Awaits a future with a timeout around it, which it meets at its second poll.
pub fn guard(runtime: &Runtime, iterations: u64) -> Duration {
    const LIMIT: Duration = Duration::from_secs(60);
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations * GUARDED {
            let mut polled = false;
            let second_poll = poll_fn(|cx| match std::mem::replace(&mut polled, true) {
                true => Poll::Ready(2),
                false => {
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            });
            assert_eq!(timeout(LIMIT, second_poll).await.ok(), Some(2));
        }
        start.elapsed()
    })
}

/// Sleeps for no time.
pub fn sleep_for_no_time(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let start = Stopwatch::start();
        for _ in 0..iterations * OVER {
            sleep(Duration::ZERO).await;
        }
        start.elapsed()
    })
}

/// Sleeps until a deadline that has passed.
pub fn sleep_until_the_past(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let past = Instant::now();
        sleep(Duration::from_millis(2)).await;
        let start = Stopwatch::start();
        for _ in 0..iterations * OVER {
            sleep_until(past).await;
        }
        start.elapsed()
    })
}

/// Puts the deadline of one timer off, and polls it, as for a connection that is not to be idle
/// for too long.
pub fn reset(runtime: &Runtime, iterations: u64) -> Duration {
    inside(runtime, async move {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut timer = pin!(sleep_until(deadline));
        let start = Stopwatch::start();
        for i in 0..iterations * RESET {
            let later = deadline + Duration::from_millis(i * 7 % 60_000);
            timer.as_mut().reset(later);
            let armed = poll_fn(|cx| Poll::Ready(timer.as_mut().poll(cx).is_pending()));
            assert!(armed.await);
            assert_eq!(timer.deadline(), later);
        }
        start.elapsed()
    })
}
