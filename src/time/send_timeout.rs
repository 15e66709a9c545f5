//! Sending with a limit: what channels do with time.

use super::{Duration, timeout};
use crate::sync::mpsc::Sender;
use crate::sync::mpsc::error::SendTimeoutError;
use std::future::Future;

impl<T> Sender<T> {
    /// Sends a value, and waits for room at most as long as `limit`.
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError::Closed`] if the receiver was closed or dropped,
    /// [`SendTimeoutError::Timeout`] if there was no room in time. The value comes back.
    ///
    /// # Panics
    ///
    /// As [`sleep`](crate::time::sleep()).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the value is lost, and the place in the queue.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::sync::mpsc::{self, error::SendTimeoutError};
    /// use runtime::time::Duration;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (tx, _rx) = mpsc::channel(1);
    /// let limit = Duration::from_millis(1);
    /// assert_eq!(tx.send_timeout(1, limit).await, Ok(()));
    /// assert_eq!(tx.send_timeout(2, limit).await, Err(SendTimeoutError::Timeout(2)));
    /// # });
    /// ```
    #[track_caller]
    pub fn send_timeout(
        &self,
        value: T,
        limit: Duration,
    ) -> impl Future<Output = Result<(), SendTimeoutError<T>>> {
        let permit = timeout(limit, self.reserve());
        async move {
            match permit.await {
                Ok(Ok(permit)) => {
                    permit.send(value);
                    Ok(())
                }
                Ok(Err(_)) => Err(SendTimeoutError::Closed(value)),
                Err(_) => Err(SendTimeoutError::Timeout(value)),
            }
        }
    }
}
