//! The receiving side of a channel.
//!
//! The receiver has a queue of its own, which it alone touches. When that has run dry, it
//! takes the shared one whole, in exchange for its empty one, so that a burst of values
//! costs one hold of the lock. A queue that has been long and is used little is given
//! back to the allocator.

use super::chan::{Chan, Freed, State};
use super::error::TryRecvError;
use crate::base::budget;
use crate::base::sync::{Arc, Mutex};
use crate::base::wait::{self, Kind};
use std::collections::VecDeque;
use std::mem;
use std::task::{Context, Poll, Waker, ready};

/// A queue of up to so many values is kept when it is empty.
const KEEP: usize = 256;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Rx<T> {
    pub(super) chan: Arc<Chan<T>>,
    /// Entered by `&mut`, without locking; the lock is for [`len`](Self::len), and lets a
    /// receiver be shared although its values may not be.
    own: Mutex<Own<T>>,
}

/// The queue that only the receiver touches.
#[derive(Debug)]
struct Own<T> {
    queue: VecDeque<T>,
    /// How many values came with the last exchange.
    burst: usize,
}

/// Nothing is pinned in a receiver.
impl<T> Unpin for Rx<T> {}

/// What a look at the shared queue has shown.
enum Look<T> {
    /// A value, and what it led to that its slot is free.
    Value(T, Freed),
    Empty,
    Ended,
}

impl<T> Rx<T> {
    pub(super) fn new(chan: Arc<Chan<T>>) -> Self {
        Rx {
            chan,
            own: Mutex::new(Own {
                queue: VecDeque::new(),
                burst: 0,
            }),
        }
    }

    /// Values that are here.
    pub(super) fn len(&self) -> usize {
        self.own.lock().queue.len() + self.chan.lock().queue.len()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.chan.is_closed() || self.chan.senders.strong() == 0
    }

    #[inline]
    pub(super) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let spent = ready!(budget::poll_proceed(cx));
        if let Some(value) = self.own.get_mut().queue.pop_front() {
            self.chan.free(1);
            spent.made_progress();
            return Poll::Ready(Some(value));
        }
        let received = self.poll_shared(cx);
        if received.is_ready() {
            spent.made_progress();
        }
        received
    }

    /// Receives up to `limit` values; zero says that the channel has ended, or that
    /// `limit` is zero.
    pub(super) fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        let spent = ready!(budget::poll_proceed(cx));
        if limit == 0 {
            spent.made_progress();
            return Poll::Ready(0);
        }
        let mut count = self.take_own(into, limit);
        if count == 0 {
            match ready!(self.poll_shared(cx)) {
                Some(value) => into.push(value),
                None => {
                    spent.made_progress();
                    return Poll::Ready(0);
                }
            }
            count = 1 + self.take_own(into, limit - 1);
        } else if count < limit {
            self.exchange();
            count += self.take_own(into, limit - count);
        }
        spent.made_progress();
        Poll::Ready(count)
    }

    pub(super) fn try_recv(&mut self) -> Result<T, TryRecvError> {
        if let Some(value) = self.own.get_mut().queue.pop_front() {
            self.chan.free(1);
            return Ok(value);
        }
        let own = self.own.get_mut();
        own.make_room();
        let look = own.look(&self.chan, &mut self.chan.lock());
        match look {
            Look::Value(value, freed) => {
                self.chan.tell(freed);
                Ok(value)
            }
            Look::Empty => Err(TryRecvError::Empty),
            Look::Ended => Err(TryRecvError::Disconnected),
        }
    }

    /// Receives from the shared queue, or leaves the waker there.
    fn poll_shared(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let own = self.own.get_mut();
        own.make_room();
        // A clone is made, and the one that is over dropped, with no lock held.
        let mut spare: Option<Waker> = None;
        for _ in 0..2 {
            let mut state = self.chan.lock();
            match own.look(&self.chan, &mut state) {
                Look::Value(value, freed) => {
                    drop(state);
                    self.chan.tell(freed);
                    return Poll::Ready(Some(value));
                }
                Look::Ended => return Poll::Ready(None),
                Look::Empty => {}
            }
            match &state.receiver {
                Some(old) if old.will_wake(cx.waker()) => break,
                _ if spare.is_none() => {
                    drop(state);
                    spare = Some(cx.waker().clone());
                }
                _ => {
                    mem::swap(&mut state.receiver, &mut spare);
                    break;
                }
            }
        }
        wait::note(Kind::Recv, self.chan.resource());
        Poll::Pending
    }

    /// Takes the shared queue, if there is something in it and the own one is empty.
    fn exchange(&mut self) {
        let own = self.own.get_mut();
        own.make_room();
        own.swap(&mut self.chan.lock());
    }

    /// Moves up to `limit` values out of the own queue.
    fn take_own(&mut self, into: &mut Vec<T>, limit: usize) -> usize {
        let queue = &mut self.own.get_mut().queue;
        let count = limit.min(queue.len());
        if count > 0 {
            into.extend(queue.drain(..count));
            self.chan.free(count);
        }
        count
    }
}

impl<T> Own<T> {
    /// Under the lock, with the own queue empty: exchanges the queues and takes the first
    /// value.
    fn look(&mut self, chan: &Chan<T>, state: &mut State<T>) -> Look<T> {
        let Some(value) = state.queue.pop_front() else {
            return if chan.is_ended(state) {
                Look::Ended
            } else {
                Look::Empty
            };
        };
        self.swap(state);
        Look::Value(value, chan.free_one_locked(state))
    }

    fn swap(&mut self, state: &mut State<T>) {
        if !state.queue.is_empty() {
            mem::swap(&mut state.queue, &mut self.queue);
        }
        self.burst = self.queue.len();
    }

    /// Before the exchange: gives a queue back that is far too long for the last burst.
    fn make_room(&mut self) {
        let capacity = self.queue.capacity();
        if capacity > KEEP && capacity / 4 > self.burst {
            self.queue = VecDeque::new();
        }
    }
}

impl<T> Drop for Rx<T> {
    fn drop(&mut self) {
        let own = self.own.get_mut().queue.len();
        self.chan.receiver_gone(own);
    }
}
