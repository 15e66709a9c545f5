//! A line of waiters, first come, first served, kept under a primitive's lock.
//!
//! A doubly linked list whose nodes are places in a vector, with a list of the free ones:
//! joining the line, being called and leaving it from the middle (a future that is
//! dropped) are a few moves each, without an allocation once the vector has grown. Links
//! are indices, so that no address must stay put and no unsafe code is needed; a future
//! that waits holds a [`Key`] and nothing else.
//!
//! Each waiter gets a [turn](Key::turn), a number that only grows. It makes the keys
//! generational (a place's next owner has another turn, so an old key finds nothing),
//! and it dates waiters: who joined before a given moment has a smaller turn than
//! [`Waiters::next_turn`] had then.
//!
//! A waiter can be *called*: it then is in the line no more, but its owner still finds
//! what was left for it under its key. A waiter that is *popped* or removed is gone.
//!
//! ```text
//!             push_back            call_front / call_back
//!   (nothing) ─────────▶ in line ─────────────────────────▶ called
//!       ▲                   │ pop_front, remove                │ remove
//!       └───────────────────┴──────────────────────────────────┘
//! ```
//!
//! Nobody is woken here, for wakers are foreign code and the line is under a lock.
//! [`wake_in_rounds`] is the loop that takes up to 32 wakers out from under the lock,
//! wakes them, and comes back for more; a waker that panics does not end it.
//!
//! # Rejected
//!
//! A `Slab` of nodes: it moves each of them in and out as a whole, so that to join and be
//! popped took 1.7 times the instructions.

use crate::base::batch::WakeBatch;
use std::mem;
use std::task::Waker;

const NOBODY: usize = usize::MAX;

/// A line that was this long gives its memory back once nobody has a node.
const KEEP: usize = 1024;

/// A line of waiters. See the [module](self).
#[derive(Debug)]
pub(crate) struct Waiters<T> {
    nodes: Vec<Node<T>>,
    /// The first free node.
    free: usize,
    /// How many nodes are not free.
    used: usize,
    head: usize,
    tail: usize,
    next_turn: u64,
}

/// Finds one waiter again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    index: usize,
    turn: u64,
}

#[derive(Debug)]
struct Node<T> {
    /// None if the node is free.
    value: Option<T>,
    turn: u64,
    prev: usize,
    /// The next in line, or the next free one.
    next: usize,
    in_line: bool,
}

impl Key {
    /// The waiter's number: a later one in this line has a greater one.
    pub(crate) fn turn(self) -> u64 {
        self.turn
    }
}

impl<T> Waiters<T> {
    pub(crate) const fn new() -> Self {
        Waiters {
            nodes: Vec::new(),
            free: NOBODY,
            used: 0,
            head: NOBODY,
            tail: NOBODY,
            next_turn: 0,
        }
    }

    /// Joins the end of the line.
    pub(crate) fn push_back(&mut self, value: T) -> Key {
        let turn = self.next_turn;
        self.next_turn += 1;
        let prev = self.tail;
        self.used += 1;
        let index = match self.nodes.get_mut(self.free) {
            Some(node) => {
                let index = mem::replace(&mut self.free, node.next);
                // (There is no value in it, so there is nothing to be dropped.)
                mem::forget(node.value.replace(value));
                (node.turn, node.prev, node.next, node.in_line) = (turn, prev, NOBODY, true);
                index
            }
            None => self.grow(value, turn),
        };
        match self.tail {
            NOBODY => self.head = index,
            tail => self.nodes[tail].next = index,
        }
        self.tail = index;
        Key { index, turn }
    }

