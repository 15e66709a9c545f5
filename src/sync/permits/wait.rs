//! The waiting side of [`Permits`]: one wait, and the future that borrows the permits for it.

use super::{Closed, Joined, Permits, Refusal};
use crate::base::budget;
use crate::base::wait::{self, Kind};
use crate::base::waiters::Key;
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
    #[inline]
    pub(in crate::sync) fn poll(
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

    #[inline]
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

    #[inline]
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
