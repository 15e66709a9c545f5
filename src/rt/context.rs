//! Which runtime the current thread belongs to.

use super::handle::Handle;
use crate::base::sync::MutexGuard;
use crate::driver::{Driver, Reactor};
use crate::scheduler::{Home, Standing, on_worker};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

std::thread_local! {
    // Not the sync switch's `local!`: no model enters a runtime. Without a destructor, so that
    // it is there in the destructors of the thread's other locals too: each guard takes out
    // what it put in.
    static CURRENT: ManuallyDrop<RefCell<Option<Rc<Context>>>> =
        const { ManuallyDrop::new(RefCell::new(None)) };
    // An empty one for the next to enter, which then allocates nothing.
    static SPARE: Cell<Option<Rc<Context>>> = const { Cell::new(None) };
}

/// A runtime that was entered, and what was entered before.
#[derive(Default)]
pub(super) struct Context {
    /// `None` in one that is spare.
    handle: Option<Handle>,
    before: Option<Rc<Context>>,
    depth: usize,
}

/// Keeps the current thread in the context of a runtime until it is dropped.
///
/// Made by [`Runtime::enter`](super::Runtime::enter) and [`Handle::enter`]. A guard that is
/// forgotten keeps the runtime's memory for good.
///
/// # Examples
///
/// ```
/// let runtime = runtime::rt::Runtime::new()?;
/// let guard = runtime.enter();
/// let task = runtime::spawn(async { 1 });
/// drop(guard);
/// assert_eq!(runtime.block_on(task)?, 1);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Panics
///
/// Guards of one thread are dropped in the reverse order of their making. One that is dropped
/// too early panics, and ends the context of those that were made later as well.
#[must_use = "the context ends when the guard is dropped"]
#[derive(Debug)]
pub struct EnterGuard<'a> {
    _entered: Entered,
    /// No drop looks at it, so a runtime may be shut down while a guard of it is still there.
    _handle: PhantomData<&'a Handle>,
}

/// The guard itself; the context that it ends holds the runtime's memory.
#[derive(Debug)]
struct Entered {
    depth: usize,
    /// Belongs to one thread, as a lock's guard does.
    _thread: PhantomData<MutexGuard<'static, ()>>,
}

fn depth(context: &Option<Rc<Context>>) -> usize {
    context.as_ref().map_or(0, |context| context.depth)
}

impl Context {
    #[inline]
    pub(super) fn handle(&self) -> &Handle {
        // PANIC: who has a context keeps it from becoming spare.
        self.handle.as_ref().expect("a runtime that was entered")
    }

    /// One that is on top of `before`.
    #[inline]
    fn new(handle: Handle, before: Option<Rc<Context>>) -> Rc<Context> {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        let mut context = spare.unwrap_or_default();
        let depth = depth(&before) + 1;
        // PANIC: a spare one was left, and nobody else had it.
        let entered = Rc::get_mut(&mut context).expect("a context that is spare");
        entered.handle = Some(handle);
        entered.before = before;
        entered.depth = depth;
        context
    }
}

/// Leaves the innermost context, if it is the one at `depth` and nobody looks at it. Returns it
/// empty, with its handle.
#[inline]
fn leave(current: &mut Option<Rc<Context>>, depth: usize) -> Option<(Rc<Context>, Handle)> {
    let top = Rc::get_mut(current.as_mut()?)?;
    if top.depth != depth {
        return None;
    }
    let handle = top.handle.take()?;
    let before = top.before.take();
    let left = std::mem::replace(current, before)?;
    Some((left, handle))
}

/// Enters the context of `handle`.
pub(super) fn enter<'a>(handle: &Handle) -> EnterGuard<'a> {
    let handle = handle.clone();
    CURRENT.with(|current| {
        let mut current = current.borrow_mut();
        let context = Context::new(handle, current.take());
        let depth = context.depth;
        *current = Some(context);
        EnterGuard {
            _entered: Entered {
                depth,
                _thread: PhantomData,
            },
            _handle: PhantomData,
        }
    })
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        let left = CURRENT.with(|current| leave(&mut current.borrow_mut(), self.depth));
        match left {
            Some((context, handle)) => {
                let _ = SPARE.try_with(|spare| spare.set(Some(context)));
                // Last, as it may be the last one of its runtime, whose end may enter others.
                drop(handle);
            }
            None => self.leave_with_others(),
        }
    }
}

