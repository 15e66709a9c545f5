//! A stream that does as it is told: step by step, it waits, moves a few bytes, or fails.

#![allow(dead_code)] // each test file takes what it needs

use futures::FutureExt;
use proptest::prelude::*;
use runtime::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf, SeekFrom};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// What a stream does when it is polled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Wakes the task, and says `Pending`.
    Wait,
    /// Moves so many bytes, at most.
    Move(usize),
    /// Fails with `ErrorKind::Other`.
    Fail,
    /// Fails with `ErrorKind::Interrupted`.
    Signal,
}

/// Reads `input` and writes to `output`, by its steps; without limits once those are used up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scripted {
    pub(crate) steps: VecDeque<Step>,
    pub(crate) input: Vec<u8>,
    pub(crate) position: usize,
    pub(crate) output: Vec<u8>,
    /// How long `output` was at the last flush.
    pub(crate) flushed: usize,
    pub(crate) is_shut_down: bool,
    pub(crate) is_vectored: bool,
    pub(crate) writes: usize,
}

impl Scripted {
    pub(crate) fn reader(input: impl Into<Vec<u8>>, steps: impl IntoIterator<Item = Step>) -> Self {
        Scripted {
            input: input.into(),
            steps: steps.into_iter().collect(),
            ..Scripted::default()
        }
    }

    pub(crate) fn writer(steps: impl IntoIterator<Item = Step>) -> Self {
        Scripted::reader([], steps)
    }

    /// How many bytes may move now.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match self.steps.pop_front() {
            Some(Step::Wait) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Fail) => Poll::Ready(Err(io::Error::other("as told"))),
            Some(Step::Signal) => Poll::Ready(Err(io::ErrorKind::Interrupted.into())),
            Some(Step::Move(n)) => Poll::Ready(Ok(n)),
            None => Poll::Ready(Ok(usize::MAX)),
        }
    }
}

impl AsyncRead for Scripted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Poll::Ready(limit) = self.poll_step(cx)? else {
            return Poll::Pending;
        };
        let rest = &self.input[self.position.min(self.input.len())..];
        let len = rest.len().min(limit.max(1)).min(buf.remaining());
        buf.put_slice(&rest[..len]);
        self.position += len;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Scripted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        assert!(!self.is_shut_down, "written to after it was shut down");
        let Poll::Ready(limit) = self.poll_step(cx)? else {
            return Poll::Pending;
        };
        self.writes += 1;
        let before = self.output.len();
        let slices = if self.is_vectored { bufs.len() } else { 1 };
        let filled = bufs.iter().filter(|buf| !buf.is_empty());
        for buf in filled.take(slices) {
            let room = limit.max(1) - (self.output.len() - before);
            self.output.extend(&buf[..buf.len().min(room)]);
        }
        Poll::Ready(Ok(self.output.len() - before))
    }

    fn is_write_vectored(&self) -> bool {
        self.is_vectored
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Poll::Ready(_) = self.poll_step(cx)? else {
            return Poll::Pending;
        };
        self.flushed = self.output.len();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Poll::Ready(_) = self.poll_step(cx)? else {
            return Poll::Pending;
        };
        self.is_shut_down = true;
        Poll::Ready(Ok(()))
    }
}

impl AsyncSeek for Scripted {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        let mut cursor = io::Cursor::new(&self.input);
        cursor.set_position(self.position as u64);
        self.position = io::Seek::seek(&mut cursor, position)? as usize;
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let Poll::Ready(_) = self.poll_step(cx)? else {
            return Poll::Pending;
        };
        Poll::Ready(Ok(self.position as u64))
    }
}

/// Steps that wait now and then, and move a few bytes.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => Just(Step::Wait),
        3 => (1_usize..12).prop_map(Step::Move),
    ];
    prop::collection::vec(step, 0..60)
}

/// Bytes of a small alphabet, so that delimiters come up.
pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"abc\n\r".to_vec()), 0..120)
}

/// Polls so often, then drops the future. What it came to, if it ended before.
pub(crate) fn cancel_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match future.as_mut().poll(&mut cx) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// What the future comes to without waiting, if it does.
pub(crate) fn now<F: Future>(future: F) -> Option<F::Output> {
    future.now_or_never()
}
