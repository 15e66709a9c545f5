//! What the macros expand to; nothing of it is for use by name.

pub use std::future::{Future, IntoFuture, poll_fn};
pub use std::pin::pin;
pub use std::task::Poll;

#[cfg(feature = "macros")]
pub use runtime_macros::select;

use crate::base::{budget, rng};
use pin_project_lite::pin_project;
use std::ops::Range;
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
pub struct Rotation {
    start: usize,
    count: usize,
    step: usize,
}

impl Rotation {
    /// Each round starts one branch further.
    pub fn fair(count: usize) -> Self {
        Rotation {
            start: 0,
            count,
            step: 1,
        }
    }

    /// Each round starts at the first branch.
    pub fn biased(count: usize) -> Self {
        Rotation {
            start: 0,
            count,
            step: 0,
        }
    }

    /// The two passes over all branches that make a round.
    pub fn round(&mut self) -> [Pass; 2] {
        let start = self.start;
        self.start = (start + self.step) % self.count;
        [start..self.count, 0..start].map(|turns| Pass { turns, next: 0 })
    }
}

/// One pass over all branches, in which some of them have their turn.
#[derive(Debug)]
pub struct Pass {
    turns: Range<usize>,
    next: usize,
}

impl Pass {
    /// Whether the next branch has its turn in this pass.
    pub fn has_turn(&mut self) -> bool {
        self.next += 1;
        self.turns.contains(&(self.next - 1))
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
