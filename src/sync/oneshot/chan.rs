//! What the two halves of a oneshot share: a word of flags, the value, and a waker for each
//! side, in one piece of [kept memory](blocks) that has no count of its owners.
//!
//! Each half acts once, and the word says what that was. What a flag leads to belongs to one
//! side at any time:
//!
//! | place | is the sender's | is the receiver's |
//! |---|---|---|
//! | the value | until ENDED | from then on |
//! | the receiver's waker | once the sender has taken RX_WAITS away | all other times without RX_WAITS |
//! | the sender's waker | all other times without TX_WAITS | once the receiver has taken TX_WAITS away |
//! | the memory | once it finds RX_GONE | once it finds TX_GONE |
//!
//! While a side's WAITS flag is set its waker belongs to nobody: either side may take the flag
//! away, by a read-modify-write that only one of them can win, and has the waker then. The
//! other side does so to wake it, the same side to replace it.
//!
//! ```text
//!              send, drop of the sender            drop of the receiver, received
//!   sender:    (CLOSED not set) ─▶ ENDED      receiver:    ─▶ CLOSED, RX_GONE
//!              with a waker to be woken:                   with a waker to be woken:
//!              ENDED, then TX_GONE                         CLOSED, then RX_GONE
//! ```
//!
//! So a value that is sent to nobody who waits costs one atomic read-modify-write, and is
//! received without any: the receiver finds ENDED and TX_GONE and owns all that there is.
//!
//! # Safety argument for the unsafe code in this file
//! 1. There is one [`Tx`] and one [`Rx`] for each channel, and they are not `Clone`. Each
//!    sets its GONE flag at most once, with its last access, and frees the memory instead
//!    if it finds that the other's is set. Both find out by read-modify-writes of the same
//!    word, or by a load that sees the other's flag; so exactly one of them frees, after the
//!    last access of the other.
//! 2. A cell is accessed only by the side that owns it by the table above. The methods that
//!    access cells either take `&mut self` of a half or consume it, so that one half does one
//!    thing at a time. [`Rx::is_empty`] takes `&self` and reads the value after ENDED, when
//!    only the receiver's `&mut` methods write it.
//! 3. No reference to a cell's content lives across a call of foreign code (a waker's clone,
//!    wake or drop, a value's drop): contents are moved in and out. Who frees drops what is left
//!    where it lies, out of anybody's reach.
//!
//! ORDERING: all changes of the word are read-modify-writes which acquire and release, and the
//! loads that decide acquire. So whoever gets a cell, or the memory, from the other side
//! sees all that was done with it there.
//!
//! `Tx<T>` and `Rx<T>` may be sent and shared for `T: Send`: the value goes from one thread to
//! another, and no two threads see it at a time.

#![allow(unsafe_code)]

use crate::base::blocks;
use crate::base::sync::UnsafeCell;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use std::alloc::Layout;
use std::mem;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker};

/// The sender has acted: sent its value, or gone without.
const ENDED: usize = 1;
/// The receiver refuses a value that was not sent before.
const CLOSED: usize = 2;
/// The receiver's waker lies in its cell.
const RX_WAITS: usize = 4;
/// The sender's waker lies in its cell.
const TX_WAITS: usize = 8;
/// The sender does not touch the memory any more.
const TX_GONE: usize = 16;
/// The receiver does not touch the memory any more.
const RX_GONE: usize = 32;

struct Chan<T> {
    word: AtomicUsize,
    value: UnsafeCell<Option<T>>,
    receiver: UnsafeCell<Option<Waker>>,
    sender: UnsafeCell<Option<Waker>>,
}

/// The sender's half.
pub(super) struct Tx<T>(NonNull<Chan<T>>);

/// The receiver's half.
pub(super) struct Rx<T>(NonNull<Chan<T>>);

