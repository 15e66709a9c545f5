//! A thread that polls one future beside the workers, and sleeps in between.
//!
//! What it takes for that, a parker and a waker, a thread [keeps](Kept) for its next call on
//! the same runtime, which then allocates nothing. Wakers that are left of an earlier call wake
//! a later one for nothing, as wakers may. What is kept does not keep the runtime.
//!
//! The thread is under way for the driver, and who wakes it while it sleeps counts it for that,
//! so that a paused clock does not move between the two. As long as no clock can have been paused
//! and the thread has not slept yet, both are left out: a call with a future that is ready at once
//! writes nothing that other threads write.

use crate::base::budget;
use crate::base::parker::{Parker, Unparker};
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::driver::{BesideUnderWay, Driver};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

/// The sleeping side. While it is not asleep, the thread is under way for the driver.
pub(super) struct Beside {
    pub(super) parker: Parker,
    bell: Arc<Bell>,
    waker: Waker,
    /// Whether a wake-up counts the thread as under way.
    counts: Cell<bool>,
}

/// The waking side.
struct Bell {
    unparker: Unparker,
    driver: Weak<Driver>,
    /// It was woken, and so is under way, but does not know yet; or wake-ups do not count.
    rung: AtomicBool,
}

impl Beside {
    pub(super) fn new(driver: &Arc<Driver>) -> Self {
        let parker = Parker::new();
        let bell = Arc::new(Bell {
            unparker: parker.unparker(),
            driver: Arc::downgrade(driver),
            rung: AtomicBool::new(true),
        });
        Beside {
            parker,
            waker: Waker::from(bell.clone()),
            bell,
            counts: Cell::new(false),
        }
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Sleeps until it is woken. The thread is counted as under way for `driver` before and after.
    ///
    /// Whoever rings counts the thread as under way; it takes that count over. From [`count`](Self::count) on.
    pub(super) fn sleep(&self, driver: &Driver) {
        driver.end_one();
        self.parker.park();
        if !self.bell.rung.swap(false, Ordering::SeqCst) {
            driver.begin_one();
        }
    }

    /// Whether it was made for this driver.
    fn is_for(&self, driver: &Arc<Driver>) -> bool {
        std::ptr::eq(self.bell.driver.as_ptr(), Arc::as_ptr(driver))
    }

    /// From here on a wake-up counts the thread as under way.
    pub(super) fn count(&self) {
        if !self.counts.replace(true) {
            // ORDERING: nothing is handed over with it. Who rings meanwhile finds that it does not
            // count, as before, or counts the thread, which finds that out before it sleeps or ends.
            self.bell.rung.store(false, Ordering::Relaxed);
        }
    }

    /// The thread goes on in another way: from here on a wake-up counts for nothing.
    pub(super) fn end(&self) {
        if self.counts.replace(false) {
            // It has been rung for good; what was rung before is gone with its driver, if that is.
            if self.bell.rung.swap(true, Ordering::SeqCst) {
                if let Some(driver) = self.bell.driver.upgrade() {
                    driver.end_one();
                }
            }
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.end();
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    /// The thread is under way from here on, and not from when it wakes up.
    fn wake_by_ref(self: &Arc<Self>) {
        let driver = self.driver.upgrade();
        if let Some(driver) = &driver {
            driver.begin_one();
            if self.rung.swap(true, Ordering::SeqCst) {
                driver.end_one();
            }
        }
        self.unparker.unpark();
    }
}

std::thread_local! {
    // Not the switch's `local!`: this one has a destructor, and no model has a driver.
    static SPARE: Cell<Option<Box<Beside>>> = const { Cell::new(None) };
}

/// A thread's own, which goes back when this is dropped. A nested call has one of its own.
struct Kept(Option<Box<Beside>>);

impl Kept {
    #[inline]
    fn take(driver: &Arc<Driver>) -> Self {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        match spare {
            Some(spare) if spare.is_for(driver) => Kept(Some(spare)),
            _ => Kept(Some(Box::new(Beside::new(driver)))),
        }
    }
}

impl Drop for Kept {
    #[inline]
    fn drop(&mut self) {
        let Some(beside) = self.0.take() else { return };
        beside.end();
        // Dropped here if the thread is about to end.
        let _ = SPARE.try_with(|spare| spare.set(Some(beside)));
    }
}

/// Runs `future` to its end on this thread, which is blocked meanwhile. Each poll has a budget,
/// as in [`base::block_on`](crate::base::block_on), from which it differs for those who look at a paused clock.
pub(crate) fn block_on_beside<F: Future>(driver: &Arc<Driver>, future: F) -> F::Output {
    let under_way = BesideUnderWay::begin(driver);
    let kept = Kept::take(driver);
    // PANIC: it is there until `kept` is dropped.
    let beside = kept.0.as_ref().expect("kept");
    let mut cx = Context::from_waker(beside.waker());
    let mut future = pin!(future);
    if !under_way.is_deferred() {
        beside.count();
    }
    loop {
        match budget::with_full(|| future.as_mut().poll(&mut cx)) {
            Poll::Ready(output) => return output,
            Poll::Pending if beside.counts.get() => beside.sleep(driver),
            Poll::Pending => {
                let paused_meanwhile = under_way.settle();
                beside.count();
                // If so, who woke it did not count it: it looks once more.
                if !paused_meanwhile {
                    beside.sleep(driver);
                }
            }
        }
    }
}
