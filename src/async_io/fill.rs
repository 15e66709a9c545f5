//! Reading into memory that somebody else counts: part of a [`ReadBuf`], the spare
//! capacity of a `Vec`, the chunk of a `BufMut`; and lending a reader's buffer for
//! longer than its poll.
//!
//! # The safety argument
//!
//! A reader is user code. It gets a `&mut ReadBuf<'_>`, and may not only fill it but put
//! a different `ReadBuf` in its place (one over memory that it leaked, say). So what it
//! "filled" is counted as ours only after a look at where it lies:
//!
//! 1. [`filled_here`] compares the start of the filled part with the start of the memory
//!    that was handed out. A live `ReadBuf` that starts there covers that memory: the
//!    memory is exclusively borrowed, so a `ReadBuf` over it can only be the one that
//!    was handed out (or a reborrow of it from its start, whose counts are as true).
//!    Memory of length zero is never handed out.
//! 2. A `ReadBuf` vouches that what it calls filled and initialised is initialised.
//!
//! For [`Spare`], further: `initialized` counts initialised bytes of the vector
//! from its start. It is true because nobody else has the vector meanwhile (it is owned
//! or exclusively borrowed, in a private field), because readers cannot
//! de-initialise (2), and because it is set back to the vector's length when the vector
//! grows and moves.

#![allow(unsafe_code)] // see the safety argument above

use super::{AsyncBufRead, ReadBuf};
use bytes::BufMut;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How many bytes `buf` has filled, once it is known to lie at `start`.
#[inline]
fn filled_here(buf: &ReadBuf<'_>, start: *const u8) -> usize {
    assert!(
        std::ptr::eq(buf.filled().as_ptr(), start),
        "a reader put another `ReadBuf` in the place of the one it was to fill: fill the one \
         that `poll_read` is given"
    );
    buf.filled().len()
}

