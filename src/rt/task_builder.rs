//! Spawning a task with a name.

use super::context::with_current;
use super::handle::Handle;
use super::local::{LocalSet, spawn_local_from};
use super::offload;
use crate::tasks::{JoinHandle, Origin};
use std::future::Future;
use std::io;

/// Spawns a task that has a name, for reports and for the `Debug` of its handle.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let task = runtime::task::Builder::new()
///     .name("answer")
///     .spawn(async { 6 * 7 })?;
/// assert!(format!("{task:?}").contains("answer"));
/// assert_eq!(task.await?, 42);
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TaskBuilder<'a> {
    name: Option<&'a str>,
}

impl<'a> TaskBuilder<'a> {
    /// A task without a name so far.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::task::Builder::new().spawn(async { 1 }).unwrap();
    /// assert_eq!(task.await.unwrap(), 1);
    /// # });
    /// ```
    pub fn new() -> Self {
        TaskBuilder::default()
    }

    /// Gives the task a name.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::task::Builder::new().name("cook").spawn(async { 1 }).unwrap();
    /// assert!(format!("{task:?}").contains("cook"));
    /// # });
    /// ```
    pub fn name(&self, name: &'a str) -> Self {
        TaskBuilder { name: Some(name) }
    }

    #[track_caller]
    fn origin(&self) -> Origin {
        match self.name {
            Some(name) => Origin::named(name),
            None => Origin::here(),
        }
    }

    /// Spawns the task onto the current runtime. See [`spawn`](crate::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::task::Builder::new().name("cook").spawn(async { 1 }).unwrap();
    /// assert_eq!(task.await.unwrap(), 1);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let origin = self.origin();
        match with_current(|handle| handle.spawn_from(future, origin)) {
            Ok(handle) => Ok(handle),
            Err(error) => panic!("{error}"),
        }
    }

    /// Spawns the task onto the runtime of `handle`.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let builder = runtime::task::Builder::new().name("cook");
    /// let task = builder.spawn_on(async { 1 }, runtime.handle())?;
    /// assert_eq!(runtime.block_on(task)?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// None at present.
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Ok(handle.spawn_from(future, self.origin()))
    }

    /// Spawns a task that stays on the current thread. See
    /// [`spawn_local`](crate::task::spawn_local()).
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Panics
    ///
    /// Outside of a [`LocalSet`] and of a
    /// [`LocalRuntime`](crate::rt::LocalRuntime).
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::rt::LocalRuntime::new()?.block_on(async {
    ///     let task = runtime::task::Builder::new().name("local").spawn_local(async { 1 })?;
    ///     assert!(format!("{task:?}").contains("local"));
    ///     assert_eq!(task.await?, 1);
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Ok(spawn_local_from(future, self.origin()))
    }

    /// Spawns the task into the given set of local tasks.
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let set = runtime::task::LocalSet::new();
    /// let task = runtime::task::Builder::new().name("local").spawn_local_on(async { 1 }, &set)?;
    /// assert_eq!(set.run_until(task).await?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn spawn_local_on<F>(
        self,
        future: F,
        local_set: &LocalSet,
    ) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Ok(local_set.spawn_from(future, self.origin()))
    }

    /// Runs a function that may block on the current runtime's pool. See
    /// [`spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::task::Builder::new().name("cook").spawn_blocking(|| 1).unwrap();
    /// assert_eq!(task.await.unwrap(), 1);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Panics
    ///
    /// If there is no current runtime.
    #[track_caller]
    pub fn spawn_blocking<F, R>(self, function: F) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let origin = self.origin();
        match with_current(|handle| offload::spawn_blocking(handle.inner(), function, origin)) {
            Ok(handle) => Ok(handle),
            Err(error) => panic!("{error}"),
        }
    }
}
