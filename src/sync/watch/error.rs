//! What can go wrong with a watch channel.

use std::fmt;

/// There is no receiver; the value comes back.
///
/// # Examples
/// ```
/// let tx = runtime::sync::watch::Sender::new(1);
/// assert_eq!(tx.send(3).unwrap_err().0, 3);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// All senders are gone.
///
/// # Examples
/// ```
/// let (tx, rx) = runtime::sync::watch::channel(1);
/// drop(tx);
/// assert_eq!(rx.has_changed().unwrap_err().to_string(), "channel closed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecvError(pub(super) ());

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl<T> std::error::Error for SendError<T> {}

impl std::error::Error for RecvError {}
