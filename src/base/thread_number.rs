//! A number for each thread: 0, 1, 2 and so on, in the order in which they first ask.
//!
//! For what is there several times over so that not all threads write one line: a thread takes the
//! one of its number, always the same, and threads spread evenly.

use super::sync::local;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// A static, so it is std's. It hands nothing over.
static NEXT: AtomicU32 = AtomicU32::new(1);

local! {
    /// One more than [`here`], or 0 as long as nobody has asked.
    static NUMBER: Cell<u32> = Cell::new(0);
}

local! {
    /// How many turns the thread has taken.
    static TURNS: Cell<u32> = Cell::new(0);
}

/// The current thread's, below `of`.
#[inline]
pub(crate) fn here(of: usize) -> usize {
    NUMBER.with(|number| {
        if number.get() == 0 {
            number.set(NEXT.fetch_add(1, Ordering::Relaxed).max(1));
        }
        (number.get() - 1) as usize % of
    })
}

/// Another one below `of` each time, one after the other: for what a thread deals out to all.
pub(crate) fn in_turn(of: usize) -> usize {
    let turn = TURNS.with(|turns| turns.replace(turns.get().wrapping_add(1)));
    (here(of) + turn as usize) % of
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_thread_keeps_its_number() {
        let first = here(1 << 20);
        let other = thread::spawn(|| here(1 << 20)).join().unwrap();
        assert_ne!(other, first);
        assert_eq!(here(1 << 20), first);
        assert_eq!(here(1), 0);
    }

    #[test]
    fn turns_go_round() {
        let turns: Vec<usize> = (0..6).map(|_| in_turn(3)).collect();
        assert_eq!(turns[..3], turns[3..]);
        assert_eq!(turns[..3].iter().sum::<usize>(), 3, "all three");
    }
}
