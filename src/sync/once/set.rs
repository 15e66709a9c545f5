//! [`SetOnce`]: a value that is given once, and waited for.
//!
//! # Safety argument for the unsafe code in this file
//! [`Slot::fill`] may be called once. It is called by who has found `claimed` unset in the
//! same step that set it, which one caller does; a cell that is full from the start has it
//! set from the start.

#![allow(unsafe_code)]

use super::slot::Slot;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::base::wait::Kind;
use std::fmt;
use std::future::Future;
use std::panic::Location;

/// A cell that is given its value once, by whoever has it; the others may wait for that.
///
/// # Examples
/// ```
/// use runtime::sync::SetOnce;
/// # futures::executor::block_on(async {
/// let address = SetOnce::new();
/// let (seen, _) = futures::join!(address.wait(), async { address.set("localhost") });
/// assert_eq!(*seen, "localhost");
/// # });
/// ```
pub struct SetOnce<T> {
    /// Whether somebody has a value for the slot, or has filled it.
    pub(in crate::sync) claimed: AtomicBool,
    pub(in crate::sync) slot: Slot<T>,
}

/// There was a value already; this is the one that was to be set.
///
/// # Examples
/// ```
/// use runtime::sync::{SetOnce, SetOnceError};
/// let once = SetOnce::new_with(Some(1));
/// assert_eq!(once.set(2), Err(SetOnceError(2)));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct SetOnceError<T>(
    /// The value that was to be set.
    pub T,
);

impl<T> SetOnce<T> {
    /// An empty cell.
    ///
    /// # Examples
    /// ```
    /// let once = runtime::sync::SetOnce::<i32>::new();
    /// assert_eq!(once.get(), None);
    /// ```
    pub fn new() -> Self {
        SetOnce::new_with(None)
    }

    /// A cell with this value, or an empty one.
    ///
    /// # Examples
    /// ```
    /// let once = runtime::sync::SetOnce::new_with(Some(5));
    /// assert_eq!(once.get(), Some(&5));
    /// ```
    pub fn new_with(value: Option<T>) -> Self {
        SetOnce {
            claimed: AtomicBool::new(value.is_some()),
            slot: Slot::new(0, value),
        }
    }

    /// Whether the value is there.
    ///
    /// # Examples
    /// ```
    /// let once = runtime::sync::SetOnce::new();
    /// assert!(!once.initialized());
    /// once.set(5).unwrap();
    /// assert!(once.initialized());
    /// ```
    #[inline]
    pub fn initialized(&self) -> bool {
        self.slot.is_full()
    }

    /// The value, if it is there.
    ///
    /// # Examples
    /// ```
    /// let once = runtime::sync::SetOnce::new();
    /// assert_eq!(once.get(), None);
    /// once.set(5).unwrap();
    /// assert_eq!(once.get(), Some(&5));
    /// ```
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.slot.get()
    }

    /// Gives the cell its value, and tells whoever waits for it.
    ///
    /// # Errors
    /// [`SetOnceError`], with the value, if somebody was first.
    ///
    /// # Examples
    /// ```
    /// let once = runtime::sync::SetOnce::new();
    /// assert!(once.set(5).is_ok());
    /// assert_eq!(once.set(6).unwrap_err().0, 6);
    /// assert_eq!(once.get(), Some(&5));
    /// ```
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        // ORDERING: it decides who is first and nothing else; the slot orders the value.
        if self.claimed.swap(true, Ordering::Relaxed) {
            return Err(SetOnceError(value));
        }
        // SAFETY: one caller finds the flag unset, ever, and a cell that is made with a
        // value is made with the flag set.
        unsafe { self.slot.fill(value) };
        Ok(())
    }

    /// Waits for the value.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let once = runtime::sync::SetOnce::new();
    /// once.set(5).unwrap();
    /// assert_eq!(once.wait().await, &5);
    /// # });
    /// ```
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = &T> {
        let at = Location::caller();
        async move {
            if let Some(value) = self.slot.there().await {
                return value;
            }
            // There are no permits: the answer comes when they are closed.
            let _ = self.slot.permits().acquire(1, Kind::Notify, at).await;
            // PANIC: the permits are closed when the value is in place.
            self.slot.get().expect("a closed slot is full")
        }
    }

    /// Takes the cell apart.
    ///
    /// # Examples
    /// ```
    /// let once = runtime::sync::SetOnce::new_with(Some(5));
    /// assert_eq!(once.into_inner(), Some(5));
    /// ```
    pub fn into_inner(self) -> Option<T> {
        self.slot.into_inner()
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        SetOnce::new()
    }
}

impl<T> From<T> for SetOnce<T> {
    fn from(value: T) -> Self {
        SetOnce::new_with(Some(value))
    }
}

impl<T: Clone> Clone for SetOnce<T> {
    fn clone(&self) -> Self {
        SetOnce::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for SetOnce<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for SetOnce<T> {}

impl<T: fmt::Debug> fmt::Debug for SetOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetOnce")
            .field("value", &self.get())
            .finish()
    }
}

impl<T> fmt::Display for SetOnceError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cell has a value already")
    }
}

impl<T: fmt::Debug> std::error::Error for SetOnceError<T> {}
