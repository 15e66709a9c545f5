//! Building a runtime.

use super::context;
use super::handle::{Handle, Inner, RuntimeFlavor};
use super::histogram::HistogramConfiguration;
use super::hooks::RngSeed;
use super::id::Id;
use super::runtime::Runtime;
use super::threads::Threads;
use crate::base::region;
use crate::base::sync::thread::{self, ThreadId};
use crate::blocking;
use crate::driver::Driver;
use crate::scheduler::{self, Core, Home, Hook, Launch, Scheduler, TaskHooks};
use std::fmt;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The environment variable that says how many workers a runtime has where the program does
/// not.
const WORKERS_VARIABLE: &str = "RUNTIME_WORKERS";

type ThreadName = Arc<dyn Fn() -> String + Send + Sync>;

/// Builds a [`Runtime`] with other settings than the default ones.
///
/// Sockets, timers and the blocking pool are always there; they cost nothing until they are
/// used. [`enable_all`](Self::enable_all) and its kin exist for programs that call them, and do
/// nothing.
///
/// # Examples
///
/// ```
/// use runtime::rt::Builder;
///
/// let runtime = Builder::new_multi_thread()
///     .worker_threads(2)
///     .thread_name("my-worker")
///     .build()?;
/// let name = runtime.block_on(async {
///     runtime::spawn(async { std::thread::current().name().map(String::from) }).await.unwrap()
/// });
/// assert_eq!(name.as_deref(), Some("my-worker"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Builder {
    flavor: RuntimeFlavor,
    workers: Option<usize>,
    name: Option<String>,
    thread_name: ThreadName,
    stack_size: Option<usize>,
    max_blocking: usize,
    keep_alive: Duration,
    global_queue_interval: Option<u32>,
    event_interval: u32,
    events: usize,
    start_paused: bool,
    on_start: Option<Hook>,
    on_stop: Option<Hook>,
    before_park: Option<Hook>,
    after_unpark: Option<Hook>,
    pub(super) hooks: TaskHooks,
    pub(super) poll_times: Option<HistogramConfiguration>,
    pub(super) poll_times_enabled: bool,
    pub(super) delays: Option<HistogramConfiguration>,
    pub(super) disable_lifo_slot: bool,
    pub(super) seed: Option<RngSeed>,
    pub(super) busy_events: Option<usize>,
    groups: Option<usize>,
}

impl Builder {
    fn new(flavor: RuntimeFlavor) -> Self {
        Builder {
            flavor,
            workers: None,
            name: None,
            thread_name: Arc::new(|| String::from("runtime-worker")),
            stack_size: None,
            max_blocking: 512,
            keep_alive: Duration::from_secs(10),
            global_queue_interval: None,
            event_interval: 61,
            events: 1024,
            start_paused: false,
            on_start: None,
            on_stop: None,
            before_park: None,
            after_unpark: None,
            hooks: TaskHooks::default(),
            poll_times: None,
            poll_times_enabled: false,
            delays: None,
            disable_lifo_slot: false,
            seed: None,
            busy_events: None,
            groups: None,
        }
    }

