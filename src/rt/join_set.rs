//! A set of tasks, joined as they end.
//!
//! Each member's handle gets a waker that knows its place when it comes in; when the task
//! ends, the waker puts the place into a list and wakes whoever waits in `join_next`. So joining costs the same however many members there are.

use super::handle::Handle;
use super::local::{LocalSet, spawn_local};
use super::spawn::{spawn, spawn_blocking};
use crate::base::sync::Mutex;
use crate::base::{budget, wait};
use crate::tasks::{AbortHandle, Id, JoinError, JoinHandle, Origin};
use slab::Slab;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker, ready};

/// Tasks of one output type, to be joined in the order in which they end.
///
/// Dropping the set aborts its members; [`detach_all`](Self::detach_all) lets them run on.
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
    members: Slab<JoinHandle<T>>,
    ended: Arc<Ended>,
}

/// Who ended and was not joined yet, and who waits for that.
#[derive(Default)]
struct Ended {
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    places: VecDeque<usize>,
    joiner: Option<Waker>,
}

struct MemberWaker {
    ended: Arc<Ended>,
    place: usize,
}

impl Wake for MemberWaker {
    fn wake(self: Arc<Self>) {
        self.ended.add(self.place);
    }
}

impl Ended {
    fn add(&self, place: usize) {
        let mut list = self.list.lock();
        list.places.push_back(place);
        let joiner = list.joiner.take();
        drop(list);
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }

    fn next(&self) -> Option<usize> {
        self.list.lock().places.pop_front()
    }

    /// The next place, or `None` with the waker left behind.
    fn next_or_register(&self, waker: &Waker) -> Option<usize> {
        // Cloned before the lock is taken: that is foreign code.
        let waker = waker.clone();
        let mut list = self.list.lock();
        let place = list.places.pop_front();
        let unused = match place {
            Some(_) => Some(waker),
            None => list.joiner.replace(waker),
        };
        drop(list);
        drop(unused);
        place
    }
}

impl<T> JoinSet<T> {
    /// A set without members.
    pub fn new() -> Self {
        JoinSet {
            members: Slab::new(),
            ended: Arc::default(),
        }
    }

    /// The number of members that were not joined yet, ended ones included.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
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
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, function: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(spawn_blocking(function))
    }

    /// Runs a function that may block on the pool of the runtime of `handle`, as a member.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, function: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(function))
    }

    fn insert(&mut self, mut handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        let entry = self.members.vacant_entry();
        let place = entry.key();
        let waker = Waker::from(Arc::new(MemberWaker {
            ended: self.ended.clone(),
            place,
        }));
        let ended = !handle.wake_at_end(&waker);
        entry.insert(handle);
        if ended {
            self.ended.add(place);
        }
        abort
    }

    /// Takes the member at `place`, which has ended, out.
    fn take(&mut self, place: usize) -> (Id, Result<T, JoinError>) {
        let mut member = self.members.remove(place);
        let mut cx = Context::from_waker(Waker::noop());
        match budget::with_unlimited(|| Pin::new(&mut member).poll(&mut cx)) {
            Poll::Ready(result) => (member.id(), result),
            // PANIC: its waker was woken by its end, which is why it is in the list.
            Poll::Pending => unreachable!("a member that ended is pending"),
        }
    }

    /// Waits for the next member to end, and takes it out. `None` if there are no members.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    #[track_caller]
    pub fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> + '_ {
        let here = Location::caller();
        poll_fn(move |cx| wait::at(here, || self.poll_join_next(cx)))
    }

    /// The same, with the task's id.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    #[track_caller]
    pub fn join_next_with_id(
        &mut self,
    ) -> impl Future<Output = Option<Result<(Id, T), JoinError>>> + '_ {
        let here = Location::caller();
        poll_fn(move |cx| wait::at(here, || self.poll_join_next_with_id(cx)))
    }

    /// Takes a member out that has ended, if there is one.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        let place = self.ended.next()?;
        Some(self.take(place).1)
    }

    /// The same, with the task's id.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        let place = self.ended.next()?;
        let (id, result) = self.take(place);
        Some(result.map(|value| (id, value)))
    }

    /// Polls for the next member that has ended. `Ready(None)` if there are no members.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_next(cx)
            .map(|next| next.map(|(_, result)| result))
    }

    /// The same, with the task's id.
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        self.poll_next(cx)
            .map(|next| next.map(|(id, result)| result.map(|value| (id, value))))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<(Id, Result<T, JoinError>)>> {
        let spent = ready!(budget::poll_proceed(cx));
        if self.members.is_empty() {
            spent.made_progress();
            return Poll::Ready(None);
        }
        match self.ended.next_or_register(cx.waker()) {
            Some(place) => {
                spent.made_progress();
                Poll::Ready(Some(self.take(place)))
            }
            None => {
                wait::note(wait::Kind::Join, 0);
                Poll::Pending
            }
        }
    }

    /// Aborts all members. They stay in the set, to be joined as cancelled.
    pub fn abort_all(&mut self) {
        for (_, member) in &self.members {
            member.abort();
        }
    }

    /// Takes all members out without aborting them.
    pub fn detach_all(&mut self) {
        let members = std::mem::take(&mut self.members);
        // A list of its own: the old one will hear of members that are not here any more.
        self.ended = Arc::default();
        drop(members);
    }

    /// Aborts all members and waits for their end.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: what was not joined yet stays in the set.
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
    #[track_caller]
    pub fn join_all(mut self) -> impl Future<Output = Vec<T>> {
        let here = Location::caller();
        async move {
            let mut outputs = Vec::with_capacity(self.len());
            while let Some(result) = poll_fn(|cx| wait::at(here, || self.poll_join_next(cx))).await
            {
                match result {
                    Ok(output) => outputs.push(output),
                    Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                    Err(error) => panic!("`JoinSet::join_all` of a set in which {error}"),
                }
            }
            outputs
        }
    }
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        for (_, member) in &self.members {
            member.abort();
        }
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
        for future in futures {
            set.spawn(future);
        }
        set
    }
}
