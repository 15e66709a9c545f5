//! Futures that wait for a token to be cancelled.

use super::CancellationToken;
use super::tree::Node;
use crate::base::budget;
use crate::base::wait::Kind;
use crate::sync::permits::Wait;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Waits for a token to be cancelled; made by [`CancellationToken::cancelled`].
///
/// # Examples
/// ```
/// # futures::executor::block_on(async {
/// let token = runtime::sync::CancellationToken::new();
/// let cancelled = token.cancelled();
/// token.cancel();
/// cancelled.await;
/// # });
/// ```
#[must_use = "a future does nothing unless it is awaited"]
pub struct WaitForCancellationFuture<'a> {
    token: &'a CancellationToken,
    wait: Wait,
}

/// Waits for a token to be cancelled, and owns it; made by
/// [`CancellationToken::cancelled_owned`].
///
/// # Examples
/// ```
/// # futures::executor::block_on(async {
/// let token = runtime::sync::CancellationToken::new();
/// let cancelled = token.clone().cancelled_owned();
/// token.cancel();
/// cancelled.await;
/// # });
/// ```
#[must_use = "a future does nothing unless it is awaited"]
pub struct WaitForCancellationFutureOwned {
    token: CancellationToken,
    wait: Wait,
}

impl<'a> WaitForCancellationFuture<'a> {
    pub(super) fn new(token: &'a CancellationToken, at: &'static Location<'static>) -> Self {
        WaitForCancellationFuture {
            token,
            wait: Wait::new(1, Kind::Notify, at),
        }
    }

    pub(super) fn token(&self) -> &CancellationToken {
        self.token
    }
}

impl WaitForCancellationFutureOwned {
    pub(super) fn new(token: CancellationToken, at: &'static Location<'static>) -> Self {
        WaitForCancellationFutureOwned {
            token,
            wait: Wait::new(1, Kind::Notify, at),
        }
    }

    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }
}

/// The signal has no permits: its answer comes when it is closed, after the flag was set.
fn poll(node: &Node, wait: &mut Wait, cx: &mut Context<'_>) -> Poll<()> {
    if node.is_cancelled() {
        ready!(budget::poll_proceed(cx)).made_progress();
        return Poll::Ready(());
    }
    wait.poll(node.signal(), cx).map(drop)
}

impl Future for WaitForCancellationFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        poll(&this.token.node, &mut this.wait, cx)
    }
}

impl Future for WaitForCancellationFutureOwned {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        poll(&this.token.node, &mut this.wait, cx)
    }
}

impl Drop for WaitForCancellationFuture<'_> {
    fn drop(&mut self) {
        self.wait.leave(self.token.node.signal());
    }
}

impl Drop for WaitForCancellationFutureOwned {
    fn drop(&mut self) {
        self.wait.leave(self.token.node.signal());
    }
}

impl fmt::Debug for WaitForCancellationFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFuture")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WaitForCancellationFutureOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFutureOwned")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
