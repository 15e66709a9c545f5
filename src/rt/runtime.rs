//! The runtime, and how it ends.

use super::builder::Builder;
use super::context::EnterGuard;
use super::handle::{BOX_ABOVE, Handle, RuntimeFlavor};
use super::metrics::RuntimeMetrics;
use super::{nested, offload};
use crate::tasks::{JoinHandle, Origin};
use std::future::Future;
use std::io;
use std::panic::Location;
use std::time::{Duration, Instant};

/// An async runtime: workers, a driver for sockets and timers, and a pool for what blocks.
///
/// Most programs have one, made by [`main`](macro@crate::main). Make one by hand to embed it, or to
/// decide when and how it ends.
///
/// # Shutdown
///
/// Dropping a runtime shuts it down: each worker finishes the poll that it is in, all tasks are
/// then dropped, and the blocking pool's queue is cancelled. The drop waits for that, and for
/// blocking jobs that have started or have a thread on its way to them. [`shutdown_timeout`](Self::shutdown_timeout) waits for so
/// long only, [`shutdown_background`](Self::shutdown_background) not at all.
///
/// Async code may drop a runtime too. A worker of a multi-thread runtime gives its other tasks to
/// another thread and waits. Where waiting would stop other tasks, because the thread runs a
/// current-thread runtime, none of them waits, and the shutdown goes on in the background.
///
/// # Examples
///
/// ```
/// use runtime::rt::Runtime;
///
/// let runtime = Runtime::new()?;
/// let handle = runtime.spawn(async { "spawned from outside" });
/// assert_eq!(runtime.block_on(handle).unwrap(), "spawned from outside");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
    patience: Patience,
}

/// How long the end may take.
#[derive(Clone, Copy, Debug)]
enum Patience {
    Endless,
    Until(Instant),
    None,
}

impl Runtime {
    pub(super) fn from_handle(handle: Handle) -> Self {
        Runtime {
            handle,
            patience: Patience::Endless,
        }
    }

    /// A multi-thread runtime with the defaults of [`Builder`].
    ///
    /// # Errors
    ///
    /// If threads or file descriptors have run out.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// assert_eq!(runtime.block_on(async { 1 }), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new() -> io::Result<Self> {
        Builder::new_multi_thread().build()
    }

    /// The runtime's handle, for others to spawn with.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let task = runtime.handle().spawn(async { 1 });
    /// assert_eq!(runtime.block_on(task)?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Numbers that tell how the runtime is doing.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// assert_eq!(runtime.metrics().num_alive_tasks(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn metrics(&self) -> RuntimeMetrics {
        self.handle.metrics()
    }

    /// Spawns a task onto this runtime. See [`spawn`](crate::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let task = runtime.spawn(async { 6 * 7 });
    /// assert_eq!(runtime.block_on(task)?, 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn_from(future, Origin::here())
    }

    /// Runs a function that may block on the runtime's pool. See
    /// [`spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let task = runtime.spawn_blocking(|| std::fs::read("Cargo.toml"));
    /// assert!(!runtime.block_on(task)??.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, function: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        offload::spawn_blocking(self.handle.inner(), function, Origin::here())
    }

    /// Puts the current thread into the context of this runtime until the guard is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let guard = runtime.enter();
    /// let task = runtime::spawn(async { 1 });
    /// drop(guard);
    /// assert_eq!(runtime.block_on(task).unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// Blocks the current thread until the future is done.
    ///
    /// The future runs on this thread and need not be `Send`. On a current-thread runtime this
    /// is what runs the spawned tasks, the timers and the sockets; if several threads are in
    /// `block_on`, one of them does, and when it leaves the next.
    ///
    /// It can be called within async code too, where an `.await` is better if there is one to be
    /// had: the current task waits, and so does what is joined to it. A worker of a multi-thread
    /// runtime gives its other tasks to another thread first, as
    /// [`block_in_place`](crate::task::block_in_place) does; the tasks of a current-thread runtime
    /// wait until the call returns.
    ///
    /// # Panics
    ///
    /// If the future panics, or if this is a current-thread runtime and the current thread is the
    /// one that runs its tasks: that would never end. The message names both calls.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// let not_send = std::rc::Rc::new(7);
    /// let same = not_send.clone();
    /// assert_eq!(runtime.block_on(async move { *same }), 7);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let place = Location::caller();
        let _blocked = nested::begin(&self.handle, "Runtime::block_on");
        // In either place it is dropped before the context ends.
        if const { size_of::<F>() > BOX_ABOVE } {
            self.handle.drive(place, Box::pin(future))
        } else {
            self.handle.drive(place, std::pin::pin!(future))
        }
    }

    /// Shuts the runtime down and waits for its end, at the longest for `limit`.
    ///
    /// Blocking jobs that have not ended by then go on on their own.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// runtime.spawn_blocking(|| std::thread::sleep(Duration::from_secs(2)));
    /// let start = Instant::now();
    /// runtime.shutdown_timeout(Duration::from_millis(10));
    /// assert!(start.elapsed() < Duration::from_secs(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown_timeout(mut self, limit: Duration) {
        self.patience = match Instant::now().checked_add(limit) {
            Some(deadline) => Patience::Until(deadline),
            None => Patience::Endless,
        };
    }

    /// Shuts the runtime down and waits for nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let task = runtime.spawn(std::future::pending::<()>());
    /// runtime.shutdown_background();
    /// assert!(runtime::block_on(task).unwrap_err().is_cancelled());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown_background(mut self) {
        self.patience = Patience::None;
    }

    /// The one way in which a runtime ends: the scheduler with all tasks, the driver and the
    /// registry, then the pool; then wait.
    fn shutdown(&self) {
        let inner = self.handle.inner();
        let scheduler = self.handle.scheduler();
        inner.threads.close();
        scheduler.close();
        if inner.flavor == RuntimeFlavor::CurrentThread {
            let _context = self.handle.enter();
            scheduler.finish_here();
        }
        inner.pool.close();
        let deadline = match self.patience {
            Patience::Endless => None,
            Patience::Until(deadline) => Some(deadline),
            Patience::None => return,
        };
        let Some(_aside) = nested::may_wait_for_end(scheduler) else {
            return;
        };
        // The last worker out has closed everything before its thread ends: mostly one wait.
        if inner.threads.join(deadline) && scheduler.wait_closed(deadline) {
            inner.pool.wait(deadline);
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.shutdown();
    }
}
