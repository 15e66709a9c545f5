//! The position of a file, and what moves it: reading, writing, seeking.
//!
//! One of them is under way at a time. The position is the kernel's, in the file description,
//! not a copy of it; so a read on the pool reads exactly as much as was asked for.
//!
//! ```text
//!            ┌─ in the cache ─┐             seek
//!            ▼                │      ┌───────────────┐
//!   read ─▶ REST ─────────────┘      ▼               │
//!            │  ▲                  REST ──▶ MOVING ──┘
//!   not there│  │ the bytes are `unread`
//!            ▼  │
//!          READING            write: see `writes`; its drain and these exclude each other
//! ```
//!
//! A future that is dropped while the file is READING leaves it so. The bytes come to the next
//! read; a write or a seek gives them back by moving the position to where they began, and so
//! does a read if the file was changed at some place meanwhile.

use super::cached::{self, Cached};
use super::hop::Hop;
use super::writes::{Drain, Writes};
use crate::async_io::ReadBuf;
use crate::base::budget;
use crate::base::sync::Arc;
use std::fs::File as StdFile;
use std::io::{self, IoSlice, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What a worker copies at once. The kernel copies the faster the more it is asked for: in calls
/// of 256 KiB a file takes half as long again as in calls of 1 MiB (`read_by_1m` in
/// `benches/src/bin/files.rs`).
pub(super) const INLINE_LIMIT: usize = 1024 * 1024;

/// What a unit of the budget pays for, so that a poll copies 3 MiB at most.
const BYTES_A_UNIT: usize = 16 * 1024;

/// What may gather, and what one read on the pool reads at most, unless the user says otherwise.
const DEFAULT_MAX_BUF: usize = 2 * 1024 * 1024;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Cursor {
    under_way: UnderWay,
    /// What a read on the pool has read; from `start` on it is to be given to somebody.
    unread: Vec<u8>,
    start: usize,
    /// Where to go, once what is under way is done.
    target: Option<SeekFrom>,
    /// Where the last seek has led to.
    position: u64,
    pub(super) max_buf: usize,
    /// Whether this file can't be read from the cache, or shares its position with another,
    /// which may hold the kernel's lock on it while it waits.
    pub(super) always_hops: bool,
}

#[derive(Debug)]
enum UnderWay {
    Nothing,
    Reading(Hop<Vec<u8>>),
    Moving(Hop<u64>),
}

impl Cursor {
    pub(super) fn new() -> Self {
        Cursor {
            under_way: UnderWay::Nothing,
            unread: Vec::new(),
            start: 0,
            target: None,
            position: 0,
            max_buf: DEFAULT_MAX_BUF,
            always_hops: false,
        }
    }

    /// Whether nothing is under way.
    pub(super) fn is_at_rest(&self) -> bool {
        self.target.is_none() && matches!(self.under_way, UnderWay::Nothing)
    }

    /// Reads what there is.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        file: &std::sync::Arc<StdFile>,
        writes: &Writes,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            // What an abandoned seek leads to, its user doesn't want to know.
            let _ = ready!(self.poll_move(cx, file, writes));
            let mut has_read = ready!(self.poll_reading(cx))?;
            if writes.take_changed() && self.start < self.unread.len() {
                self.give_back(file);
                has_read = false;
            }
            if has_read || self.start < self.unread.len() {
                return self.poll_take(cx, buf);
            }
            let spent = ready!(budget::poll_proceed(cx));
            if buf.remaining() == 0 {
                spent.made_progress();
                return Poll::Ready(Ok(()));
            }
            ready!(writes.poll_idle(cx));
            if !self.always_hops {
                match cached::read(file, buf, INLINE_LIMIT.min(self.max_buf), None) {
                    Cached::Read(bytes) => {
                        spent.made_progress();
                        charge(cx, bytes);
                        return Poll::Ready(Ok(()));
                    }
                    Cached::Absent => {}
                    Cached::Unsupported => self.always_hops = true,
                }
            }
            drop(spent);
            self.read_elsewhere(file, buf.remaining());
        }
    }

    fn read_elsewhere(&mut self, file: &std::sync::Arc<StdFile>, wanted: usize) {
        let mut bytes = std::mem::take(&mut self.unread);
        self.start = 0;
        let wanted = wanted.min(self.max_buf);
        let file = file.clone();
        self.under_way = UnderWay::Reading(Hop::start(move || {
            bytes.resize(wanted, 0);
            let read = retry(|| (&*file).read(&mut bytes))?;
            bytes.truncate(read);
            Ok(bytes)
        }));
    }

    /// Waits for a read that is under way. Tells whether there was one.
    fn poll_reading(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let UnderWay::Reading(hop) = &mut self.under_way else {
            return Poll::Ready(Ok(false));
        };
        let result = ready!(Pin::new(hop).poll(cx));
        self.under_way = UnderWay::Nothing;
        self.unread = result?;
        self.start = 0;
        Poll::Ready(Ok(true))
    }

    /// Takes from what was read elsewhere.
    fn poll_take(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let spent = ready!(budget::poll_proceed(cx));
        let rest = &self.unread[self.start..];
        let bytes = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..bytes]);
        self.start += bytes;
        spent.made_progress();
        charge(cx, bytes);
        Poll::Ready(Ok(()))
    }

    /// Accepts some of `slices`, and sees to it that they are written.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        file: &std::sync::Arc<StdFile>,
        writes: &Arc<Writes>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_rest(cx, file, writes));
        let spent = ready!(budget::poll_proceed(cx));
        self.give_back(file);
        let pushed = ready!(writes.poll_push(cx, slices, self.max_buf))?;
        spent.made_progress();
        charge(cx, pushed.bytes);
        if pushed.starts {
            let mut drain = Drain::new(writes.clone(), file.clone());
            // Nobody waits for the job itself.
            drop(crate::rt::spawn_blocking(move || drain.run()));
        }
        Poll::Ready(Ok(pushed.bytes))
    }

    /// Waits until neither a read nor a seek is under way; how they end is nobody's concern.
    pub(super) fn poll_rest(
        &mut self,
        cx: &mut Context<'_>,
        file: &std::sync::Arc<StdFile>,
        writes: &Writes,
    ) -> Poll<()> {
        let _ = ready!(self.poll_move(cx, file, writes));
        let _ = ready!(self.poll_reading(cx));
        Poll::Ready(())
    }

    /// Moves the position back to where the bytes began that nobody has taken.
    pub(super) fn give_back(&mut self, mut file: &StdFile) {
        let left = self.unread.len() - self.start;
        if left == 0 {
            return;
        }
        // A pipe can't be moved: what was read of it stays for the next read.
        if file.seek(SeekFrom::Current(-(left as i64))).is_ok() {
            self.unread.clear();
            self.start = 0;
        }
    }

    /// Asks to go to `target`.
    pub(super) fn start_seek(&mut self, target: SeekFrom) -> io::Result<()> {
        if self.target.is_some() || matches!(self.under_way, UnderWay::Moving(_)) {
            return Err(io::Error::other(
                "another seek of this file is under way: wait for it with `poll_complete`",
            ));
        }
        self.target = Some(target);
        Ok(())
    }

    /// Goes where it was asked to go; tells where it is.
    pub(super) fn poll_move(
        &mut self,
        cx: &mut Context<'_>,
        file: &std::sync::Arc<StdFile>,
        writes: &Writes,
    ) -> Poll<io::Result<u64>> {
        if let Some(target) = self.target {
            let _ = ready!(self.poll_reading(cx));
            ready!(writes.poll_idle(cx));
            let spent = ready!(budget::poll_proceed(cx));
            self.give_back(file);
            self.target = None;
            if self.always_hops || matches!(target, SeekFrom::End(_)) {
                // On a network file system the end is somewhere else.
                let file = file.clone();
                self.under_way = UnderWay::Moving(Hop::start(move || (&*file).seek(target)));
            } else {
                spent.made_progress();
                self.position = (&**file).seek(target)?;
            }
        }
        if let UnderWay::Moving(hop) = &mut self.under_way {
            let result = ready!(Pin::new(hop).poll(cx));
            self.under_way = UnderWay::Nothing;
            self.position = result?;
        }
        Poll::Ready(Ok(self.position))
    }
}

/// Takes more of the budget for many bytes, as far as there is any.
pub(super) fn charge(cx: &mut Context<'_>, bytes: usize) {
    for _ in 0..bytes / BYTES_A_UNIT {
        if !budget::has_remaining() {
            break;
        }
        if let Poll::Ready(spent) = budget::poll_proceed(cx) {
            spent.made_progress();
        }
    }
}

/// Calls again what a signal has interrupted.
pub(super) fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
