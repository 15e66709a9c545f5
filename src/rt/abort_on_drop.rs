//! Handles that take their task down with them.

use crate::tasks::{AbortHandle, JoinError, JoinHandle};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A join handle that aborts its task when it is dropped.
///
/// So a task lives no longer than who waits for it: a `select!` or a `timeout` that gives the
/// handle up ends the task, where a plain [`JoinHandle`] would leave it running.
///
/// # Examples
///
/// ```
/// use runtime::task::AbortOnDropHandle;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let task = runtime::spawn(std::future::pending::<()>());
/// let abort = task.abort_handle();
/// drop(AbortOnDropHandle::new(task));
/// while !abort.is_finished() {
///     runtime::task::yield_now().await;
/// }
/// # });
/// ```
#[must_use = "dropping the handle aborts the task at once"]
pub struct AbortOnDropHandle<T> {
    /// There until it is detached, which takes the whole.
    handle: Option<JoinHandle<T>>,
}

impl<T> AbortOnDropHandle<T> {
    /// Takes the handle of a task that is to end with it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::AbortOnDropHandle;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = AbortOnDropHandle::new(runtime::spawn(async { 6 * 7 }));
    /// assert_eq!(task.await.unwrap(), 42);
    /// # });
    /// ```
    pub fn new(handle: JoinHandle<T>) -> Self {
        AbortOnDropHandle {
            handle: Some(handle),
        }
    }

    fn handle(&self) -> &JoinHandle<T> {
        // PANIC: only `detach` takes it out, and that consumes `self`.
        self.handle.as_ref().expect("it is not detached")
    }

    /// Aborts the task now. See [`JoinHandle::abort`].
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::AbortOnDropHandle;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = AbortOnDropHandle::new(runtime::spawn(std::future::pending::<()>()));
    /// task.abort();
    /// assert!(task.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn abort(&self) {
        self.handle().abort();
    }

    /// Whether the task has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::AbortOnDropHandle;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = AbortOnDropHandle::new(runtime::spawn(std::future::pending::<()>()));
    /// assert!(!task.is_finished());
    /// # });
    /// ```
    pub fn is_finished(&self) -> bool {
        self.handle().is_finished()
    }

    /// A handle that can abort the task from elsewhere.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::AbortOnDropHandle;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = AbortOnDropHandle::new(runtime::spawn(std::future::pending::<()>()));
    /// task.abort_handle().abort();
    /// assert!(task.await.is_err());
    /// # });
    /// ```
    pub fn abort_handle(&self) -> AbortHandle {
        self.handle().abort_handle()
    }

    /// Lets the task go its own way: what comes back aborts nothing when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::AbortOnDropHandle;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = AbortOnDropHandle::new(runtime::spawn(async { 1 }));
    /// assert_eq!(task.detach().await.unwrap(), 1);
    /// # });
    /// ```
    pub fn detach(mut self) -> JoinHandle<T> {
        // PANIC: it is taken out here alone.
        self.handle.take().expect("it is detached once")
    }
}

impl<T> Future for AbortOnDropHandle<T> {
    type Output = Result<T, JoinError>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // PANIC: see `handle`.
        let handle = self.handle.as_mut().expect("it is not detached");
        Pin::new(handle).poll(cx)
    }
}

impl<T> Drop for AbortOnDropHandle<T> {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            handle.abort();
        }
    }
}

impl<T> AsRef<JoinHandle<T>> for AbortOnDropHandle<T> {
    fn as_ref(&self) -> &JoinHandle<T> {
        self.handle()
    }
}

impl<T> fmt::Debug for AbortOnDropHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AbortOnDropHandle")
            .field(self.handle())
            .finish()
    }
}

/// Aborts a task when it is dropped, without being able to await it.
///
/// For a task whose output goes elsewhere, or that is a member of a
/// [`JoinSet`](crate::task::JoinSet).
///
/// # Examples
///
/// ```
/// use runtime::task::AbortOnDrop;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let task = runtime::spawn(std::future::pending::<()>());
/// drop(AbortOnDrop::new(task.abort_handle()));
/// assert!(task.await.unwrap_err().is_cancelled());
/// # });
/// ```
#[must_use = "dropping it aborts the task at once"]
pub struct AbortOnDrop {
    /// There until it is detached, which takes the whole.
    handle: Option<AbortHandle>,
}

impl AbortOnDrop {
    /// Takes the abort handle of a task that is to end with it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::AbortOnDrop;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(std::future::pending::<()>());
    /// let guard = AbortOnDrop::new(task.abort_handle());
    /// assert!(!guard.is_finished());
    /// # });
    /// ```
    pub fn new(handle: AbortHandle) -> Self {
        AbortOnDrop {
            handle: Some(handle),
        }
    }

    fn handle(&self) -> &AbortHandle {
        // PANIC: only `detach` takes it out, and that consumes `self`.
        self.handle.as_ref().expect("it is not detached")
    }

    /// Aborts the task now.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::AbortOnDrop;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(std::future::pending::<()>());
    /// let guard = AbortOnDrop::new(task.abort_handle());
    /// guard.abort();
    /// assert!(task.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn abort(&self) {
        self.handle().abort();
    }

    /// Whether the task has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::AbortOnDrop;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut task = runtime::spawn(async {});
    /// let guard = AbortOnDrop::new(task.abort_handle());
    /// (&mut task).await.unwrap();
    /// assert!(guard.is_finished());
    /// # });
    /// ```
    pub fn is_finished(&self) -> bool {
        self.handle().is_finished()
    }

    /// Lets the task go its own way.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::AbortOnDrop;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(async { 1 });
    /// drop(AbortOnDrop::new(task.abort_handle()).detach());
    /// assert_eq!(task.await.unwrap(), 1);
    /// # });
    /// ```
    pub fn detach(mut self) -> AbortHandle {
        // PANIC: it is taken out here alone.
        self.handle.take().expect("it is detached once")
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            handle.abort();
        }
    }
}

impl fmt::Debug for AbortOnDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AbortOnDrop").field(self.handle()).finish()
    }
}
