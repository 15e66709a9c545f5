//! The timer half of the driver: the book of deadlines, in one shard a worker.
//!
//! A [`Shard`] is a [wheel](crate::wheel) of deadlines, with a slot for each timer in its
//! nodes, under one lock. Each worker arms in its own shard, threads outside of the
//! runtime in one more, so that the lock is hardly ever contended; a timer stays in the
//! shard in which it was armed, and whoever polls, resets or cancels it goes there.
//!
//! A timer is a [`TimerKey`]: shard and index of the slot. The key
//! is not `Clone`: whoever has it owns the slot, and only by giving the key up, in
//! [`Timers::poll`] or [`Timers::cancel`], is the slot set free. So a key in use can't
//! become stale, however often slots are used again. (The tests' builds look.)
//!
//! ```text
//!            arm               fire_due
//!   vacant ───────▶ armed ──────────────▶ fired
//!     ▲            │  ▲  ◀──────────────── │
//!     │     cancel │  └┐ reset       reset │ poll (ready), cancel
//!     └────────────┘   └ reset: moves      │
//!     ▲                                    │
//!     └────────────────────────────────────┘
//! ```
//!
//! Firing moves the waker out of the slot into the caller's hands. The waiting side
//! leaves its waker *before* it believes in `Pending`, under the same lock: so either
//! the firing side finds that waker, or the waiting side finds the timer fired.
//!
//! Under the lock wakers are moved and compared, never cloned, dropped or woken.
//!
//! # When to look
//!
//! Each shard tells without its lock when it wants to be looked at: `next`, the tick at
//! whose end the earliest timer is due. It may say too early a time (its timer was
//! cancelled; that costs one look, and saves a wake-up of the sleeper at every cancel),
//! and never too late a one. It is written under the lock only.
//!
//! ORDERING: `next` is stored with `Release` and loaded with `Acquire`, but no hand-over
//! hangs on it alone. Who sleeps until `next` does so on something that keeps a token (a
//! parker, an eventfd); who is told by [`Armed::earlier`] that its deadline comes before
//! all others leaves that token *after* the store. The sleeper reads `next` after it
//! took the last token, so it either reads the new value or is woken once more.
//!
//! # A clock that runs, and one that stands still
//!
//! With a running clock nobody looks more often than once a tick, so timers fire up to
//! 65.5 µs late, in crowds ([`Precision::Tick`]). A clock that is paused for a test
//! moves from deadline to deadline, and the time must be exact then, to the nanosecond:
//! [`Precision::Exact`]. Neither is ever early.
//!
//! Deadlines are nanoseconds since the runtime's start in 64 bits. What does not fit
//! (after 584 years) stands for the last of them, and what lies before the start for
//! the first.
//!
//! # Memory
//!
//! An armed timer costs 40 bytes: 16 of the wheel's node are for the waker. Arming
//! allocates nothing but the table's growth by doubling. It keeps its size while any
//! timer is left in the shard; once the last one goes, a table for more than
//! [`book::KEEP`] timers is given back.

use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicU64, Ordering};
use crate::wheel::{GRAIN, tick_of};
use book::Book;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

mod book;
#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;

/// `next` of a shard that waits for nothing.
const NEVER: u64 = u64::MAX;

/// How many timers are fired before the lock is released for the others.
const CHUNK: usize = 128;

/// All timers of a runtime. See the [module](self).
#[derive(Debug)]
pub(crate) struct Timers {
    start: Instant,
    shards: Box<[Shard]>,
}

/// Two cache lines of its own at least, as processors fetch lines in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Shard {
    /// The tick at whose end the shard wants to be looked at, or [`NEVER`].
    next: AtomicU64,
    book: Mutex<Book>,
}

/// A timer that was armed; to be given up in [`Timers::poll`] or [`Timers::cancel`].
///
/// Aligned so that it is moved in one piece with what lies beside it in a timer.
#[derive(Debug, PartialEq, Eq)]
#[repr(align(8))]
#[must_use = "a timer whose key is lost keeps its slot"]
pub(crate) struct TimerKey {
    shard: u32,
    index: u32,
}

impl TimerKey {
    /// Shard and slot as one number, for reports.
    pub(crate) fn to_bits(&self) -> u64 {
        u64::from(self.shard) << 32 | u64::from(self.index)
    }

    /// The shard whose owner fires the timer.
    pub(crate) fn shard(&self) -> usize {
        self.shard as usize
    }
}

