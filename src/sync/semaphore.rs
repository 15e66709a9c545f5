//! [`Semaphore`]: permits for so many at a time. The counting and the line are in
//! [`permits`]; here is what users see of it.

use crate::base::wait::Kind;
use crate::sync::blocking;
use crate::sync::permits::{self, Closed, HasPermits, Hold, Permits, Refusal, Wait};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// A counter of permits that tasks take, wait for, and give back.
///
/// Use it to bound how many of something happen at once: open connections, requests to
/// a peer, bytes in flight. A permit gives itself back when it is dropped.
///
/// The line is strictly first come, first served: a task that asks for many permits is
/// not passed by others that ask for few.
///
/// # Examples
/// ```
/// use runtime::sync::Semaphore;
/// # futures::executor::block_on(async {
/// let semaphore = Semaphore::new(3);
/// let one = semaphore.acquire().await.unwrap();
/// let two = semaphore.acquire_many(2).await.unwrap();
/// assert_eq!(semaphore.available_permits(), 0);
/// assert!(semaphore.try_acquire().is_err());
/// drop(two);
/// assert_eq!(semaphore.available_permits(), 2);
/// # drop(one);
/// # });
/// ```
#[derive(Debug)]
pub struct Semaphore {
    pub(super) permits: Permits,
}

/// A permit, or several, of a [`Semaphore`]. Dropped, they go back.
///
/// # Examples
///
/// ```
/// let semaphore = runtime::sync::Semaphore::new(1);
/// let permit = semaphore.try_acquire().unwrap();
/// assert_eq!(semaphore.available_permits(), 0);
/// drop(permit);
/// assert_eq!(semaphore.available_permits(), 1);
/// ```
#[must_use = "a permit that is dropped at once limits nothing"]
#[derive(Debug)]
pub struct SemaphorePermit<'a> {
    semaphore: &'a Semaphore,
    permits: usize,
}

/// A permit, or several, that keep their [`Semaphore`] alive. Dropped, they go back.
///
/// # Examples
///
/// ```
/// use runtime::sync::Semaphore;
/// use std::sync::Arc;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let semaphore = Arc::new(Semaphore::new(1));
/// let permit = semaphore.clone().acquire_owned().await.unwrap();
/// runtime::spawn(async move { drop(permit) }).await.unwrap();
/// assert_eq!(semaphore.available_permits(), 1);
/// # });
/// ```
#[must_use = "a permit that is dropped at once limits nothing"]
#[derive(Debug)]
pub struct OwnedSemaphorePermit {
    semaphore: Arc<Semaphore>,
    permits: usize,
}

/// The semaphore was closed.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let semaphore = runtime::sync::Semaphore::new(1);
/// semaphore.close();
/// assert!(!semaphore.acquire().await.unwrap_err().to_string().is_empty());
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcquireError(());

/// Why there was no permit at once.
///
/// # Examples
///
/// ```
/// use runtime::sync::{Semaphore, TryAcquireError};
///
/// let semaphore = Semaphore::new(0);
/// assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
/// semaphore.close();
/// assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::Closed);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryAcquireError {
    /// The semaphore was closed.
    Closed,
    /// There are not enough permits, or others wait for them already.
    NoPermits,
}

impl Semaphore {
    /// The most permits that a semaphore can hold.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::sync::Semaphore;
    ///
    /// let semaphore = Semaphore::new(Semaphore::MAX_PERMITS);
    /// assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
    /// ```
    pub const MAX_PERMITS: usize = permits::MAX;