// SAFETY: see the module.
unsafe impl<T: Send> Send for Tx<T> {}
// SAFETY: see the module.
unsafe impl<T: Send> Sync for Tx<T> {}
// SAFETY: see the module.
unsafe impl<T: Send> Send for Rx<T> {}
// SAFETY: see the module.
unsafe impl<T: Send> Sync for Rx<T> {}

/// Both halves of a new channel.
pub(super) fn pair<T>() -> (Tx<T>, Rx<T>) {
    let chan = blocks::take(Layout::new::<Chan<T>>()).cast();
    // SAFETY: the memory is large enough and aligned, and nobody else's.
    unsafe {
        chan.write(Chan {
            word: AtomicUsize::new(0),
            value: UnsafeCell::new(None),
            receiver: UnsafeCell::new(None),
            sender: UnsafeCell::new(None),
        });
    }
    (Tx(chan), Rx(chan))
}

impl<T> Chan<T> {
    fn look(&self) -> usize {
        self.word.load(Ordering::Acquire)
    }

    fn change(&self, from: usize, to: usize) -> Result<usize, usize> {
        self.word
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
    }

    fn set(&self, flags: usize) -> usize {
        self.word.fetch_or(flags, Ordering::AcqRel)
    }

    fn has_closed(&self) -> bool {
        self.look() & CLOSED != 0
    }

    fn resource(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64
    }

    /// Does nothing, but a model checks here that all that was done with the cells comes before.
    fn is_nobody_elses(&self) {
        self.value.with_mut(|_| ());
        self.receiver.with_mut(|_| ());
        self.sender.with_mut(|_| ());
    }
}

/// The content of a cell, which is empty afterwards.
///
/// # Safety
/// The cell is the caller's: see point 2 in the module.
unsafe fn take<V>(cell: &UnsafeCell<Option<V>>) -> Option<V> {
    // SAFETY: nobody else accesses the cell.
    cell.with_mut(|content| unsafe { (*content).take() })
}

/// Puts `new` into a cell and gives back what was there.
///
/// # Safety
/// The cell is the caller's: see point 2 in the module.
unsafe fn put<V>(cell: &UnsafeCell<Option<V>>, new: V) -> Option<V> {
    // SAFETY: nobody else accesses the cell.
    cell.with_mut(|content| unsafe { (*content).replace(new) })
}

/// Frees the channel with all that is left in it.
///
/// # Safety
/// The other side is gone, and the caller does not touch the channel any more: see point 1.
unsafe fn free<T>(chan: NonNull<Chan<T>>) {
    /// Gives the memory back, also if what lies in it panics in its drop.
    struct Memory<T>(NonNull<Chan<T>>);

    impl<T> Drop for Memory<T> {
        fn drop(&mut self) {
            // SAFETY: it came from `pair`, and `free` is called once.
            unsafe { blocks::give(self.0.cast(), Layout::new::<Chan<T>>()) }
        }
    }

    let memory = Memory(chan);
    // SAFETY: the channel is the caller's alone, and this is called once.
    unsafe {
        chan.as_ref().is_nobody_elses();
        memory.0.drop_in_place();
    }
}

/// Leaves `cx`'s waker in a cell whose flag is `flag`, unless one of `events` has happened. The
/// answer is the word with such an event in it, or `None` if the waker is there.
///
/// # Safety
/// The caller is the side that the flag and the cell are named after.
unsafe fn wait<T>(
    chan: &Chan<T>,
    cell: &UnsafeCell<Option<Waker>>,
    flag: usize,
    events: usize,
    cx: &Context<'_>,
) -> Option<usize> {
    let mut word = chan.look();
    while word & events == 0 && word & flag != 0 {
        match chan.change(word, word & !flag) {
            Ok(_) => word &= !flag,
            Err(now) => word = now,
        }
    }
    if word & events != 0 {
        return Some(word);
    }
    // SAFETY: the flag is not set, and the other side does not set it.
    let old = unsafe { take(cell) };
    let (new, old) = match old {
        Some(old) if old.will_wake(cx.waker()) => (old, None),
        old => (cx.waker().clone(), old),
    };
    // SAFETY: as above.
    drop(unsafe { put(cell, new) });
    let before = chan.set(flag);
    drop(old);
    (before & events != 0).then_some(before | flag)
}

