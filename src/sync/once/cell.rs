//! [`OnceCell`] and what it takes to make its value.
//!
//! # Safety argument for the unsafe code in this file
//! [`Slot::fill`] may be called once. It is called by who has taken the slot's only permit,
//! and has not given it back nor will: so there is no second one who could have it.

#![allow(unsafe_code)]

use super::slot::Slot;
use crate::base::wait::Kind;
use crate::sync::permits::{Permits, Refusal};
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;

/// A cell whose value is made when it is asked for first, by a future; for values that take
/// an await to make, in statics and elsewhere.
///
/// One future makes the value and the others wait for it. If it fails, panics or is dropped
/// in the middle, the next in line makes it.
///
/// # Examples
/// ```
/// use runtime::sync::OnceCell;
/// static LIMIT: OnceCell<u32> = OnceCell::const_new();
///
/// async fn limit() -> u32 {
///     *LIMIT.get_or_init(|| async { 5 }).await
/// }
/// # futures::executor::block_on(async {
/// assert_eq!(limit().await + limit().await, 10);
/// # });
/// ```
pub struct OnceCell<T> {
    pub(in crate::sync) slot: Slot<T>,
}

/// Why [`OnceCell::set`] gave the value back.
///
/// # Examples
/// ```
/// use runtime::sync::{OnceCell, SetError};
/// let cell = OnceCell::new_with(Some(1));
/// assert_eq!(cell.set(2), Err(SetError::AlreadyInitializedError(2)));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub enum SetError<T> {
    /// There is a value already.
    AlreadyInitializedError(T),
    /// Somebody is making the value.
    InitializingError(T),
}

/// The right to make the value: gives it back when it is dropped.
struct Right<'a> {
    permits: &'a Permits,
}

impl<T> OnceCell<T> {
    /// An empty cell.
    ///
    /// # Examples
    /// ```
    /// let cell = runtime::sync::OnceCell::<i32>::new();
    /// assert_eq!(cell.get(), None);
    /// ```
    pub fn new() -> Self {
        OnceCell::new_with(None)
    }

    /// A cell with this value, or an empty one.
    ///
    /// # Examples
    /// ```
    /// let cell = runtime::sync::OnceCell::new_with(Some(5));
    /// assert_eq!(cell.get(), Some(&5));
    /// ```
    pub fn new_with(value: Option<T>) -> Self {
        OnceCell {
            slot: Slot::new(1, value),
        }
    }

    /// Whether the value is there.
    ///
    /// # Examples
    /// ```
    /// let cell = runtime::sync::OnceCell::new();
    /// assert!(!cell.initialized());
    /// cell.set(5).unwrap();
    /// assert!(cell.initialized());
    /// ```
    #[inline]
    pub fn initialized(&self) -> bool {
        self.slot.is_full()
    }

