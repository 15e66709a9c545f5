//! Numbers that tell how a runtime is doing.

use super::handle::Handle;
use crate::base::sync::atomic::{AtomicU64, Ordering};
use crate::scheduler::{Counts, Histogram};
use std::fmt;
use std::ops::Range;
use std::thread::ThreadId;
use std::time::Duration;

/// What a runtime holds at the moment of each question, and what it has done so far.
///
/// Made by [`Handle::metrics`]. Each method reads one number; two of them read one after the
/// other need not fit together. Numbers of tasks and of blocking jobs lock for a moment what
/// spawning locks as well, so they are meant for a look every second rather than for every
/// task.
///
/// Workers are numbered from 0. What a worker counts it tells now and then: each time that it
/// looks after timers and sockets, and before it sleeps.
///
/// # Panics
///
/// The methods with a `worker` or a `bucket` panic if there is none with that number.
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

fn read(cell: &AtomicU64) -> u64 {
    cell.load(Ordering::Relaxed)
}

impl RuntimeMetrics {
    pub(super) fn new(handle: Handle) -> Self {
        RuntimeMetrics { handle }
    }

    #[track_caller]
    fn worker(&self, worker: usize) -> &Counts {
        let workers = self.num_workers();
        assert!(
            worker < workers,
            "there is no worker {worker}: this runtime has {workers}, see `num_workers`"
        );
        self.handle.scheduler().counts(worker)
    }

    fn sum(&self, what: impl Fn(&Counts) -> &AtomicU64) -> u64 {
        (0..self.num_workers())
            .map(|worker| read(what(self.worker(worker))))
            .sum()
    }

    /// The number of workers: 1 for a current-thread runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().num_workers(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
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

