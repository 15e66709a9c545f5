//! The cooperative budget as users see it.
//!
//! Each poll of a task may make so much progress; then every channel, lock, socket and timer
//! answers `Pending`, and the others have their turn ([`crate::base::budget`]). Most programs
//! never notice. What is here is for those that write futures of their own:
//!
//! | to | there is |
//! |---|---|
//! | give way now and then within a long computation | [`consume_budget`] |
//! | make a foreign future that is always ready give way | [`cooperative`] |
//! | write a leaf that takes part | [`poll_proceed`] |
//! | not take part | [`unconstrained`] |
//!
//! # Examples
//!
//! ```
//! use runtime::task::coop;
//!
//! # runtime::rt::Runtime::new().unwrap().block_on(async {
//! let mut sum = 0;
//! for i in 0..1000 {
//!     sum += i;
//!     coop::consume_budget().await;
//! }
//! assert_eq!(sum, 499_500);
//! # });
//! ```

use crate::base::budget::{self, Spent};
use crate::base::wait;
use pin_project_lite::pin_project;
use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Spends one unit of the task's budget, and lets the others run if there is none.
///
/// It costs next to nothing while there is budget: call it in each round of a loop that
/// computes and does not wait for anything. [`yield_now`](crate::task::yield_now) gives way
/// each time.
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut longest = 0;
/// for line in ["a", "bcd", "ef"] {
///     longest = longest.max(line.len());
///     runtime::task::consume_budget().await;
/// }
/// assert_eq!(longest, 3);
/// # });
/// ```
#[track_caller]
pub fn consume_budget() -> impl Future<Output = ()> {
    let here = Location::caller();
    poll_fn(move |cx| {
        let spent = ready!(wait::at(here, || budget::poll_proceed(cx)));
        spent.made_progress();
        Poll::Ready(())
    })
}

/// Whether the task that is being polled has budget left.
///
/// Where there is no limit, outside of a task or within [`unconstrained`], it has.
///
/// # Examples
///
/// ```
/// use runtime::task::coop;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut rounds = 0;
/// runtime::spawn(async move {
///     while coop::has_budget_remaining() {
///         coop::consume_budget().await;
///         rounds += 1;
///     }
///     assert!(rounds > 10);
/// }).await.unwrap();
/// # });
/// ```
pub fn has_budget_remaining() -> bool {
    budget::has_remaining()
}

/// Takes one unit of the task's budget, for a leaf future.
///
/// Call it first in a `poll`, before anything is taken that would be lost. With `Pending`
/// the task was woken already: return `Pending` too. Else go on, and call
/// [`made_progress`](RestoreOnPending::made_progress) when the poll ends as `Ready`; a unit
/// that is dropped without that goes back.
///
/// # Examples
///
/// ```
/// use runtime::task::coop;
/// use std::future::poll_fn;
/// use std::task::{Poll, ready};
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut items = vec![3, 2, 1];
/// let mut next = async || {
///     poll_fn(|cx| {
///         let unit = ready!(coop::poll_proceed(cx));
///         unit.made_progress();
///         Poll::Ready(items.pop())
///     })
///     .await
/// };
/// assert_eq!(next().await, Some(1));
/// # });
/// ```
#[track_caller]
pub fn poll_proceed(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    let spent = ready!(wait::at(Location::caller(), || budget::poll_proceed(cx)));
    Poll::Ready(RestoreOnPending {
        spent: Cell::new(Some(spent)),
        _of_this_thread: PhantomData,
    })
}

/// A unit of budget that goes back when it is dropped, unless progress was made.
///
/// Made by [`poll_proceed`].
///
/// # Examples
///
/// ```
/// use runtime::task::coop;
/// use std::task::{Poll, ready};
///
/// # futures::executor::block_on(async {
/// let mut left = 3;
/// let count_down = std::future::poll_fn(|cx| {
///     let spent = ready!(coop::poll_proceed(cx));
///     left -= 1;
///     spent.made_progress();
///     Poll::Ready(left)
/// });
/// assert_eq!(count_down.await, 2);
/// # });
/// ```
#[must_use = "a unit that is dropped goes back"]
pub struct RestoreOnPending {
    spent: Cell<Option<Spent>>,
    _of_this_thread: PhantomData<*const ()>,
}

impl RestoreOnPending {
    /// The unit is spent for good.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::coop;
    /// use std::task::{Context, Waker};
    ///
    /// let mut cx = Context::from_waker(Waker::noop());
    /// if let std::task::Poll::Ready(unit) = coop::poll_proceed(&mut cx) {
    ///     unit.made_progress();
    /// }
    /// assert!(coop::has_budget_remaining(), "there is no limit outside of a task");
    /// ```
    pub fn made_progress(&self) {
        if let Some(spent) = self.spent.take() {
            spent.made_progress();
        }
    }
}

impl fmt::Debug for RestoreOnPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestoreOnPending").finish_non_exhaustive()
    }
}

/// Makes a future spend one unit of budget for each poll in which it is ready.
///
/// For futures that know nothing of the budget: those of other crates, or what you wrote by
/// hand. What waits by means of this crate's channels, locks, sockets and timers spends
/// budget already.
///
/// # Examples
///
/// ```
/// use runtime::task::coop::cooperative;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// assert_eq!(cooperative(std::future::ready(7)).await, 7);
/// # });
/// ```
#[inline]
pub fn cooperative<F: Future>(future: F) -> Coop<F> {
    Coop { future }
}

pin_project! {
    /// The future of [`cooperative`].
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::coop::{Coop, cooperative};
    ///
    /// let future: Coop<_> = cooperative(async { 1 });
    /// assert_eq!(futures::executor::block_on(future), 1);
    /// ```
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Coop<F: Future> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Coop<F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let spent = ready!(wait::at(Location::caller(), || budget::poll_proceed(cx)));
        let output = ready!(self.project().future.poll(cx));
        spent.made_progress();
        Poll::Ready(output)
    }
}

/// Lifts the limit: what the future does spends no budget.
///
/// A future that is always ready then keeps its worker for itself, and whatever else its own
/// task waits for: use it where something else sees to it that this ends.
///
/// # Examples
///
/// ```
/// use runtime::sync::mpsc;
/// use runtime::task::unconstrained;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (tx, mut rx) = mpsc::unbounded_channel();
/// let drain = unconstrained(async move {
///     for i in 0..1000 {
///         tx.send(i).unwrap();
///         assert_eq!(rx.recv().await, Some(i), "without giving way");
///     }
/// });
/// drain.await;
/// # });
/// ```
#[inline]
pub fn unconstrained<F>(future: F) -> Unconstrained<F> {
    Unconstrained { future }
}

pin_project! {
    /// The future of [`unconstrained`].
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::coop::{Unconstrained, unconstrained};
    ///
    /// let future: Unconstrained<_> = unconstrained(async { 1 });
    /// assert_eq!(futures::executor::block_on(future), 1);
    /// ```
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Unconstrained<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let future = self.project().future;
        budget::with_unlimited(|| future.poll(cx))
    }
}
