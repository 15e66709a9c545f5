//! [`FramedWrite`].

use super::incoming::CAPACITY;
use super::outgoing::Outgoing;
use super::{Encoder, FramedParts};
use crate::async_io::AsyncWrite;
use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A sink for messages that an encoder puts into bytes for a writer.
    ///
    /// A message that was fed is kept until the sink is flushed, or until it has 8 KiB
    /// ([or so](FramedWrite::set_backpressure_boundary)); closing it flushes it and shuts the
    /// writer down.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::SinkExt;
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// lines.send("one").await?;
    /// lines.send("two").await?;
    /// assert_eq!(lines.get_ref(), b"one\ntwo\n");
    /// # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a sink does nothing until it is sent to"]
    pub struct FramedWrite<T, E> {
        #[pin]
        io: T,
        encoder: E,
        outgoing: Outgoing,
    }
}

impl<T, E> FramedWrite<T, E> {
    /// Puts `encoder` in front of `writer`, with a buffer of 8 KiB.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let lines = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// assert!(lines.write_buffer().is_empty());
    /// ```
    pub fn new(writer: T, encoder: E) -> FramedWrite<T, E> {
        FramedWrite::with_capacity(writer, encoder, CAPACITY)
    }

    /// Puts `encoder` in front of `writer`, with room for `capacity` bytes, from which on
    /// the next message has to wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let lines = FramedWrite::with_capacity(Vec::<u8>::new(), LinesCodec::new(), 256);
    /// assert_eq!(lines.backpressure_boundary(), 256);
    /// ```
    pub fn with_capacity(writer: T, encoder: E, capacity: usize) -> FramedWrite<T, E> {
        FramedWrite {
            io: writer,
            encoder,
            outgoing: Outgoing::with_capacity(capacity),
        }
    }

    /// The writer.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// let _writer = framed.get_ref();
    /// ```
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// The writer. What is written past the codec may tear a message.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let mut framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// let _writer = framed.get_mut();
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// The writer, pinned. What is written past the codec may tear a message.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let framed = std::pin::pin!(FramedWrite::new(Vec::<u8>::new(), LinesCodec::new()));
    /// let _writer = framed.get_pin_mut();
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().io
    }

    /// The encoder.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// assert_eq!(framed.encoder(), &LinesCodec::new());
    /// ```
    pub fn encoder(&self) -> &E {
        &self.encoder
    }

    /// The encoder, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let mut framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// *framed.encoder_mut() = LinesCodec::new_with_max_length(80);
    /// ```
    pub fn encoder_mut(&mut self) -> &mut E {
        &mut self.encoder
    }

    /// The encoder of a pinned one, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let framed = std::pin::pin!(FramedWrite::new(Vec::<u8>::new(), LinesCodec::new()));
    /// *framed.encoder_pin_mut() = LinesCodec::new_with_max_length(80);
    /// ```
    pub fn encoder_pin_mut(self: Pin<&mut Self>) -> &mut E {
        self.project().encoder
    }

    /// The same with another encoder, which `map` makes of this one. What is in the
    /// buffer stays there.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{BytesCodec, FramedWrite, LinesCodec};
    ///
    /// let framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// let framed = framed.map_encoder(|_| BytesCodec::new());
    /// assert_eq!(framed.encoder(), &BytesCodec::new());
    /// ```
    pub fn map_encoder<C, F: FnOnce(E) -> C>(self, map: F) -> FramedWrite<T, C> {
        FramedWrite {
            io: self.io,
            encoder: map(self.encoder),
            outgoing: self.outgoing,
        }
    }

    /// Gives the writer back. What is in the buffer is lost: flush it, or use [`into_parts`](Self::into_parts).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// let _writer = framed.into_inner();
    /// ```
    pub fn into_inner(self) -> T {
        self.io
    }

    /// Takes it apart, without losing what is in the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// let parts = framed.into_parts();
    /// assert!(parts.read_buf.is_empty() && parts.write_buf.is_empty());
    /// ```
    pub fn into_parts(self) -> FramedParts<T, E> {
        FramedParts {
            io: self.io,
            codec: self.encoder,
            read_buf: BytesMut::new(),
            write_buf: self.outgoing.buffer,
        }
    }

    /// What was sent and is not written yet.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::SinkExt;
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// framed.feed("kept").await?;
    /// assert_eq!(framed.write_buffer(), "kept\n");
    /// # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
    /// ```
    pub fn write_buffer(&self) -> &BytesMut {
        &self.outgoing.buffer
    }

    /// What was sent and is not written yet, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let mut framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// framed.write_buffer_mut().extend_from_slice(b"as if it were sent\n");
    /// ```
    pub fn write_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.outgoing.buffer
    }

    /// From how many bytes on, sent and not written, the next message has to wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// assert_eq!(framed.backpressure_boundary(), 8 * 1024);
    /// ```
    pub fn backpressure_boundary(&self) -> usize {
        self.outgoing.boundary
    }

    /// Sets from how many bytes on, sent and not written, the next message has to wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedWrite, LinesCodec};
    ///
    /// let mut framed = FramedWrite::new(Vec::<u8>::new(), LinesCodec::new());
    /// framed.set_backpressure_boundary(64 * 1024);
    /// assert_eq!(framed.backpressure_boundary(), 64 * 1024);
    /// ```
    pub fn set_backpressure_boundary(&mut self, boundary: usize) {
        self.outgoing.boundary = boundary;
    }
}

impl<T: AsyncWrite, I, E: Encoder<I>> Sink<I> for FramedWrite<T, E> {
    type Error = E::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let me = self.project();
        me.outgoing.poll_ready(me.io, cx).map_err(Into::into)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), Self::Error> {
        let me = self.project();
        me.outgoing.encode(item, me.encoder)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let me = self.project();
        me.outgoing.poll_flush(me.io, cx).map_err(Into::into)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let me = self.project();
        me.outgoing.poll_close(me.io, cx).map_err(Into::into)
    }
}

impl<T: Stream, E> Stream for FramedWrite<T, E> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        self.project().io.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.io.size_hint()
    }
}