    /// The number of tasks that were spawned so far.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.block_on(runtime.spawn(async {})).unwrap();
    /// assert_eq!(runtime.metrics().spawned_tasks_count(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn spawned_tasks_count(&self) -> u64 {
        self.handle.scheduler().spawned_tasks()
    }

    /// The number of runnable tasks in the injector: those that were spawned or woken by
    /// threads that are no workers, and that no worker has taken yet.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.spawn(async {});
    /// assert_eq!(runtime.metrics().global_queue_depth(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn global_queue_depth(&self) -> usize {
        self.handle.scheduler().injected()
    }

    /// The same under its older name.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().injection_queue_depth(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn injection_queue_depth(&self) -> usize {
        self.global_queue_depth()
    }

    /// How often a task was scheduled by a thread that is no worker.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.spawn(async {});
    /// assert_eq!(runtime.metrics().remote_schedule_count(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn remote_schedule_count(&self) -> u64 {
        self.handle.scheduler().injections()
    }

    /// How often a leaf future of a task had to give way because the task's budget was spent.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.block_on(runtime.spawn(async {
    ///     for _ in 0..1000 {
    ///         runtime::task::consume_budget().await;
    ///     }
    /// })).unwrap();
    /// assert!(runtime.metrics().budget_forced_yield_count() > 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn budget_forced_yield_count(&self) -> u64 {
        self.sum(|counts| &counts.forced_yields)
    }

    /// The number of threads of the blocking pool, the idle ones included.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.block_on(runtime.spawn_blocking(|| ())).unwrap();
    /// assert_eq!(runtime.metrics().num_blocking_threads(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn num_blocking_threads(&self) -> usize {
        self.handle.inner().pool.stats().threads
    }

    /// The number of threads of the blocking pool that wait for a job.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().num_idle_blocking_threads(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn num_idle_blocking_threads(&self) -> usize {
        self.handle.inner().pool.stats().idle
    }

    /// The number of blocking jobs that wait for a thread.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().blocking_queue_depth(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn blocking_queue_depth(&self) -> usize {
        self.handle.inner().pool.stats().queued
    }

    /// How long the worker was busy: awake, whether it polled tasks or looked for some. By the
    /// runtime's clock, so a paused one stands still.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.block_on(async { (0..100_000).sum::<u64>() });
    /// assert!(!runtime.metrics().worker_total_busy_duration(0).is_zero());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_total_busy_duration(&self, worker: usize) -> Duration {
        Duration::from_nanos(read(&self.worker(worker).busy))
    }

    /// How often the worker went to sleep.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.block_on(runtime::time::sleep(std::time::Duration::from_millis(1)));
    /// assert!(runtime.metrics().worker_park_count(0) > 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_park_count(&self, worker: usize) -> u64 {
        read(&self.worker(worker).parks)
    }

    /// How often the worker went to sleep or woke: odd while it sleeps.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.block_on(runtime::time::sleep(std::time::Duration::from_millis(1)));
    /// assert_eq!(runtime.metrics().worker_park_unpark_count(0) % 2, 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_park_unpark_count(&self, worker: usize) -> u64 {
        let counts = self.worker(worker);
        read(&counts.parks) + read(&counts.unparks)
    }

    /// How often the worker woke and went to sleep again without having polled a task.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().worker_noop_count(0), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_noop_count(&self, worker: usize) -> u64 {
        read(&self.worker(worker).noops)
    }

    /// The thread that runs the worker, if there is one at the moment.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// let metrics = runtime.metrics();
    /// assert_eq!(metrics.worker_thread_id(0), None);
    /// let here = runtime.block_on(async { metrics.worker_thread_id(0) });
    /// assert_eq!(here, Some(std::thread::current().id()));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_thread_id(&self, worker: usize) -> Option<ThreadId> {
        self.worker(worker).thread()
    }

    /// About how many tasks the worker took from the run queues of others.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().worker_steal_count(0), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_steal_count(&self, worker: usize) -> u64 {
        read(&self.worker(worker).steals)
    }

    /// How often the worker took tasks, one or many, from the run queue of another.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().worker_steal_operations(0), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_steal_operations(&self, worker: usize) -> u64 {
        read(&self.worker(worker).steal_operations)
    }

    /// How many polls of tasks the worker has made.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.block_on(runtime.spawn(runtime::task::yield_now())).unwrap();
    /// assert_eq!(runtime.metrics().worker_poll_count(0), 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_poll_count(&self, worker: usize) -> u64 {
        read(&self.worker(worker).polls)
    }

    /// How often a task was scheduled on the worker itself, into its own queue.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// runtime.block_on(async { runtime::spawn(async {}).await.unwrap() });
    /// assert_eq!(runtime.metrics().worker_local_schedule_count(0), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_local_schedule_count(&self, worker: usize) -> u64 {
        read(&self.worker(worker).local_schedules)
    }

    /// How often the worker's run queue was full. It never is: it grows.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().worker_overflow_count(0), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_overflow_count(&self, worker: usize) -> u64 {
        self.worker(worker);
        0
    }

    /// The number of runnable tasks in the worker's run queue, without the one that is in
    /// its slot and runs next.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().worker_local_queue_depth(0), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_local_queue_depth(&self, worker: usize) -> usize {
        self.worker(worker);
        self.handle.scheduler().queued(worker)
    }

    /// How long a poll takes on the worker: a mean in which the past counts less and less.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert!(runtime.metrics().worker_mean_poll_time(0).is_zero());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn worker_mean_poll_time(&self, worker: usize) -> Duration {
        Duration::from_nanos(read(&self.worker(worker).mean_poll))
    }

    /// How many sources (sockets and the like) were registered with the driver so far.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// let socket = runtime.block_on(runtime::net::UdpSocket::bind("127.0.0.1:0"))?;
    /// assert_eq!(runtime.metrics().io_driver_fd_registered_count(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn io_driver_fd_registered_count(&self) -> u64 {
        let driver = self.handle.scheduler().driver();
        driver.count(|counts| &counts.registered)
    }

    /// How many sources were deregistered from the driver so far.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// drop(runtime.block_on(runtime::net::UdpSocket::bind("127.0.0.1:0"))?);
    /// assert_eq!(runtime.metrics().io_driver_fd_deregistered_count(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn io_driver_fd_deregistered_count(&self) -> u64 {
        let driver = self.handle.scheduler().driver();
        driver.count(|counts| &counts.deregistered)
    }

    /// How many events of sources the driver has taken in so far.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.metrics().io_driver_ready_count(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn io_driver_ready_count(&self) -> u64 {
        let driver = self.handle.scheduler().driver();
        driver.count(|counts| &counts.events)
    }

    fn poll_times(&self) -> Option<&Histogram> {
        self.handle.scheduler().watcher()?.poll_times.as_ref()
    }

    /// Whether the times of polls are counted; see
    /// [`Builder::enable_metrics_poll_time_histogram`](super::Builder::enable_metrics_poll_time_histogram).
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert!(!runtime.metrics().poll_time_histogram_enabled());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_time_histogram_enabled(&self) -> bool {
        self.poll_times().is_some()
    }

    /// The number of buckets; 0 if the times of polls are not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .enable_metrics_poll_time_histogram()
    ///     .build()?;
    /// assert!(runtime.metrics().poll_time_histogram_num_buckets() > 100);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_time_histogram_num_buckets(&self) -> usize {
        self.poll_times().map_or(0, Histogram::buckets)
    }

    /// The times that a bucket stands for.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .enable_metrics_poll_time_histogram()
    ///     .build()?;
    /// let first = runtime.metrics().poll_time_histogram_bucket_range(0);
    /// assert!(first.start.is_zero() && first.end.as_nanos() == 100);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn poll_time_histogram_bucket_range(&self, bucket: usize) -> Range<Duration> {
        bucket_of(self.poll_times(), bucket).range(bucket)
    }

    /// How many polls on the worker took a time of this bucket; 0 if they are not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .enable_metrics_poll_time_histogram()
    ///     .build()?;
    /// runtime.block_on(runtime.spawn(async {})).unwrap();
    /// let metrics = runtime.metrics();
    /// let buckets = 0..metrics.poll_time_histogram_num_buckets();
    /// let polls = buckets.map(|i| metrics.poll_time_histogram_bucket_count(0, i));
    /// assert_eq!(polls.sum::<u64>(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn poll_time_histogram_bucket_count(&self, worker: usize, bucket: usize) -> u64 {
        self.worker(worker);
        match self.poll_times() {
            Some(times) => bucket_of(Some(times), bucket).count(worker, bucket),
            None => 0,
        }
    }

    fn delays(&self) -> Option<&Histogram> {
        self.handle.scheduler().watcher()?.delays.as_ref()
    }

    /// Whether the times that tasks are runnable and not yet polled are counted; see
    /// [`Builder::enable_metrics_scheduling_delay_histogram`](super::Builder::enable_metrics_scheduling_delay_histogram).
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert!(!runtime.metrics().scheduling_delay_histogram_enabled());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn scheduling_delay_histogram_enabled(&self) -> bool {
        self.delays().is_some()
    }

    /// The number of buckets; 0 if the delays are not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .enable_metrics_scheduling_delay_histogram()
    ///     .build()?;
    /// assert!(runtime.metrics().scheduling_delay_histogram_num_buckets() > 100);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn scheduling_delay_histogram_num_buckets(&self) -> usize {
        self.delays().map_or(0, Histogram::buckets)
    }

    /// The times that a bucket stands for.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .enable_metrics_scheduling_delay_histogram()
    ///     .build()?;
    /// assert!(runtime.metrics().scheduling_delay_histogram_bucket_range(0).start.is_zero());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn scheduling_delay_histogram_bucket_range(&self, bucket: usize) -> Range<Duration> {
        bucket_of(self.delays(), bucket).range(bucket)
    }

    /// How often a task waited on the worker for a time of this bucket, from when it was woken
    /// or spawned to when it was polled; 0 if that is not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .enable_metrics_scheduling_delay_histogram()
    ///     .build()?;
    /// runtime.block_on(runtime.spawn(async {})).unwrap();
    /// let metrics = runtime.metrics();
    /// let buckets = 0..metrics.scheduling_delay_histogram_num_buckets();
    /// let waits = buckets.map(|i| metrics.scheduling_delay_histogram_bucket_count(0, i));
    /// assert_eq!(waits.sum::<u64>(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn scheduling_delay_histogram_bucket_count(&self, worker: usize, bucket: usize) -> u64 {
        self.worker(worker);
        match self.delays() {
            Some(times) => bucket_of(Some(times), bucket).count(worker, bucket),
            None => 0,
        }
    }
}

#[track_caller]
fn bucket_of(histogram: Option<&Histogram>, bucket: usize) -> &Histogram {
    let Some(histogram) = histogram else {
        panic!("this runtime has no such histogram; enable it at its `Builder`")
    };
    let buckets = histogram.buckets();
    assert!(
        bucket < buckets,
        "there is no bucket {bucket}: the histogram has {buckets}"
    );
    histogram
}

impl fmt::Debug for RuntimeMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeMetrics")
            .field("num_workers", &self.num_workers())
            .field("num_alive_tasks", &self.num_alive_tasks())
            .field("spawned_tasks_count", &self.spawned_tasks_count())
            .field("global_queue_depth", &self.global_queue_depth())
            .field("num_blocking_threads", &self.num_blocking_threads())
            .field(
                "num_idle_blocking_threads",
                &self.num_idle_blocking_threads(),
            )
            .field("blocking_queue_depth", &self.blocking_queue_depth())
            .finish_non_exhaustive()
    }
}
