//! What a shard's lock protects: the wheel, and in the wheel's nodes the slots. No lock, no clock.
//!
//! A node's value is the slot's waker: who is to be woken. There is none in a vacant or a fired
//! slot, and in one that was reset after it had fired and has not been polled since. A slot that is
//! [`TAKEN`] is armed if its node is in the wheel, else it has fired.
//!
//! Slots that are free form a list, the last to be freed first: it is still in the
//! cache.

use super::TimerKey;
use crate::wheel::{Node, Wheel};
use std::task::Waker;

/// Tables for more timers than this are given back with the last timer.
pub(super) const KEEP: usize = 1024;

/// The end of the list of free slots.
const NONE: u32 = u32::MAX;

/// The mark of a slot that is somebody's. That of any other is the next free slot, or [`NONE`].
const TAKEN: u32 = NONE - 1;

type Slot = Node<Option<Waker>>;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Book {
    wheel: Wheel<Option<Waker>>,
    /// The first of the free slots.
    free: u32,
    /// How many slots are not vacant.
    taken: u32,
    closed: bool,
}

impl Book {
    pub(super) fn new() -> Self {
        Book {
            wheel: Wheel::new(),
            free: NONE,
            taken: 0,
            closed: false,
        }
    }

    /// Arms a slot. Returns its index.
    #[inline]
    pub(super) fn arm(&mut self, at: u64, waker: Waker) -> u32 {
        let index = self.vacant();
        self.wheel.insert(index, at);
        let slot = self.wheel.node_mut(index);
        self.free = std::mem::replace(&mut slot.mark, TAKEN);
        slot.value = Some(waker);
        self.taken += 1;
        index
    }

    pub(super) fn reset(&mut self, key: &TimerKey, at: u64) {
        debug_assert_eq!(self.slot(key).mark, TAKEN);
        self.wheel.remove(key.index);
        self.wheel.insert(key.index, at);
    }

    /// As [`Wheel::put_off`]. False as well if the timer cannot fire any more.
    pub(super) fn put_off(&mut self, key: &TimerKey, at: u64) -> bool {
        debug_assert_eq!(self.slot(key).mark, TAKEN);
        !self.closed && self.wheel.put_off(key.index, at)
    }

    /// Frees the slot. Returns its waker, to be dropped without the lock.
    #[inline]
    pub(super) fn release(&mut self, key: &TimerKey) -> Option<Waker> {
        self.wheel.remove(key.index);
        let free = std::mem::replace(&mut self.free, key.index);
        let slot = self.slot_mut(key);
        slot.mark = free;
        let waker = slot.value.take();
        self.taken -= 1;
        if self.taken == 0 {
            self.shrink();
        }
        waker
    }

    /// Takes up to `most` due timers off the wheel. Returns how many there were.
    pub(super) fn fire(&mut self, now: u64, most: usize, wakers: &mut Vec<Waker>) -> usize {
        if self.closed {
            return 0;
        }
        for fired in 0..most {
            let Some(index) = self.wheel.pop_due(now) else {
                return fired;
            };
            let slot = self.wheel.node_mut(index);
            debug_assert_eq!(slot.mark, TAKEN);
            wakers.extend(slot.value.take());
        }
        most
    }

    /// Moves all wakers out. Slots that are armed remain so, for good.
    pub(super) fn close(&mut self, wakers: &mut Vec<Waker>) {
        self.closed = true;
        wakers.extend(self.wheel.nodes_mut().filter_map(|slot| slot.value.take()));
    }

    /// Leaves the waker in the slot, and takes the one before, to be dropped without
    /// the lock.
    pub(super) fn swap_waker(&mut self, key: &TimerKey, waker: &mut Option<Waker>) {
        std::mem::swap(&mut self.slot_mut(key).value, waker);
    }

    /// Whether the timer has not fired, still can, and will wake `waker` then.
    #[inline]
    pub(super) fn is_pending_for(&self, key: &TimerKey, waker: &Waker) -> bool {
        let slot = self.slot(key);
        let kept = slot.value.as_ref();
        slot.is_linked() && !self.closed && kept.is_some_and(|kept| kept.will_wake(waker))
    }

    /// Whether the timer has not fired, and still can.
    pub(super) fn is_pending(&self, key: &TimerKey) -> bool {
        self.slot(key).is_linked() && !self.closed
    }

    pub(super) fn has_fired(&self, key: &TimerKey) -> bool {
        !self.slot(key).is_linked()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// As in [`Wheel::next_tick`].
    pub(super) fn next_tick(&self) -> Option<u64> {
        self.wheel.next_tick().filter(|_| !self.closed)
    }

    /// As in [`Wheel::busy_ticks`].
    pub(super) fn busy_ticks(&self) -> u32 {
        self.wheel.busy_ticks()
    }

    /// As in [`Wheel::next_at`].
    pub(super) fn next_at(&self) -> Option<u64> {
        self.wheel.next_at().filter(|_| !self.closed)
    }

    /// A slot that is free, or one more.
    #[inline]
    fn vacant(&mut self) -> u32 {
        match self.free {
            NONE => self.grow(),
            free => free,
        }
    }

    #[cold]
    fn grow(&mut self) -> u32 {
        let index = self.wheel.room() as u32;
        assert!(index < TAKEN, "2^32 timers in one shard");
        self.wheel.make_room(index).mark = NONE;
        index
    }

    fn shrink(&mut self) {
        if self.wheel.room() > KEEP {
            self.free = NONE;
            self.wheel.shrink();
        }
    }

    #[inline]
    fn slot(&self, key: &TimerKey) -> &Slot {
        let slot = self.wheel.node(key.index);
        debug_assert_eq!(slot.mark, TAKEN, "a stale key");
        slot
    }

    #[inline]
    fn slot_mut(&mut self, key: &TimerKey) -> &mut Slot {
        let slot = self.wheel.node_mut(key.index);
        debug_assert_eq!(slot.mark, TAKEN, "a stale key");
        slot
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn arm(book: &mut Book, at: u64) -> TimerKey {
        let index = book.arm(at, Waker::noop().clone());
        TimerKey { shard: 0, index }
    }

    #[test]
    fn an_armed_timer_takes_40_bytes() {
        assert_eq!(size_of::<Slot>(), 40);
        assert_eq!(size_of::<TimerKey>(), 8);
    }

    #[test]
    fn a_great_table_goes_with_its_last_timer_and_a_small_one_stays() {
        let mut book = Book::new();
        for (count, stays) in [(KEEP, true), (KEEP + 1, false), (1, true)] {
            let keys: Vec<_> = (0..count as u64).map(|at| arm(&mut book, at)).collect();
            keys.iter().for_each(|key| drop(book.release(key)));
            assert_eq!(book.wheel.room() > 0, stays);
        }
    }

    #[test]
    fn the_slot_that_was_freed_last_is_used_first() {
        let mut book = Book::new();
        let keys: Vec<_> = (0..4).map(|at| arm(&mut book, at)).collect();
        for index in [2, 0, 3] {
            drop(book.release(&keys[index]));
        }
        let again: Vec<u32> = (0..4).map(|at| arm(&mut book, at).index).collect();
        assert_eq!(again, [3, 0, 2, 4]);
    }
}
