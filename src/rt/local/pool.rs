//! Threads with a local runtime each.

use super::super::builder::Builder;
use super::super::handle::Handle;
use super::runtime::LocalOptions;
use super::spawn_local_from;
use crate::base::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::base::sync::thread;
use crate::base::waker::WakerCell;
use crate::tasks::{AbortHandle, JoinHandle, Origin};
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, mpsc};
use std::task::Poll;

/// Threads for tasks that are not `Send`: each task stays on the thread that it was given to.
///
/// What travels to the thread is a function, which makes the future there. Within it,
/// [`spawn_local`](crate::task::spawn_local) spawns more tasks onto the same thread.
///
/// Clones are handles of the same pool. Its threads end when all handles are gone and all tasks
/// that were given to them through a handle have ended; what such a task has spawned itself is
/// then dropped.
///
/// # Examples
///
/// ```
/// use runtime::task::LocalPoolHandle;
/// use std::rc::Rc;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let pool = LocalPoolHandle::new(2);
/// let task = pool.spawn_pinned(|| {
///     let data = Rc::new("made where it is used");
///     async move { data.len() }
/// });
/// assert_eq!(task.await.unwrap(), 21);
/// # });
/// ```
#[derive(Clone)]
pub struct LocalPoolHandle {
    pool: Arc<Pool>,
}

struct Pool {
    workers: Vec<Worker>,
}

struct Worker {
    handle: Handle,
    /// Tasks that were given to it and have not ended.
    load: AtomicUsize,
    end: Arc<End>,
}

/// Tells a thread to leave.
struct End {
    is_near: AtomicBool,
    waker: WakerCell,
}

// What a panic could leave half done is behind locks and atomics.
impl UnwindSafe for LocalPoolHandle {}
impl RefUnwindSafe for LocalPoolHandle {}

impl LocalPoolHandle {
    /// A pool of `size` threads, which are started here.
    ///
    /// # Panics
    ///
    /// If `size` is zero, or if threads or file descriptors have run out.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = runtime::task::LocalPoolHandle::new(3);
    /// assert_eq!(pool.num_threads(), 3);
    /// ```
    #[track_caller]
    pub fn new(size: usize) -> Self {
        assert!(size > 0, "a `LocalPoolHandle` needs at least 1 thread");
        let workers: io::Result<Vec<Worker>> = (0..size).map(|_| Worker::start()).collect();
        match workers {
            Ok(workers) => LocalPoolHandle {
                pool: Arc::new(Pool { workers }),
            },
            Err(error) => {
                panic!("the threads of a `LocalPoolHandle` could not be started: {error}")
            }
        }
    }

    /// The number of threads.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(runtime::task::LocalPoolHandle::new(1).num_threads(), 1);
    /// ```
    pub fn num_threads(&self) -> usize {
        self.pool.workers.len()
    }

    /// How many tasks each thread has that were given to it and have not ended, by its index.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = runtime::task::LocalPoolHandle::new(2);
    /// pool.spawn_pinned_by_idx(std::future::pending::<()>, 1);
    /// assert_eq!(pool.get_task_loads_for_each_worker(), [0, 1]);
    /// ```
    pub fn get_task_loads_for_each_worker(&self) -> Vec<usize> {
        let loads = self.pool.workers.iter().map(Worker::load);
        loads.collect()
    }

    /// Makes a future on the thread with the fewest tasks, and spawns it there.
    ///
    /// A panic in `create_task` is delivered by the handle, as one in the future is.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let pool = runtime::task::LocalPoolHandle::new(1);
    /// let task = pool.spawn_pinned(|| {
    ///     let number = Rc::new(7);
    ///     async move { *number }
    /// });
    /// assert_eq!(task.await.unwrap(), 7);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_pinned<F, Fut>(&self, create_task: F) -> JoinHandle<Fut::Output>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future + 'static,
        Fut::Output: Send + 'static,
    {
        let place = Place::of_least_load(&self.pool);
        spawn_at(place, create_task, Origin::here())
    }

