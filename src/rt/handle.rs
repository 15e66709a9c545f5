//! Handles: a runtime from afar.

use super::context::{self, EnterGuard, TryCurrentError};
use super::id::Id;
use super::metrics::RuntimeMetrics;
use super::threads::Threads;
use super::{nested, offload};
use crate::blocking::Pool;
use crate::scheduler::{self, Home, Scheduler, block_on_beside};
use crate::tasks::{JoinHandle, Origin};
use std::fmt;
use std::future::Future;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

/// Futures above this size are boxed before they are moved around, so that a large one
/// overflows no stack. The same in all profiles.
pub(super) const BOX_ABOVE: usize = 16 * 1024;

/// What runs the tasks of a runtime.
///
/// # Examples
///
/// ```
/// use runtime::rt::{Builder, RuntimeFlavor};
///
/// let runtime = Builder::new_current_thread().build()?;
/// assert_eq!(runtime.handle().runtime_flavor(), RuntimeFlavor::CurrentThread);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeFlavor {
    /// Tasks run on the thread that is in [`block_on`](super::Runtime::block_on).
    CurrentThread,
    /// Tasks run on the runtime's worker threads.
    MultiThread,
}

/// A reference to a runtime, for spawning onto it from anywhere.
///
/// It is cheap to clone. It does not keep the runtime running: what is spawned after the
/// runtime was shut down is cancelled at once.
///
/// # Examples
///
/// ```
/// let runtime = runtime::rt::Runtime::new()?;
/// let handle = runtime.handle().clone();
/// let thread = std::thread::spawn(move || handle.block_on(async { 1 + 1 }));
/// assert_eq!(thread.join().unwrap(), 2);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Handle {
    inner: Arc<Inner>,
}

/// What all handles of a runtime share.
pub(super) struct Inner {
    pub(super) home: Home,
    pub(super) pool: Pool<offload::BlockingJob>,
    pub(super) threads: Threads,
    pub(super) flavor: RuntimeFlavor,
    pub(super) name: Option<String>,
    pub(super) id: Id,
}

// What a panic of a task or of a root could leave half done is behind locks and atomics, and
// user code never runs within.
impl UnwindSafe for Handle {}
impl RefUnwindSafe for Handle {}

impl Handle {
    pub(super) fn new(inner: Arc<Inner>) -> Self {
        Handle { inner }
    }

    pub(super) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    pub(super) fn home(&self) -> &Home {
        &self.inner.home
    }

    pub(super) fn scheduler(&self) -> &Arc<Scheduler> {
        self.inner.home.scheduler()
    }

    /// The handle of the runtime whose context the current thread is in.
    ///
    /// # Panics
    ///
    /// If there is none; see [`try_current`](Self::try_current).
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let handle = runtime::rt::Handle::current();
    /// std::thread::spawn(move || {
    ///     handle.spawn(async { println!("from a thread of its own") });
    /// });
    /// # });
    /// ```
    #[track_caller]
    pub fn current() -> Self {
        match Self::try_current() {
            Ok(handle) => handle,
            Err(error) => panic!("{error}"),
        }
    }

    /// The handle of the runtime whose context the current thread is in.
    ///
    /// # Errors
    ///
    /// If there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(runtime::rt::Handle::try_current().is_err());
    /// ```
    pub fn try_current() -> Result<Self, TryCurrentError> {
        context::with_current(Handle::clone)
    }

    /// Puts the current thread into the context of this runtime until the guard is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let _guard = runtime.handle().enter();
    /// runtime::spawn(async { println!("found it") });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enter(&self) -> EnterGuard<'_> {
        context::enter(self)
    }

    /// Spawns a task onto this runtime. See [`spawn`](crate::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let handle = runtime.handle().clone();
    /// let task = std::thread::spawn(move || handle.spawn(async { 1 })).join().unwrap();
    /// assert_eq!(runtime.block_on(task)?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_from(future, Origin::here())
    }

    #[inline]
    pub(super) fn spawn_from<F>(&self, future: F, origin: Origin) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // One call for both: without optimisation each call takes a copy of its arguments on
        // the stack.
        let spawn = if const { size_of::<F>() > BOX_ABOVE } {
            spawn_boxed
        } else {
            scheduler::spawn
        };
        spawn(&self.inner.home, future, origin)
    }

    /// Runs a function that may block on a thread of this runtime's pool. See
    /// [`spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let task = runtime.handle().spawn_blocking(|| std::fs::read("Cargo.toml"));
    /// assert!(!runtime.block_on(task)??.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, function: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        offload::spawn_blocking(&self.inner, function, Origin::here())
    }

    /// Blocks the current thread until the future is done, in the context of this runtime.
    ///
    /// The future runs on this thread. Tasks that it spawns run on the runtime: on a
    /// current-thread runtime only while another thread is in
    /// [`Runtime::block_on`](super::Runtime::block_on), and so do timers and sockets.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let handle = runtime.handle().clone();
    /// let other = std::thread::spawn(move || handle.block_on(async { 6 * 7 }));
    /// assert_eq!(other.join().unwrap(), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the future panics, or if this is a current-thread runtime and the current thread is the
    /// one that runs its tasks: they could not go on. The message names both calls. Anywhere else
    /// in async code it works, as [`Runtime::block_on`](super::Runtime::block_on) does.
    #[inline]
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _blocked = nested::begin(self, "Handle::block_on");
        let driver = self.scheduler().driver();
        if const { size_of::<F>() > BOX_ABOVE } {
            block_on_beside(driver, Box::pin(future))
        } else {
            block_on_beside(driver, std::pin::pin!(future))
        }
    }

    /// Polls the future until it is done, and the tasks of a current-thread runtime with it. The
    /// caller is in the context.
    pub(super) fn drive<F: Future>(
        &self,
        place: &'static Location<'static>,
        future: F,
    ) -> F::Output {
        match self.inner.flavor {
            RuntimeFlavor::MultiThread => block_on_beside(self.scheduler().driver(), future),
            RuntimeFlavor::CurrentThread => self.scheduler().block_on(place, future),
        }
    }

    /// What tells this runtime from all others.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let handle = runtime.handle().clone();
    /// assert_eq!(handle.id(), runtime.handle().id());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn id(&self) -> Id {
        self.inner.id
    }

    /// What runs this runtime's tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::{Runtime, RuntimeFlavor};
    ///
    /// let runtime = Runtime::new()?;
    /// assert_eq!(runtime.handle().runtime_flavor(), RuntimeFlavor::MultiThread);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        self.inner.flavor
    }

    /// Numbers that tell how the runtime is doing.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.handle().metrics().num_workers(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn metrics(&self) -> RuntimeMetrics {
        RuntimeMetrics::new(self.clone())
    }

    /// The runtime's name, if its builder gave it one.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_multi_thread().name("shop").build()?;
    /// assert_eq!(runtime.handle().name(), Some("shop"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }
}

#[inline]
fn spawn_boxed<F>(home: &Home, future: F, origin: Origin) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    scheduler::spawn(home, Box::pin(future), origin)
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("flavor", &self.inner.flavor)
            .field("name", &self.inner.name)
            .field("workers", &self.scheduler().workers())
            .finish()
    }
}
