//! Guards: what proves that a lock is held, and leads to the value meanwhile. The guards of
//! [`Mutex`](super::Mutex) and [`RwLock`](super::RwLock) are made of these, so that the
//! unsafe code of them all is here, once.
//!
//! [`Held`] is the hold on a lock, and nothing else: so many of the lock's permits, which
//! it gives back when it is dropped. It borrows the lock or owns a counted pointer to it
//! (`L`), and is [`Shared`] (one permit) or [`Exclusive`] (all of them).
//!
//! [`Reading`] and [`Writing`] are a hold with a pointer to the value, or to a part of it.
//! They have no `Drop` of their own, so narrowing one to a part moves the hold over.
//!
//! # Safety argument for the unsafe code in this file
//! 1. A [`Held`] is made by `unsafe` functions, whose callers have just taken its permits;
//!    it is not `Clone`, and gives them back once. Nobody else reaches a lock's permits. So
//!    while there is an `Exclusive` one there is no other, and while there is a `Shared`
//!    one there is no `Exclusive` one.
//! 2. The pointer in a guard leads to the value of the lock that is held, or to what a
//!    function of the user made out of a reference to that value: shared for [`Reading`],
//!    exclusive for [`Writing`]. That function works for references of any lifetime, so
//!    that what it returns lives as long as the value or longer. The value is kept alive by
//!    the borrowed or counted pointer in the hold, and does not move in there.
//! 3. The pointer is dereferenced only for as long as the guard is borrowed, and the hold
//!    is in the guard. It is a raw pointer and no reference, since a reference would promise
//!    its access up to the end of a function that the guard was moved into, beyond the
//!    moment of unlocking.
//! 4. [`Reading`] is a shared reference and a hold, [`Writing`] an exclusive one and a hold:
//!    each may be sent and shared as these. What a public guard asks for on top (a write
//!    guard that can become a read guard needs `Sync` to be sent) it says by a marker.
//!
//! The permits' ordering makes what one holder wrote visible to the next. Models are beside
//! the two locks.

#![allow(unsafe_code)]

use super::permits::HasPermits;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;

/// A lock whose permits guards hold.
pub(super) trait Locked: HasPermits {
    /// How many permits are all of them.
    fn all(&self) -> usize;
}

/// How a lock is held.
pub(super) trait Mode {
    /// How many permits that takes.
    fn permits<L: Locked + ?Sized>(lock: &L) -> usize;
}

/// Together with others: one permit.
#[derive(Debug)]
pub(super) enum Shared {}

/// Alone: all permits.
#[derive(Debug)]
pub(super) enum Exclusive {}

impl Mode for Shared {
    #[inline]
    fn permits<L: Locked + ?Sized>(_: &L) -> usize {
        1
    }
}

impl Mode for Exclusive {
    #[inline]
    fn permits<L: Locked + ?Sized>(lock: &L) -> usize {
        lock.all()
    }
}

/// A hold on a lock. See the [module](self).
#[derive(Debug)]
pub(super) struct Held<L: Deref<Target: Locked>, M: Mode> {
    lock: L,
    mode: PhantomData<M>,
}

/// Shared access to a value while its lock is held.
pub(super) struct Reading<L: Deref<Target: Locked>, T: ?Sized> {
    part: NonNull<T>,
    held: Held<L, Shared>,
}

/// Exclusive access to a value while its lock is held.
pub(super) struct Writing<L: Deref<Target: Locked>, T: ?Sized> {
    part: NonNull<T>,
    held: Held<L, Exclusive>,
    /// Not to be taken for access to a subtype, as a `&mut T` is not.
    invariant: PhantomData<*mut T>,
}

// SAFETY: a shared reference, and a hold that may be sent if `L` may.
unsafe impl<L: Deref<Target: Locked> + Send, T: ?Sized + Sync> Send for Reading<L, T> {}
// SAFETY: as above; a shared guard gives shared access to both.
unsafe impl<L: Deref<Target: Locked> + Sync, T: ?Sized + Sync> Sync for Reading<L, T> {}
// SAFETY: an exclusive reference, and a hold that may be sent if `L` may.
unsafe impl<L: Deref<Target: Locked> + Send, T: ?Sized + Send> Send for Writing<L, T> {}
// SAFETY: a shared guard gives shared access to both.
unsafe impl<L: Deref<Target: Locked> + Sync, T: ?Sized + Sync> Sync for Writing<L, T> {}

impl<L: Deref<Target: Locked>, M: Mode> Held<L, M> {
    /// # Safety
    /// The caller has taken the permits that the mode tells, and leaves them to the hold.
    #[inline]
    pub(super) unsafe fn new(lock: L) -> Self {
        Held {
            lock,
            mode: PhantomData,
        }
    }

    /// The lock, still held.
    fn into_lock(self) -> L {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is neither used nor dropped afterwards: the pointer is moved out once.
        unsafe { std::ptr::read(&this.lock) }
    }

    /// The same hold by another pointer to the same permits.
    fn by<N: Deref<Target: Locked>>(self, other: impl FnOnce(L) -> N) -> Held<N, M> {
        let lock = other(self.into_lock());
        // SAFETY: the permits were taken for `self`, which did not give them back.
        unsafe { Held::new(lock) }
    }
}

