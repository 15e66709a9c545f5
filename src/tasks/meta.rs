//! What is told about a task to those who watch.

use super::id::Id;
use super::raw::{Runnable, TaskRef};
use std::panic::Location;

/// What a hook of [`rt::Builder`](crate::rt::Builder) is told about a task.
///
/// # Examples
///
/// ```
/// let runtime = runtime::rt::Builder::new_current_thread()
///     .on_task_spawn(|task| assert!(task.spawned_at().file().ends_with(".rs")))
///     .build()?;
/// runtime.block_on(runtime.spawn(async {})).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TaskMeta<'a> {
    pub(crate) id: Id,
    pub(crate) spawned_at: &'static Location<'static>,
    pub(crate) name: Option<&'a str>,
}

impl<'a> TaskMeta<'a> {
    /// The task's id.
    ///
    /// # Examples
    ///
    /// ```
    /// let (send, ids) = std::sync::mpsc::channel();
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .on_task_spawn(move |task| send.send(task.id()).unwrap())
    ///     .build()?;
    /// let task = runtime.spawn(async {});
    /// assert_eq!(ids.recv().unwrap(), task.id());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn id(&self) -> Id {
        self.id
    }

    /// The line that spawned it.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .on_task_terminate(|task| println!("{} has ended", task.spawned_at()))
    ///     .build()?;
    /// runtime.block_on(runtime.spawn(async {})).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.spawned_at
    }

    /// The name that its [`Builder`](crate::task::Builder) gave it.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Builder::new_current_thread()
    ///     .on_task_spawn(|task| assert_eq!(task.name(), Some("answer")))
    ///     .build()?;
    /// let task = runtime::task::Builder::new().name("answer");
    /// runtime.block_on(task.spawn_on(async {}, runtime.handle())?).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }
}

/// Looks on while tasks are polled.
pub(crate) trait Watch {
    /// Calls `poll` once. True if the task has an output then.
    fn around_poll(&self, task: &TaskRef, poll: impl FnOnce() -> bool) -> bool;
}

impl TaskRef {
    pub(crate) fn meta(&self) -> TaskMeta<'_> {
        let origin = self.origin();
        TaskMeta {
            id: self.id(),
            spawned_at: origin.spawned_at(),
            name: origin.name(),
        }
    }

    /// When it was [stamped](Runnable::stamp), if it was since it waited last.
    pub(crate) fn take_stamp(&self) -> Option<u64> {
        self.header().wait.take_stamp()
    }
}

impl Runnable {
    /// Writes down that it was scheduled at `nanos`, which is not 0, over what it waited for.
    pub(crate) fn stamp(&self, nanos: u64) {
        self.task().header().wait.stamp(nanos);
    }
}
