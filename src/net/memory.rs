//! Receiving into memory that is not initialised.
//!
//! # Safety argument
//!
//! This file has unsafe code, so that a buffer of 8 KiB for a message of 100 bytes is not
//! zeroed first.
//!
//! 1. All of it goes through [`fill`] and [`fill_chunk`], whose callers, in this file, pass
//!    one of socket2's receiving methods, [`sys::read`] or [`sys::recv_to_end`]. Those hand the
//!    memory to the system, which writes the first `n` bytes and returns `n`, and de-initialise
//!    nothing.
//! 2. `n` is never greater than the length of the memory.

#![allow(unsafe_code)] // see the safety argument above

use super::sys;
use crate::async_io::ReadBuf;
use bytes::BufMut;
use socket2::{SockAddr, SockRef};
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::AsFd;

type Memory = [MaybeUninit<u8>];

/// Lets `receive` write to what is unfilled, and counts that.
///
/// # Safety
///
/// `receive` initialises as many bytes, from the start, as it says, and de-initialises none.
#[inline]
unsafe fn fill<T>(
    buf: &mut ReadBuf<'_>,
    receive: impl FnOnce(&mut Memory) -> io::Result<(usize, T)>,
) -> io::Result<(usize, T)> {
    // SAFETY: nothing is de-initialised (1).
    let (count, from) = receive(unsafe { buf.unfilled_mut() })?;
    // SAFETY: that many are initialised (1).
    unsafe { buf.assume_init(count) };
    buf.advance(count);
    Ok((count, from))
}

/// Lets `receive` write to the next chunk, and counts that.
///
/// # Safety
///
/// As for [`fill`].
#[inline]
unsafe fn fill_chunk<B: BufMut + ?Sized, T>(
    buf: &mut B,
    receive: impl FnOnce(&mut Memory) -> io::Result<(usize, T)>,
) -> io::Result<(usize, T)> {
    // SAFETY: nothing is de-initialised (1).
    let memory = unsafe { buf.chunk_mut().as_uninit_slice_mut() };
    let (count, from) = receive(memory)?;
    // SAFETY: that many are initialised, and fit (1, 2).
    unsafe { buf.advance_mut(count) };
    Ok((count, from))
}

/// Receives, and says how many bytes.
#[inline]
pub(super) fn recv(socket: &impl AsFd, buf: &mut ReadBuf<'_>) -> io::Result<usize> {
    let receive = |memory: &mut Memory| Ok((SockRef::from(socket).recv(memory)?, ()));
    // SAFETY: (1)
    unsafe { fill(buf, receive) }.map(|(count, ())| count)
}

/// Receives from a Unix stream, says how many bytes, and whether there was no more to be had.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline]
pub(super) fn recv_to_end(stream: &impl AsFd, buf: &mut ReadBuf<'_>) -> io::Result<(usize, bool)> {
    let receive = |memory: &mut Memory| sys::recv_to_end(stream.as_fd(), memory);
    // SAFETY: (1)
    unsafe { fill(buf, receive) }
}

/// The same where a short count says nothing.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[inline]
pub(super) fn recv_to_end(stream: &impl AsFd, buf: &mut ReadBuf<'_>) -> io::Result<(usize, bool)> {
    recv(stream, buf).map(|count| (count, false))
}

/// Receives without taking what is received, and says how many bytes.
pub(super) fn peek(socket: &impl AsFd, buf: &mut ReadBuf<'_>) -> io::Result<usize> {
    let receive = |memory: &mut Memory| Ok((SockRef::from(socket).peek(memory)?, ()));
    // SAFETY: (1)
    unsafe { fill(buf, receive) }.map(|(count, ())| count)
}

/// Receives, and says from whom.
pub(super) fn recv_from(socket: &impl AsFd, buf: &mut ReadBuf<'_>) -> io::Result<SockAddr> {
    let receive = |memory: &mut Memory| SockRef::from(socket).recv_from(memory);
    // SAFETY: (1)
    unsafe { fill(buf, receive) }.map(|(_, from)| from)
}

/// Receives without taking what is received, and says from whom.
pub(super) fn peek_from(socket: &impl AsFd, buf: &mut ReadBuf<'_>) -> io::Result<SockAddr> {
    let receive = |memory: &mut Memory| SockRef::from(socket).peek_from(memory);
    // SAFETY: (1)
    unsafe { fill(buf, receive) }.map(|(_, from)| from)
}

/// [`recv`] for any buffer.
#[inline]
pub(super) fn recv_buf<B: BufMut + ?Sized>(socket: &impl AsFd, buf: &mut B) -> io::Result<usize> {
    let receive = |memory: &mut Memory| Ok((SockRef::from(socket).recv(memory)?, ()));
    // SAFETY: (1)
    unsafe { fill_chunk(buf, receive) }.map(|(count, ())| count)
}

/// [`recv_from`] for any buffer.
pub(super) fn recv_buf_from<B: BufMut + ?Sized>(
    socket: &impl AsFd,
    buf: &mut B,
) -> io::Result<(usize, SockAddr)> {
    let receive = |memory: &mut Memory| SockRef::from(socket).recv_from(memory);
    // SAFETY: (1)
    unsafe { fill_chunk(buf, receive) }
}

/// Reads from a pipe, and says how many bytes.
pub(super) fn read(pipe: &impl AsFd, buf: &mut ReadBuf<'_>) -> io::Result<usize> {
    let receive = |memory: &mut Memory| Ok((sys::read(pipe.as_fd(), memory)?, ()));
    // SAFETY: (1)
    unsafe { fill(buf, receive) }.map(|(count, ())| count)
}

/// [`read`] for any buffer.
pub(super) fn read_buf<B: BufMut + ?Sized>(pipe: &impl AsFd, buf: &mut B) -> io::Result<usize> {
    let receive = |memory: &mut Memory| Ok((sys::read(pipe.as_fd(), memory)?, ()));
    // SAFETY: (1)
    unsafe { fill_chunk(buf, receive) }.map(|(count, ())| count)
}

/// The address of an internet socket.
pub(super) fn address(address: SockAddr) -> io::Result<SocketAddr> {
    address.as_socket().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "the address is not one of an internet socket",
        )
    })
}
