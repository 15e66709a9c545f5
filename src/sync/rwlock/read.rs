//! Reading, and the guards of readers.
//!
//! # Safety argument for the unsafe code in this file
//! A guard is made right after a permit was taken and nowhere else, as the
//! [module above](super) asks; the guard is what gives the permit back.

#![allow(unsafe_code)]

use super::{Core, RwLock, granted, reading, wait};
use crate::sync::blocking;
use crate::sync::guard::{Reading, reads_through};
use crate::sync::mutex::TryLockError;
use crate::sync::permits::Hold;
use std::panic::Location;
use std::sync::Arc;

/// Shared access to the value of an [`RwLock`], or to a part of it; dropped, it unlocks.
///
/// It may be sent only if the value may be shared:
/// ```compile_fail
/// fn sent<T: Send>(_: T) {}
/// let lock = runtime::sync::RwLock::new(std::cell::Cell::new(1));
/// sent(lock.try_read().unwrap());
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    access: Reading<&'a Core, T>,
}

/// Shared access to the value of an [`RwLock`] in an [`Arc`], or to a part of it; dropped, it
/// unlocks.
///
/// It may be sent only if the value may be shared:
/// ```compile_fail
/// fn sent<T: Send>(_: T) {}
/// let lock = std::sync::Arc::new(runtime::sync::RwLock::new(std::cell::Cell::new(1)));
/// sent(lock.try_read_owned().unwrap());
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedRwLockReadGuard<T: ?Sized, U: ?Sized = T> {
    access: Reading<Arc<RwLock<T>>, U>,
}

impl<T: ?Sized> RwLock<T> {
    /// Locks for reading, waiting in line while there is a writer, or one waits.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let lock = runtime::sync::RwLock::new(5);
    /// assert_eq!(*lock.read().await, 5);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T>> {
        Hold::new(self, wait(1, Location::caller()), |lock, outcome| {
            granted(outcome);
            // SAFETY: the permit was just taken.
            unsafe { RwLockReadGuard::new(lock) }
        })
    }

    /// Locks for reading, with a guard that keeps the lock alive.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let lock = std::sync::Arc::new(runtime::sync::RwLock::new(5));
    /// assert_eq!(*lock.clone().read_owned().await, 5);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn read_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockReadGuard<T>> {
        Hold::new(self, wait(1, Location::caller()), |lock, outcome| {
            granted(outcome);
            // SAFETY: the permit was just taken.
            unsafe { OwnedRwLockReadGuard::new(lock) }
        })
    }

    /// Locks for reading from code that is not async, blocking the thread meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: `.await` [`read`](Self::read) there.
    ///
    /// # Examples
    /// ```
    /// let lock = runtime::sync::RwLock::new(5);
    /// assert_eq!(*lock.blocking_read(), 5);
    /// ```
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        blocking::block_on("RwLock::blocking_read", self.read())
    }

    /// Locks for reading if that is possible now.
    ///
    /// # Errors
    /// [`TryLockError`] if there is a writer, or others wait.
    ///
    /// # Examples
    /// ```
    /// let lock = runtime::sync::RwLock::new(5);
    /// let guard = lock.try_read().unwrap();
    /// assert!(lock.try_read().is_ok() && lock.try_write().is_err());
    /// # drop(guard);
    /// ```
    #[inline]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        self.try_take(1)?;
        // SAFETY: the permit was just taken.
        Ok(unsafe { RwLockReadGuard::new(self) })
    }

    /// Locks for reading if that is possible now, with a guard that keeps the lock alive.
    ///
    /// # Errors
    /// [`TryLockError`] if there is a writer, or others wait.
    ///
    /// # Examples
    /// ```
    /// let lock = std::sync::Arc::new(runtime::sync::RwLock::new(5));
    /// let guard = lock.clone().try_read_owned().unwrap();
    /// assert!(lock.try_write().is_err());
    /// # drop(guard);
    /// ```
    #[inline]
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        self.try_take(1)?;
        // SAFETY: the permit was just taken.
        Ok(unsafe { OwnedRwLockReadGuard::new(self) })
    }
}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// # Safety
    /// The caller has taken a permit of the lock, and leaves it to the guard.
    #[inline]
    unsafe fn new(lock: &'a RwLock<T>) -> Self {
        // SAFETY: the caller's promise.
        let access = unsafe { reading(lock.value.get(), &lock.core) };
        RwLockReadGuard { access }
    }

    pub(super) fn from_access(access: Reading<&'a Core, T>) -> Self {
        RwLockReadGuard { access }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{RwLock, RwLockReadGuard};
    /// let lock = RwLock::new((1, "one"));
    /// let guard = lock.try_read().unwrap();
    /// let first = RwLockReadGuard::map(guard, |pair| &pair.0);
    /// assert_eq!(*first, 1);
    /// ```
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        RwLockReadGuard {
            access: this.access.map(f),
        }
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{RwLock, RwLockReadGuard};
    /// let lock = RwLock::new((1, "one"));
    /// let guard = lock.try_read().unwrap();
    /// let text = RwLockReadGuard::try_map(guard, |pair| pair.1.get(1..)).unwrap();
    /// assert_eq!(&*text, "ne");
    /// assert!(RwLockReadGuard::try_map(text, |text| text.get(9..)).is_err());
    /// ```
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(RwLockReadGuard { access }),
            Err(access) => Err(RwLockReadGuard { access }),
        }
    }
}

impl<T: ?Sized> OwnedRwLockReadGuard<T> {
    /// # Safety
    /// The caller has taken a permit of the lock, and leaves it to the guard.
    unsafe fn new(lock: Arc<RwLock<T>>) -> Self {
        // SAFETY: the caller's promise.
        let access = unsafe { reading(lock.value.get(), lock) };
        OwnedRwLockReadGuard { access }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockReadGuard<T, U> {
    pub(super) fn from_access(access: Reading<Arc<RwLock<T>>, U>) -> Self {
        OwnedRwLockReadGuard { access }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockReadGuard, RwLock};
    /// let lock = std::sync::Arc::new(RwLock::new((1, "one")));
    /// let guard = lock.clone().try_read_owned().unwrap();
    /// let first = OwnedRwLockReadGuard::map(guard, |pair| &pair.0);
    /// assert_eq!(*first, 1);
    /// ```
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        OwnedRwLockReadGuard {
            access: this.access.map(f),
        }
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockReadGuard, RwLock};
    /// let lock = std::sync::Arc::new(RwLock::new((1, "one")));
    /// let guard = lock.clone().try_read_owned().unwrap();
    /// let text = OwnedRwLockReadGuard::try_map(guard, |pair| pair.1.get(1..)).unwrap();
    /// assert_eq!(&*text, "ne");
    /// assert!(OwnedRwLockReadGuard::try_map(text, |text| text.get(9..)).is_err());
    /// ```
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(OwnedRwLockReadGuard { access }),
            Err(access) => Err(OwnedRwLockReadGuard { access }),
        }
    }

    /// The lock that is held.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockReadGuard, RwLock};
    /// use std::sync::Arc;
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = lock.clone().try_read_owned().unwrap();
    /// assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&guard), &lock));
    /// ```
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.access.lock()
    }
}

reads_through!(['a, T: ?Sized] RwLockReadGuard<'a, T> => T);
reads_through!([T: ?Sized, U: ?Sized] OwnedRwLockReadGuard<T, U> => U);
