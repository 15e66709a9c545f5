//! The readiness word: one direction of one source.
//!
//! ```text
//!  63            32 31              6 5     4        3            2           1        0
//! +----------------+----+-----------+-----+--------+------------+-----------+--------+--------+
//! | stamp          |SHUT|     0     |ERROR|PRIORITY|WRITE_CLOSED|READ_CLOSED|WRITABLE|READABLE|
//! +----------------+----+-----------+-----+--------+------------+-----------+--------+--------+
//! ```
//!
//! The stamp counts the events that were delivered to this word. Whoever has tried an
//! operation in vain clears the readiness it saw, but only if the stamp is still the
//! one it saw: an event that came in between stays. Read and write have words of
//! their own, so that traffic in one direction never keeps the other from clearing,
//! and exceptions (urgent data, errors) have a third, so that a reader does not clear
//! what somebody else waits for.
//!
//! What an event puts where:
//!
//! | word | bits | satisfied by | cleared by `clear` |
//! |---|---|---|---|
//! | Read | READABLE, READ_CLOSED, and ERROR and PRIORITY as remarks | READABLE, READ_CLOSED | READABLE, ERROR |
//! | Write | WRITABLE, WRITE_CLOSED, and ERROR as a remark | WRITABLE, WRITE_CLOSED | WRITABLE, ERROR |
//! | Except | PRIORITY, ERROR, READ_CLOSED | what the waiter is interested in | PRIORITY, ERROR |
//!
//! An error makes both directions ready: the next operation reports it, whichever it
//! is. (An ICMP error on a datagram socket comes with no other bit; without this a
//! task in `recv` would not hear of it.) The remarks say that a short read does not
//! mean a drained source, see [`Event::is_plain`].
//!
//! The closed bits stay, except for one case: see [`Word::cleared`].

use super::{Interest, Ready};

/// Which of an entry's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    Read = 0,
    Write = 1,
    Except = 2,
}

pub(super) const DIRECTIONS: [Direction; 3] =
    [Direction::Read, Direction::Write, Direction::Except];

/// The registry was closed: the runtime is gone.
const SHUT: u32 = 1 << 31;

/// Added to a word, counts its stamp up. (It wraps out of the word.)
pub(super) const ONE_EVENT: u64 = 1 << 32;

const READABLE: u32 = Ready::READABLE.bits() as u32;
const WRITABLE: u32 = Ready::WRITABLE.bits() as u32;
const READ_CLOSED: u32 = Ready::READ_CLOSED.bits() as u32;
const WRITE_CLOSED: u32 = Ready::WRITE_CLOSED.bits() as u32;
const PRIORITY: u32 = Ready::PRIORITY.bits() as u32;
const ERROR: u32 = Ready::ERROR.bits() as u32;

/// The content of a readiness word. See the [module](self).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Word(pub(super) u64);

impl Word {
    pub(super) const fn new(stamp: u32, bits: u32) -> Word {
        Word((stamp as u64) << 32 | bits as u64)
    }

    pub(super) const fn stamp(self) -> u32 {
        (self.0 >> 32) as u32
    }

    const fn bits(self) -> u32 {
        self.0 as u32
    }

    /// The bits that an event with `ready` puts into the word of `direction`.
    pub(super) fn delivered(direction: Direction, ready: Ready) -> u32 {
        let bits = u32::from(ready.bits());
        let (wanted, remarks, main) = match direction {
            Direction::Read => (READABLE | READ_CLOSED, ERROR | PRIORITY, READABLE),
            Direction::Write => (WRITABLE | WRITE_CLOSED, ERROR, WRITABLE),
            Direction::Except => return bits & (PRIORITY | ERROR | READ_CLOSED),
        };
        if bits & ERROR != 0 {
            bits & (wanted | remarks) | main
        } else if bits & wanted != 0 {
            bits & (wanted | remarks)
        } else {
            0
        }
    }

    /// Whether an event with `ready` can satisfy a waiter with `interest`.
    pub(super) fn concerns(ready: Ready, interest: Interest) -> bool {
        DIRECTIONS
            .into_iter()
            .any(|direction| Word::delivered(direction, ready) & wanted(direction, interest) != 0)
    }

    /// What makes a word shut for ever.
    pub(super) const SHUT: Word = Word::new(0, SHUT);

    /// This word for the next occupant of the entry.
    pub(super) fn renewed(self, bits: u32) -> Word {
        Word::new(self.stamp().wrapping_add(1), self.bits() & SHUT | bits)
    }

