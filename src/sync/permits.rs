//! The counter of permits under [`Semaphore`](super::Semaphore) and the locks, with a line
//! of those who wait for some. What waits is in [`wait`].
//!
//! A counter without permits is a signal: who waits is told when it is closed. That is what
//! stands under [`OnceCell`](super::OnceCell), [`SetOnce`](super::SetOnce) and
//! [`CancellationToken`](super::CancellationToken).
//!
//! One word holds everything that the uncontended ways need; the line has a lock.
//!
//! ```text
//!   word:  │ permits … │ WAITERS │ CLOSED │
//! ```
//!
//! Taking permits that are there, and giving them back when nobody waits, is one
//! compare-and-swap on the word. Everything else happens under the lock.
//!
//! Invariants:
//! 1. WAITERS is set exactly while the line is not empty; both change under the lock.
//! 2. While WAITERS is set there are no permits in the word. Whoever joins the line
//!    takes along what is there, and whoever gives permits back gives them to the first
//!    of the line until that one has enough. So nobody can pass by a line, small requests
//!    do not starve a large one, and only the first of the line can have some of its
//!    permits already.
//! 3. CLOSED never goes away, and nobody is in line once it is set.
//!
//! The line is served in order. So a waiter that is no longer found in it was granted
//! its permits if its turn is before `refused_from`, the turn of the first one that was
//! still in line when the semaphore closed; else it was refused. And up to which turn
//! permits were granted is told without the lock, so that who is woken with them need not
//! take it.
//!
//! Permits that were granted to a future which is dropped before it could say so, and
//! the part that the first of the line had, go on to the next.
//!
//! ORDERING: giving back releases, taking acquires: what a holder did is visible to the
//! next holder of the same permit. Closing releases, finding it closed acquires. All
//! changes of the word are read-modify-writes, so that release sequences are not broken,
//! except where there were no permits in it by invariant 2. Permits that are handed over
//! through the line are ordered by its lock, and by the turns that were served.
//!
//! # Rejected
//!
//! Looking some twenty times whether a lock is let go of, before one joins its line. A line
//! that has formed stays for as long as its tasks come back at once, so this only puts it off:
//! eight tasks that fight for a mutex gained little (0.45 to 0.39 of the field's time), two
//! that read and write lost (0.29 to 0.95), and locks held across awaits paid for nothing.

mod wait;

pub(super) use wait::{Acquire, HasPermits, Hold, Wait};

use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::wait::Kind;
use crate::base::waiters::{Key, Round, Waiters, wake_in_rounds};
use crate::sync::lines::Served;
use std::fmt;
use std::panic::Location;
use std::task::{Context, Poll, Waker};

pub(super) const CLOSED: usize = 1;
const WAITERS: usize = 2;
pub(super) const SHIFT: u32 = 2;

/// More permits than this do not fit.
pub(super) const MAX: usize = usize::MAX >> 3;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Permits {
    pub(super) word: AtomicUsize,
    pub(super) line: Mutex<Line>,
    /// Who has an earlier turn than this, and has not left, was granted its permits.
    pub(super) served: Served,
}

#[derive(Debug)]
pub(super) struct Line {
    waiters: Waiters<Waiter>,
    /// Waiters with this turn or a later one were refused.
    refused_from: u64,
}

#[derive(Debug)]
struct Waiter {
    wanted: usize,
    missing: usize,
    waker: Waker,
}

/// Why permits were not to be had at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Closed,
    NoPermits,
}

/// The permits are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed;

impl Permits {
    /// # Panics
    /// If `count` is more than [`MAX`].
    #[track_caller]
    pub(super) fn new(count: usize) -> Self {
        assert!(count <= MAX, "{}", TooMany(count));
        Permits {
            word: AtomicUsize::new(count << SHIFT),
            line: Mutex::new(Line::new()),
            served: Served::new(),
        }
    }

