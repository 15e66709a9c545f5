//! Blocks the current thread until another one lets it go on.
//!
//! A parker has a token, as `std::thread::park` has, but its own: code that parks
//! the same thread for purposes of its own cannot eat it. [`Unparker::unpark`] leaves
//! the token and wakes the thread if it is parked; [`Parker::park`] consumes it.
//!
//! States of the word: EMPTY, PARKED (the owner sleeps or is about to), TOKEN.
//!
//! ```text
//!            unpark                       park
//!   EMPTY ──────────▶ TOKEN     EMPTY ──────────▶ PARKED
//!     ▲                 │                           │ unpark: TOKEN, and wakes
//!     └───── park ──────┘ ◀─────────────────────────┘
//! ```
//!
//! ORDERING: `unpark` releases, the consuming `swap` in `park` acquires; what
//! happened before `unpark` is visible after `park`. Under it lies the thread's own
//! park, whose stray wake-ups only make the loop look again.

use crate::base::sync::Arc;
use crate::base::sync::atomic::{AtomicU8, Ordering};
use crate::base::sync::thread::{self, Thread};
use std::time::{Duration, Instant};

const EMPTY: u8 = 0;
const PARKED: u8 = 1;
const TOKEN: u8 = 2;

/// The sleeping side; belongs to the thread that made it.
#[derive(Debug)]
pub(crate) struct Parker {
    shared: Arc<Shared>,
}

/// The waking side.
#[derive(Clone, Debug)]
pub(crate) struct Unparker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: AtomicU8,
    thread: Thread,
}

impl Parker {
    /// A parker for the current thread. Only this thread may park it.
    pub(crate) fn new() -> Self {
        Parker {
            shared: Arc::new(Shared {
                state: AtomicU8::new(EMPTY),
                thread: thread::current(),
            }),
        }
    }

    /// Whether it is the current thread's.
    pub(crate) fn is_here(&self) -> bool {
        self.shared.thread.id() == thread::id()
    }

    pub(crate) fn unparker(&self) -> Unparker {
        Unparker {
            shared: self.shared.clone(),
        }
    }

    /// Blocks until there is a token, and consumes it.
    pub(crate) fn park(&self) {
        if !self.announce() {
            return;
        }
        while !self.consume() {
            thread::park();
        }
    }

    /// The same; `asleep` is called first, unless there is a token already. For who is
    /// [counted while awake](Unparker::unpark_counted).
    pub(crate) fn park_counted(&self, asleep: impl FnOnce()) {
        if !self.announce() {
            return;
        }
        asleep();
        while !self.consume() {
            thread::park();
        }
    }

    /// Blocks until there is a token or `limit` has passed. Returns whether a token
    /// was consumed.
    pub(crate) fn park_timeout(&self, limit: Duration) -> bool {
        if !self.announce() {
            return true;
        }
        let Some(end) = Instant::now().checked_add(limit) else {
            while !self.consume() {
                thread::park();
            }
            return true;
        };
        let mut left = limit;
        loop {
            thread::park_timeout(left);
            if self.consume() {
                return true;
            }
            left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || cfg!(all(loom, test)) {
                // The last word: a token that came in now is consumed with it.
                return self.shared.state.swap(EMPTY, Ordering::Acquire) == TOKEN;
            }
        }
    }

    /// EMPTY to PARKED; false if there was a token, which is then consumed.
    fn announce(&self) -> bool {
        let state = &self.shared.state;
        let park = || state.compare_exchange(EMPTY, PARKED, Ordering::Acquire, Ordering::Relaxed);
        // ORDERING: a guess, which the exchange checks.
        if state.load(Ordering::Relaxed) == EMPTY && park().is_ok() {
            return true;
        }
        state.swap(EMPTY, Ordering::Acquire);
        false
    }

    fn consume(&self) -> bool {
        self.shared
            .state
            .compare_exchange(TOKEN, EMPTY, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }
}

impl Unparker {
    /// Whether it is an unparker of `parker`.
    pub(crate) fn unparks(&self, parker: &Parker) -> bool {
        Arc::ptr_eq(&self.shared, &parker.shared)
    }

