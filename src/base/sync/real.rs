//! The switch's ordinary position: parking_lot, std, crossbeam-deque.

#![allow(unused_imports)] // one vocabulary for both positions, used or not

pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard};
pub(crate) use std::hint::spin_loop as spin_hint;
pub(crate) use std::sync::Arc;
use std::time::{Duration, Instant};

/// Whether this is the position for models.
pub(crate) const IS_MODEL: bool = false;

/// The atomic types and `Ordering`.
pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{
        AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering,
    };
}

/// A load that takes part in the single order of SeqCst operations.
#[inline(always)]
pub(crate) fn load_in_order(atomic: &atomic::AtomicUsize) -> usize {
    atomic.load(atomic::Ordering::SeqCst)
}

/// The allocator.
pub(crate) mod heap {
    pub(crate) use std::alloc::{alloc, dealloc};
}

/// Threads.
pub(crate) mod thread {
    use std::cell::Cell;
    pub(crate) use std::thread::{
        Builder, JoinHandle, Thread, ThreadId, current, park, park_timeout, yield_now,
    };

    std::thread_local! {
        static ID: Cell<Option<ThreadId>> = const { Cell::new(None) };
    }

    /// The id of the current thread, without counting a reference to it.
    #[inline]
    pub(crate) fn id() -> ThreadId {
        match ID.get() {
            Some(id) => id,
            None => first_id(),
        }
    }

    #[cold]
    fn first_id() -> ThreadId {
        let id = current().id();
        ID.set(Some(id));
        id
    }
}

/// Run queues and the injector.
pub(crate) mod deque {
    pub(crate) use crossbeam_deque::{Injector, Steal, Stealer, Worker};
}

/// Declares a thread-local whose initial value is a constant and which has no
/// destructor, so that an access is a plain load from the thread's block.
macro_rules! local {
    ($(#[$meta:meta])* $vis:vis static $name:ident: $ty:ty = $init:expr;) => {
        ::std::thread_local! { $(#[$meta])* $vis static $name: $ty = const { $init }; }
    };
}
pub(crate) use local;

/// A cell whose content is reached through raw pointers, so that a model can check
/// that nobody else is inside.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        UnsafeCell(std::cell::UnsafeCell::new(value))
    }

    /// Runs `f` with a pointer for exclusive access.
    #[inline(always)]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// Stays awake until `is_done`, or for as long as `limit`. Returns how long that took.
pub(crate) fn spin_until(limit: Duration, is_done: impl Fn() -> bool) -> Duration {
    let begin = Instant::now();
    loop {
        // A look at the clock takes longer than all of these.
        let done = (0..16).any(|_| {
            spin_hint();
            is_done()
        });
        let spun = begin.elapsed();
        if done || spun >= limit {
            return spun;
        }
    }
}
