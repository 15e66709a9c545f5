//! What the macros expand to; nothing of it is for use by name.

pub use std::future::{Future, IntoFuture, poll_fn};
pub use std::pin::pin;
pub use std::task::Poll;

#[cfg(feature = "macros")]
pub use runtime_macros::select;

use crate::base::{budget, rng};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, ready};

/// A random number below `bound`: where a round of `select!` starts.
pub fn below(bound: u32) -> u32 {
    rng::thread_below(bound)
}

/// Ready if the task has budget left; else it is woken, to go on later. A `select!` asks before
/// each round, for its futures may be ready without ever spending any.
pub fn poll_budget(cx: &mut Context<'_>) -> Poll<()> {
    match budget::has_remaining() {
        true => Poll::Ready(()),
        false => budget::poll_proceed(cx).map(drop),
    }
}

/// The end of a `select!` that has nothing left to wait for.
#[cold]
#[track_caller]
pub fn no_branch_left() -> ! {
    panic!(
        "all branches are disabled and there is no else branch; add `else => ...` to this \
         `select!`, or a branch without `if` whose pattern always matches"
    )
}

/// The arm that is there for the compiler only: the value has been matched before.
#[cold]
#[track_caller]
pub fn matched_before() -> ! {
    unreachable!("a value that matched its pattern matches it again")
}

/// In which order the branches of a `join!` are polled: from one of them to the
/// last, then from the first to it; the next time from the one after it.
#[derive(Debug)]
pub struct Rotation<const BRANCHES: usize> {
    start: usize,
    step: usize,
}

impl<const BRANCHES: usize> Rotation<BRANCHES> {
    /// Each round starts one branch further.
    #[inline]
    pub fn fair() -> Self {
        Rotation { start: 0, step: 1 }
    }

    /// Each round starts at the first branch.
    #[inline]
    pub fn biased() -> Self {
        Rotation { start: 0, step: 0 }
    }

    /// The next round.
    #[inline]
    pub fn round(&mut self) -> Round {
        let start = self.start;
        self.start += self.step;
        if self.start == BRANCHES {
            self.start = 0;
        }
        Round {
            start,
            branch: 0,
            is_second: false,
        }
    }
}

/// Two passes over all branches: those from the start on have their turn in the first one,
/// those before it in the second.
#[derive(Debug)]
pub struct Round {
    start: usize,
    branch: usize,
    is_second: bool,
}

impl Round {
    /// Whether the next branch has its turn in this pass.
    #[inline]
    pub fn has_turn(&mut self) -> bool {
        self.branch += 1;
        (self.branch <= self.start) == self.is_second
    }

    /// Begins the second pass, if there is one and it has not been.
    #[inline]
    pub fn goes_on(&mut self) -> bool {
        let goes_on = !self.is_second && self.start > 0;
        self.branch = 0;
        self.is_second = true;
        goes_on
    }
}

pin_project! {
    /// A branch of a `join!`: a future, then what came of it.
    #[derive(Debug)]
    #[project = MaybeDoneProjected]
    #[project_replace = MaybeDoneReplaced]
    pub enum MaybeDone<F, T> {
        Polled { #[pin] future: F },
        Done { value: T },
        Taken,
    }
}

impl<F: Future, T> MaybeDone<F, T> {
    /// A branch that has not been polled.
    pub fn new(future: impl IntoFuture<IntoFuture = F>) -> Self {
        MaybeDone::Polled {
            future: future.into_future(),
        }
    }

    /// The value of a branch that is done.
    pub fn take(self: Pin<&mut Self>) -> T {
        match self.project_replace(MaybeDone::Taken) {
            MaybeDoneReplaced::Done { value } => value,
            // PANIC: the macro takes once, when no branch is pending.
            _ => unreachable!("the branch is not done"),
        }
    }
}

impl<F: Future<Output = T>, T> MaybeDone<F, T> {
    /// Polls the branch unless it is done.
    pub fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let MaybeDoneProjected::Polled { future } = self.as_mut().project() {
            let value = ready!(future.poll(cx));
            self.set(MaybeDone::Done { value });
        }
        Poll::Ready(())
    }
}

impl<F: Future<Output = Result<T, E>>, T, E> MaybeDone<F, T> {
    /// Polls the branch unless it is done; keeps a success, returns an error.
    pub fn try_poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        if let MaybeDoneProjected::Polled { future } = self.as_mut().project() {
            let value = ready!(future.poll(cx))?;
            self.set(MaybeDone::Done { value });
        }
        Poll::Ready(Ok(()))
    }
}