    /// Takes the first of the line out.
    #[inline]
    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let head = self.head;
        let next = self.nodes.get(head)?.next;
        self.head = next;
        match next {
            NOBODY => self.tail = NOBODY,
            next => self.nodes[next].prev = NOBODY,
        }
        self.release(head)
    }

    /// Takes a waiter out, wherever it is.
    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        self.get_mut(key)?;
        self.unlink(key.index);
        self.release(key.index)
    }

    /// Calls the first of the line.
    pub(crate) fn call_front(&mut self) -> Option<&mut T> {
        self.call(self.head)
    }

    /// Calls the last of the line.
    pub(crate) fn call_back(&mut self) -> Option<&mut T> {
        self.call(self.tail)
    }

    /// What is kept for a waiter, in line or called.
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        match self.nodes.get_mut(key.index) {
            Some(node) if node.turn == key.turn => node.value.as_mut(),
            _ => None,
        }
    }

    pub(crate) fn front_mut(&mut self) -> Option<&mut T> {
        self.nodes.get_mut(self.head)?.value.as_mut()
    }

    /// The first one's turn, or the next to be given if the line is empty.
    pub(crate) fn front_turn(&self) -> u64 {
        self.nodes
            .get(self.head)
            .map_or(self.next_turn, |node| node.turn)
    }

    /// The turn that the next to come will get.
    pub(crate) fn next_turn(&self) -> u64 {
        self.next_turn
    }

    /// Whether nobody is in line.
    pub(crate) fn is_empty(&self) -> bool {
        self.head == NOBODY
    }

    /// Empties the line and forgets who was called; turns go on from where they are.
    pub(crate) fn take(&mut self) -> Self {
        let empty = Waiters {
            next_turn: self.next_turn,
            ..Waiters::new()
        };
        mem::replace(self, empty)
    }

    /// Wakes all that are in a line which was [taken](Self::take) out from under its lock.
    pub(crate) fn wake_all(mut self, mut waker: impl FnMut(T) -> Waker) {
        if self.is_empty() {
            return;
        }
        wake_in_rounds(|batch| {
            while batch.has_room(1) {
                match self.pop_front() {
                    Some(value) => batch.push(waker(value)),
                    None => return Round::Last,
                }
            }
            Round::More
        });
    }

    /// A new node for the end of the line.
    #[cold]
    fn grow(&mut self, value: T, turn: u64) -> usize {
        self.nodes.push(Node {
            value: Some(value),
            turn,
            prev: self.tail,
            next: NOBODY,
            in_line: true,
        });
        self.nodes.len() - 1
    }

    /// Frees the place of a node that is in line no more.
    #[inline]
    fn release(&mut self, index: usize) -> Option<T> {
        let node = &mut self.nodes[index];
        let value = node.value.take();
        node.next = self.free;
        self.free = index;
        self.used -= 1;
        if self.used == 0 && self.nodes.capacity() > KEEP {
            self.shrink();
        }
        value
    }

    #[cold]
    fn shrink(&mut self) {
        self.nodes = Vec::new();
        self.free = NOBODY;
    }

    fn call(&mut self, index: usize) -> Option<&mut T> {
        if index == NOBODY {
            return None;
        }
        self.unlink(index);
        self.nodes[index].value.as_mut()
    }

    /// Takes a node out of the line, if it is in it.
    fn unlink(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        if !node.in_line {
            return;
        }
        node.in_line = false;
        let (prev, next) = (node.prev, node.next);
        match prev {
            NOBODY => self.head = next,
            prev => self.nodes[prev].next = next,
        }
        match next {
            NOBODY => self.tail = prev,
            next => self.nodes[next].prev = prev,
        }
    }
}

/// Whether [`wake_in_rounds`] is to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    More,
    Last,
}

/// Calls `round`, which locks, fills the batch, and unlocks; wakes the batch; and goes on
/// so until a round says that it was the last. If a waker panics, the remaining rounds
/// run while the panic unwinds.
pub(crate) fn wake_in_rounds(round: impl FnMut(&mut WakeBatch) -> Round) {
    let mut rounds = Rounds {
        round,
        state: Round::More,
        batch: WakeBatch::new(),
    };
    rounds.run();
}

struct Rounds<F: FnMut(&mut WakeBatch) -> Round> {
    round: F,
    state: Round,
    batch: WakeBatch,
}

