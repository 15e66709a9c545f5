//! A set of tasks, joined as they end.

use super::handle::Handle;
use super::local::{LocalSet, spawn_local};
use super::members::Members;
use super::spawn::{spawn, spawn_blocking};
use crate::base::wait;
use crate::tasks::{AbortHandle, Id, JoinError, JoinHandle, Origin};
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::task::{Context, Poll, ready};

/// Tasks of one output type, to be joined in the order in which they end.
///
/// Dropping the set aborts its members; [`detach_all`](Self::detach_all) lets them run on.
/// For outputs in the order of spawning see [`JoinQueue`](crate::task::JoinQueue), for members
/// with keys [`JoinMap`](crate::task::JoinMap), for tasks whose outputs nobody wants
/// [`TaskTracker`](crate::task::TaskTracker).
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut set = runtime::task::JoinSet::new();
/// for i in 0..10 {
///     set.spawn(async move { i });
/// }
/// let mut sum = 0;
/// while let Some(result) = set.join_next().await {
///     sum += result.unwrap();
/// }
/// assert_eq!(sum, 45);
/// # });
/// ```
pub struct JoinSet<T> {
    members: Members<T, ()>,
}

impl<T> JoinSet<T> {
    /// A set without members.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = runtime::task::JoinSet::<u8>::new();
    /// assert!(set.is_empty());
    /// ```
    pub fn new() -> Self {
        JoinSet {
            members: Members::new(),
        }
    }

