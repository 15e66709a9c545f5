//! [`PollSemaphore`]: permits for code that polls by hand.

use crate::base::wait::Kind;
use crate::sync::permits::{HasPermits, Wait};
use crate::sync::{OwnedSemaphorePermit, Semaphore};
use futures_core::Stream;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A [`Semaphore`] that is polled for permits, and a stream of them.
///
/// It keeps one place in the semaphore's line. A clone has a place of its own.
///
/// # Examples
/// ```
/// use runtime::sync::{PollSemaphore, Semaphore};
/// use std::future::poll_fn;
/// use std::sync::Arc;
/// # futures::executor::block_on(async {
/// let mut semaphore = PollSemaphore::new(Arc::new(Semaphore::new(2)));
/// let permit = poll_fn(|cx| semaphore.poll_acquire(cx)).await.unwrap();
/// assert_eq!(semaphore.available_permits(), 1);
/// # drop(permit);
/// # });
/// ```
pub struct PollSemaphore {
    semaphore: Arc<Semaphore>,
    /// Present while in line.
    wait: Option<Wait>,
}

impl PollSemaphore {
    /// Polls this semaphore.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSemaphore, Semaphore};
    /// let semaphore = PollSemaphore::new(std::sync::Arc::new(Semaphore::new(2)));
    /// assert_eq!(semaphore.available_permits(), 2);
    /// ```
    pub fn new(semaphore: Arc<Semaphore>) -> Self {
        PollSemaphore {
            semaphore,
            wait: None,
        }
    }

    /// Closes the semaphore: see [`Semaphore::close`].
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSemaphore, Semaphore};
    /// let semaphore = PollSemaphore::new(std::sync::Arc::new(Semaphore::new(2)));
    /// semaphore.close();
    /// assert!(semaphore.as_ref().is_closed());
    /// ```
    pub fn close(&self) {
        self.semaphore.close();
    }

    /// Another pointer to the semaphore.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSemaphore, Semaphore};
    /// let semaphore = PollSemaphore::new(std::sync::Arc::new(Semaphore::new(2)));
    /// let permit = semaphore.clone_inner().try_acquire_owned().unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// # drop(permit);
    /// ```
    pub fn clone_inner(&self) -> Arc<Semaphore> {
        self.semaphore.clone()
    }

    /// The semaphore; the place in its line is given up.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSemaphore, Semaphore};
    /// let semaphore = PollSemaphore::new(std::sync::Arc::new(Semaphore::new(2)));
    /// assert_eq!(semaphore.into_inner().available_permits(), 2);
    /// ```
    pub fn into_inner(self) -> Arc<Semaphore> {
        self.semaphore.clone()
    }

    /// Polls for a permit. `None` if the semaphore is closed.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSemaphore, Semaphore};
    /// use std::task::{Context, Poll, Waker};
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let mut semaphore = PollSemaphore::new(std::sync::Arc::new(Semaphore::new(0)));
    /// assert!(semaphore.poll_acquire(&mut cx).is_pending());
    /// semaphore.add_permits(1);
    /// assert!(matches!(semaphore.poll_acquire(&mut cx), Poll::Ready(Some(_))));
    /// ```
    #[track_caller]
    pub fn poll_acquire(&mut self, cx: &mut Context<'_>) -> Poll<Option<OwnedSemaphorePermit>> {
        self.poll_acquire_many(cx, 1)
    }

    /// Polls for `permits` permits at once. `None` if the semaphore is closed. Asked for
    /// another number than before, it begins to wait anew.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSemaphore, Semaphore};
    /// use std::task::{Context, Poll, Waker};
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let mut semaphore = PollSemaphore::new(std::sync::Arc::new(Semaphore::new(2)));
    /// assert!(semaphore.poll_acquire_many(&mut cx, 3).is_pending());
    /// semaphore.add_permits(1);
    /// assert!(semaphore.poll_acquire_many(&mut cx, 3).is_ready());
    /// ```
    #[track_caller]
    pub fn poll_acquire_many(
        &mut self,
        cx: &mut Context<'_>,
        permits: u32,
    ) -> Poll<Option<OwnedSemaphorePermit>> {
        let count = permits as usize;
        if self.wait.as_ref().is_some_and(|wait| wait.count() != count) {
            self.leave();
        }
        let at = Location::caller();
        let wait = self
            .wait
            .get_or_insert_with(|| Wait::new(count, Kind::Semaphore, at));
        let outcome = ready!(wait.poll(self.semaphore.permits(), cx));
        self.wait = None;
        Poll::Ready(match outcome {
            Ok(()) => Some(OwnedSemaphorePermit::granted(self.semaphore.clone(), count)),
            Err(_) => None,
        })
    }

    /// How many permits are free now.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSemaphore, Semaphore};
    /// let semaphore = PollSemaphore::new(std::sync::Arc::new(Semaphore::new(2)));
    /// assert_eq!(semaphore.available_permits(), 2);
    /// ```
    pub fn available_permits(&self) -> usize {
        self.semaphore.available_permits()
    }

    /// Adds new permits.
    ///
    /// # Panics
    /// If there would be more than [`Semaphore::MAX_PERMITS`].
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::{PollSemaphore, Semaphore};
    /// let semaphore = PollSemaphore::new(std::sync::Arc::new(Semaphore::new(2)));
    /// semaphore.add_permits(3);
    /// assert_eq!(semaphore.available_permits(), 5);
    /// ```
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        self.semaphore.add_permits(n);
    }

    fn leave(&mut self) {
        if let Some(mut wait) = self.wait.take() {
            wait.leave(self.semaphore.permits());
        }
    }
}

impl Stream for PollSemaphore {
    type Item = OwnedSemaphorePermit;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<OwnedSemaphorePermit>> {
        self.poll_acquire(cx)
    }
}

impl Drop for PollSemaphore {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Clone for PollSemaphore {
    fn clone(&self) -> Self {
        PollSemaphore::new(self.clone_inner())
    }
}

impl AsRef<Semaphore> for PollSemaphore {
    fn as_ref(&self) -> &Semaphore {
        &self.semaphore
    }
}

impl fmt::Debug for PollSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollSemaphore")
            .field("semaphore", &self.semaphore)
            .finish_non_exhaustive()
    }
}