/// What [`Timers::arm`] returns.
#[derive(Debug)]
pub(crate) struct Armed {
    pub(crate) key: TimerKey,
    /// Whether the shard is now to be looked at earlier than before: if its owner may
    /// be asleep, it has to be woken.
    pub(crate) earlier: bool,
}

/// The runtime has been shut down: no timer fires any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed;

/// How exactly time is told. See the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    /// A timer fires at the end of its tick.
    Tick,
    /// A timer fires in its nanosecond.
    Exact,
}

/// From how many busy ticks within the next 4.2 ms on the owner is woken less often.
const CROWD: u32 = 16;

/// How many ticks later it is woken then: for the timers of 1 ms at once.
const SPREAD: u64 = 15;

impl Timers {
    pub(crate) fn shards(&self) -> usize {
        self.shards.len()
    }

    /// `shards` empty shards; time begins at `start`.
    pub(crate) fn new(start: Instant, shards: usize) -> Self {
        let shard = |_| Shard {
            next: AtomicU64::new(NEVER),
            book: Mutex::new(Book::new()),
        };
        Timers {
            start,
            shards: (0..shards).map(shard).collect(),
        }
    }

    /// Arms a timer that wakes `waker` once `deadline` has come.
    ///
    /// # Errors
    /// If the timers are [closed](Self::close).
    #[inline]
    pub(crate) fn arm(
        &self,
        shard: usize,
        deadline: Instant,
        waker: &Waker,
    ) -> Result<Armed, Closed> {
        let at = self.nanos(deadline);
        let waker = waker.clone();
        let home = &self.shards[shard];
        // The guard is declared after the waker, so it goes first if there is no use
        // for the waker.
        let mut book = home.book.lock();
        if book.is_closed() {
            return Err(Closed);
        }
        let index = book.arm(at, waker);
        let earlier = home.hasten(tick_of(at));
        drop(book);
        let key = TimerKey {
            shard: shard as u32,
            index,
        };
        Ok(Armed { key, earlier })
    }

    /// Whether the timer has fired; if not, `waker` is the one to be woken from now on.
    /// With `Ready`, the key is gone.
    ///
    /// # Errors
    /// If the timers were [closed](Self::close) before this one fired.
    ///
    /// # Panics
    /// If there is no key.
    #[inline]
    pub(crate) fn poll(
        &self,
        timer: &mut Option<TimerKey>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        let key = timer.as_ref().expect("a timer that is polled has a key");
        let is_pending = {
            let book = self.shards[key.shard()].book.lock();
            book.is_pending_for(key, waker)
        };
        match is_pending {
            true => Poll::Pending,
            false => self.poll_anew(timer, waker),
        }
    }

    /// It has fired, or is awaited by somebody new.
    #[inline(never)]
    fn poll_anew(&self, timer: &mut Option<TimerKey>, waker: &Waker) -> Poll<Result<(), Closed>> {
        let key = timer.as_ref().expect("a timer that is polled has a key");
        let home = &self.shards[key.shard()];
        // Declared before the guard, so that it is dropped after it.
        let mut spare = None;
        let mut book = home.book.lock();
        if book.is_pending(key) {
            drop(book);
            spare = Some(waker.clone());
            book = home.book.lock();
        }
        // Asked once more: without the lock, the timer may have fired.
        if book.is_pending(key) {
            book.swap_waker(key, &mut spare);
            return Poll::Pending;
        }
        let fired = book.has_fired(key);
        let old = book.release(key);
        drop(book);
        drop(old);
        *timer = None;
        Poll::Ready(if fired { Ok(()) } else { Err(Closed) })
    }

    /// Gives the timer up. True if it had not fired, so that its waker is not woken.
    pub(crate) fn cancel(&self, key: TimerKey) -> bool {
        let mut book = self.shards[key.shard()].book.lock();
        let fired = book.has_fired(&key);
        let waker = book.release(&key);
        drop(book);
        drop(waker);
        !fired
    }

    /// Gives the timer up, and returns the waker that it would have woken, unless it has
    /// fired.
    pub(crate) fn take(&self, key: TimerKey) -> Option<Waker> {
        let mut book = self.shards[key.shard()].book.lock();
        book.release(&key)
    }

    /// Gives a timer that has not fired a deadline that is not before the one it has. False if
    /// that cannot be. Whichever thread does so: the shard is looked at no earlier for it.
    #[inline]
    pub(crate) fn put_off(&self, key: &TimerKey, deadline: Instant) -> bool {
        let at = self.nanos(deadline);
        self.shards[key.shard()].book.lock().put_off(key, at)
    }

