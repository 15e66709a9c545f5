//! A set of local tasks, run by whoever polls it.

use super::super::id::Id;
use super::super::runtime::Runtime;
use super::here::{Here, LocalEnterGuard, Poller};
use crate::base::{budget, wait};
use crate::tasks::{JoinHandle, Origin, Runnable};
use pin_project_lite::pin_project;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

/// So many tasks run in one poll of the set; then whatever is around it gets its turn.
const TASKS_PER_POLL: usize = 61;

/// The set itself, as a future; others have a number above.
pub(super) const SET: Poller = 0;

/// Tasks that stay on one thread, so that their futures need not be `Send`.
///
/// The set runs its tasks while somebody polls it, on the thread that made it: as a future
/// that is done when all tasks have ended (`set.await`), or beside another future, with
/// [`run_until`](Self::run_until) and [`block_on`](Self::block_on). Several rounds are
/// possible; what has not ended goes on in the next one. Within the set,
/// [`spawn_local`](crate::task::spawn_local) adds tasks.
///
/// The set is not `Send`, so a task of [`spawn`](crate::spawn) cannot hold one. Use it in
/// [`main`](macro@crate::main), in a runtime's `block_on`, or on a thread of its own. Where the
/// whole runtime may stay on one thread, a [`LocalRuntime`](crate::rt::LocalRuntime) does
/// without a set; where there are to be several threads, see
/// [`LocalPoolHandle`](crate::task::LocalPoolHandle).
///
/// Dropping the set drops the futures of all its tasks, there and then; their handles say
/// [cancelled](crate::task::JoinError::is_cancelled). A task that is aborted, wherever that is
/// done, is dropped on the set's thread when the set is polled next.
///
/// # Fairness
///
/// Tasks run in the order in which they were woken. Each poll of the set runs a limited number
/// of them and then lets the runtime around it look after its other tasks, timers and sockets;
/// a task that [yields](crate::task::yield_now) goes on after that. The future of `run_until`
/// is polled before the tasks.
///
/// # Examples
///
/// ```
/// use runtime::task::{LocalSet, spawn_local};
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let count = Rc::new(Cell::new(0));
/// let set = LocalSet::new();
/// for _ in 0..3 {
///     let count = count.clone();
///     set.spawn_local(async move {
///         spawn_local(async move { count.set(count.get() + 1) }).await.unwrap();
///     });
/// }
/// set.await;
/// assert_eq!(count.get(), 3);
/// # });
/// ```
pub struct LocalSet {
    here: Here,
    /// Taken from the inbox, to be run before what is still there.
    ready: RefCell<VecDeque<Runnable>>,
    /// To be run after the runtime around had its turn.
    yielded: RefCell<Vec<Runnable>>,
    /// Somebody up the stack runs tasks.
    running: Cell<bool>,
    last_poller: Cell<Poller>,
    id: Id,
}

impl LocalSet {
    /// A set without tasks. It needs no runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = runtime::task::LocalSet::new();
    /// // Nothing to do: it is done at once.
    /// futures::executor::block_on(set);
    /// ```
    pub fn new() -> Self {
        LocalSet {
            here: Here::new(),
            ready: RefCell::default(),
            yielded: RefCell::default(),
            running: Cell::new(false),
            last_poller: Cell::new(SET),
            id: Id::next(),
        }
    }

    /// Makes this the set for [`spawn_local`](crate::task::spawn_local) on this thread until
    /// the guard is dropped. It does not run anything.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::{LocalSet, spawn_local};
    ///
    /// let set = LocalSet::new();
    /// let task = {
    ///     let _guard = set.enter();
    ///     spawn_local(async { "later" })
    /// };
    /// assert_eq!(futures::executor::block_on(set.run_until(task)).unwrap(), "later");
    /// ```
    pub fn enter(&self) -> LocalEnterGuard {
        self.here.enter()
    }

