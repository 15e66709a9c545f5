//! A queue of tasks, joined in the order in which they were spawned.

use super::abort_on_drop::AbortOnDropHandle;
use super::handle::Handle;
use super::join_set::output_or_panic;
use super::local::spawn_local;
use super::spawn::{spawn, spawn_blocking};
use crate::base::{budget, wait};
use crate::tasks::{AbortHandle, Id, JoinError, JoinHandle, Origin};
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

/// Tasks of one output type, to be joined in the order in which they were spawned.
///
/// All of them run at once; only joining keeps the order, so one that is slow holds up the
/// outputs behind it. Dropping the queue aborts its members.
///
/// # Examples
///
/// ```
/// use runtime::task::JoinQueue;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut queue = JoinQueue::new();
/// for i in 0..10 {
///     queue.spawn(async move { i });
/// }
/// for i in 0..10 {
///     assert_eq!(queue.join_next().await.unwrap().unwrap(), i);
/// }
/// # });
/// ```
pub struct JoinQueue<T> {
    members: VecDeque<AbortOnDropHandle<T>>,
}

impl<T> JoinQueue<T> {
    /// A queue without members.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = runtime::task::JoinQueue::<u8>::new();
    /// assert!(queue.is_empty());
    /// ```
    pub const fn new() -> Self {
        JoinQueue {
            members: VecDeque::new(),
        }
    }

    /// A queue without members, and with room for so many.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = runtime::task::JoinQueue::<u8>::with_capacity(10);
    /// assert_eq!(queue.len(), 0);
    /// ```
    pub fn with_capacity(capacity: usize) -> Self {
        JoinQueue {
            members: VecDeque::with_capacity(capacity),
        }
    }

