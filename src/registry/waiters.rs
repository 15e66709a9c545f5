//! Who waits on one entry: two slots and a list.
//!
//! The slots belong to the `poll_*` methods of the resources, which by their contract
//! have one task a direction: the last waker stays. The list belongs to the methods
//! that take `&self`, of which any number may wait at a time, each with an id of its
//! own. The list is allocated when it is used for the first time.
//!
//! This is what lies under the entry's lock: it moves wakers in and out, and never
//! clones, drops or wakes one (a waker is compared, which runs no foreign code).

use super::word::{DIRECTIONS, Direction, Word};
use super::{Interest, Ready};
use std::task::Waker;

/// Where a waker waits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Read or Write; nobody polls for an exception.
    Slot(Direction),
    List {
        id: u64,
        interest: Interest,
    },
}

#[derive(Debug, Default)]
pub(super) struct Waiters {
    pub(super) generation: u32,
    slots: [Option<Waker>; 2],
    list: Option<Box<List>>,
}

#[derive(Debug, Default)]
struct List {
    next_id: u64,
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    id: u64,
    interest: Interest,
    waker: Waker,
}

impl Waiters {
    /// An id for a place in the list, which no other has in this entry.
    pub(super) fn new_id(&mut self) -> u64 {
        let list = self.list.get_or_insert_default();
        list.next_id += 1;
        list.next_id
    }

    /// Whether a wake-up of `place` would reach `waker` already.
    pub(super) fn holds(&self, place: Place, waker: &Waker) -> bool {
        let held = match place {
            Place::Slot(direction) => self.slots[direction as usize].as_ref(),
            Place::List { id, .. } => self
                .list
                .iter()
                .flat_map(|list| &list.items)
                .find(|item| item.id == id)
                .map(|item| &item.waker),
        };
        held.is_some_and(|held| held.will_wake(waker))
    }

    /// Puts `waker` into `place`, and hands out the one that was there.
    #[must_use = "the old waker is to be dropped outside of the lock"]
    pub(super) fn put(&mut self, place: Place, waker: Waker) -> Option<Waker> {
        match place {
            Place::Slot(direction) => self.slots[direction as usize].replace(waker),
            Place::List { id, interest } => {
                let items = &mut self.list.get_or_insert_default().items;
                match items.iter_mut().find(|item| item.id == id) {
                    Some(item) => Some(std::mem::replace(&mut item.waker, waker)),
                    None => {
                        items.push(Item {
                            id,
                            interest,
                            waker,
                        });
                        None
                    }
                }
            }
        }
    }

    /// Takes the waker with this id out of the list, if it is still there.
    #[must_use = "the waker is to be dropped outside of the lock"]
    pub(super) fn remove(&mut self, id: u64) -> Option<Waker> {
        let items = &mut self.list.as_mut()?.items;
        let index = items.iter().position(|item| item.id == id)?;
        Some(items.swap_remove(index).waker)
    }

    /// Moves the wakers that `ready` concerns to `out`.
    pub(super) fn take(&mut self, ready: Ready, out: &mut Vec<Waker>) {
        for direction in DIRECTIONS {
            let delivered = Word::delivered(direction, ready);
            match direction {
                Direction::Read | Direction::Write if delivered != 0 => {
                    out.extend(self.slots[direction as usize].take());
                }
                _ => {}
            }
        }
        let Some(list) = &mut self.list else { return };
        let mut index = 0;
        while let Some(item) = list.items.get(index) {
            if Word::concerns(ready, item.interest) {
                out.push(list.items.remove(index).waker);
            } else {
                index += 1;
            }
        }
    }

    /// Moves all wakers to `out`.
    pub(super) fn take_all(&mut self, out: &mut Vec<Waker>) {
        out.extend(self.slots.iter_mut().filter_map(Option::take));
        if let Some(list) = &mut self.list {
            out.extend(list.items.drain(..).map(|item| item.waker));
        }
    }
}
