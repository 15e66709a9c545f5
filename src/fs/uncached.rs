//! Systems without a read that does not wait: all reads go to the pool.

use crate::async_io::ReadBuf;
use std::fs::File;

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cached {
    /// So many bytes were put into the buffer.
    #[allow(dead_code, reason = "as on Linux")]
    Read(usize),
    /// It would have to wait.
    #[allow(dead_code, reason = "as on Linux")]
    Absent,
    /// This file cannot be read in this way.
    Unsupported,
}

/// Reads nothing.
pub(super) fn read(_: &File, _: &mut ReadBuf<'_>, _: usize, _: Option<u64>) -> Cached {
    Cached::Unsupported
}
