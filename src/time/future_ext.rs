//! Time-outs as methods of futures.

use super::{Duration, Instant, Timeout, timeout, timeout_at};
use std::future::Future;

/// What every future can do with time.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, FutureExt};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let never = std::future::pending::<()>();
/// assert!(never.timeout(Duration::from_millis(1)).await.is_err());
/// # });
/// ```
pub trait FutureExt: Future {
    /// Gives the future at most `duration` to complete. See [`timeout`](super::timeout()).
    ///
    /// # Panics
    ///
    /// As [`sleep`](super::sleep()).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost, if the future itself loses nothing when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, FutureExt};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let answer = async { 42 }.timeout(Duration::from_secs(5));
    /// assert_eq!(answer.await, Ok(42));
    /// # });
    /// ```
    #[track_caller]
    fn timeout(self, duration: Duration) -> Timeout<Self>
    where
        Self: Sized,
    {
        timeout(duration, self)
    }

    /// Gives the future until `deadline` to complete. See [`timeout_at`].
    ///
    /// # Panics
    ///
    /// As [`sleep`](super::sleep()).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost, if the future itself loses nothing when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, FutureExt, Instant};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let deadline = Instant::now() + Duration::from_secs(5);
    /// assert_eq!(async { 42 }.timeout_at(deadline).await, Ok(42));
    /// # });
    /// ```
    #[track_caller]
    fn timeout_at(self, deadline: Instant) -> Timeout<Self>
    where
        Self: Sized,
    {
        timeout_at(deadline, self)
    }
}

impl<F: Future + ?Sized> FutureExt for F {}
