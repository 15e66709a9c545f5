//! What keeps a paused clock from moving by itself, apart from workers that are awake.
//!
//! The driver counts what is under way, in one word: jobs of the blocking pool, from their submission to the
//! moment at which their end has woken whoever waits; threads in `block_on` beside the workers,
//! while they poll; and threads that were workers, until the poll ends in which they stood aside.
//! A thread that waits for the very runtime that counts it would stop the clock that it waits
//! for: so a thread is counted once for a runtime, however deep its calls are nested, and
//! it is taken off the count while it sleeps. Who wakes it counts it again, before being
//! done with whatever he is counted for: in between, nobody finds the count at zero.
//!
//! As long as no clock of the process was ever paused, a thread in `block_on` that has not slept
//! yet counts itself in its own books only ([`DEFERRED`]), and comes into the driver's when it
//! would sleep or pauses the clock: one whose future is ready at once writes no line that others
//! write. (Where another thread pauses the process's first clock in the middle of that poll, time
//! may jump in it. A poll that begins after that is counted.)
//!
//! ORDERING: the count is written and read SeqCst. Who ends something has queued what follows
//! from it before; who wants to move the clock reads the count first and the queues then.

use super::Driver;
use crate::base::clock;
use crate::base::sync::atomic::Ordering;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

std::thread_local! {
    // Not the switch's `local!`: this one has a destructor, and no model has a driver. The
    // drivers for which this thread is counted; in the destructors of its other locals that is
    // forgotten, so that a clock may stand still where it could move.
    static COUNTED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    // The number of those, without a destructor.
    static COUNTS: Cell<usize> = const { Cell::new(0) };
    // The driver for which this thread would be counted if its clock could be paused, or 0.
    static DEFERRED: Cell<usize> = const { Cell::new(0) };
}

/// The lower half of the word counts all that is under way.
const ONE: u64 = 1;

/// The upper half counts jobs of the blocking pool once more, until they end: while its thread sleeps in
/// `block_on`, a job is off the lower half like any other thread.
const JOB: u64 = 1 << 32;

/// Something under way, for whichever thread.
#[derive(Debug)]
pub(crate) struct UnderWay {
    driver: Arc<Driver>,
    unit: u64,
}

/// A thread under way.
#[derive(Debug)]
pub(crate) struct ThreadUnderWay {
    /// `None` if the thread was counted before.
    counted: Option<UnderWay>,
}

/// A thread under way, for as long as somebody else keeps the driver.
#[derive(Debug)]
pub(crate) struct BesideUnderWay<'a> {
    driver: &'a Arc<Driver>,
    /// Not if the thread was counted before.
    is_ours: bool,
}

impl UnderWay {
    /// A job of the blocking pool.
    pub(crate) fn job(driver: &Arc<Driver>) -> Self {
        UnderWay::begin(driver, ONE + JOB)
    }

    fn begin(driver: &Arc<Driver>, unit: u64) -> Self {
        driver.begin(unit);
        let driver = driver.clone();
        UnderWay { driver, unit }
    }

    /// The current thread does it.
    pub(crate) fn here(self) -> ThreadUnderWay {
        count_here(&self.driver);
        ThreadUnderWay {
            counted: Some(self),
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.driver.end(self.unit);
    }
}

impl ThreadUnderWay {
    /// The current thread is under way until this is dropped.
    pub(crate) fn begin(driver: &Arc<Driver>) -> Self {
        driver.count_deferred();
        match is_counted_here(driver) {
            true => ThreadUnderWay { counted: None },
            false => UnderWay::begin(driver, ONE).here(),
        }
    }
}

impl Drop for ThreadUnderWay {
    fn drop(&mut self) {
        let Some(under_way) = self.counted.take() else {
            return;
        };
        discount_here(&under_way.driver);
    }
}

impl<'a> BesideUnderWay<'a> {
    /// The current thread is under way until this is dropped.
    #[inline]
    pub(crate) fn begin(driver: &'a Arc<Driver>) -> Self {
        let is_ours = !is_counted_here(driver);
        if is_ours {
            match clock::any_paused() || DEFERRED.get() != 0 {
                true => driver.begin_one_here(),
                false => DEFERRED.set(address(driver)),
            }
        }
        BesideUnderWay { driver, is_ours }
    }

    /// Whether it is in the thread's own books only.
    #[inline]
    fn is_deferred(&self) -> bool {
        DEFERRED.get() == address(self.driver)
    }

    /// The thread is about to sleep.
    #[inline]
    pub(crate) fn settle(&self) {
        self.driver.count_deferred();
    }
}

impl Drop for BesideUnderWay<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.is_ours {
            return;
        }
        if self.is_deferred() {
            DEFERRED.set(0);
        } else {
            discount_here(self.driver);
            self.driver.end_one();
        }
    }
}

fn count_here(driver: &Arc<Driver>) {
    let address = address(driver);
    let counted = COUNTED.try_with(|counted| counted.borrow_mut().push(address));
    if counted.is_ok() {
        COUNTS.set(COUNTS.get() + 1);
    }
}

fn discount_here(driver: &Arc<Driver>) {
    let address = address(driver);
    let _ = COUNTED.try_with(|counted| {
        let mut counted = counted.borrow_mut();
        if let Some(place) = counted.iter().rposition(|&other| other == address) {
            counted.swap_remove(place);
            COUNTS.set(COUNTS.get() - 1);
        }
    });
}

/// Whether the current thread is counted for `driver`, be it in its own books.
#[inline]
pub(crate) fn is_counted_here(driver: &Arc<Driver>) -> bool {
    let address = address(driver);
    DEFERRED.get() == address || (COUNTS.get() > 0 && is_among_counted(address))
}

fn is_among_counted(address: usize) -> bool {
    COUNTED
        .try_with(|counted| counted.borrow().contains(&address))
        .unwrap_or(false)
}

fn address(driver: &Arc<Driver>) -> usize {
    Arc::as_ptr(driver).addr()
}

impl Driver {
    fn begin_one_here(self: &Arc<Self>) {
        self.begin_one();
        count_here(self);
    }

    /// Counts the current thread if it would be, but for a clock that could not be paused. For
    /// who makes that possible, or is about to sleep.
    pub(crate) fn count_deferred(self: &Arc<Self>) {
        if DEFERRED.get() == address(self) {
            DEFERRED.set(0);
            self.begin_one_here();
        }
    }

    /// If the clock is about to move, the first look at it waits until it has: whoever is under
    /// way never sees time jump.
    pub(crate) fn begin_one(&self) {
        self.begin(ONE);
    }

    fn begin(&self, unit: u64) {
        self.under_way.fetch_add(unit, Ordering::SeqCst);
    }

    pub(crate) fn end_one(&self) {
        self.end(ONE);
    }

    /// The last one lets whoever is in the driver look whether the clock may move.
    fn end(&self, unit: u64) {
        let before = self.under_way.fetch_sub(unit, Ordering::SeqCst);
        debug_assert!(before % JOB > 0);
        if before % JOB == ONE && self.clock.is_paused() {
            self.unpark(0);
        }
    }

    pub(crate) fn is_anything_under_way(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) % JOB > 0
    }

    /// Whether a job of the blocking pool is. For a guess what comes next: ORDERING relaxed.
    #[inline]
    pub(crate) fn is_job_under_way(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) >= JOB
    }
}