    /// Permits that nobody gets: closed from the start.
    pub(super) fn closed() -> Self {
        Permits {
            word: AtomicUsize::new(CLOSED),
            line: Mutex::new(Line::new()),
            served: Served::new(),
        }
    }

    #[inline]
    pub(super) fn available(&self) -> usize {
        self.word.load(Ordering::Acquire) >> SHIFT
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.word.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Takes `count` permits if they are there and nobody waits.
    #[inline]
    pub(super) fn try_acquire(&self, count: usize) -> Result<(), Refusal> {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if word & CLOSED != 0 {
                // ORDERING: pairs with `close`: what was done before it is visible from here on.
                let _ = self.word.load(Ordering::Acquire);
                return Err(Refusal::Closed);
            }
            if word >> SHIFT < count {
                return Err(Refusal::NoPermits);
            }
            let less = word - (count << SHIFT);
            match self
                .word
                .compare_exchange_weak(word, less, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return Ok(()),
                Err(now) => word = now,
            }
        }
    }

    /// Takes `count` permits, waiting in line for them. `at` is where the user asks.
    #[inline]
    pub(super) fn acquire(
        &self,
        count: usize,
        kind: Kind,
        at: &'static Location<'static>,
    ) -> Acquire<'_> {
        Acquire::new(self, Wait::new(count, kind, at))
    }

    /// Gives `count` permits back, or adds new ones.
    ///
    /// # Panics
    /// If there would be more than [`MAX`].
    #[inline]
    #[track_caller]
    pub(super) fn release(&self, count: usize) {
        if count == 0 {
            return;
        }
        let mut word = self.word.load(Ordering::Relaxed);
        while word & WAITERS == 0 {
            let total = (word >> SHIFT).saturating_add(count);
            assert!(total <= MAX, "{}", TooMany(total));
            let more = word + (count << SHIFT);
            match self
                .word
                .compare_exchange_weak(word, more, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
        assert!(count <= MAX, "{}", TooMany(count));
        match count {
            1 => self.hand_out_one(),
            _ => self.hand_out(count),
        }
    }

    /// Takes up to `count` permits out for good, and says how many.
    pub(super) fn forget(&self, count: usize) -> usize {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let taken = count.min(word >> SHIFT);
            match self.word.compare_exchange_weak(
                word,
                word - (taken << SHIFT),
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => return taken,
                Err(now) => word = now,
            }
        }
    }

    /// Refuses whoever waits and whoever comes from now on.
    pub(super) fn close(&self) {
        let mut line = self.line.lock();
        if self.word.fetch_or(CLOSED, Ordering::AcqRel) & CLOSED != 0 {
            return;
        }
        line.refused_from = line.waiters.front_turn();
        let had = line
            .waiters
            .front_mut()
            .map_or(0, |first| first.wanted - first.missing);
        let refused = line.waiters.take();
        self.end_of_line(had);
        drop(line);
        refused.wake_all(|waiter| waiter.waker);
    }

    /// One permit goes to the first of the line: at most one waker, no batch.
    #[cold]
    fn hand_out_one(&self) {
        let mut line = self.line.lock();
        let served = match line.waiters.front_mut() {
            Some(first) => {
                first.missing -= 1;
                match first.missing {
                    0 => self.serve(&mut line),
                    _ => None,
                }
            }
            None => {
                self.end_of_line(1);
                return;
            }
        };
        if line.waiters.is_empty() {
            self.end_of_line(0);
        }
        drop(line);
        if let Some(waiter) = served {
            waiter.waker.wake();
        }
    }

    /// Permits go to the first of the line, then to the next; the rest to the word.
    #[cold]
    fn hand_out(&self, count: usize) {
        let mut left = count;
        wake_in_rounds(|batch| {
            let mut line = self.line.lock();
            while let Some(first) = line.waiters.front_mut() {
                if !batch.has_room(1) {
                    return Round::More;
                }
                let given = first.missing.min(left);
                first.missing -= given;
                left -= given;
                if first.missing > 0 {
                    return Round::Last;
                }
                if let Some(served) = self.serve(&mut line) {
                    batch.push(served.waker);
                }
            }
            self.end_of_line(std::mem::take(&mut left));
            Round::Last
        });
    }

    /// Under the lock: the first has all that it wanted.
    fn serve(&self, line: &mut Line) -> Option<Waiter> {
        let served = line.waiters.pop_front();
        self.served.set(line.waiters.front_turn());
        served
    }

    /// Under the lock: the line is empty, and `left` permits are over.
    fn end_of_line(&self, left: usize) {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let total = (word >> SHIFT).saturating_add(left);
            assert!(total <= MAX, "{}", TooMany(total));
            let next = (word & !WAITERS) + (left << SHIFT);
            if word & WAITERS != 0 {
                // Nobody else changes it.
                self.word.store(next, Ordering::Release);
                return;
            }
            match self
                .word
                .compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    /// Joins the line, unless the permits are there after all.
    fn join(&self, count: usize, waker: &Waker) -> Joined {
        // Before the lock is taken, and so dropped after it is released.
        let waker = waker.clone();
        let mut line = self.line.lock();
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let there = word >> SHIFT;
            if word == WAITERS && count > 0 {
                break;
            }
            let (next, granted) = match there.checked_sub(count) {
                _ if word & CLOSED != 0 => return Joined::Closed,
                Some(rest) => ((word & WAITERS) | (rest << SHIFT), true),
                None => (WAITERS, false),
            };
            match self
                .word
                .compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) if granted => return Joined::Granted,
                Ok(_) => break,
                Err(now) => word = now,
            }
        }
        Joined::Waiting(line.waiters.push_back(Waiter {
            wanted: count,
            missing: count - (word >> SHIFT),
            waker,
        }))
    }

    /// What has become of a waiter; if nothing yet, its waker is brought up to date.
    fn look(&self, key: Key, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        if self.served.has(key) {
            return Poll::Ready(Ok(()));
        }
        let mut line = self.line.lock();
        match line.waiters.get_mut(key) {
            Some(waiter) if waiter.waker.will_wake(cx.waker()) => return Poll::Pending,
            Some(_) => {}
            None => return Poll::Ready(line.verdict(key)),
        }
        drop(line);
        let mut waker = cx.waker().clone();
        let mut line = self.line.lock();
        let outcome = match line.waiters.get_mut(key) {
            Some(waiter) => {
                std::mem::swap(&mut waiter.waker, &mut waker);
                Poll::Pending
            }
            None => Poll::Ready(line.verdict(key)),
        };
        drop(line);
        outcome
    }

    /// A waiter leaves; what it was given goes on to the next.
    fn leave(&self, key: Key, count: usize) {
        if self.served.has(key) {
            self.release(count);
            return;
        }
        let mut line = self.line.lock();
        let left = line.waiters.remove(key);
        let had = match &left {
            Some(waiter) => waiter.wanted - waiter.missing,
            None if line.verdict(key).is_ok() => count,
            None => 0,
        };
        let ended = left.is_some() && line.waiters.is_empty();
        if ended {
            self.end_of_line(had);
        }
        drop(line);
        if !ended && had > 0 {
            self.release(had);
        }
    }
}

impl Line {
    pub(super) const fn new() -> Self {
        Line {
            waiters: Waiters::new(),
            refused_from: u64::MAX,
        }
    }

    /// What became of a waiter that is in line no more.
    fn verdict(&self, key: Key) -> Result<(), Closed> {
        if key.turn() < self.refused_from {
            Ok(())
        } else {
            Err(Closed)
        }
    }
}

/// What came of joining the line.
enum Joined {
    Granted,
    Closed,
    Waiting(Key),
}

/// The message for a count that does not fit.
struct TooMany(usize);

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} permits are more than a semaphore can hold: stay at or below \
             Semaphore::MAX_PERMITS ({MAX})",
            self.0
        )
    }
}

#[cfg(all(test, loom))]
mod models;
