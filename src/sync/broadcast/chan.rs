//! What all sides of a broadcast channel share.
//!
//! Invariants:
//! 1. The slot of position `p` is `p` modulo the number of slots, a power of two, so that
//!    the next position after the last number is the next slot.
//! 2. A slot holds a value exactly while `left`, the number of receivers that have not had
//!    it, is not zero. A receiver counts itself off once: when it reads the value, or, for
//!    all that it has not read, when it is dropped.
//! 3. Receivers go from old to new, so if a value has been had by all, all older ones have.
//! 4. Locks are taken in the order tail, slot. A value that leaves is dropped with neither
//!    held.
//! 5. `end` is changed under the tail's lock only. `had` only grows: whoever takes the last
//!    share of a value sets it behind that value, unless it is there already, for a receiver
//!    that goes may come to this later than others who have had newer values.
//!
//! ORDERING: values are ordered by the locks. A receiver that finds its position missing in
//! the slot looks at `end`: a sender stores that, and releases, after it has written the
//! slot. Whoever is to wait looks under the tail's lock, in which the sender takes the line
//! along. `had` releases too: who acquires it finds an `end` that is not before it.

use crate::base::padded::Padded;
use crate::base::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::base::sync::{Mutex, MutexGuard};
use crate::base::waiters::{Key, Waiters};
use crate::sync::handles::{Counts, Side};
use crate::sync::lines::{Closing, Served, wake_line};
use std::task::Waker;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Chan<T> {
    slots: Box<[Mutex<Slot<T>>]>,
    tail: Mutex<Tail>,
    /// The next value's position.
    end: AtomicU64,
    /// All senders are gone.
    closed: AtomicBool,
    served: Served,
    pub(super) senders: Counts,
    /// All values before this position were had by all.
    had: Padded<AtomicU64>,
}

/// The place of one value.
#[derive(Debug)]
struct Slot<T> {
    position: u64,
    left: usize,
    value: Option<T>,
}

/// The end where values are put in.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) receivers: usize,
    /// Receivers that have had everything.
    pub(super) line: Waiters<Waker>,
    /// Those who wait for the last receiver to go.
    closing: Waiters<Waker>,
}

/// What a receiver is told whose next value is not in its slot.
pub(super) enum Behind {
    /// It has come meanwhile.
    Not,
    /// It has not come.
    Empty,
    /// Neither will it come.
    Closed,
    /// It was overwritten, as were so many in all.
    Lagged(u64),
}

impl<T> Chan<T> {
    /// A channel whose first value has the position `start`.
    pub(super) fn new(capacity: usize, start: u64) -> Self {
        let count = capacity.next_power_of_two() as u64;
        let slot = |index: u64| {
            let ahead = index.wrapping_sub(start) & (count - 1);
            Mutex::new(Slot {
                position: start.wrapping_add(ahead).wrapping_sub(count),
                left: 0,
                value: None,
            })
        };
        Chan {
            slots: (0..count).map(slot).collect(),
            tail: Mutex::new(Tail {
                receivers: 0,
                line: Waiters::new(),
                closing: Waiters::new(),
            }),
            end: AtomicU64::new(start),
            closed: AtomicBool::new(false),
            served: Served::new(),
            senders: Counts::new(),
            had: Padded(AtomicU64::new(start)),
        }
    }

