//! Why a task gave no output.

use super::id::Id;
use crate::base::sync::Mutex;
use std::any::Any;
use std::fmt;
use std::io;

type Payload = Box<dyn Any + Send + 'static>;

/// The task was cancelled, or it panicked.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let handle = runtime::spawn(std::future::pending::<()>());
/// handle.abort();
/// assert!(handle.await.unwrap_err().is_cancelled());
/// # });
/// ```
pub struct JoinError {
    id: Id,
    /// `None`: cancelled. The lock only lends the payload the `Sync` that an error needs.
    /// Boxed once more: every task has room for an error, and few have a panic.
    panic: Option<Box<Mutex<Payload>>>,
}

impl JoinError {
    pub(crate) fn cancelled(id: Id) -> Self {
        JoinError { id, panic: None }
    }

    pub(crate) fn panic(id: Id, payload: Box<dyn Any + Send + 'static>) -> Self {
        JoinError {
            id,
            panic: Some(Box::new(Mutex::new(payload))),
        }
    }

    /// Whether the task was cancelled: aborted, or its runtime shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(std::future::pending::<()>());
    /// task.abort();
    /// assert!(task.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.panic.is_none()
    }

    /// Whether the task panicked.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let error = runtime::spawn(async { panic!("no") }).await.unwrap_err();
    /// assert!(error.is_panic());
    /// # });
    /// ```
    pub fn is_panic(&self) -> bool {
        self.panic.is_some()
    }

    /// The payload of the task's panic, for [`std::panic::resume_unwind`].
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let error = runtime::spawn(async { panic!("no") }).await.unwrap_err();
    /// let payload = error.into_panic();
    /// assert_eq!(payload.downcast_ref(), Some(&"no"));
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// If the task was cancelled; ask [`is_panic`](Self::is_panic) first, or use
    /// [`try_into_panic`](Self::try_into_panic).
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        match self.try_into_panic() {
            Ok(payload) => payload,
            Err(_) => {
                panic!("`JoinError::into_panic` of a task that was cancelled; ask `is_panic` first")
            }
        }
    }

    /// The payload of the task's panic, or the error itself if it was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(std::future::pending::<()>());
    /// task.abort();
    /// let error = task.await.unwrap_err().try_into_panic().unwrap_err();
    /// assert!(error.is_cancelled());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// If the task was cancelled.
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, JoinError> {
        match self.panic {
            Some(payload) => Ok(payload.into_inner()),
            None => Err(self),
        }
    }

    /// The task that this is about.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let task = runtime::spawn(async { panic!("no") });
    /// let id = task.id();
    /// assert_eq!(task.await.unwrap_err().id(), id);
    /// # });
    /// ```
    pub fn id(&self) -> Id {
        self.id
    }

    /// The text of the panic, if its payload is one.
    fn message(&self) -> Option<String> {
        let payload = self.panic.as_ref()?.lock();
        let text = payload.downcast_ref::<&'static str>().copied();
        text.map(str::to_owned)
            .or_else(|| payload.downcast_ref::<String>().cloned())
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_cancelled(), self.message()) {
            (true, _) => write!(f, "task {} was cancelled", self.id),
            (false, Some(message)) => {
                write!(f, "task {} panicked with message {message:?}", self.id)
            }
            (false, None) => write!(f, "task {} panicked", self.id),
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_cancelled(), self.message()) {
            (true, _) => write!(f, "JoinError::Cancelled({:?})", self.id),
            (false, Some(message)) => {
                write!(f, "JoinError::Panic({:?}, {message:?}, ...)", self.id)
            }
            (false, None) => write!(f, "JoinError::Panic({:?}, ...)", self.id),
        }
    }
}

impl std::error::Error for JoinError {}

impl From<JoinError> for io::Error {
    fn from(error: JoinError) -> io::Error {
        io::Error::other(error)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_which_task_and_why() {
        let id = Id::next();
        let cancelled = JoinError::cancelled(id);
        assert!(cancelled.is_cancelled() && !cancelled.is_panic());
        assert_eq!(cancelled.to_string(), format!("task {id} was cancelled"));
        assert!(cancelled.try_into_panic().unwrap_err().is_cancelled());

        let panic = JoinError::panic(id, Box::new("boom"));
        assert_eq!(
            panic.to_string(),
            format!("task {id} panicked with message \"boom\"")
        );
        assert_eq!(panic.into_panic().downcast_ref(), Some(&"boom"));
        assert_eq!(
            JoinError::panic(id, Box::new(7)).to_string(),
            format!("task {id} panicked")
        );
    }
}
