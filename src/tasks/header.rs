//! The part of a task whose shape does not depend on its future, and its wait record.
//! The one unsafe block turns a stored `&'static Location` back into a reference.

use super::id::Id;
use super::live::Links;
use super::origin::Origin;
use super::raw::Vtable;
use super::state::State;
use crate::base::sync::UnsafeCell;
use crate::base::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use crate::base::wait::{Kind, Wait};
use std::panic::Location;
use std::task::Waker;

/// A task of a small future is 120 bytes long with its scheduler and its stage, and not more: that is
/// a class of [`blocks`](crate::base::blocks), and the longest piece which the C library keeps in
/// its fast bins (see the bench `spawn_many_inside`).
pub(crate) struct Header {
    pub(super) state: State,
    /// Which of its scheduler's sets of live tasks it was put into, or [`NO_SET`].
    pub(super) set: AtomicU32,
    pub(super) vtable: &'static Vtable,
    /// Place in the set of live tasks; touched only under that set's lock.
    pub(super) links: UnsafeCell<Links>,
    /// Invariant 4 says whose it is.
    pub(super) join_waker: UnsafeCell<Option<Waker>>,
    pub(super) id: Id,
    pub(super) origin: Origin,
    pub(super) wait: WaitRecord,
}

/// In no set of live tasks: the task never waited.
pub(super) const NO_SET: u32 = u32::MAX;

/// What the task waited for when it last returned `Pending`.
///
/// Written by the worker that polled, read by whoever makes a dump. The fields are stored
/// one by one: a reader that comes in the middle sees parts of two waits, so a dump says
/// what was seen and never acts on it.
pub(crate) struct WaitRecord {
    /// Milliseconds since the runtime's start (upper 48 bits), leaves (8), kind (8).
    when: AtomicU64,
    resource: AtomicU64,
    location: AtomicPtr<Location<'static>>,
}

impl WaitRecord {
    pub(super) fn new() -> Self {
        WaitRecord {
            when: AtomicU64::new(0),
            resource: AtomicU64::new(0),
            location: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// ORDERING: relaxed, here and in `read`; nobody follows from one field to another.
    pub(super) fn store(&self, wait: &Wait) {
        let location = wait.location.map_or(std::ptr::null(), std::ptr::from_ref);
        let when = wait.since << 16 | u64::from(wait.leaves) << 8 | u64::from(wait.kind as u8);
        self.when.store(when, Ordering::Relaxed);
        self.resource.store(wait.resource, Ordering::Relaxed);
        self.location.store(location.cast_mut(), Ordering::Relaxed);
    }
}

impl WaitRecord {
    /// The task does not wait any more: it was scheduled at `nanos`. Without a kind and a
    /// time, so that it is no wait.
    pub(super) fn stamp(&self, nanos: u64) {
        self.when.store(0, Ordering::Relaxed);
        self.resource.store(nanos, Ordering::Relaxed);
    }

    /// The stamp, if that is what was written last.
    pub(super) fn take_stamp(&self) -> Option<u64> {
        if self.when.load(Ordering::Relaxed) != 0 {
            return None;
        }
        let nanos = self.resource.load(Ordering::Relaxed);
        self.resource.store(0, Ordering::Relaxed);
        (nanos != 0).then_some(nanos)
    }

    pub(super) fn read(&self) -> Wait {
        let when = self.when.load(Ordering::Relaxed);
        let location = self.location.load(Ordering::Relaxed);
        Wait {
            kind: Kind::from_u8(when as u8),
            leaves: (when >> 8) as u8,
            since: when >> 16,
            resource: self.resource.load(Ordering::Relaxed),
            location: location_ref(location),
        }
    }
}

#[allow(unsafe_code)]
fn location_ref(location: *mut Location<'static>) -> Option<&'static Location<'static>> {
    // SAFETY: the pointer is null or was made from a `&'static Location` in `store`, which
    // is the only place that writes it.
    unsafe { location.as_ref() }
}
