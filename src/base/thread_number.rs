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
}
