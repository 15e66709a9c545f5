//! The guards of a [`Mutex`]: borrowed or owning the mutex, and of the whole value or of a
//! part of it. What they do is in [`guard`](crate::sync::guard).

use super::{Core, Mutex};
use crate::sync::guard::{Writing, writes_through};
use std::sync::Arc;

/// Access to the value of a [`Mutex`]; dropped, it unlocks.
///
/// It may be shared only if the value may be:
/// ```compile_fail
/// fn shared<T: Sync>(_: T) {}
/// let mutex = runtime::sync::Mutex::new(std::cell::Cell::new(1));
/// shared(mutex.try_lock().unwrap());
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MutexGuard<'a, T: ?Sized> {
    access: Writing<&'a Mutex<T>, T>,
}

/// Access to the value of a [`Mutex`] in an [`Arc`]; dropped, it unlocks.
///
/// It may be shared only if the value may be:
/// ```compile_fail
/// fn shared<T: Sync>(_: T) {}
/// let mutex = std::sync::Arc::new(runtime::sync::Mutex::new(std::cell::Cell::new(1)));
/// shared(mutex.try_lock_owned().unwrap());
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedMutexGuard<T: ?Sized> {
    access: Writing<Arc<Mutex<T>>, T>,
}

/// Access to a part of the value of a [`Mutex`]; dropped, it unlocks.
///
/// It may be sent only if that part may be:
/// ```compile_fail
/// fn sent<T: Send>(_: T) {}
/// let mutex = runtime::sync::Mutex::new(std::rc::Rc::new(1));
/// sent(runtime::sync::MutexGuard::map(mutex.try_lock().unwrap(), |rc| rc));
/// ```
/// and shared only if it may be:
/// ```compile_fail
/// fn shared<T: Sync>(_: T) {}
/// let mutex = runtime::sync::Mutex::new(std::cell::Cell::new(1));
/// shared(runtime::sync::MutexGuard::map(mutex.try_lock().unwrap(), |cell| cell));
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    access: Writing<&'a Core, T>,
}

/// Access to a part of the value of a [`Mutex`] in an [`Arc`]; dropped, it unlocks.
///
/// It may be sent only if that part may be:
/// ```compile_fail
/// use runtime::sync::{Mutex, OwnedMutexGuard};
/// fn sent<T: Send>(_: T) {}
/// let mutex = std::sync::Arc::new(Mutex::new(std::rc::Rc::new(1)));
/// sent(OwnedMutexGuard::map(mutex.try_lock_owned().unwrap(), |rc| rc));
/// ```
/// and shared only if it may be:
/// ```compile_fail
/// use runtime::sync::{Mutex, OwnedMutexGuard};
/// fn shared<T: Sync>(_: T) {}
/// let mutex = std::sync::Arc::new(Mutex::new(std::cell::Cell::new(1)));
/// shared(OwnedMutexGuard::map(mutex.try_lock_owned().unwrap(), |cell| cell));
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedMappedMutexGuard<T: ?Sized, U: ?Sized = T> {
    access: Writing<Arc<Mutex<T>>, U>,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    #[inline]
    pub(super) fn new(access: Writing<&'a Mutex<T>, T>) -> Self {
        MutexGuard { access }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{Mutex, MutexGuard};
    /// let mutex = Mutex::new((1, "one"));
    /// {
    ///     let mut first = MutexGuard::map(mutex.try_lock().unwrap(), |pair| &mut pair.0);
    ///     *first = 2;
    /// }
    /// assert_eq!(mutex.into_inner().0, 2);
    /// ```
    pub fn map<U: ?Sized, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let access = this.access.map(f).by(|mutex| &mutex.core);
        MappedMutexGuard { access }
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{Mutex, MutexGuard};
    /// let mutex = Mutex::new(vec![1]);
    /// let guard = mutex.try_lock().unwrap();
    /// let guard = MutexGuard::try_map(guard, |list| list.get_mut(7)).unwrap_err();
    /// assert_eq!(guard.len(), 1);
    /// ```
    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(MappedMutexGuard {
                access: access.by(|mutex| &mutex.core),
            }),
            Err(access) => Err(MutexGuard { access }),
        }
    }

    /// The mutex that is locked.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{Mutex, MutexGuard};
    /// let mutex = Mutex::new(1);
    /// let guard = mutex.try_lock().unwrap();
    /// assert!(std::ptr::eq(MutexGuard::mutex(&guard), &mutex));
    /// ```
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.access.lock()
    }
}

