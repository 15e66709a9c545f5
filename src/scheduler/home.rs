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
//! orderings of std's `Arc`. A pointer that is counted becomes a unit by not being given up
//! ([`Counted::put_into`], which compares it first), and a unit becomes one by being counted down
//! ([`Counted::take_from`]). `Counted` has no drop of its own: [`Home`] has. A worker [swaps](Stocked::swap)
//! its stock with the thread's when it comes and when it goes, the last one first.
//! Covered by the model below and by the AddressSanitizer run of the test suite.
#![allow(unsafe_code)]

use super::Scheduler;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Arc;

/// How many references a worker takes or gives back at a time.
const LOT: usize = 256;

/// A counted pointer, of which a [`Stock`] can be kept.
struct Counted<T>(NonNull<Shared<T>>);

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
    #[inline]
    unsafe fn give_up(&self, count: usize) {
        if count == 0 {
            return;
        }
        // ORDERING: what was done with each reference happens before the end.
        if self.shared().refs.fetch_sub(count, Ordering::AcqRel) == count {
            // SAFETY: those were the last references, and it was made from a box.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
}

/// References of one thing that one thread has in advance. See the [module](self).
#[derive(Clone, Copy)]
struct Stock {
    /// The address of the [`Shared`].
    of: *const (),
    count: usize,
    /// The number of the worker whose it is.
    worker: usize,
}

impl<T> Counted<T> {
    fn address(&self) -> *const () {
        self.0.as_ptr().cast_const().cast()
    }

    /// Another one, from the stock if that is one of ours.
    #[inline]
    fn take_from(&self, stock: &mut Stock) -> Self {
        if stock.of != self.address() {
            self.count(1);
        } else if stock.count == 0 {
            self.count(LOT);
            stock.count = LOT - 1;
        } else {
            stock.count -= 1;
        }
        Counted(self.0)
    }

    /// Gives our reference to the stock if that is one of ours. Returns how many the caller then
    /// [gives up](Self::give_up): not here, as that may drop the last one, and run anything.
    #[inline]
    fn put_into(&self, stock: &mut Stock) -> usize {
        if stock.of != self.address() {
            1
        } else if stock.count < 2 * LOT {
            stock.count += 1;
            0
        } else {
            stock.count -= LOT;
            LOT + 1
        }
    }
}

/// A counted reference to a scheduler. See the [module](self).
pub(crate) struct Home(Counted<Arc<Scheduler>>);

impl Home {
    pub(super) fn new(scheduler: Arc<Scheduler>) -> Self {
        Home(Counted::new(scheduler))
    }

    #[inline]
    pub(crate) fn scheduler(&self) -> &Arc<Scheduler> {
        &self.0.shared().value
    }

    /// The worker of this scheduler whose core the current thread has, even if it stands aside:
    /// what only that worker writes is the current thread's.
    #[inline]
    pub(super) fn worker_here(&self) -> Option<usize> {
        HERE.with(|here| {
            let stock = here.get();
            (stock.of == self.0.address()).then_some(stock.worker)
        })
    }
}

std::thread_local! {
    // Not the switch's `local!`: no model runs a worker.
    static HERE: Cell<Stock> = const { Cell::new(Stock::none()) };
}

impl Stock {
    const fn none() -> Self {
        Stock {
            of: std::ptr::null(),
            count: 0,
            worker: 0,
        }
    }
}

fn with_stock<R>(f: impl FnOnce(&mut Stock) -> R) -> R {
    HERE.with(|here| {
        let mut stock = here.get();
        let result = f(&mut stock);
        here.set(stock);
        result
    })
}

impl Clone for Home {
    #[inline]
    fn clone(&self) -> Self {
        Home(with_stock(|stock| self.0.take_from(stock)))
    }
}

impl Drop for Home {
    #[inline]
    fn drop(&mut self) {
        let given = with_stock(|stock| self.0.put_into(stock));
        // SAFETY: see `put_into`.
        unsafe { self.0.give_up(given) }
    }
}

/// A worker's home, and its stock while it has no thread; while it has one, the stock is there,
/// and here is what the thread had before.
pub(super) struct Stocked {
    home: Home,
    stock: Stock,
}

// SAFETY: a stock is a number of references, which may be sent as each of them.
unsafe impl Send for Stocked {}

impl Stocked {
    pub(super) fn new(home: &Home, worker: usize) -> Self {
        Stocked {
            home: home.clone(),
            stock: Stock {
                of: home.0.address(),
                count: 0,
                worker,
            },
        }
    }

    pub(super) fn scheduler(&self) -> &Arc<Scheduler> {
        self.home.scheduler()
    }

    /// When the worker gets its thread, and when it leaves it.
    pub(super) fn swap(&mut self) {
        self.stock = HERE.with(|here| here.replace(self.stock));
    }
}

impl Drop for Stocked {
    fn drop(&mut self) {
        if self.stock.of == self.home.0.address() {
            // SAFETY: they are ours, and `home` is one more.
            unsafe { self.home.0.give_up(self.stock.count) }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_a_stock_lends_and_keeps_is_counted() {
        let value = Arc::new(());
        let one = Counted::new(value.clone());
        let of = one.address();
        let mut stock = Stock {
            of,
            ..Stock::none()
        };
        let lent: Vec<_> = (0..5 * LOT).map(|_| one.take_from(&mut stock)).collect();
        let foreign = Counted::new(value.clone());
        let another = foreign.take_from(&mut stock);
        for counted in [foreign, another] {
            put(counted, &mut stock);
        }
        assert_eq!(Arc::strong_count(&value), 2, "the foreign one is gone");
        for counted in lent {
            put(counted, &mut stock);
            assert!(stock.count <= 2 * LOT);
        }
        let refs = one.shared().refs.load(Ordering::Relaxed);
        assert_eq!(refs, 1 + stock.count);
        // SAFETY: what the stock has, and ours.
        unsafe { one.give_up(stock.count + 1) }
        assert_eq!(Arc::strong_count(&value), 1);
    }

    fn put(counted: Counted<Arc<()>>, stock: &mut Stock) {
        let given = counted.put_into(stock);
        // SAFETY: see `put_into`.
        unsafe { counted.give_up(given) }
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
            let of = one.address();
            let mut mine = Stock {
                of,
                ..Stock::none()
            };
            let lent = one.take_from(&mut mine);
            let theirs = one.take_from(&mut mine);
            let other = thread::Builder::new()
                .spawn(move || {
                    let of = lent.address();
                    let mut stock = Stock {
                        of,
                        ..Stock::none()
                    };
                    let value = &lent.shared().value;
                    // SAFETY: the other thread touches it in the drop only, says this model.
                    value.0.with_mut(|gone| assert!(!unsafe { *gone }));
                    assert_eq!(lent.put_into(&mut stock), 0);
                    // SAFETY: theirs, and the one in the stock.
                    unsafe { theirs.give_up(1 + stock.count) }
                })
                .expect("a model's thread");
            // SAFETY: ours, and those in the stock.
            unsafe { one.give_up(1 + mine.count) }
            other.join().expect("no panic");
        });
    }
}
