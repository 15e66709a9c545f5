//! [`Notify`]: tells one task, or all, that something has happened; carries no value.
//!
//! A word holds what can be decided without a lock: a state, and above it the number of
//! calls of `notify_waiters` so far.
//!
//! ```text
//!            notify_one              a waiter joins (lock)
//!   NOTIFIED ◀───────── EMPTY ──────────────────────────▶ WAITING
//!       │ └───────────────▲ ▲──────────────────────────────┘ │
//!       │   taken by a poll     notify_waiters               │
//!       └◀───────────────────────────────────────────────────┘
//!               notify_one finds nobody in line (lock)
//! ```
//!
//! A [`Notified`] remembers the number of calls at its creation, so that it hears of
//! every `notify_waiters` since then, polled or not. It joins the line with its first
//! poll or with `enable`. Both `notify_one` and `notify_waiters` *serve*, the one the first of
//! the line, the other all of it: they take waiters out and tell everyone up to which turn
//! that went, so that a waiter learns of it without the lock. `notify_last`, out of turn,
//! *calls* the last instead: the notification lies under the waiter's key until that one
//! comes for it. If a waiter is dropped instead of coming, the notification that it had from
//! one of the former goes on to the next. So it must be known of a turn which of the two has
//! served it: `all_at_once` is one stretch of turns that `notify_waiters` has served. Where
//! that can grow no further, because `notify_one` has served a waiter behind it, or somebody
//! was called and has not come, `notify_waiters` *tells*: it leaves a word under the key.
//!
//! Invariants:
//! 1. While somebody is in line the word is WAITING. It stays so when the line empties,
//!    until a notification finds nobody there: who waits again and again sets it once.
//! 2. Who is in line with a turn before `told_before` was in line during a call of
//!    `notify_waiters` and is being woken by it, 32 at a time with the lock released in
//!    between. Such a waiter is not called by anybody: a `notify_one` or `notify_last`
//!    that finds one wakes the rest of them first.
//! 3. Whose turn was served was in line until it was taken out for that, unless its owner
//!    has come or gone: so nobody is served while one who was told or called has a node
//!    (`outside` counts them); a `notify_one` calls then.
//! 4. Whose turn is in `all_at_once` was not served by a `notify_one`; who was served with
//!    another turn, was.
//! 5. While the word is WAITING it is changed only under the lock.
//!
//! ORDERING: every change of the word, and of the turns that were served, releases and
//! every look acquires, so that what happened before a notification is visible to whoever
//! it reaches. Changes are read-modify-writes, except those that invariant 5 covers.

#[cfg(all(test, loom))]
mod models;
mod wait;

pub use wait::{Notified, OwnedNotified};

use crate::base::batch::WakeBatch;
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::waiters::{Key, Round, Waiters, wake_in_rounds};
use crate::sync::lines::Served;
use std::ops::Range;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::task::Waker;

const EMPTY: usize = 0;
const WAITING: usize = 1;
const NOTIFIED: usize = 2;
const STATE: usize = 3;
/// One call of `notify_waiters`.
const CALL: usize = 4;

/// Notifies one waiting task, or all of them, of an event.
///
/// `notify_one` with nobody waiting is remembered, once, for the next who waits; so a
/// consumer that looks at its condition and then waits misses nothing. `notify_waiters`
/// is not remembered: it reaches the [`Notified`]s that exist.
///
/// # Examples
/// ```
/// use runtime::sync::Notify;
/// # futures::executor::block_on(async {
/// let notify = Notify::new();
/// let waiting = notify.notified();
/// notify.notify_waiters();
/// waiting.await;
///
/// notify.notify_one();
/// notify.notified().await;
/// # });
/// ```
#[derive(Debug)]
pub struct Notify {
    pub(super) word: AtomicUsize,
    pub(super) line: Mutex<Line>,
    pub(super) served: Served,
}

