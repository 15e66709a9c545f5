//! Constructors that are `const`, for statics. A model's locks and atomics have none, so
//! this file is left out there.

use super::notify::Notify;
use super::permits::{self, Permits};
use super::{Mutex, Semaphore};
use crate::base::sync::Mutex as Lock;
use crate::base::sync::atomic::AtomicUsize;
use std::cell::UnsafeCell;

#[track_caller]
const fn permits_of(count: usize) -> Permits {
    assert!(
        count <= permits::MAX,
        "too many permits: stay at or below Semaphore::MAX_PERMITS"
    );
    Permits {
        word: AtomicUsize::new(count << permits::SHIFT),
        line: Lock::new(permits::Line::new()),
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
            permits: permits_of(1),
            value: UnsafeCell::new(value),
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
        }
    }
}