    /// Spawns a task into this set. It starts when the set is polled.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let set = runtime::task::LocalSet::new();
    /// let text = Rc::new("not `Send`");
    /// let task = set.spawn_local(async move { text.len() });
    /// assert_eq!(set.run_until(task).await.unwrap(), 10);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_from(future, Origin::here())
    }

    pub(in crate::rt) fn spawn_from<F>(&self, future: F, origin: Origin) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.here.spawn(future, origin)
    }

    /// Blocks the current thread until the future is done, on the given runtime, and runs the
    /// set's tasks meanwhile.
    ///
    /// Tasks that have not ended by then stay in the set. It is
    /// [`Runtime::block_on`](crate::rt::Runtime::block_on) of
    /// [`run_until`](Self::run_until).
    ///
    /// # Panics
    ///
    /// If the future panics, or if the current thread is polling async code already: use
    /// `run_until` there.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::{LocalSet, spawn_local};
    ///
    /// let runtime = runtime::rt::Builder::new_current_thread().build()?;
    /// let set = LocalSet::new();
    /// let answer = set.block_on(&runtime, async { spawn_local(async { 42 }).await.unwrap() });
    /// assert_eq!(answer, 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn block_on<F>(&self, runtime: &Runtime, future: F) -> F::Output
    where
        F: Future,
    {
        runtime.block_on(self.run_until(future))
    }

    /// Runs the future to its end, within the set, and the set's tasks meanwhile.
    ///
    /// Tasks that have not ended by then stay in the set, and go on when it is polled again.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost. (The future itself is dropped; the tasks stay in the set.)
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::{LocalSet, spawn_local};
    /// use std::rc::Rc;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let set = LocalSet::new();
    /// let sum = set
    ///     .run_until(async {
    ///         let one = Rc::new(1);
    ///         let two = spawn_local(async move { *one + 1 }).await.unwrap();
    ///         two + 1
    ///     })
    ///     .await;
    /// assert_eq!(sum, 3);
    /// # });
    /// ```
    pub fn run_until<F>(&self, future: F) -> impl Future<Output = F::Output>
    where
        F: Future,
    {
        RunUntil {
            set: self,
            poller: None,
            future,
        }
    }

    /// The set's id, which no other set and no runtime has.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::LocalSet;
    ///
    /// assert_ne!(LocalSet::new().id(), LocalSet::new().id());
    /// ```
    pub fn id(&self) -> Id {
        self.id
    }

    /// Runs what is runnable, within limits. Afterwards the set's tasks or this very call have
    /// woken `cx`, or will.
    pub(super) fn run(&self, poller: Poller, cx: &mut Context<'_>) {
        // A task that polls its own set: the call up the stack goes on afterwards.
        let Some(_running) = Running::begin(&self.running) else {
            return;
        };
        let Poll::Ready(spent) = budget::poll_proceed(cx) else {
            return;
        };
        self.here.wake_up(poller, &mut self.ready.borrow_mut());
        let (ran, asleep) = {
            let _apart = wait::set_apart();
            self.run_some(poller, cx)
        };
        if ran > 0 {
            spent.made_progress();
        }
        let mut yielded = self.yielded.borrow_mut();
        if asleep && yielded.is_empty() {
            return;
        }
        self.ready.borrow_mut().extend(yielded.drain(..));
        drop(yielded);
        wait::note(wait::Kind::Yield, 0);
        self.here.wake_sleepers();
        cx.waker().wake_by_ref();
    }

    /// Whether all tasks have ended.
    pub(super) fn is_empty(&self) -> bool {
        self.here.is_empty()
    }

    /// How many tasks it ran, and whether there are no more and `cx` will be woken.
    fn run_some(&self, poller: Poller, cx: &mut Context<'_>) -> (usize, bool) {
        for ran in 0..TASKS_PER_POLL {
            match self.next(poller, cx) {
                Some(task) => self.run_task(task),
                None => return (ran, true),
            }
        }
        (TASKS_PER_POLL, false)
    }

    fn next(&self, poller: Poller, cx: &mut Context<'_>) -> Option<Runnable> {
        let mut ready = self.ready.borrow_mut();
        if ready.is_empty() && !self.here.take_or_sleep(poller, cx.waker(), &mut ready) {
            return None;
        }
        ready.pop_front()
    }

    fn next_poller(&self) -> Poller {
        let next = self.last_poller.get() + 1;
        self.last_poller.set(next);
        next
    }

    fn run_task(&self, task: Runnable) {
        match task.run() {
            None => {}
            Some(again) if again.yielded => self.yielded.borrow_mut().push(again.task),
            Some(again) => self.here.push(again.task),
        }
    }
}

/// Until it is dropped, somebody runs tasks.
struct Running<'a>(&'a Cell<bool>);

impl<'a> Running<'a> {
    fn begin(flag: &'a Cell<bool>) -> Option<Self> {
        (!flag.replace(true)).then_some(Running(flag))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Done when all tasks have ended.
impl Future for LocalSet {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let _entered = self.here.begin_poll();
        self.run(SET, cx);
        match self.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

pin_project! {
    struct RunUntil<'a, F> {
        set: &'a LocalSet,
        // From the first time on that it runs the set's tasks.
        poller: Option<Poller>,
        #[pin]
        future: F,
    }

    impl<F> PinnedDrop for RunUntil<'_, F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(poller) = this.poller {
                this.set.here.forget(poller);
            }
        }
    }
}

impl<F: Future> Future for RunUntil<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.set.here.begin_poll();
        let polled = this.future.poll(cx);
        if polled.is_pending() {
            let poller = this.poller.get_or_insert_with(|| this.set.next_poller());
            this.set.run(*poller, cx);
        }
        polled
    }
}

impl Drop for LocalSet {
    /// Whatever the futures do in their drop finds the set entered, and closed.
    fn drop(&mut self) {
        let _entered = self.here.begin_poll();
        self.here.close();
        drop(mem::take(&mut *self.ready.borrow_mut()));
        drop(mem::take(&mut *self.yielded.borrow_mut()));
    }
}

impl Default for LocalSet {
    fn default() -> Self {
        LocalSet::new()
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet").finish_non_exhaustive()
    }
}