    /// The value, if it is there.
    ///
    /// # Examples
    /// ```
    /// let cell = runtime::sync::OnceCell::new();
    /// assert_eq!(cell.get(), None);
    /// cell.set(5).unwrap();
    /// assert_eq!(cell.get(), Some(&5));
    /// ```
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.slot.get()
    }

    /// The value, if it is there, to be changed.
    ///
    /// # Examples
    /// ```
    /// let mut cell = runtime::sync::OnceCell::new_with(Some(5));
    /// *cell.get_mut().unwrap() += 1;
    /// assert_eq!(cell.get(), Some(&6));
    /// ```
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.slot.get_mut()
    }

    /// Gives the cell its value.
    ///
    /// # Errors
    /// [`SetError`], with the value, if there is one already or somebody is making one.
    ///
    /// # Examples
    /// ```
    /// let cell = runtime::sync::OnceCell::new();
    /// assert!(cell.set(5).is_ok());
    /// assert!(cell.set(6).unwrap_err().is_already_init_err());
    /// ```
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        match self.slot.permits().try_acquire(1) {
            Ok(()) => {
                // SAFETY: only who takes the permit fills the slot, and here it is kept.
                unsafe { self.slot.fill(value) };
                Ok(())
            }
            Err(Refusal::Closed) => Err(SetError::AlreadyInitializedError(value)),
            Err(Refusal::NoPermits) => Err(SetError::InitializingError(value)),
        }
    }

    /// The value; if it is not there yet, it is made by `f` and its future, or waited for if
    /// somebody makes it already.
    ///
    /// An `f` that asks for the same cell's value waits for itself.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue. A future of `f` that was begun is dropped,
    /// and the next in line makes the value.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let cell = runtime::sync::OnceCell::new();
    /// assert_eq!(cell.get_or_init(|| async { 5 }).await, &5);
    /// assert_eq!(cell.get_or_init(|| async { 6 }).await, &5);
    /// # });
    /// ```
    #[track_caller]
    pub fn get_or_init<F, Fut>(&self, f: F) -> impl Future<Output = &T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        let at = Location::caller();
        async move {
            if let Some(value) = self.slot.there().await {
                return value;
            }
            let made = self.make(at, || async { Ok::<T, Infallible>(f().await) });
            match made.await {
                Ok(value) => value,
                Err(never) => match never {},
            }
        }
    }

    /// The value; if it is not there yet, it is made by `f` and its future, which may fail, or
    /// waited for if somebody makes it already.
    ///
    /// # Errors
    /// That of the future, if it fails. The cell stays empty then, and the next in line tries.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue. A future of `f` that was begun is dropped,
    /// and the next in line makes the value.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let cell = runtime::sync::OnceCell::new();
    /// let made = cell.get_or_try_init(|| async { "five".parse::<i32>() });
    /// assert!(made.await.is_err());
    /// let made = cell.get_or_try_init(|| async { "5".parse::<i32>() });
    /// assert_eq!(made.await, Ok(&5));
    /// # });
    /// ```
    #[track_caller]
    pub fn get_or_try_init<E, F, Fut>(&self, f: F) -> impl Future<Output = Result<&T, E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let at = Location::caller();
        async move {
            match self.slot.there().await {
                Some(value) => Ok(value),
                None => self.make(at, f).await,
            }
        }
    }

    /// Takes the value out; the cell is empty then.
    ///
    /// # Examples
    /// ```
    /// let mut cell = runtime::sync::OnceCell::new_with(Some(5));
    /// assert_eq!(cell.take(), Some(5));
    /// assert_eq!(cell.get(), None);
    /// ```
    pub fn take(&mut self) -> Option<T> {
        mem::take(self).into_inner()
    }

    /// Takes the cell apart.
    ///
    /// # Examples
    /// ```
    /// let cell = runtime::sync::OnceCell::new_with(Some(5));
    /// assert_eq!(cell.into_inner(), Some(5));
    /// ```
    pub fn into_inner(self) -> Option<T> {
        self.slot.into_inner()
    }

    async fn make<E, F, Fut>(&self, at: &'static Location<'static>, f: F) -> Result<&T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let permits = self.slot.permits();
        if permits.acquire(1, Kind::Semaphore, at).await.is_ok() {
            let right = Right { permits };
            let value = f().await?;
            mem::forget(right);
            // SAFETY: only who takes the permit fills the slot, and now it is kept.
            unsafe { self.slot.fill(value) };
        }
        // PANIC: the slot is filled above, or its permits were closed, which is the same.
        Ok(self.slot.get().expect("a closed slot is full"))
    }
}

impl Drop for Right<'_> {
    fn drop(&mut self) {
        self.permits.release(1);
    }
}

impl<T> SetError<T> {
    /// Whether there was a value already.
    ///
    /// # Examples
    /// ```
    /// let cell = runtime::sync::OnceCell::new_with(Some(1));
    /// assert!(cell.set(2).unwrap_err().is_already_init_err());
    /// ```
    pub fn is_already_init_err(&self) -> bool {
        matches!(self, SetError::AlreadyInitializedError(_))
    }

    /// Whether somebody is making the value.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::OnceCell;
    /// # futures::executor::block_on(async {
    /// let cell = OnceCell::new();
    /// let value = cell.get_or_init(|| async {
    ///     assert!(cell.set(2).unwrap_err().is_initializing_err());
    ///     1
    /// });
    /// assert_eq!(value.await, &1);
    /// # });
    /// ```
    pub fn is_initializing_err(&self) -> bool {
        matches!(self, SetError::InitializingError(_))
    }
}

impl<T> Default for OnceCell<T> {
    fn default() -> Self {
        OnceCell::new()
    }
}

impl<T> From<T> for OnceCell<T> {
    fn from(value: T) -> Self {
        OnceCell::new_with(Some(value))
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    fn clone(&self) -> Self {
        OnceCell::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceCell")
            .field("value", &self.get())
            .finish()
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SetError::AlreadyInitializedError(_) => "the cell has a value already",
            SetError::InitializingError(_) => "the cell's value is being made",
        })
    }
}

impl<T: fmt::Debug> std::error::Error for SetError<T> {}
