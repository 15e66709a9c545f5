//! Ids of runtimes and of sets of local tasks.

use crate::tasks;
use std::fmt;

/// An identifier of a runtime or of a [`LocalSet`](crate::task::LocalSet), unique within the
/// process.
///
/// # Examples
///
/// ```
/// use runtime::task::LocalSet;
///
/// let (one, two) = (LocalSet::new(), LocalSet::new());
/// assert_ne!(one.id(), two.id());
/// assert_eq!(one.id(), one.id());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(tasks::Id);

impl Id {
    /// Out of the same numbers as the ids of tasks.
    pub(super) fn next() -> Self {
        Id(tasks::Id::next())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
