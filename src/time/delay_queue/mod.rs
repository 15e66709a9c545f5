//! A queue of values, each of which comes out when its time has come.
//!
//! The values lie in a slab; a [wheel](crate::wheel) knows when each is due, and one timer of the runtime
//! waits for the first of them. Entering, resetting and removing cost the same however many
//! there are, and allocate nothing once the queue has grown.
//!
//! ```text
//!   insert ─▶ slab + wheel ─▶ first deadline ─▶ timer ─▶ poll_expired takes out what is due
//! ```
//!
//! Whoever polled last is woken when a value comes in that is due earlier than what the timer
//! waits for, and when the last value goes. A timer that fires for a value that was removed
//! meanwhile is set anew.
//!
//! A [`Key`] is a place and a number that no other value of the queue ever gets, so an old
//! one finds nothing. [`DelayQueue::compact`] moves values; where those with an old key are
//! now is written down until they go.

mod entries;

pub use entries::Key;

use super::sleep::{State, Timer};
use super::{Duration, Instant};
use crate::base::{budget, wait};
use entries::{Entries, Entry};
use futures_core::Stream;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

/// What no deadline reaches.
const NEVER: u64 = u64::MAX;

/// Values that come out one by one, each when its deadline has come.
///
/// For many time-outs in one task: sessions that expire, requests to send once more, entries of
/// a cache. It is a [`Stream`] of [`Expired`] values; [`poll_expired`](Self::poll_expired) is
/// the same without the trait. It yields `None` when it is empty, and goes on when something
/// is inserted after that.
///
/// Values come out in the order of their deadlines; those within the same 65.5 µs, the grain of
/// the wheel, in the order in which they were inserted.
///
/// # Examples
///
/// ```
/// use futures::StreamExt;
/// use runtime::time::{DelayQueue, Duration};
///
/// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
/// let mut queue = DelayQueue::new();
/// queue.insert("late", Duration::from_secs(2));
/// let key = queue.insert("never", Duration::from_secs(3));
/// queue.insert("early", Duration::from_secs(1));
/// queue.remove(&key);
///
/// assert_eq!(queue.next().await.unwrap().into_inner(), "early");
/// assert_eq!(queue.next().await.unwrap().into_inner(), "late");
/// assert!(queue.next().await.is_none());
/// # });
/// ```
pub struct DelayQueue<T> {
    entries: Entries<T>,
    /// Time zero of the wheel.
    start: Instant,
    /// Up to when the clock was read.
    seen: u64,
    /// Made when there is something to wait for.
    timer: Option<Timer>,
    /// What the timer, or whoever polled last, waits for.
    awaited: u64,
    waker: Option<Waker>,
    made_at: &'static Location<'static>,
}

/// A value that has come out of a [`DelayQueue`].
///
/// # Examples
///
/// ```
/// use runtime::time::DelayQueue;
/// use std::future::poll_fn;
/// use std::time::Duration;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut queue = DelayQueue::new();
/// let key = queue.insert("call", Duration::from_millis(1));
/// let expired = poll_fn(|cx| queue.poll_expired(cx)).await.unwrap();
/// assert_eq!(expired.key(), key);
/// assert_eq!(expired.into_inner(), "call");
/// # });
/// ```
#[derive(Debug)]
pub struct Expired<T> {
    value: T,
    deadline: Instant,
    key: Key,
}

impl<T> DelayQueue<T> {
    /// An empty queue.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = runtime::time::DelayQueue::<u8>::new();
    /// assert!(queue.is_empty());
    /// ```
    #[track_caller]
    pub fn new() -> Self {
        DelayQueue::with_capacity(0)
    }

    /// An empty queue with room for so many values.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = runtime::time::DelayQueue::<u8>::with_capacity(10);
    /// assert!(queue.capacity() >= 10);
    /// ```
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> Self {
        DelayQueue {
            entries: Entries::with_capacity(capacity),
            start: Instant::now(),
            seen: 0,
            timer: None,
            awaited: NEVER,
            waker: None,
            made_at: Location::caller(),
        }
    }

    /// Inserts a value that comes out after `timeout`.
    ///
    /// A time that reaches beyond what an `Instant` can say never comes.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration, Instant};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert("value", Duration::from_secs(1));
    /// assert_eq!(queue.deadline(&key), Instant::now() + Duration::from_secs(1));
    /// # });
    /// ```
    pub fn insert(&mut self, value: T, timeout: Duration) -> Key {
        self.insert_at(value, after(timeout))
    }

    /// Inserts a value that comes out at `when`; at once, if that has passed.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::StreamExt;
    /// use runtime::time::{DelayQueue, Instant};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = DelayQueue::new();
    /// queue.insert_at("now", Instant::now());
    /// assert_eq!(queue.next().await.unwrap().into_inner(), "now");
    /// # });
    /// ```
    pub fn insert_at(&mut self, value: T, when: Instant) -> Key {
        let at = self.nanos(when);
        let key = self.entries.insert(value, when, at);
        self.hasten(at);
        key
    }

