//! [`CancellationToken`]: asks tasks to end, and tells them that they were asked.
//!
//! The tree of tokens is in [`tree`], the futures that wait in [`wait`], those that give up
//! their own future in [`until`], the guards that cancel when they are dropped in [`guard`].

mod guard;
#[cfg(all(test, loom))]
mod models;
mod tree;
mod until;
mod wait;

pub use guard::{DropGuard, DropGuardRef};
pub use until::{WithCancellationTokenFuture, WithCancellationTokenFutureOwned};
pub use wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned};

use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use tree::Node;

/// A signal to end, which can be given once and is seen by all clones, and by all tokens
/// below.
///
/// Hand a clone to each task that is to end with the others, and a
/// [child](Self::child_token) to a task that may also be ended alone. Dropping tokens cancels
/// nothing; a [`DropGuard`] does.
///
/// # Examples
/// ```
/// use runtime::sync::CancellationToken;
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let token = CancellationToken::new();
/// let theirs = token.clone();
/// let task = runtime::spawn(async move {
///     theirs.cancelled().await;
///     "ended"
/// });
/// token.cancel();
/// assert_eq!(task.await.unwrap(), "ended");
/// # });
/// ```
pub struct CancellationToken {
    node: Arc<Node>,
}

// No user's value is in there, and a panic leaves nothing half done.
impl UnwindSafe for CancellationToken {}
impl RefUnwindSafe for CancellationToken {}

impl CancellationToken {
    /// A token that is not cancelled, and has no parent.
    ///
    /// # Examples
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// assert!(!token.is_cancelled());
    /// ```
    pub fn new() -> Self {
        CancellationToken { node: Node::root() }
    }

    /// A token that is cancelled when this one is, but not the other way round. It is
    /// cancelled already if this one is.
    ///
    /// # Examples
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// let (one, two) = (token.child_token(), token.child_token());
    /// one.cancel();
    /// assert!(!token.is_cancelled());
    /// token.cancel();
    /// assert!(two.is_cancelled());
    /// ```
    #[must_use = "a child that is dropped at once does nothing"]
    pub fn child_token(&self) -> CancellationToken {
        CancellationToken {
            node: self.node.child(),
        }
    }

    /// Cancels this token, its clones and all tokens below, and wakes whoever waits for
    /// one of them. When it returns, all of them are cancelled.
    ///
    /// # Examples
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// let child = token.child_token();
    /// token.cancel();
    /// assert!(token.is_cancelled() && child.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        self.node.cancel();
    }

    /// Whether the token is cancelled.
    ///
    /// # Examples
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// assert!(!token.is_cancelled());
    /// token.cancel();
    /// assert!(token.is_cancelled());
    /// ```
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.node.is_cancelled()
    }

    /// Waits until the token is cancelled.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let token = runtime::sync::CancellationToken::new();
    /// token.cancel();
    /// token.cancelled().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        WaitForCancellationFuture::new(self, Location::caller())
    }

    /// Waits until the token is cancelled, with a future that owns it.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let token = runtime::sync::CancellationToken::new();
    /// let cancelled = token.clone().cancelled_owned();
    /// token.cancel();
    /// cancelled.await;
    /// # });
    /// ```
    #[track_caller]
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        WaitForCancellationFutureOwned::new(self, Location::caller())
    }

    /// Runs `fut` to its end, or until the token is cancelled: then the answer is `None`, and
    /// `fut` is dropped.
    ///
    /// If the token is cancelled already, `fut` is not polled at all. Later, if both come at
    /// once, `fut` wins.
    ///
    /// # Cancel safety
    /// Nothing is lost. `fut` is dropped too; what that loses, it says itself.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let token = runtime::sync::CancellationToken::new();
    /// assert_eq!(token.run_until_cancelled(async { 1 }).await, Some(1));
    /// token.cancel();
    /// assert_eq!(token.run_until_cancelled(async { 1 }).await, None);
    /// # });
    /// ```
    #[track_caller]
    pub fn run_until_cancelled<F>(&self, fut: F) -> impl Future<Output = Option<F::Output>>
    where
        F: Future,
    {
        WithCancellationTokenFuture::new(self.cancelled(), fut)
    }

    /// Runs `fut` to its end, or until the token is cancelled, and owns the token meanwhile.
    /// See [`run_until_cancelled`](Self::run_until_cancelled).
    ///
    /// # Cancel safety
    /// Nothing is lost. `fut` is dropped too; what that loses, it says itself.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let token = runtime::sync::CancellationToken::new();
    /// token.cancel();
    /// let run = token.run_until_cancelled_owned(std::future::pending::<()>());
    /// assert_eq!(run.await, None);
    /// # });
    /// ```
    #[track_caller]
    pub fn run_until_cancelled_owned<F>(self, fut: F) -> impl Future<Output = Option<F::Output>>
    where
        F: Future,
    {
        WithCancellationTokenFutureOwned::new(self.cancelled_owned(), fut)
    }

    /// A guard that cancels the token when it is dropped.
    ///
    /// # Examples
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// drop(token.clone().drop_guard());
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// A guard that cancels the token when it is dropped, and borrows it.
    ///
    /// # Examples
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// drop(token.drop_guard_ref());
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef::new(self)
    }
}

impl Clone for CancellationToken {
    /// Another handle to the same token, not a child of it.
    fn clone(&self) -> Self {
        CancellationToken {
            node: self.node.clone(),
        }
    }
}

impl Default for CancellationToken {
    fn default() -> Self {
        CancellationToken::new()
    }
}

impl PartialEq for CancellationToken {
    /// Whether one is a clone of the other.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
    }
}

impl Eq for CancellationToken {}

impl Hash for CancellationToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.node).hash(state);
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken")
            .field("is_cancelled", &self.is_cancelled())
            .finish()
    }
}