impl<F: FnMut(&mut WakeBatch) -> Round> Rounds<F> {
    fn run(&mut self) {
        while self.state == Round::More {
            // A round that panics is not tried again.
            self.state = Round::Last;
            self.state = (self.round)(&mut self.batch);
            self.batch.wake_all();
        }
    }
}

impl<F: FnMut(&mut WakeBatch) -> Round> Drop for Rounds<F> {
    fn drop(&mut self) {
        self.run();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Clone, Debug)]
    enum Op {
        Push,
        Pop,
        CallFront,
        CallBack,
        Remove(usize),
        Take,
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            6 => Just(Op::Push),
            2 => Just(Op::Pop),
            1 => Just(Op::CallFront),
            1 => Just(Op::CallBack),
            4 => any::<usize>().prop_map(Op::Remove),
            1 => Just(Op::Take),
        ]
    }

    proptest! {
        #[test]
        fn the_line_does_what_a_deque_does(ops in prop::collection::vec(op(), 0..200)) {
            let mut line = Waiters::new();
            let mut model: VecDeque<(Key, u32)> = VecDeque::new();
            let mut called: Vec<(Key, u32)> = Vec::new();
            let mut all_keys = Vec::new();
            let mut next = 0;
            for op in ops {
                match op {
                    Op::Push => {
                        let turn = line.next_turn();
                        let key = line.push_back(next);
                        prop_assert_eq!(key.turn(), turn);
                        model.push_back((key, next));
                        all_keys.push(key);
                        next += 1;
                    }
                    Op::Pop => {
                        prop_assert_eq!(line.pop_front(), model.pop_front().map(|(_, v)| v));
                    }
                    Op::CallFront => {
                        let entry = model.pop_front();
                        prop_assert_eq!(line.call_front().copied(), entry.map(|(_, v)| v));
                        called.extend(entry);
                    }
                    Op::CallBack => {
                        let entry = model.pop_back();
                        prop_assert_eq!(line.call_back().copied(), entry.map(|(_, v)| v));
                        called.extend(entry);
                    }
                    Op::Remove(at) => {
                        if all_keys.is_empty() {
                            continue;
                        }
                        let key = all_keys[at % all_keys.len()];
                        let waiting = model.iter().position(|(k, _)| *k == key);
                        let out = called.iter().position(|(k, _)| *k == key);
                        let value = match (waiting, out) {
                            (Some(i), _) => model.remove(i).map(|(_, v)| v),
                            (_, Some(i)) => Some(called.remove(i).1),
                            _ => None,
                        };
                        prop_assert_eq!(line.get_mut(key).copied(), value);
                        prop_assert_eq!(line.remove(key), value);
                        prop_assert_eq!(line.remove(key), None);
                    }
                    Op::Take => {
                        let mut taken = line.take();
                        for (_, value) in model.drain(..) {
                            prop_assert_eq!(taken.pop_front(), Some(value));
                        }
                        prop_assert!(taken.is_empty());
                        called.clear();
                    }
                }
                prop_assert_eq!(line.is_empty(), model.is_empty());
                prop_assert_eq!(line.front_mut().copied(), model.front().map(|(_, v)| *v));
                let front = model.front().map_or(line.next_turn(), |(k, _)| k.turn());
                prop_assert_eq!(line.front_turn(), front);
            }
        }
    }

    #[test]
    fn a_line_that_was_very_long_gives_its_memory_back() {
        let mut line = Waiters::new();
        for i in 0..10 * KEEP {
            line.push_back(i);
        }
        while line.pop_front().is_some() {}
        assert!(line.nodes.capacity() <= KEEP);
    }

    #[test]
    fn a_panicking_waker_does_not_end_the_rounds() {
        struct Count(AtomicUsize);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
                    panic!("the first wake-up panics");
                }
            }
        }
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let mut line = Waiters::new();
        for _ in 0..100 {
            line.push_back(Waker::from(count.clone()));
        }
        assert!(catch_unwind(AssertUnwindSafe(|| line.wake_all(|waker| waker))).is_err());
        assert_eq!(count.0.load(Ordering::Relaxed), 100);
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
