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
//!
//! ORDERING: all is ordered by the locks. A receiver that finds its position missing in
//! the slot looks at the tail, under its lock: a sender releases that only after it has
//! written the slot, and takes the line along in the same hold.

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
    served: Served,
    pub(super) senders: Counts,
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
    /// The next value's position.
    pub(super) position: u64,
    pub(super) receivers: usize,
    /// All senders are gone.
    pub(super) closed: bool,
    /// Receivers that have had everything.
    pub(super) line: Waiters<Waker>,
    /// Those who wait for the last receiver to go.
    closing: Waiters<Waker>,
}

/// What the tail says to a receiver whose next value is not in its slot.
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
                position: start,
                receivers: 0,
                closed: false,
                line: Waiters::new(),
                closing: Waiters::new(),
            }),
            served: Served::new(),
            senders: Counts::new(),
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

    /// Puts a value in, for so many as there are receivers; without one it comes back.
    pub(super) fn send(&self, value: T) -> Result<usize, T> {
        let mut tail = self.tail();
        let receivers = tail.receivers;
        if receivers == 0 {
            drop(tail);
            return Err(value);
        }
        let position = tail.position;
        let mut slot = self.slot(position).lock();
        let overwritten = slot.value.replace(value);
        slot.position = position;
        slot.left = receivers;
        drop(slot);
        tail.position = position.wrapping_add(1);
        self.wake(tail);
        drop(overwritten);
        Ok(receivers)
    }

    /// Another receiver, whose next position is returned.
    pub(super) fn join(&self) -> u64 {
        let mut tail = self.tail();
        tail.receivers += 1;
        tail.position
    }

    /// A receiver goes, which has not had the values from `next` on.
    pub(super) fn leave(&self, next: u64) {
        let mut tail = self.tail();
        tail.receivers -= 1;
        let end = tail.position;
        // Woken at the end, when the channel is empty, also if a value panics as it goes.
        let _closing = (tail.receivers == 0).then(|| WokenAtTheEnd(tail.closing.take()));
        drop(tail);
        let missing = end.wrapping_sub(next).min(self.capacity());
        for back in (1..=missing).rev() {
            let mut slot = self.slot(end.wrapping_sub(back)).lock();
            let value = slot.count_off(end.wrapping_sub(back));
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
            0 => slot.value.take(),
            _ => slot.value.clone(),
        }
    }

    /// Looks at the tail for a receiver which has not found its next value.
    pub(super) fn behind(&self, tail: &Tail, next: u64) -> Behind {
        match tail.position.wrapping_sub(next) {
            0 if tail.closed => Behind::Closed,
            0 => Behind::Empty,
            distance if distance <= self.capacity() => Behind::Not,
            distance => Behind::Lagged(distance - self.capacity()),
        }
    }

    /// How many values not all have had.
    pub(super) fn len(&self) -> usize {
        let tail = self.tail();
        let waits = |back: u64| self.slot(tail.position.wrapping_sub(back)).lock().left > 0;
        let (mut had, mut len) = (self.capacity() + 1, 0);
        while had - len > 1 {
            let middle = len + (had - len) / 2;
            match waits(middle) {
                true => len = middle,
                false => had = middle,
            }
        }
        len as usize
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
        let mut tail = chan.tail();
        tail.closed = true;
        chan.wake(tail);
    }
}

impl<T> Closing for Chan<T> {
    fn look<R>(&self, look: impl FnOnce(bool, &mut Waiters<Waker>) -> R) -> R {
        let mut tail = self.tail();
        look(tail.receivers == 0, &mut tail.closing)
    }
}
