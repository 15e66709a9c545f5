//! The tree of tokens: who is cancelled when somebody is.
//!
//! A token is a counted pointer to a [`Node`]. The nodes that come from one root share a
//! [`Tree`]: a slab of links under one lock, in which a node has a place while it lives and
//! is not cancelled. Links are indices and weak pointers, so nothing here is recursive,
//! however deep the tree is, and nothing keeps a node alive but its tokens.
//!
//! ```text
//!             child                        cancel, of itself or of one above
//!   (nothing) ─────▶ linked, not cancelled ─────────────────────────────────▶ cancelled
//!                        │ the last token is dropped: its children
//!                        ▼ become those of its parent
//!                     (nothing)
//! ```
//!
//! To look whether a node is cancelled is one load, and to wait for it is a matter between
//! the waiter and the node: the tree's lock is taken to make children, to cancel, and when
//! the last token of a node is dropped. To cancel is to cut the subtree out and to set its
//! flags under the lock; then, with no lock held, to close each node's signal, which wakes
//! whoever waits. So who makes a child under the lock finds its parent linked or cancelled.
//!
//! ORDERING: the flag is stored with release and loaded with acquire: what happened before
//! a cancellation is visible to whoever finds the token cancelled.
//!
//! Rejected: a lock for each node, taken hand over hand. A cancellation that comes down and
//! a last token that links its children further up take such locks in opposite orders.

use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::sync::permits::Permits;
use slab::Slab;
use std::sync::{Arc, Weak};

const NOBODY: usize = usize::MAX;

/// A tree that had so many nodes gives its memory back when the root is alone.
const KEEP: usize = 1024;

/// What tokens that are clones of each other share.
#[derive(Debug)]
pub(super) struct Node {
    cancelled: AtomicBool,
    /// Has no permits, and is closed after `cancelled` is set.
    signal: Permits,
    /// None if it was cancelled from the start.
    home: Option<Home>,
}

/// Where a node has its place, as long as that one has the same turn.
#[derive(Debug)]
struct Home {
    tree: Arc<Tree>,
    place: usize,
    turn: u64,
}

#[derive(Debug)]
struct Tree {
    links: Mutex<Links>,
}

#[derive(Debug)]
struct Links {
    places: Slab<Place>,
    next_turn: u64,
}

#[derive(Debug)]
struct Place {
    turn: u64,
    node: Weak<Node>,
    parent: usize,
    first_child: usize,
    /// The siblings.
    prev: usize,
    next: usize,
}

impl Node {
    /// A node without a parent.
    pub(super) fn root() -> Arc<Self> {
        let tree = Arc::new(Tree {
            links: Mutex::new(Links {
                places: Slab::new(),
                next_turn: 0,
            }),
        });
        tree.links.lock().add(&tree, NOBODY)
    }

    /// A node that is cancelled when this one is.
    pub(super) fn child(&self) -> Arc<Self> {
        if let Some(home) = &self.home {
            let mut links = home.tree.links.lock();
            if !self.is_cancelled() {
                return links.add(&home.tree, home.place);
            }
        }
        Arc::new(Node {
            cancelled: AtomicBool::new(true),
            signal: Permits::closed(),
            home: None,
        })
    }

    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Is closed when the node is cancelled.
    pub(super) fn signal(&self) -> &Permits {
        &self.signal
    }

    /// Cancels the node and those below it, and wakes whoever waits.
    pub(super) fn cancel(&self) {
        let Some(home) = &self.home else {
            return;
        };
        // Who comes second takes the lock too: then all flags are set when it returns.
        let mut cut = Vec::new();
        home.tree.links.lock().cut(home, &mut cut);
        let mut telling = Telling(cut.into_iter());
        telling.run();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            if !self.is_cancelled() {
                home.tree.links.lock().leave(home);
            }
        }
    }
}

/// Closes signals, one by one, with no lock held. If a waker panics, it goes on while the
/// panic unwinds.
struct Telling(std::vec::IntoIter<Arc<Node>>);

impl Telling {
    fn run(&mut self) {
        for node in self.0.by_ref() {
            node.signal.close();
        }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.run();
    }
}

