//! A set of local tasks, as all threads see it, and the proof of being at its home.
//!
//! [`Shared`] is what its tasks hold, and through them wakers and abort handles on any
//! thread. They put runnables into the inbox and wake whoever sleeps on it. Only with a
//! [`Here`] can runnables be taken out, tasks be spawned, and the set be closed.
//!
//! This file contains unsafe code: [`Here::spawn`] makes local tasks. Argument, by the
//! numbers of the [contract](crate::tasks#local-tasks): (1) a `Here` is not `Send`, so it and
//! its clones are only ever on the thread that made the set; runnables leave the inbox, and
//! tasks the set, only through it. (2) A task holds `Shared`, which holds the set of live
//! tasks, which holds the task until it is complete or [`Here::close`] cancels it: so
//! `Shared` is dropped, by whomever, only when it holds no task and no runnable. (3) A closed
//! inbox abandons what comes.
//! Covered by `models.rs` and by the AddressSanitizer run.
//!
//! # Sleeping
//!
//! Whoever polls the set looks into the inbox and leaves its waker in one step under the
//! inbox's lock; whoever puts something in takes all wakers in one step with that. So a
//! runnable is seen, or its arrival wakes. The set may be polled from several places
//! ([`run_until`](super::LocalSet::run_until) twice at a time): all of them leave wakers, and
//! all are woken, as any of them may be gone for good. One that goes takes its waker along:
//! in a set that has nothing to do they would pile up otherwise.
#![allow(unsafe_code)]

use super::super::handle::BOX_ABOVE;
use crate::base::panics::quietly;
use crate::base::sync::{Arc, Mutex};
use crate::tasks::{self, Id, JoinHandle, LiveSet, Origin, Runnable, Schedule, TaskRef};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::task::Waker;

/// See the [module](self).
struct Shared {
    inbox: Mutex<Inbox>,
    live: LiveSet,
}

#[derive(Default)]
struct Inbox {
    runnables: VecDeque<Runnable>,
    /// Of those who found the inbox empty.
    sleepers: Vec<Sleeper>,
    closed: bool,
}

/// Who polls the set: a number that no other of its pollers has.
pub(super) type Poller = u64;

struct Sleeper {
    poller: Poller,
    waker: Waker,
}

impl Inbox {
    fn take_sleeper(&mut self, poller: Poller) -> Option<Sleeper> {
        let mut sleepers = self.sleepers.iter();
        let place = sleepers.position(|sleeper| sleeper.poller == poller)?;
        Some(self.sleepers.swap_remove(place))
    }
}

impl Shared {
    fn push(&self, task: Runnable) {
        let mut inbox = self.inbox.lock();
        if inbox.closed {
            drop(inbox);
            return task.abandon();
        }
        inbox.runnables.push_back(task);
        // Nearly always there is one, which is taken out without an allocation.
        let first = inbox.sleepers.pop();
        let others = match inbox.sleepers.is_empty() {
            true => Vec::new(),
            false => mem::take(&mut inbox.sleepers),
        };
        drop(inbox);
        for sleeper in first.into_iter().chain(others) {
            quietly(|| sleeper.waker.wake());
        }
    }
}

/// What a task belongs to.
struct Home(Arc<Shared>);

impl Schedule for Home {
    const KIND: &'static str = "local";

    fn schedule(&self, task: Runnable) {
        self.0.push(task);
    }

    /// They are in the set before they are polled.
    fn adopt(&self, task: TaskRef) -> Result<(), TaskRef> {
        Err(task)
    }

    fn release(&self, task: &TaskRef) -> Option<TaskRef> {
        self.0.live.remove(task)
    }
}

/// A set of local tasks, on its own thread.
#[derive(Clone)]
pub(super) struct Here {
    shared: Arc<Shared>,
    /// Whether the thread polls the set, or drops it; else it was only entered.
    is_polled: bool,
    /// Not `Send`, and not `Sync`.
    _home: PhantomData<*const ()>,
}

impl Here {
    /// A set whose home is the current thread.
    pub(super) fn new() -> Self {
        Here {
            shared: Arc::new(Shared {
                inbox: Mutex::new(Inbox::default()),
                live: LiveSet::new(),
            }),
            is_polled: false,
            _home: PhantomData,
        }
    }

