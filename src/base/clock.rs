//! The time of a runtime: the monotonic clock, or a paused one for tests.
//!
//! An ordinary clock answers with [`std::time::Instant::now`]. A paused one stands
//! still until it is told to [advance](Clock::advance); a resumed one runs on from
//! where it stood. Only the monotonic clock is used: a jump of the wall clock changes
//! nothing here, and two reads in a row may be equal.

use crate::base::stopwatch::Stopwatch;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::base::sync::{Mutex, local};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Whether any clock of this process was ever paused. As long as not, nobody needs to
/// look for a clock in order to tell the time. (A plain static: no hand-over depends
/// on it, the thread that pauses reads its own store.)
static EVER_PAUSED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    /// Since `start`, or a moment later.
    running: Stopwatch,
    /// Whether `shift` says anything but "real time".
    shifted: AtomicBool,
    shift: Mutex<Shift>,
}

#[derive(Debug)]
struct Shift {
    /// The clock's time at `since`, or now if it stands still.
    at: Instant,
    /// The real time when the clock began to run from `at`; `None` while it is paused.
    since: Option<Instant>,
}

impl Shift {
    fn now(&self) -> Instant {
        match self.since {
            None => self.at,
            Some(since) => self.at + since.elapsed(),
        }
    }
}

/// Whether [`Clock::now`] can differ from `Instant::now` for any clock at all.
#[inline]
pub(crate) fn any_paused() -> bool {
    EVER_PAUSED.load(std::sync::atomic::Ordering::Relaxed)
}

local! {
    // When `has_come` looked last.
    static LOOKED: Cell<Option<Instant>> = Cell::new(None);
}

/// Whether `deadline` has come by the monotonic clock. What was over when this thread asked last
/// is over still: of many deadlines that are all over, the first one takes a look.
#[inline]
pub(crate) fn has_come(deadline: Instant) -> bool {
    let looked = LOOKED.try_with(Cell::get).ok().flatten();
    if looked.is_some_and(|looked| deadline <= looked) {
        return true;
    }
    let now = Instant::now();
    let _ = LOOKED.try_with(|looked| looked.set(Some(now)));
    deadline <= now
}

impl Clock {
    pub(crate) fn new() -> Self {
        let start = Instant::now();
        Clock {
            start,
            running: Stopwatch::start(),
            shifted: AtomicBool::new(false),
            shift: Mutex::new(Shift {
                at: start,
                since: Some(start),
            }),
        }
    }

    /// When this clock was made.
    pub(crate) fn start(&self) -> Instant {
        self.start
    }

    #[inline]
    pub(crate) fn now(&self) -> Instant {
        if self.shifted.load(Ordering::Acquire) {
            self.shift.lock().now()
        } else {
            Instant::now()
        }
    }

    /// Nanoseconds from the start to now, within what fits.
    #[inline]
    pub(crate) fn nanos(&self) -> u64 {
        if self.shifted.load(Ordering::Acquire) {
            let since = self
                .shift
                .lock()
                .now()
                .saturating_duration_since(self.start);
            u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
        } else {
            self.running.nanos()
        }
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.shifted.load(Ordering::Acquire) && self.shift.lock().since.is_none()
    }

    /// Lets the clock stand still. False if it does already.
    pub(crate) fn pause(&self) -> bool {
        let mut shift = self.shift.lock();
        if shift.since.is_none() {
            return false;
        }
        shift.at = shift.now();
        shift.since = None;
        EVER_PAUSED.store(true, std::sync::atomic::Ordering::Relaxed);
        self.shifted.store(true, Ordering::Release);
        true
    }

    /// Lets the clock run on. False if it runs already.
    pub(crate) fn resume(&self) -> bool {
        let mut shift = self.shift.lock();
        if shift.since.is_some() {
            return false;
        }
        shift.since = Some(Instant::now());
        true
    }

    /// Moves a paused clock on. False if it is not paused, or if `by` lies beyond what
    /// an `Instant` can say.
    pub(crate) fn advance(&self, by: Duration) -> bool {
        let mut shift = self.shift.lock();
        match (shift.since, shift.at.checked_add(by)) {
            (None, Some(at)) => {
                shift.at = at;
                true
            }
            _ => false,
        }
    }

    /// Moves a paused clock on to `time` if, when nobody else can move it any more, `may` it.
    /// False if not, or if it is not paused.
    pub(crate) fn advance_to(&self, time: Instant, may: impl FnOnce() -> bool) -> bool {
        let mut shift = self.shift.lock();
        if shift.since.is_some() || !may() {
            return false;
        }
        shift.at = shift.at.max(time);
        true
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_has_come_when_it_is_reached_and_not_before() {
        let start = Instant::now();
        assert!(has_come(start));
        assert!(!has_come(start + Duration::from_secs(3600)));
        for nanos in 1..1000 {
            let deadline = Instant::now() + Duration::from_nanos(nanos);
            while !has_come(deadline) {}
            assert!(Instant::now() >= deadline);
            assert!(has_come(deadline) && has_come(start));
        }
    }

    #[test]
    fn a_paused_clock_moves_only_when_told() {
        let clock = Clock::new();
        assert!(!clock.is_paused());
        assert!(!clock.advance(Duration::from_secs(1)));
        assert!(clock.pause());
        assert!(!clock.pause());
        assert!(any_paused());
        let then = clock.now();
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(clock.now(), then);
        let nanos = clock.nanos();
        assert_eq!(u128::from(nanos), (then - clock.start()).as_nanos());
        assert!(clock.advance(Duration::from_secs(3600)));
        assert_eq!(clock.now(), then + Duration::from_secs(3600));
        assert!(!clock.advance(Duration::MAX));
        assert!(clock.resume());
        assert!(!clock.resume());
        let later = clock.now();
        assert!(later >= then + Duration::from_secs(3600));
        std::thread::sleep(Duration::from_millis(2));
        assert!(clock.now() > later, "it runs on");
        assert!(clock.now() < then + Duration::from_secs(3700));
    }
}