    /// What a waiter with `interest` sees in this word.
    #[inline]
    pub(super) fn seen(self, direction: Direction, interest: Interest) -> Event {
        let remarks = match direction {
            Direction::Read if interest.is_readable() => ERROR | PRIORITY,
            Direction::Write if interest.is_writable() => ERROR,
            _ => 0,
        };
        Event {
            word: self,
            wanted: self.bits() & (wanted(direction, interest) | SHUT),
            remarks: self.bits() & remarks,
        }
    }

    /// This word without the readiness that `event` told of, after an operation that
    /// would have to wait in spite of it; `None` if there is nothing to be cleared, or
    /// if a newer event was delivered.
    ///
    /// Closed stays closed: it is told once, and what was readable as well may have
    /// been used up by somebody else. But if "closed" was *all* that was seen, then
    /// the operation has shown that it is not true, or no longer: a source that is
    /// closed never makes anyone wait. A datagram socket that had an error to report
    /// says so, and a named pipe that has been opened by another writer since. To keep
    /// the bit would mean to try again for ever. Nothing is lost: if the source was
    /// closed after the operation, then this was a newer event.
    #[inline]
    pub(super) fn cleared(self, direction: Direction, event: Event) -> Option<Word> {
        let clear = match (event.wanted | event.remarks) & clearable(direction) {
            0 => event.wanted & (READ_CLOSED | WRITE_CLOSED),
            clear => clear,
        };
        if self.stamp() != event.word.stamp() || self.bits() & clear == 0 {
            return None;
        }
        Some(Word::new(self.stamp(), self.bits() & !clear))
    }
}

/// The bits of the word of `direction` that satisfy `interest`.
#[inline]
fn wanted(direction: Direction, interest: Interest) -> u32 {
    match direction {
        Direction::Read if interest.is_readable() => READABLE | READ_CLOSED,
        Direction::Write if interest.is_writable() => WRITABLE | WRITE_CLOSED,
        Direction::Except if interest.is_priority() => {
            u32::from(interest.mask().bits()) & (PRIORITY | ERROR | READ_CLOSED)
        }
        Direction::Except if interest.is_error() => ERROR,
        _ => 0,
    }
}

#[inline]
fn clearable(direction: Direction) -> u32 {
    match direction {
        Direction::Read => READABLE | ERROR,
        Direction::Write => WRITABLE | ERROR,
        Direction::Except => PRIORITY | ERROR,
    }
}

/// What was seen in one word, at one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Event {
    /// The word as it was.
    pub(super) word: Word,
    /// What satisfies the wait, and SHUT.
    wanted: u32,
    /// What else is known.
    remarks: u32,
}

impl Event {
    /// Whether there is a reason to go on: readiness, or the end of the registry.
    #[inline]
    pub(crate) fn is_some(self) -> bool {
        self.wanted != 0
    }

    /// Whether the registry was closed.
    #[inline]
    pub(crate) fn is_shut(self) -> bool {
        self.wanted & SHUT != 0
    }

    pub(crate) fn ready(self) -> Ready {
        Ready::from_bits(self.wanted as u8)
    }

    /// This event as if it had told nothing of `ready`.
    pub(crate) fn without(self, ready: Ready) -> Event {
        let kept = !u32::from(ready.bits());
        Event {
            wanted: self.wanted & kept,
            remarks: self.remarks & kept,
            ..self
        }
    }