    /// Spawns a task into the set; it is cancelled at once if the set is closed.
    pub(super) fn spawn<F>(&self, future: F, origin: Origin) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        // One call for both: without optimisation each call takes a copy of its arguments on
        // the stack.
        let spawn = if const { size_of::<F>() > BOX_ABOVE } {
            Here::spawn_boxed
        } else {
            Here::spawn_in_place
        };
        spawn(self, future, origin)
    }

    fn spawn_boxed<F>(&self, future: F, origin: Origin) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_in_place(Box::pin(future), origin)
    }

    fn spawn_in_place<F>(&self, future: F, origin: Origin) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let home = Home(self.shared.clone());
        // SAFETY: the head of this file keeps the contract; we are at home.
        let (runnable, handle) = unsafe { tasks::new_local(future, home, Id::next(), origin) };
        match self.shared.live.insert(runnable.adopted()) {
            Ok(()) => self.shared.push(runnable),
            Err(task) => {
                task.shutdown();
                drop(runnable);
            }
        }
        handle
    }

    /// Whether all tasks have ended.
    pub(super) fn is_empty(&self) -> bool {
        self.shared.live.len() == 0
    }

    /// Puts a runnable behind all others.
    pub(super) fn push(&self, task: Runnable) {
        self.shared.push(task);
    }

    /// Moves what is in the inbox to `ready`; the poller does not sleep any more.
    pub(super) fn wake_up(&self, poller: Poller, ready: &mut VecDeque<Runnable>) {
        let mut inbox = self.shared.inbox.lock();
        ready.append(&mut inbox.runnables);
        let own = inbox.take_sleeper(poller);
        drop(inbox);
        drop(own);
    }

    /// The poller is gone.
    pub(super) fn forget(&self, poller: Poller) {
        let own = self.shared.inbox.lock().take_sleeper(poller);
        drop(own);
    }

    /// Moves what is in the inbox to `ready`; if there is nothing, leaves the waker and says
    /// so: false. For one who does not sleep.
    pub(super) fn take_or_sleep(
        &self,
        poller: Poller,
        waker: &Waker,
        ready: &mut VecDeque<Runnable>,
    ) -> bool {
        // Cloned before the lock is taken: that is foreign code.
        let waker = waker.clone();
        let mut inbox = self.shared.inbox.lock();
        ready.append(&mut inbox.runnables);
        let awake = !ready.is_empty();
        let unused = match awake {
            true => Some(waker),
            false => {
                inbox.sleepers.push(Sleeper { poller, waker });
                None
            }
        };
        drop(inbox);
        drop(unused);
        awake
    }

    /// Wakes everybody who sleeps: there is something to do, and who found it may not come
    /// back for it.
    pub(super) fn wake_sleepers(&self) {
        let sleepers = mem::take(&mut self.shared.inbox.lock().sleepers);
        for sleeper in sleepers {
            quietly(|| sleeper.waker.wake());
        }
    }

    /// Cancels all tasks, those that are spawned meanwhile included.
    pub(super) fn close(&self) {
        self.shared.live.close();
        while let Some(task) = self.shared.live.pop() {
            task.shutdown();
        }
        let closed = Inbox {
            closed: true,
            ..Inbox::default()
        };
        let left = mem::replace(&mut *self.shared.inbox.lock(), closed);
        drop(left);
    }

    /// Makes the set the current thread's.
    pub(super) fn enter(&self) -> LocalEnterGuard {
        enter(Some(self.clone()))
    }

    /// The same for as long as its tasks are polled, or dropped.
    pub(super) fn begin_poll(&self) -> LocalEnterGuard {
        let mut here = self.clone();
        here.is_polled = true;
        enter(Some(here))
    }
}

std::thread_local! {
    // Not the sync switch's `local!`: models do without. Without a destructor, so that it is
    // there in the destructors of the thread's other locals too.
    static CURRENT: ManuallyDrop<RefCell<Option<Here>>> =
        const { ManuallyDrop::new(RefCell::new(None)) };
}

/// The set whose task, or root future, this thread is polling, or that was entered.
pub(super) fn current() -> Option<Here> {
    CURRENT.with(|current| current.borrow().clone())
}

/// Whether the current thread polls a local set, whose tasks no other thread could go on with.
pub(crate) fn polls_local_tasks() -> bool {
    let polled = |here: &Here| here.is_polled;
    CURRENT.with(|current| current.borrow().as_ref().is_some_and(polled))
}

/// Makes `here` the current thread's set, or hides the one that is.
pub(super) fn enter(here: Option<Here>) -> LocalEnterGuard {
    LocalEnterGuard {
        before: CURRENT.with(|current| current.replace(here)),
    }
}

/// Keeps a [`LocalSet`](super::LocalSet) the current thread's until it is dropped.
///
/// Made by [`LocalSet::enter`](super::LocalSet::enter). Guards are dropped in the reverse
/// order of their making; one that is dropped earlier takes those that were made after it
/// along.
///
/// # Examples
///
/// ```
/// use runtime::task::{LocalSet, spawn_local};
///
/// let set = LocalSet::new();
/// let guard = set.enter();
/// let task = spawn_local(async { 5 });
/// drop(guard);
/// let runtime = runtime::rt::Runtime::new()?;
/// assert_eq!(set.block_on(&runtime, task).unwrap(), 5);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "the set is left when the guard is dropped"]
pub struct LocalEnterGuard {
    before: Option<Here>,
}

impl Drop for LocalEnterGuard {
    fn drop(&mut self) {
        let before = self.before.take();
        // What goes is dropped with nothing borrowed.
        drop(CURRENT.with(|current| current.replace(before)));
    }
}

impl fmt::Debug for LocalEnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEnterGuard").finish_non_exhaustive()
    }
}
