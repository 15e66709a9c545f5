//! Waiting for a selector where there is no precise wait: mio rounds the limit up.

use std::io;
use std::time::Duration;

/// Nothing is waited for here; `poll` does all of it.
pub(super) fn before_poll(_: &mio::Poll, limit: Duration) -> io::Result<Option<Duration>> {
    Ok(Some(limit))
}
