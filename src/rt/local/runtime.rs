//! A runtime that belongs to one thread.

use super::super::builder::Builder;
use super::super::context::EnterGuard;
use super::super::handle::Handle;
use super::super::metrics::RuntimeMetrics;
use super::super::runtime::Runtime;
use super::here;
use crate::scheduler;
use crate::tasks::{JoinHandle, Origin};
use std::fmt;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::time::Duration;

/// A current-thread runtime that also takes tasks whose futures are not `Send`.
///
/// It cannot leave the thread that built it, so neither can its tasks: no
/// [`LocalSet`](crate::task::LocalSet) is needed. Within it,
/// [`spawn_local`](crate::task::spawn_local) spawns, and so does [`spawn`](crate::spawn). Its
/// [`handle`](Self::handle) can go to other threads, and spawn what is `Send` from there.
///
/// Sets can be used within all the same, as in any runtime.
///
/// Dropping it drops the futures of all its tasks, as it does with a
/// [`Runtime`].
///
/// # Examples
///
/// ```
/// use runtime::rt::LocalRuntime;
/// use std::rc::Rc;
///
/// let runtime = LocalRuntime::new()?;
/// let data = Rc::new(20);
/// let task = runtime.spawn_local(async move { *data + 1 });
/// assert_eq!(runtime.block_on(task).unwrap(), 21);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct LocalRuntime {
    runtime: Runtime,
    /// Not `Send`, and not `Sync`.
    _home: PhantomData<*const ()>,
}

/// Options that only a [`LocalRuntime`] has; there are none so far.
///
/// # Examples
///
/// ```
/// use runtime::rt::{Builder, LocalOptions};
///
/// let runtime = Builder::new_current_thread().build_local(LocalOptions::default())?;
/// assert_eq!(runtime.block_on(async { 1 }), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct LocalOptions {
    /// What may be said here one day may belong to one thread.
    _home: PhantomData<*const ()>,
}

impl Builder {
    /// Builds a runtime that belongs to the current thread, and takes local tasks.
    ///
    /// # Errors
    ///
    /// If file descriptors have run out.
    ///
    /// # Panics
    ///
    /// If the builder was made by [`new_multi_thread`](Self::new_multi_thread).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::Builder;
    ///
    /// let runtime = Builder::new_current_thread()
    ///     .start_paused(true)
    ///     .build_local(Default::default())?;
    /// runtime.block_on(runtime::time::sleep(std::time::Duration::from_secs(3600)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn build_local(&mut self, _options: LocalOptions) -> io::Result<LocalRuntime> {
        Ok(LocalRuntime {
            runtime: self.build_at_home()?,
            _home: PhantomData,
        })
    }
}

impl LocalRuntime {
    /// A runtime with the defaults of [`Builder`].
    ///
    /// # Errors
    ///
    /// If file descriptors have run out.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::LocalRuntime::new()?;
    /// assert_eq!(runtime.block_on(async { 6 * 7 }), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new() -> io::Result<Self> {
        Builder::new_current_thread().build_local(LocalOptions::default())
    }

    /// The runtime's handle.
    ///
    /// Other threads can spawn with it what is `Send`.
    /// [`Handle::block_on`](crate::rt::Handle::block_on) runs no tasks of this runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::LocalRuntime::new()?;
    /// let handle = runtime.handle().clone();
    /// let task = std::thread::spawn(move || handle.spawn(async { "from afar" })).join().unwrap();
    /// assert_eq!(runtime.block_on(task).unwrap(), "from afar");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Numbers that tell how the runtime is doing.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::LocalRuntime::new()?;
    /// let task = runtime.spawn_local(std::future::pending::<()>());
    /// assert_eq!(runtime.metrics().num_alive_tasks(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn metrics(&self) -> RuntimeMetrics {
        self.runtime.metrics()
    }

    /// Spawns a task onto this runtime; its future need not be `Send`. It runs while the thread
    /// is in [`block_on`](Self::block_on).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// let runtime = runtime::rt::LocalRuntime::new()?;
    /// let task = runtime.spawn_local(async { Rc::new("an output that is not `Send`") });
    /// assert!(runtime.block_on(task).unwrap().starts_with("an"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        scheduler::spawn_local(self.handle().home(), future, Origin::here())
    }

    /// Runs a function that may block on the runtime's pool. See
    /// [`spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::LocalRuntime::new()?;
    /// let job = runtime.spawn_blocking(|| 7);
    /// assert_eq!(runtime.block_on(job).unwrap(), 7);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, function: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle().spawn_blocking(function)
    }

    /// Blocks the current thread until the future is done, and runs the spawned tasks, the
    /// timers and the sockets meanwhile.
    ///
    /// # Panics
    ///
    /// If the future panics, or if the current thread is polling async code already: use
    /// `.await` there.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::spawn_local;
    ///
    /// let runtime = runtime::rt::LocalRuntime::new()?;
    /// let answer = runtime.block_on(async { spawn_local(async { 42 }).await.unwrap() });
    /// assert_eq!(answer, 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        // A set that was entered outside would take what is spawned here.
        let _no_set = here::enter(None);
        self.runtime.block_on(future)
    }

    /// Puts the current thread into the context of this runtime until the guard is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::LocalRuntime::new()?;
    /// let guard = runtime.enter();
    /// let task = runtime::task::spawn_local(async { 1 });
    /// drop(guard);
    /// assert_eq!(runtime.block_on(task).unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enter(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Shuts the runtime down and waits, at the longest for `limit`, for blocking jobs that have
    /// started. The tasks are dropped here in any case.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let runtime = runtime::rt::LocalRuntime::new()?;
    /// let task = runtime.spawn_local(std::future::pending::<()>());
    /// runtime.shutdown_timeout(Duration::from_millis(10));
    /// assert!(task.is_finished());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown_timeout(self, limit: Duration) {
        self.runtime.shutdown_timeout(limit);
    }

    /// Shuts the runtime down and does not wait for blocking jobs. The tasks are dropped here.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::LocalRuntime::new()?;
    /// let task = runtime.spawn_local(std::future::pending::<()>());
    /// runtime.shutdown_background();
    /// assert!(task.is_finished());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown_background(self) {
        self.runtime.shutdown_background();
    }
}

impl fmt::Debug for LocalRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalRuntime")
            .field("handle", self.handle())
            .finish_non_exhaustive()
    }
}
