//! Writing, and the guards of writers.
//!
//! # Safety argument for the unsafe code in this file
//! A guard is made right after all permits were taken and nowhere else, as the
//! [module above](super) asks; the guard is what gives the permits back.

#![allow(unsafe_code)]

use super::read::{OwnedRwLockReadGuard, RwLockReadGuard};
use super::{Core, RwLock, granted, wait, writing};
use crate::sync::blocking;
use crate::sync::guard::{Writing, writes_through};
use crate::sync::mutex::TryLockError;
use crate::sync::permits::Hold;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

/// Exclusive access to the value of an [`RwLock`]; dropped, it unlocks.
///
/// It may be sent only if the value may be shared too, for it can become a reader:
/// ```compile_fail
/// fn sent<T: Send>(_: T) {}
/// let lock = runtime::sync::RwLock::new(std::cell::Cell::new(1));
/// sent(lock.try_write().unwrap());
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    access: Writing<&'a Core, T>,
    /// `Send` and `Sync` only if the lock may be shared.
    marker: PhantomData<&'a RwLock<T>>,
}

/// Exclusive access to the value of an [`RwLock`] in an [`Arc`]; dropped, it unlocks.
///
/// It may be sent only if the value may be shared too:
/// ```compile_fail
/// fn sent<T: Send>(_: T) {}
/// let lock = std::sync::Arc::new(runtime::sync::RwLock::new(std::cell::Cell::new(1)));
/// sent(lock.try_write_owned().unwrap());
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedRwLockWriteGuard<T: ?Sized> {
    access: Writing<Arc<RwLock<T>>, T>,
}

/// Exclusive access to a part of the value of an [`RwLock`]; dropped, it unlocks. It cannot
/// become a reader.
///
/// It may be sent only if that part may be:
/// ```compile_fail
/// use runtime::sync::{RwLock, RwLockWriteGuard};
/// fn sent<T: Send>(_: T) {}
/// let lock = RwLock::new(std::rc::Rc::new(1));
/// sent(RwLockWriteGuard::map(lock.try_write().unwrap(), |rc| rc));
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized> {
    access: Writing<&'a Core, T>,
}

/// Exclusive access to a part of the value of an [`RwLock`] in an [`Arc`]; dropped, it
/// unlocks. It cannot become a reader.
///
/// It may be sent only if that part may be:
/// ```compile_fail
/// use runtime::sync::{OwnedRwLockWriteGuard, RwLock};
/// fn sent<T: Send>(_: T) {}
/// let lock = std::sync::Arc::new(RwLock::new(std::rc::Rc::new(1)));
/// sent(OwnedRwLockWriteGuard::map(lock.try_write_owned().unwrap(), |rc| rc));
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedRwLockMappedWriteGuard<T: ?Sized, U: ?Sized = T> {
    access: Writing<Arc<RwLock<T>>, U>,
}