#[derive(Debug)]
pub(super) struct Line {
    waiters: Waiters<Waiter>,
    /// Those in line with an earlier turn are being woken by `notify_waiters`.
    told_before: u64,
    /// Those with these turns were served by `notify_waiters`, or are about to be.
    all_at_once: Range<u64>,
    /// Those whom `notify_one` has served have an earlier turn.
    one_by_one_before: u64,
    /// How many were told or called and have not come for their node yet.
    outside: usize,
}

#[derive(Debug)]
struct Waiter {
    /// None if it was enabled and not polled yet, or is in line no more.
    waker: Option<Waker>,
    lot: Lot,
}

/// What has become of a waiter.
#[derive(Clone, Copy, Debug)]
enum Lot {
    InLine,
    /// By `notify_waiters`.
    Told,
    /// By a notification for one.
    Called(End),
}

/// Which end of the line a notification goes to.
#[derive(Clone, Copy, Debug)]
enum End {
    Front,
    Back,
}

impl Line {
    pub(super) const fn new() -> Self {
        Line {
            waiters: Waiters::new(),
            told_before: 0,
            all_at_once: 0..0,
            one_by_one_before: 0,
            outside: 0,
        }
    }

    /// All who are in line are to be woken.
    fn tell_all(&mut self) {
        self.told_before = self.waiters.next_turn();
        if self.outside > 0 {
            return;
        }
        if self.all_at_once.is_empty() {
            self.all_at_once = self.waiters.front_turn()..self.told_before;
        } else if self.one_by_one_before <= self.all_at_once.end {
            self.all_at_once.end = self.told_before;
        }
    }

    /// Calls or tells a waiter, who is out of the line then.
    fn set_outside(&mut self, end: End, lot: Lot) -> Option<Option<Waker>> {
        let waiter = match end {
            End::Front => self.waiters.call_front()?,
            End::Back => self.waiters.call_back()?,
        };
        waiter.lot = lot;
        self.outside += 1;
        Some(waiter.waker.take())
    }

    /// A waiter comes for its node, or goes.
    fn remove(&mut self, key: Key) -> Option<Waiter> {
        let waiter = self.waiters.remove(key)?;
        if !matches!(waiter.lot, Lot::InLine) {
            self.outside -= 1;
        }
        Some(waiter)
    }
}

impl Notify {
    /// A `Notify` that nobody has notified.
    ///
    /// # Examples
    /// ```
    /// let notify = runtime::sync::Notify::new();
    /// # drop(notify);
    /// ```
    pub fn new() -> Self {
        Notify {
            word: AtomicUsize::new(EMPTY),
            line: Mutex::new(Line::new()),
            served: Served::new(),
        }
    }

