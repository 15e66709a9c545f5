//! A batch of wakers on their way out from under a lock.
//!
//! Waking a task, and dropping a waker, runs code that we do not own. So whoever
//! decides under a lock whom to wake moves the wakers into a [`WakeBatch`], releases
//! the lock, and calls [`WakeBatch::wake_all`]. A batch is a fixed array: nothing is
//! allocated, and a caller that has more wakers than [`CAPACITY`] releases its lock
//! between two batches.
//!
//! A waker that panics does not take the others' wake-ups with it: the rest is woken
//! while the panic unwinds.

use crate::base::panics::quietly;
use std::task::Waker;

/// How many wakers one batch holds.
pub(crate) const CAPACITY: usize = 32;

/// Wakers to be woken once the lock is released. See the [module](self).
#[derive(Debug)]
pub(crate) struct WakeBatch {
    wakers: [Option<Waker>; CAPACITY],
    len: usize,
}

impl WakeBatch {
    pub(crate) fn new() -> Self {
        WakeBatch {
            wakers: [const { None }; CAPACITY],
            len: 0,
        }
    }

    /// Whether there is room for `count` more.
    pub(crate) fn has_room(&self, count: usize) -> bool {
        self.len + count <= CAPACITY
    }

    /// Adds a waker.
    ///
    /// # Panics
    /// If the batch is full: ask [`has_room`](Self::has_room) first.
    pub(crate) fn push(&mut self, waker: Waker) {
        self.wakers[self.len] = Some(waker);
        self.len += 1;
    }

    /// Wakes everyone, in the order in which they were added, and leaves the batch
    /// empty. Call it with no lock held.
    pub(crate) fn wake_all(&mut self) {
        let mut rest = Rest {
            batch: self,
            next: 0,
        };
        rest.run();
    }
}

impl Drop for WakeBatch {
    /// A batch that is dropped still wakes: no wake-up is ever lost.
    fn drop(&mut self) {
        self.wake_all();
    }
}

/// Wakes everyone in `wakers`, in order, and leaves it empty, with its capacity: for lists
/// that are filled again and again.
pub(crate) fn wake_all(wakers: &mut Vec<Waker>) {
    for waker in wakers.drain(..) {
        quietly(|| waker.wake());
    }
}

/// Goes on with the remaining wakers when one of them panics.
struct Rest<'a> {
    batch: &'a mut WakeBatch,
    next: usize,
}

impl Rest<'_> {
    fn run(&mut self) {
        while self.next < self.batch.len {
            let waker = self.batch.wakers[self.next].take();
            self.next += 1;
            if let Some(waker) = waker {
                waker.wake();
            }
        }
        self.batch.len = 0;
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.run();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    struct Count(AtomicUsize, bool);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
            assert!(!self.1, "this waker panics");
        }
    }

    #[test]
    fn a_panicking_waker_does_not_take_the_others_along() {
        let good = Arc::new(Count(AtomicUsize::new(0), false));
        let bad = Arc::new(Count(AtomicUsize::new(0), true));
        let mut batch = WakeBatch::new();
        batch.push(Waker::from(good.clone()));
        batch.push(Waker::from(bad.clone()));
        batch.push(Waker::from(good.clone()));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| batch.wake_all()));
        assert!(outcome.is_err());
        assert_eq!(good.0.load(Ordering::Relaxed), 2);
        assert_eq!(bad.0.load(Ordering::Relaxed), 1);
        assert!(batch.has_room(CAPACITY));
        assert_eq!(Arc::strong_count(&good), 1);
    }

    #[test]
    fn a_dropped_batch_wakes() {
        let good = Arc::new(Count(AtomicUsize::new(0), false));
        let mut batch = WakeBatch::new();
        for _ in 0..CAPACITY {
            assert!(batch.has_room(1));
            batch.push(Waker::from(good.clone()));
        }
        assert!(!batch.has_room(1));
        drop(batch);
        assert_eq!(good.0.load(Ordering::Relaxed), CAPACITY);
    }
}
