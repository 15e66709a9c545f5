//! A thread that polls one future beside the workers, and sleeps in between.

use crate::base::budget;
use crate::base::parker::{Parker, Unparker};
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::driver::{Driver, ThreadUnderWay};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// The sleeping side. While it is not asleep, the thread is under way for the driver.
pub(super) struct Beside {
    pub(super) parker: Parker,
    bell: Arc<Bell>,
    has_ended: Cell<bool>,
}

/// The waking side.
struct Bell {
    unparker: Unparker,
    driver: Arc<Driver>,
    /// It was woken, and so is under way, but does not know yet.
    rung: AtomicBool,
}

impl Beside {
    pub(super) fn new(driver: &Arc<Driver>) -> Self {
        let parker = Parker::new();
        let bell = Arc::new(Bell {
            unparker: parker.unparker(),
            driver: driver.clone(),
            rung: AtomicBool::new(false),
        });
        Beside {
            parker,
            bell,
            has_ended: Cell::new(false),
        }
    }

    pub(super) fn waker(&self) -> Waker {
        Waker::from(self.bell.clone())
    }

    /// Sleeps until it is woken. The thread is under way before and after.
    ///
    /// Whoever rings counts the thread as under way; it takes that count over.
    pub(super) fn sleep(&self) {
        self.bell.driver.end_one();
        self.parker.park();
        if !self.bell.rung.swap(false, Ordering::SeqCst) {
            self.bell.driver.begin_one();
        }
    }

    /// The thread goes on in another way: from here on a wake-up means nothing.
    pub(super) fn end(&self) {
        if !self.has_ended.replace(true) {
            // It has been rung for good.
            if self.bell.rung.swap(true, Ordering::SeqCst) {
                self.bell.driver.end_one();
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
        self.driver.begin_one();
        if self.rung.swap(true, Ordering::SeqCst) {
            self.driver.end_one();
        }
        self.unparker.unpark();
    }
}

/// Runs `future` to its end on this thread, which is blocked meanwhile. Each poll has a budget,
/// as in [`base::block_on`](crate::base::block_on), from which it differs for those who look at a paused clock.
pub(crate) fn block_on_beside<F: Future>(driver: &Arc<Driver>, future: F) -> F::Output {
    let _under_way = ThreadUnderWay::begin(driver);
    let beside = Beside::new(driver);
    let waker = beside.waker();
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match budget::with_full(|| future.as_mut().poll(&mut cx)) {
            Poll::Ready(output) => return output,
            Poll::Pending => beside.sleep(),
        }
    }
}
