//! The line of one side: senders that wait for slots, or receivers that wait for values.

use crate::base::waiters::{Key, Waiters};
use std::task::Waker;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Line {
    waiters: Waiters<Waker>,
    /// How many were granted what they waited for, and have not come for it.
    granted: usize,
    /// Waiters with this turn or a later one were refused: the line is served in order.
    refused_from: u64,
}

impl Line {
    pub(super) fn new() -> Self {
        Line {
            waiters: Waiters::new(),
            granted: 0,
            refused_from: u64::MAX,
        }
    }

    pub(super) fn waiters(&mut self) -> &mut Waiters<Waker> {
        &mut self.waiters
    }

    pub(super) fn granted(&self) -> usize {
        self.granted
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiters.is_empty()
    }

    /// Grants one to the first, who is to be woken.
    pub(super) fn grant(&mut self) -> Option<Waker> {
        let waker = self.waiters.pop_front()?;
        self.granted += 1;
        Some(waker)
    }

    /// Refuses all who are in line, who are to be woken.
    pub(super) fn refuse(&mut self) -> Waiters<Waker> {
        self.refused_from = self.refused_from.min(self.waiters.front_turn());
        self.waiters.take()
    }

    /// One who is in line no more comes for, or gives up, what he was granted. Returns
    /// whether he was.
    pub(super) fn settle(&mut self, key: Key) -> bool {
        let granted = key.turn() < self.refused_from;
        if granted {
            self.granted -= 1;
        }
        granted
    }
}
