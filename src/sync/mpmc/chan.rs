//! What both sides of a channel share.
//!
//! A sender is granted a slot, a receiver a value; both are one, and any one will do, so
//! only their number is kept.
//!
//! Invariants (whenever the lock is released):
//! 1. queue + slots granted ≤ capacity, and values granted ≤ queue.
//! 2. While senders are in line there is no slot that is not granted, and while receivers
//!    are, no value that is not. So who comes while there is a line finds nothing, joins it,
//!    and passes nobody by.
//! 3. Once `closed`, nobody is in line, nobody joins one, and no value is put in: a slot
//!    that was granted before is of no use.
//!
//! ORDERING: all is ordered by the lock.

use super::line::Line;
use crate::base::budget;
use crate::base::sync::{Mutex, MutexGuard};
use crate::base::wait::{self, Kind};
use crate::base::waiters::{Key, Round, Waiters, wake_in_rounds};
use crate::sync::handles::{Counts, Side};
use crate::sync::lines::{Closing, enlist};
use std::collections::VecDeque;
use std::panic::Location;
use std::task::{Context, Poll, Waker, ready};

/// The capacity of a channel without slots.
pub(super) const UNBOUNDED: usize = usize::MAX;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Chan<T> {
    pub(super) capacity: usize,
    state: Mutex<State<T>>,
    pub(super) senders: Counts,
    pub(super) receivers: Counts,
}

#[derive(Debug)]
pub(super) struct State<T> {
    queue: VecDeque<T>,
    senders: Line,
    receivers: Line,
    /// Those who wait for the channel to be closed.
    closing: Waiters<Waker>,
    pub(super) closed: bool,
}

/// Who waits, and so for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Sender,
    Receiver,
}

/// Why there was nothing to be had at once.
#[derive(Debug)]
pub(super) enum Nothing {
    Yet,
    Ever,
}

impl<T> State<T> {
    fn line(&mut self, who: Who) -> &mut Line {
        match who {
            Who::Sender => &mut self.senders,
            Who::Receiver => &mut self.receivers,
        }
    }

    /// Values that nobody was granted.
    fn values(&self) -> usize {
        self.queue.len() - self.receivers.granted()
    }
}

