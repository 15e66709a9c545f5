//! The values of a queue, by key and by deadline: a slab and a wheel of the same indices.

use crate::time::Instant;
use crate::wheel::Wheel;
use slab::Slab;
use std::collections::HashMap;
use std::fmt;

/// Finds one value of a [`DelayQueue`](super::DelayQueue) again.
///
/// A key finds nothing once its value has left the queue, whatever came after it. The keys of
/// one queue mean nothing to another.
///
/// # Examples
///
/// ```
/// use runtime::time::{DelayQueue, Duration};
///
/// let mut queue = DelayQueue::new();
/// let first = queue.insert("first", Duration::from_secs(1));
/// queue.remove(&first);
/// let second = queue.insert("second", Duration::from_secs(1));
/// assert_ne!(first, second);
/// assert!(queue.try_remove(&first).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Where the value was put.
    index: u32,
    /// Counts the values of the queue.
    number: u64,
}

pub(super) struct Entry<T> {
    pub(super) value: T,
    pub(super) deadline: Instant,
    pub(super) key: Key,
    /// The deadline in the wheel's time.
    at: u64,
}

pub(super) struct Entries<T> {
    slab: Slab<Entry<T>>,
    wheel: Box<Wheel>,
    numbers: u64,
    /// Where values are that were moved away from their key's index.
    moved: HashMap<Key, usize>,
}

impl<T> Entries<T> {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Entries {
            slab: Slab::with_capacity(capacity),
            wheel: Box::new(Wheel::new()),
            numbers: 0,
            moved: HashMap::new(),
        }
    }

    pub(super) fn insert(&mut self, value: T, deadline: Instant, at: u64) -> Key {
        let place = self.slab.vacant_entry();
        // PANIC: so many values are more than memory holds.
        let index = u32::try_from(place.key()).expect("a queue has fewer than 2^32 values");
        let key = Key {
            index,
            number: self.numbers,
        };
        self.numbers += 1;
        place.insert(Entry {
            value,
            deadline,
            key,
            at,
        });
        self.wheel.insert(index, at);
        key
    }

    fn find(&self, key: &Key) -> Option<usize> {
        let home = key.index as usize;
        match self.slab.get(home) {
            Some(entry) if entry.key == *key => Some(home),
            _ if self.moved.is_empty() => None,
            _ => self.moved.get(key).copied(),
        }
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Entry<T>> {
        let index = self.find(key)?;
        self.wheel.remove(index as u32);
        Some(self.take_out(index))
    }

    /// Takes out one that is due at `now`.
    pub(super) fn pop_due(&mut self, now: u64) -> Option<Entry<T>> {
        let index = self.wheel.pop_due(now)?;
        Some(self.take_out(index as usize))
    }

    fn take_out(&mut self, index: usize) -> Entry<T> {
        let entry = self.slab.remove(index);
        if !self.moved.is_empty() {
            self.moved.remove(&entry.key);
        }
        entry
    }

    pub(super) fn deadline(&self, key: &Key) -> Option<Instant> {
        Some(self.slab[self.find(key)?].deadline)
    }

    /// Gives a value another deadline. False if there is none with this key.
    pub(super) fn reset(&mut self, key: &Key, deadline: Instant, at: u64) -> bool {
        let Some(index) = self.find(key) else {
            return false;
        };
        let entry = &mut self.slab[index];
        (entry.deadline, entry.at) = (deadline, at);
        self.wheel.remove(index as u32);
        self.wheel.insert(index as u32, at);
        true
    }

    /// The key of the earliest.
    pub(super) fn first(&self) -> Option<Key> {
        let index = self.wheel.earliest()?;
        Some(self.slab[index as usize].key)
    }

    /// The earliest deadline, or an earlier time.
    pub(super) fn next_at(&self) -> Option<u64> {
        self.wheel.next_at()
    }

    /// Takes all values out; keys that come later differ from all before.
    pub(super) fn take(&mut self) -> Slab<Entry<T>> {
        for (index, _) in &self.slab {
            self.wheel.remove(index as u32);
        }
        self.moved = HashMap::new();
        let capacity = self.slab.capacity();
        std::mem::replace(&mut self.slab, Slab::with_capacity(capacity))
    }

    pub(super) fn compact(&mut self) {
        let Entries {
            slab, wheel, moved, ..
        } = self;
        slab.compact(|entry, from, to| {
            wheel.remove(from as u32);
            wheel.insert(to as u32, entry.at);
            if entry.key.index as usize == to {
                moved.remove(&entry.key);
            } else {
                moved.insert(entry.key, to);
            }
            true
        });
        moved.shrink_to_fit();
        self.shrink_to_fit();
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.slab.shrink_to_fit();
        if self.wheel.is_empty() {
            self.wheel.shrink();
        }
    }

    pub(super) fn reserve(&mut self, additional: usize) {
        self.slab.reserve(additional);
    }

    pub(super) fn capacity(&self) -> usize {
        self.slab.capacity()
    }

    pub(super) fn len(&self) -> usize {
        self.slab.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slab.is_empty()
    }
}

impl<T: fmt::Debug> fmt::Debug for Entries<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.slab.iter().map(|(_, entry)| entry);
        let shown = entries.map(|entry| (entry.deadline, &entry.value));
        f.debug_list().entries(shown).finish()
    }
}
