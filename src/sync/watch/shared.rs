//! What all sides of a watch channel share.
//!
//! ```text
//!   word:  │ version … │ WAITING │ CLOSED │
//! ```
//!
//! Invariants:
//! 1. The version changes under the value's lock, so whoever holds that finds the version
//!    of the value that he sees. It wraps; versions are asked only whether they are equal.
//! 2. While somebody is in line WAITING is set. It is set and taken away under the line's
//!    lock. Whoever changes the version or sets CLOSED sees WAITING in the same operation, and
//!    then takes the lock and wakes the line. Who joins looks at the version when WAITING is
//!    set, with the lock held: either he sees the change, or whoever makes it has the lock
//!    after him and finds him.
//! 3. CLOSED never goes away.
//!
//! ORDERING: all changes of the word are AcqRel, so that a receiver that sees a version has
//! seen what the sender did before. The value is ordered by its lock.
//!
//! # Rejected
//!
//! A line for each of four groups of threads, so that two workers whose tasks begin to wait
//! do not meet in a lock: with 8 receivers and two workers within the noise, for 400 bytes more.

use super::error::RecvError;
use crate::base::sync::atomic::{AtomicU64, Ordering};
use crate::base::sync::{Mutex, RwLock};
use crate::base::waiters::{Key, Waiters};
use crate::sync::handles::{Counts, Side};
use crate::sync::lines::{Closing, Served, enlist, wake_line};
use std::fmt;
use std::task::{Context, Poll, Waker};

const CLOSED: u64 = 1;
const WAITING: u64 = 2;
const VERSION: u64 = 4;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Shared<T> {
    pub(super) value: RwLock<T>,
    word: AtomicU64,
    /// Receivers that wait for a change.
    line: Mutex<Waiters<Waker>>,
    served: Served,
    /// Those who wait for the last receiver to go.
    closing: Mutex<Waiters<Waker>>,
    pub(super) senders: Counts,
    pub(super) receivers: Counts,
}

/// Which value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version(u64);

impl Version {
    /// One that is not this one.
    pub(super) fn other(self) -> Self {
        Version(self.0.wrapping_sub(VERSION))
    }
}

impl<T> Shared<T> {
    /// A channel whose first value has the version with the number `start`.
    pub(super) fn new(init: T, start: u64) -> Self {
        Shared {
            value: RwLock::new(init),
            word: AtomicU64::new(start & !(WAITING | CLOSED)),
            line: Mutex::new(Waiters::new()),
            served: Served::new(),
            closing: Mutex::new(Waiters::new()),
            senders: Counts::new(),
            receivers: Counts::new(),
        }
    }

    /// What a dump calls this channel.
    pub(super) fn resource(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64
    }

    pub(super) fn version(&self) -> Version {
        version_of(self.word.load(Ordering::Acquire))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.word.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Changes the value; the change is one if `modify` says so.
    pub(super) fn modify(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        let mut value = self.value.write();
        if !modify(&mut value) {
            return false;
        }
        let before = self.word.fetch_add(VERSION, Ordering::AcqRel);
        drop(value);
        if before & WAITING != 0 {
            self.wake();
        }
        true
    }

    /// Whether there is another version than the one that was `seen`, or none will come.
    pub(super) fn look(&self, seen: Version) -> Poll<Result<Version, RecvError>> {
        outcome(self.word.load(Ordering::Acquire), seen)
    }

    /// The same, but in line if it is `Pending`.
    pub(super) fn join(
        &self,
        seen: Version,
        key: &mut Option<Key>,
        cx: &Context<'_>,
    ) -> Poll<Result<Version, RecvError>> {
        let mut spare = key.is_none().then(|| cx.waker().clone());
        loop {
            let mut line = self.line.lock();
            let outcome = outcome(self.announce(), seen);
            if outcome.is_ready() || enlist(&mut line, key, cx, &mut spare) {
                drop(line);
                return outcome;
            }
            drop(line);
            spare = Some(cx.waker().clone());
        }
    }

    /// Under the line's lock: from here on, who sends knows of the line. Returns the word.
    fn announce(&self) -> u64 {
        let word = self.word.load(Ordering::Acquire);
        match word & WAITING {
            0 => self.word.fetch_or(WAITING, Ordering::AcqRel),
            _ => word,
        }
    }

    /// Takes a waiter out of the line. The waker is to be dropped.
    pub(super) fn leave(&self, key: Key) -> Option<Waker> {
        if self.served.has(key) {
            return None;
        }
        let mut line = self.line.lock();
        let left = line.remove(key);
        if line.is_empty() {
            self.nobody_waits();
        }
        left
    }

    #[cold]
    fn wake(&self) {
        let line = self.line.lock();
        wake_line(
            &self.line,
            line,
            |line| line,
            &self.served,
            || self.nobody_waits(),
        );
    }

    /// Under the line's lock, with the line empty.
    fn nobody_waits(&self) {
        self.word.fetch_and(!WAITING, Ordering::AcqRel);
    }
}

impl<T: fmt::Debug> Shared<T> {
    /// Tells the value, unless somebody is changing it.
    pub(super) fn describe(&self, mut to: fmt::DebugStruct<'_, '_>) -> fmt::Result {
        match self.value.try_read() {
            Some(value) => to.field("value", &&*value),
            None => to.field("value", &format_args!("<locked>")),
        };
        to.finish_non_exhaustive()
    }
}

fn version_of(word: u64) -> Version {
    Version(word & !(WAITING | CLOSED))
}

fn outcome(word: u64, seen: Version) -> Poll<Result<Version, RecvError>> {
    let version = version_of(word);
    if version != seen {
        Poll::Ready(Ok(version))
    } else if word & CLOSED != 0 {
        Poll::Ready(Err(RecvError(())))
    } else {
        Poll::Pending
    }
}

/// The side of the senders.
pub(super) struct Senders;

/// The side of the receivers.
pub(super) struct Receivers;

impl<T> Side<Shared<T>> for Senders {
    fn counts(shared: &Shared<T>) -> &Counts {
        &shared.senders
    }

    fn last_gone(shared: &Shared<T>) {
        if shared.word.fetch_or(CLOSED, Ordering::AcqRel) & WAITING != 0 {
            shared.wake();
        }
    }
}

impl<T> Side<Shared<T>> for Receivers {
    fn counts(shared: &Shared<T>) -> &Counts {
        &shared.receivers
    }

    fn last_gone(shared: &Shared<T>) {
        let closing = shared.closing.lock().take();
        closing.wake_all(|waker| waker);
    }
}

impl<T> Closing for Shared<T> {
    fn look<R>(&self, look: impl FnOnce(bool, &mut Waiters<Waker>) -> R) -> R {
        // The last to go counts itself off before it takes the lock.
        let mut closing = self.closing.lock();
        look(self.receivers.strong() == 0, &mut closing)
    }
}
