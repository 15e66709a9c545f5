//! Waiting for the end of tasks whose outputs nobody wants.
//!
//! One word counts the tokens and holds the bit "closed":
//!
//! ```text
//!                token                    close
//!   open, n ◀───────────▶ open, n+1   open ─────▶ closed
//!              token drop                  reopen
//!                                     closed, 1 ──token drop──▶ closed, 0: all are told
//! ```
//!
//! Whoever brings the word to *closed, 0* tells all [`wait`](TaskTracker::wait)s, by
//! [`Notify::notify_waiters`], which reaches every future that exists, polled or not. So a
//! wait ends if the tracker was closed and empty at any moment of the wait's life, although it
//! may be open again when the wait is polled.
//!
//! ORDERING: every change of the word is an acquiring and releasing read-modify-write, so a
//! wait that sees *closed, 0*, or is told, sees all that the tokens' owners did. A wait
//! makes its `Notified` before it reads the word: a change that it does not read is told
//! to it.

use super::handle::Handle;
use super::local::{LocalSet, spawn_local};
use super::spawn::{spawn, spawn_blocking};
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::{budget, wait};
use crate::sync::Notify;
use crate::sync::futures::Notified;
use crate::tasks::JoinHandle;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

const CLOSED: usize = 1;
const TOKEN: usize = 2;

/// Waits for the end of many tasks, wherever they were spawned.
///
/// Unlike a [`JoinSet`](crate::task::JoinSet) it keeps no outputs: what has ended costs
/// nothing any more. It tracks futures, so it works for tasks of any runtime, and for parts of
/// tasks. For a shutdown: tell the tasks to end, [`close`](Self::close) the tracker,
/// [`wait`](Self::wait).
///
/// It is cheap to clone; all clones are the same tracker.
///
/// # Examples
///
/// ```
/// use runtime::task::TaskTracker;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let tracker = TaskTracker::new();
/// for i in 0..10 {
///     tracker.spawn(async move { i });
/// }
/// tracker.close();
/// tracker.wait().await;
/// assert!(tracker.is_empty());
/// # });
/// ```
pub struct TaskTracker {
    inner: Arc<Inner>,
}

struct Inner {
    /// Tokens, above the bit "closed".
    word: AtomicUsize,
    told: Notify,
}

// Word and line are changed where no user code runs that could leave them half done.
impl UnwindSafe for Inner {}
impl RefUnwindSafe for Inner {}

impl Inner {
    fn is_over(&self) -> bool {
        self.word.load(Ordering::Acquire) == CLOSED
    }
}

