//! [`Incoming`]: what was read and is no message yet.
//!
//! ```text
//!            bytes came                     no whole frame
//!  Paused ───────────────▶ Framing ◀──────────────────────▶ Reading
//!    ▲                      │   ▲         bytes came          │
//!    │                error │   │ `None` once                 │ end
//!    │                      └▶ Failed ◀───────────────────────┤
//!    │        `None`                                          ▼
//!    └───────────────────────────────────────────────────── Ending
//! ```
//!
//! A stream that gave `None` may be polled again: some readers go on after an end.

use super::Decoder;
use crate::async_io::{AsyncRead, poll_read_buf};
use crate::base::budget;
use bytes::BytesMut;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What both directions have room for, where nobody says otherwise, in bytes.
pub(super) const CAPACITY: usize = 8 * 1024;

#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) buffer: BytesMut,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The buffer has no whole frame.
    Reading,
    /// There may be one.
    Framing,
    /// The reader has ended; the rest may be frames.
    Ending,
    /// The end was told.
    Paused,
    /// An error was told, its `None` was not.
    Failed,
}

impl Phase {
    /// Where to go on with what is in `buffer`.
    fn after(buffer: &BytesMut) -> Phase {
        if buffer.is_empty() {
            Phase::Reading
        } else {
            Phase::Framing
        }
    }
}

impl Incoming {
    pub(super) fn with_capacity(capacity: usize) -> Incoming {
        Incoming::from(BytesMut::with_capacity(capacity))
    }

    /// What the stream around `io` and `decoder` answers.
    pub(super) fn poll_next<T: AsyncRead, D: Decoder>(
        &mut self,
        mut io: Pin<&mut T>,
        decoder: &mut D,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<D::Item, D::Error>>> {
        loop {
            match self.phase {
                Phase::Failed => {
                    self.phase = Phase::after(&self.buffer);
                    return Poll::Ready(None);
                }
                Phase::Framing => {
                    let spent = ready!(budget::poll_proceed(cx));
                    match decoder.decode(&mut self.buffer) {
                        Ok(None) => self.phase = Phase::Reading,
                        result => {
                            spent.made_progress();
                            return Poll::Ready(self.tell(result));
                        }
                    }
                }
                Phase::Ending => {
                    ready!(budget::poll_proceed(cx)).made_progress();
                    let result = decoder.decode_eof(&mut self.buffer);
                    if matches!(result, Ok(None)) {
                        self.phase = Phase::Paused;
                    }
                    return Poll::Ready(self.tell(result));
                }
                Phase::Reading | Phase::Paused => {
                    self.buffer.reserve(1);
                    match ready!(poll_read_buf(io.as_mut(), cx, &mut self.buffer)) {
                        Err(error) => return Poll::Ready(self.tell(Err(error.into()))),
                        Ok(0) if matches!(self.phase, Phase::Paused) => return Poll::Ready(None),
                        Ok(0) => self.phase = Phase::Ending,
                        Ok(_) => self.phase = Phase::Framing,
                    }
                }
            }
        }
    }

    fn tell<I, E>(&mut self, result: Result<Option<I>, E>) -> Option<Result<I, E>> {
        if result.is_err() {
            self.phase = Phase::Failed;
        }
        result.transpose()
    }
}

impl From<BytesMut> for Incoming {
    fn from(buffer: BytesMut) -> Incoming {
        let phase = Phase::after(&buffer);
        Incoming { buffer, phase }
    }
}
