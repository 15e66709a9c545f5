//! A borrowed buffer that knows how much of it is filled and how much initialised.
//!
//! ```text
//!   0 ........ filled ........ initialized ........ capacity
//!   |  filled  |   bytes of no   |    uninitialised   |
//!   |   data   |     meaning     |       memory       |
//! ```
//!
//! # The safety argument
//!
//! 1. `filled <= initialized <= buf.len()`, always.
//! 2. The first `initialized` bytes of `buf` are initialised. Both counters and the
//!    slice are private to this file. The only ways to raise `initialized` are to
//!    write the bytes first (here), or an `unsafe` method whose caller promises that
//!    it did. The only ways to reach the memory as `MaybeUninit` are `unsafe` too, and
//!    their callers promise not to de-initialise what is initialised.
//! 3. So a `&[u8]` or `&mut [u8]` of the first `initialized` bytes is valid.
//!
//! Nothing here relies on what a reader does with a `&mut ReadBuf` that it is given: it
//! may even put another `ReadBuf` in its place. Whoever hands out a part of a buffer
//! and then counts what was filled must check for that; [`fill`](super::fill) does, and
//! is the only place in this crate that needs to.

#![allow(unsafe_code)] // see the safety argument above

use bytes::BufMut;
use bytes::buf::UninitSlice;
use std::fmt;
use std::mem::MaybeUninit;

/// A buffer that a reader fills, part by part, without a need to initialise it first.
///
/// [`AsyncRead::poll_read`](super::AsyncRead::poll_read) gets one. Its memory is in three
/// parts: filled with data, initialised but without meaning, and uninitialised. A
/// reader appends to the filled part, most simply with [`put_slice`](Self::put_slice).
///
/// # Examples
///
/// ```
/// use runtime::io::ReadBuf;
///
/// let mut memory = [0; 8];
/// let mut buf = ReadBuf::new(&mut memory);
/// buf.put_slice(b"hello");
/// assert_eq!(buf.filled(), b"hello");
/// assert_eq!(buf.remaining(), 3);
/// ```
pub struct ReadBuf<'a> {
    buf: &'a mut [MaybeUninit<u8>],
    filled: usize,
    initialized: usize,
}

/// Views initialised bytes as memory that may be uninitialised. The result must not be
/// used to store anything uninitialised.
fn as_uninit(bytes: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: the same layout, length and lifetime; the only user, `ReadBuf::new`, keeps
    // the slice where nothing de-initialises it (2).
    unsafe { &mut *(bytes as *mut [u8] as *mut [MaybeUninit<u8>]) }
}

/// Views memory as bytes.
///
/// # Safety
///
/// All of `memory` is initialised.
unsafe fn as_init(memory: &[MaybeUninit<u8>]) -> &[u8] {
    // SAFETY: the same layout, length and lifetime, and initialised, as the caller says.
    unsafe { &*(memory as *const [MaybeUninit<u8>] as *const [u8]) }
}

/// Views memory as bytes.
///
/// # Safety
///
/// All of `memory` is initialised.
unsafe fn as_init_mut(memory: &mut [MaybeUninit<u8>]) -> &mut [u8] {
    // SAFETY: the same layout, length and lifetime, and initialised, as the caller says.
    unsafe { &mut *(memory as *mut [MaybeUninit<u8>] as *mut [u8]) }
}

