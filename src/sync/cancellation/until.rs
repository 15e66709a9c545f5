//! Futures that are given up when a token is cancelled.

use super::{CancellationToken, WaitForCancellationFuture, WaitForCancellationFutureOwned};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A future that is given up when a token is cancelled, with `None` for an answer; made by
    /// `FutureExt::with_cancellation_token`.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let token = runtime::sync::CancellationToken::new();
    /// token.cancel();
    /// assert_eq!(token.run_until_cancelled(async { 1 }).await, None);
    /// # });
    /// ```
    #[must_use = "a future does nothing unless it is awaited"]
    #[derive(Debug)]
    pub struct WithCancellationTokenFuture<'a, F> {
        #[pin]
        until: Until<WaitForCancellationFuture<'a>, F>,
    }
}

pin_project! {
    /// A future that is given up when a token is cancelled, with `None` for an answer, and
    /// that owns the token; made by `FutureExt::with_cancellation_token_owned`.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let token = runtime::sync::CancellationToken::new();
    /// assert_eq!(token.run_until_cancelled_owned(async { 1 }).await, Some(1));
    /// # });
    /// ```
    #[must_use = "a future does nothing unless it is awaited"]
    #[derive(Debug)]
    pub struct WithCancellationTokenFutureOwned<F> {
        #[pin]
        until: Until<WaitForCancellationFutureOwned, F>,
    }
}

pin_project! {
    #[derive(Debug)]
    struct Until<W, F> {
        // None once it is over: the future is dropped then, and not with the rest.
        #[pin]
        future: Option<F>,
        cancelled: W,
        begun: bool,
    }
}

/// A wait for a token.
trait Waits: Future<Output = ()> + Unpin {
    fn token(&self) -> &CancellationToken;
}

impl Waits for WaitForCancellationFuture<'_> {
    fn token(&self) -> &CancellationToken {
        self.token()
    }
}

impl Waits for WaitForCancellationFutureOwned {
    fn token(&self) -> &CancellationToken {
        self.token()
    }
}

impl<'a, F: Future> WithCancellationTokenFuture<'a, F> {
    /// Polls `future` until `cancelled` is ready.
    pub(crate) fn new(cancelled: WaitForCancellationFuture<'a>, future: F) -> Self {
        WithCancellationTokenFuture {
            until: Until::new(cancelled, future),
        }
    }
}

impl<F: Future> WithCancellationTokenFutureOwned<F> {
    /// Polls `future` until `cancelled` is ready.
    pub(crate) fn new(cancelled: WaitForCancellationFutureOwned, future: F) -> Self {
        WithCancellationTokenFutureOwned {
            until: Until::new(cancelled, future),
        }
    }
}

impl<W: Waits, F: Future> Until<W, F> {
    fn new(cancelled: W, future: F) -> Self {
        Until {
            future: Some(future),
            cancelled,
            begun: false,
        }
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("this future was polled after it was ready: do not poll it again");
        };
        let was_cancelled = !*this.begun && this.cancelled.token().is_cancelled();
        *this.begun = true;
        let outcome = match was_cancelled {
            true => Poll::Ready(None),
            false => future.poll(cx).map(Some),
        };
        if outcome.is_ready() {
            this.future.set(None);
            return outcome;
        }
        // The flag is looked at whatever the future has left of the budget.
        let is_cancelled = this.cancelled.token().is_cancelled();
        if is_cancelled || Pin::new(this.cancelled).poll(cx).is_ready() {
            this.future.set(None);
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

impl<F: Future> Future for WithCancellationTokenFuture<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<F: Future> Future for WithCancellationTokenFutureOwned<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}
