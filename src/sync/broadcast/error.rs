//! What can go wrong with a broadcast channel.

use std::fmt;

/// There is no receiver; the value comes back.
///
/// # Examples
/// ```
/// let tx = runtime::sync::broadcast::Sender::new(1);
/// assert_eq!(tx.send(3).unwrap_err().0, 3);
/// ```
#[derive(Debug)]
pub struct SendError<T>(pub T);

/// Why there was no value to be received.
///
/// # Examples
/// ```
/// use runtime::sync::broadcast::error::RecvError;
/// assert_eq!(RecvError::Lagged(2).to_string(), "channel lagged by 2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecvError {
    /// All senders are gone, and all values were received.
    Closed,
    /// So many values were overwritten before this receiver came for them. The next call
    /// goes on with the oldest that is left.
    Lagged(u64),
}

/// Why there was no value at once.
///
/// # Examples
/// ```
/// use runtime::sync::broadcast::error::TryRecvError;
/// assert_eq!(TryRecvError::Empty.to_string(), "channel empty");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// There is none now, but one may come.
    Empty,
    /// All senders are gone, and all values were received.
    Closed,
    /// So many values were overwritten before this receiver came for them. The next call
    /// goes on with the oldest that is left.
    Lagged(u64),
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecvError::Closed => f.write_str("channel closed"),
            RecvError::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryRecvError::Empty => f.write_str("channel empty"),
            TryRecvError::Closed => f.write_str("channel closed"),
            TryRecvError::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl<T: fmt::Debug> std::error::Error for SendError<T> {}

impl std::error::Error for RecvError {}

impl std::error::Error for TryRecvError {}
