//! A hierarchical timing wheel: deadlines in, due ids out. Pure data, no clock, no lock.
//!
//! After G. Varghese and A. Lauck, "Hashed and Hierarchical Timing Wheels" (SOSP 1987,
//! scheme 7). Time is a `u64` in nanoseconds since some start; a *tick* is 2^[`GRAIN`]
//! of them (65.5 µs). There are [`LEVELS`] levels of [`SLOTS`] slots. A slot of level 0
//! is one tick wide, a slot of level `n` is as wide as all of level `n - 1`:
//!
//! ```text
//!   bits of a deadline   63..58   ...   27..22   21..16   15..0
//!   what they choose     level 7        level 1  level 0  nothing: within the tick
//! ```
//!
//! An entry lies at the level of the highest digit in which its deadline differs from
//! `elapsed`, in the slot which that digit names. When time enters a slot of a higher
//! level, the slot's entries *cascade*: they are dealt out again, each to a lower level.
//!
//! The caller names its entries by small numbers, and the wheel keeps a node of 24 bytes for
//! each of them in one table, with links that are indices too. So nothing is allocated but the
//! table's growth, and all of this is safe code. What the caller keeps for each entry lies in
//! the same node, linked or not, if it likes: a value and a number ([`Wheel::node_mut`]). Whoever
//! fires a timer needs both, and of 100,000 neither is in the cache.
//!
//! Invariants, all consequences of the second:
//! 1. `elapsed` never goes back.
//! 2. Every entry lies where [`Wheel::place`] puts it for the present `elapsed`, and for
//!    its deadline or, if that was [put off](Wheel::put_off), for an earlier one: it moves
//!    when time gets there. So no slot before the present one is occupied, every slot of a
//!    level begins before all slots of the next, and the first set bit of the lowest level
//!    that has one is the slot to look at next, without any search.
//! 3. Entries with the same tick are always in the same slot, in the order in which
//!    they were inserted (cascading keeps it), but for those that were put off, which come
//!    to their slot later. So what comes out is sorted by tick, and
//!    first in, first out within a tick.
//! 4. A slot's bit is set if its list is not empty; a level's bit if any of its slots'.
//!
//! Why a tick of 65.5 µs and not of 1 ms: a deadline is never reported early, so a
//! running clock waits for the tick's end, and the tick's width is the lateness that
//! the wheel adds. With a tick of a millisecond, `sleep(200 µs)` would take more than
//! one. To be woken for each deadline exactly would cost one wake-up a timer; with this
//! tick, whatever falls into the same 65.5 µs (the order of a thread's own wake-up
//! latency) shares one. The node keeps the whole deadline nevertheless: a clock that
//! stands still (in tests) moves from deadline to deadline exactly, through
//! [`Wheel::next_at`] and a [`Wheel::pop_due`] in the middle of a tick.
//!
//! Rejected: a binary heap (insertion and removal in O(log n), and removal needs the
//! position to be kept up to date); a sorted tree (allocates, no O(1)); a wheel with a
//! list for overflow (the far list needs a walk now and then: eight levels reach
//! 584 years and cost 4 KiB).

#[cfg(all(test, not(loom)))]
mod tests;

/// A tick is `1 << GRAIN` nanoseconds.
pub(crate) const GRAIN: u32 = 16;

const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;
const LEVELS: usize = ((u64::BITS - GRAIN) / SLOT_BITS) as usize;

/// How many entries of a slot [`Wheel::next_tick`] looks through for the earliest one.
/// A slot of a higher level with more of them is announced by its beginning: one
/// wake-up more, which they all share.
const LOOK: usize = 16;

/// The end of a list.
const NIL: u32 = u32::MAX;

/// The place of a node that is in no list.
const UNLINKED: u16 = u16::MAX;

/// An entry, or where one was or may be.
#[derive(Debug)]
pub(crate) struct Node<T> {
    /// The deadline, or `elapsed` at the insertion if that was later.
    at: u64,
    /// The caller's.
    pub(crate) value: T,
    /// The caller's too: there is room for it.
    pub(crate) mark: u32,
    prev: u32,
    next: u32,
    /// `level * SLOTS + slot`, or [`UNLINKED`].
    place: u16,
}

impl<T: Default> Node<T> {
    fn unlinked() -> Self {
        Node {
            at: 0,
            value: T::default(),
            mark: 0,
            prev: NIL,
            next: NIL,
            place: UNLINKED,
        }
    }
}

impl<T> Node<T> {
    /// Whether it is in the wheel.
    pub(crate) fn is_linked(&self) -> bool {
        self.place != UNLINKED
    }
}

#[derive(Clone, Copy, Debug)]
struct List {
    head: u32,
    tail: u32,
}

