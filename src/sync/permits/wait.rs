//! The waiting side of [`Permits`]: one wait, the future that borrows the permits for it, and
//! the future that makes a guard of them.
//!
//! Who finds the permits there is to pay for that and nothing else. So that part of a poll is
//! compiled into the caller, all else is a call; and a wait is made in the place where it
//! stays. (Made first and moved into an async block, it is stored word by word and read back
//! in larger pieces, which the processor has to wait for: to take a mutex that nobody else
//! wants and to let go of it took 15 ns, and takes 6.5.)

use super::{Closed, Joined, Permits, Refusal};
use crate::base::budget;
use crate::base::wait::{self, Kind};
use crate::base::waiters::Key;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// One wait for permits, apart from who keeps the permits alive. Its owner calls
/// [`leave`](Self::leave) before it goes.
#[derive(Debug)]
pub(in crate::sync) struct Wait {
    count: usize,
    /// Present while in line.
    key: Option<Key>,
    kind: Kind,
    at: &'static Location<'static>,
}

impl Wait {
    #[inline]
    pub(in crate::sync) fn new(count: usize, kind: Kind, at: &'static Location<'static>) -> Self {
        Wait {
            count,
            key: None,
            kind,
            at,
        }
    }

    /// Ready once the permits are the caller's, or are closed. Each call is for the same
    /// `permits`.
    ///
    /// What is compiled into the caller is the way of one who finds the permits there.
    #[inline(always)]
    pub(in crate::sync) fn poll(
        &mut self,
        permits: &Permits,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Closed>> {
        if self.key.is_none() {
            // (Without progress the unit goes back.)
            if let Some(spent) = budget::try_proceed() {
                if permits.try_acquire(self.count).is_ok() {
                    spent.made_progress();
                    return Poll::Ready(Ok(()));
                }
            }
        }
        self.poll_in_line(permits, cx)
    }

    /// The permits were not there, or the wait is in line already, or there is no budget.
    #[cold]
    #[inline(never)]
    fn poll_in_line(
        &mut self,
        permits: &Permits,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Closed>> {
        let Some(spent) = budget::try_proceed() else {
            self.poll_without_budget(permits, cx);
            return Poll::Pending;
        };
        let outcome = self.poll_unbudgeted(permits, cx);
        match outcome {
            Poll::Ready(_) => spent.made_progress(),
            Poll::Pending => self.note(permits),
        }
        outcome
    }

    #[inline]
    fn note(&self, permits: &Permits) {
        let resource = std::ptr::from_ref(permits).addr() as u64;
        wait::note_at(self.kind, resource, self.at);
    }

    fn poll_unbudgeted(
        &mut self,
        permits: &Permits,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Closed>> {
        if let Some(key) = self.key {
            let verdict = ready!(permits.look(key, cx));
            self.key = None;
            return Poll::Ready(verdict);
        }
        match permits.try_acquire(self.count) {
            Ok(()) => return Poll::Ready(Ok(())),
            Err(Refusal::Closed) => return Poll::Ready(Err(Closed)),
            Err(Refusal::NoPermits) => {}
        }
        match permits.join(self.count, cx.waker()) {
            Joined::Granted => Poll::Ready(Ok(())),
            Joined::Closed => Poll::Ready(Err(Closed)),
            Joined::Waiting(key) => {
                self.key = Some(key);
                Poll::Pending
            }
        }
    }

    /// Without budget nothing is taken, but who came first gets the place in the line. Who is
    /// in line is woken when the permits are there; who is not has to come again.
    #[cold]
    fn poll_without_budget(&mut self, permits: &Permits, cx: &mut Context<'_>) {
        if self.key.is_none() && permits.available() < self.count {
            match permits.join(self.count, cx.waker()) {
                Joined::Granted => permits.release(self.count),
                Joined::Closed => {}
                Joined::Waiting(key) => self.key = Some(key),
            }
        }
        match self.key {
            Some(key) if permits.look(key, cx).is_pending() => self.note(permits),
            _ => wait::at(self.at, || budget::refuse(cx)),
        }
    }

    /// Leaves the line; what was granted meanwhile goes on to the next. The wait can begin
    /// again afterwards.
    #[inline]
    pub(in crate::sync) fn leave(&mut self, permits: &Permits) {
        if let Some(key) = self.key.take() {
            permits.leave(key, self.count);
        }
    }

    /// How many permits it is for.
    pub(in crate::sync) fn count(&self) -> usize {
        self.count
    }
}

/// Waits for permits. Dropped before it is ready, it takes nothing along.
#[derive(Debug)]
pub(in crate::sync) struct Acquire<'a> {
    permits: &'a Permits,
    wait: Wait,
}

impl<'a> Acquire<'a> {
    #[inline]
    pub(super) fn new(permits: &'a Permits, wait: Wait) -> Self {
        Acquire { permits, wait }
    }
}

impl Future for Acquire<'_> {
    type Output = Result<(), Closed>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.wait.poll(this.permits, cx)
    }
}

impl Drop for Acquire<'_> {
    #[inline]
    fn drop(&mut self) {
        self.wait.leave(self.permits);
    }
}

/// What has permits that are waited for.
pub(in crate::sync) trait HasPermits {
    fn permits(&self) -> &Permits;
}

/// Waits for permits of what `by` leads to, and makes what holds them out of `by` and the
/// answer. (An async block would have a state of its own to keep and to look at, and is not
/// compiled into the caller.) Dropped before it is ready, it takes nothing along.
pub(in crate::sync) struct Hold<L: Deref<Target: HasPermits>, F> {
    /// None once it is ready.
    by: Option<L>,
    wait: Wait,
    make: F,
}

impl<L: Deref<Target: HasPermits>, F> Hold<L, F> {
    #[inline]
    pub(in crate::sync) fn new(by: L, wait: Wait, make: F) -> Self {
        let by = Some(by);
        Hold { by, wait, make }
    }
}

impl<L, F, T> Future for Hold<L, F>
where
    L: Deref<Target: HasPermits> + Unpin,
    F: Fn(L, Result<(), Closed>) -> T + Unpin,
{
    type Output = T;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = &mut *self;
        // PANIC: who polls a future that is over is told so, as by an `async fn`.
        let by = this.by.as_ref().expect(POLLED_AGAIN);
        let outcome = ready!(this.wait.poll(by.permits(), cx));
        let by = this.by.take().expect(POLLED_AGAIN);
        Poll::Ready((this.make)(by, outcome))
    }
}

impl<L: Deref<Target: HasPermits>, F> Drop for Hold<L, F> {
    #[inline]
    fn drop(&mut self) {
        if let Some(by) = &self.by {
            self.wait.leave(by.permits());
        }
    }
}

const POLLED_AGAIN: &str = "a lock's or semaphore's future was polled after it was ready";