impl<'a> ReadBuf<'a> {
    /// A buffer over initialised memory, with nothing filled.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [0; 4];
    /// let buf = runtime::io::ReadBuf::new(&mut memory);
    /// assert_eq!((buf.capacity(), buf.filled().len(), buf.initialized().len()), (4, 0, 4));
    /// ```
    #[inline]
    pub fn new(buf: &'a mut [u8]) -> ReadBuf<'a> {
        let initialized = buf.len();
        ReadBuf {
            buf: as_uninit(buf),
            filled: 0,
            initialized,
        }
    }

    /// A buffer over memory of which nothing is known to be initialised.
    ///
    /// When `buf` is known to be initialised in part, [`assume_init`](Self::assume_init)
    /// says so.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::mem::MaybeUninit;
    ///
    /// let mut memory = [MaybeUninit::uninit(); 4];
    /// let mut buf = runtime::io::ReadBuf::uninit(&mut memory);
    /// buf.put_slice(b"ab");
    /// assert_eq!(buf.initialized(), b"ab");
    /// ```
    #[inline]
    pub fn uninit(buf: &'a mut [MaybeUninit<u8>]) -> ReadBuf<'a> {
        ReadBuf {
            buf,
            filled: 0,
            initialized: 0,
        }
    }

    /// How many bytes fit in, filled or not.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(runtime::io::ReadBuf::new(&mut [0; 4]).capacity(), 4);
    /// ```
    #[inline]
    pub fn capacity(&self) -> usize {
        self.buf.len()
    }

    /// How many more bytes fit in.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [0; 4];
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// buf.put_slice(b"abc");
    /// assert_eq!(buf.remaining(), 1);
    /// ```
    #[inline]
    pub fn remaining(&self) -> usize {
        self.buf.len() - self.filled
    }

    /// The data.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [0; 4];
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// buf.put_slice(b"abc");
    /// assert_eq!(buf.filled(), b"abc");
    /// ```
    #[inline]
    pub fn filled(&self) -> &[u8] {
        // SAFETY: filled <= initialized (1), and those are initialised (2).
        unsafe { as_init(&self.buf[..self.filled]) }
    }

    /// The data, to be changed in place.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [0; 4];
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// buf.put_slice(b"abc");
    /// buf.filled_mut().make_ascii_uppercase();
    /// assert_eq!(buf.filled(), b"ABC");
    /// ```
    #[inline]
    pub fn filled_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `filled`.
        unsafe { as_init_mut(&mut self.buf[..self.filled]) }
    }

    /// What is initialised: the data, and bytes after it that have no meaning.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [7; 4];
    /// assert_eq!(runtime::io::ReadBuf::new(&mut memory).initialized(), [7; 4]);
    /// ```
    #[inline]
    pub fn initialized(&self) -> &[u8] {
        // SAFETY: those are initialised (2).
        unsafe { as_init(&self.buf[..self.initialized]) }
    }

    /// What is initialised, to be changed in place.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [7; 4];
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// buf.initialized_mut()[0] = 1;
    /// assert_eq!(buf.initialized(), [1, 7, 7, 7]);
    /// ```
    #[inline]
    pub fn initialized_mut(&mut self) -> &mut [u8] {
        // SAFETY: those are initialised (2).
        unsafe { as_init_mut(&mut self.buf[..self.initialized]) }
    }

    /// The whole memory, filled or not.
    ///
    /// # Safety
    ///
    /// The caller does not de-initialise what is initialised.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [0; 4];
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// // SAFETY: nothing is written.
    /// assert_eq!(unsafe { buf.inner_mut() }.len(), 4);
    /// ```
    #[inline]
    pub unsafe fn inner_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        self.buf
    }