    /// Waits for a notification.
    ///
    /// The future hears of each [`notify_waiters`](Self::notify_waiters) from now on, and
    /// takes part in [`notify_one`](Self::notify_one) from its first poll on, or from
    /// [`Notified::enable`].
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let notify = runtime::sync::Notify::new();
    /// notify.notify_one();
    /// notify.notified().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        Notified::new(self, Location::caller())
    }

    /// Waits for a notification, with a future that keeps the `Notify` alive.
    ///
    /// # Cancel safety
    /// Nothing is lost but the place in the queue.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// # futures::executor::block_on(async {
    /// let notify = Arc::new(runtime::sync::Notify::new());
    /// let waiting = notify.clone().notified_owned();
    /// notify.notify_waiters();
    /// waiting.await;
    /// # });
    /// ```
    #[track_caller]
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        OwnedNotified::new(self, Location::caller())
    }

    /// Notifies the one that has waited longest, or the next one to come. Two
    /// notifications for the next one to come are one.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let notify = runtime::sync::Notify::new();
    /// notify.notify_one();
    /// notify.notified().await;
    /// # });
    /// ```
    pub fn notify_one(&self) {
        self.notify(End::Front);
    }

    /// Notifies the one that came last, or the next one to come.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let notify = runtime::sync::Notify::new();
    /// notify.notify_last();
    /// notify.notified().await;
    /// # });
    /// ```
    pub fn notify_last(&self) {
        self.notify(End::Back);
    }

    /// Notifies all that wait now: every [`Notified`] that exists, polled or not.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let notify = runtime::sync::Notify::new();
    /// let (one, two) = (notify.notified(), notify.notified());
    /// notify.notify_waiters();
    /// one.await;
    /// two.await;
    /// # });
    /// ```
    pub fn notify_waiters(&self) {
        let mut word = self.word.load(Ordering::Acquire);
        while word & STATE != WAITING {
            let next = word.wrapping_add(CALL);
            match self.exchange(word, next) {
                Ok(()) => return,
                Err(now) => word = now,
            }
        }
        let mut line = self.line.lock();
        line.tell_all();
        self.word.fetch_add(CALL, Ordering::AcqRel);
        drop(line);
        wake_in_rounds(|batch| self.tell(&mut self.line.lock(), batch));
    }

    fn notify(&self, end: End) {
        let mut word = self.word.load(Ordering::Acquire);
        while word & STATE != WAITING {
            match self.exchange(word, (word & !STATE) | NOTIFIED) {
                Ok(()) => return,
                Err(now) => word = now,
            }
        }
        let mut told = Round::Last;
        let waker = {
            let mut line = self.line.lock();
            if line.waiters.front_turn() < line.told_before {
                told = Round::More;
                None
            } else {
                self.call(&mut line, end)
            }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        if told == Round::More {
            self.notify_after_the_told(end);
        }
    }

    /// [`notify`](Self::notify) while a `notify_waiters` is on its way: helps it first.
    #[cold]
    fn notify_after_the_told(&self, end: End) {
        wake_in_rounds(|batch| {
            let mut line = self.line.lock();
            if self.tell(&mut line, batch) == Round::More || !batch.has_room(1) {
                return Round::More;
            }
            if let Some(waker) = self.call(&mut line, end) {
                batch.push(waker);
            }
            Round::Last
        });
    }

    /// Under the lock: moves those whom `notify_waiters` has told into the batch.
    fn tell(&self, line: &mut Line, batch: &mut WakeBatch) -> Round {
        let first = line.waiters.front_turn();
        let mut round = Round::Last;
        while line.waiters.front_turn() < line.told_before {
            if !batch.has_room(1) {
                round = Round::More;
                break;
            }
            let told = if line.waiters.front_turn() < line.all_at_once.end {
                line.waiters.pop_front().map(|waiter| waiter.waker)
            } else {
                line.set_outside(End::Front, Lot::Told)
            };
            if let Some(waker) = told.flatten() {
                batch.push(waker);
            }
        }
        if first < line.all_at_once.end {
            let last = line.waiters.front_turn().min(line.all_at_once.end);
            self.served.set(last);
        }
        if line.waiters.is_empty() {
            self.end_of_line();
        }
        round
    }

    /// Under the lock: serves or calls one, or remembers the notification if there is no line.
    fn call(&self, line: &mut Line, end: End) -> Option<Waker> {
        let waker = if matches!(end, End::Front) && line.outside == 0 {
            let served = line.waiters.pop_front().map(|waiter| waiter.waker);
            line.one_by_one_before = line.waiters.front_turn();
            self.served.set(line.one_by_one_before);
            served
        } else {
            line.set_outside(end, Lot::Called(end))
        };
        match waker {
            Some(waker) => waker,
            None => {
                self.remember();
                None
            }
        }
    }

    /// Keeps the notification for the next one to come.
    fn remember(&self) {
        let mut word = self.word.load(Ordering::Acquire);
        while let Err(now) = self.exchange(word, (word & !STATE) | NOTIFIED) {
            word = now;
        }
    }

    /// Under the lock, with nobody in line: WAITING goes.
    fn end_of_line(&self) {
        let word = self.word.load(Ordering::Acquire);
        if word & STATE == WAITING {
            self.word.store(word & !STATE, Ordering::Release);
        }
    }

    fn exchange(&self, old: usize, new: usize) -> Result<(), usize> {
        self.word
            .compare_exchange_weak(old, new, Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
    }
}

// No user's value is in there, and a panic leaves nothing half done.
impl UnwindSafe for Notify {}
impl RefUnwindSafe for Notify {}

impl Default for Notify {
    fn default() -> Self {
        Notify::new()
    }
}