impl Links {
    fn add(&mut self, tree: &Arc<Tree>, parent: usize) -> Arc<Node> {
        let turn = self.next_turn;
        self.next_turn += 1;
        let place = self.places.vacant_key();
        let node = Arc::new(Node {
            cancelled: AtomicBool::new(false),
            signal: Permits::new(0),
            home: Some(Home {
                tree: tree.clone(),
                place,
                turn,
            }),
        });
        self.places.insert(Place {
            turn,
            node: Arc::downgrade(&node),
            parent: NOBODY,
            first_child: NOBODY,
            prev: NOBODY,
            next: NOBODY,
        });
        self.link(place, parent);
        node
    }

    /// Whether the place is still that of the node.
    fn has(&self, home: &Home) -> bool {
        let place = self.places.get(home.place);
        place.is_some_and(|place| place.turn == home.turn)
    }

    /// Takes the node and those below it out, and sets their flags. A node whose last token
    /// is just being dropped is taken out only: it finds its place gone.
    fn cut(&mut self, home: &Home, cut: &mut Vec<Arc<Node>>) {
        if !self.has(home) {
            return;
        }
        self.unlink(home.place);
        let mut rest = vec![home.place];
        while let Some(index) = rest.pop() {
            let place = self.places.remove(index);
            let mut child = place.first_child;
            while child != NOBODY {
                rest.push(child);
                child = self.places[child].next;
            }
            cut.extend(place.node.upgrade());
        }
        // From above, so that who finds a flag set finds those above it set.
        for node in cut.iter() {
            node.cancelled.store(true, Ordering::Release);
        }
        self.shrink();
    }

    /// Takes a node out whose last token was dropped; its parent gets its children.
    fn leave(&mut self, home: &Home) {
        if !self.has(home) {
            return;
        }
        self.unlink(home.place);
        let left = self.places.remove(home.place);
        let mut child = left.first_child;
        while child != NOBODY {
            let next = self.places[child].next;
            self.link(child, left.parent);
            child = next;
        }
        self.shrink();
    }

    /// Makes `index` the first child of `parent`.
    fn link(&mut self, index: usize, parent: usize) {
        let mut next = NOBODY;
        if parent != NOBODY {
            next = std::mem::replace(&mut self.places[parent].first_child, index);
        }
        if next != NOBODY {
            self.places[next].prev = index;
        }
        let place = &mut self.places[index];
        (place.parent, place.prev, place.next) = (parent, NOBODY, next);
    }

    /// Takes `index` out from among its siblings.
    fn unlink(&mut self, index: usize) {
        let place = &self.places[index];
        let (parent, prev, next) = (place.parent, place.prev, place.next);
        if prev != NOBODY {
            self.places[prev].next = next;
        } else if parent != NOBODY {
            self.places[parent].first_child = next;
        }
        if next != NOBODY {
            self.places[next].prev = prev;
        }
    }

    /// Gives memory back when it is clear that little is needed: the root has place 0.
    fn shrink(&mut self) {
        let alone = self.places.len() == 1 && self.places.contains(0);
        if self.places.capacity() > KEEP && (alone || self.places.is_empty()) {
            self.places.shrink_to_fit();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn places(node: &Node) -> usize {
        let home = node.home.as_ref().expect("not cancelled from the start");
        home.tree.links.lock().places.len()
    }

    #[test]
    fn a_node_whose_tokens_are_gone_takes_no_place_and_passes_its_children_on() {
        let root = Node::root();
        let mut last = root.clone();
        for _ in 0..1000 {
            last = last.child();
        }
        assert_eq!(places(&root), 2, "those in between are gone");
        root.cancel();
        assert!(last.is_cancelled());
        assert_eq!(places(&root), 0);
    }

    #[test]
    fn a_root_that_goes_leaves_its_children_apart_from_each_other() {
        let root = Node::root();
        let (one, two) = (root.child(), root.child());
        let below = one.child();
        drop(root);
        one.cancel();
        assert!(one.is_cancelled() && below.is_cancelled());
        assert!(!two.is_cancelled());
        assert_eq!(places(&two), 1);
    }

    #[test]
    fn a_tree_that_was_large_gives_its_memory_back() {
        let root = Node::root();
        let children: Vec<_> = (0..10 * KEEP).map(|_| root.child()).collect();
        drop(children);
        let home = root.home.as_ref().expect("not cancelled from the start");
        assert!(home.tree.links.lock().places.capacity() <= KEEP);
    }

    #[test]
    fn a_place_that_was_given_to_another_is_left_alone() {
        let root = Node::root();
        let one = root.child();
        one.cancel();
        let two = root.child();
        drop(one);
        root.cancel();
        assert!(two.is_cancelled());
    }
}
