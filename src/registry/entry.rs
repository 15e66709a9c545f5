//! One entry: the readiness of one source, and who waits for it.
//!
//! Three words ([`word`](super::word)) say what the source is ready for, and a lock
//! holds those who wait ([`waiters`](super::waiters)). The protocol has three sides:
//!
//! ```text
//!  reactor   notify: lock, check the generation, count the stamp up and set the bits,
//!                    take the wakers concerned, unlock; the caller wakes them
//!  waiter    poll:   look at the word; if nothing is there: lock, look again,
//!                    leave the waker, unlock
//!  waiter    clear:  after an operation in vain: compare-and-swap the bits away,
//!                    if the stamp is still the one that was seen
//! ```
//!
//! 1. No wake-up is lost: `notify` sets and takes, and a waiter looks and leaves, each
//!    within one stay under the lock. Whichever comes second sees the other.
//! 2. `clear` needs no lock. A delivery counts the stamp up *first* and then sets the
//!    bits. If the stamp was counted up after `clear`'s look, the swap fails. If it was
//!    counted up before that look, then what the event tells of was there before the
//!    operation, which has found it used up: the bits may go. And if the bits are set
//!    after the swap, they stay.
//! 3. An event for an earlier occupant does nothing: occupying and vacating change the
//!    generation under the same lock under which `notify` compares it.
//! 4. A waker is cloned before the lock is taken (again), and dropped and woken after
//!    it was released.
//!
//! ORDERING: a load of a word acquires what both steps of a delivery release, so that
//! whoever sees either sees what the notifier did before. `clear` is Relaxed: it
//! publishes nothing, and as a read-modify-write it continues the release sequence of
//! the delivery whose other bits it leaves there.
//!
//! No side begins with a load of the word that it is going to change: loom compares
//! an access only with the last one before it, and would take a load and a swap of one
//! thread for a step that cannot race with another thread's earlier load.

use super::waiters::{Place, Waiters};
use super::word::{DIRECTIONS, Direction, Event, ONE_EVENT, Word};
use super::{Interest, Ready};
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

/// One source's place in the registry. See the [module](self).
///
/// Two cache lines, so that sockets that are busy on different cores do not share one.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Entry {
    words: [AtomicU64; 3],
    waiters: Mutex<Waiters>,
}

impl Entry {
    pub(super) fn new() -> Self {
        Entry {
            words: std::array::from_fn(|_| AtomicU64::new(Word::new(0, 0).0)),
            waiters: Mutex::new(Waiters::default()),
        }
    }

    // ---- the registry's side ----

    /// Makes the entry the place of a new source that is taken to be `ready`. Returns
    /// its generation.
    pub(super) fn occupy(&self, ready: Ready) -> u32 {
        let waiters = self.waiters.lock();
        for direction in DIRECTIONS {
            // Between two occupants there is nobody else who would touch the word.
            let word = &self.words[direction as usize];
            let bits = Word::delivered(direction, ready);
            let renewed = Word(word.load(Ordering::Relaxed)).renewed(bits);
            word.store(renewed.0, Ordering::Release);
        }
        waiters.generation
    }

    /// Ends the generation: events that are still on their way do nothing from here
    /// on. Whoever is still on the list goes to `out`. Returns whether the entry can
    /// have another occupant.
    pub(super) fn vacate(&self, generation: u32, out: &mut Vec<Waker>) -> bool {
        let mut waiters = self.waiters.lock();
        debug_assert_eq!(waiters.generation, generation, "vacated by its occupant");
        waiters.take_all(out);
        waiters.generation = generation.wrapping_add(1);
        generation != u32::MAX
    }

    /// Delivers an event to the occupant of `generation`, if it is still there: marks
    /// the source as `ready` and moves the wakers that are concerned to `out`.
    pub(super) fn notify(&self, generation: u32, ready: Ready, out: &mut Vec<Waker>) {
        let mut waiters = self.waiters.lock();
        if waiters.generation != generation {
            return;
        }
        for direction in DIRECTIONS {
            let bits = Word::delivered(direction, ready);
            if bits != 0 {
                let word = &self.words[direction as usize];
                word.fetch_add(ONE_EVENT, Ordering::Release);
                word.fetch_or(u64::from(bits), Ordering::Release);
            }
        }
        waiters.take(ready, out);
    }

    /// Closes the entry for good: whoever waits, and whoever will, is told.
    pub(super) fn close(&self, out: &mut Vec<Waker>) {
        let mut waiters = self.waiters.lock();
        for word in &self.words {
            word.fetch_or(Word::SHUT.0, Ordering::Release);
        }
        waiters.take_all(out);
    }

    // ---- the source's side ----

    /// What the word of `direction` says to somebody with `interest`.
    #[inline]
    pub(crate) fn look(&self, direction: Direction, interest: Interest) -> Event {
        Word(self.words[direction as usize].load(Ordering::Acquire)).seen(direction, interest)
    }

    /// What all words say to somebody with `interest`.
    pub(crate) fn look_all(&self, interest: Interest) -> Sight {
        Sight {
            events: DIRECTIONS.map(|direction| self.look(direction, interest)),
        }
    }

