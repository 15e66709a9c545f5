//! Counted handles to what a channel shares: strong ones keep a side of it open, weak ones
//! do not.
//!
//! The memory is kept by an [`Arc`] in any case; what is counted here is who of a side is
//! left. The [`Side`] says where the counts are, and what to do when its last has gone.
//!
//! ORDERING: the counts are kept as a reference count's are: the last to go has seen what
//! all others did before they went.

use crate::base::sync::Arc;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use std::fmt;
use std::marker::PhantomData;

/// How many handles there are to one side.
#[derive(Debug)]
pub(super) struct Counts {
    strong: AtomicUsize,
    weak: AtomicUsize,
}

impl Counts {
    pub(super) fn new() -> Self {
        Counts {
            strong: AtomicUsize::new(0),
            weak: AtomicUsize::new(0),
        }
    }

    pub(super) fn strong(&self) -> usize {
        self.strong.load(Ordering::Acquire)
    }

    pub(super) fn weak(&self) -> usize {
        self.weak.load(Ordering::Acquire)
    }
}

/// One side of the channel `C`.
pub(super) trait Side<C> {
    fn counts(chan: &C) -> &Counts;

    /// The last strong handle is dropped.
    fn last_gone(chan: &C);
}

/// Keeps its side open.
pub(super) struct Strong<C, S: Side<C>> {
    pub(super) chan: Arc<C>,
    side: PhantomData<S>,
}

/// Does not keep its side open.
pub(super) struct Weak<C, S: Side<C>> {
    pub(super) chan: Arc<C>,
    side: PhantomData<S>,
}

impl<C, S: Side<C>> Strong<C, S> {
    /// Another handle, or the first.
    pub(super) fn new(chan: Arc<C>) -> Self {
        S::counts(&chan).strong.fetch_add(1, Ordering::Relaxed);
        Strong {
            chan,
            side: PhantomData,
        }
    }

    pub(super) fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.chan, &other.chan)
    }

    pub(super) fn downgrade(&self) -> Weak<C, S> {
        Weak::new(self.chan.clone())
    }
}

impl<C, S: Side<C>> Weak<C, S> {
    fn new(chan: Arc<C>) -> Self {
        S::counts(&chan).weak.fetch_add(1, Ordering::Relaxed);
        Weak {
            chan,
            side: PhantomData,
        }
    }

    /// A strong handle, if there is one left: a side that has gone does not come back.
    pub(super) fn upgrade(&self) -> Option<Strong<C, S>> {
        let count = &S::counts(&self.chan).strong;
        let mut strong = count.load(Ordering::Acquire);
        while strong != 0 {
            match count.compare_exchange_weak(
                strong,
                strong + 1,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => {
                    return Some(Strong {
                        chan: self.chan.clone(),
                        side: PhantomData,
                    });
                }
                Err(now) => strong = now,
            }
        }
        None
    }
}

impl<C, S: Side<C>> Clone for Strong<C, S> {
    fn clone(&self) -> Self {
        Strong::new(self.chan.clone())
    }
}

impl<C, S: Side<C>> Clone for Weak<C, S> {
    fn clone(&self) -> Self {
        Weak::new(self.chan.clone())
    }
}

impl<C, S: Side<C>> Drop for Strong<C, S> {
    fn drop(&mut self) {
        let before = S::counts(&self.chan).strong.fetch_sub(1, Ordering::AcqRel);
        if before == 1 {
            S::last_gone(&self.chan);
        }
    }
}

impl<C, S: Side<C>> Drop for Weak<C, S> {
    fn drop(&mut self) {
        S::counts(&self.chan).weak.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<C, S: Side<C>> fmt::Debug for Strong<C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Strong").finish_non_exhaustive()
    }
}

impl<C, S: Side<C>> fmt::Debug for Weak<C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weak").finish_non_exhaustive()
    }
}
