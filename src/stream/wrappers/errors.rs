//! What can go wrong in a wrapped channel.

use std::fmt;

/// The error of a [`BroadcastStream`](super::BroadcastStream).
///
/// # Examples
///
/// ```
/// use runtime::stream::{StreamExt, wrappers::BroadcastStream};
/// use runtime::stream::wrappers::errors::BroadcastStreamRecvError;
/// use runtime::sync::broadcast;
///
/// # futures::executor::block_on(async {
/// let (sender, receiver) = broadcast::channel(1);
/// let mut stream = BroadcastStream::new(receiver);
/// sender.send(1).unwrap();
/// sender.send(2).unwrap();
/// assert_eq!(stream.next().await, Some(Err(BroadcastStreamRecvError::Lagged(1))));
/// assert_eq!(stream.next().await, Some(Ok(2)));
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BroadcastStreamRecvError {
    /// So many values were overwritten before they were received.
    Lagged(u64),
}

impl fmt::Display for BroadcastStreamRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BroadcastStreamRecvError::Lagged(missed) = self;
        write!(f, "channel lagged by {missed}")
    }
}

impl std::error::Error for BroadcastStreamRecvError {}
