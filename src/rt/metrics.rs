//! Numbers that tell how a runtime is doing.

use super::handle::Handle;
use std::fmt;

/// What a runtime holds at the moment of each question.
///
/// Made by [`Handle::metrics`]. Each method reads one number; two of them read one after the
/// other need not fit together. Asking locks for a moment what spawning locks as well, so it is
/// meant for a look every second rather than for every task.
///
/// # Examples
///
/// ```
/// let runtime = runtime::rt::Builder::new_multi_thread().worker_threads(2).build()?;
/// let metrics = runtime.handle().metrics();
/// assert_eq!(metrics.num_workers(), 2);
/// assert_eq!(metrics.num_alive_tasks(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct RuntimeMetrics {
    handle: Handle,
}

impl RuntimeMetrics {
    pub(super) fn new(handle: Handle) -> Self {
        RuntimeMetrics { handle }
    }

    /// The number of workers: 1 for a current-thread runtime.
    pub fn num_workers(&self) -> usize {
        self.handle.scheduler().workers()
    }

    /// The number of tasks that were spawned and have not ended. Jobs of the blocking pool and
    /// the futures that are in `block_on` do not count.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// let task = runtime.spawn(async {});
    /// assert_eq!(runtime.handle().metrics().num_alive_tasks(), 1);
    /// runtime.block_on(task).unwrap();
    /// assert_eq!(runtime.handle().metrics().num_alive_tasks(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn num_alive_tasks(&self) -> usize {
        self.handle.scheduler().live_tasks()
    }

    /// The number of runnable tasks in the injector: those that were spawned or woken by
    /// threads that are no workers, and that no worker has taken yet.
    pub fn global_queue_depth(&self) -> usize {
        self.handle.scheduler().injected()
    }

    /// The same under its older name.
    pub fn injection_queue_depth(&self) -> usize {
        self.global_queue_depth()
    }

    /// The number of threads of the blocking pool, the idle ones included.
    pub fn num_blocking_threads(&self) -> usize {
        self.handle.inner().pool.stats().threads
    }

    /// The number of threads of the blocking pool that wait for a job.
    pub fn num_idle_blocking_threads(&self) -> usize {
        self.handle.inner().pool.stats().idle
    }

    /// The number of blocking jobs that wait for a thread.
    pub fn blocking_queue_depth(&self) -> usize {
        self.handle.inner().pool.stats().queued
    }
}

impl fmt::Debug for RuntimeMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeMetrics")
            .field("num_workers", &self.num_workers())
            .field("num_alive_tasks", &self.num_alive_tasks())
            .field("global_queue_depth", &self.global_queue_depth())
            .field("num_blocking_threads", &self.num_blocking_threads())
            .field(
                "num_idle_blocking_threads",
                &self.num_idle_blocking_threads(),
            )
            .field("blocking_queue_depth", &self.blocking_queue_depth())
            .finish()
    }
}