impl List {
    const EMPTY: List = List {
        head: NIL,
        tail: NIL,
    };
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Wheel<T = ()> {
    /// Up to where time has been worked off.
    elapsed: u64,
    /// A bit for each level that has a bit in `occupied`.
    levels: u8,
    /// For each level, a bit for each slot that has entries.
    occupied: [u64; LEVELS],
    lists: [List; LEVELS * SLOTS],
    /// By id.
    nodes: Vec<Node<T>>,
}

/// The tick that `at` lies in.
pub(crate) const fn tick_of(at: u64) -> u64 {
    at >> GRAIN
}

impl<T: Default> Wheel<T> {
    /// An empty wheel at time 0.
    pub(crate) const fn new() -> Self {
        Wheel {
            elapsed: 0,
            levels: 0,
            occupied: [0; LEVELS],
            lists: [List::EMPTY; LEVELS * SLOTS],
            nodes: Vec::new(),
        }
    }

    /// Enters `id`, which must not be linked, with the deadline `at`. One that has
    /// passed is due at once.
    #[inline]
    pub(crate) fn insert(&mut self, id: u32, at: u64) {
        debug_assert!(id != NIL && !self.is_linked(id));
        if id as usize >= self.nodes.len() {
            self.make_room(id);
        }
        let at = at.max(self.elapsed);
        self.node_mut(id).at = at;
        self.link(id);
    }

    /// The node of `id`, which need not be there yet.
    #[cold]
    pub(crate) fn make_room(&mut self, id: u32) -> &mut Node<T> {
        let most = self.nodes.len().max(id as usize + 1);
        self.nodes.resize_with(most, Node::unlinked);
        self.node_mut(id)
    }

    /// Takes `id` out. False if it is not in.
    #[inline]
    pub(crate) fn remove(&mut self, id: u32) -> bool {
        let linked = self.is_linked(id);
        if linked {
            self.unlink(id);
        }
        linked
    }

    /// Gives `id` a deadline that is not before the one it has. False if it has none, or a
    /// later one. A deadline that is put off again and again, as a limit on idleness is, costs a
    /// store each time, and one move when the first one would have come.
    #[inline]
    pub(crate) fn put_off(&mut self, id: u32, at: u64) -> bool {
        match self.nodes.get_mut(id as usize) {
            Some(node) if node.is_linked() && node.at <= at => {
                node.at = at;
                true
            }
            _ => false,
        }
    }

    /// Takes out one entry whose deadline is not after `now`: the earliest by tick, and
    /// the first to be inserted within its tick. When there is none, all time up to
    /// `now` is worked off. A `now` that lies before an earlier one stands for that.
    pub(crate) fn pop_due(&mut self, now: u64) -> Option<u32> {
        let now = now.max(self.elapsed);
        while let Some(place) = self.first() {
            let start = self.start_of(place);
            if start > now {
                break;
            }
            self.elapsed = self.elapsed.max(start);
            if place >= SLOTS {
                self.cascade(place);
                continue;
            }
            if let Some(id) = self.due_in(place, now) {
                self.unlink(id);
                return Some(id);
            }
            if self.lists[place].head != NIL {
                break;
            }
        }
        self.elapsed = now;
        None
    }

    /// The first entry that is due in a slot of the lowest level, which time has entered.
    /// What was put off beyond the slot moves to where it belongs.
    fn due_in(&mut self, place: usize, now: u64) -> Option<u32> {
        let tick = tick_of(self.elapsed);
        let mut next = self.lists[place].head;
        while next != NIL {
            let id = next;
            let node = self.node(id);
            next = node.next;
            if tick_of(node.at) > tick {
                self.unlink(id);
                self.link(id);
            } else if node.at <= now {
                return Some(id);
            }
        }
        None
    }

    /// Gives the table's memory back. The wheel must be empty.
    pub(crate) fn shrink(&mut self) {
        debug_assert!(self.is_empty());
        self.nodes = Vec::new();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.levels == 0
    }

    pub(crate) fn is_linked(&self, id: u32) -> bool {
        self.nodes.get(id as usize).is_some_and(Node::is_linked)
    }

    /// The tick at whose end somebody should look after the wheel: that of the earliest
    /// deadline, or an earlier one in which many entries have to cascade.
    pub(crate) fn next_tick(&self) -> Option<u64> {
        let place = self.first()?;
        if place < SLOTS {
            return Some(tick_of(self.start_of(place)));
        }
        Some(tick_of(self.earliest_or_start(place)))
    }

    /// How many ticks of the near future (the lowest level, 4.2 ms) have deadlines.
    pub(crate) fn busy_ticks(&self) -> u32 {
        self.occupied[0].count_ones()
    }

    /// The earliest deadline, or an earlier time at which many entries have to cascade.
    /// For clocks that stand still: looks through all entries of the first tick.
    pub(crate) fn next_at(&self) -> Option<u64> {
        let place = self.first()?;
        if place < SLOTS {
            let earliest = self.list(place).map(|id| self.node(id).at).min();
            return earliest.map(|at| at.min(self.end_of(place)));
        }
        Some(self.earliest_or_start(place))
    }

