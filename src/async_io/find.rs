//! Where a byte is.
//!
//! The platform's `memchr`. The search of std's `BufRead` for bytes in memory is another one, which
//! looks at two words at once and took twice as long for lines of 26 bytes.
//!
//! # The safety argument
//!
//! This file contains unsafe code: a call that reads the bytes of a slice, borrowed until it
//! returns, and no others. It returns a pointer into the slice, or none; an address before the slice's, which
//! could not be, is taken to be none too.
#![allow(unsafe_code)]

use std::ffi::c_int;

/// The place of the first `byte` in `bytes`.
#[inline]
pub(super) fn find(byte: u8, bytes: &[u8]) -> Option<usize> {
    let start = bytes.as_ptr();
    // SAFETY: so many bytes may be read from there.
    let found = unsafe { libc::memchr(start.cast(), c_int::from(byte), bytes.len()) };
    if found.is_null() {
        return None;
    }
    found.addr().checked_sub(start.addr())
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_first_one_is_found_wherever_it_is() {
        for length in 0..70 {
            for first in 0..=length {
                let mut bytes = vec![1; length];
                bytes[first..].fill(255);
                assert_eq!(find(255, &bytes), (first < length).then_some(first));
                assert_eq!(find(7, &bytes), None);
            }
        }
    }
}
