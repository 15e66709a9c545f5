//! [`RwLock`]: many readers or one writer, and the others wait without blocking their
//! threads.
//!
//! The lock is a semaphore ([`permits`](super::permits)) with a permit for each reader that
//! there may be: a reader takes one, a writer takes all. Reading and writing uncontended are
//! one compare-and-swap each. The line is first come, first served, and whoever waits keeps
//! what comes in: a writer is not passed by readers that came later, nor the other way
//! round. What was granted to a future that is dropped goes on.
//!
//! # Safety argument for the unsafe code in this module
//! The value is in an `UnsafeCell`. It is reached through a guard, through `&mut RwLock`, or
//! by taking the lock apart. A guard is made here, each time right after its permits were
//! taken, for the value of the same lock. The rest of the argument is that of
//! [`guard`](super::guard): while there is a writer there is nobody else.
//!
//! `RwLock<T>` is `Sync` for `T: Send + Sync`: a writer moves exclusive access to another
//! thread, readers share the value. A write guard is sent only if `T` is `Sync` too, since
//! it can be made a read guard where it has come to. Models of exclusion, of a waiter that
//! leaves, and of a downgrade are in `rwlock/models.rs`, the tests in
//! `tests/sync_rwlock.rs`, the auto traits in `tests/sync_lock_auto_traits.rs`.

#![allow(unsafe_code)]

#[cfg(all(test, loom))]
mod models;
mod read;
mod write;

pub use read::{OwnedRwLockReadGuard, RwLockReadGuard};
pub use write::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLockMappedWriteGuard, RwLockWriteGuard,
};

use crate::base::wait::Kind;
use crate::sync::guard::{Held, Locked, Reading, Writing};
use crate::sync::mutex::TryLockError;
use crate::sync::permits::{Closed, HasPermits, Permits, Refusal, Wait};
use std::cell::UnsafeCell;
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::ptr::NonNull;

/// More readers than this are refused, so that the number fits wherever it is kept.
pub(super) const MAX_READERS: u32 = u32::MAX >> 3;

pub(super) const BAD_COUNT: &str =
    "an RwLock has from 1 to u32::MAX >> 3 readers: ask for such a number, or use `RwLock::new`";

/// A lock for many readers or one writer, waited for with `.await`; its guards may be held
/// across `.await`s.
///
/// The line is strictly first come, first served: a reader that comes after a waiting writer
/// waits behind it. So a task that holds a read guard and asks for another may wait for
/// itself, if a writer came in between. There is no poisoning: a task that panics unlocks.
///
/// # Examples
/// ```
/// use runtime::sync::RwLock;
/// # futures::executor::block_on(async {
/// let lock = RwLock::new(5);
/// {
///     let one = lock.read().await;
///     let two = lock.read().await;
///     assert_eq!(*one + *two, 10);
/// }
/// *lock.write().await += 1;
/// assert_eq!(lock.into_inner(), 6);
/// # });
/// ```
///
/// A value that must not be shared makes a lock that must not be shared:
/// ```compile_fail
/// fn shared<T: Sync>(_: T) {}
/// shared(runtime::sync::RwLock::new(std::cell::Cell::new(1)));
/// ```
pub struct RwLock<T: ?Sized> {
    pub(super) core: Core,
    pub(super) value: UnsafeCell<T>,
}

/// What a hold on the lock needs of it.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) permits: Permits,
    pub(super) max_readers: u32,
}

// SAFETY: `&RwLock<T>` offers guards: writers move the value between threads (`Send`),
// readers share it (`Sync`).
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

impl<T> RwLock<T> {
    /// An unlocked lock.
    ///
    /// # Examples
    /// ```
    /// let lock = runtime::sync::RwLock::new(5);
    /// assert_eq!(*lock.try_read().unwrap(), 5);
    /// ```
    pub fn new(value: T) -> Self {
        RwLock::with_max_readers(value, MAX_READERS)
    }

    /// An unlocked lock that lets at most `max_reads` readers in at once.
    ///
    /// # Panics
    /// If `max_reads` is 0, or more than `u32::MAX >> 3`.
    ///
    /// # Examples
    /// ```
    /// let lock = runtime::sync::RwLock::with_max_readers(5, 1);
    /// let guard = lock.try_read().unwrap();
    /// assert!(lock.try_read().is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub fn with_max_readers(value: T, max_reads: u32) -> Self {
        // A writer takes all permits, so with none of them there would be no exclusion.
        assert!(is_good_count(max_reads), "{BAD_COUNT}");
        RwLock {
            core: Core {
                permits: Permits::new(max_reads as usize),
                max_readers: max_reads,
            },
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the lock apart.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(runtime::sync::RwLock::new(5).into_inner(), 5);
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// The value, without locking: nobody else can be there.
    ///
    /// # Examples
    /// ```
    /// let mut lock = runtime::sync::RwLock::new(5);
    /// *lock.get_mut() += 1;
    /// assert_eq!(lock.into_inner(), 6);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    #[inline]
    fn try_take(&self, count: u32) -> Result<(), TryLockError> {
        let taken = self.core.permits.try_acquire(count as usize);
        taken.map_err(|_: Refusal| TryLockError(()))
    }
}

pub(super) const fn is_good_count(readers: u32) -> bool {
    0 < readers && readers <= MAX_READERS
}

/// A wait for so many permits, asked for at this place.
#[inline]
fn wait(count: u32, at: &'static Location<'static>) -> Wait {
    Wait::new(count as usize, Kind::Mutex, at)
}

/// A lock's permits are never closed, so that the answer is always yes.
#[inline]
fn granted(outcome: Result<(), Closed>) {
    // PANIC: nobody closes a lock's permits; there is no function for it.
    outcome.expect("a lock is never closed");
}

/// # Safety
/// `value` leads to the value of a lock, and `by` to that lock or its core. The caller has
/// taken one permit of it, and leaves it to what is returned.
#[inline]
unsafe fn reading<T: ?Sized, L: Deref<Target: Locked>>(value: *mut T, by: L) -> Reading<L, T> {
    // SAFETY: a pointer to a value is not null; the rest is the caller's promise.
    unsafe { Reading::new(Held::new(by), NonNull::new_unchecked(value)) }
}

/// # Safety
/// `value` leads to the value of a lock, and `by` to that lock or its core. The caller has
/// taken all permits of it, and leaves them to what is returned.
#[inline]
unsafe fn writing<T: ?Sized, L: Deref<Target: Locked>>(value: *mut T, by: L) -> Writing<L, T> {
    // SAFETY: a pointer to a value is not null; the rest is the caller's promise.
    unsafe { Writing::new(Held::new(by), NonNull::new_unchecked(value)) }
}

impl HasPermits for Core {
    #[inline]
    fn permits(&self) -> &Permits {
        &self.permits
    }
}

impl Locked for Core {
    #[inline]
    fn all(&self) -> usize {
        self.max_readers as usize
    }
}

impl<T: ?Sized> HasPermits for RwLock<T> {
    #[inline]
    fn permits(&self) -> &Permits {
        &self.core.permits
    }
}

impl<T: ?Sized> Locked for RwLock<T> {
    #[inline]
    fn all(&self) -> usize {
        self.core.all()
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => out.field("data", &&*guard),
            Err(_) => out.field("data", &format_args!("<locked>")),
        };
        out.finish()
    }
}
