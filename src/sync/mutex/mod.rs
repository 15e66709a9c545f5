//! [`Mutex`]: one task at a time, and the others wait without blocking their threads.
//!
//! The lock is a semaphore of one permit ([`permits`](super::permits)): locking and
//! unlocking uncontended are one compare-and-swap each, the line is first come, first
//! served, and a lock that was granted to a future which is dropped goes on to the next.
//!
//! # Safety argument for the unsafe code in this module
//! The value is in an `UnsafeCell`. It is reached through a guard, through `&mut Mutex`,
//! or by taking the mutex apart. A guard is made here, each time right after the one permit
//! was taken, for the value of the same mutex. The rest of the argument is that of
//! [`guard`](super::guard): there is one guard at a time.
//!
//! `Mutex<T>` is `Sync` for `T: Send`, as a guard moves exclusive access to another
//! thread. It is not asked to be `T: Sync`, for two threads never share the value. The
//! guards are `Sync` only if `T` is: a shared guard is a shared value. The model and the tests of exclusion are in `mutex/models.rs` and
//! `tests/sync_mutex.rs`; the auto traits are asserted in `tests/sync_auto_traits.rs`.
//!
//! Rejected: the value in a `parking_lot` mutex that the guard locks a second time. No
//! unsafe code then, but its guard is not `Send`, so no guard could be held across an
//! await in a task that moves.

#![allow(unsafe_code)]

mod guard;
#[cfg(all(test, loom))]
mod models;

pub use guard::{MappedMutexGuard, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};

use crate::base::wait::Kind;
use crate::sync::blocking;
use crate::sync::guard::{Held, Locked, Writing};
use crate::sync::permits::{HasPermits, Hold, Permits, Wait};
use std::cell::UnsafeCell;
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::Arc;

/// A lock that is waited for with `.await`, and whose guard may be held across `.await`s.
///
/// Where the guard is never held across an await, a mutex of the standard library is
/// cheaper. The line is strictly first come, first served. There is no poisoning: a task
/// that panics unlocks.
///
/// # Examples
/// ```
/// use runtime::sync::Mutex;
/// # futures::executor::block_on(async {
/// let count = Mutex::new(1);
/// {
///     let mut guard = count.lock().await;
///     *guard += 1;
/// }
/// assert_eq!(count.into_inner(), 2);
/// # });
/// ```
///
/// A value that must not leave its thread makes a mutex that must not be shared:
/// ```compile_fail
/// fn shared<T: Sync>(_: T) {}
/// shared(runtime::sync::Mutex::new(std::rc::Rc::new(1)));
/// ```
pub struct Mutex<T: ?Sized> {
    pub(super) core: Core,
    pub(super) value: UnsafeCell<T>,
}

/// What a hold on the mutex needs of it: its one permit.
#[derive(Debug)]
pub(super) struct Core(pub(super) Permits);

// SAFETY: all that `&Mutex<T>` offers is a guard, and there is one guard at a time (see the
// module), so the value is moved between threads but not shared: `T: Send` suffices.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

/// The lock was held, so that it was not to be had without waiting.
///
/// # Examples
/// ```
/// let mutex = runtime::sync::Mutex::new(5);
/// let guard = mutex.try_lock().unwrap();
/// let error = mutex.try_lock().unwrap_err();
/// assert_eq!(error.to_string(), "operation would block");
/// # drop(guard);
/// ```
#[derive(Debug)]
pub struct TryLockError(pub(super) ());

impl<T> Mutex<T> {
    /// An unlocked mutex.
    ///
    /// # Examples
    /// ```
    /// let mutex = runtime::sync::Mutex::new(5);
    /// assert_eq!(*mutex.try_lock().unwrap(), 5);
    /// ```
    pub fn new(value: T) -> Self {
        Mutex {
            core: Core(Permits::new(1)),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the mutex apart.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(runtime::sync::Mutex::new(5).into_inner(), 5);
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Locks, waiting in line while others hold the lock.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let mutex = runtime::sync::Mutex::new(5);
    /// *mutex.lock().await += 1;
    /// assert_eq!(*mutex.lock().await, 6);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = MutexGuard<'_, T>> {
        Hold::new(self, wait(Location::caller()), |mutex, outcome| {
            granted(outcome);
            // SAFETY: the permit was just taken.
            MutexGuard::new(unsafe { access(mutex) })
        })
    }

    /// Locks, with a guard that keeps the mutex alive.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::Mutex;
    /// use std::sync::Arc;
    /// # futures::executor::block_on(async {
    /// let mutex = Arc::new(Mutex::new(5));
    /// let mut guard = mutex.clone().lock_owned().await;
    /// *guard += 1;
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn lock_owned(self: Arc<Self>) -> impl Future<Output = OwnedMutexGuard<T>> {
        Hold::new(self, wait(Location::caller()), |mutex, outcome| {
            granted(outcome);
            // SAFETY: the permit was just taken.
            OwnedMutexGuard::new(unsafe { access(mutex) })
        })
    }

    /// Locks from code that is not async, blocking the thread meanwhile.
    ///
    /// # Examples
    /// ```
    /// let mutex = runtime::sync::Mutex::new(5);
    /// *mutex.blocking_lock() += 1;
    /// assert_eq!(mutex.into_inner(), 6);
    /// ```
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        blocking::block_on("Mutex::blocking_lock", self.lock())
    }

