//! The task's waker.
//!
//! This file contains unsafe code. Argument: the data pointer of each waker made here is a
//! task's header, with one reference that belongs to the waker; except for a
//! [`borrowed`] one, which is wrapped so that it is never dropped and does not outlive the
//! reference that it borrows. Covered by `models.rs` and by the AddressSanitizer run.
#![allow(unsafe_code)]

use super::header::Header;
use super::raw::TaskRef;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::task::{RawWaker, RawWakerVTable, Waker};

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// A waker that shares the reference of `task`: the caller neither drops it (hence the
/// `ManuallyDrop` around it there) nor keeps it beyond `task`. A clone of it is an ordinary
/// waker with a reference of its own.
pub(super) fn borrowed(task: &TaskRef) -> Waker {
    let data = task.as_raw().as_ptr().cast_const().cast();
    // SAFETY: the vtable's functions expect a header with a reference, which `task` has.
    unsafe { Waker::new(data, &VTABLE) }
}

/// Whether `waker` belongs to the task that this thread is polling, and that task was woken
/// during this very poll: it will be polled again as soon as the others had their turn, so a
/// leaf that it polls need not leave the waker anywhere. For the task that is the same as being
/// woken at once for no reason.
pub(crate) fn will_be_polled_again(waker: &Waker) -> bool {
    if !std::ptr::eq(waker.vtable(), &VTABLE) {
        return false;
    }
    // SAFETY: the vtable is ours, so the data is a header, which the waker keeps alive.
    let task = ManuallyDrop::new(unsafe { task(waker.data()) });
    let header = task.header();
    header.state.load().is_woken_while_running() && super::try_id() == Some(header.id)
}

/// # Safety
/// `data` is a header and its reference is the caller's.
unsafe fn task(data: *const ()) -> TaskRef {
    // SAFETY: by the contract; a reference's address is not null.
    unsafe { TaskRef::from_raw(NonNull::new_unchecked(data.cast_mut().cast::<Header>())) }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker that is cloned has a reference, which stays its own.
    let task = ManuallyDrop::new(unsafe { task(data) });
    let _ = ManuallyDrop::new(TaskRef::clone(&task));
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker is consumed, its reference with it.
    unsafe { task(data) }.wake_by_value();
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker has a reference, which stays its own.
    ManuallyDrop::new(unsafe { task(data) }).wake_by_ref();
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the waker is consumed, its reference with it.
    drop(unsafe { task(data) });
}
