//! The keys, their values and deadlines, and the channels.
//!
//! One lock, which is never held across an `.await`: each command is over in microseconds.
//!
//! A value that has a deadline is gone for every reader at that time, and out of memory soon
//! after: [`Store::expire`], one task for all of them, sleeps until the next deadline. It is
//! told only when an earlier one comes than the one that it sleeps for.

use bytes::Bytes;
use runtime::sync::{Notify, broadcast};
use runtime::time::{Duration, Instant, sleep_until};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};

/// How many messages wait for a subscriber; if more come, it is told how many it has missed.
const BACKLOG: usize = 128;

#[derive(Default)]
pub(crate) struct Store {
    state: Mutex<State>,
    /// There is a deadline before the one that `expire` sleeps for.
    earlier: Notify,
}

#[derive(Default)]
struct State {
    entries: HashMap<Bytes, Entry>,
    /// The deadlines of all entries that have one, in order.
    deadlines: BTreeSet<(Instant, Bytes)>,
    channels: HashMap<Bytes, broadcast::Sender<Bytes>>,
}

struct Entry {
    value: Bytes,
    deadline: Option<Instant>,
}

impl Entry {
    fn lives_at(&self, now: Instant) -> bool {
        self.deadline.is_none_or(|deadline| deadline > now)
    }
}

impl Store {
    fn lock(&self) -> MutexGuard<'_, State> {
        // PANIC: nothing panics while it is held.
        self.state.lock().expect("the store is in order")
    }

    pub(crate) fn get(&self, key: &Bytes) -> Option<Bytes> {
        let state = self.lock();
        state.live(key).map(|entry| entry.value.clone())
    }

    pub(crate) fn set(&self, key: Bytes, value: Bytes, lives: Option<Duration>) {
        // A deadline beyond what the clock can say is none.
        let deadline = lives.and_then(|lives| Instant::now().checked_add(lives));
        let is_next = self.lock().put(key, Entry { value, deadline });
        if is_next {
            self.earlier.notify_one();
        }
    }

    /// How many of the keys were there.
    pub(crate) fn delete(&self, keys: &[Bytes]) -> usize {
        let mut state = self.lock();
        let there = |key: &&Bytes| {
            let was_there = state.live(key).is_some();
            state.remove(key);
            was_there
        };
        keys.iter().filter(there).count()
    }

    /// Adds one, and keeps the deadline. What is no number is not touched.
    pub(crate) fn increment(&self, key: &Bytes) -> Result<i64, &'static str> {
        let mut state = self.lock();
        let now = Instant::now();
        let mut deadline = None;
        let mut number: i64 = 0;
        if let Some(entry) = state.live_at(key, now) {
            deadline = entry.deadline;
            let text = std::str::from_utf8(&entry.value).ok();
            let parsed = text.and_then(|text| text.parse().ok());
            number = parsed.ok_or("ERR value is not an integer or out of range")?;
        }
        let number = number
            .checked_add(1)
            .ok_or("ERR increment would overflow")?;
        let value = Bytes::from(number.to_string());
        state.put(key.clone(), Entry { value, deadline });
        Ok(number)
    }

    /// Gives a key a deadline, if it is there. One that has passed removes it.
    pub(crate) fn expire_in(&self, key: &Bytes, seconds: i64) -> bool {
        let mut state = self.lock();
        let Some(entry) = state.live(key) else {
            return false;
        };
        let value = entry.value.clone();
        let mut is_next = false;
        match u64::try_from(seconds) {
            Ok(seconds @ 1..) => {
                let deadline = Instant::now().checked_add(Duration::from_secs(seconds));
                is_next = state.put(key.clone(), Entry { value, deadline });
            }
            _ => state.remove(key),
        }
        drop(state);
        if is_next {
            self.earlier.notify_one();
        }
        true
    }

    /// What is left of a key's life: `None` if there is no such key, `Some(None)` if it lives
    /// for ever.
    pub(crate) fn time_to_live(&self, key: &Bytes) -> Option<Option<Duration>> {
        let state = self.lock();
        let now = Instant::now();
        let entry = state.live_at(key, now)?;
        Some(entry.deadline.map(|deadline| deadline - now))
    }

    /// How many entries are in memory.
    pub(crate) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    pub(crate) fn subscribe(&self, channel: &Bytes) -> broadcast::Receiver<Bytes> {
        let mut state = self.lock();
        let sender = state.channels.entry(channel.clone());
        let sender = sender.or_insert_with(|| broadcast::Sender::new(BACKLOG));
        sender.subscribe()
    }

    /// How many it has reached. A channel that nobody listens to is forgotten.
    pub(crate) fn publish(&self, channel: &Bytes, message: Bytes) -> usize {
        let mut state = self.lock();
        let reached = match state.channels.get(channel) {
            Some(sender) => sender.send(message).unwrap_or(0),
            None => 0,
        };
        if reached == 0 {
            state.channels.remove(channel);
        }
        reached
    }

    /// Removes what has expired, for ever.
    pub(crate) async fn expire(&self) {
        loop {
            let next = self.lock().remove_expired();
            // A permit of `notify_one` is kept, so nothing can slip through in between.
            match next {
                Some(deadline) => runtime::select! {
                    () = sleep_until(deadline) => {}
                    () = self.earlier.notified() => {}
                },
                None => self.earlier.notified().await,
            }
        }
    }
}

impl State {
    fn live(&self, key: &Bytes) -> Option<&Entry> {
        self.live_at(key, Instant::now())
    }

    fn live_at(&self, key: &Bytes, now: Instant) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.lives_at(now))
    }

    /// Tells whether its deadline is the next one of all.
    fn put(&mut self, key: Bytes, entry: Entry) -> bool {
        // What was read is a part of a bigger buffer, which a small part would keep alive.
        let key = Bytes::copy_from_slice(&key);
        self.remove(&key);
        let deadline = entry.deadline;
        let value = Bytes::copy_from_slice(&entry.value);
        self.entries.insert(key.clone(), Entry { value, deadline });
        let Some(deadline) = deadline else {
            return false;
        };
        self.deadlines.insert((deadline, key));
        self.deadlines
            .first()
            .is_some_and(|(first, _)| *first == deadline)
    }

    fn remove(&mut self, key: &Bytes) {
        if let Some((key, entry)) = self.entries.remove_entry(key) {
            if let Some(deadline) = entry.deadline {
                self.deadlines.remove(&(deadline, key));
            }
        }
    }

    /// Returns the next deadline.
    fn remove_expired(&mut self) -> Option<Instant> {
        let now = Instant::now();
        while let Some((deadline, _)) = self.deadlines.first() {
            if *deadline > now {
                return Some(*deadline);
            }
            if let Some((_, key)) = self.deadlines.pop_first() {
                self.entries.remove(&key);
            }
        }
        None
    }
}
