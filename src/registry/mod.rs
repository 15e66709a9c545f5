//! The registry: the table of who waits for which source.
//!
//! Each source that is registered with the reactor has an [`Entry`] here, which says
//! what the source is ready for and whom to wake. The entry is found by its [`Key`],
//! which is what the operating system hands back with an event. The source's side
//! ([`driver::source`](crate::driver::source)) looks at the entry, waits on it and
//! clears it; the reactor's side calls [`Registry::notify`].
//!
//! Entries live in pages that are never moved or freed before the registry is. Page
//! `n` has twice as many entries as page `n - 1`, so that a fixed array of pages
//! holds all indexes, an index is turned into a page by counting leading zeros, and
//! the way to an entry takes no lock:
//!
//! ```text
//!  pages   0: [0 .. 64)   1: [64 .. 192)   2: [192 .. 448)   ...
//!  free    [17, 3, 90]                 indexes to be used again, last in, first out
//!  next    131                         the first index that was never used
//! ```
//!
//! Which entry is free is kept under one lock, the registry's, which is taken once
//! when a source is made and once when it is dropped.
//!
//! Invariants:
//! 1. An index is in `free`, or occupied, or retired (its generations are used up), or
//!    not below `next`; exactly one of these.
//! 2. A key is given out once. So an event that arrives late finds nobody, also if the
//!    entry has a new occupant: no entry needs to be kept back until "its" turn is over.
//! 3. Once closed, nothing is inserted, and all entries are shut: [`Registry::close`]
//!    and [`Registry::insert`] exclude each other by the registry's lock.
//! 4. Lock order: registry before entry. No waker is touched under either.
//!
//! Rejected: one allocation for each entry, counted (an entry would be kept alive by
//! events in flight, and the token would be a pointer); a lock for each page.

mod entry;
mod key;
mod waiters;
mod word;

#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;

pub(crate) use crate::base::ready::{Interest, Ready};
pub(crate) use entry::{Entry, Side, Sight, Waiter};
pub(crate) use key::Key;
pub(crate) use word::Event;

use crate::base::batch::wake_all;
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use std::fmt;
use std::io;
use std::sync::OnceLock;
use std::task::Waker;

/// Entries of the first page. (A model's registry is small: loom tracks each word.)
const FIRST: u32 = if cfg!(all(loom, test)) { 2 } else { 64 };

/// Pages, so that an index fits in 32 bits.
const PAGES: usize = 26;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Registry {
    pages: [OnceLock<Box<[Entry]>>; PAGES],
    slots: Mutex<Slots>,
    /// How many entries are occupied; written under the lock.
    occupied: AtomicUsize,
}

#[derive(Debug)]
struct Slots {
    free: Vec<u32>,
    next: u32,
    closed: bool,
}

/// Why a source was not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// All indexes are in use.
    Full,
    /// The registry was closed.
    Closed,
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full => io::Error::new(
                io::ErrorKind::OutOfMemory,
                "the runtime has no room for another I/O source",
            ),
            Refused::Closed => shut_down(),
        }
    }
}

/// The error of every operation on a source whose runtime is gone.
pub(crate) fn shut_down() -> io::Error {
    io::Error::other(ShutDown)
}

/// Whether that is what the error is.
pub(crate) fn is_shut_down(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<ShutDown>())
}

#[derive(Debug)]
struct ShutDown;

impl fmt::Display for ShutDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runtime was shut down")
    }
}

impl std::error::Error for ShutDown {}

/// Where `index` is: its page, and its place in there.
#[inline]
fn locate(index: u32) -> (usize, usize) {
    let page = (index / FIRST + 1).ilog2();
    let first = ((1 << page) - 1) * FIRST;
    (page as usize, (index - first) as usize)
}

impl Registry {
    pub(crate) fn new() -> Self {
        Registry {
            pages: [const { OnceLock::new() }; PAGES],
            slots: Mutex::new(Slots {
                free: Vec::new(),
                next: 0,
                closed: false,
            }),
            occupied: AtomicUsize::new(0),
        }
    }

    /// A new entry, for a source that is taken to be `ready` (an operation on it is
    /// then tried before anyone waits).
    ///
    /// # Errors
    /// If the registry is closed, or full.
    pub(crate) fn insert(&self, ready: Ready) -> Result<Key, Refused> {
        let mut slots = self.slots.lock();
        if slots.closed {
            return Err(Refused::Closed);
        }
        let index = match slots.free.pop() {
            Some(index) => index,
            None => {
                let index = slots.next;
                self.create_page(index)?;
                slots.next += 1;
                index
            }
        };
        self.count(1);
        // Under the lock: `close` must find either no such entry, or a ready one.
        let generation = self.at(index).occupy(ready);
        Ok(Key { index, generation })
    }

    /// Makes the page of `index` if it is not there. Called with the lock held.
    fn create_page(&self, index: u32) -> Result<(), Refused> {
        let (page, _) = locate(index);
        let cell = self.pages.get(page).ok_or(Refused::Full)?;
        cell.get_or_init(|| {
            let len = (FIRST as usize) << page;
            std::iter::repeat_with(Entry::new).take(len).collect()
        });
        Ok(())
    }

    #[inline]
    fn at(&self, index: u32) -> &Entry {
        self.get(index).expect("the index of a key has a page")
    }

    #[inline]
    fn get(&self, index: u32) -> Option<&Entry> {
        let (page, place) = locate(index);
        self.pages.get(page)?.get()?.get(place)
    }

    /// The entry of `key`. The caller is its occupant, so the key is not stale.
    #[inline]
    pub(crate) fn entry(&self, key: Key) -> &Entry {
        self.at(key.index)
    }

    /// Marks the source as `ready` and adds to `wakers` whom to wake, once no lock is
    /// held. If the source is gone, nothing happens.
    pub(crate) fn notify(&self, key: Key, ready: Ready, wakers: &mut Vec<Waker>) {
        if let Some(entry) = self.get(key.index) {
            entry.notify(key.generation, ready, wakers);
        }
    }

    /// Frees the entry of a source that is gone. Wakes whoever was still waiting.
    pub(crate) fn remove(&self, key: Key) {
        let mut wakers = Vec::new();
        let reusable = self.entry(key).vacate(key.generation, &mut wakers);
        let mut slots = self.slots.lock();
        self.count(usize::MAX);
        if reusable {
            slots.free.push(key.index);
        }
        drop(slots);
        wake_all(&mut wakers);
    }

    /// Closes the registry for good. The wakers of all who wait are the caller's to
    /// wake; these and all later waits end with an event that
    /// [says so](Event::is_shut).
    #[must_use = "the wakers are to be woken"]
    pub(crate) fn close(&self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        let mut slots = self.slots.lock();
        slots.closed = true;
        for index in 0..slots.next {
            self.at(index).close(&mut wakers);
        }
        drop(slots);
        wakers
    }

    /// Called with the lock held, by the only writer therefore.
    fn count(&self, change: usize) {
        let occupied = self.occupied.load(Ordering::Relaxed);
        self.occupied
            .store(occupied.wrapping_add(change), Ordering::Relaxed);
    }

    /// How many sources there are.
    pub(crate) fn len(&self) -> usize {
        let _slots = self.slots.lock();
        self.occupied.load(Ordering::Relaxed)
    }

    /// Whether there are no sources, or were none a moment ago: a look without the lock.
    pub(crate) fn seems_empty(&self) -> bool {
        self.occupied.load(Ordering::Relaxed) == 0
    }
}
