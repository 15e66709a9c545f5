//! What both sides of a channel share, and the sending side of it.
//!
//! Invariants:
//! 1. Bounded: free + freed + held by permits + values in both queues = max.
//! 2. The first in line wants more than is free (whenever the lock is released and no
//!    receiver is between freeing a slot and taking the lock). Who comes while there is a
//!    line joins it, so nobody is passed by.
//! 3. WAITING in `slots` is set exactly while the line is not empty; it changes under the
//!    lock. A receiver that frees a slot sees it in the same operation, and then takes the
//!    lock and serves the line: the two are in one word, so neither can miss the other. If it
//!    holds the lock already, it counts the slot as free and serves the line at once.
//! 4. Once `closed`, nobody is in line. A waiter that is in line no more was granted its
//!    slots if its turn is before `refused_from`, else refused: the line is served in order.
//!    Who comes for slots that were granted gives them back if the channel was closed since.
//! 5. Values are not pushed once `receiver_gone`, so the last owner finds the queue empty.
//!
//! ORDERING: the queue is ordered by its lock, and so is `free`: a look at it without the lock
//! is a guess. `slots` is changed by AcqRel operations, as a slot that was freed publishes that
//! its value was taken.

use crate::base::batch::WakeBatch;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::sync::{Arc, Mutex, MutexGuard};
use crate::base::waiters::{Key, Round, Waiters, wake_in_rounds};
use crate::sync::handles::{Counts, Side, Strong, Weak};
use crate::sync::lines::Closing;
use std::collections::VecDeque;
use std::task::Waker;

/// The `max` of a channel without slots.
pub(super) const UNBOUNDED: usize = usize::MAX;

/// In `slots`: somebody is in line.
const WAITING: usize = 1;
/// In `slots`: one slot was freed.
const SLOT: usize = 2;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Chan<T> {
    pub(super) max: usize,
    state: Mutex<State<T>>,
    /// Slots that are free, without those in `slots`. Changed under the lock.
    free: AtomicUsize,
    /// Slots that the receiver freed and nobody has counted as free yet; WAITING.
    slots: AtomicUsize,
    pub(super) senders: Counts,
}

#[derive(Debug)]
pub(super) struct State<T> {
    pub(super) queue: VecDeque<T>,
    pub(super) receiver: Option<Waker>,
    pub(super) line: Waiters<Waiter>,
    refused_from: u64,
    /// Those who wait for the channel to be closed.
    watchers: Waiters<Waker>,
    pub(super) closed: bool,
    receiver_gone: bool,
    pub(super) senders_gone: bool,
}

#[derive(Debug)]
pub(super) struct Waiter {
    wanted: usize,
    pub(super) waker: Waker,
}

/// What a slot that was freed under the lock has led to.
#[must_use = "somebody is to be woken"]
#[derive(Default)]
pub(super) struct Freed {
    waker: Option<Waker>,
    /// The next in line wants nothing but its turn.
    more: bool,
}

/// Those who waited for something of a channel that is closed now.
struct Refused {
    line: Waiters<Waiter>,
    watchers: Waiters<Waker>,
}

impl Refused {
    fn wake(mut self) {
        if self.line.is_empty() && self.watchers.is_empty() {
            return;
        }
        wake_in_rounds(|batch| {
            while batch.has_room(1) {
                let sender = self.line.pop_front().map(|waiter| waiter.waker);
                match sender.or_else(|| self.watchers.pop_front()) {
                    Some(waker) => batch.push(waker),
                    None => return Round::Last,
                }
            }
            Round::More
        });
    }
}

impl<T> State<T> {
    /// What became of a waiter that is in line no more.
    pub(super) fn verdict(&self, key: Key) -> Result<(), Closed> {
        if key.turn() < self.refused_from {
            Ok(())
        } else {
            Err(Closed)
        }
    }
}

/// A sender's handle, counted.
pub(super) type Tx<T> = Strong<Chan<T>, Senders>;

/// A sender's handle that does not keep the channel open.
pub(super) type WeakTx<T> = Weak<Chan<T>, Senders>;

/// The side of the senders.
pub(super) struct Senders;

impl<T> Side<Chan<T>> for Senders {
    fn counts(chan: &Chan<T>) -> &Counts {
        &chan.senders
    }