    /// A semaphore with so many permits.
    ///
    /// # Panics
    /// If `permits` is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(5);
    /// assert_eq!(semaphore.available_permits(), 5);
    /// ```
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        Semaphore {
            permits: Permits::new(permits),
        }
    }

    /// How many permits are free now.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(5);
    /// let permit = semaphore.try_acquire_many(2).unwrap();
    /// assert_eq!(semaphore.available_permits(), 3);
    /// # drop(permit);
    /// ```
    pub fn available_permits(&self) -> usize {
        self.permits.available()
    }

    /// Adds new permits.
    ///
    /// # Panics
    /// If there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(0);
    /// semaphore.add_permits(2);
    /// assert_eq!(semaphore.available_permits(), 2);
    /// ```
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        self.permits.release(n);
    }

    /// Takes up to `n` free permits away for good, and says how many.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(3);
    /// assert_eq!(semaphore.forget_permits(2), 2);
    /// assert_eq!(semaphore.forget_permits(2), 1);
    /// ```
    pub fn forget_permits(&self, n: usize) -> usize {
        self.permits.forget(n)
    }

    /// Waits for a permit.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed, or is closed meanwhile.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let semaphore = runtime::sync::Semaphore::new(1);
    /// let permit = semaphore.acquire().await.unwrap();
    /// assert_eq!(permit.num_permits(), 1);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        self.acquire_many(1)
    }

    /// Waits for `n` permits, and takes them together.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed, or is closed meanwhile.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let semaphore = runtime::sync::Semaphore::new(5);
    /// let permit = semaphore.acquire_many(4).await.unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// # drop(permit);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_many(
        &self,
        n: u32,
    ) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let wait = wait(n, Location::caller());
        Hold::new(self, wait, move |semaphore, outcome| match outcome {
            Ok(()) => Ok(SemaphorePermit {
                semaphore,
                permits: n as usize,
            }),
            Err(Closed) => Err(AcquireError(())),
        })
    }

    /// Waits for a permit that keeps the semaphore alive.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed, or is closed meanwhile.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    /// # futures::executor::block_on(async {
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = semaphore.clone().acquire_owned().await.unwrap();
    /// std::thread::spawn(move || drop(permit)).join().unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_owned(
        self: Arc<Self>,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        self.acquire_many_owned(1)
    }

    /// Waits for `n` permits that keep the semaphore alive.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed, or is closed meanwhile.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    /// # futures::executor::block_on(async {
    /// let semaphore = Arc::new(Semaphore::new(8));
    /// let permit = semaphore.clone().acquire_many_owned(3).await.unwrap();
    /// assert_eq!(permit.num_permits(), 3);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let wait = wait(n, Location::caller());
        Hold::new(self, wait, move |semaphore, outcome| match outcome {
            Ok(()) => Ok(OwnedSemaphorePermit::granted(semaphore, n as usize)),
            Err(Closed) => Err(AcquireError(())),
        })
    }

    /// Waits for a permit from code that is not async, blocking the thread meanwhile.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed, or is closed meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: `.await` [`acquire`](Self::acquire) there.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(2);
    /// let permit = semaphore.blocking_acquire().unwrap();
    /// assert_eq!(permit.num_permits(), 1);
    /// ```
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        blocking::block_on("Semaphore::blocking_acquire", self.acquire())
    }

    /// Waits for `n` permits from code that is not async, blocking the thread meanwhile.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed, or is closed meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: `.await` [`acquire_many`](Self::acquire_many) there.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(2);
    /// let permit = semaphore.blocking_acquire_many(2).unwrap();
    /// assert_eq!(permit.num_permits(), 2);
    /// ```
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        blocking::block_on("Semaphore::blocking_acquire_many", self.acquire_many(n))
    }

    /// Waits for a permit that keeps the semaphore alive from code that is not async, blocking the thread meanwhile.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed, or is closed meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: `.await` [`acquire_owned`](Self::acquire_owned) there.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// let semaphore = Arc::new(runtime::sync::Semaphore::new(2));
    /// let permit = semaphore.clone().blocking_acquire_owned().unwrap();
    /// assert_eq!(permit.num_permits(), 1);
    /// ```
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        blocking::block_on("Semaphore::blocking_acquire_owned", self.acquire_owned())
    }

    /// Waits for `n` permits that keep the semaphore alive from code that is not async, blocking the thread meanwhile.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed, or is closed meanwhile.
    ///
    /// # Panics
    /// On a thread that is polling async code: `.await` [`acquire_many_owned`](Self::acquire_many_owned) there.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// let semaphore = Arc::new(runtime::sync::Semaphore::new(2));
    /// let permit = semaphore.clone().blocking_acquire_many_owned(2).unwrap();
    /// assert_eq!(permit.num_permits(), 2);
    /// ```
    #[track_caller]
    pub fn blocking_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        blocking::block_on(
            "Semaphore::blocking_acquire_many_owned",
            self.acquire_many_owned(n),
        )
    }

    /// Takes a permit if one is free now.
    ///
    /// # Errors
    /// [`TryAcquireError::NoPermits`] or [`TryAcquireError::Closed`].
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{Semaphore, TryAcquireError};
    /// let semaphore = Semaphore::new(1);
    /// let permit = semaphore.try_acquire().unwrap();
    /// assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    /// # drop(permit);
    /// ```
    #[inline]
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes `n` permits if they are free now.
    ///
    /// # Errors
    /// [`TryAcquireError::NoPermits`] or [`TryAcquireError::Closed`].
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(3);
    /// assert!(semaphore.try_acquire_many(4).is_err());
    /// assert!(semaphore.try_acquire_many(3).is_ok());
    /// ```
    #[inline]
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.permits.try_acquire(n as usize)?;
        Ok(SemaphorePermit {
            semaphore: self,
            permits: n as usize,
        })
    }

    /// Takes a permit that keeps the semaphore alive, if one is free now.
    ///
    /// # Errors
    /// [`TryAcquireError::NoPermits`] or [`TryAcquireError::Closed`].
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = semaphore.clone().try_acquire_owned().unwrap();
    /// assert!(semaphore.clone().try_acquire_owned().is_err());
    /// # drop(permit);
    /// ```
    #[inline]
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// Takes `n` permits that keep the semaphore alive, if they are free now.
    ///
    /// # Errors
    /// [`TryAcquireError::NoPermits`] or [`TryAcquireError::Closed`].
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    /// let semaphore = Arc::new(Semaphore::new(4));
    /// let permit = semaphore.clone().try_acquire_many_owned(4).unwrap();
    /// assert!(Arc::ptr_eq(permit.semaphore(), &semaphore));
    /// ```
    #[inline]
    pub fn try_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.permits.try_acquire(n as usize)?;
        Ok(OwnedSemaphorePermit {
            semaphore: self,
            permits: n as usize,
        })
    }

    /// Refuses whoever waits now, and whoever asks from now on. Permits that are out stay
    /// valid. A permit that was granted before is not taken back.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let semaphore = runtime::sync::Semaphore::new(1);
    /// semaphore.close();
    /// assert!(semaphore.acquire().await.is_err());
    /// # });
    /// ```
    pub fn close(&self) {
        self.permits.close();
    }

    /// Whether the semaphore was closed.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(1);
    /// assert!(!semaphore.is_closed());
    /// semaphore.close();
    /// assert!(semaphore.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }
}

