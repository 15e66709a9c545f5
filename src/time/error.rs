//! What can go wrong with time.

use std::fmt;
use std::io;

/// A [`timeout`](super::timeout()) passed.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, timeout};
///
/// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
/// let limited = timeout(Duration::from_secs(5), std::future::pending::<()>());
/// let error = std::io::Error::from(limited.await.unwrap_err());
/// assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
/// # });
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Elapsed(());

impl Elapsed {
    pub(super) fn new() -> Self {
        Elapsed(())
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline has elapsed")
    }
}

impl std::error::Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(error: Elapsed) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, error)
    }
}
