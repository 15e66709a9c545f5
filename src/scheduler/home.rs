//! What a task belongs to: its scheduler, counted.
//!
//! Each task holds its scheduler, so that a waker which fires late finds one. Counting that on one
//! word would have every spawn and every end of a task write a line that all workers write. So a
//! worker has a [`Stock`] of references that it took in advance, [`LOT`] at a time: it spawns from
//! its stock, and puts there what tasks leave that are freed on its thread, whoever spawned them.
//! Only who is not a worker counts each reference for itself.
//!
//! This file contains unsafe code. Argument: a [`Counted`] and each unit of a stock is one of the
//! references that `refs` counts, and whoever takes that to 0 frees the allocation, with the
//! orderings of std's `Arc`. A pointer that is counted becomes a unit by being forgotten
//! ([`Stock::put`], which compares it first), and a unit becomes one by being counted down
//! ([`Stock::take`]).
//! Covered by the model below and by the AddressSanitizer run of the test suite.
#![allow(unsafe_code)]

use super::{Scheduler, worker};
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use std::mem;
use std::ptr::NonNull;
use std::sync::Arc;

/// How many references a worker takes or gives back at a time.
const LOT: usize = 256;

/// A counted pointer, of which a [`Stock`] can be kept.
pub(super) struct Counted<T>(NonNull<Shared<T>>);

struct Shared<T> {
    refs: AtomicUsize,
    value: T,
}

// SAFETY: as for std's `Arc`.
unsafe impl<T: Send + Sync> Send for Counted<T> {}
// SAFETY: as for std's `Arc`.
unsafe impl<T: Send + Sync> Sync for Counted<T> {}

impl<T> Counted<T> {
    fn new(value: T) -> Self {
        let refs = AtomicUsize::new(1);
        Counted(NonNull::from(Box::leak(Box::new(Shared { refs, value }))))
    }

    fn shared(&self) -> &Shared<T> {
        // SAFETY: our reference keeps it alive.
        unsafe { self.0.as_ref() }
    }

    fn count(&self, more: usize) {
        // ORDERING: whoever makes a reference has one, which orders it before the last drop.
        let before = self.shared().refs.fetch_add(more, Ordering::Relaxed);
        assert!(before <= isize::MAX as usize, "too many tasks");
    }