/// A wait for so many permits, asked for at this place.
#[inline]
fn wait(n: u32, at: &'static Location<'static>) -> Wait {
    Wait::new(n as usize, Kind::Semaphore, at)
}

impl HasPermits for Semaphore {
    #[inline]
    fn permits(&self) -> &Permits {
        &self.permits
    }
}

impl SemaphorePermit<'_> {
    /// Drops the permit without giving it back: the semaphore has fewer from now on.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(2);
    /// semaphore.try_acquire().unwrap().forget();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    pub fn forget(mut self) {
        self.permits = 0;
    }

    /// Takes the permits of `other` into this one.
    ///
    /// # Panics
    /// If the two come from different semaphores.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(2);
    /// let mut one = semaphore.try_acquire().unwrap();
    /// one.merge(semaphore.try_acquire().unwrap());
    /// assert_eq!(one.num_permits(), 2);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            std::ptr::eq(self.semaphore, other.semaphore),
            "{DIFFERENT_SEMAPHORES}"
        );
        self.permits += std::mem::take(&mut other.permits);
    }

    /// Takes `n` permits out into a new value; `None` if there are not so many.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(3);
    /// let mut three = semaphore.try_acquire_many(3).unwrap();
    /// let one = three.split(1).unwrap();
    /// assert_eq!((three.num_permits(), one.num_permits()), (2, 1));
    /// assert!(three.split(3).is_none());
    /// ```
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(n)?;
        Some(SemaphorePermit {
            semaphore: self.semaphore,
            permits: n,
        })
    }

    /// The semaphore that the permits go back to.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(1);
    /// let permit = semaphore.try_acquire().unwrap();
    /// assert!(std::ptr::eq(permit.semaphore(), &semaphore));
    /// ```
    pub fn semaphore(&self) -> &Semaphore {
        self.semaphore
    }

    /// How many permits this value holds.
    ///
    /// # Examples
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(2);
    /// assert_eq!(semaphore.try_acquire_many(2).unwrap().num_permits(), 2);
    /// ```
    pub fn num_permits(&self) -> usize {
        self.permits
    }
}

