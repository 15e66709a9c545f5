//! What a shard's lock protects: the slots and the wheel. No lock, no clock.
//!
//! Slots that are free form a list, the last to be freed first: it is still in the
//! cache. A slot's generation goes up each time it is freed.

use super::TimerKey;
use crate::wheel::Wheel;
use std::task::Waker;

/// Tables for more timers than this are given back with the last timer.
pub(super) const KEEP: usize = 1024;

/// The end of the list of free slots.
const NONE: u32 = u32::MAX;

/// What a slot is in the middle of: [`ARMED`](Self::ARMED), [`FIRED`](Self::FIRED), or nobody's;
/// then it is the index of the next free slot, or [`NONE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State(u32);

impl State {
    /// In the wheel.
    const ARMED: State = State(NONE - 1);
    /// Out of the wheel, and still its owner's.
    const FIRED: State = State(NONE - 2);
}

#[derive(Debug)]
struct Slot {
    /// Who is to be woken: `None` in a vacant or a fired slot, and in one that was
    /// reset after it had fired and has not been polled since.
    waker: Option<Waker>,
    generation: u32,
    state: State,
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Book {
    wheel: Wheel,
    slots: Vec<Slot>,
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
            slots: Vec::new(),
            free: NONE,
            taken: 0,
            closed: false,
        }
    }

    /// Arms a slot. Returns its index and generation.
    pub(super) fn arm(&mut self, at: u64, waker: Waker) -> (u32, u32) {
        let index = self.take_vacant();
        let slot = &mut self.slots[index as usize];
        slot.waker = Some(waker);
        slot.state = State::ARMED;
        let generation = slot.generation;
        self.wheel.insert(index, at);
        (index, generation)
    }

    pub(super) fn reset(&mut self, key: &TimerKey, at: u64) {
        self.slot_mut(key).state = State::ARMED;
        self.wheel.remove(key.index);
        self.wheel.insert(key.index, at);
    }

    /// As [`Wheel::put_off`]. False as well if the timer cannot fire any more.
    pub(super) fn put_off(&mut self, key: &TimerKey, at: u64) -> bool {
        !self.closed && self.slot(key).state == State::ARMED && self.wheel.put_off(key.index, at)
    }

    /// Frees the slot. Returns its waker, to be dropped without the lock.
    pub(super) fn release(&mut self, key: &TimerKey) -> Option<Waker> {
        let free = self.free;
        let slot = self.slot_mut(key);
        let waker = slot.waker.take();
        slot.generation = slot.generation.wrapping_add(1);
        slot.state = State(free);
        self.free = key.index;
        self.taken -= 1;
        self.wheel.remove(key.index);
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
            let slot = &mut self.slots[index as usize];
            debug_assert_eq!(slot.state, State::ARMED);
            slot.state = State::FIRED;
            wakers.extend(slot.waker.take());
        }
        most
    }

    /// Moves all wakers out. Slots that are armed remain so, for good.
    pub(super) fn close(&mut self, wakers: &mut Vec<Waker>) {
        self.closed = true;
        wakers.extend(self.slots.iter_mut().filter_map(|slot| slot.waker.take()));
    }

    /// Leaves the waker in the slot, and takes the one before, to be dropped without
    /// the lock.
    pub(super) fn swap_waker(&mut self, key: &TimerKey, waker: &mut Option<Waker>) {
        std::mem::swap(&mut self.slot_mut(key).waker, waker);
    }

    /// Whether the timer has not fired, still can, and will wake `waker` then.
    #[inline]
    pub(super) fn is_pending_for(&self, key: &TimerKey, waker: &Waker) -> bool {
        let slot = self.slot(key);
        let kept = slot.waker.as_ref();
        slot.state == State::ARMED && !self.closed && kept.is_some_and(|kept| kept.will_wake(waker))
    }

    /// Whether the timer has not fired, and still can.
    pub(super) fn is_pending(&self, key: &TimerKey) -> bool {
        self.slot(key).state == State::ARMED && !self.closed
    }

    pub(super) fn has_fired(&self, key: &TimerKey) -> bool {
        self.slot(key).state == State::FIRED
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

    fn take_vacant(&mut self) -> u32 {
        self.taken += 1;
        let index = self.free;
        if index == NONE {
            return self.grow();
        }
        self.free = self.slots[index as usize].state.0;
        index
    }

    #[cold]
    fn grow(&mut self) -> u32 {
        let index = self.slots.len() as u32;
        assert!(index < State::FIRED.0, "2^32 timers in one shard");
        self.slots.push(Slot {
            waker: None,
            generation: 0,
            state: State::ARMED,
        });
        index
    }

    /// Nobody has a key: generations may begin anew.
    fn shrink(&mut self) {
        if self.slots.len() > KEEP {
            self.slots = Vec::new();
            self.free = NONE;
            self.wheel.shrink();
        }
    }

    fn slot(&self, key: &TimerKey) -> &Slot {
        let slot = &self.slots[key.index as usize];
        debug_assert_eq!(slot.generation, key.generation, "a stale key");
        slot
    }

    fn slot_mut(&mut self, key: &TimerKey) -> &mut Slot {
        let slot = &mut self.slots[key.index as usize];
        debug_assert_eq!(slot.generation, key.generation, "a stale key");
        slot
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn arm(book: &mut Book, at: u64) -> TimerKey {
        let (index, generation) = book.arm(at, Waker::noop().clone());
        TimerKey {
            shard: 0,
            index,
            generation,
        }
    }

    #[test]
    fn an_armed_timer_takes_48_bytes() {
        // The wheel's test says that its node takes 24.
        assert_eq!(size_of::<Slot>(), 24);
        assert_eq!(size_of::<Option<TimerKey>>(), 16);
    }

    #[test]
    fn a_great_table_goes_with_its_last_timer_and_a_small_one_stays() {
        let mut book = Book::new();
        for (count, stays) in [(KEEP, true), (KEEP + 1, false), (1, true)] {
            let keys: Vec<_> = (0..count as u64).map(|at| arm(&mut book, at)).collect();
            keys.iter().for_each(|key| drop(book.release(key)));
            assert_eq!(book.slots.capacity() > 0, stays);
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
