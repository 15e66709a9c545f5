//! Keeps what different threads write on different cache lines.

use std::ops::Deref;

/// A value that shares its cache lines (and the neighbour that is prefetched with them)
/// with nothing else.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(pub(crate) T);

impl<T> Deref for Padded<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