    /// Whether all that is known is "ready": no end, no error, no urgent data. Only
    /// then does a read that fills a part of the buffer, or a write that takes a part
    /// of it, show that the source is exhausted (epoll(7), on edge-triggered use). An
    /// end or an error waits *behind* the data and gives no event of its own any more,
    /// and a read stops short at the mark of urgent data.
    #[inline]
    pub(crate) fn is_plain(self) -> bool {
        self.remarks == 0 && self.wanted & !(READABLE | WRITABLE) == 0
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn deliver(word: Word, direction: Direction, ready: Ready) -> Word {
        let bits = Word::delivered(direction, ready);
        Word(word.0.wrapping_add(ONE_EVENT) | u64::from(bits))
    }

    const EMPTY: Word = Word::new(0, 0);

    #[test]
    fn what_came_after_the_look_is_not_cleared_also_where_the_stamp_wraps() {
        for stamp in [0, 1, 0xFF, u32::MAX - 1, u32::MAX] {
            let word = deliver(Word::new(stamp, 0), Direction::Read, Ready::READABLE);
            let event = word.seen(Direction::Read, Interest::READABLE);
            assert!(event.is_some());
            let newer = deliver(word, Direction::Read, Ready::READABLE);
            assert_eq!(newer.cleared(Direction::Read, event), None);
            let cleared = word
                .cleared(Direction::Read, event)
                .expect("the same stamp");
            assert!(!cleared.seen(Direction::Read, Interest::READABLE).is_some());
            assert_eq!(cleared.stamp(), stamp.wrapping_add(1));
        }
    }

    #[test]
    fn closed_bits_stay_until_an_operation_proves_them_wrong() {
        let end = Ready::READABLE | Ready::READ_CLOSED;
        let word = deliver(EMPTY, Direction::Read, end);
        let event = word.seen(Direction::Read, Interest::READABLE);
        assert_eq!(event.ready(), end);
        assert!(!event.is_plain());
        let cleared = word.cleared(Direction::Read, event).expect("was readable");
        let still = cleared.seen(Direction::Read, Interest::READABLE);
        assert_eq!(still.ready(), Ready::READ_CLOSED);
        let taken_back = cleared.cleared(Direction::Read, still).expect("closed");
        assert!(
            !taken_back
                .seen(Direction::Read, Interest::READABLE)
                .is_some()
        );
        let newer = deliver(cleared, Direction::Read, Ready::READ_CLOSED);
        assert_eq!(newer.cleared(Direction::Read, still), None);
    }

    #[test]
    fn an_error_makes_both_directions_ready_and_a_half_close_only_one() {
        for direction in [Direction::Read, Direction::Write] {
            assert_ne!(Word::delivered(direction, Ready::ERROR), 0);
        }
        assert_eq!(Word::delivered(Direction::Write, Ready::READ_CLOSED), 0);
        assert_eq!(Word::delivered(Direction::Read, Ready::WRITE_CLOSED), 0);
        assert_eq!(Word::delivered(Direction::Except, Ready::WRITABLE), 0);
        assert!(Word::concerns(Ready::ERROR, Interest::READABLE));
        assert!(Word::concerns(Ready::ERROR, Interest::ERROR));
        assert!(!Word::concerns(Ready::READABLE, Interest::ERROR));
        assert!(!Word::concerns(Ready::READ_CLOSED, Interest::WRITABLE));
    }

    #[test]
    fn an_error_is_cleared_by_the_direction_that_has_seen_it_and_the_word_is_plain_again() {
        let word = deliver(EMPTY, Direction::Write, Ready::ERROR | Ready::WRITABLE);
        let event = word.seen(Direction::Write, Interest::WRITABLE);
        assert!(event.is_some() && !event.is_plain());
        let word = word
            .cleared(Direction::Write, event)
            .expect("the same stamp");
        let word = deliver(word, Direction::Write, Ready::WRITABLE);
        assert!(word.seen(Direction::Write, Interest::WRITABLE).is_plain());
    }

    #[test]
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn urgent_data_is_remembered_by_the_reader_and_cleared_by_who_waits_for_it() {
        let urgent = Ready::READABLE | Ready::PRIORITY;
        let word = deliver(EMPTY, Direction::Read, urgent);
        let event = word.seen(Direction::Read, Interest::READABLE);
        assert_eq!(event.ready(), Ready::READABLE);
        assert!(!event.is_plain());
        let word = word
            .cleared(Direction::Read, event)
            .expect("the same stamp");
        let word = deliver(word, Direction::Read, Ready::READABLE);
        assert!(!word.seen(Direction::Read, Interest::READABLE).is_plain());

        let word = deliver(EMPTY, Direction::Except, urgent | Ready::ERROR);
        let event = word.seen(Direction::Except, Interest::PRIORITY);
        assert_eq!(event.ready(), Ready::PRIORITY);
        let word = word
            .cleared(Direction::Except, event)
            .expect("the same stamp");
        let left = word.seen(Direction::Except, Interest::ERROR);
        assert_eq!(left.ready(), Ready::ERROR, "somebody else waits for that");
    }

    #[test]
    fn a_shut_word_stays_shut() {
        let word = Word(EMPTY.0 | Word::SHUT.0);
        let event = word.seen(Direction::Read, Interest::READABLE);
        assert!(event.is_some() && event.is_shut() && !event.is_plain());
        assert_eq!(event.ready(), Ready::EMPTY);
        assert_eq!(word.cleared(Direction::Read, event), None);
        let next = word.renewed(0);
        assert!(next.seen(Direction::Write, Interest::WRITABLE).is_shut());
    }
}