impl<T> Chan<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Chan {
            capacity,
            state: Mutex::new(State {
                queue: VecDeque::new(),
                senders: Line::new(),
                receivers: Line::new(),
                closing: Waiters::new(),
                closed: false,
            }),
            senders: Counts::new(),
            receivers: Counts::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().queue.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.slots(&self.lock()) == 0
    }

    /// Under the lock: slots that nobody was granted.
    fn slots(&self, state: &State<T>) -> usize {
        self.capacity - state.queue.len() - state.senders.granted()
    }

    /// Under the lock: whether `who` need not wait, or need wait no more.
    fn is_there(&self, state: &State<T>, who: Who) -> bool {
        state.closed
            || match who {
                Who::Sender => self.slots(state) > 0,
                Who::Receiver => state.values() > 0,
            }
    }

    /// Grants the first of a line what there is, if there is something. He is to be woken.
    fn grant(&self, state: &mut State<T>, who: Who) -> Option<Waker> {
        if state.closed || state.line(who).is_empty() || !self.is_there(state, who) {
            return None;
        }
        state.line(who).grant()
    }

    /// Puts a value in, for which there is a slot.
    pub(super) fn push(&self, mut state: MutexGuard<'_, State<T>>, value: T) {
        state.queue.push_back(value);
        let receiver = self.grant(&mut state, Who::Receiver);
        drop(state);
        wake(receiver);
    }

    pub(super) fn try_send(&self, value: T) -> Result<(), (Nothing, T)> {
        let state = self.lock();
        let why = match state.closed {
            true => Nothing::Ever,
            false if self.slots(&state) == 0 => Nothing::Yet,
            false => {
                self.push(state, value);
                return Ok(());
            }
        };
        drop(state);
        Err((why, value))
    }

    /// Takes a value out, if there is one that nobody was granted.
    pub(super) fn pop(&self, mut state: MutexGuard<'_, State<T>>) -> Result<T, Nothing> {
        if state.values() == 0 {
            return Err(match state.closed {
                true => Nothing::Ever,
                false => Nothing::Yet,
            });
        }
        // PANIC: there is at least one value in the queue.
        let value = state.queue.pop_front().expect("not empty");
        let sender = self.grant(&mut state, Who::Sender);
        drop(state);
        wake(sender);
        Ok(value)
    }

    /// Takes up to `limit` values out that nobody was granted, and says how many.
    pub(super) fn pop_many(
        &self,
        mut state: MutexGuard<'_, State<T>>,
        into: &mut Vec<T>,
        limit: usize,
    ) -> usize {
        let count = limit.min(state.values());
        into.extend(state.queue.drain(..count));
        if state.senders.is_empty() {
            return count;
        }
        let mut held = Some(state);
        wake_in_rounds(|batch| {
            let mut state = held.take().unwrap_or_else(|| self.lock());
            while batch.has_room(1) {
                match self.grant(&mut state, Who::Sender) {
                    Some(waker) => batch.push(waker),
                    None => return Round::Last,
                }
            }
            Round::More
        });
        count
    }

    /// Nothing is sent any more. Returns whether it could be until now.
    pub(super) fn close(&self) -> bool {
        let mut state = self.lock();
        if state.closed {
            return false;
        }
        state.closed = true;
        let senders = state.senders.refuse();
        let receivers = state.receivers.refuse();
        let closing = state.closing.take();
        drop(state);
        for line in [senders, receivers, closing] {
            line.wake_all(|waker| waker);
        }
        true
    }

    /// The last receiver is dropped: the values are, with no lock held.
    fn receivers_gone(&self) {
        self.close();
        let values = std::mem::take(&mut self.lock().queue);
        drop(values);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The side of the senders.
pub(super) struct Senders;

/// The side of the receivers.
pub(super) struct Receivers;

impl<T> Side<Chan<T>> for Senders {
    fn counts(chan: &Chan<T>) -> &Counts {
        &chan.senders
    }

    fn last_gone(chan: &Chan<T>) {
        chan.close();
    }
}

impl<T> Side<Chan<T>> for Receivers {
    fn counts(chan: &Chan<T>) -> &Counts {
        &chan.receivers
    }

    fn last_gone(chan: &Chan<T>) {
        chan.receivers_gone();
    }
}

impl<T> Closing for Chan<T> {
    fn look<R>(&self, look: impl FnOnce(bool, &mut Waiters<Waker>) -> R) -> R {
        let mut state = self.lock();
        look(state.closed, &mut state.closing)
    }
}

/// The turn of one who waits. Dropped before it has come, it leaves the line, or hands on
/// what was granted.
#[derive(Debug)]
pub(super) struct Turn<'a, T> {
    chan: &'a Chan<T>,
    who: Who,
    /// Present while in line, or granted and not known of.
    key: Option<Key>,
    at: &'static Location<'static>,
}

impl<'a, T> Turn<'a, T> {
    pub(super) fn new(chan: &'a Chan<T>, who: Who, at: &'static Location<'static>) -> Self {
        Turn {
            chan,
            who,
            key: None,
            at,
        }
    }

    /// Ready, with the lock held, when there is a slot or a value that nobody else was
    /// granted, or when the channel is closed. The caller takes it in the same hold.
    ///
    /// A waker is cloned, and the one that is over dropped, with no lock held: the caller
    /// drops `spare` after the guard.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        spare: &mut Option<Waker>,
    ) -> Poll<MutexGuard<'a, State<T>>> {
        let spent = ready!(budget::poll_proceed(cx));
        loop {
            let mut state = self.chan.lock();
            if self.has_come(&mut state) {
                spent.made_progress();
                return Poll::Ready(state);
            }
            let line = state.line(self.who).waiters();
            let enlisted = enlist(line, &mut self.key, cx, spare);
            drop(state);
            if enlisted {
                break;
            }
            *spare = Some(cx.waker().clone());
        }
        let kind = match self.who {
            Who::Sender => Kind::Send,
            Who::Receiver => Kind::Recv,
        };
        let resource = std::ptr::from_ref(self.chan).addr() as u64;
        wait::note_at(kind, resource, self.at);
        Poll::Pending
    }

    fn has_come(&mut self, state: &mut State<T>) -> bool {
        let line = state.line(self.who);
        match self.key {
            Some(key) if line.waiters().get_mut(key).is_some() => false,
            Some(key) => {
                line.settle(key);
                self.key = None;
                true
            }
            None => self.chan.is_there(state, self.who),
        }
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut state = self.chan.lock();
        let line = state.line(self.who);
        let left = line.waiters().remove(key);
        let granted = left.is_none() && line.settle(key);
        let next = match granted {
            true => self.chan.grant(&mut state, self.who),
            false => None,
        };
        drop(state);
        drop(left);
        wake(next);
    }
}