impl<T> Tx<T> {
    fn chan(&self) -> &Chan<T> {
        // SAFETY: the sender is not gone as long as `self` is there, so it was not freed.
        unsafe { self.0.as_ref() }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.chan().has_closed()
    }

    pub(super) fn resource(&self) -> u64 {
        self.chan().resource()
    }

    /// Ready once the receiver refuses.
    pub(super) fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let chan = self.chan();
        // SAFETY: the flag and the cell are the sender's.
        let closed = unsafe { wait(chan, &chan.sender, TX_WAITS, CLOSED, cx) };
        closed.map_or(Poll::Pending, |_| Poll::Ready(()))
    }

    /// Sends the value, or comes back with it if the receiver refuses.
    #[inline]
    pub(super) fn send(self, value: T) -> Result<(), T> {
        let chan = self.chan();
        let word = chan.look();
        if word & CLOSED != 0 {
            return Err(value);
        }
        // SAFETY: before ENDED the value is the sender's; nothing is there before this.
        chan.value
            .with_mut(|place| unsafe { place.write(Some(value)) });
        match self.end(word) {
            Ok(()) => Ok(()),
            // PANIC: it was put there above, and the receiver does not take it before ENDED.
            Err(value) => Err(value.expect("the value is still there")),
        }
    }

    /// Ends the sender's part, the word having been `word` a moment ago. If the receiver has
    /// refused before, the value comes back.
    #[inline]
    fn end(self, word: usize) -> Result<(), Option<T>> {
        let this = mem::ManuallyDrop::new(self);
        if word == 0 && this.chan().change(0, ENDED | TX_GONE).is_ok() {
            return Ok(());
        }
        this.end_with_more()
    }

    /// The same, where there are wakers, or the receiver has refused or gone.
    fn end_with_more(&self) -> Result<(), Option<T>> {
        let chan = self.chan();
        let mut word = chan.look();
        let mut refused = None;
        loop {
            let closed = word & CLOSED != 0;
            if closed && refused.is_none() {
                // SAFETY: ENDED is not set yet, so the value is the sender's.
                refused = Some(unsafe { take(&chan.value) });
            }
            match chan.change(word, (word | ENDED) & !(RX_WAITS | TX_WAITS)) {
                Ok(_) => break,
                Err(now) => word = now,
            }
        }
        let wakes = match word & RX_WAITS {
            0 => None,
            // SAFETY: the flag was there, and this side has taken it away.
            _ => unsafe { take(&chan.receiver) },
        };
        // (Without the flag it may be the receiver's, which takes the flag away to wake it.)
        let own = match word & TX_WAITS {
            0 => None,
            // SAFETY: the flag was there, and this side has taken it away.
            _ => unsafe { take(&chan.sender) },
        };
        if chan.set(TX_GONE) & RX_GONE != 0 {
            // SAFETY: the receiver is gone, and this was the sender's last access.
            unsafe { free(self.0) };
        }
        if let Some(waker) = wakes {
            waker.wake();
        }
        drop(own);
        match refused {
            Some(value) => Err(value),
            None => Ok(()),
        }
    }
}

impl<T> Drop for Tx<T> {
    fn drop(&mut self) {
        let word = self.chan().look();
        let _ = Tx(self.0).end(word);
    }
}

impl<T> Rx<T> {
    fn chan(&self) -> &Chan<T> {
        // SAFETY: the receiver is not gone as long as `self` is there, so it was not freed.
        unsafe { self.0.as_ref() }
    }

    pub(super) fn resource(&self) -> u64 {
        self.chan().resource()
    }

