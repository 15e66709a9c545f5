//! The set of live tasks of a scheduler: whoever waits, or waited, and has not completed.
//!
//! A doubly linked list through the headers, under one lock (a scheduler has several sets,
//! one a worker). The list owns one reference to each of its tasks. A closed set takes no
//! more tasks: who spawns then gets the task back, to cancel it.
//!
//! This file contains unsafe code. Argument: the links of a header are touched only with the
//! lock of the set that it is in (or is put into) held; a task that is in the list is alive
//! because the list owns a reference; it is in no other list because `insert` is called once
//! in a task's life, when it waits for the first time or before it is polled at all.
//! Covered by `models.rs` and by the AddressSanitizer run.
#![allow(unsafe_code)]

use super::header::Header;
use super::raw::TaskRef;
use crate::base::sync::Mutex;
use std::ptr::NonNull;

/// A task's place in the list.
pub(super) struct Links {
    /// The first task's is that task itself; `None` if it is in no list.
    prev: Option<NonNull<Header>>,
    next: Option<NonNull<Header>>,
}

impl Links {
    pub(super) fn unlinked() -> Self {
        Links {
            prev: None,
            next: None,
        }
    }
}

/// See the [module](self).
pub(crate) struct LiveSet {
    list: Mutex<List>,
}

struct List {
    head: Option<NonNull<Header>>,
    len: usize,
    closed: bool,
}

// SAFETY: the pointers are counted references to tasks, which may be sent.
unsafe impl Send for List {}

/// # Safety
/// The caller holds the lock of the set that `task` is in, or is put into.
unsafe fn links<R>(task: NonNull<Header>, f: impl FnOnce(&mut Links) -> R) -> R {
    // SAFETY: by the contract, nobody else is at these links.
    unsafe { task.as_ref() }
        .links
        .with_mut(|links| f(unsafe { &mut *links }))
}

impl LiveSet {
    pub(crate) fn new() -> Self {
        LiveSet {
            list: Mutex::new(List {
                head: None,
                len: 0,
                closed: false,
            }),
        }
    }

    /// Takes the task in; gives it back if the set is closed.
    pub(crate) fn insert(&self, task: TaskRef) -> Result<(), TaskRef> {
        let mut list = self.list.lock();
        if list.closed {
            drop(list);
            return Err(task);
        }
        let raw = task.into_raw();
        let head = list.head.replace(raw);
        list.len += 1;
        // SAFETY: we hold the lock.
        unsafe {
            links(raw, |links| {
                debug_assert!(links.prev.is_none(), "a task is inserted once");
                links.next = head;
                links.prev = Some(raw);
            });
            if let Some(head) = head {
                links(head, |links| links.prev = Some(raw));
            }
        }
        Ok(())
    }

    /// Takes the task out, if it is in: it must be in this set or in none.
    pub(crate) fn remove(&self, task: &TaskRef) -> Option<TaskRef> {
        let mut list = self.list.lock();
        // SAFETY: we hold the lock.
        unsafe { list.unlink(task.as_raw()) }
    }

    /// Takes any task out.
    pub(crate) fn pop(&self) -> Option<TaskRef> {
        let mut list = self.list.lock();
        let head = list.head?;
        // SAFETY: we hold the lock.
        unsafe { list.unlink(head) }
    }

    /// Takes no more tasks from now on.
    pub(crate) fn close(&self) {
        self.list.lock().closed = true;
    }

    pub(crate) fn len(&self) -> usize {
        self.list.lock().len
    }
}

impl List {
    /// # Safety
    /// The caller holds the lock; `task` is in this list or in none.
    unsafe fn unlink(&mut self, task: NonNull<Header>) -> Option<TaskRef> {
        // SAFETY: by the contract.
        unsafe {
            let (prev, next) = links(task, |links| Some((links.prev.take()?, links.next.take())))?;
            let is_first = prev == task;
            match is_first {
                true => self.head = next,
                false => links(prev, |links| links.next = next),
            }
            if let Some(next) = next {
                links(next, |links| {
                    links.prev = Some(if is_first { next } else { prev })
                });
            }
            self.len -= 1;
            Some(TaskRef::from_raw(task))
        }
    }
}

impl Drop for LiveSet {
    fn drop(&mut self) {
        while let Some(task) = self.pop() {
            task.shutdown();
        }
    }
}
