//! The switch's position for models: loom's doubles, and a deque behind a lock.

#![allow(unused_imports, dead_code)] // one vocabulary for both positions, used or not

use std::ops::{Deref, DerefMut};
use std::time::Duration;

pub(crate) use loom::cell::UnsafeCell;
pub(crate) use loom::sync::Arc;

/// Whether this is the position for models.
pub(crate) const IS_MODEL: bool = true;

/// A pause in a retry loop: lets the model run somebody else.
pub(crate) fn spin_hint() {
    loom::thread::yield_now();
}

/// In a model `limit` is over at once: all else comes before or after that.
pub(crate) fn spin_until(limit: Duration, _is_done: impl Fn() -> bool) -> Duration {
    limit
}

pub(crate) mod atomic {
    pub(crate) use loom::sync::atomic::{
        AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering,
    };
}

/// loom takes a SeqCst load for an acquiring one, which may read an old value where the
/// single order of SeqCst operations forbids it. A read-modify-write reads the newest.
pub(crate) fn load_in_order(atomic: &atomic::AtomicUsize) -> usize {
    atomic.fetch_add(0, atomic::Ordering::SeqCst)
}

pub(crate) mod heap {
    pub(crate) use loom::alloc::{alloc, dealloc};
}

pub(crate) mod thread {
    use std::time::Duration;

    pub(crate) use loom::thread::{
        Builder, JoinHandle, Thread, ThreadId, current, park, yield_now,
    };

    pub(crate) fn id() -> ThreadId {
        current().id()
    }

    /// Time does not pass in a model: a timed wait is a wait that may end at once.
    pub(crate) fn park_timeout(_: Duration) {
        yield_now();
    }
}

macro_rules! local {
    ($(#[$meta:meta])* $vis:vis static $name:ident: $ty:ty = $init:expr;) => {
        ::loom::thread_local! { $(#[$meta])* $vis static $name: $ty = $init; }
    };
}
pub(crate) use local;

/// loom's mutex under parking_lot's signature.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

pub(crate) struct MutexGuard<'a, T>(Option<loom::sync::MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Mutex(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(Some(self.0.lock().expect("a model panicked")))
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok().map(|guard| MutexGuard(Some(guard)))
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().expect("a model panicked")
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner().expect("a model panicked")
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0.as_ref().expect("held")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("held")
    }
}

/// loom's lock for readers and writers under parking_lot's signature.
#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(loom::sync::RwLock<T>);

pub(crate) type RwLockReadGuard<'a, T> = loom::sync::RwLockReadGuard<'a, T>;

impl<T> RwLock<T> {
    pub(crate) fn new(value: T) -> Self {
        RwLock(loom::sync::RwLock::new(value))
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().expect("a model panicked")
    }

    pub(crate) fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        self.0.try_read().ok()
    }

    pub(crate) fn write(&self) -> loom::sync::RwLockWriteGuard<'_, T> {
        self.0.write().expect("a model panicked")
    }
}

/// loom's condition variable under parking_lot's signature.
#[derive(Debug, Default)]
pub(crate) struct Condvar(loom::sync::Condvar);

pub(crate) struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    pub(crate) fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Condvar(loom::sync::Condvar::new())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let inner = guard.0.take().expect("held");
        guard.0 = Some(self.0.wait(inner).expect("a model panicked"));
    }

    pub(crate) fn wait_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        limit: Duration,
    ) -> WaitTimeoutResult {
        let inner = guard.0.take().expect("held");
        let (inner, result) = self.0.wait_timeout(inner, limit).expect("a model panicked");
        guard.0 = Some(inner);
        WaitTimeoutResult(result.timed_out())
    }
}

/// crossbeam-deque cannot be modelled (its epochs are not loom's); this double has
/// its interface and its promises, with one lock a queue.
pub(crate) mod deque {
    use super::{Arc, Mutex};
    use std::collections::VecDeque;

    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum Steal<T> {
        Empty,
        Success(T),
        Retry,
    }

    impl<T> Steal<T> {
        pub(crate) fn is_retry(&self) -> bool {
            matches!(self, Steal::Retry)
        }

        pub(crate) fn success(self) -> Option<T> {
            match self {
                Steal::Success(value) => Some(value),
                _ => None,
            }
        }

        fn from_option(value: Option<T>) -> Self {
            value.map_or(Steal::Empty, Steal::Success)
        }
    }

    type Queue<T> = Arc<Mutex<VecDeque<T>>>;

    pub(crate) struct Worker<T>(Queue<T>);
    pub(crate) struct Stealer<T>(Queue<T>);
    pub(crate) struct Injector<T>(Mutex<VecDeque<T>>);

    impl<T> Worker<T> {
        pub(crate) fn new_fifo() -> Self {
            Worker(Arc::new(Mutex::new(VecDeque::new())))
        }

        pub(crate) fn stealer(&self) -> Stealer<T> {
            Stealer(self.0.clone())
        }

        pub(crate) fn push(&self, value: T) {
            self.0.lock().push_back(value);
        }

        pub(crate) fn pop(&self) -> Option<T> {
            self.0.lock().pop_front()
        }

        pub(crate) fn is_empty(&self) -> bool {
            self.0.lock().is_empty()
        }

        pub(crate) fn len(&self) -> usize {
            self.0.lock().len()
        }
    }

    impl<T> Stealer<T> {
        pub(crate) fn is_empty(&self) -> bool {
            self.0.lock().is_empty()
        }

        pub(crate) fn len(&self) -> usize {
            self.0.lock().len()
        }

        pub(crate) fn steal(&self) -> Steal<T> {
            Steal::from_option(self.0.lock().pop_front())
        }

        pub(crate) fn steal_batch_and_pop(&self, dest: &Worker<T>) -> Steal<T> {
            let mut from = self.0.lock();
            let first = from.pop_front();
            let more = from.len() / 2;
            let rest: Vec<T> = from.drain(..more).collect();
            drop(from);
            dest.0.lock().extend(rest);
            Steal::from_option(first)
        }
    }

    impl<T> Clone for Stealer<T> {
        fn clone(&self) -> Self {
            Stealer(self.0.clone())
        }
    }

    impl<T> Injector<T> {
        pub(crate) fn new() -> Self {
            Injector(Mutex::new(VecDeque::new()))
        }

        pub(crate) fn push(&self, value: T) {
            self.0.lock().push_back(value);
        }

        pub(crate) fn is_empty(&self) -> bool {
            self.0.lock().is_empty()
        }

        pub(crate) fn len(&self) -> usize {
            self.0.lock().len()
        }

        pub(crate) fn steal(&self) -> Steal<T> {
            Steal::from_option(self.0.lock().pop_front())
        }

        pub(crate) fn steal_batch_and_pop(&self, dest: &Worker<T>) -> Steal<T> {
            let mut from = self.0.lock();
            let first = from.pop_front();
            let more = from.len() / 2;
            let rest: Vec<T> = from.drain(..more).collect();
            drop(from);
            dest.0.lock().extend(rest);
            Steal::from_option(first)
        }
    }
}