    /// The entry with the earliest deadline, if none was ever put off. Looks through all
    /// entries of the first slot.
    pub(crate) fn earliest(&self) -> Option<u32> {
        let place = self.first()?;
        self.list(place).min_by_key(|&id| self.node(id).at)
    }

    /// The earliest deadline in the slot (its end, if all were put off beyond that), or its
    /// beginning where it is crowded.
    fn earliest_or_start(&self, place: usize) -> u64 {
        let mut earliest = self.end_of(place);
        for (seen, id) in self.list(place).enumerate() {
            if seen == LOOK {
                return self.start_of(place);
            }
            earliest = earliest.min(self.node(id).at);
        }
        earliest
    }

    /// The slot that begins first. (Invariant 2.)
    fn first(&self) -> Option<usize> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros() as usize;
        Some(level * SLOTS + self.occupied[level].trailing_zeros() as usize)
    }

    /// Where an entry with the deadline `at`, which is not before `elapsed`, belongs.
    fn place(&self, at: u64) -> usize {
        debug_assert!(at >= self.elapsed);
        let differing = tick_of(at ^ self.elapsed);
        let level = (differing | 1).ilog2() / SLOT_BITS;
        let slot = (at >> (GRAIN + level * SLOT_BITS)) as usize % SLOTS;
        level as usize * SLOTS + slot
    }

    /// When the slot begins: its digit, under the digits of `elapsed` above it.
    fn start_of(&self, place: usize) -> u64 {
        let shift = GRAIN + (place / SLOTS) as u32 * SLOT_BITS;
        let above = (self.elapsed >> shift) & !(SLOTS as u64 - 1);
        (above | (place % SLOTS) as u64) << shift
    }

    /// The slot's last nanosecond.
    fn end_of(&self, place: usize) -> u64 {
        let shift = GRAIN + (place / SLOTS) as u32 * SLOT_BITS;
        self.start_of(place) | ((1 << shift) - 1)
    }

    /// Deals the entries of a slot that time has entered out to lower levels; those that were
    /// put off may go to later slots.
    fn cascade(&mut self, place: usize) {
        let mut id = self.lists[place].head;
        self.lists[place] = List::EMPTY;
        self.mark_empty(place);
        while id != NIL {
            let next = self.node(id).next;
            self.link(id);
            debug_assert_ne!(self.node(id).place as usize, place, "invariant 2");
            id = next;
        }
    }

    /// Appends the node, whose deadline is set, to the slot where it belongs.
    fn link(&mut self, id: u32) {
        let place = self.place(self.node(id).at);
        let tail = std::mem::replace(&mut self.lists[place].tail, id);
        match tail {
            NIL => {
                self.lists[place].head = id;
                self.occupied[place / SLOTS] |= 1 << (place % SLOTS);
                self.levels |= 1 << (place / SLOTS);
            }
            _ => self.node_mut(tail).next = id,
        }
        let node = self.node_mut(id);
        node.prev = tail;
        node.next = NIL;
        node.place = place as u16;
    }

    fn unlink(&mut self, id: u32) {
        let node = self.node_mut(id);
        let (prev, next) = (node.prev, node.next);
        let place = std::mem::replace(&mut node.place, UNLINKED) as usize;
        match prev {
            NIL => self.lists[place].head = next,
            _ => self.node_mut(prev).next = next,
        }
        match next {
            NIL => self.lists[place].tail = prev,
            _ => self.node_mut(next).prev = prev,
        }
        if self.lists[place].head == NIL {
            self.mark_empty(place);
        }
    }

    /// Clears the slot's bit, and its level's with the last one.
    fn mark_empty(&mut self, place: usize) {
        let level = place / SLOTS;
        self.occupied[level] &= !(1 << (place % SLOTS));
        if self.occupied[level] == 0 {
            self.levels &= !(1 << level);
        }
    }

    /// The ids in a slot, in order.
    fn list(&self, place: usize) -> impl Iterator<Item = u32> + '_ {
        let mut id = self.lists[place].head;
        std::iter::from_fn(move || {
            let this = (id != NIL).then_some(id)?;
            id = self.node(this).next;
            Some(this)
        })
    }

    /// The node of an entry that is in, or was.
    #[inline]
    pub(crate) fn node(&self, id: u32) -> &Node<T> {
        &self.nodes[id as usize]
    }

    #[inline]
    pub(crate) fn node_mut(&mut self, id: u32) -> &mut Node<T> {
        &mut self.nodes[id as usize]
    }

    /// All nodes, linked or not.
    pub(crate) fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node<T>> {
        self.nodes.iter_mut()
    }

    /// How many nodes there are: one more than the greatest number that was ever
    /// [inserted](Self::insert) since it last [shrank](Self::shrink).
    pub(crate) fn room(&self) -> usize {
        self.nodes.len()
    }
}