    pub(super) fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock()
    }

    /// What a dump calls this channel.
    pub(super) fn resource(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64
    }

    fn capacity(&self) -> u64 {
        self.slots.len() as u64
    }

    fn slot(&self, position: u64) -> &Mutex<Slot<T>> {
        &self.slots[(position & (self.capacity() - 1)) as usize]
    }

    /// The next value's position.
    pub(super) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    /// Whether all senders are gone.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Puts a value in, for so many as there are receivers; without one it comes back.
    pub(super) fn send(&self, value: T) -> Result<usize, T> {
        let tail = self.tail();
        let receivers = tail.receivers;
        if receivers == 0 {
            drop(tail);
            return Err(value);
        }
        let position = self.end();
        let mut slot = self.slot(position).lock();
        let overwritten = slot.value.replace(value);
        slot.position = position;
        slot.left = receivers;
        drop(slot);
        self.end.store(position.wrapping_add(1), Ordering::Release);
        self.wake(tail);
        drop(overwritten);
        Ok(receivers)
    }

    /// Another receiver, whose next position is returned.
    pub(super) fn join(&self) -> u64 {
        let mut tail = self.tail();
        tail.receivers += 1;
        self.end()
    }

    /// A receiver goes, which has not had the values from `next` on.
    pub(super) fn leave(&self, next: u64) {
        let mut tail = self.tail();
        tail.receivers -= 1;
        let end = self.end();
        // Woken at the end, when the channel is empty, also if a value panics as it goes.
        let _closing = (tail.receivers == 0).then(|| WokenAtTheEnd(tail.closing.take()));
        drop(tail);
        let missing = end.wrapping_sub(next).min(self.capacity());
        for back in (1..=missing).rev() {
            let position = end.wrapping_sub(back);
            let mut slot = self.slot(position).lock();
            let value = slot.count_off(position);
            if value.is_some() {
                self.all_have_had(position);
            }
            drop(slot);
            drop(value);
        }
    }

    /// Reads the value at `next` and goes on to the next position, if it is in its slot.
    pub(super) fn read(&self, next: &mut u64) -> Option<T>
    where
        T: Clone,
    {
        let mut slot = self.slot(*next).lock();
        if slot.position != *next {
            return None;
        }
        *next = next.wrapping_add(1);
        // Counted off first: a clone that panics was an attempt to read.
        slot.left -= 1;
        match slot.left {
            0 => {
                self.all_have_had(next.wrapping_sub(1));
                slot.value.take()
            }
            _ => slot.value.clone(),
        }
    }

    /// What became of the next value of a receiver which has not found it.
    pub(super) fn behind(&self, next: u64) -> Behind {
        let closed = self.is_closed();
        match self.end().wrapping_sub(next) {
            0 if closed => Behind::Closed,
            0 => Behind::Empty,
            distance if distance <= self.capacity() => Behind::Not,
            distance => Behind::Lagged(distance - self.capacity()),
        }
    }

    /// How many values not all have had.
    pub(super) fn len(&self) -> usize {
        let had = self.had.load(Ordering::Acquire);
        self.end().wrapping_sub(had).min(self.capacity()) as usize
    }

    /// The last share of the value at `position` was taken.
    fn all_have_had(&self, position: u64) {
        let after = position.wrapping_add(1);
        let mut had = self.had.load(Ordering::Acquire);
        // (It has wrapped if it is less than half of all numbers behind.)
        while after.wrapping_sub(had).wrapping_sub(1) < u64::MAX / 2 {
            match self
                .had
                .compare_exchange_weak(had, after, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return,
                Err(now) => had = now,
            }
        }
    }

    /// Takes a waiter out of the line. The waker is to be dropped.
    pub(super) fn leave_line(&self, key: Key) -> Option<Waker> {
        if self.served.has(key) {
            return None;
        }
        self.tail().line.remove(key)
    }

    fn wake(&self, tail: MutexGuard<'_, Tail>) {
        wake_line(&self.tail, tail, |tail| &mut tail.line, &self.served, || ());
    }
}

struct WokenAtTheEnd(Waiters<Waker>);

impl Drop for WokenAtTheEnd {
    fn drop(&mut self) {
        self.0.take().wake_all(|waker| waker);
    }
}

impl<T> Slot<T> {
    /// A receiver will not come for the value at `position`, if that is still here. The
    /// value comes back if it was the last.
    fn count_off(&mut self, position: u64) -> Option<T> {
        if self.position != position {
            return None;
        }
        self.left -= 1;
        match self.left {
            0 => self.value.take(),
            _ => None,
        }
    }
}

/// The side of the senders.
pub(super) struct Senders;

impl<T> Side<Chan<T>> for Senders {
    fn counts(chan: &Chan<T>) -> &Counts {
        &chan.senders
    }

    fn last_gone(chan: &Chan<T>) {
        let tail = chan.tail();
        chan.closed.store(true, Ordering::Release);
        chan.wake(tail);
    }
}

impl<T> Closing for Chan<T> {
    fn look<R>(&self, look: impl FnOnce(bool, &mut Waiters<Waker>) -> R) -> R {
        let mut tail = self.tail();
        look(tail.receivers == 0, &mut tail.closing)
    }
}
