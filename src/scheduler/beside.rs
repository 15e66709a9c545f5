//! A thread that polls one future beside the workers, and sleeps in between.
//!
//! What it takes for that, a parker and a waker, a thread [keeps](Kept) for its next call on
//! the same runtime, which then allocates nothing. Wakers that are left of an earlier call wake
//! a later one for nothing, as wakers may. What is kept does not keep the runtime.
//!
//! The thread is under way for the driver, and who ends its sleep counts it for that first, so
//! that a paused clock does not move between the two. Who wakes it while it is awake leaves a token,
//! and writes nothing else; a future that wakes itself in its poll tells its thread so in a
//! [thread-local](Own). As long as no clock can have been paused and the thread has not slept
//! yet, it is in its own books only: a call with a future that is ready at once writes nothing that
//! other threads write.

use crate::base::budget;
use crate::base::parker::{Parker, Unparker};
use crate::driver::{BesideUnderWay, Driver};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

/// The sleeping side. While it is not asleep, the thread is under way for the driver.
pub(super) struct Beside {
    parker: Parker,
    bell: Arc<Bell>,
    waker: Waker,
}

/// The waking side.
pub(super) struct Bell {
    unparker: Unparker,
    driver: Weak<Driver>,
}

impl Beside {
    pub(super) fn new(driver: &Arc<Driver>) -> Self {
        let parker = Parker::new();
        let bell = Arc::new(Bell {
            unparker: parker.unparker(),
            driver: Arc::downgrade(driver),
        });
        Beside {
            parker,
            waker: Waker::from(bell.clone()),
            bell,
        }
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// For others than wakers, who are to wake it too.
    pub(super) fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// Sleeps until it is woken. The thread is counted as under way for `driver` before and after.
    pub(super) fn sleep(&self, driver: &Driver) {
        self.parker.park_counted(|| driver.end_one());
    }

    /// Whether it was made for this driver.
    fn is_for(&self, driver: &Arc<Driver>) -> bool {
        std::ptr::eq(self.bell.driver.as_ptr(), Arc::as_ptr(driver))
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

impl Bell {
    /// A thread that slept is under way from here on, and not from when it wakes up.
    #[inline]
    pub(super) fn ring(&self) {
        let own = OWN.get();
        if std::ptr::eq(own.bell, self) {
            return OWN.set(Own {
                is_rung: true,
                ..own
            });
        }
        self.ring_from_elsewhere();
    }

    fn ring_from_elsewhere(&self) {
        // A driver that is gone has no clock.
        let with_driver = |f: fn(&Driver)| self.driver.upgrade().as_deref().map_or((), f);
        let awake = || with_driver(Driver::begin_one);
        let asleep = || with_driver(Driver::end_one);
        self.unparker.unpark_counted(awake, asleep);
    }
}

std::thread_local! {
    // Not the switch's `local!`: this one has a destructor, and no model has a driver.
    static SPARE: Cell<Option<Box<Beside>>> = const { Cell::new(None) };
}

/// The call of [`block_on_beside`] that a thread is in, and whether its future has woken itself:
/// that one looks here before it sleeps.
#[derive(Clone, Copy)]
struct Own {
    bell: *const Bell,
    is_rung: bool,
}

std::thread_local! {
    static OWN: Cell<Own> = const { Cell::new(Own::of(std::ptr::null())) };
}

impl Own {
    const fn of(bell: *const Bell) -> Self {
        let is_rung = false;
        Own { bell, is_rung }
    }
}

/// What the thread's [`Own`] was before, and is again when this is dropped.
struct Before(Own);

impl Before {
    #[inline]
    fn begin(bell: &Bell) -> Self {
        Before(OWN.replace(Own::of(bell)))
    }
}

impl Drop for Before {
    #[inline]
    fn drop(&mut self) {
        OWN.set(self.0);
    }
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
        let beside = self.0.take();
        // Dropped here if the thread is about to end.
        let _ = SPARE.try_with(|spare| spare.set(beside));
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
    let _before = Before::begin(&beside.bell);
    loop {
        match budget::with_full(|| future.as_mut().poll(&mut cx)) {
            Poll::Ready(output) => return output,
            Poll::Pending if OWN.get().is_rung => OWN.set(Own::of(&*beside.bell)),
            Poll::Pending => {
                under_way.settle();
                beside.sleep(driver);
            }
        }
    }
}