impl OwnedSemaphorePermit {
    /// For permits that the caller was granted.
    #[inline]
    pub(super) fn granted(semaphore: Arc<Semaphore>, permits: usize) -> Self {
        OwnedSemaphorePermit { semaphore, permits }
    }

    /// Drops the permit without giving it back: the semaphore has fewer from now on.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    /// let semaphore = Arc::new(Semaphore::new(2));
    /// semaphore.clone().try_acquire_owned().unwrap().forget();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    pub fn forget(mut self) {
        self.permits = 0;
    }

    /// Takes the permits of `other` into this one.
    ///
    /// # Panics
    /// If the two come from different semaphores.
    ///
    /// # Examples
    /// ```
    /// let semaphore = std::sync::Arc::new(runtime::sync::Semaphore::new(2));
    /// let mut one = semaphore.clone().try_acquire_owned().unwrap();
    /// one.merge(semaphore.clone().try_acquire_owned().unwrap());
    /// assert_eq!(one.num_permits(), 2);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            Arc::ptr_eq(&self.semaphore, &other.semaphore),
            "{DIFFERENT_SEMAPHORES}"
        );
        self.permits += std::mem::take(&mut other.permits);
    }

    /// Takes `n` permits out into a new value; `None` if there are not so many.
    ///
    /// # Examples
    /// ```
    /// let semaphore = std::sync::Arc::new(runtime::sync::Semaphore::new(3));
    /// let mut three = semaphore.clone().try_acquire_many_owned(3).unwrap();
    /// let one = three.split(1).unwrap();
    /// assert_eq!((three.num_permits(), one.num_permits()), (2, 1));
    /// ```
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(n)?;
        Some(OwnedSemaphorePermit {
            semaphore: self.semaphore.clone(),
            permits: n,
        })
    }

    /// The semaphore that the permits go back to.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// let semaphore = Arc::new(runtime::sync::Semaphore::new(1));
    /// let permit = semaphore.clone().try_acquire_owned().unwrap();
    /// assert!(Arc::ptr_eq(permit.semaphore(), &semaphore));
    /// ```
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.semaphore
    }

    /// How many permits this value holds.
    ///
    /// # Examples
    /// ```
    /// let semaphore = std::sync::Arc::new(runtime::sync::Semaphore::new(2));
    /// let permit = semaphore.clone().try_acquire_many_owned(2).unwrap();
    /// assert_eq!(permit.num_permits(), 2);
    /// ```
    pub fn num_permits(&self) -> usize {
        self.permits
    }
}

const DIFFERENT_SEMAPHORES: &str =
    "these permits come from different semaphores: merge only permits of the same one";

impl Drop for SemaphorePermit<'_> {
    #[inline]
    fn drop(&mut self) {
        self.semaphore.permits.release(self.permits);
    }
}

impl Drop for OwnedSemaphorePermit {
    #[inline]
    fn drop(&mut self) {
        self.semaphore.permits.release(self.permits);
    }
}

impl From<Refusal> for TryAcquireError {
    #[inline]
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Closed => TryAcquireError::Closed,
            Refusal::NoPermits => TryAcquireError::NoPermits,
        }
    }
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("semaphore closed")
    }
}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryAcquireError::Closed => "semaphore closed",
            TryAcquireError::NoPermits => "no permits available",
        })
    }
}

impl std::error::Error for AcquireError {}

impl std::error::Error for TryAcquireError {}