    /// The number of members that were not joined yet, ended ones included.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(async {});
    /// assert_eq!(set.len(), 1);
    /// # });
    /// ```
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(async {});
    /// assert!(!set.is_empty());
    /// set.join_next().await;
    /// assert!(set.is_empty());
    /// # });
    /// ```
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    /// Spawns a task onto the current runtime, as a member.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// let abort = set.spawn(std::future::pending::<()>());
    /// abort.abort();
    /// assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(spawn(future))
    }

    /// Spawns a task onto the runtime of `handle`, as a member.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn_on(async { 1 }, runtime.handle());
    /// assert_eq!(runtime.block_on(set.join_all()), [1]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_on<F>(&mut self, future: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_from(future, Origin::here()))
    }

    /// Spawns a task that stays on the current thread, as a member. See
    /// [`spawn_local`](crate::task::spawn_local()).
    ///
    /// # Panics
    ///
    /// Outside of a [`LocalSet`] and of a
    /// [`LocalRuntime`](crate::rt::LocalRuntime).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// runtime::rt::LocalRuntime::new()?.block_on(async {
    ///     let mut set = runtime::task::JoinSet::new();
    ///     set.spawn_local(async { Rc::new(1) });
    ///     assert_eq!(*set.join_next().await.unwrap().unwrap(), 1);
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(spawn_local(future))
    }

    /// Spawns a task into the given set of local tasks, as a member of this one. It runs when
    /// that set is polled.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::{JoinSet, LocalSet};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let local = LocalSet::new();
    /// let mut set = JoinSet::new();
    /// set.spawn_local_on(async { 1 }, &local);
    /// let joined = local.run_until(set.join_next()).await;
    /// assert_eq!(joined.unwrap().unwrap(), 1);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, future: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(local_set.spawn_local(future))
    }

    /// Runs a function that may block on the current runtime's pool, as a member. It can be
    /// aborted only before it starts.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn_blocking(|| 1);
    /// set.spawn(async { 2 });
    /// assert_eq!(set.join_all().await.iter().sum::<i32>(), 3);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, function: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(spawn_blocking(function))
    }

    /// Runs a function that may block on the pool of the runtime of `handle`, as a member.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn_blocking_on(|| 1, runtime.handle());
    /// assert_eq!(runtime.block_on(set.join_all()), [1]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, function: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(function))
    }

    fn insert(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        self.members.insert(handle, ());
        abort
    }

    /// Waits for the next member to end, and takes it out. `None` if there are no members.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(async { 1 });
    /// assert_eq!(set.join_next().await.unwrap().unwrap(), 1);
    /// assert!(set.join_next().await.is_none());
    /// # });
    /// ```
    #[track_caller]
    pub fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> + '_ {
        let here = Location::caller();
        poll_fn(move |cx| wait::at(here, || self.poll_join_next(cx)))
    }

    /// The same, with the task's id.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// let id = set.spawn(async { 1 }).id();
    /// assert_eq!(set.join_next_with_id().await.unwrap().unwrap(), (id, 1));
    /// # });
    /// ```
    #[track_caller]
    pub fn join_next_with_id(
        &mut self,
    ) -> impl Future<Output = Option<Result<(Id, T), JoinError>>> + '_ {
        let here = Location::caller();
        poll_fn(move |cx| wait::at(here, || self.poll_join_next_with_id(cx)))
    }

    /// Takes a member out that has ended, if there is one.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(std::future::pending::<()>());
    /// assert!(set.try_join_next().is_none());
    /// # });
    /// ```
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        Some(self.members.try_next()?.result)
    }

    /// The same, with the task's id.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// let id = set.spawn(async { 1 }).id();
    /// let joined = loop {
    ///     match set.try_join_next_with_id() {
    ///         Some(joined) => break joined,
    ///         None => runtime::task::yield_now().await,
    ///     }
    /// };
    /// assert_eq!(joined.unwrap(), (id, 1));
    /// # });
    /// ```
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        let joined = self.members.try_next()?;
        Some(joined.result.map(|value| (joined.id, value)))
    }

    /// Polls for the next member that has ended. `Ready(None)` if there are no members.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(async { 1 });
    /// let joined = std::future::poll_fn(|cx| set.poll_join_next(cx)).await;
    /// assert_eq!(joined.unwrap().unwrap(), 1);
    /// # });
    /// ```
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        let next = ready!(self.members.poll_next(cx));
        Poll::Ready(next.map(|joined| joined.result))
    }

    /// The same, with the task's id.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// let id = set.spawn(async { 1 }).id();
    /// let joined = std::future::poll_fn(|cx| set.poll_join_next_with_id(cx)).await;
    /// assert_eq!(joined.unwrap().unwrap(), (id, 1));
    /// # });
    /// ```
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        let next = ready!(self.members.poll_next(cx));
        Poll::Ready(next.map(|joined| joined.result.map(|value| (joined.id, value))))
    }

    /// Aborts all members. They stay in the set, to be joined as cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(std::future::pending::<()>());
    /// set.abort_all();
    /// assert!(set.join_next().await.unwrap().is_err());
    /// # });
    /// ```
    pub fn abort_all(&mut self) {
        self.members.abort_all();
    }

    /// Takes all members out without aborting them.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// let (send, receive) = runtime::sync::oneshot::channel();
    /// set.spawn(async move { send.send(1).unwrap() });
    /// set.detach_all();
    /// assert!(set.is_empty());
    /// assert_eq!(receive.await, Ok(1));
    /// # });
    /// ```
    pub fn detach_all(&mut self) {
        self.members.detach_all();
    }

    /// Aborts all members and waits for their end.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost. What was not joined yet stays in the set.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(std::future::pending::<()>());
    /// set.shutdown().await;
    /// assert!(set.is_empty());
    /// # });
    /// ```
    #[track_caller]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> + '_ {
        self.abort_all();
        let here = Location::caller();
        poll_fn(move |cx| {
            wait::at(here, || {
                while ready!(self.poll_join_next(cx)).is_some() {}
                Poll::Ready(())
            })
        })
    }

    /// Waits for all members; their outputs in the order in which they ended.
    ///
    /// # Panics
    ///
    /// If a member panicked, with its panic, or if one was cancelled. The other members are
    /// then aborted.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the outputs so far are lost, and the other members are aborted.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let set: runtime::task::JoinSet<_> = (0..3).map(|i| async move { i }).collect();
    /// let mut outputs = set.join_all().await;
    /// outputs.sort();
    /// assert_eq!(outputs, [0, 1, 2]);
    /// # });
    /// ```
    #[track_caller]
    pub fn join_all(mut self) -> impl Future<Output = Vec<T>> {
        let here = Location::caller();
        async move {
            let mut outputs = Vec::with_capacity(self.len());
            while let Some(result) = poll_fn(|cx| wait::at(here, || self.poll_join_next(cx))).await
            {
                outputs.push(output_or_panic(result, "JoinSet::join_all"));
            }
            outputs
        }
    }
}

/// The output of a task of which nobody has an error in mind.
pub(super) fn output_or_panic<T>(result: Result<T, JoinError>, who: &str) -> T {
    match result {
        Ok(output) => output,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => panic!("`{who}` with a member that has no output: {error}"),
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        JoinSet::new()
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

/// Spawns every future onto the current runtime.
impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut set = JoinSet::new();
        set.extend(futures);
        set
    }
}

/// Spawns every future onto the current runtime.
impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn extend<I: IntoIterator<Item = F>>(&mut self, futures: I) {
        for future in futures {
            self.spawn(future);
        }
    }
}
