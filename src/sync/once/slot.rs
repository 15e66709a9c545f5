//! A place for one value that stays once it is there.
//!
//! # Safety argument for the unsafe code in this file
//! While the slot's permits are open, the value is touched by [`fill`](Slot::fill) alone,
//! which is called once: that is what it asks of its callers. `fill` closes the permits
//! when the value is in place, and they never open again; readers look at the value only
//! after they have seen the permits closed. Closing releases and looking acquires, so that
//! they see all of the value. From then on there are shared references only, until
//! somebody has the slot by `&mut` or by value.
//!
//! `Slot<T>` is `Sync` for `T: Send + Sync`: the value is put there by one thread, and is
//! seen or dropped by others.

#![allow(unsafe_code)]

use crate::base::budget;
use crate::sync::permits::Permits;
use std::cell::UnsafeCell;
use std::future::poll_fn;
use std::task::Poll;

/// See the [module](self).
pub(in crate::sync) struct Slot<T> {
    permits: Permits,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: see the module.
unsafe impl<T: Send + Sync> Sync for Slot<T> {}

impl<T> Slot<T> {
    /// An empty slot whose permits are these, or a full one whose permits are closed.
    pub(in crate::sync) const fn from_parts(permits: Permits, value: Option<T>) -> Self {
        Slot {
            permits,
            value: UnsafeCell::new(value),
        }
    }

    /// An empty slot with so many permits, or a full one.
    pub(super) fn new(permits: usize, value: Option<T>) -> Self {
        let permits = match value {
            None => Permits::new(permits),
            Some(_) => Permits::closed(),
        };
        Slot::from_parts(permits, value)
    }

    /// The permits, which are closed when the value is there.
    pub(super) fn permits(&self) -> &Permits {
        &self.permits
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.permits.is_closed()
    }

    /// The value, if it is there.
    #[inline]
    pub(super) fn get(&self) -> Option<&T> {
        if !self.is_full() {
            return None;
        }
        // SAFETY: the permits are closed, so nobody writes any more.
        unsafe { (*self.value.get()).as_ref() }
    }

    /// The value if it is there, for a unit of the budget.
    #[inline]
    pub(super) fn there(&self) -> impl Future<Output = Option<&T>> {
        poll_fn(|cx| match self.get() {
            Some(value) => budget::spend(cx).map(|()| Some(value)),
            None => Poll::Ready(None),
        })
    }

    /// Puts the value in place, and tells whoever waits.
    ///
    /// # Safety
    /// Nobody fills the slot but the caller: not now, not before, not later.
    pub(super) unsafe fn fill(&self, value: T) {
        debug_assert!(!self.is_full());
        // SAFETY: the permits are open, so nobody reads, and nobody else writes.
        unsafe { *self.value.get() = Some(value) };
        self.permits.close();
    }

    pub(super) fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut().as_mut()
    }

    pub(super) fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }
}