    /// Polls for the next value whose time has come. `Ready(None)` if the queue is empty.
    ///
    /// # Panics
    ///
    /// As [`sleep`](super::sleep()), if there is something to wait for.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let mut queue = DelayQueue::new();
    /// queue.insert(7, Duration::from_secs(1));
    /// let expired = std::future::poll_fn(|cx| queue.poll_expired(cx)).await;
    /// assert_eq!(expired.unwrap().into_inner(), 7);
    /// # });
    /// ```
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        let location = self.made_at;
        let expired = wait::at(location, || self.poll_next_due(cx));
        match &expired {
            Poll::Ready(Some(_)) => {}
            Poll::Ready(None) => {
                self.awaited = NEVER;
                self.keep_waker(cx);
            }
            Poll::Pending => self.keep_waker(cx),
        }
        expired
    }

    fn poll_next_due(&mut self, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        loop {
            let spent = ready!(budget::poll_proceed(cx));
            if self.entries.is_empty() {
                spent.made_progress();
                return Poll::Ready(None);
            }
            if let Some(entry) = self.pop_due() {
                spent.made_progress();
                return Poll::Ready(Some(expired(entry)));
            }
            // The timer spends it itself.
            drop(spent);
            ready!(self.poll_timer(cx));
            // Time has come to there, also where the timer's runtime has another clock.
            self.seen = self.seen.max(self.awaited);
        }
    }

    /// Takes one out that is due. The clock is read only when nothing is by its last reading.
    fn pop_due(&mut self) -> Option<Entry<T>> {
        if let Some(entry) = self.entries.pop_due(self.seen) {
            return Some(entry);
        }
        self.seen = self.seen.max(self.nanos(Instant::now()));
        self.entries.pop_due(self.seen)
    }

    /// Waits for the first deadline.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let next = self.entries.next_at().unwrap_or(NEVER);
        let deadline = self.start + Duration::from_nanos(next.min(FARTHEST));
        match &mut self.timer {
            Some(timer) if self.awaited == next => return timer.poll(cx),
            Some(timer) => timer.reset(deadline),
            none => *none = Some(Timer::new(deadline, State::Idle)),
        }
        self.awaited = next;
        self.timer
            .as_mut()
            .map_or(Poll::Pending, |timer| timer.poll(cx))
    }

    fn keep_waker(&mut self, cx: &Context<'_>) {
        match &self.waker {
            Some(waker) if waker.will_wake(cx.waker()) => {}
            _ => self.waker = Some(cx.waker().clone()),
        }
    }

    /// Something is due at `at`: who waits for a later time is to poll again.
    fn hasten(&mut self, at: u64) {
        if at < self.awaited {
            self.wake();
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Something was taken out: who waits for the last value waits in vain.
    fn removed(&mut self) {
        if self.entries.is_empty() {
            self.wake();
        }
    }

    /// Takes a value out before its time.
    ///
    /// # Panics
    ///
    /// If the key's value is in the queue no more; see [`try_remove`](Self::try_remove).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert(7, Duration::from_secs(1));
    /// assert_eq!(queue.remove(&key).into_inner(), 7);
    /// ```
    #[track_caller]
    pub fn remove(&mut self, key: &Key) -> Expired<T> {
        match self.try_remove(key) {
            Some(expired) => expired,
            None => no_such_key("remove"),
        }
    }

    /// Takes a value out before its time, if it is still in the queue.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert(7, Duration::from_secs(1));
    /// assert!(queue.try_remove(&key).is_some());
    /// assert!(queue.try_remove(&key).is_none());
    /// ```
    pub fn try_remove(&mut self, key: &Key) -> Option<Expired<T>> {
        let entry = self.entries.remove(key)?;
        self.removed();
        Some(expired(entry))
    }

    /// When the key's value comes out.
    ///
    /// # Panics
    ///
    /// If it is in the queue no more.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration, Instant};
    ///
    /// let mut queue = DelayQueue::new();
    /// let when = Instant::now() + Duration::from_secs(1);
    /// let key = queue.insert_at(7, when);
    /// assert_eq!(queue.deadline(&key), when);
    /// ```
    #[track_caller]
    pub fn deadline(&self, key: &Key) -> Instant {
        match self.entries.deadline(key) {
            Some(deadline) => deadline,
            None => no_such_key("deadline"),
        }
    }

    /// Gives the key's value another deadline.
    ///
    /// # Panics
    ///
    /// If it is in the queue no more.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::StreamExt;
    /// use runtime::time::{DelayQueue, Duration, Instant};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert(7, Duration::from_secs(3600));
    /// queue.reset_at(&key, Instant::now());
    /// assert_eq!(queue.next().await.unwrap().into_inner(), 7);
    /// # });
    /// ```
    #[track_caller]
    pub fn reset_at(&mut self, key: &Key, when: Instant) {
        let at = self.nanos(when);
        if !self.entries.reset(key, when, at) {
            no_such_key("reset_at");
        }
        self.hasten(at);
    }

    /// Gives the key's value a deadline `timeout` from now.
    ///
    /// # Panics
    ///
    /// If it is in the queue no more.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration, Instant};
    ///
    /// # runtime::rt::Builder::new_current_thread().start_paused(true).build().unwrap().block_on(async {
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert(7, Duration::from_secs(1));
    /// queue.reset(&key, Duration::from_secs(5));
    /// assert_eq!(queue.deadline(&key), Instant::now() + Duration::from_secs(5));
    /// # });
    /// ```
    #[track_caller]
    pub fn reset(&mut self, key: &Key, timeout: Duration) {
        self.reset_at(key, after(timeout));
    }

    /// The key of the value that comes out first, whether its time has come or not.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::new();
    /// assert!(queue.peek().is_none());
    /// queue.insert("late", Duration::from_secs(2));
    /// let early = queue.insert("early", Duration::from_secs(1));
    /// assert_eq!(queue.peek(), Some(early));
    /// ```
    pub fn peek(&self) -> Option<Key> {
        self.entries.first()
    }

    /// Drops all values.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::new();
    /// queue.insert(7, Duration::from_secs(1));
    /// queue.clear();
    /// assert!(queue.is_empty());
    /// ```
    pub fn clear(&mut self) {
        let values = self.entries.take();
        self.removed();
        drop(values);
    }

    /// The number of values that there is room for.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = runtime::time::DelayQueue::<u8>::with_capacity(10);
    /// assert_eq!(queue.capacity(), 10);
    /// ```
    pub fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// The number of values, those included whose time has come.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::new();
    /// queue.insert(7, Duration::from_secs(1));
    /// assert_eq!(queue.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no values.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = runtime::time::DelayQueue::<u8>::new();
    /// assert!(queue.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Makes room for so many more values.
    ///
    /// # Panics
    ///
    /// If there is not so much memory that can be addressed.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut queue = runtime::time::DelayQueue::<u8>::new();
    /// queue.reserve(10);
    /// assert!(queue.capacity() >= 10);
    /// ```
    #[track_caller]
    pub fn reserve(&mut self, additional: usize) {
        self.entries.reserve(additional);
    }

    /// Gives back all room that is not needed, by moving values closer together. Keys stay
    /// good, but those of moved values take a longer way to them from then on.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::with_capacity(10);
    /// let first = queue.insert(1, Duration::from_secs(1));
    /// let second = queue.insert(2, Duration::from_secs(1));
    /// queue.remove(&first);
    /// queue.compact();
    /// assert_eq!(queue.capacity(), 1);
    /// assert_eq!(queue.remove(&second).into_inner(), 2);
    /// ```
    pub fn compact(&mut self) {
        self.entries.compact();
    }

    /// Gives back room that is not needed, as far as that can be done without moving values.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::with_capacity(10);
    /// queue.insert(1, Duration::from_secs(1));
    /// queue.shrink_to_fit();
    /// assert_eq!(queue.capacity(), 1);
    /// ```
    pub fn shrink_to_fit(&mut self) {
        self.entries.shrink_to_fit();
    }

    fn nanos(&self, when: Instant) -> u64 {
        let since = when.saturating_duration_since(self.start).as_nanos();
        u64::try_from(since).unwrap_or(FARTHEST).min(FARTHEST)
    }
}

/// As far as deadlines are told apart: some thirty years after the queue was made, which every
/// platform's clock can say.
const FARTHEST: u64 = 86_400 * 365 * 30 * 1_000_000_000;

fn after(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or_else(Instant::far_future)
}

fn expired<T>(entry: Entry<T>) -> Expired<T> {
    Expired {
        value: entry.value,
        deadline: entry.deadline,
        key: entry.key,
    }
}

#[cold]
#[track_caller]
fn no_such_key(method: &str) -> ! {
    panic!(
        "`DelayQueue::{method}` with the key of a value that has left the queue; ask \
         `try_remove` where that may be so"
    )
}

impl<T> Unpin for DelayQueue<T> {}

impl<T> Default for DelayQueue<T> {
    #[track_caller]
    fn default() -> Self {
        DelayQueue::new()
    }
}

impl<T> Stream for DelayQueue<T> {
    type Item = Expired<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        self.get_mut().poll_expired(cx)
    }
}

impl<T: fmt::Debug> fmt::Debug for DelayQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelayQueue")
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

impl<T> Expired<T> {
    /// The value.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert(7, Duration::from_secs(1));
    /// assert_eq!(queue.remove(&key).get_ref(), &7);
    /// ```
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The value.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert(7, Duration::from_secs(1));
    /// let mut expired = queue.remove(&key);
    /// *expired.get_mut() += 1;
    /// assert_eq!(expired.into_inner(), 8);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The value.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert(7, Duration::from_secs(1));
    /// assert_eq!(queue.remove(&key).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.value
    }

    /// When its time came, or would have come.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Instant};
    ///
    /// let mut queue = DelayQueue::new();
    /// let when = Instant::now();
    /// let key = queue.insert_at(7, when);
    /// assert_eq!(queue.remove(&key).deadline(), when);
    /// ```
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The key that it had.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{DelayQueue, Duration};
    ///
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert(7, Duration::from_secs(1));
    /// assert_eq!(queue.remove(&key).key(), key);
    /// ```
    pub fn key(&self) -> Key {
        self.key
    }
}
