//! One waker in a cell: somebody waits, somebody else wakes.
//!
//! The protocol has two sides. The waiting side calls [`WakerCell::register`] and
//! *then* looks once more at the condition it waits for; the waking side makes the
//! condition true and *then* calls [`WakerCell::take`] and wakes what it got. Each
//! side enters the cell's lock between its two steps, so one of them sees what the
//! other did: either the waiter sees the condition, or the waker sees the waiter.
//!
//! The lock is held for a few moves; no waker is cloned, dropped or woken under it,
//! for all three run foreign code. An uncontended lock is two atomic operations,
//! which is what a lock-free cell of this kind needs as well.

use crate::base::sync::Mutex;
use std::task::Waker;

/// A place for one waker. See the [module](self).
#[derive(Debug)]
pub(crate) struct WakerCell {
    slot: Mutex<Option<Waker>>,
}

impl WakerCell {
    pub(crate) fn new() -> Self {
        WakerCell {
            slot: Mutex::new(None),
        }
    }

    /// Leaves `waker` in the cell, in place of the one that is there. The caller
    /// looks at its condition again afterwards.
    pub(crate) fn register(&self, waker: &Waker) {
        let mut slot = self.slot.lock();
        match &*slot {
            Some(old) if old.will_wake(waker) => return,
            _ => {}
        }
        drop(slot);
        let new = waker.clone();
        slot = self.slot.lock();
        let old = slot.replace(new);
        drop(slot);
        drop(old);
    }

    /// Takes the waker out, for the caller to wake.
    #[must_use = "the waker is to be woken"]
    pub(crate) fn take(&self) -> Option<Waker> {
        self.slot.lock().take()
    }

    /// Takes the waker out and wakes it.
    pub(crate) fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::base::sync::atomic::{AtomicBool, Ordering};
    use crate::base::sync::{Arc, thread};
    use loom::future::block_on;
    use std::future::poll_fn;
    use std::task::Poll;

    /// Broken on purpose by looking at `ready` only before `register`: the model
    /// then ends in a deadlock, which loom reports.
    #[test]
    fn a_wake_between_register_and_suspend_is_not_lost() {
        loom::model(|| {
            let shared = Arc::new((AtomicBool::new(false), WakerCell::new()));
            let theirs = shared.clone();
            let waker = thread::Builder::new()
                .spawn(move || {
                    theirs.0.store(true, Ordering::Relaxed);
                    theirs.1.wake();
                })
                .expect("a model's thread");
            block_on(poll_fn(|cx| {
                shared.1.register(cx.waker());
                if shared.0.load(Ordering::Relaxed) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            }));
            waker.join().expect("no panic");
        });
    }
}