    /// # Safety
    /// `count` references are the caller's to give up, and this pointer is not used again if
    /// they are all.
    unsafe fn give_up(&self, count: usize) {
        // ORDERING: what was done with each reference happens before the end.
        if self.shared().refs.fetch_sub(count, Ordering::AcqRel) == count {
            // SAFETY: those were the last references, and it was made from a box.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
}

impl<T> Clone for Counted<T> {
    fn clone(&self) -> Self {
        self.count(1);
        Counted(self.0)
    }
}

impl<T> Drop for Counted<T> {
    fn drop(&mut self) {
        // SAFETY: our reference, once.
        unsafe { self.give_up(1) }
    }
}

/// References of one thread. See the [module](self).
pub(super) struct Stock<T> {
    one: mem::ManuallyDrop<Counted<T>>,
    /// How many there are, `one` included: so there is always one.
    count: usize,
}

impl<T> Stock<T> {
    fn new(one: Counted<T>) -> Self {
        Stock {
            one: mem::ManuallyDrop::new(one),
            count: 1,
        }
    }

    #[inline]
    fn take(&mut self) -> Counted<T> {
        if self.count == 1 {
            self.one.count(LOT);
            self.count += LOT;
        }
        self.count -= 1;
        Counted(self.one.0)
    }

    /// Gives it back if it belongs to something else.
    #[inline]
    fn put(&mut self, counted: Counted<T>) -> Result<(), Counted<T>> {
        if counted.0 != self.one.0 {
            return Err(counted);
        }
        mem::forget(counted);
        self.count += 1;
        if self.count > 2 * LOT {
            self.count -= LOT;
            // SAFETY: that many are ours, and more.
            unsafe { self.one.give_up(LOT) }
        }
        Ok(())
    }
}

impl<T> Drop for Stock<T> {
    fn drop(&mut self) {
        // SAFETY: they are all ours, and `one` is not used again.
        unsafe { self.one.give_up(self.count) }
    }
}

/// A counted reference to a scheduler. See the [module](self).
pub(crate) struct Home(mem::ManuallyDrop<Counted<Arc<Scheduler>>>);

impl Home {
    pub(super) fn new(scheduler: Arc<Scheduler>) -> Self {
        Home(mem::ManuallyDrop::new(Counted::new(scheduler)))
    }

    #[inline]
    pub(crate) fn scheduler(&self) -> &Arc<Scheduler> {
        &self.0.shared().value
    }

    /// For a worker of the scheduler.
    pub(super) fn stock(&self) -> HomeStock {
        HomeStock(Stock::new(Counted::clone(&self.0)))
    }
}

impl Clone for Home {
    fn clone(&self) -> Self {
        Home(self.0.clone())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // SAFETY: `self.0` is not used again.
        let counted = unsafe { mem::ManuallyDrop::take(&mut self.0) };
        let here = Arc::as_ptr(&counted.shared().value).cast();
        let mut left = Some(counted);
        worker::with_stock(here, |stock| {
            left = left.take().and_then(|counted| stock.0.put(counted).err());
        });
        drop(left);
    }
}

/// The homes of the tasks that a worker will spawn.
pub(super) struct HomeStock(Stock<Arc<Scheduler>>);

impl HomeStock {
    #[inline]
    pub(super) fn scheduler(&self) -> &Arc<Scheduler> {
        &self.0.one.shared().value
    }

    #[inline]
    pub(super) fn take(&mut self) -> Home {
        Home(mem::ManuallyDrop::new(self.0.take()))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_a_stock_lends_and_keeps_is_counted() {
        let value = Arc::new(());
        let one = Counted::new(value.clone());
        let mut stock = Stock::new(one.clone());
        let lent: Vec<_> = (0..5 * LOT).map(|_| stock.take()).collect();
        let foreign = stock.put(Counted::new(value.clone())).unwrap_err();
        drop(foreign);
        for lent in lent {
            assert!(stock.put(lent).is_ok());
            assert!(stock.count <= 2 * LOT);
        }
        assert_eq!(one.shared().refs.load(Ordering::Relaxed), 1 + stock.count);
        let last = stock.take();
        drop(one);
        drop(stock);
        assert_eq!(Arc::strong_count(&value), 2);
        drop(last);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::base::sync::{UnsafeCell, thread};

    struct Value(UnsafeCell<bool>);

    // SAFETY: the model checks who is at it.
    unsafe impl Sync for Value {}

    impl Drop for Value {
        fn drop(&mut self) {
            // SAFETY: only the last one is here, says this model.
            self.0.with_mut(|gone| unsafe { *gone = true });
        }
    }

    /// Broken on purpose by `Release` instead of `AcqRel` in `give_up`: then the drop of the value
    /// is not ordered behind the other thread's use.
    #[test]
    fn the_last_of_two_stocks_frees_after_the_other_has_used() {
        loom::model(|| {
            let one = Counted::new(Value(UnsafeCell::new(false)));
            let mut mine = Stock::new(one.clone());
            let lent = mine.take();
            let other = thread::Builder::new()
                .spawn(move || {
                    let mut theirs = Stock::new(one);
                    let value = &lent.shared().value;
                    // SAFETY: the other thread touches it in the drop only, says this model.
                    value.0.with_mut(|gone| assert!(!unsafe { *gone }));
                    assert!(theirs.put(lent).is_ok());
                })
                .expect("a model's thread");
            drop(mine);
            other.join().expect("no panic");
        });
    }
}