    /// Leaves the token, and wakes the thread if it is parked.
    pub(crate) fn unpark(&self) {
        if self.shared.state.swap(TOKEN, Ordering::Release) == PARKED {
            self.shared.thread.unpark();
        }
    }

    /// The same, for a thread that is counted while it is awake: who ends its sleep calls `awake`
    /// before, and that counts for the thread. Who finds that another one has ended it meanwhile
    /// calls `asleep`, as the thread does when it [parks](Parker::park_counted).
    pub(crate) fn unpark_counted(&self, awake: impl Fn(), asleep: impl Fn()) {
        let state = &self.shared.state;
        let mut seen = state.load(Ordering::Relaxed);
        loop {
            let is_parked = seen == PARKED;
            if is_parked {
                awake();
            }
            match state.compare_exchange(seen, TOKEN, Ordering::Release, Ordering::Relaxed) {
                Ok(_) if is_parked => return self.shared.thread.unpark(),
                Ok(_) => return,
                Err(_) if is_parked => asleep(),
                Err(_) => {}
            }
            seen = state.load(Ordering::Relaxed);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_until_the_next_park() {
        let parker = Parker::new();
        parker.unparker().unpark();
        parker.unparker().unpark();
        parker.park();
        assert!(!parker.park_timeout(Duration::from_millis(1)));
    }

    #[test]
    fn a_foreign_unpark_of_the_thread_does_not_end_a_park() {
        let parker = Parker::new();
        std::thread::current().unpark();
        assert!(!parker.park_timeout(Duration::from_millis(2)));
    }

    #[test]
    fn a_limit_beyond_the_clock_is_no_limit() {
        let parker = Parker::new();
        let unparker = parker.unparker();
        let other = std::thread::spawn(move || unparker.unpark());
        assert!(parker.park_timeout(Duration::MAX));
        other.join().unwrap();
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::base::sync::atomic::AtomicUsize;

    fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
        thread::Builder::new().spawn(f).expect("a model's thread")
    }

    /// Broken on purpose by a `Relaxed` swap in `unpark`: the last assertion fails.
    #[test]
    fn an_unpark_before_or_during_a_park_ends_it_and_publishes_what_came_before() {
        loom::model(|| {
            let parker = Parker::new();
            let unparker = parker.unparker();
            let data = Arc::new(AtomicUsize::new(0));
            let theirs = data.clone();
            let other = spawn(move || {
                theirs.store(7, Ordering::Relaxed);
                unparker.unpark();
            });
            parker.park();
            assert_eq!(data.load(Ordering::Relaxed), 7);
            other.join().expect("no panic");
        });
    }

    /// Two wake the thread, each of which is counted as long as it is at it: nobody ever takes the
    /// count to zero, and in the end it is one.
    #[test]
    fn who_is_awake_or_wakes_is_counted() {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(2);
        model.check(|| {
            let parker = Parker::new();
            let count = Arc::new(AtomicUsize::new(3));
            let end = |count: &AtomicUsize| {
                let before = count.fetch_sub(1, Ordering::SeqCst);
                assert!(before > 1, "nobody is counted");
            };
            let wakers: Vec<_> = (0..2)
                .map(|_| {
                    let (unparker, count) = (parker.unparker(), count.clone());
                    spawn(move || {
                        let awake = || drop(count.fetch_add(1, Ordering::SeqCst));
                        unparker.unpark_counted(awake, || end(&count));
                        end(&count);
                    })
                })
                .collect();
            parker.park_counted(|| end(&count));
            wakers
                .into_iter()
                .for_each(|waker| waker.join().expect("no panic"));
            assert_eq!(count.load(Ordering::SeqCst), 1);
        });
    }

    #[test]
    fn of_two_unparks_at_least_one_is_seen_and_none_is_left_over_twice() {
        loom::model(|| {
            let parker = Parker::new();
            let one = parker.unparker();
            let two = parker.unparker();
            let first = spawn(move || one.unpark());
            let second = spawn(move || two.unpark());
            parker.park();
            first.join().expect("no panic");
            second.join().expect("no panic");
            // At most one token can be left.
            let left = parker.shared.state.swap(EMPTY, Ordering::Relaxed);
            assert!(left == TOKEN || left == EMPTY);
        });
    }
}