    /// A runtime whose tasks run on worker threads of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::rt::Builder;
    ///
    /// let runtime = Builder::new_multi_thread().worker_threads(2).build()?;
    /// assert_eq!(runtime.metrics().num_workers(), 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new_multi_thread() -> Self {
        Builder::new(RuntimeFlavor::MultiThread)
    }

    /// A runtime whose tasks run on the thread that calls [`Runtime::block_on`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    ///
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// let task = runtime.spawn(async { thread::current().id() });
    /// assert_eq!(runtime.block_on(task)?, thread::current().id());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new_current_thread() -> Self {
        Builder::new(RuntimeFlavor::CurrentThread)
    }

    /// Does nothing: everything is enabled.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, sleep};
    ///
    /// let runtime = runtime::rt::Builder::new_current_thread().enable_all().build()?;
    /// runtime.block_on(sleep(Duration::from_millis(1)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enable_all(&mut self) -> &mut Self {
        self
    }

    /// Does nothing: sockets are enabled.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().enable_io().build()?;
    /// let bound = runtime.block_on(runtime::net::UdpSocket::bind("127.0.0.1:0"));
    /// assert!(bound.is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enable_io(&mut self) -> &mut Self {
        self
    }

    /// Does nothing: timers are enabled.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, sleep};
    ///
    /// let runtime = runtime::rt::Builder::new_current_thread().enable_time().build()?;
    /// runtime.block_on(sleep(Duration::from_millis(1)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enable_time(&mut self) -> &mut Self {
        self
    }

    /// The number of worker threads of a multi-thread runtime.
    ///
    /// By default what the environment variable `RUNTIME_WORKERS` says, else the number of
    /// cores that the process may use, as its affinity and its control group grant them. A
    /// current-thread runtime has one worker, whatever is said here.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_multi_thread().worker_threads(3).build()?;
    /// assert_eq!(runtime.metrics().num_workers(), 3);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `count` is zero.
    #[track_caller]
    pub fn worker_threads(&mut self, count: usize) -> &mut Self {
        assert!(
            count > 0,
            "`worker_threads` must be at least 1; for no worker threads use `new_current_thread`"
        );
        self.workers = Some(count);
        self
    }

    /// How many threads [`spawn_blocking`](crate::task::spawn_blocking) may use at once; 512 by
    /// default. They are started on demand.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    ///
    /// let runtime = runtime::rt::Builder::new_multi_thread().max_blocking_threads(1).build()?;
    /// let first = runtime.spawn_blocking(|| thread::current().id());
    /// let second = runtime.spawn_blocking(|| thread::current().id());
    /// assert_eq!(runtime.block_on(first)?, runtime.block_on(second)?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `count` is zero.
    #[track_caller]
    pub fn max_blocking_threads(&mut self, count: usize) -> &mut Self {
        assert!(count > 0, "`max_blocking_threads` must be at least 1");
        self.max_blocking = count;
        self
    }

    /// How long a thread of the blocking pool stays without work; 10 seconds by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let runtime = runtime::rt::Builder::new_multi_thread()
    ///     .thread_keep_alive(Duration::from_secs(1))
    ///     .build()?;
    /// assert_eq!(runtime.block_on(runtime.spawn_blocking(|| 1))?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn thread_keep_alive(&mut self, duration: Duration) -> &mut Self {
        self.keep_alive = duration;
        self
    }

    /// The name of the runtime, for its metrics and reports.
    ///
    /// # Panics
    ///
    /// If there is nothing in it but white space.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_multi_thread().name("shop").build()?;
    /// assert_eq!(runtime.handle().name(), Some("shop"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn name(&mut self, name: impl Into<String>) -> &mut Self {
        let name = name.into();
        assert!(
            !name.trim().is_empty(),
            "the `name` of a runtime must not be blank; leave the call out for a runtime without one"
        );
        self.name = Some(name);
        self
    }

    /// The name of all threads of the runtime; `runtime-worker` by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    ///
    /// let runtime = runtime::rt::Builder::new_multi_thread().thread_name("shop").build()?;
    /// let name = runtime.spawn(async { thread::current().name().map(str::to_owned) });
    /// assert_eq!(runtime.block_on(name)?.as_deref(), Some("shop"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn thread_name(&mut self, name: impl Into<String>) -> &mut Self {
        let name = name.into();
        self.thread_name_fn(move || name.clone())
    }

    /// Names each thread of the runtime when it is started.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use std::thread;
    ///
    /// let count = AtomicU32::new(0);
    /// let runtime = runtime::rt::Builder::new_multi_thread()
    ///     .thread_name_fn(move || format!("shop-{}", count.fetch_add(1, Ordering::Relaxed)))
    ///     .build()?;
    /// let name = runtime.spawn(async { thread::current().name().map(str::to_owned) });
    /// assert!(runtime.block_on(name)?.unwrap().starts_with("shop-"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn thread_name_fn<F>(&mut self, name: F) -> &mut Self
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.thread_name = Arc::new(name);
        self
    }

    /// The stack of all threads of the runtime, in bytes; 2 MiB by default, as std has it.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_multi_thread()
    ///     .thread_stack_size(4 << 20)
    ///     .build()?;
    /// let last = runtime.spawn(async { [1_u8; 3 << 20].last().copied() });
    /// assert_eq!(runtime.block_on(last)?, Some(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn thread_stack_size(&mut self, bytes: usize) -> &mut Self {
        self.stack_size = Some(bytes);
        self
    }

    /// Every how many rounds a worker looks into the injector first. Lower values serve tasks
    /// from outside sooner, and cost throughput. By default 61, and fewer where polls take so
    /// long on average that 61 of them would take more than 200 µs.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_multi_thread().global_queue_interval(31).build()?;
    /// assert_eq!(runtime.block_on(runtime.spawn(async { 1 }))?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `rounds` is zero.
    #[track_caller]
    pub fn global_queue_interval(&mut self, rounds: u32) -> &mut Self {
        assert!(rounds > 0, "`global_queue_interval` must be at least 1");
        self.global_queue_interval = Some(rounds);
        self
    }

    /// Every how many rounds a busy worker looks after timers and sockets; 61 by default.
    /// Where polls take long, it looks more often than that.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_multi_thread().event_interval(31).build()?;
    /// assert_eq!(runtime.block_on(runtime.spawn(async { 1 }))?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `rounds` is zero.
    #[track_caller]
    pub fn event_interval(&mut self, rounds: u32) -> &mut Self {
        assert!(rounds > 0, "`event_interval` must be at least 1");
        self.event_interval = rounds;
        self
    }

    /// How many events one turn of the reactor takes in; 1024 by default.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_multi_thread().max_io_events_per_tick(256).build()?;
    /// assert_eq!(runtime.block_on(runtime.spawn(async { 1 }))?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `count` is zero.
    #[track_caller]
    pub fn max_io_events_per_tick(&mut self, count: usize) -> &mut Self {
        assert!(count > 0, "`max_io_events_per_tick` must be at least 1");
        self.events = count;
        self
    }

    /// Whether the runtime's clock is paused from the start, for tests: see
    /// [`time::pause`](crate::time::pause). On any kind of runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, sleep};
    ///
    /// let runtime = runtime::rt::Builder::new_current_thread().start_paused(true).build()?;
    /// runtime.block_on(async {
    ///     let start = Instant::now();
    ///     sleep(Duration::from_secs(3600)).await;
    ///     assert!(start.elapsed() >= Duration::from_secs(3600));
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start_paused(&mut self, paused: bool) -> &mut Self {
        self.start_paused = paused;
        self
    }

    /// A function that each thread of the runtime calls when it starts.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// let (started, starts) = mpsc::channel();
    /// let runtime = runtime::rt::Builder::new_multi_thread()
    ///     .worker_threads(1)
    ///     .on_thread_start(move || started.send(()).unwrap())
    ///     .build()?;
    /// assert!(starts.recv().is_ok());
    /// # drop(runtime);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_thread_start<F: Fn() + Send + Sync + 'static>(&mut self, hook: F) -> &mut Self {
        self.on_start = Some(Arc::new(hook));
        self
    }

    /// A function that each thread of the runtime calls before it ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// let (stopped, stops) = mpsc::channel();
    /// let runtime = runtime::rt::Builder::new_multi_thread()
    ///     .worker_threads(1)
    ///     .on_thread_stop(move || stopped.send(()).unwrap())
    ///     .build()?;
    /// drop(runtime);
    /// assert!(stops.recv().is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_thread_stop<F: Fn() + Send + Sync + 'static>(&mut self, hook: F) -> &mut Self {
        self.on_stop = Some(Arc::new(hook));
        self
    }

    /// A function that a worker calls before it goes idle.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// let (parked, parks) = mpsc::channel();
    /// let runtime = runtime::rt::Builder::new_multi_thread()
    ///     .worker_threads(1)
    ///     .on_thread_park(move || drop(parked.send(())))
    ///     .build()?;
    /// assert!(parks.recv().is_ok());
    /// # drop(runtime);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_thread_park<F: Fn() + Send + Sync + 'static>(&mut self, hook: F) -> &mut Self {
        self.before_park = Some(Arc::new(hook));
        self
    }

    /// A function that a worker calls after it was idle.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// let (unparked, unparks) = mpsc::channel();
    /// let runtime = runtime::rt::Builder::new_multi_thread()
    ///     .worker_threads(1)
    ///     .on_thread_unpark(move || drop(unparked.send(())))
    ///     .build()?;
    /// let pause = runtime::time::Duration::from_millis(1);
    /// runtime.block_on(runtime.spawn(async move { runtime::time::sleep(pause).await }))?;
    /// assert!(unparks.recv().is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_thread_unpark<F: Fn() + Send + Sync + 'static>(&mut self, hook: F) -> &mut Self {
        self.after_unpark = Some(Arc::new(hook));
        self
    }

    /// Builds the runtime and starts its workers.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.block_on(async { 6 * 7 }), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If threads or file descriptors have run out (what was started is undone), or if
    /// `RUNTIME_WORKERS` is no number above zero.
    pub fn build(&mut self) -> io::Result<Runtime> {
        self.build_for(None)
    }

    /// Builds a runtime that stays on the current thread.
    ///
    /// # Panics
    /// If it is to have threads.
    #[track_caller]
    pub(super) fn build_at_home(&mut self) -> io::Result<Runtime> {
        assert!(
            self.flavor == RuntimeFlavor::CurrentThread,
            "`build_local` needs a current-thread runtime: use `Builder::new_current_thread`"
        );
        self.build_for(Some(thread::id()))
    }

    fn build_for(&mut self, home: Option<ThreadId>) -> io::Result<Runtime> {
        let workers = self.count_workers()?;
        let groups = self.count_groups(workers);
        let (driver, mut pollers) = Driver::new(groups, self.events, workers + 1)?;
        if let Some(events) = self.busy_events {
            pollers
                .iter_mut()
                .for_each(|poller| poller.limit_busy(events));
        }
        if self.start_paused {
            driver.clock.pause();
        }
        let handle = Arc::new_cyclic(|inner: &Weak<Inner>| {
            let config = self.scheduler_config(workers, home, inner);
            let (home, cores) = Scheduler::build(config, driver, pollers);
            home.scheduler().keep(cores);
            self.inner(home, inner)
        });
        let handle = Handle::new(handle);
        let runtime = Runtime::from_handle(handle.clone());
        if self.flavor == RuntimeFlavor::MultiThread {
            handle.scheduler().launch()?;
        }
        Ok(runtime)
    }

    fn count_workers(&self) -> io::Result<usize> {
        if self.flavor == RuntimeFlavor::CurrentThread {
            return Ok(1);
        }
        if let Some(count) = self.workers {
            return Ok(count);
        }
        let Some(text) = std::env::var_os(WORKERS_VARIABLE) else {
            // Where the number of cores cannot be told, one worker is always right.
            return Ok(std::thread::available_parallelism().map_or(1, usize::from));
        };
        let count = text.to_str().and_then(|text| text.trim().parse().ok());
        match count {
            Some(count) if count > 0 => Ok(count),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{WORKERS_VARIABLE} must be a number above 0, not {text:?}"),
            )),
        }
    }

    fn count_groups(&self, workers: usize) -> usize {
        let count = self
            .groups
            .unwrap_or_else(|| scheduler::groups_for(workers));
        count.clamp(1, workers)
    }

    /// How many groups of workers share a reactor and an injector each, for tests: else that depends
    /// on the machine.
    #[doc(hidden)]
    pub fn worker_groups(&mut self, count: usize) -> &mut Self {
        self.groups = Some(count);
        self
    }

    fn scheduler_config(
        &self,
        workers: usize,
        home: Option<ThreadId>,
        inner: &Weak<Inner>,
    ) -> scheduler::Config {
        scheduler::Config {
            workers,
            global_queue_interval: self.global_queue_interval,
            event_interval: self.event_interval,
            before_park: self.before_park.clone(),
            after_unpark: self.after_unpark.clone(),
            watcher: self.watcher(workers),
            disable_lifo_slot: self.disable_lifo_slot,
            seed: self.seed.map(RngSeed::number),
            launch: match self.flavor {
                RuntimeFlavor::MultiThread => Some(self.launch(inner.clone())),
                RuntimeFlavor::CurrentThread => None,
            },
            home,
        }
    }

    /// How a worker gets a thread: with the runtime's context around its loop.
    fn launch(&self, inner: Weak<Inner>) -> Launch {
        let (on_start, on_stop) = (self.on_start.clone(), self.on_stop.clone());
        Arc::new(move |core: Box<Core>| {
            let Some(inner) = inner.upgrade() else {
                return Err((core, gone()));
            };
            let slot = Arc::new(crate::base::sync::Mutex::new(Some(core)));
            let theirs = slot.clone();
            let handle = Handle::new(inner.clone());
            let (on_start, on_stop) = (on_start.clone(), on_stop.clone());
            let started = inner.threads.start(move || {
                let core = theirs.lock().take();
                let _context = context::enter(&handle);
                scheduler::call_hook(&on_start);
                {
                    let _region = region::enter_async();
                    core.into_iter().for_each(Core::run);
                }
                scheduler::call_hook(&on_stop);
            });
            // The thread takes the core, unless there is no thread.
            started.map_err(|error| match slot.lock().take() {
                Some(core) => (core, error),
                None => unreachable!("a thread that was not started took a core"),
            })
        })
    }

    fn inner(&self, home: Home, inner: &Weak<Inner>) -> Inner {
        let inner = inner.clone();
        let name = self.thread_name.clone();
        let pool = blocking::Config {
            max_threads: self.max_blocking,
            keep_alive: self.keep_alive,
            stack_size: self.stack_size,
            name: Some(self.thread_name.clone()),
            on_start: self.on_start.clone(),
            on_stop: self.on_stop.clone(),
            enter: Some(Arc::new(move |run: &mut dyn FnMut()| {
                let handle = inner.upgrade().map(Handle::new);
                let _context = handle.as_ref().map(context::enter);
                run();
            })),
            admit: None,
        };
        Inner {
            home,
            pool: blocking::Pool::new(pool),
            threads: Threads::new(Box::new(move || name()), self.stack_size),
            flavor: self.flavor,
            name: self.name.clone(),
            id: Id::next(),
        }
    }
}

fn gone() -> io::Error {
    io::Error::other("the runtime is gone")
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("flavor", &self.flavor)
            .field("worker_threads", &self.workers)
            .field("max_blocking_threads", &self.max_blocking)
            .field("thread_keep_alive", &self.keep_alive)
            .field("thread_stack_size", &self.stack_size)
            .field("global_queue_interval", &self.global_queue_interval)
            .field("event_interval", &self.event_interval)
            .field("max_io_events_per_tick", &self.events)
            .field("start_paused", &self.start_paused)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
