//! Writing to what may block, in order: the part that [`Stdout`](super::Stdout) and
//! [`Stderr`](super::Stderr) have in common.
//!
//! ```text
//!             write: copy, hand over             the job is over
//!   IDLE ──────────────────────────▶ WRITING ─────────────────────▶ IDLE
//! ```
//!
//! A write is accepted at once; the next one, and a flush, wait for it and return its error.
//! A job writes all that it was given and flushes std's handle, under that handle's lock: so
//! what was accepted by one call is never torn apart by `println!`, and nothing is left in a
//! buffer. A handle that is dropped leaves its job to the pool.

use crate::base::budget;
use crate::rt;
use crate::tasks::JoinHandle;
use std::io::{self, IoSlice};
use std::task::{Context, Poll, ready};

/// How much one call accepts at most.
const MOST: usize = 64 * 1024;

/// Where it goes: writes all of it out.
pub(super) type Write = fn(&[u8]) -> io::Result<()>;

/// The memory that was written out, and how that ended.
type Written = (Vec<u8>, io::Result<()>);

/// See the [module](self).
pub(super) struct Output {
    write: Write,
    /// Gives the memory back.
    job: Option<JoinHandle<io::Result<Written>>>,
    memory: Vec<u8>,
}

impl Output {
    pub(super) fn new(write: Write) -> Output {
        Output {
            write,
            job: None,
            memory: Vec::new(),
        }
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_flush(cx))?;
        let spent = ready!(budget::poll_proceed(cx));
        let mut memory = std::mem::take(&mut self.memory);
        memory.clear();
        for buf in bufs {
            let room = MOST - memory.len();
            memory.extend_from_slice(&buf[..buf.len().min(room)]);
        }
        let count = memory.len();
        if count > 0 {
            let write = self.write;
            self.job = Some(rt::spawn_blocking(move || {
                let result = write(&memory);
                Ok((memory, result))
            }));
        }
        spent.made_progress();
        Poll::Ready(Ok(count))
    }

    /// Waits for what was accepted, and says how that ended.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(job) = &mut self.job else {
            return budget::spend(cx).map(Ok);
        };
        let ended = ready!(rt::poll_job(job, cx));
        self.job = None;
        let (memory, result) = ended?;
        self.memory = memory;
        Poll::Ready(result)
    }
}
