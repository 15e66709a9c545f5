//! Wakers for tests that poll by hand.
//!
//! Unsafe code: one waker is made from a table of functions, as only such a waker can act
//! when it is cloned. Its data is a box that each waker owns, and gives up when it is woken
//! by value or dropped.
#![allow(unsafe_code)]
#![allow(dead_code)] // each test file uses some of them

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};

/// Polls with a waker that does nothing.
pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls with the given waker.
pub(crate) fn poll_with<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

/// Counts the wake-ups.
#[derive(Default)]
pub(crate) struct Count(AtomicUsize);

impl Count {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let count = Arc::new(Count::default());
        (count.clone(), Waker::from(count))
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Panics when it is woken.
pub(crate) struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("this waker panics");
    }
}

/// Does something each time that it is cloned, woken or dropped: what finds a lock that is
/// held meanwhile, for then the test hangs.
type Action = Arc<dyn Fn() + Send + Sync>;

pub(crate) fn meddling(action: impl Fn() + Send + Sync + 'static) -> Waker {
    let action: Action = Arc::new(action);
    let data = Box::into_raw(Box::new(action));
    // SAFETY: the table's functions keep to the contract: each waker owns one box.
    unsafe { Waker::from_raw(RawWaker::new(data.cast(), &MEDDLING)) }
}

static MEDDLING: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the data is a box that this waker owns.
    let action = unsafe { &*data.cast::<Action>() };
    action();
    let data = Box::into_raw(Box::new(action.clone()));
    RawWaker::new(data.cast(), &MEDDLING)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: waking by value gives the box up.
    unsafe { drop_waker(data) }
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the data is a box that this waker owns.
    unsafe { (*data.cast::<Action>())() }
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the data is a box that this waker owns, and gives up now.
    let action = unsafe { Box::from_raw(data.cast::<Action>().cast_mut()) };
    action();
}