    /// Makes a future on the thread with this index, and spawns it there.
    ///
    /// # Panics
    ///
    /// If there are not so many threads.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let pool = runtime::task::LocalPoolHandle::new(2);
    /// let thread = || async { std::thread::current().id() };
    /// let one = pool.spawn_pinned_by_idx(thread, 0).await.unwrap();
    /// let two = pool.spawn_pinned_by_idx(thread, 1).await.unwrap();
    /// assert_ne!(one, two);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_pinned_by_idx<F, Fut>(&self, create_task: F, idx: usize) -> JoinHandle<Fut::Output>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future + 'static,
        Fut::Output: Send + 'static,
    {
        let threads = self.num_threads();
        assert!(
            idx < threads,
            "`spawn_pinned_by_idx` for thread {idx} of a pool that has {threads}; see \
             `LocalPoolHandle::num_threads`"
        );
        spawn_at(Place::at(&self.pool, idx), create_task, Origin::here())
    }
}

/// A task's place on a thread: counted until it is dropped.
struct Place {
    pool: Arc<Pool>,
    index: usize,
}

impl Place {
    fn at(pool: &Arc<Pool>, index: usize) -> Self {
        pool.workers[index].load.fetch_add(1, Ordering::Relaxed);
        Place {
            pool: pool.clone(),
            index,
        }
    }

    fn of_least_load(pool: &Arc<Pool>) -> Self {
        loop {
            let loads = pool.workers.iter().map(Worker::load).enumerate();
            // PANIC: a pool has at least one thread.
            let (index, load) = loads.min_by_key(|(_, load)| *load).expect("a worker");
            // Not if another one was given to it meanwhile.
            let counted = pool.workers[index].load.compare_exchange(
                load,
                load + 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            if counted.is_ok() {
                return Place {
                    pool: pool.clone(),
                    index,
                };
            }
        }
    }

    fn worker(&self) -> &Worker {
        &self.pool.workers[self.index]
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.worker().load.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A task that can be sent makes the one that cannot, at home, and waits for it.
fn spawn_at<F, Fut>(place: Place, create_task: F, origin: Origin) -> JoinHandle<Fut::Output>
where
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future + 'static,
    Fut::Output: Send + 'static,
{
    let handle = place.worker().handle.clone();
    let inner = origin.clone();
    let task = async move {
        let _place = place;
        let task = spawn_local_from(create_task(), inner);
        let _abort = AbortOnDrop(task.abort_handle());
        match task.await {
            Ok(output) => output,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The thread is leaving, and about to cancel this task as well.
            Err(_) => std::future::pending().await,
        }
    };
    handle.spawn_from(task, origin)
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Worker {
    fn start() -> io::Result<Self> {
        let end = Arc::new(End {
            is_near: AtomicBool::new(false),
            waker: WakerCell::new(),
        });
        let (started, has_started) = mpsc::channel();
        let theirs = end.clone();
        thread::Builder::new()
            .name(String::from("runtime-local"))
            .spawn(move || {
                let built = Builder::new_current_thread().build_local(LocalOptions::default());
                match built {
                    Ok(runtime) => {
                        let _ = started.send(Ok(runtime.handle().clone()));
                        runtime.block_on(theirs.wait());
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
            })?;
        let gone = |_| io::Error::other("the thread ended before it began");
        let handle = has_started.recv().map_err(gone)??;
        Ok(Worker {
            handle,
            load: AtomicUsize::new(0),
            end,
        })
    }

    fn load(&self) -> usize {
        self.load.load(Ordering::Relaxed)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end.announce();
    }
}

impl End {
    /// ORDERING: the lock of the waker's cell lies between the two, see there.
    fn announce(&self) {
        self.is_near.store(true, Ordering::Relaxed);
        self.waker.wake();
    }

    async fn wait(&self) {
        poll_fn(|cx| {
            self.waker.register(cx.waker());
            match self.is_near.load(Ordering::Relaxed) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}

impl fmt::Debug for LocalPoolHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPoolHandle")
            .field("threads", &self.num_threads())
            .field("loads", &self.get_task_loads_for_each_worker())
            .finish()
    }
}