impl TaskTracker {
    /// An open tracker without tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let tracker = runtime::task::TaskTracker::new();
    /// assert!(tracker.is_empty() && !tracker.is_closed());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        TaskTracker {
            inner: Arc::new(Inner {
                word: AtomicUsize::new(0),
                told: Notify::new(),
            }),
        }
    }

    /// Waits until the tracker is closed and empty.
    ///
    /// It ends if that was so at any moment since it was made, although new tasks may have
    /// come since. A tracker that is never [closed](Self::close) lets nobody through.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let tracker = runtime::task::TaskTracker::new();
    /// let wait = tracker.wait();
    /// tracker.close();
    /// tracker.reopen();
    /// wait.await;
    /// # });
    /// ```
    #[track_caller]
    pub fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        let told = self.inner.told.notified();
        TaskTrackerWaitFuture {
            told,
            inner: (!self.inner.is_over()).then_some(&self.inner),
        }
    }

    /// Lets those who wait through as soon as there are no tasks. False if it was closed.
    ///
    /// A closed tracker still takes tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let tracker = runtime::task::TaskTracker::new();
    /// assert!(tracker.close());
    /// assert!(!tracker.close());
    /// ```
    pub fn close(&self) -> bool {
        let before = self.inner.word.fetch_or(CLOSED, Ordering::AcqRel);
        if before == 0 {
            self.inner.told.notify_waiters();
        }
        before & CLOSED == 0
    }

    /// Lets nobody through until it is closed again. False if it was open.
    ///
    /// # Examples
    ///
    /// ```
    /// let tracker = runtime::task::TaskTracker::new();
    /// tracker.close();
    /// assert!(tracker.reopen());
    /// assert!(!tracker.reopen());
    /// ```
    pub fn reopen(&self) -> bool {
        self.inner.word.fetch_and(!CLOSED, Ordering::AcqRel) & CLOSED != 0
    }

    /// Whether it is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let tracker = runtime::task::TaskTracker::new();
    /// tracker.close();
    /// assert!(tracker.is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.inner.word.load(Ordering::Acquire) & CLOSED != 0
    }

    /// The number of tasks (of tokens, to be exact).
    ///
    /// # Examples
    ///
    /// ```
    /// let tracker = runtime::task::TaskTracker::new();
    /// let token = tracker.token();
    /// assert_eq!(tracker.len(), 1);
    /// drop(token);
    /// assert_eq!(tracker.len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.word.load(Ordering::Acquire) / TOKEN
    }

    /// Whether there are no tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let tracker = runtime::task::TaskTracker::new();
    /// let _token = tracker.token();
    /// assert!(!tracker.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Spawns a task onto the current runtime, and tracks it.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let tracker = runtime::task::TaskTracker::new();
    /// assert_eq!(tracker.spawn(async { 1 }).await.unwrap(), 1);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        spawn(self.track_future(future))
    }

    /// Spawns a task onto the runtime of `handle`, and tracks it.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let tracker = runtime::task::TaskTracker::new();
    /// let task = tracker.spawn_on(async { 1 }, runtime.handle());
    /// assert_eq!(runtime.block_on(task).unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn_on<F>(&self, future: F, handle: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        handle.spawn(self.track_future(future))
    }

    /// Spawns a task that stays on the current thread, and tracks it. See
    /// [`spawn_local`](crate::task::spawn_local()).
    ///
    /// # Panics
    ///
    /// Outside of a [`LocalSet`] and of a [`LocalRuntime`](crate::rt::LocalRuntime).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// runtime::rt::LocalRuntime::new()?.block_on(async {
    ///     let tracker = runtime::task::TaskTracker::new();
    ///     let task = tracker.spawn_local(async { Rc::new(1) });
    ///     assert_eq!(*task.await.unwrap(), 1);
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        spawn_local(self.track_future(future))
    }

    /// Spawns a task into the given set of local tasks, and tracks it. It runs when that set
    /// is polled.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let local = runtime::task::LocalSet::new();
    /// let tracker = runtime::task::TaskTracker::new();
    /// let task = tracker.spawn_local_on(async { 1 }, &local);
    /// assert_eq!(local.run_until(task).await.unwrap(), 1);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_local_on<F>(&self, future: F, local_set: &LocalSet) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        local_set.spawn_local(self.track_future(future))
    }

    /// Runs a function that may block on the current runtime's pool, and tracks it.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let tracker = runtime::task::TaskTracker::new();
    /// assert_eq!(tracker.spawn_blocking(|| 1).await.unwrap(), 1);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, function: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        spawn_blocking(self.track_call(function))
    }

    /// Runs a function that may block on the pool of the runtime of `handle`, and tracks it.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let tracker = runtime::task::TaskTracker::new();
    /// let job = tracker.spawn_blocking_on(|| 1, runtime.handle());
    /// assert_eq!(runtime.block_on(job).unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn_blocking_on<F, T>(&self, function: F, handle: &Handle) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        handle.spawn_blocking(self.track_call(function))
    }

    fn track_call<F, T>(&self, function: F) -> impl FnOnce() -> T + use<F, T>
    where
        F: FnOnce() -> T,
    {
        let token = self.token();
        move || {
            let output = function();
            drop(token);
            output
        }
    }

    /// Tracks a future, until it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let tracker = runtime::task::TaskTracker::new();
    /// let tracked = tracker.track_future(async { 1 });
    /// assert_eq!(tracker.len(), 1);
    /// assert_eq!(runtime::spawn(tracked).await.unwrap(), 1);
    /// assert_eq!(tracker.len(), 0);
    /// # });
    /// ```
    #[inline]
    pub fn track_future<F: Future>(&self, future: F) -> TrackedFuture<F> {
        TrackedFuture {
            future,
            token: self.token(),
        }
    }

    /// A token that counts as a task until it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let tracker = runtime::task::TaskTracker::new();
    /// let token = tracker.token();
    /// assert_eq!(token.task_tracker().len(), 1);
    /// ```
    #[inline]
    pub fn token(&self) -> TaskTrackerToken {
        self.inner.word.fetch_add(TOKEN, Ordering::AcqRel);
        TaskTrackerToken {
            tracker: self.clone(),
        }
    }

    /// Whether both are the same tracker.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::TaskTracker;
    ///
    /// let tracker = TaskTracker::new();
    /// assert!(TaskTracker::ptr_eq(&tracker, &tracker.clone()));
    /// assert!(!TaskTracker::ptr_eq(&tracker, &TaskTracker::new()));
    /// ```
    #[must_use]
    pub fn ptr_eq(left: &TaskTracker, right: &TaskTracker) -> bool {
        Arc::ptr_eq(&left.inner, &right.inner)
    }
}

impl Clone for TaskTracker {
    fn clone(&self) -> Self {
        TaskTracker {
            inner: self.inner.clone(),
        }
    }
}