    /// Gives the timer, fired or not, a new deadline. If it had not fired, the waker it
    /// has is woken then; if it had, the next [`poll`](Self::poll) brings one.
    ///
    /// Returns whether the key's shard is now to be looked at earlier than before, as
    /// in [`Armed::earlier`].
    ///
    /// # Errors
    /// If the timers are [closed](Self::close).
    pub(crate) fn reset(&self, key: &TimerKey, deadline: Instant) -> Result<bool, Closed> {
        let at = self.nanos(deadline);
        let home = &self.shards[key.shard()];
        let mut book = home.book.lock();
        if book.is_closed() {
            return Err(Closed);
        }
        book.reset(key, at);
        Ok(home.hasten(tick_of(at)))
    }

    /// Fires what is due in the shard at `now`, in [nanoseconds](Self::nanos), in order: the wakers are added to `wakers`, for
    /// the caller to wake. Returns how many timers fired. Takes no lock if it is not
    /// time yet.
    pub(crate) fn fire_due(
        &self,
        shard: usize,
        now: u64,
        precision: Precision,
        wakers: &mut Vec<Waker>,
    ) -> usize {
        let home = &self.shards[shard];
        // Only ticks that are over count, or all that has passed.
        let now = match precision {
            Precision::Tick => (now >> GRAIN << GRAIN).checked_sub(1),
            Precision::Exact => Some(now),
        };
        let Some(now) = now else { return 0 };
        let mut total = 0;
        let exact = precision == Precision::Exact;
        while exact || home.next.load(Ordering::Acquire) <= tick_of(now) {
            let mut book = home.book.lock();
            let fired = book.fire(now, CHUNK, wakers);
            total += fired;
            if fired < CHUNK {
                let spread = if book.busy_ticks() >= CROWD {
                    SPREAD
                } else {
                    0
                };
                let next = book.next_tick();
                home.store_next(next.map(|tick| tick.saturating_add(spread)));
                break;
            }
        }
        total
    }

    /// As [`next_deadline`](Self::next_deadline), in nanoseconds; `u64::MAX` for never.
    pub(crate) fn next_nanos(&self, shard: usize) -> u64 {
        let next = self.shards[shard].next.load(Ordering::Acquire);
        next.saturating_add(1).saturating_mul(1 << GRAIN)
    }

    /// When the shard is to be looked at next, if ever: the end of the earliest
    /// deadline's tick, or an earlier one. Takes no lock.
    pub(crate) fn next_deadline(&self, shard: usize) -> Option<Instant> {
        let next = self.shards[shard].next.load(Ordering::Acquire);
        let end = next.checked_add(1)?.checked_mul(1 << GRAIN)?;
        self.instant(end)
    }

    /// When the next timer of the shard fires, if ever, to the nanosecond; or an earlier
    /// time, at which the wheel must turn. For a clock that stands still, which is to be
    /// moved there.
    pub(crate) fn next_exact(&self, shard: usize) -> Option<Instant> {
        let home = &self.shards[shard];
        let at = home.book.lock().next_at()?;
        self.instant(at)
    }

    /// Ends all of it: timers that have not fired report [`Closed`] from now on, and
    /// their wakers are added to `wakers`, for the caller to wake.
    pub(crate) fn close(&self, wakers: &mut Vec<Waker>) {
        for home in &self.shards {
            let mut book = home.book.lock();
            book.close(wakers);
            home.store_next(None);
        }
    }

    /// Nanoseconds since the start; saturates at both ends.
    #[inline]
    pub(crate) fn nanos(&self, time: Instant) -> u64 {
        let since = time.saturating_duration_since(self.start);
        since
            .as_secs()
            .saturating_mul(1_000_000_000)
            .saturating_add(u64::from(since.subsec_nanos()))
    }

    fn instant(&self, nanos: u64) -> Option<Instant> {
        self.start.checked_add(Duration::from_nanos(nanos))
    }
}

impl Shard {
    /// Brings `next` forward to `tick`, under the lock. False if it is not later.
    fn hasten(&self, tick: u64) -> bool {
        // ORDERING: the lock's holder is the only writer.
        let earlier = tick < self.next.load(Ordering::Relaxed);
        if earlier {
            self.next.store(tick, Ordering::Release);
        }
        earlier
    }

    /// Sets `next` anew, under the lock.
    fn store_next(&self, tick: Option<u64>) {
        self.next.store(tick.unwrap_or(NEVER), Ordering::Release);
    }
}
