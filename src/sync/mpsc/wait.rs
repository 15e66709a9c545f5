//! A sender's wait for slots.

use super::chan::{Chan, Closed, NoSlots, State};
use crate::base::budget;
use crate::base::sync::MutexGuard;
use crate::base::wait::{self, Kind};
use crate::base::waiters::Key;
use std::panic::Location;
use std::task::{Context, Poll, Waker, ready};

/// A wait for slots. Dropped before it is ready, it leaves the line, or puts back what it
/// was granted.
#[derive(Debug)]
pub(super) struct SlotWait<'a, T> {
    chan: &'a Chan<T>,
    count: usize,
    /// Present while in line.
    key: Option<Key>,
    at: &'static Location<'static>,
}

impl<'a, T> SlotWait<'a, T> {
    pub(super) fn new(chan: &'a Chan<T>, count: usize, at: &'static Location<'static>) -> Self {
        SlotWait {
            chan,
            count,
            key: None,
            at,
        }
    }

    /// Waits for the slots. They are the caller's once this is ready.
    pub(super) fn poll_reserve(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        let mut spare = None;
        let state = ready!(self.poll_locked(cx, &mut spare));
        Poll::Ready(state.map(drop))
    }

    /// Waits for a slot, and puts the value into it in the same hold of the lock. The value
    /// is still there after an error.
    pub(super) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        value: &mut Option<T>,
    ) -> Poll<Result<(), Closed>> {
        let mut spare = None;
        let state = match ready!(self.poll_locked(cx, &mut spare)) {
            Ok(state) => state,
            Err(closed) => return Poll::Ready(Err(closed)),
        };
        // PANIC: the value is taken once, when this is ready, and not polled again.
        let taken = value.take().expect("not sent yet");
        let outcome = self.chan.send_locked(state, taken);
        Poll::Ready(outcome.map_err(|back| {
            *value = Some(back);
            Closed
        }))
    }

    /// Ready with the lock held when the slots are granted. A waker is cloned, and the one
    /// that is over dropped, with no lock held: the caller drops `spare` after the guard.
    fn poll_locked(
        &mut self,
        cx: &mut Context<'_>,
        spare: &mut Option<Waker>,
    ) -> Poll<Result<MutexGuard<'a, State<T>>, Closed>> {
        let spent = ready!(budget::poll_proceed(cx));
        if self.key.is_none() && self.chan.looks_full(self.count) {
            *spare = Some(cx.waker().clone());
        }
        for _ in 0..2 {
            let mut state = self.chan.lock();
            match self.look(&mut state, cx, spare) {
                Look::Granted => {
                    spent.made_progress();
                    return Poll::Ready(Ok(state));
                }
                Look::Closed => {
                    spent.made_progress();
                    return Poll::Ready(Err(Closed));
                }
                Look::GrantedTooLate => {
                    drop(state);
                    self.chan.put_back(self.count);
                    spent.made_progress();
                    return Poll::Ready(Err(Closed));
                }
                Look::Waiting => break,
                Look::NeedsWaker => {
                    drop(state);
                    *spare = Some(cx.waker().clone());
                }
            }
        }
        wait::note_at(Kind::Send, self.chan.resource(), self.at);
        Poll::Pending
    }

    fn look(
        &mut self,
        state: &mut State<T>,
        cx: &mut Context<'_>,
        spare: &mut Option<Waker>,
    ) -> Look {
        let Some(key) = self.key else {
            return self.look_first(state, spare);
        };
        match state.line.get_mut(key) {
            None => {
                self.key = None;
                match state.verdict(key) {
                    Ok(()) if state.closed => Look::GrantedTooLate,
                    Ok(()) => Look::Granted,
                    Err(Closed) => Look::Closed,
                }
            }
            Some(waiter) if waiter.waker.will_wake(cx.waker()) => Look::Waiting,
            Some(waiter) => match spare {
                Some(fresh) => {
                    std::mem::swap(&mut waiter.waker, fresh);
                    Look::Waiting
                }
                None => Look::NeedsWaker,
            },
        }
    }

    fn look_first(&mut self, state: &mut State<T>, spare: &mut Option<Waker>) -> Look {
        match self.chan.take(state, self.count) {
            Ok(()) => return Look::Granted,
            Err(NoSlots::Closed) => return Look::Closed,
            Err(NoSlots::Full) => {}
        }
        let Some(waker) = spare.take() else {
            return Look::NeedsWaker;
        };
        match self.chan.join(state, self.count, waker) {
            Ok(key) => {
                self.key = Some(key);
                Look::Waiting
            }
            Err(waker) => {
                *spare = Some(waker);
                Look::Granted
            }
        }
    }
}

/// What one look under the lock has shown.
enum Look {
    Granted,
    /// The channel was closed after the slots were granted, and before anybody knew of them.
    GrantedTooLate,
    Closed,
    Waiting,
    /// A clone of the waker must be made before one can wait.
    NeedsWaker,
}

impl<T> Drop for SlotWait<'_, T> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.chan.leave(key, self.count);
        }
    }
}
