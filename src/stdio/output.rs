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

use crate::base::{budget, wait};
use crate::registry::shut_down;
use crate::rt;
use crate::tasks::JoinHandle;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// How much one call accepts at most.
const MOST: usize = 64 * 1024;

/// Where it goes: writes all of it out.
pub(super) type Write = fn(&[u8]) -> io::Result<()>;

/// See the [module](self).
pub(super) struct Output {
    write: Write,
    /// Gives the memory back.
    job: Option<JoinHandle<(Vec<u8>, io::Result<()>)>>,
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
                (memory, result)
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
        if job.wake_at_end(cx.waker()) {
            wait::note(wait::Kind::Blocking, job.id().as_u64());
            return Poll::Pending;
        }
        // Looked at here, as the handle would tell that the wait is in this line.
        drop(ready!(budget::poll_proceed(cx)));
        let ended = ready!(Pin::new(job).poll(cx));
        self.job = None;
        Poll::Ready(match ended {
            Ok((memory, result)) => {
                self.memory = memory;
                result
            }
            Err(error) if error.is_cancelled() => Err(shut_down()),
            Err(error) => Err(io::Error::other(error)),
        })
    }
}