    /// Whether there is no value to be had now.
    pub(super) fn is_empty(&self) -> bool {
        let chan = self.chan();
        if chan.look() & ENDED == 0 {
            return true;
        }
        // SAFETY: after ENDED the value is the receiver's, and no `&mut` method of it runs.
        chan.value.with_mut(|value| unsafe { (*value).is_none() })
    }

    /// The value, or `Ready(None)` if none will come.
    pub(super) fn try_recv(&mut self) -> Poll<Option<T>> {
        self.received(self.chan().look())
    }

    /// The same; if neither is known, the task is woken when it is.
    #[inline]
    pub(super) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let chan = self.chan();
        let word = chan.look();
        if word & (ENDED | CLOSED) != 0 {
            return self.received(word);
        }
        // SAFETY: the flag and the cell are the receiver's.
        match unsafe { wait(chan, &chan.receiver, RX_WAITS, ENDED | CLOSED, cx) } {
            Some(word) => self.received(word),
            None => Poll::Pending,
        }
    }

    #[inline]
    fn received(&mut self, word: usize) -> Poll<Option<T>> {
        if word & ENDED != 0 {
            // SAFETY: after ENDED the value is the receiver's.
            return Poll::Ready(unsafe { take(&self.chan().value) });
        }
        match word & CLOSED {
            0 => Poll::Pending,
            _ => Poll::Ready(None),
        }
    }

    /// Refuses a value from now on.
    pub(super) fn close(&mut self) {
        let chan = self.chan();
        let mut word = chan.look();
        while word & (ENDED | CLOSED) == 0 {
            match chan.change(word, (word | CLOSED) & !TX_WAITS) {
                Ok(_) => {
                    wake_sender(chan, word);
                    return;
                }
                Err(now) => word = now,
            }
        }
    }
}

/// Wakes the sender if the word has its flag, which the caller has just taken away.
fn wake_sender<T>(chan: &Chan<T>, word: usize) {
    if word & TX_WAITS != 0 {
        // SAFETY: the receiver, which alone calls this, has taken the flag away.
        let waker = unsafe { take(&chan.sender) };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Rx<T> {
    #[inline]
    fn drop(&mut self) {
        let word = self.chan().look();
        if word & TX_GONE != 0 {
            // SAFETY: the sender is gone, and this was the receiver's last access.
            unsafe { free(self.0) };
        } else {
            self.leave(word);
        }
    }
}

impl<T> Rx<T> {
    /// Refuses a value, and is gone. The sender was there a moment ago.
    fn leave(&mut self, mut word: usize) {
        let chan = self.chan();
        while word & ENDED == 0 {
            let waits = word & (RX_WAITS | TX_WAITS);
            let gone = if waits == 0 { RX_GONE } else { 0 };
            match chan.change(word, (word & !waits) | CLOSED | gone) {
                Ok(_) if waits == 0 => return,
                Ok(_) => {
                    self.leave_with_wakers(word);
                    return;
                }
                Err(now) => word = now,
            }
        }
        // SAFETY: after ENDED the value is the receiver's.
        let value = unsafe { take(&chan.value) };
        self.go();
        drop(value);
    }

    /// The rest of leaving, after the flags in `word` were taken away.
    fn leave_with_wakers(&mut self, word: usize) {
        let chan = self.chan();
        let sender = match word & TX_WAITS {
            0 => None,
            // SAFETY: the flag was there, and this side has taken it away.
            _ => unsafe { take(&chan.sender) },
        };
        // SAFETY: the cell is the receiver's now, with or without the flag before.
        let own = unsafe { take(&chan.receiver) };
        self.go();
        if let Some(waker) = sender {
            waker.wake();
        }
        drop(own);
    }

    /// The receiver's last access.
    fn go(&mut self) {
        if self.chan().set(RX_GONE) & TX_GONE != 0 {
            // SAFETY: the sender is gone, and this was the receiver's last access.
            unsafe { free(self.0) };
        }
    }
}
