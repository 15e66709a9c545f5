//! A thread that polls one future beside the workers, and sleeps in between.
//!
//! What it takes for that, a parker and a waker, a thread [keeps](Kept) for its next call on
//! the same runtime, which then allocates nothing. Wakers that are left of an earlier call wake
//! a later one for nothing, as wakers may. What is kept does not keep the runtime.

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
    has_ended: Cell<bool>,
}

/// The waking side.
struct Bell {
    unparker: Unparker,
    driver: Weak<Driver>,
    /// It was woken, and so is under way, but does not know yet.
    rung: AtomicBool,
}

impl Beside {
    pub(super) fn new(driver: &Arc<Driver>) -> Self {
        let parker = Parker::new();
        let bell = Arc::new(Bell {
            unparker: parker.unparker(),
            driver: Arc::downgrade(driver),
            rung: AtomicBool::new(false),
        });
        Beside {
            parker,
            waker: Waker::from(bell.clone()),
            bell,
            has_ended: Cell::new(false),
        }
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Sleeps until it is woken. The thread is under way for `driver` before and after.
    ///
    /// Whoever rings counts the thread as under way; it takes that count over.
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

    /// A wake-up means something again.
    fn begin_again(&self) {
        // ORDERING: nothing is handed over with it. Who rings meanwhile finds the bell deaf, as
        // before, or counts the thread, which finds that out before it sleeps or ends.
        self.bell.rung.store(false, Ordering::Relaxed);
        self.has_ended.set(false);
    }

    /// The thread goes on in another way: from here on a wake-up means nothing.
    pub(super) fn end(&self) {
        if !self.has_ended.replace(true) {
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
    static SPARE: Cell<Option<Beside>> = const { Cell::new(None) };
}

/// A thread's own, which goes back when this is dropped. A nested call has one of its own.
struct Kept(Option<Beside>);

impl Kept {
    fn take(driver: &Arc<Driver>) -> Self {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        match spare.filter(|spare| spare.is_for(driver)) {
            Some(spare) => {
                spare.begin_again();
                Kept(Some(spare))
            }
            None => Kept(Some(Beside::new(driver))),
        }
    }
}

impl Drop for Kept {
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
    let _under_way = BesideUnderWay::begin(driver);
    let kept = Kept::take(driver);
    // PANIC: it is there until `kept` is dropped.
    let beside = kept.0.as_ref().expect("kept");
    let mut cx = Context::from_waker(beside.waker());
    let mut future = pin!(future);
    loop {
        match budget::with_full(|| future.as_mut().poll(&mut cx)) {
            Poll::Ready(output) => return output,
            Poll::Pending => beside.sleep(driver),
        }
    }
}
