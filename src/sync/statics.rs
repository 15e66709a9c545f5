//! Constructors that are `const`, for statics. A model's locks and atomics have none, so
//! this file is left out there.

use super::lines::Served;
use super::mutex;
use super::notify::Notify;
use super::once::slot::Slot;
use super::permits::{self, Permits};
use super::rwlock;
use super::{Mutex, OnceCell, RwLock, Semaphore, SetOnce};
use crate::base::sync::Mutex as Lock;
use crate::base::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::cell::UnsafeCell;

const fn closed() -> Permits {
    Permits {
        word: AtomicUsize::new(permits::CLOSED),
        line: Lock::new(permits::Line::new()),
        served: Served(AtomicU64::new(0)),
    }
}

#[track_caller]
const fn permits_of(count: usize) -> Permits {
    assert!(
        count <= permits::MAX,
        "too many permits: stay at or below Semaphore::MAX_PERMITS"
    );
    Permits {
        word: AtomicUsize::new(count << permits::SHIFT),
        line: Lock::new(permits::Line::new()),
        served: Served(AtomicU64::new(0)),
    }
}

impl Semaphore {
    /// [`new`](Self::new) for statics.
    ///
    /// # Panics
    /// If `permits` is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::Semaphore;
    /// static SEMAPHORE: Semaphore = Semaphore::const_new(2);
    /// assert_eq!(SEMAPHORE.available_permits(), 2);
    /// ```
    #[track_caller]
    pub const fn const_new(permits: usize) -> Self {
        Semaphore {
            permits: permits_of(permits),
        }
    }
}

impl<T> Mutex<T> {
    /// [`new`](Self::new) for statics.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::Mutex;
    /// static MUTEX: Mutex<i32> = Mutex::const_new(5);
    /// assert_eq!(*MUTEX.try_lock().unwrap(), 5);
    /// ```
    pub const fn const_new(value: T) -> Self {
        Mutex {
            core: mutex::Core(permits_of(1)),
            value: UnsafeCell::new(value),
        }
    }
}

impl<T> RwLock<T> {
    /// [`new`](Self::new) for statics.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::RwLock;
    /// static LOCK: RwLock<i32> = RwLock::const_new(5);
    /// assert_eq!(*LOCK.try_read().unwrap(), 5);
    /// ```
    pub const fn const_new(value: T) -> Self {
        RwLock::const_with_max_readers(value, rwlock::MAX_READERS)
    }

    /// [`with_max_readers`](Self::with_max_readers) for statics.
    ///
    /// # Panics
    /// If `max_reads` is 0, or more than `u32::MAX >> 3`.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::RwLock;
    /// static LOCK: RwLock<i32> = RwLock::const_with_max_readers(5, 1);
    /// let guard = LOCK.try_read().unwrap();
    /// assert!(LOCK.try_read().is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub const fn const_with_max_readers(value: T, max_reads: u32) -> Self {
        assert!(rwlock::is_good_count(max_reads), "{}", rwlock::BAD_COUNT);
        RwLock {
            core: rwlock::Core {
                permits: permits_of(max_reads as usize),
                max_readers: max_reads,
            },
            value: UnsafeCell::new(value),
        }
    }
}

impl<T> OnceCell<T> {
    /// [`new`](Self::new) for statics.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::OnceCell;
    /// static CELL: OnceCell<i32> = OnceCell::const_new();
    /// assert_eq!(CELL.get(), None);
    /// ```
    pub const fn const_new() -> Self {
        OnceCell {
            slot: Slot::from_parts(permits_of(1), None),
        }
    }

    /// [`new_with`](Self::new_with) a value, for statics.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::OnceCell;
    /// static CELL: OnceCell<i32> = OnceCell::const_new_with(5);
    /// assert_eq!(CELL.get(), Some(&5));
    /// ```
    pub const fn const_new_with(value: T) -> Self {
        OnceCell {
            slot: Slot::from_parts(closed(), Some(value)),
        }
    }
}

impl<T> SetOnce<T> {
    /// [`new`](Self::new) for statics.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::SetOnce;
    /// static ONCE: SetOnce<i32> = SetOnce::const_new();
    /// assert!(ONCE.set(5).is_ok());
    /// assert_eq!(ONCE.get(), Some(&5));
    /// ```
    pub const fn const_new() -> Self {
        SetOnce {
            claimed: AtomicBool::new(false),
            slot: Slot::from_parts(permits_of(0), None),
        }
    }

    /// [`new_with`](Self::new_with) a value, for statics.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::SetOnce;
    /// static ONCE: SetOnce<i32> = SetOnce::const_new_with(5);
    /// assert_eq!(ONCE.get(), Some(&5));
    /// ```
    pub const fn const_new_with(value: T) -> Self {
        SetOnce {
            claimed: AtomicBool::new(true),
            slot: Slot::from_parts(closed(), Some(value)),
        }
    }
}

impl Notify {
    /// [`new`](Self::new) for statics.
    ///
    /// # Examples
    /// ```
    /// use runtime::sync::Notify;
    /// static NOTIFY: Notify = Notify::const_new();
    /// NOTIFY.notify_one();
    /// ```
    pub const fn const_new() -> Self {
        Notify {
            word: AtomicUsize::new(0),
            line: Lock::new(super::notify::Line::new()),
            served: Served(AtomicU64::new(0)),
        }
    }
}