    /// Waits for readiness to read or to write, as the only task to do so: the waker of
    /// the last call is the one that is woken.
    #[inline]
    pub(crate) fn poll_ready(&self, side: Side, cx: &mut Context<'_>) -> Poll<Event> {
        let look = || {
            let event = self.look(side.direction(), side.interest());
            event.is_some().then_some(event)
        };
        match look() {
            Some(event) => Poll::Ready(event),
            None => self.wait(Place::Slot(side.direction()), cx.waker(), look),
        }
    }

    /// A place on the list of those who wait for `interest`.
    pub(crate) fn waiter(&self, interest: Interest) -> Waiter<'_> {
        Waiter {
            entry: self,
            interest,
            id: None,
        }
    }

    /// Leaves `waker` in `place`, unless there is something to see by now.
    #[cold]
    fn wait<T>(&self, place: Place, waker: &Waker, look: impl Fn() -> Option<T>) -> Poll<T> {
        let waiters = self.waiters.lock();
        // As long as it is there, nothing has come.
        if waiters.holds(place, waker) {
            return Poll::Pending;
        }
        drop(waiters);
        let new = waker.clone();
        let mut waiters = self.waiters.lock();
        let seen = look();
        let unused = match seen {
            Some(_) => Some(new),
            None => waiters.put(place, new),
        };
        drop(waiters);
        drop(unused);
        seen.map_or(Poll::Pending, Poll::Ready)
    }

    /// Clears the readiness that `event` told of, for an operation would have to wait
    /// in spite of it; unless a newer one has come. Closed stays closed, if it is true.
    #[inline]
    pub(crate) fn clear(&self, direction: Direction, event: Event) {
        let word = &self.words[direction as usize];
        let mut before = event.word.0;
        while let Some(after) = Word(before).cleared(direction, event) {
            // ORDERING: see the module.
            match word.compare_exchange_weak(before, after.0, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => before = now,
            }
        }
    }

    /// [`clear`](Self::clear) for all that was seen.
    pub(crate) fn clear_all(&self, sight: &Sight) {
        for direction in DIRECTIONS {
            self.clear(direction, sight.events[direction as usize]);
        }
    }

    /// Lets the stamps begin at `stamp`.
    #[cfg(all(test, not(loom)))]
    pub(super) fn start_at(&self, stamp: u32) {
        for word in &self.words {
            word.store(Word::new(stamp, 0).0, Ordering::Relaxed);
        }
    }

    #[cfg(all(test, not(loom)))]
    pub(super) fn start_generation_at(&self, generation: u32) {
        self.waiters.lock().generation = generation;
    }
}

/// The two directions that can be polled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Read,
    Write,
}

impl Side {
    #[inline]
    pub(crate) fn direction(self) -> Direction {
        match self {
            Side::Read => Direction::Read,
            Side::Write => Direction::Write,
        }
    }

    pub(crate) fn other(self) -> Side {
        match self {
            Side::Read => Side::Write,
            Side::Write => Side::Read,
        }
    }

    #[inline]
    pub(crate) fn interest(self) -> Interest {
        match self {
            Side::Read => Interest::READABLE,
            Side::Write => Interest::WRITABLE,
        }
    }
}

/// What was seen in all three words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    events: [Event; 3],
}

impl Sight {
    /// What was seen in one of them.
    pub(crate) fn of(direction: Direction, event: Event) -> Sight {
        let mut events = [event.without(Ready::ALL); 3];
        events[direction as usize] = event;
        Sight { events }
    }

    /// What of it is in `ready`, and what is not.
    pub(crate) fn partition(self, ready: Ready) -> (Sight, Sight) {
        let within = self.events.map(|event| event.without(Ready::ALL - ready));
        let beyond = self.events.map(|event| event.without(ready));
        (Sight { events: within }, Sight { events: beyond })
    }

    /// Whether there is a reason to go on: readiness, or the end of the registry.
    pub(crate) fn is_some(&self) -> bool {
        self.events.iter().any(|event| event.is_some())
    }

    /// On which sides there is readiness. Errors and urgent data are told to readers.
    pub(crate) fn sides(&self) -> impl Iterator<Item = Side> + use<> {
        let [read, write, except] = self.events.map(Event::is_some);
        let read = (read || except).then_some(Side::Read);
        let write = write.then_some(Side::Write);
        read.into_iter().chain(write)
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.events.iter().any(|event| event.is_shut())
    }

    pub(crate) fn ready(&self) -> Ready {
        let union = |ready, event: &Event| ready | event.ready();
        self.events.iter().fold(Ready::EMPTY, union)
    }
}

/// A place on an entry's list. It is taken by the first [`poll`](Self::poll) that has
/// to wait, and given back on drop.
#[derive(Debug)]
pub(crate) struct Waiter<'a> {
    entry: &'a Entry,
    interest: Interest,
    id: Option<u64>,
}

impl Waiter<'_> {
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Sight> {
        let entry = self.entry;
        let interest = self.interest;
        let look = || {
            let sight = entry.look_all(interest);
            sight.is_some().then_some(sight)
        };
        if let Some(sight) = look() {
            return Poll::Ready(sight);
        }
        let id = *self.id.get_or_insert_with(|| entry.waiters.lock().new_id());
        entry.wait(Place::List { id, interest }, cx.waker(), look)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let waker = self.entry.waiters.lock().remove(id);
            drop(waker);
        }
    }
}
