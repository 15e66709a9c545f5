//! What tells runtimes apart.

use crate::scheduler;
use crate::tasks;
use std::fmt;
use std::io;

/// Tells a runtime, or a [`LocalSet`](crate::task::LocalSet), from all others of the process, those that have ended included.
///
/// Made by [`Handle::id`](super::Handle::id) and [`LocalSet::id`](crate::task::LocalSet::id).
///
/// # Examples
///
/// ```
/// use runtime::rt::Runtime;
///
/// let (a, b) = (Runtime::new()?, Runtime::new()?);
/// assert_ne!(a.handle().id(), b.handle().id());
/// assert_eq!(a.block_on(async { runtime::rt::Handle::current().id() }), a.handle().id());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(tasks::Id);

impl Id {
    /// From the same source as the ids of tasks: what matters is that no two are alike.
    pub(super) fn next() -> Self {
        Id(tasks::Id::next())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of the worker that the current thread is, as the methods of
/// [`RuntimeMetrics`](super::RuntimeMetrics) count them.
///
/// `None` on a thread that is no worker: one of the blocking pool, one that is in `block_on` of
/// a multi-thread runtime, or one that has nothing to do with any runtime. A thread that is in
/// `block_on` of a current-thread runtime is worker 0 while it runs its tasks.
///
/// # Examples
///
/// ```
/// use runtime::rt::worker_index;
///
/// assert_eq!(worker_index(), None);
/// let runtime = runtime::rt::Builder::new_multi_thread().worker_threads(1).build()?;
/// let task = runtime.spawn(async { worker_index() });
/// assert_eq!(runtime.block_on(task).unwrap(), Some(0));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn worker_index() -> Option<usize> {
    scheduler::worker_here()
}

/// Whether a socket gave this error because its runtime was shut down.
///
/// # Examples
///
/// ```
/// use runtime::net::UdpSocket;
/// use runtime::rt::{Runtime, is_rt_shutdown_err};
///
/// let runtime = Runtime::new()?;
/// let socket = runtime.block_on(UdpSocket::bind("127.0.0.1:0"))?;
/// drop(runtime);
/// let error = futures::executor::block_on(socket.readable()).unwrap_err();
/// assert!(is_rt_shutdown_err(&error));
/// assert!(!is_rt_shutdown_err(&std::io::ErrorKind::NotFound.into()));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn is_rt_shutdown_err(error: &io::Error) -> bool {
    crate::driver::is_shut_down(error)
}