impl Default for TaskTracker {
    fn default() -> Self {
        TaskTracker::new()
    }
}

impl fmt::Debug for TaskTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTracker")
            .field("len", &self.len())
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

/// Counts as a task of a [`TaskTracker`] until it is dropped.
///
/// Made by [`TaskTracker::token`]. A clone counts as well.
///
/// # Examples
///
/// ```
/// let tracker = runtime::task::TaskTracker::new();
/// let tokens = vec![tracker.token(); 3];
/// assert_eq!(tracker.len(), 3);
/// drop(tokens);
/// assert!(tracker.is_empty());
/// ```
pub struct TaskTrackerToken {
    tracker: TaskTracker,
}

impl TaskTrackerToken {
    /// The tracker.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::TaskTracker;
    ///
    /// let tracker = TaskTracker::new();
    /// assert!(TaskTracker::ptr_eq(tracker.token().task_tracker(), &tracker));
    /// ```
    #[must_use]
    pub fn task_tracker(&self) -> &TaskTracker {
        &self.tracker
    }
}

impl Clone for TaskTrackerToken {
    fn clone(&self) -> Self {
        self.tracker.token()
    }
}

impl Drop for TaskTrackerToken {
    fn drop(&mut self) {
        let inner = &self.tracker.inner;
        if inner.word.fetch_sub(TOKEN, Ordering::AcqRel) == CLOSED + TOKEN {
            inner.told.notify_waiters();
        }
    }
}

impl fmt::Debug for TaskTrackerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTrackerToken").finish_non_exhaustive()
    }
}

pin_project! {
    /// A future that a [`TaskTracker`] tracks until it is dropped.
    ///
    /// Made by [`TaskTracker::track_future`].
    ///
    /// # Examples
    ///
    /// ```
    /// let tracker = runtime::task::TaskTracker::new();
    /// let future = tracker.track_future(async { 1 });
    /// assert_eq!(tracker.len(), 1);
    /// assert_eq!(futures::executor::block_on(future), 1);
    /// assert!(tracker.is_empty());
    /// ```
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct TrackedFuture<F> {
        // Dropped before the token.
        #[pin]
        future: F,
        token: TaskTrackerToken,
    }
}

impl<F: Future> Future for TrackedFuture<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F: fmt::Debug> fmt::Debug for TrackedFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackedFuture")
            .field("future", &self.future)
            .field("task_tracker", self.token.task_tracker())
            .finish()
    }
}

pin_project! {
    /// The future of [`TaskTracker::wait`].
    ///
    /// # Examples
    ///
    /// ```
    /// let tracker = runtime::task::TaskTracker::new();
    /// tracker.close();
    /// futures::executor::block_on(tracker.wait());
    /// ```
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct TaskTrackerWaitFuture<'a> {
        #[pin]
        told: Notified<'a>,
        // None once it is over.
        inner: Option<&'a Inner>,
    }
}

impl Future for TaskTrackerWaitFuture<'_> {
    type Output = ();

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.inner.is_some_and(|inner| !inner.is_over()) {
            ready!(this.told.poll(cx));
        } else {
            let here = Location::caller();
            ready!(wait::at(here, || budget::poll_proceed(cx))).made_progress();
        }
        *this.inner = None;
        Poll::Ready(())
    }
}

impl fmt::Debug for TaskTrackerWaitFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTrackerWaitFuture")
            .field("is_over", &self.inner.is_none_or(Inner::is_over))
            .finish()
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::base::block_on::block_on;
    use loom::thread::spawn;

    /// Broken on purpose by a `wait` that reads the word before it makes its `Notified`: the
    /// last token may go in between, and the wait never ends.
    #[test]
    fn a_wait_hears_of_the_last_token_however_late_it_begins() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| {
            let tracker = TaskTracker::new();
            let token = tracker.token();
            let other = tracker.clone();
            let task = spawn(move || drop(token));
            let closer = spawn(move || other.close());
            block_on(std::pin::pin!(tracker.wait()));
            assert_eq!((tracker.len(), tracker.is_closed()), (0, true));
            task.join().expect("no panic");
            closer.join().expect("no panic");
        });
    }

    #[test]
    fn a_wait_that_exists_hears_of_it_although_the_tracker_is_opened_again() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| {
            let tracker = TaskTracker::new();
            let wait = tracker.wait();
            let other = tracker.clone();
            let closer = spawn(move || {
                other.close();
                other.reopen();
                let _kept = std::mem::ManuallyDrop::new(other.token());
            });
            block_on(std::pin::pin!(wait));
            closer.join().expect("no panic");
        });
    }
}
