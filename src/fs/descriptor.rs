//! A [`File`] made of a bare descriptor.
//!
//! This file contains unsafe code: the trait of std for it has an unsafe function. Argument: it
//! hands its caller's promise on to std's.
#![allow(unsafe_code)]

use super::File;
use std::os::fd::{FromRawFd, RawFd};

impl FromRawFd for File {
    unsafe fn from_raw_fd(descriptor: RawFd) -> File {
        // SAFETY: the caller promises that the descriptor is open and nobody else's.
        File::from_std(unsafe { std::fs::File::from_raw_fd(descriptor) })
    }
}