impl<L: Deref<Target: Locked>> Held<L, Exclusive> {
    /// From now on together with others: all permits but one go back.
    fn downgrade(self) -> Held<L, Shared> {
        let lock = self.into_lock();
        // SAFETY: one of the permits that were taken for `self` stays, and is left to this.
        let held = unsafe { Held::<L, Shared>::new(lock) };
        held.lock.permits().release(held.lock.all() - 1);
        held
    }
}

impl<L: Deref<Target: Locked>, M: Mode> Drop for Held<L, M> {
    #[inline]
    fn drop(&mut self) {
        self.lock.permits().release(M::permits(&*self.lock));
    }
}

impl<L: Deref<Target: Locked>, T: ?Sized> Reading<L, T> {
    /// # Safety
    /// `part` leads to the value of the lock that is held.
    #[inline]
    pub(super) unsafe fn new(held: Held<L, Shared>, part: NonNull<T>) -> Self {
        Reading { part, held }
    }

    #[inline]
    pub(super) fn get(&self) -> &T {
        // SAFETY: points 2 and 3 of the argument above.
        unsafe { self.part.as_ref() }
    }

    pub(super) fn lock(&self) -> &L {
        &self.held.lock
    }

    pub(super) fn map<U: ?Sized>(self, f: impl FnOnce(&T) -> &U) -> Reading<L, U> {
        let part = NonNull::from(f(self.get()));
        let held = self.held;
        Reading { part, held }
    }

    pub(super) fn try_map<U: ?Sized>(
        self,
        f: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<Reading<L, U>, Self> {
        match f(self.get()).map(NonNull::from) {
            Some(part) => Ok(Reading {
                part,
                held: self.held,
            }),
            None => Err(self),
        }
    }
}

impl<L: Deref<Target: Locked>, T: ?Sized> Writing<L, T> {
    /// # Safety
    /// `part` leads to the value of the lock that is held.
    #[inline]
    pub(super) unsafe fn new(held: Held<L, Exclusive>, part: NonNull<T>) -> Self {
        Writing {
            part,
            held,
            invariant: PhantomData,
        }
    }

    #[inline]
    pub(super) fn get(&self) -> &T {
        // SAFETY: points 2 and 3 of the argument above; `&self` makes it shared access.
        unsafe { self.part.as_ref() }
    }

    #[inline]
    pub(super) fn get_mut(&mut self) -> &mut T {
        // SAFETY: points 2 and 3 of the argument above; `&mut self` is the only way in.
        unsafe { self.part.as_mut() }
    }

    pub(super) fn lock(&self) -> &L {
        &self.held.lock
    }

    /// The same access, held by another pointer to the same permits.
    pub(super) fn by<N: Deref<Target: Locked>>(self, other: impl FnOnce(L) -> N) -> Writing<N, T> {
        Writing {
            part: self.part,
            held: self.held.by(other),
            invariant: PhantomData,
        }
    }

    pub(super) fn map<U: ?Sized>(mut self, f: impl FnOnce(&mut T) -> &mut U) -> Writing<L, U> {
        let part = NonNull::from(f(self.get_mut()));
        Writing {
            part,
            held: self.held,
            invariant: PhantomData,
        }
    }

    pub(super) fn try_map<U: ?Sized>(
        mut self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<Writing<L, U>, Self> {
        match f(self.get_mut()).map(NonNull::from) {
            Some(part) => Ok(Writing {
                part,
                held: self.held,
                invariant: PhantomData,
            }),
            None => Err(self),
        }
    }

    /// From now on shared access to the same.
    pub(super) fn downgrade(self) -> Reading<L, T> {
        let part = self.part;
        Reading {
            part,
            held: self.held.downgrade(),
        }
    }

    /// From now on shared access to a part, if there is one. The part is looked for while the
    /// access is still exclusive, but with a shared reference.
    pub(super) fn try_downgrade_map<U: ?Sized>(
        self,
        f: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<Reading<L, U>, Self> {
        match f(self.get()).map(NonNull::from) {
            Some(part) => Ok(Reading {
                part,
                held: self.held.downgrade(),
            }),
            None => Err(self),
        }
    }

    pub(super) fn downgrade_map<U: ?Sized>(self, f: impl FnOnce(&T) -> &U) -> Reading<L, U> {
        let part = NonNull::from(f(self.get()));
        Reading {
            part,
            held: self.held.downgrade(),
        }
    }
}

/// `Deref`, `Debug` and `Display` of a public guard are those of what it leads to.
macro_rules! reads_through {
    ([$($generics:tt)*] $guard:ty => $target:ident) => {
        impl<$($generics)*> std::ops::Deref for $guard {
            type Target = $target;
            #[inline]
            fn deref(&self) -> &$target {
                self.access.get()
            }
        }

        impl<$($generics)*> std::fmt::Debug for $guard
        where
            $target: std::fmt::Debug,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&**self, f)
            }
        }

        impl<$($generics)*> std::fmt::Display for $guard
        where
            $target: std::fmt::Display,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&**self, f)
            }
        }
    };
}

/// And `DerefMut` as well.
macro_rules! writes_through {
    ([$($generics:tt)*] $guard:ty => $target:ident) => {
        $crate::sync::guard::reads_through!([$($generics)*] $guard => $target);

        impl<$($generics)*> std::ops::DerefMut for $guard {
            #[inline]
            fn deref_mut(&mut self) -> &mut $target {
                self.access.get_mut()
            }
        }
    };
}

pub(super) use {reads_through, writes_through};