    /// The number of members that were not joined yet, ended ones included.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn(async {});
    /// assert_eq!(queue.len(), 1);
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
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn(async {});
    /// assert!(!queue.is_empty());
    /// # });
    /// ```
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Spawns a task onto the current runtime, as the last member.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn(std::future::pending::<()>()).abort();
    /// assert!(queue.join_next().await.unwrap().unwrap_err().is_cancelled());
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        self.push(spawn(future))
    }

    /// Spawns a task onto the runtime of `handle`, as the last member.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn_on(async { 1 }, runtime.handle());
    /// assert_eq!(runtime.block_on(queue.join_all()), [1]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_on<F>(&mut self, future: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        self.push(handle.spawn_from(future, Origin::here()))
    }

    /// Spawns a task that stays on the current thread, as the last member. See
    /// [`spawn_local`](crate::task::spawn_local()).
    ///
    /// # Panics
    ///
    /// Outside of a [`LocalSet`](crate::task::LocalSet) and of a
    /// [`LocalRuntime`](crate::rt::LocalRuntime).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// runtime::rt::LocalRuntime::new()?.block_on(async {
    ///     let mut queue = runtime::task::JoinQueue::new();
    ///     queue.spawn_local(async { Rc::new(1) });
    ///     assert_eq!(*queue.join_next().await.unwrap().unwrap(), 1);
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
        T: 'static,
    {
        self.push(spawn_local(future))
    }

    /// Runs a function that may block on the current runtime's pool, as the last member. It
    /// can be aborted only before it starts.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn_blocking(|| 1);
    /// assert_eq!(queue.join_next().await.unwrap().unwrap(), 1);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, function: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.push(spawn_blocking(function))
    }

    /// Runs a function that may block on the pool of the runtime of `handle`, as the last
    /// member.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn_blocking_on(|| 1, runtime.handle());
    /// assert_eq!(runtime.block_on(queue.join_all()), [1]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, function: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.push(handle.spawn_blocking(function))
    }

    fn push(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        self.members.push_back(AbortOnDropHandle::new(handle));
        abort
    }

    /// Waits for the first member to end, and takes it out. `None` if there are no members.
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
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn(async { 1 });
    /// assert_eq!(queue.join_next().await.unwrap().unwrap(), 1);
    /// assert!(queue.join_next().await.is_none());
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
    /// let mut queue = runtime::task::JoinQueue::new();
    /// let id = queue.spawn(async { 1 }).id();
    /// assert_eq!(queue.join_next_with_id().await.unwrap().unwrap(), (id, 1));
    /// # });
    /// ```
    #[track_caller]
    pub fn join_next_with_id(
        &mut self,
    ) -> impl Future<Output = Option<Result<(Id, T), JoinError>>> + '_ {
        let here = Location::caller();
        poll_fn(move |cx| wait::at(here, || self.poll_join_next_with_id(cx)))
    }

    /// Takes the first member out, if it has ended.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn(std::future::pending::<()>());
    /// assert!(queue.try_join_next().is_none());
    /// # });
    /// ```
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        Some(self.try_next()?.1)
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
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn(std::future::pending::<()>());
    /// assert!(queue.try_join_next_with_id().is_none());
    /// # });
    /// ```
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        let (id, result) = self.try_next()?;
        Some(result.map(|output| (id, output)))
    }

    fn try_next(&mut self) -> Option<(Id, Result<T, JoinError>)> {
        if !self.members.front()?.is_finished() {
            return None;
        }
        let mut cx = Context::from_waker(Waker::noop());
        let next = budget::with_unlimited(|| self.poll_next(&mut cx));
        match next {
            Poll::Ready(next) => next,
            Poll::Pending => None,
        }
    }

    /// Polls for the end of the first member. `Ready(None)` if there are no members.
    ///
    /// # Errors
    ///
    /// [`JoinError`], if the member panicked or was aborted.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn(async { 1 });
    /// let joined = std::future::poll_fn(|cx| queue.poll_join_next(cx)).await;
    /// assert_eq!(joined.unwrap().unwrap(), 1);
    /// # });
    /// ```
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        let next = ready!(self.poll_next(cx));
        Poll::Ready(next.map(|(_, result)| result))
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
    /// let mut queue = runtime::task::JoinQueue::new();
    /// let id = queue.spawn(async { 1 }).id();
    /// let joined = std::future::poll_fn(|cx| queue.poll_join_next_with_id(cx)).await;
    /// assert_eq!(joined.unwrap().unwrap(), (id, 1));
    /// # });
    /// ```
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        let next = ready!(self.poll_next(cx));
        Poll::Ready(next.map(|(id, result)| result.map(|output| (id, output))))
    }

    /// The handle spends the budget; an empty queue does here.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<(Id, Result<T, JoinError>)>> {
        let Some(first) = self.members.front_mut() else {
            ready!(budget::poll_proceed(cx)).made_progress();
            return Poll::Ready(None);
        };
        let result = ready!(Pin::new(&mut *first).poll(cx));
        let id = first.as_ref().id();
        self.members.pop_front();
        Poll::Ready(Some((id, result)))
    }

    /// Aborts all members. They stay in the queue, to be joined as cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn(std::future::pending::<()>());
    /// queue.abort_all();
    /// assert!(queue.join_next().await.unwrap().is_err());
    /// # });
    /// ```
    pub fn abort_all(&mut self) {
        self.members.iter().for_each(AbortOnDropHandle::abort);
    }

    /// Takes all members out without aborting them.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = runtime::task::JoinQueue::new();
    /// let (send, receive) = runtime::sync::oneshot::channel();
    /// queue.spawn(async move { send.send(1).unwrap() });
    /// queue.detach_all();
    /// assert!(queue.is_empty());
    /// assert_eq!(receive.await, Ok(1));
    /// # });
    /// ```
    pub fn detach_all(&mut self) {
        for member in std::mem::take(&mut self.members) {
            drop(member.detach());
        }
    }

    /// Aborts all members and waits for their end.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost. What was not joined yet stays in the queue.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = runtime::task::JoinQueue::new();
    /// queue.spawn(std::future::pending::<()>());
    /// queue.shutdown().await;
    /// assert!(queue.is_empty());
    /// # });
    /// ```
    #[track_caller]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> + '_ {
        self.abort_all();
        let here = Location::caller();
        poll_fn(move |cx| {
            wait::at(here, || {
                while ready!(self.poll_next(cx)).is_some() {}
                Poll::Ready(())
            })
        })
    }

    /// Waits for all members; their outputs in the order in which they were spawned.
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
    /// let queue: runtime::task::JoinQueue<_> = (0..3).map(|i| async move { i }).collect();
    /// assert_eq!(queue.join_all().await, [0, 1, 2]);
    /// # });
    /// ```
    #[track_caller]
    pub fn join_all(mut self) -> impl Future<Output = Vec<T>> {
        let here = Location::caller();
        async move {
            let mut outputs = Vec::with_capacity(self.len());
            while let Some(result) = poll_fn(|cx| wait::at(here, || self.poll_join_next(cx))).await
            {
                outputs.push(output_or_panic(result, "JoinQueue::join_all"));
            }
            outputs
        }
    }
}

impl<T> Default for JoinQueue<T> {
    fn default() -> Self {
        JoinQueue::new()
    }
}

impl<T> fmt::Debug for JoinQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinQueue")
            .field("len", &self.len())
            .finish()
    }
}

/// Spawns every future onto the current runtime.
impl<T, F> FromIterator<F> for JoinQueue<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut queue = JoinQueue::new();
        for future in futures {
            queue.spawn(future);
        }
        queue
    }
}