    /// Locks from code that is not async, with a guard that keeps the mutex alive.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// let mutex = Arc::new(runtime::sync::Mutex::new(5));
    /// *mutex.clone().blocking_lock_owned() += 1;
    /// assert_eq!(*mutex.blocking_lock(), 6);
    /// ```
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        blocking::block_on("Mutex::blocking_lock_owned", self.lock_owned())
    }

    /// Locks if that is possible now.
    ///
    /// # Errors
    /// [`TryLockError`] if the mutex is locked, or others wait for it.
    ///
    /// # Examples
    /// ```
    /// let mutex = runtime::sync::Mutex::new(5);
    /// let guard = mutex.try_lock().unwrap();
    /// assert!(mutex.try_lock().is_err());
    /// # drop(guard);
    /// ```
    #[inline]
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        self.try_take()?;
        // SAFETY: the permit was just taken.
        Ok(MutexGuard::new(unsafe { access(self) }))
    }

    /// Locks if that is possible now, with a guard that keeps the mutex alive.
    ///
    /// # Errors
    /// [`TryLockError`] if the mutex is locked, or others wait for it.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// let mutex = Arc::new(runtime::sync::Mutex::new(5));
    /// let guard = mutex.clone().try_lock_owned().unwrap();
    /// assert!(mutex.clone().try_lock_owned().is_err());
    /// # drop(guard);
    /// ```
    #[inline]
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        self.try_take()?;
        // SAFETY: the permit was just taken.
        Ok(OwnedMutexGuard::new(unsafe { access(self) }))
    }

    /// The value, without locking: nobody else can be there.
    ///
    /// # Examples
    /// ```
    /// let mut mutex = runtime::sync::Mutex::new(5);
    /// *mutex.get_mut() += 1;
    /// assert_eq!(mutex.into_inner(), 6);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    #[inline]
    fn try_take(&self) -> Result<(), TryLockError> {
        self.core.0.try_acquire(1).map_err(|_| TryLockError(()))
    }
}

/// A wait for the lock, asked for at this place.
#[inline]
fn wait(at: &'static Location<'static>) -> Wait {
    Wait::new(1, Kind::Mutex, at)
}

/// # Safety
/// The caller has taken the mutex's permit, and leaves it to what is returned.
#[inline]
unsafe fn access<T: ?Sized, L: Deref<Target = Mutex<T>>>(mutex: L) -> Writing<L, T> {
    // SAFETY: the address of a field is not null. The permit was taken, which is all there
    // are, and is left to the hold; the value is that of the mutex which is held.
    unsafe {
        let value = NonNull::new_unchecked(mutex.value.get());
        Writing::new(Held::new(mutex), value)
    }
}

impl HasPermits for Core {
    #[inline]
    fn permits(&self) -> &Permits {
        &self.0
    }
}

impl Locked for Core {
    #[inline]
    fn all(&self) -> usize {
        1
    }
}

impl<T: ?Sized> HasPermits for Mutex<T> {
    #[inline]
    fn permits(&self) -> &Permits {
        &self.core.0
    }
}

impl<T: ?Sized> Locked for Mutex<T> {
    #[inline]
    fn all(&self) -> usize {
        1
    }
}

/// A mutex's permits are never closed, so that the answer is always yes.
#[inline]
fn granted(outcome: Result<(), super::permits::Closed>) {
    // PANIC: nobody closes a mutex's permits; there is no function for it.
    outcome.expect("a mutex is never closed");
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => out.field("data", &&*guard),
            Err(_) => out.field("data", &format_args!("<locked>")),
        };
        out.finish()
    }
}

impl fmt::Display for TryLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("operation would block")
    }
}

impl std::error::Error for TryLockError {}