impl<T: ?Sized> RwLock<T> {
    /// Locks for writing, waiting in line while there are readers or a writer.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let lock = runtime::sync::RwLock::new(5);
    /// *lock.write().await += 1;
    /// assert_eq!(lock.into_inner(), 6);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T>> {
        let wait = wait(self.core.max_readers, Location::caller());
        Hold::new(self, wait, |lock, outcome| {
            granted(outcome);
            // SAFETY: all permits were just taken.
            unsafe { RwLockWriteGuard::new(lock) }
        })
    }

    /// Locks for writing, with a guard that keeps the lock alive.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let lock = std::sync::Arc::new(runtime::sync::RwLock::new(5));
    /// *lock.clone().write_owned().await += 1;
    /// assert_eq!(*lock.read().await, 6);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn write_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockWriteGuard<T>> {
        let wait = wait(self.core.max_readers, Location::caller());
        Hold::new(self, wait, |lock, outcome| {
            granted(outcome);
            // SAFETY: all permits were just taken.
            unsafe { OwnedRwLockWriteGuard::new(lock) }
        })
    }

    /// Locks for writing from code that is not async, blocking the thread meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: `.await` [`write`](Self::write) there.
    ///
    /// # Examples
    /// ```
    /// let lock = runtime::sync::RwLock::new(5);
    /// *lock.blocking_write() += 1;
    /// assert_eq!(lock.into_inner(), 6);
    /// ```
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        blocking::block_on("RwLock::blocking_write", self.write())
    }

    /// Locks for writing if that is possible now.
    ///
    /// # Errors
    /// [`TryLockError`] if there are readers or a writer, or others wait.
    ///
    /// # Examples
    /// ```
    /// let lock = runtime::sync::RwLock::new(5);
    /// let guard = lock.try_write().unwrap();
    /// assert!(lock.try_read().is_err() && lock.try_write().is_err());
    /// # drop(guard);
    /// ```
    #[inline]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        self.try_take(self.core.max_readers)?;
        // SAFETY: all permits were just taken.
        Ok(unsafe { RwLockWriteGuard::new(self) })
    }

    /// Locks for writing if that is possible now, with a guard that keeps the lock alive.
    ///
    /// # Errors
    /// [`TryLockError`] if there are readers or a writer, or others wait.
    ///
    /// # Examples
    /// ```
    /// let lock = std::sync::Arc::new(runtime::sync::RwLock::new(5));
    /// let guard = lock.clone().try_write_owned().unwrap();
    /// assert!(lock.try_write().is_err());
    /// # drop(guard);
    /// ```
    #[inline]
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        self.try_take(self.core.max_readers)?;
        // SAFETY: all permits were just taken.
        Ok(unsafe { OwnedRwLockWriteGuard::new(self) })
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// # Safety
    /// The caller has taken all permits of the lock, and leaves them to the guard.
    #[inline]
    unsafe fn new(lock: &'a RwLock<T>) -> Self {
        RwLockWriteGuard {
            // SAFETY: the caller's promise.
            access: unsafe { writing(lock.value.get(), &lock.core) },
            marker: PhantomData,
        }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{RwLock, RwLockWriteGuard};
    /// let lock = RwLock::new((1, vec![2]));
    /// let guard = lock.try_write().unwrap();
    /// *RwLockWriteGuard::map(guard, |pair| &mut pair.0) = 3;
    /// assert_eq!(lock.into_inner().0, 3);
    /// ```
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        RwLockMappedWriteGuard {
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
    /// use runtime::sync::{RwLock, RwLockWriteGuard};
    /// let lock = RwLock::new((1, vec![2]));
    /// let guard = lock.try_write().unwrap();
    /// let guard = RwLockWriteGuard::try_map(guard, |pair| pair.1.get_mut(1)).unwrap_err();
    /// assert_eq!(guard.0, 1);
    /// ```
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(RwLockMappedWriteGuard { access }),
            Err(access) => Err(RwLockWriteGuard {
                access,
                marker: PhantomData,
            }),
        }
    }

    /// Makes it a guard of the same value whose part is the whole: for code that takes mapped
    /// guards.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{RwLockWriteGuard, RwLock};
    /// let lock = RwLock::new((1, "one"));
    /// let mut mapped = RwLockWriteGuard::into_mapped(lock.try_write().unwrap());
    /// mapped.0 = 2;
    /// drop(mapped);
    /// assert_eq!(lock.try_read().unwrap().0, 2);
    /// ```
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockMappedWriteGuard {
            access: this.access,
        }
    }

    /// Becomes a reader, without letting go in between: no writer comes first.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::RwLock;
    /// let lock = RwLock::new((1, "one"));
    /// let mut guard = lock.try_write().unwrap();
    /// guard.0 = 2;
    /// let guard = guard.downgrade();
    /// assert_eq!(lock.try_read().unwrap().0, guard.0);
    /// ```
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::from_access(self.access.downgrade())
    }

    /// Becomes a reader of a part of the value, without letting go in between.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{RwLockWriteGuard, RwLock};
    /// let lock = RwLock::new((1, "one"));
    /// let first = RwLockWriteGuard::downgrade_map(lock.try_write().unwrap(), |pair| &pair.0);
    /// assert_eq!(lock.try_read().unwrap().0, *first);
    /// ```
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        RwLockReadGuard::from_access(this.access.downgrade_map(f))
    }

    /// Becomes a reader of a part of the value, if there is one, without letting go in between.
    ///
    /// # Errors
    /// The guard itself, still a writer's, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{RwLockWriteGuard, RwLock};
    /// let lock = RwLock::new((1, "one"));
    /// let guard = RwLockWriteGuard::try_downgrade_map(lock.try_write().unwrap(), |pair| pair.1.get(9..));
    /// let writer = guard.unwrap_err();
    /// assert!(lock.try_read().is_err());
    /// # drop(writer);
    /// ```
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match this.access.try_downgrade_map(f) {
            Ok(access) => Ok(RwLockReadGuard::from_access(access)),
            Err(access) => Err(RwLockWriteGuard {
                access,
                marker: PhantomData,
            }),
        }
    }
}

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    /// # Safety
    /// The caller has taken all permits of the lock, and leaves them to the guard.
    unsafe fn new(lock: Arc<RwLock<T>>) -> Self {
        // SAFETY: the caller's promise.
        let access = unsafe { writing(lock.value.get(), lock) };
        OwnedRwLockWriteGuard { access }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockWriteGuard, RwLock};
    /// let lock = std::sync::Arc::new(RwLock::new((1, vec![2])));
    /// let guard = lock.clone().try_write_owned().unwrap();
    /// *OwnedRwLockWriteGuard::map(guard, |pair| &mut pair.0) = 3;
    /// assert_eq!(lock.try_read().unwrap().0, 3);
    /// ```
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        OwnedRwLockMappedWriteGuard {
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
    /// use runtime::sync::{OwnedRwLockWriteGuard, RwLock};
    /// let lock = std::sync::Arc::new(RwLock::new((1, vec![2])));
    /// let guard = lock.clone().try_write_owned().unwrap();
    /// let guard = OwnedRwLockWriteGuard::try_map(guard, |pair| pair.1.get_mut(1)).unwrap_err();
    /// assert_eq!(guard.0, 1);
    /// ```
    pub fn try_map<F, U: ?Sized>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(OwnedRwLockMappedWriteGuard { access }),
            Err(access) => Err(OwnedRwLockWriteGuard { access }),
        }
    }

    /// Makes it a guard of the same value whose part is the whole: for code that takes mapped
    /// guards.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockWriteGuard, RwLock};
    /// let lock = std::sync::Arc::new(RwLock::new((1, "one")));
    /// let mut mapped = OwnedRwLockWriteGuard::into_mapped(lock.clone().try_write_owned().unwrap());
    /// mapped.0 = 2;
    /// drop(mapped);
    /// assert_eq!(lock.try_read().unwrap().0, 2);
    /// ```
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        OwnedRwLockMappedWriteGuard {
            access: this.access,
        }
    }

    /// Becomes a reader, without letting go in between: no writer comes first.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::RwLock;
    /// let lock = std::sync::Arc::new(RwLock::new((1, "one")));
    /// let mut guard = lock.clone().try_write_owned().unwrap();
    /// guard.0 = 2;
    /// let guard = guard.downgrade();
    /// assert_eq!(lock.try_read().unwrap().0, guard.0);
    /// ```
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard::from_access(self.access.downgrade())
    }

    /// Becomes a reader of a part of the value, without letting go in between.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockWriteGuard, RwLock};
    /// let lock = std::sync::Arc::new(RwLock::new((1, "one")));
    /// let first = OwnedRwLockWriteGuard::downgrade_map(lock.clone().try_write_owned().unwrap(), |pair| &pair.0);
    /// assert_eq!(lock.try_read().unwrap().0, *first);
    /// ```
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        OwnedRwLockReadGuard::from_access(this.access.downgrade_map(f))
    }

    /// Becomes a reader of a part of the value, if there is one, without letting go in between.
    ///
    /// # Errors
    /// The guard itself, still a writer's, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockWriteGuard, RwLock};
    /// let lock = std::sync::Arc::new(RwLock::new((1, "one")));
    /// let guard = OwnedRwLockWriteGuard::try_downgrade_map(lock.clone().try_write_owned().unwrap(), |pair| pair.1.get(9..));
    /// let writer = guard.unwrap_err();
    /// assert!(lock.try_read().is_err());
    /// # drop(writer);
    /// ```
    pub fn try_downgrade_map<F, U: ?Sized>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match this.access.try_downgrade_map(f) {
            Ok(access) => Ok(OwnedRwLockReadGuard::from_access(access)),
            Err(access) => Err(OwnedRwLockWriteGuard { access }),
        }
    }

    /// The lock that is held.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockWriteGuard, RwLock};
    /// use std::sync::Arc;
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = lock.clone().try_write_owned().unwrap();
    /// assert!(Arc::ptr_eq(OwnedRwLockWriteGuard::rwlock(&guard), &lock));
    /// ```
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.access.lock()
    }
}

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    /// Narrows the guard further.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{RwLock, RwLockMappedWriteGuard, RwLockWriteGuard};
    /// let lock = RwLock::new((1, vec![2]));
    /// let list = RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.1);
    /// *RwLockMappedWriteGuard::map(list, |list| &mut list[0]) = 3;
    /// assert_eq!(lock.into_inner().1, [3]);
    /// ```
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        RwLockMappedWriteGuard {
            access: this.access.map(f),
        }
    }

    /// Narrows the guard further, if there is one.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{RwLock, RwLockMappedWriteGuard, RwLockWriteGuard};
    /// let lock = RwLock::new((1, vec![2]));
    /// let list = RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.1);
    /// let list = RwLockMappedWriteGuard::try_map(list, |list| list.get_mut(1)).unwrap_err();
    /// assert_eq!(*list, [2]);
    /// ```
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(RwLockMappedWriteGuard { access }),
            Err(access) => Err(RwLockMappedWriteGuard { access }),
        }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockMappedWriteGuard<T, U> {
    /// Narrows the guard further.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLock};
    /// let lock = std::sync::Arc::new(RwLock::new((1, vec![2])));
    /// let guard = lock.clone().try_write_owned().unwrap();
    /// let list = OwnedRwLockWriteGuard::map(guard, |pair| &mut pair.1);
    /// *OwnedRwLockMappedWriteGuard::map(list, |list| &mut list[0]) = 3;
    /// assert_eq!(lock.try_read().unwrap().1, [3]);
    /// ```
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, V>
    where
        F: FnOnce(&mut U) -> &mut V,
    {
        OwnedRwLockMappedWriteGuard {
            access: this.access.map(f),
        }
    }

    /// Narrows the guard further, if there is one.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLock};
    /// let lock = std::sync::Arc::new(RwLock::new((1, vec![2])));
    /// let guard = lock.clone().try_write_owned().unwrap();
    /// let list = OwnedRwLockWriteGuard::map(guard, |pair| &mut pair.1);
    /// let list = OwnedRwLockMappedWriteGuard::try_map(list, |list| list.get_mut(1)).unwrap_err();
    /// assert_eq!(*list, [2]);
    /// ```
    pub fn try_map<F, V: ?Sized>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, V>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(OwnedRwLockMappedWriteGuard { access }),
            Err(access) => Err(OwnedRwLockMappedWriteGuard { access }),
        }
    }

    /// The lock that is held.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLock};
    /// use std::sync::Arc;
    /// let lock = Arc::new(RwLock::new((1, 2)));
    /// let guard = lock.clone().try_write_owned().unwrap();
    /// let first = OwnedRwLockWriteGuard::map(guard, |pair| &mut pair.0);
    /// assert!(Arc::ptr_eq(OwnedRwLockMappedWriteGuard::rwlock(&first), &lock));
    /// ```
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.access.lock()
    }
}

writes_through!(['a, T: ?Sized] RwLockWriteGuard<'a, T> => T);
writes_through!([T: ?Sized] OwnedRwLockWriteGuard<T> => T);
writes_through!(['a, T: ?Sized] RwLockMappedWriteGuard<'a, T> => T);
writes_through!([T: ?Sized, U: ?Sized] OwnedRwLockMappedWriteGuard<T, U> => U);
