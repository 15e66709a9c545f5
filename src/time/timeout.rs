//! A limit on how long a future may take.

use super::{Instant, Sleep, error::Elapsed, sleep, sleep_until};
use crate::base::budget;
use pin_project_lite::pin_project;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Gives `future` at most `duration` to complete.
///
/// The future is polled first, so one that is ready wins over a limit that is over. If the
/// limit passes, the future is dropped with the `Timeout`. The limit holds although the future
/// may always be ready to go on: it is looked at after each poll, whatever budget is left.
///
/// # Errors
///
/// [`Elapsed`] if the limit passes first.
///
/// # Panics
///
/// As [`sleep()`].
///
/// # Cancel safety
///
/// Nothing is lost, if the future itself loses nothing when it is dropped.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, timeout};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// assert_eq!(timeout(Duration::from_secs(5), async { 1 }).await, Ok(1));
/// let never = std::future::pending::<()>();
/// assert!(timeout(Duration::from_millis(1), never).await.is_err());
/// # });
/// ```
#[track_caller]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    Timeout {
        value: future.into_future(),
        delay: sleep(duration),
    }
}

/// Gives `future` until `deadline` to complete. See [`timeout`].
///
/// # Errors
///
/// [`Elapsed`] if the deadline passes first.
///
/// # Panics
///
/// As [`sleep()`].
///
/// # Cancel safety
///
/// Nothing is lost, if the future itself loses nothing when it is dropped.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, Instant, timeout_at};
///
/// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
/// let deadline = Instant::now() + Duration::from_secs(5);
/// assert!(timeout_at(deadline, std::future::pending::<()>()).await.is_err());
/// assert_eq!(Instant::now(), deadline);
/// assert_eq!(timeout_at(deadline, async { "at once" }).await, Ok("at once"));
/// # });
/// ```
#[track_caller]
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    Timeout {
        value: future.into_future(),
        delay: sleep_until(deadline),
    }
}

pin_project! {
    /// The future of [`timeout`] and [`timeout_at`].
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Timeout, timeout};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let limited: Timeout<_> = timeout(Duration::from_secs(60), std::future::ready(1));
    /// assert_eq!(limited.get_ref().clone().await, 1);
    /// assert_eq!(limited.await, Ok(1));
    /// # });
    /// ```
    #[must_use = "futures do nothing unless they are awaited or polled"]
    #[derive(Debug)]
    pub struct Timeout<F> {
        #[pin]
        value: F,
        #[pin]
        delay: Sleep,
    }
}

impl<F> Timeout<F> {
    /// The future.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, timeout};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let limited = timeout(Duration::from_secs(5), std::future::ready(1));
    /// assert!(format!("{:?}", limited.get_ref()).contains("Ready"));
    /// # });
    /// ```
    pub fn get_ref(&self) -> &F {
        &self.value
    }

    /// The future.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, timeout};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let mut limited = timeout(Duration::from_secs(5), std::future::ready(1));
    /// *limited.get_mut() = std::future::ready(2);
    /// assert_eq!(limited.await, Ok(2));
    /// # });
    /// ```
    pub fn get_mut(&mut self) -> &mut F {
        &mut self.value
    }

    /// The future, without its limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, timeout};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let limited = timeout(Duration::from_secs(5), std::future::ready(1));
    /// assert_eq!(limited.into_inner().await, 1);
    /// # });
    /// ```
    pub fn into_inner(self) -> F {
        self.value
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let had_budget = budget::has_remaining();
        if let Poll::Ready(value) = this.value.poll(cx) {
            return Poll::Ready(Ok(value));
        }
        let spent_by_value = had_budget && !budget::has_remaining();
        let delay = if spent_by_value {
            budget::with_unlimited(|| this.delay.poll(cx))
        } else {
            this.delay.poll(cx)
        };
        delay.map(|()| Err(Elapsed::new()))
    }
}
