//! What a builder can be told about watching tasks, and other settings that few programs need.

use super::builder::Builder;
use super::histogram::HistogramConfiguration;
use crate::scheduler::{Histogram, Watcher};
use crate::tasks::TaskMeta;
use std::sync::Arc;

/// Where choices at random begin: the same seed gives the same choices.
///
/// For [`Builder::rng_seed`].
///
/// # Examples
///
/// ```
/// use runtime::rt::{Builder, RngSeed};
///
/// let seed = RngSeed::from_bytes(b"the same in each run");
/// let runtime = Builder::new_current_thread().rng_seed(seed).build()?;
/// assert_eq!(runtime.block_on(async { 1 }), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RngSeed(u64);

impl RngSeed {
    /// The seed that these bytes give, by the FNV-1a hash.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::RngSeed;
    ///
    /// let (a, b) = (RngSeed::from_bytes(b"a"), RngSeed::from_bytes(b"b"));
    /// assert_ne!(format!("{a:?}"), format!("{b:?}"));
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        RngSeed(hash)
    }

    pub(super) fn number(self) -> u64 {
        self.0
    }
}

impl Builder {
    /// A function that is called for each task that is spawned, before it can run, by the
    /// thread that spawns it.
    ///
    /// Jobs of the blocking pool and the futures that are in `block_on` are no tasks in this
    /// sense. A panic in it ends there. While no hook is set, tasks pay nothing for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let count = Arc::new(AtomicUsize::new(0));
    /// let theirs = count.clone();
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .on_task_spawn(move |_| { theirs.fetch_add(1, Ordering::Relaxed); })
    ///     .build()?;
    /// runtime.spawn(async {});
    /// assert_eq!(count.load(Ordering::Relaxed), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_task_spawn<F>(&mut self, hook: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.hooks.spawn = Some(Arc::new(hook));
        self
    }

    /// A function that a worker calls before each poll of a task. See
    /// [`on_task_spawn`](Self::on_task_spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let polls = Arc::new(AtomicUsize::new(0));
    /// let theirs = polls.clone();
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .on_before_task_poll(move |_| { theirs.fetch_add(1, Ordering::Relaxed); })
    ///     .build()?;
    /// runtime.block_on(runtime.spawn(runtime::task::yield_now())).unwrap();
    /// assert_eq!(polls.load(Ordering::Relaxed), 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_before_task_poll<F>(&mut self, hook: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.hooks.before_poll = Some(Arc::new(hook));
        self
    }

    /// A function that a worker calls after each poll of a task, also one that panicked. See
    /// [`on_task_spawn`](Self::on_task_spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let polls = Arc::new(AtomicUsize::new(0));
    /// let theirs = polls.clone();
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .on_after_task_poll(move |_| { theirs.fetch_add(1, Ordering::Relaxed); })
    ///     .build()?;
    /// runtime.block_on(runtime.spawn(async {})).unwrap();
    /// assert_eq!(polls.load(Ordering::Relaxed), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_after_task_poll<F>(&mut self, hook: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.hooks.after_poll = Some(Arc::new(hook));
        self
    }

    /// A function that is called for each task that has ended, whether it completed, panicked or
    /// was cancelled: after its future was dropped, before whoever awaits it is told. See
    /// [`on_task_spawn`](Self::on_task_spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let count = Arc::new(AtomicUsize::new(0));
    /// let theirs = count.clone();
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .on_task_terminate(move |_| { theirs.fetch_add(1, Ordering::Relaxed); })
    ///     .build()?;
    /// runtime.spawn(std::future::pending::<()>());
    /// drop(runtime);
    /// assert_eq!(count.load(Ordering::Relaxed), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_task_terminate<F>(&mut self, hook: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.hooks.terminate = Some(Arc::new(hook));
        self
    }

    /// Counts how long polls of tasks take; see
    /// [`RuntimeMetrics::poll_time_histogram_bucket_count`](super::RuntimeMetrics::poll_time_histogram_bucket_count).
    ///
    /// It costs two looks at the clock a poll.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .enable_metrics_poll_time_histogram()
    ///     .build()?;
    /// assert!(runtime.metrics().poll_time_histogram_enabled());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enable_metrics_poll_time_histogram(&mut self) -> &mut Self {
        self.poll_times_enabled = true;
        self
    }

    /// The buckets for the times of polls, where they are
    /// [enabled](Self::enable_metrics_poll_time_histogram).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::{Builder, HistogramConfiguration, LogHistogram};
    ///
    /// let runtime = Builder::new_current_thread()
    ///     .enable_metrics_poll_time_histogram()
    ///     .metrics_poll_time_histogram_configuration(HistogramConfiguration::log(
    ///         LogHistogram::builder().max_error(1.0),
    ///     ))
    ///     .build()?;
    /// assert_eq!(runtime.metrics().poll_time_histogram_num_buckets(), 32);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn metrics_poll_time_histogram_configuration(
        &mut self,
        configuration: HistogramConfiguration,
    ) -> &mut Self {
        self.poll_times = Some(configuration);
        self
    }

    /// Counts how long tasks are runnable before they are polled; see
    /// [`RuntimeMetrics::scheduling_delay_histogram_bucket_count`](super::RuntimeMetrics::scheduling_delay_histogram_bucket_count).
    ///
    /// It costs two looks at the clock each time that a task is woken. Its buckets are those of
    /// [`HistogramConfiguration::default`], or those of
    /// [`metrics_scheduling_delay_histogram_configuration`](Self::metrics_scheduling_delay_histogram_configuration).
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .enable_metrics_scheduling_delay_histogram()
    ///     .build()?;
    /// assert!(runtime.metrics().scheduling_delay_histogram_enabled());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enable_metrics_scheduling_delay_histogram(&mut self) -> &mut Self {
        self.delays.get_or_insert_default();
        self
    }

    /// Counts how long tasks are runnable before they are polled, in these buckets. See
    /// [`enable_metrics_scheduling_delay_histogram`](Self::enable_metrics_scheduling_delay_histogram).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::{Builder, HistogramConfiguration};
    /// use std::time::Duration;
    ///
    /// let buckets = HistogramConfiguration::linear(Duration::from_millis(1), 20);
    /// let runtime = Builder::new_current_thread()
    ///     .metrics_scheduling_delay_histogram_configuration(buckets)
    ///     .build()?;
    /// assert_eq!(runtime.metrics().scheduling_delay_histogram_num_buckets(), 20);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn metrics_scheduling_delay_histogram_configuration(
        &mut self,
        configuration: HistogramConfiguration,
    ) -> &mut Self {
        self.delays = Some(configuration);
        self
    }

    /// Runs all tasks in the order in which they were woken. By default, on a multi-thread
    /// runtime, the task that a worker woke last runs first, since what it needs is in the cache,
    /// for some times in a row. A current-thread runtime keeps the order in any case.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_multi_thread().disable_lifo_slot().build()?;
    /// assert_eq!(runtime.block_on(async { 1 }), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn disable_lifo_slot(&mut self) -> &mut Self {
        self.disable_lifo_slot = true;
        self
    }

    /// Where the runtime's choices at random begin: the branches of `select!` within its tasks,
    /// and whom a worker steals from. With one worker the choices are the same in each run.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::{Builder, RngSeed};
    ///
    /// let first_branch = || {
    ///     let seed = RngSeed::from_bytes(b"seed");
    ///     let runtime = Builder::new_current_thread().rng_seed(seed).build().unwrap();
    ///     runtime.block_on(async {
    ///         runtime::select! { () = async {} => 1, () = async {} => 2, () = async {} => 3 }
    ///     })
    /// };
    /// assert_eq!(first_branch(), first_branch());
    /// ```
    pub fn rng_seed(&mut self, seed: RngSeed) -> &mut Self {
        self.seed = Some(seed);
        self
    }

    /// How many events a worker takes in that looks after sockets although it is busy; as
    /// [`max_io_events_per_tick`](Self::max_io_events_per_tick) by default.
    ///
    /// What does not fit is told by the next look.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .max_io_events_per_busy_tick(64)
    ///     .build()?;
    /// assert_eq!(runtime.block_on(async { 1 }), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn max_io_events_per_busy_tick(&mut self, capacity: usize) -> &mut Self {
        assert!(
            capacity > 0,
            "`max_io_events_per_busy_tick` must be at least 1"
        );
        self.busy_events = Some(capacity);
        self
    }

    pub(super) fn watcher(&self, workers: usize) -> Option<Watcher> {
        let histogram =
            |configuration: HistogramConfiguration| Histogram::new(configuration.bounds(), workers);
        let poll_times = self
            .poll_times_enabled
            .then(|| histogram(self.poll_times.clone().unwrap_or_default()));
        let delays = self.delays.clone().map(histogram);
        Watcher::new(self.hooks.clone(), poll_times, delays)
    }
}
