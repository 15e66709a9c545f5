//! What can go wrong with a channel. What concerns sending, and receiving at once, is the
//! same as in [`mpsc`](crate::sync::mpsc).

pub use crate::sync::mpsc::error::{SendError, TryRecvError, TrySendError};
use std::fmt;

/// The channel is closed and empty.
///
/// # Examples
/// ```
/// let (tx, rx) = runtime::sync::mpmc::channel::<i32>(1);
/// drop(tx);
/// assert_eq!(rx.blocking_recv().unwrap_err().to_string(), "channel closed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecvError(pub(super) ());

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl std::error::Error for RecvError {}