impl<T: ?Sized> OwnedMutexGuard<T> {
    pub(super) fn new(access: Writing<Arc<Mutex<T>>, T>) -> Self {
        OwnedMutexGuard { access }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{Mutex, OwnedMutexGuard};
    /// let mutex = std::sync::Arc::new(Mutex::new((1, "one")));
    /// let guard = mutex.clone().try_lock_owned().unwrap();
    /// *OwnedMutexGuard::map(guard, |pair| &mut pair.0) = 2;
    /// assert_eq!(mutex.try_lock().unwrap().0, 2);
    /// ```
    pub fn map<U: ?Sized, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let access = this.access.map(f);
        OwnedMappedMutexGuard { access }
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{Mutex, OwnedMutexGuard};
    /// let mutex = std::sync::Arc::new(Mutex::new(vec![1]));
    /// let guard = mutex.clone().try_lock_owned().unwrap();
    /// let guard = OwnedMutexGuard::try_map(guard, |list| list.get_mut(7)).unwrap_err();
    /// assert_eq!(guard.len(), 1);
    /// ```
    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(OwnedMappedMutexGuard { access }),
            Err(access) => Err(OwnedMutexGuard { access }),
        }
    }

    /// The mutex that is locked.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{Mutex, OwnedMutexGuard};
    /// use std::sync::Arc;
    /// let mutex = Arc::new(Mutex::new(1));
    /// let guard = mutex.clone().try_lock_owned().unwrap();
    /// assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex));
    /// ```
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        this.access.lock()
    }
}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    /// Narrows the guard further.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{MappedMutexGuard, Mutex, MutexGuard};
    /// let mutex = Mutex::new((vec![1], 2));
    /// let list = MutexGuard::map(mutex.try_lock().unwrap(), |pair| &mut pair.0);
    /// *MappedMutexGuard::map(list, |list| &mut list[0]) = 3;
    /// assert_eq!(mutex.into_inner().0, [3]);
    /// ```
    pub fn map<U: ?Sized, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let access = this.access.map(f);
        MappedMutexGuard { access }
    }

    /// Narrows the guard further, if there is such a part.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{MappedMutexGuard, Mutex, MutexGuard};
    /// let mutex = Mutex::new((vec![1], 2));
    /// let list = MutexGuard::map(mutex.try_lock().unwrap(), |pair| &mut pair.0);
    /// let list = MappedMutexGuard::try_map(list, |list| list.get_mut(1)).unwrap_err();
    /// assert_eq!(*list, [1]);
    /// ```
    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(MappedMutexGuard { access }),
            Err(access) => Err(MappedMutexGuard { access }),
        }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    /// Narrows the guard further.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
    /// let mutex = std::sync::Arc::new(Mutex::new((vec![1], 2)));
    /// let guard = mutex.clone().try_lock_owned().unwrap();
    /// let list = OwnedMutexGuard::map(guard, |pair| &mut pair.0);
    /// *OwnedMappedMutexGuard::map(list, |list| &mut list[0]) = 3;
    /// assert_eq!(mutex.try_lock().unwrap().0, [3]);
    /// ```
    pub fn map<V: ?Sized, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, V>
    where
        F: FnOnce(&mut U) -> &mut V,
    {
        let access = this.access.map(f);
        OwnedMappedMutexGuard { access }
    }

    /// Narrows the guard further, if there is such a part.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
    /// let mutex = std::sync::Arc::new(Mutex::new((vec![1], 2)));
    /// let guard = mutex.clone().try_lock_owned().unwrap();
    /// let list = OwnedMutexGuard::map(guard, |pair| &mut pair.0);
    /// let list = OwnedMappedMutexGuard::try_map(list, |list| list.get_mut(1)).unwrap_err();
    /// assert_eq!(*list, [1]);
    /// ```
    pub fn try_map<V: ?Sized, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, V>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        match this.access.try_map(f) {
            Ok(access) => Ok(OwnedMappedMutexGuard { access }),
            Err(access) => Err(OwnedMappedMutexGuard { access }),
        }
    }
}

writes_through!(['a, T: ?Sized] MutexGuard<'a, T> => T);
writes_through!([T: ?Sized] OwnedMutexGuard<T> => T);
writes_through!(['a, T: ?Sized] MappedMutexGuard<'a, T> => T);
writes_through!([T: ?Sized, U: ?Sized] OwnedMappedMutexGuard<T, U> => U);
