//! Guards that cancel their token when they are dropped.

use super::CancellationToken;
use std::mem;

/// Cancels its token when it is dropped. Made by [`CancellationToken::drop_guard`].
///
/// # Examples
/// ```
/// use runtime::sync::CancellationToken;
/// let token = CancellationToken::new();
/// {
///     let _guard = token.clone().drop_guard();
///     assert!(!token.is_cancelled());
/// }
/// assert!(token.is_cancelled());
/// ```
#[must_use = "a guard that is dropped at once cancels at once"]
#[derive(Debug)]
pub struct DropGuard {
    /// None once it is disarmed.
    token: Option<CancellationToken>,
}

/// Cancels its token when it is dropped, and borrows it. Made by
/// [`CancellationToken::drop_guard_ref`].
///
/// # Examples
/// ```
/// use runtime::sync::CancellationToken;
/// let token = CancellationToken::new();
/// {
///     let _guard = token.drop_guard_ref();
///     assert!(!token.is_cancelled());
/// }
/// assert!(token.is_cancelled());
/// ```
#[must_use = "a guard that is dropped at once cancels at once"]
#[derive(Debug)]
pub struct DropGuardRef<'a> {
    token: &'a CancellationToken,
}

impl DropGuard {
    pub(super) fn new(token: CancellationToken) -> Self {
        DropGuard { token: Some(token) }
    }

    /// Gives the token back, not cancelled.
    ///
    /// # Examples
    /// ```
    /// let guard = runtime::sync::CancellationToken::new().drop_guard();
    /// let token = guard.disarm();
    /// assert!(!token.is_cancelled());
    /// ```
    #[must_use = "the token is what is left of the guard"]
    pub fn disarm(mut self) -> CancellationToken {
        // PANIC: it is taken here, which consumes the guard.
        self.token.take().expect("not disarmed yet")
    }

    /// The token.
    ///
    /// # Examples
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// let guard = token.clone().drop_guard();
    /// assert_eq!(guard.token(), &token);
    /// ```
    pub fn token(&self) -> &CancellationToken {
        // PANIC: it is taken by `disarm`, which consumes the guard.
        self.token.as_ref().expect("not disarmed yet")
    }
}

impl<'a> DropGuardRef<'a> {
    pub(super) fn new(token: &'a CancellationToken) -> Self {
        DropGuardRef { token }
    }

    /// Gives the reference back, and does not cancel.
    ///
    /// # Examples
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// let guard = token.drop_guard_ref();
    /// assert!(!guard.disarm().is_cancelled());
    /// ```
    pub fn disarm(self) -> &'a CancellationToken {
        let token = self.token;
        mem::forget(self);
        token
    }

    /// The token.
    ///
    /// # Examples
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// let guard = token.drop_guard_ref();
    /// assert_eq!(guard.token(), &token);
    /// ```
    pub fn token(&self) -> &CancellationToken {
        self.token
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel();
        }
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        self.token.cancel();
    }
}
