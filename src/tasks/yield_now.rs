//! Going to the end of the queue.

use crate::base::wait;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::task::Poll;

/// Lets the other tasks of this worker run, then goes on.
///
/// The task is queued behind those that are runnable now and behind a look at timers and
/// sockets, if the last one was more than 50 µs ago. A task that computes for long calls this
/// now and then.
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut sum = 0u64;
/// for i in 0..1_000_000 {
///     sum += i;
///     if i % 100_000 == 0 {
///         runtime::task::yield_now().await;
///     }
/// }
/// assert_eq!(sum, 499_999_500_000);
/// # });
/// ```
#[track_caller]
pub fn yield_now() -> impl Future<Output = ()> {
    let here = Location::caller();
    let mut yielded = false;
    poll_fn(move |cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        wait::at(here, || wait::note(wait::Kind::Yield, 0));
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}