    fn last_gone(chan: &Chan<T>) {
        let mut state = chan.lock();
        state.senders_gone = true;
        let waker = state.receiver.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Closing for Chan<T> {
    fn look<R>(&self, look: impl FnOnce(bool, &mut Waiters<Waker>) -> R) -> R {
        let mut state = self.lock();
        look(state.closed, &mut state.watchers)
    }
}

/// The receiver was closed or dropped.
#[derive(Debug)]
pub(super) struct Closed;

/// Why there are no slots at once.
#[derive(Debug)]
pub(super) enum NoSlots {
    Full,
    Closed,
}

impl<T> Chan<T> {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Chan {
            max,
            state: Mutex::new(State {
                queue: VecDeque::new(),
                receiver: None,
                line: Waiters::new(),
                refused_from: u64::MAX,
                watchers: Waiters::new(),
                closed: false,
                receiver_gone: false,
                senders_gone: false,
            }),
            free: AtomicUsize::new(max),
            slots: AtomicUsize::new(0),
            senders: Counts::new(),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock()
    }

    /// What a dump calls this channel.
    pub(super) fn resource(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64
    }

    pub(super) fn is_bounded(&self) -> bool {
        self.max != UNBOUNDED
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Slots that are free now.
    pub(super) fn capacity(&self) -> usize {
        let _state = self.lock();
        self.free_slots() + self.slots.load(Ordering::Acquire) / SLOT
    }

    /// Under the lock.
    fn free_slots(&self) -> usize {
        self.free.load(Ordering::Relaxed)
    }

    /// Under the lock.
    fn set_free(&self, count: usize) {
        self.free.store(count, Ordering::Relaxed);
    }

    /// Under the lock: counts what the receiver freed as free. WAITING is kept.
    fn collect(&self) -> usize {
        let freed = self.slots.fetch_and(WAITING, Ordering::AcqRel) / SLOT;
        let free = self.free_slots() + freed;
        self.set_free(free);
        free
    }

    /// Without the lock: whether one who wants so many will probably have to wait. It may
    /// have changed since.
    pub(super) fn looks_full(&self, count: usize) -> bool {
        let free = self.free.load(Ordering::Relaxed);
        free < count && {
            let slots = self.slots.load(Ordering::Relaxed);
            slots & WAITING != 0 || free + slots / SLOT < count
        }
    }

    /// Sends a value at once, or gives it back.
    pub(super) fn try_send(&self, value: T) -> Result<(), (NoSlots, T)> {
        let mut state = self.lock();
        match self.take(&mut state, 1) {
            Ok(()) => {
                self.push(state, value);
                Ok(())
            }
            Err(why) => {
                drop(state);
                Err((why, value))
            }
        }
    }

    pub(super) fn try_reserve(&self, count: usize) -> Result<(), NoSlots> {
        self.take(&mut self.lock(), count)
    }

    /// Under the lock: takes slots if they are free and nobody is in line.
    pub(super) fn take(&self, state: &mut State<T>, count: usize) -> Result<(), NoSlots> {
        if state.closed {
            return Err(NoSlots::Closed);
        }
        if !self.is_bounded() {
            return Ok(());
        }
        if !state.line.is_empty() {
            return Err(NoSlots::Full);
        }
        let mut free = self.free_slots();
        if free < count {
            free = self.collect();
        }
        match free.checked_sub(count) {
            Some(rest) => self.set_free(rest),
            None => return Err(NoSlots::Full),
        }
        Ok(())
    }

    /// Puts a value in, for which there is a slot, and wakes the receiver.
    fn push(&self, mut state: MutexGuard<'_, State<T>>, value: T) {
        state.queue.push_back(value);
        let waker = state.receiver.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Sends with a slot that is held. The value comes back if nobody will receive it.
    pub(super) fn send_reserved(&self, value: T) -> Result<(), T> {
        self.send_locked(self.lock(), value)
    }

    /// The same with the lock held already.
    pub(super) fn send_locked(&self, state: MutexGuard<'_, State<T>>, value: T) -> Result<(), T> {
        if state.receiver_gone {
            drop(state);
            self.put_back(1);
            return Err(value);
        }
        self.push(state, value);
        Ok(())
    }

    /// Gives back slots that were held and not used.
    pub(super) fn put_back(&self, count: usize) {
        if count == 0 || !self.is_bounded() {
            return;
        }
        let mut state = self.lock();
        self.set_free(self.free_slots() + count);
        if state.closed {
            // The receiver may be waiting for the last permits to be gone.
            let waker = state.receiver.take();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
            return;
        }
        let in_line = !state.line.is_empty();
        drop(state);
        if in_line {
            self.serve();
        }
    }

    /// Under the lock: joins the line, unless the slots are there after all; the waker
    /// comes back then.
    pub(super) fn join(
        &self,
        state: &mut State<T>,
        wanted: usize,
        waker: Waker,
    ) -> Result<Key, Waker> {
        // From here on, a receiver that frees a slot knows of the line.
        let freed = self.slots.swap(WAITING, Ordering::AcqRel) / SLOT;
        let free = self.free_slots() + freed;
        self.set_free(free);
        if state.line.is_empty() && free >= wanted {
            self.set_free(free - wanted);
            self.end_of_line(state);
            return Err(waker);
        }
        Ok(state.line.push_back(Waiter { wanted, waker }))
    }

    /// A waiter leaves the line. What it was granted, or stood in the way of, is for the
    /// next.
    pub(super) fn leave(&self, key: Key, wanted: usize) {
        let mut state = self.lock();
        let left = state.line.remove(key);
        let granted = left.is_none() && state.verdict(key).is_ok();
        self.end_of_line(&state);
        let in_line = !state.line.is_empty();
        drop(state);
        drop(left);
        if granted {
            self.put_back(wanted);
        } else if in_line {
            self.serve();
        }
    }

    /// The receiver has taken values out of their slots.
    #[inline]
    pub(super) fn free(&self, count: usize) {
        if !self.is_bounded() {
            return;
        }
        if self.slots.fetch_add(count * SLOT, Ordering::AcqRel) & WAITING != 0 {
            self.serve();
        }
    }

    /// Under the lock: the same for one value. If the first in line has enough with that, its
    /// waker is to be woken.
    pub(super) fn free_one_locked(&self, state: &mut State<T>) -> Freed {
        let mut freed = Freed::default();
        if !self.is_bounded() {
            return freed;
        }
        let free = self.free_slots() + 1;
        self.set_free(free);
        let Some(first) = state.line.front_mut() else {
            return freed;
        };
        if let Some(rest) = free.checked_sub(first.wanted) {
            self.set_free(rest);
            freed.waker = state.line.pop_front().map(|served| served.waker);
            let next = state.line.front_mut().map(|next| next.wanted);
            freed.more = next.is_some_and(|wanted| wanted <= rest);
            self.end_of_line(state);
        }
        freed
    }

    /// What is left of that to be done with the lock released.
    #[inline]
    pub(super) fn tell(&self, freed: Freed) {
        if let Some(waker) = freed.waker {
            waker.wake();
        }
        if freed.more {
            self.serve();
        }
    }

    /// Grants free slots to the line.
    #[cold]
    fn serve(&self) {
        wake_in_rounds(|batch| self.grant(&mut self.lock(), batch));
    }

    fn grant(&self, state: &mut State<T>, batch: &mut WakeBatch) -> Round {
        let mut free = self.collect();
        while let Some(first) = state.line.front_mut() {
            let Some(rest) = free.checked_sub(first.wanted) else {
                return Round::Last;
            };
            if !batch.has_room(1) {
                return Round::More;
            }
            free = rest;
            self.set_free(free);
            if let Some(served) = state.line.pop_front() {
                batch.push(served.waker);
            }
        }
        self.end_of_line(state);
        Round::Last
    }

    /// Under the lock: WAITING goes when the line is empty.
    fn end_of_line(&self, state: &State<T>) {
        if state.line.is_empty() {
            self.slots.fetch_and(!WAITING, Ordering::AcqRel);
        }
    }

    /// Refuses senders from now on.
    pub(super) fn close(&self) {
        let refused = self.shut(&mut self.lock());
        refused.wake();
    }

    /// The receiver is dropped, with so many values of its own. The queue is emptied, and
    /// its values dropped with no lock held.
    pub(super) fn receiver_gone(&self, own: usize) {
        let mut state = self.lock();
        let refused = self.shut(&mut state);
        state.receiver_gone = true;
        let _values = std::mem::take(&mut state.queue);
        let _waker = state.receiver.take();
        if self.is_bounded() {
            self.set_free(self.free_slots() + _values.len() + own);
        }
        drop(state);
        refused.wake();
    }

    /// Under the lock: nobody is let in any more, and whoever waits is to be woken.
    fn shut(&self, state: &mut State<T>) -> Refused {
        if !state.closed {
            state.closed = true;
            state.refused_from = state.line.front_turn();
        }
        let refused = Refused {
            line: state.line.take(),
            watchers: state.watchers.take(),
        };
        self.end_of_line(state);
        refused
    }

    /// Under the lock: whether no value will come any more, the queue being empty.
    pub(super) fn is_ended(&self, state: &State<T>) -> bool {
        let freed = || self.slots.load(Ordering::Acquire) / SLOT;
        state.senders_gone || (state.closed && self.free_slots() + freed() == self.max)
    }
}
