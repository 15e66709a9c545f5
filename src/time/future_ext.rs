//! [`FutureExt`]: limits for any future.

use super::{Instant, Timeout, timeout_at};
use crate::sync::CancellationToken;
use crate::sync::futures::{WithCancellationTokenFuture, WithCancellationTokenFutureOwned};
use std::time::Duration;

/// Limits for any future, said after it: in time, or by a token.
///
/// # Examples
/// ```
/// use runtime::time::FutureExt;
/// use runtime::sync::CancellationToken;
/// # futures::executor::block_on(async {
/// let token = CancellationToken::new();
/// assert_eq!(async { 1 }.with_cancellation_token(&token).await, Some(1));
/// # });
/// ```
pub trait FutureExt: Future {
    /// Gives the future at most `timeout` to complete: see [`timeout()`](super::timeout()).
    ///
    /// # Errors
    /// [`Elapsed`](super::error::Elapsed), as the future's output, if the limit passes
    /// first.
    ///
    /// # Panics
    /// As [`timeout()`](super::timeout()).
    ///
    /// # Cancel safety
    /// Nothing is lost. The future is dropped too; what that loses, it says itself.
    ///
    /// # Examples
    /// ```
    /// use runtime::time::FutureExt;
    /// use std::time::Duration;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let never = std::future::pending::<()>();
    /// assert!(never.timeout(Duration::from_millis(1)).await.is_err());
    /// # });
    /// ```
    #[track_caller]
    fn timeout(self, timeout: Duration) -> Timeout<Self>
    where
        Self: Sized,
    {
        super::timeout(timeout, self)
    }

    /// Gives the future until `deadline` to complete: see [`timeout_at`].
    ///
    /// # Errors
    /// [`Elapsed`](super::error::Elapsed), as the future's output, if the deadline
    /// passes first.
    ///
    /// # Panics
    /// As [`timeout_at`].
    ///
    /// # Cancel safety
    /// Nothing is lost. The future is dropped too; what that loses, it says itself.
    ///
    /// # Examples
    /// ```
    /// use runtime::time::FutureExt;
    /// use runtime::time::Instant;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let never = std::future::pending::<()>();
    /// assert!(never.timeout_at(Instant::now()).await.is_err());
    /// # });
    /// ```
    #[track_caller]
    fn timeout_at(self, deadline: Instant) -> Timeout<Self>
    where
        Self: Sized,
    {
        timeout_at(deadline, self)
    }

    /// Runs the future until the token is cancelled, with `None` for an answer then: see
    /// [`CancellationToken::run_until_cancelled`].
    ///
    /// # Cancel safety
    /// Nothing is lost. The future is dropped too; what that loses, it says itself.
    ///
    /// # Examples
    /// ```
    /// use runtime::time::FutureExt;
    /// use runtime::sync::CancellationToken;
    /// # futures::executor::block_on(async {
    /// let token = CancellationToken::new();
    /// token.cancel();
    /// assert_eq!(async { 1 }.with_cancellation_token(&token).await, None);
    /// # });
    /// ```
    #[track_caller]
    fn with_cancellation_token(
        self,
        cancellation_token: &CancellationToken,
    ) -> WithCancellationTokenFuture<'_, Self>
    where
        Self: Sized,
    {
        WithCancellationTokenFuture::new(cancellation_token.cancelled(), self)
    }

    /// Runs the future until the token is cancelled, and owns the token meanwhile.
    ///
    /// # Cancel safety
    /// Nothing is lost. The future is dropped too; what that loses, it says itself.
    ///
    /// # Examples
    /// ```
    /// use runtime::time::FutureExt;
    /// use runtime::sync::CancellationToken;
    /// # futures::executor::block_on(async {
    /// let token = CancellationToken::new();
    /// let run = async { 1 }.with_cancellation_token_owned(token.clone());
    /// assert_eq!(run.await, Some(1));
    /// # });
    /// ```
    #[track_caller]
    fn with_cancellation_token_owned(
        self,
        cancellation_token: CancellationToken,
    ) -> WithCancellationTokenFutureOwned<Self>
    where
        Self: Sized,
    {
        WithCancellationTokenFutureOwned::new(cancellation_token.cancelled_owned(), self)
    }
}

impl<F: Future + ?Sized> FutureExt for F {}
