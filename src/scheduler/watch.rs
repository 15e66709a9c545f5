//! Who looks on while tasks live: the user's hooks and the histograms.
//!
//! A scheduler that nobody watches has none of this: each place where something could be told
//! looks at one `Option` that never changes. With a watch, the worker polls by another, slower
//! path, which reads the clock where a histogram needs it.
//!
//! A hook is the user's code: it is called with nothing locked or borrowed, and a panic in it
//! ends there.
//!
//! When a task was scheduled is kept in its wait record, which has nothing else to say as long
//! as the task does not wait.

use crate::base::padded::Padded;
use crate::base::panics::quietly;
use crate::base::sync::atomic::{AtomicU64, Ordering};
use crate::tasks::{Id, Origin, Runnable, TaskMeta, TaskRef, Watch};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A function that users put around the life of a task.
pub(crate) type TaskHook = Arc<dyn Fn(&TaskMeta<'_>) + Send + Sync>;

/// The hooks.
#[derive(Clone, Default)]
pub(crate) struct TaskHooks {
    pub(crate) spawn: Option<TaskHook>,
    pub(crate) before_poll: Option<TaskHook>,
    pub(crate) after_poll: Option<TaskHook>,
    pub(crate) terminate: Option<TaskHook>,
}

/// Where the buckets of a histogram begin, in nanoseconds; the first at 0. The last has no
/// end.
pub(crate) type Bounds = Arc<[u64]>;

/// Counts of times. See [`Bounds`].
pub(crate) struct Histogram {
    bounds: Bounds,
    /// By worker.
    counts: Box<[Padded<Box<[AtomicU64]>>]>,
}

/// See the [module](self).
pub(crate) struct Watcher {
    hooks: TaskHooks,
    pub(crate) poll_times: Option<Histogram>,
    pub(crate) delays: Option<Histogram>,
    start: Instant,
}

impl Watcher {
    /// `None` if there is nothing to be told to anybody.
    pub(crate) fn new(
        hooks: TaskHooks,
        poll_times: Option<Histogram>,
        delays: Option<Histogram>,
    ) -> Option<Self> {
        let TaskHooks {
            spawn,
            before_poll,
            after_poll,
            terminate,
        } = &hooks;
        let hooked = [spawn, before_poll, after_poll, terminate]
            .into_iter()
            .any(Option::is_some);
        (hooked || poll_times.is_some() || delays.is_some()).then(|| Watcher {
            hooks,
            poll_times,
            delays,
            start: Instant::now(),
        })
    }

    fn nanos(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    #[cold]
    pub(super) fn spawned(&self, id: Id, origin: &Origin) {
        let meta = TaskMeta {
            id,
            spawned_at: origin.spawned_at(),
            name: origin.name(),
        };
        call(&self.hooks.spawn, &meta);
    }

    #[cold]
    pub(super) fn scheduled(&self, task: &Runnable) {
        if self.delays.is_some() {
            task.stamp(self.nanos().max(1));
        }
    }

    #[cold]
    pub(super) fn terminated(&self, task: &TaskRef) {
        call(&self.hooks.terminate, &task.meta());
    }
}

fn call(hook: &Option<TaskHook>, meta: &TaskMeta<'_>) {
    if let Some(hook) = hook {
        quietly(|| hook(meta));
    }
}

/// The watcher, as seen from one worker.
pub(super) struct OnWorker<'a> {
    pub(super) watcher: &'a Watcher,
    pub(super) worker: usize,
}

impl Watch for OnWorker<'_> {
    fn around_poll(&self, task: &TaskRef, poll: impl FnOnce() -> bool) -> bool {
        let watcher = self.watcher;
        if let Some(delays) = &watcher.delays {
            if let Some(since) = task.take_stamp() {
                delays.add(self.worker, watcher.nanos().saturating_sub(since));
            }
        }
        call(&watcher.hooks.before_poll, &task.meta());
        let done = match &watcher.poll_times {
            None => poll(),
            Some(times) => {
                let since = watcher.nanos();
                let done = poll();
                times.add(self.worker, watcher.nanos().saturating_sub(since));
                done
            }
        };
        call(&watcher.hooks.after_poll, &task.meta());
        done
    }
}

impl Histogram {
    pub(crate) fn new(bounds: Bounds, workers: usize) -> Self {
        let row = |_| Padded((0..bounds.len()).map(|_| AtomicU64::new(0)).collect());
        Histogram {
            counts: (0..workers).map(row).collect(),
            bounds,
        }
    }

    /// A read-modify-write, though nearly always one thread does it: while a core is handed
    /// over in the middle of a poll, two have the same number.
    fn add(&self, worker: usize, nanos: u64) {
        let bucket = self.bounds.partition_point(|&begin| begin <= nanos) - 1;
        self.counts[worker][bucket].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn buckets(&self) -> usize {
        self.bounds.len()
    }

    /// The times of a bucket.
    pub(crate) fn range(&self, bucket: usize) -> Range<Duration> {
        let end = self.bounds.get(bucket + 1).copied().unwrap_or(u64::MAX);
        Duration::from_nanos(self.bounds[bucket])..Duration::from_nanos(end)
    }

    pub(crate) fn count(&self, worker: usize, bucket: usize) -> u64 {
        self.counts[worker][bucket].load(Ordering::Relaxed)
    }
}
