//! [`Outgoing`]: messages that were encoded and are not written yet.

use super::Encoder;
use super::incoming::CAPACITY;
use crate::async_io::{AsyncWrite, poll_write_buf};
use bytes::BytesMut;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) buffer: BytesMut,
    /// From how many bytes on the next message has to wait until they are written.
    pub(super) boundary: usize,
}

impl Outgoing {
    pub(super) fn with_capacity(capacity: usize) -> Outgoing {
        Outgoing {
            buffer: BytesMut::with_capacity(capacity),
            boundary: capacity,
        }
    }

    pub(super) fn poll_ready<T: AsyncWrite>(
        &mut self,
        io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.buffer.len() < self.boundary {
            return Poll::Ready(Ok(()));
        }
        self.poll_flush(io, cx)
    }

    pub(super) fn encode<I, E: Encoder<I>>(
        &mut self,
        item: I,
        encoder: &mut E,
    ) -> Result<(), E::Error> {
        encoder.encode(item, &mut self.buffer)
    }

    pub(super) fn poll_flush<T: AsyncWrite>(
        &mut self,
        mut io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.buffer.is_empty() {
            if ready!(poll_write_buf(io.as_mut(), cx, &mut self.buffer))? == 0 {
                let message = "the writer takes no more, and a frame is not written whole";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::WriteZero, message)));
            }
        }
        io.poll_flush(cx)
    }

    pub(super) fn poll_close<T: AsyncWrite>(
        &mut self,
        mut io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(io.as_mut(), cx))?;
        io.poll_shutdown(cx)
    }
}

impl From<BytesMut> for Outgoing {
    fn from(buffer: BytesMut) -> Outgoing {
        Outgoing {
            buffer,
            boundary: CAPACITY,
        }
    }
}
