//! The guards of a [`Mutex`]: what proves that the lock is held.
//!
//! Four of them: borrowed or owning the mutex, and of the whole value or mapped to a
//! part of it. Each gives the permit back in its `Drop`, once. The argument for the unsafe
//! code is in the [module above](super); what is added here is about mapped guards: their pointer
//! came from a `&mut` into the value, which the held lock keeps exclusive. It is a raw
//! pointer and not a reference, since a reference would promise exclusive access up to
//! the end of a function that the guard was moved into, beyond the moment of unlocking.

#![allow(unsafe_code)]

use super::Mutex;
use crate::sync::permits::Permits;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
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
    mutex: &'a Mutex<T>,
    /// `Send` and `Sync` as the exclusive reference that this stands for.
    marker: PhantomData<&'a mut T>,
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
    mutex: Arc<Mutex<T>>,
    /// `Send` and `Sync` as the value.
    marker: PhantomData<T>,
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
    permits: &'a Permits,
    part: NonNull<T>,
    marker: PhantomData<&'a mut T>,
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
    mutex: Arc<Mutex<T>>,
    part: NonNull<U>,
    marker: PhantomData<(*const T, *mut U)>,
}

// SAFETY: the guard is an exclusive reference to the part, which may be sent if `T: Send`,
// and a shared reference to the permits, which are `Sync`.
unsafe impl<T: ?Sized + Send> Send for MappedMutexGuard<'_, T> {}
// SAFETY: a shared guard gives shared access to the part and nothing else.
unsafe impl<T: ?Sized + Sync> Sync for MappedMutexGuard<'_, T> {}
// SAFETY: the guard is an exclusive reference to the part, and an `Arc` of the mutex, which
// may be sent if `T: Send`.
unsafe impl<T: ?Sized + Send, U: ?Sized + Send> Send for OwnedMappedMutexGuard<T, U> {}
// SAFETY: a shared guard gives shared access to the part. The `Arc` is not handed out; it is
// asked to be fit for sharing all the same.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Sync> Sync for OwnedMappedMutexGuard<T, U> {}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// # Safety
    /// The caller has taken the mutex's permit, and leaves it to the guard.
    pub(super) unsafe fn new(mutex: &'a Mutex<T>) -> Self {
        MutexGuard {
            mutex,
            marker: PhantomData,
        }
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
    pub fn map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedMutexGuard<'a, U> {
        let part = NonNull::from(f(&mut *this));
        MappedMutexGuard::new(&ManuallyDrop::new(this).mutex.permits, part)
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
    pub fn try_map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'a, U>, Self> {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(MappedMutexGuard::new(
                &ManuallyDrop::new(this).mutex.permits,
                part,
            )),
            None => Err(this),
        }
    }

    /// The mutex that is locked.
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.mutex
    }
}

impl<T: ?Sized> OwnedMutexGuard<T> {
    /// # Safety
    /// The caller has taken the mutex's permit, and leaves it to the guard.
    pub(super) unsafe fn new(mutex: Arc<Mutex<T>>) -> Self {
        OwnedMutexGuard {
            mutex,
            marker: PhantomData,
        }
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
    pub fn map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> OwnedMappedMutexGuard<T, U> {
        let part = NonNull::from(f(&mut *this));
        OwnedMappedMutexGuard::new(this.into_mutex(), part)
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    pub fn try_map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<OwnedMappedMutexGuard<T, U>, Self> {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(OwnedMappedMutexGuard::new(this.into_mutex(), part)),
            None => Err(this),
        }
    }

    /// The mutex that is locked.
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.mutex
    }

    /// The mutex, still locked.
    fn into_mutex(self) -> Arc<Mutex<T>> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, nor dropped, so its `Arc` is moved out once.
        unsafe { std::ptr::read(&this.mutex) }
    }
}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    fn new(permits: &'a Permits, part: NonNull<T>) -> Self {
        MappedMutexGuard {
            permits,
            part,
            marker: PhantomData,
        }
    }

    /// Narrows the guard further.
    pub fn map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedMutexGuard<'a, U> {
        let part = NonNull::from(f(&mut *this));
        MappedMutexGuard::new(ManuallyDrop::new(this).permits, part)
    }

    /// Narrows the guard further, if there is such a part.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    pub fn try_map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'a, U>, Self> {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(MappedMutexGuard::new(ManuallyDrop::new(this).permits, part)),
            None => Err(this),
        }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    fn new(mutex: Arc<Mutex<T>>, part: NonNull<U>) -> Self {
        OwnedMappedMutexGuard {
            mutex,
            part,
            marker: PhantomData,
        }
    }

    /// Narrows the guard further.
    pub fn map<V: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut U) -> &mut V,
    ) -> OwnedMappedMutexGuard<T, V> {
        let part = NonNull::from(f(&mut *this));
        OwnedMappedMutexGuard::new(this.into_mutex(), part)
    }

    /// Narrows the guard further, if there is such a part.
    ///
    /// # Errors
    /// The guard itself, if `f` returns `None`.
    pub fn try_map<V: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<OwnedMappedMutexGuard<T, V>, Self> {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(OwnedMappedMutexGuard::new(this.into_mutex(), part)),
            None => Err(this),
        }
    }

    /// The mutex, still locked.
    fn into_mutex(self) -> Arc<Mutex<T>> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, nor dropped, so its `Arc` is moved out once.
        unsafe { std::ptr::read(&this.mutex) }
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held while the guard lives; `&self` makes it shared access.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held while the guard lives, and `&mut self` is the only way in.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized> Deref for OwnedMutexGuard<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held while the guard lives; `&self` makes it shared access.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized> DerefMut for OwnedMutexGuard<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held while the guard lives, and `&mut self` is the only way in.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized> Deref for MappedMutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the part lives in the locked value, which `'a` keeps alive.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for MappedMutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and `&mut self` is the only way in.
        unsafe { self.part.as_mut() }
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedMappedMutexGuard<T, U> {
    type Target = U;
    fn deref(&self) -> &U {
        // SAFETY: the part lives in the locked value, which the `Arc` keeps alive.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized, U: ?Sized> DerefMut for OwnedMappedMutexGuard<T, U> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as above, and `&mut self` is the only way in.
        unsafe { self.part.as_mut() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.mutex.permits.release(1);
    }
}

impl<T: ?Sized> Drop for OwnedMutexGuard<T> {
    fn drop(&mut self) {
        self.mutex.permits.release(1);
    }
}

impl<T: ?Sized> Drop for MappedMutexGuard<'_, T> {
    fn drop(&mut self) {
        self.permits.release(1);
    }
}

impl<T: ?Sized, U: ?Sized> Drop for OwnedMappedMutexGuard<T, U> {
    fn drop(&mut self) {
        self.mutex.permits.release(1);
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Debug> fmt::Debug for OwnedMappedMutexGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Display> fmt::Display for OwnedMappedMutexGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
