//! The writes of a file: what was accepted, and the job that brings it to the file.
//!
//! `poll_write` copies bytes into [`Writes`] and returns. Whoever puts the first bytes there
//! has to start a [`Drain`], a job of the blocking pool, which takes all that has gathered,
//! writes it, and looks again until nothing is left. So a row of small writes makes
//! a few large ones, and what was accepted gets written whether or not anybody polls on.
//!
//! ```text
//!              push, nothing there          drain: nothing is left
//!    IDLE ───────────────────────▶ DRAINING ──────────────────────▶ IDLE
//!                                   │    ▲
//!                                   └────┘ drain: takes what has gathered
//! ```
//!
//! Invariants:
//!
//! 1. At most one drain exists for a file, so bytes reach it in the order of the pushes.
//! 2. If bytes have gathered, there is a drain that will look: it decides to end under the
//!    lock that pushes take.
//! 3. When the state is IDLE the drain holds the file no more: it lets go of it under the same
//!    lock. (`into_std` relies on it.)
//! 4. A drain that is dropped before it ran, as the pool was closed, runs in its drop. What was
//!    accepted reaches the file also if the runtime ends.
//!
//! After an error what has gathered behind it is dropped: written at another place than
//! the one it was meant for, it would do harm. The error waits for the next write, flush or sync.
//!
//! # Rejected
//!
//! * One job for each write: a switch of threads for every few KiB, and a write of the kernel's.
//! * Writing here and now with `pwritev2(.., RWF_NOWAIT)`: ext4 takes none of it (256 of 256 calls of 1 MiB,
//!   Linux 6.18).

#[cfg(all(test, loom))]
mod models;

use crate::base::batch::wake_all;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::base::sync::{Arc, Mutex};
use crate::base::wait;
use std::io::{self, IoSlice, Write};
use std::mem;
use std::task::{Context, Poll, Waker};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Writes {
    state: Mutex<State>,
    /// The file was changed at some place: what was read ahead may be old.
    ///
    /// ORDERING: relaxed. Who awaited the change is behind it, by the end of its job.
    changed: AtomicBool,
}

#[derive(Debug)]
struct State {
    /// Accepted, and not yet taken by the drain.
    gathered: Vec<u8>,
    is_draining: bool,
    /// Of a write that nobody has heard of yet.
    error: Option<io::Error>,
    /// Woken when bytes were taken, and when the drain ends.
    wakers: Vec<Waker>,
}

/// What was accepted.
#[must_use]
pub(super) struct Pushed {
    pub(super) bytes: usize,
    /// The caller has to start a drain.
    pub(super) starts: bool,
}

impl Writes {
    pub(super) fn new() -> Self {
        Writes {
            state: Mutex::new(State {
                gathered: Vec::new(),
                is_draining: false,
                error: None,
                wakers: Vec::new(),
            }),
            changed: AtomicBool::new(false),
        }
    }

    /// The file has changed other than by what is pushed.
    pub(super) fn set_changed(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Whether it has, since this was last asked.
    pub(super) fn take_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed) && self.changed.swap(false, Ordering::Relaxed)
    }

    /// Accepts some of `slices`, so that no more than `limit` bytes gather.
    pub(super) fn poll_push(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
        limit: usize,
    ) -> Poll<io::Result<Pushed>> {
        // Cloned outside of the lock; needed only if there is no room.
        let mut waker = None;
        loop {
            let mut state = self.state.lock();
            if let Some(error) = state.error.take() {
                return Poll::Ready(Err(error));
            }
            let bytes = gather(&mut state.gathered, slices, limit);
            if bytes > 0 || slices.iter().all(|slice| slice.is_empty()) {
                let starts = bytes > 0 && !state.is_draining;
                state.is_draining |= starts;
                drop(state);
                return Poll::Ready(Ok(Pushed { bytes, starts }));
            }
            if state.leave(cx.waker(), &mut waker) {
                drop(state);
                return self.pending();
            }
            drop(state);
            waker = Some(cx.waker().clone());
        }
    }

    /// Waits until all that was accepted is written, or was dropped after an error.
    pub(super) fn poll_idle(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut waker = None;
        loop {
            let mut state = self.state.lock();
            if !state.is_draining {
                return Poll::Ready(());
            }
            if state.leave(cx.waker(), &mut waker) {
                drop(state);
                return self.pending();
            }
            drop(state);
            waker = Some(cx.waker().clone());
        }
    }

    /// Whether all that was accepted is written.
    pub(super) fn is_idle(&self) -> bool {
        !self.state.lock().is_draining
    }

    /// The error of an earlier write, if nobody has heard of it yet.
    pub(super) fn take_error(&self) -> io::Result<()> {
        match self.state.lock().error.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn pending<T>(&self) -> Poll<T> {
        wait::note(wait::Kind::Blocking, std::ptr::from_ref(self) as u64);
        Poll::Pending
    }
}

impl State {
    /// Leaves a clone of `waker` to be woken, unless it is there already. False if there is no
    /// clone: make one without the lock, and look again.
    fn leave(&mut self, waker: &Waker, clone: &mut Option<Waker>) -> bool {
        if self.wakers.iter().any(|known| known.will_wake(waker)) {
            return true;
        }
        match clone.take() {
            Some(clone) => {
                self.wakers.push(clone);
                true
            }
            None => false,
        }
    }
}

/// Appends of `slices` what there is room for. Returns how many bytes that were.
fn gather(gathered: &mut Vec<u8>, slices: &[IoSlice<'_>], limit: usize) -> usize {
    let before = gathered.len();
    for slice in slices {
        let room = limit.saturating_sub(gathered.len());
        gathered.extend_from_slice(&slice[..slice.len().min(room)]);
    }
    gathered.len() - before
}

/// The job that writes. See the [module](self).
pub(super) struct Drain<W: Write> {
    writes: Arc<Writes>,
    /// `None` once it is done.
    file: Option<W>,
}

impl<W: Write> Drain<W> {
    /// The drain that a push has asked for.
    pub(super) fn new(writes: Arc<Writes>, file: W) -> Self {
        Drain {
            writes,
            file: Some(file),
        }
    }

    /// Writes until nothing is left.
    pub(super) fn run(&mut self) {
        let mut taken = Vec::new();
        let mut result = Ok(());
        while self.look(result, &mut taken) {
            result = match &mut self.file {
                Some(file) => file.write_all(&taken),
                None => Ok(()),
            };
        }
    }

    /// Keeps the error of the last write and takes what has gathered. False if that is
    /// nothing: this is the end.
    fn look(&mut self, last: io::Result<()>, taken: &mut Vec<u8>) -> bool {
        taken.clear();
        let mut state = self.writes.state.lock();
        if let Err(error) = last {
            state.error.get_or_insert(error);
            state.gathered.clear();
        }
        let goes_on = !state.gathered.is_empty();
        // The larger memory stays with the file.
        if goes_on || taken.capacity() > state.gathered.capacity() {
            mem::swap(taken, &mut state.gathered);
        }
        if !goes_on {
            state.is_draining = false;
            // Under the lock, by invariant 3. If it is the last one it closes the file; then
            // nobody else is there to wait for the lock.
            self.file = None;
        }
        let mut wakers = mem::take(&mut state.wakers);
        drop(state);
        wake_all(&mut wakers);
        goes_on
    }
}

impl<W: Write> Drop for Drain<W> {
    fn drop(&mut self) {
        if self.file.is_some() {
            self.run();
        }
    }
}