    /// The memory after the data.
    ///
    /// # Safety
    ///
    /// The caller does not de-initialise what is initialised.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [0; 4];
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// // SAFETY: initialised bytes are written, and counted afterwards.
    /// unsafe {
    ///     buf.unfilled_mut()[0].write(b'a');
    ///     buf.assume_init(1);
    /// }
    /// buf.advance(1);
    /// assert_eq!(buf.filled(), b"a");
    /// ```
    #[inline]
    pub unsafe fn unfilled_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        &mut self.buf[self.filled..]
    }

    /// The memory after the data, initialised first where it isn't.
    ///
    /// Each byte is set to zero at most once in the life of this `ReadBuf`.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [std::mem::MaybeUninit::uninit(); 4];
    /// let mut buf = runtime::io::ReadBuf::uninit(&mut memory);
    /// assert_eq!(buf.initialize_unfilled(), [0; 4]);
    /// ```
    #[inline]
    pub fn initialize_unfilled(&mut self) -> &mut [u8] {
        self.initialize_unfilled_to(self.remaining())
    }

    /// The next `n` bytes after the data, initialised first where they aren't.
    ///
    /// # Panics
    ///
    /// If fewer than `n` bytes [remain](Self::remaining).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [std::mem::MaybeUninit::uninit(); 4];
    /// let mut buf = runtime::io::ReadBuf::uninit(&mut memory);
    /// buf.initialize_unfilled_to(2).copy_from_slice(b"ab");
    /// buf.advance(2);
    /// assert_eq!(buf.filled(), b"ab");
    /// ```
    #[inline]
    #[track_caller]
    pub fn initialize_unfilled_to(&mut self, n: usize) -> &mut [u8] {
        self.assert_room(n);
        let end = self.filled + n;
        if self.initialized < end {
            self.buf[self.initialized..end].fill(MaybeUninit::new(0));
            self.initialized = end;
        }
        // SAFETY: initialised up to `end` at least.
        unsafe { as_init_mut(&mut self.buf[self.filled..end]) }
    }

    /// Forgets the data. What is initialised stays so.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [0; 4];
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// buf.put_slice(b"abc");
    /// buf.clear();
    /// assert!(buf.filled().is_empty());
    /// ```
    #[inline]
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Counts the next `n` bytes as data.
    ///
    /// # Panics
    ///
    /// If they are not all initialised.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = *b"data";
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// buf.advance(2);
    /// assert_eq!(buf.filled(), b"da");
    /// ```
    #[inline]
    #[track_caller]
    pub fn advance(&mut self, n: usize) {
        let filled = self.filled.checked_add(n);
        self.set_filled(filled.expect("a length that overflows: advance by what was written"));
    }

    /// Counts the first `n` bytes as data, and no others.
    ///
    /// # Panics
    ///
    /// If they are not all initialised.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = *b"data";
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// buf.set_filled(3);
    /// buf.set_filled(1);
    /// assert_eq!(buf.filled(), b"d");
    /// ```
    #[inline]
    #[track_caller]
    pub fn set_filled(&mut self, n: usize) {
        assert!(
            n <= self.initialized,
            "{n} bytes counted as filled where {} are initialised: write them first, or say \
             with `assume_init` that you did",
            self.initialized
        );
        self.filled = n;
    }

    /// Says that the next `n` bytes after the data are initialised.
    ///
    /// # Safety
    ///
    /// They are.
    ///
    /// # Panics
    ///
    /// If fewer than `n` bytes [remain](Self::remaining).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [std::mem::MaybeUninit::new(1); 4];
    /// let mut buf = runtime::io::ReadBuf::uninit(&mut memory);
    /// // SAFETY: made of initialised bytes, two lines above.
    /// unsafe { buf.assume_init(4) };
    /// assert_eq!(buf.initialized(), [1; 4]);
    /// ```
    #[inline]
    #[track_caller]
    pub unsafe fn assume_init(&mut self, n: usize) {
        self.assert_room(n);
        self.initialized = self.initialized.max(self.filled + n);
    }

    /// Appends `bytes` to the data.
    ///
    /// # Panics
    ///
    /// If fewer than `bytes.len()` bytes [remain](Self::remaining).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [0; 4];
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// buf.put_slice(b"ab");
    /// buf.put_slice(b"cd");
    /// assert_eq!(buf.filled(), b"abcd");
    /// ```
    #[inline]
    #[track_caller]
    pub fn put_slice(&mut self, bytes: &[u8]) {
        self.assert_room(bytes.len());
        let end = self.filled + bytes.len();
        let target = &mut self.buf[self.filled..end];
        // SAFETY: `target` has the length of `bytes`; a `&mut` and a `&` do not overlap.
        unsafe {
            std::ptr::copy_nonoverlapping(
                bytes.as_ptr(),
                target.as_mut_ptr().cast::<u8>(),
                bytes.len(),
            );
        }
        self.initialized = self.initialized.max(end);
        self.filled = end;
    }

    /// A buffer over the next `n` bytes after the data, or over all that
    /// [remain](Self::remaining) if those are fewer. What is initialised here is known to be so
    /// there.
    ///
    /// What is filled there is not counted here: that takes
    /// [`assume_init`](Self::assume_init) and [`advance`](Self::advance).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = [0; 4];
    /// let mut buf = runtime::io::ReadBuf::new(&mut memory);
    /// buf.put_slice(b"a");
    /// let mut part = buf.take(2);
    /// part.put_slice(b"bc");
    /// assert_eq!(part.remaining(), 0);
    /// buf.advance(2);
    /// assert_eq!(buf.filled(), b"abc");
    /// ```
    #[inline]
    pub fn take(&mut self, n: usize) -> ReadBuf<'_> {
        let n = n.min(self.remaining());
        let initialized = (self.initialized - self.filled).min(n);
        ReadBuf {
            buf: &mut self.buf[self.filled..self.filled + n],
            filled: 0,
            initialized,
        }
    }

    #[inline]
    #[track_caller]
    fn assert_room(&self, n: usize) {
        assert!(
            n <= self.remaining(),
            "{n} bytes do not fit into a `ReadBuf` with room for {}: fill at most `remaining()`",
            self.remaining()
        );
    }
}