impl Entered {
    /// It is not the innermost, or somebody looks at it.
    #[cold]
    fn leave_with_others(&self) {
        let top = CURRENT.with(|current| current.borrow().clone());
        let mut left = top.clone();
        // More than one only if guards that were made later are still there.
        while depth(&left) >= self.depth {
            left = left.and_then(|context| context.before.clone());
        }
        // What goes is dropped with nothing borrowed: it may be the last one of its runtime.
        drop(CURRENT.with(|current| current.replace(left)));
        let out_of_order = depth(&top) > self.depth;
        drop(top);
        if out_of_order && !std::thread::panicking() {
            panic!(
                "`EnterGuard`s were dropped out of order; drop them in the reverse order of \
                 their making"
            );
        }
    }
}

/// There is no runtime to be found.
///
/// Returned by [`Handle::try_current`].
///
/// # Examples
///
/// ```
/// let error = runtime::rt::Handle::try_current().unwrap_err();
/// assert!(error.to_string().contains("there is no runtime here"));
/// ```
#[derive(Debug)]
pub struct TryCurrentError(());

impl TryCurrentError {
    /// Whether the thread is not in the context of any runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = runtime::rt::Handle::try_current().unwrap_err();
    /// assert!(error.is_missing_context());
    /// ```
    pub fn is_missing_context(&self) -> bool {
        true
    }

    /// Whether the thread is ending, and its context gone already. That does not happen: the
    /// context can be found in the destructors of thread-locals as anywhere else.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = runtime::rt::Handle::try_current().unwrap_err();
    /// assert!(!error.is_thread_local_destroyed());
    /// ```
    pub fn is_thread_local_destroyed(&self) -> bool {
        false
    }
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "there is no runtime here: this must be called from within `Runtime::block_on`, a \
             task, or the scope of `Runtime::enter` or `Handle::enter`",
        )
    }
}

impl std::error::Error for TryCurrentError {}

/// Calls `f` with the handle of the current runtime. `f` may run code of the user, such as the
/// drop of a future that is spawned too late, and that may enter a runtime: so nothing is
/// borrowed meanwhile, but a reference is counted that no other thread counts.
#[inline]
pub(super) fn with_current<R>(f: impl FnOnce(&Handle) -> R) -> Result<R, TryCurrentError> {
    current().map(|context| f(context.handle()))
}

/// The context that the current thread entered last.
#[inline]
pub(super) fn current() -> Result<Rc<Context>, TryCurrentError> {
    let current = CURRENT.with(|current| current.borrow().clone());
    current.ok_or(TryCurrentError(()))
}

/// The current runtime's home.
#[inline]
pub(crate) fn try_home() -> Option<Home> {
    with_current(|handle| handle.home().clone()).ok()
}

/// The same on a thread that is not a worker; `None` on one that is.
#[inline]
pub(crate) fn home_beside_workers() -> Option<Home> {
    match on_worker() {
        Standing::Worker | Standing::Alone => None,
        Standing::Outside | Standing::Blocking => try_home(),
    }
}

/// The current runtime's time, if there is one.
pub(crate) fn paused_now() -> Option<Instant> {
    with_current(|handle| handle.scheduler().driver().now()).ok()
}

/// The current runtime's reactor for a source that the current thread makes.
///
/// # Panics
/// If there is none, at the caller's line.
#[track_caller]
pub(crate) fn reactor() -> Arc<Reactor> {
    match with_current(|handle| handle.scheduler().reactor().clone()) {
        Ok(reactor) => reactor,
        Err(error) => panic!("{error}"),
    }
}

/// Calls `f` with the current runtime's driver.
///
/// # Panics
/// If there is none, at the caller's line.
#[inline]
#[track_caller]
pub(crate) fn with_driver<R>(f: impl FnOnce(&Arc<Driver>) -> R) -> R {
    match with_current(|handle| f(handle.scheduler().driver())) {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