/// Runs `read` with the next `limit` bytes of `buf`, or all that remain, and counts what
/// it filled in `buf`.
#[inline]
pub(super) fn part<R>(
    buf: &mut ReadBuf<'_>,
    limit: usize,
    read: impl FnOnce(&mut ReadBuf<'_>) -> R,
) -> (usize, R) {
    let mut part = buf.take(limit);
    if part.capacity() == 0 {
        return (0, read(&mut part));
    }
    let start = part.filled().as_ptr();
    let result = read(&mut part);
    let filled = filled_here(&part, start);
    // SAFETY: these bytes of ours are filled, hence initialised (1, 2).
    unsafe { buf.assume_init(filled) };
    buf.advance(filled);
    (filled, result)
}

/// Runs `read` with the next chunk of `buf`, and counts what it filled in `buf`. The
/// caller has seen that there is room.
#[inline]
pub(super) fn chunk<B: BufMut + ?Sized, R>(
    buf: &mut B,
    read: impl FnOnce(&mut ReadBuf<'_>) -> R,
) -> (usize, R) {
    // SAFETY: a `ReadBuf` does not de-initialise.
    let memory = unsafe { buf.chunk_mut().as_uninit_slice_mut() };
    let mut part = ReadBuf::uninit(memory);
    if part.capacity() == 0 {
        return (0, read(&mut part));
    }
    let start = part.filled().as_ptr();
    let result = read(&mut part);
    let filled = filled_here(&part, start);
    // SAFETY: the first `filled` bytes of the chunk are initialised (1, 2).
    unsafe { buf.advance_mut(filled) };
    (filled, result)
}

/// A vector as bytes are appended to it, through its spare capacity.
#[derive(Debug)]
pub(super) struct Spare<V> {
    vec: V,
    /// Bytes from the start of the vector's memory that are initialised: what a reader
    /// had to initialise is not initialised again for the next one.
    initialized: usize,
}

/// The two ways to have a vector for oneself.
pub(super) trait Bytes {
    fn get(&mut self) -> &mut Vec<u8>;
}

impl Bytes for Vec<u8> {
    fn get(&mut self) -> &mut Vec<u8> {
        self
    }
}

impl Bytes for &mut Vec<u8> {
    fn get(&mut self) -> &mut Vec<u8> {
        self
    }
}

impl<V: Bytes> Spare<V> {
    pub(super) fn new(vec: V) -> Self {
        // Zero: `vec.len()` is known to be initialised anyway.
        Spare {
            vec,
            initialized: 0,
        }
    }

    pub(super) fn len(&mut self) -> usize {
        self.vec.get().len()
    }

    pub(super) fn capacity(&mut self) -> usize {
        self.vec.get().capacity()
    }

    /// Makes room for `additional` bytes or more.
    pub(super) fn reserve(&mut self, additional: usize) {
        let vec = self.vec.get();
        if vec.capacity() - vec.len() < additional {
            self.initialized = 0;
            vec.reserve(additional);
        }
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.vec.get().extend_from_slice(bytes);
    }

    /// Runs `read` with the spare capacity, and counts what it filled.
    pub(super) fn fill<R>(&mut self, read: impl FnOnce(&mut ReadBuf<'_>) -> R) -> (usize, R) {
        let vec = self.vec.get();
        let len = vec.len();
        let mut part = ReadBuf::uninit(vec.spare_capacity_mut());
        if part.capacity() == 0 {
            return (0, read(&mut part));
        }
        let start = part.filled().as_ptr();
        // SAFETY: they are initialised, by what `initialized` means.
        unsafe { part.assume_init(self.initialized.saturating_sub(len)) };
        let result = read(&mut part);
        let filled = filled_here(&part, start);
        let initialized = part.initialized().len();
        self.initialized = len + initialized;
        // SAFETY: filled, hence initialised, and within the capacity (1, 2).
        unsafe { vec.set_len(len + filled) };
        (filled, result)
    }
}

impl Spare<Vec<u8>> {
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.initialized = 0;
        std::mem::take(&mut self.vec)
    }
}

/// Fills the buffer of `reader` and lends it for as long as `reader` was lent.
///
/// Today's borrow checker lets a function return what it borrowed only if it returns it
/// on every path; here `Pending` must give `reader` back. Asking a second time instead,
/// without a way back, would need a reader that is then always ready.
pub(super) fn lend<'a, R>(
    reader: &mut Option<&'a mut R>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<&'a [u8]>>
where
    R: AsyncBufRead + Unpin + ?Sized,
{
    // PANIC: futures are not polled after they completed.
    let lent: &'a mut R = reader
        .take()
        .expect("`fill_buf` polled after it completed: await it once");
    let lent: *mut R = lent;
    // SAFETY: made of a `&'a mut R` that nobody else has: it was taken out above.
    let pinned: Pin<&'a mut R> = Pin::new(unsafe { &mut *lent });
    match pinned.poll_fill_buf(cx) {
        Poll::Ready(result) => Poll::Ready(result),
        Poll::Pending => {
            // SAFETY: `Pending` holds no borrow, so the reference made above is gone, and
            // `lent` is again the only way to the reader, for as long as `'a`.
            *reader = Some(unsafe { &mut *lent });
            Poll::Pending
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// Where leaked memory stays reachable, so that a leak sanitizer is content.
    static LEAKED: std::sync::Mutex<Vec<usize>> = std::sync::Mutex::new(Vec::new());

    /// What a hostile reader does: it leaves its own buffer behind.
    fn swap(buf: &mut ReadBuf<'_>) {
        let memory = Box::leak(Box::new([1; 64]));
        LEAKED
            .lock()
            .unwrap()
            .push(memory.as_ptr().expose_provenance());
        let mut other = ReadBuf::new(memory);
        other.advance(64);
        *buf = other;
    }

    #[test]
    fn a_buffer_that_a_reader_put_in_place_of_ours_is_refused() {
        let mut memory = [std::mem::MaybeUninit::uninit(); 8];
        let mut buf = ReadBuf::uninit(&mut memory);
        assert!(catch_unwind(AssertUnwindSafe(|| part(&mut buf, 4, swap))).is_err());
        assert!(buf.filled().is_empty());

        let mut vec = Vec::with_capacity(8);
        assert!(catch_unwind(AssertUnwindSafe(|| chunk(&mut vec, swap))).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| Spare::new(&mut vec).fill(swap))).is_err());
        assert!(vec.is_empty());
    }

    #[test]
    fn the_part_that_was_handed_out_is_all_that_is_filled() {
        let mut memory = [std::mem::MaybeUninit::uninit(); 8];
        let mut buf = ReadBuf::uninit(&mut memory);
        let (filled, ()) = part(&mut buf, 3, |part| part.put_slice(b"abc"));
        assert_eq!(filled, 3);
        let (filled, room) = part(&mut buf, 100, |part| part.remaining());
        assert_eq!((filled, room), (0, 5));
        assert_eq!(buf.filled(), b"abc");
    }

    #[test]
    fn spare_capacity_is_zeroed_once_and_again_only_after_growth() {
        let mut spare = Spare::new(Vec::with_capacity(16));
        let known = |part: &mut ReadBuf<'_>| {
            let known = part.initialized().len();
            part.initialize_unfilled()[0] = 1;
            part.advance(1);
            known
        };
        assert_eq!(spare.fill(known), (1, 0));
        assert_eq!(spare.fill(known), (1, 15));
        spare.extend(&[2; 3]);
        assert_eq!(spare.fill(known), (1, 11));
        spare.reserve(1000);
        assert_eq!(spare.fill(known), (1, 0));
        assert_eq!(spare.take(), [1, 1, 2, 2, 2, 1, 1]);
    }
}