// SAFETY: `chunk_mut` is the memory after the data, whose length is `remaining_mut`, and
// which stays the same until `advance_mut`, whose caller promises initialised bytes.
unsafe impl BufMut for ReadBuf<'_> {
    fn remaining_mut(&self) -> usize {
        self.remaining()
    }

    unsafe fn advance_mut(&mut self, n: usize) {
        // SAFETY: the caller promises that the next `n` bytes are initialised.
        unsafe { self.assume_init(n) };
        self.advance(n);
    }

    fn chunk_mut(&mut self) -> &mut UninitSlice {
        UninitSlice::uninit(&mut self.buf[self.filled..])
    }
}

impl fmt::Debug for ReadBuf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadBuf")
            .field("filled", &self.filled)
            .field("initialized", &self.initialized)
            .field("capacity", &self.capacity())
            .finish()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn memory_is_zeroed_once_and_only_as_far_as_asked() {
        let mut memory = [MaybeUninit::uninit(); 8];
        let mut buf = ReadBuf::uninit(&mut memory);
        buf.initialize_unfilled_to(3).fill(9);
        assert_eq!(buf.initialized(), [9; 3]);
        assert_eq!(buf.initialize_unfilled(), [9, 9, 9, 0, 0, 0, 0, 0]);
        buf.advance(8);
        assert_eq!(buf.remaining(), 0);
    }

    #[test]
    fn a_part_knows_what_is_initialised_and_leaves_the_rest_alone() {
        let mut memory = [MaybeUninit::uninit(); 8];
        let mut buf = ReadBuf::uninit(&mut memory);
        buf.initialize_unfilled_to(4);
        buf.put_slice(b"a");
        assert_eq!(buf.take(2).initialized().len(), 2);
        assert_eq!(buf.take(100).initialized().len(), 3);
        assert_eq!(buf.take(100).capacity(), 7);
        assert_eq!(buf.filled(), b"a");
    }

    #[test]
    fn a_buffer_serves_as_bytes_buf_mut() {
        let mut memory = [MaybeUninit::uninit(); 8];
        let mut buf = ReadBuf::uninit(&mut memory);
        buf.put_u16(0x6162);
        buf.put_bytes(b'c', 2);
        BufMut::put_slice(&mut buf, b"d");
        assert_eq!(buf.filled(), b"abccd");
        assert_eq!(buf.remaining_mut(), 3);
    }

    #[test]
    fn counting_more_than_is_initialised_or_fits_panics() {
        fn panics(f: fn(&mut ReadBuf<'_>)) {
            let result = catch_unwind(|| {
                let mut memory = [MaybeUninit::uninit(); 4];
                f(&mut ReadBuf::uninit(&mut memory));
            });
            assert!(result.is_err());
        }
        panics(|buf| buf.advance(1));
        panics(|buf| buf.set_filled(1));
        panics(|buf| buf.put_slice(b"12345"));
        panics(|buf| buf.initialize_unfilled_to(5).fill(0));
        panics(|buf| {
            buf.put_slice(b"1");
            buf.advance(usize::MAX);
        });
    }
}
