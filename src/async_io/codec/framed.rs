//! [`Framed`] and [`FramedParts`].

use super::incoming::{CAPACITY, Incoming};
use super::outgoing::Outgoing;
use super::{Decoder, Encoder};
use crate::async_io::{AsyncRead, AsyncWrite};
use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A connection that carries messages: a stream of those that come in, and a sink for
    /// those that go out.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::SinkExt;
    /// use runtime::codec::{Framed, LinesCodec};
    /// use runtime::stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let (here, there) = runtime::io::duplex(64);
    /// let mut here = Framed::new(here, LinesCodec::new());
    /// let mut there = Framed::new(there, LinesCodec::new());
    /// here.send("ping").await?;
    /// assert_eq!(there.next().await.unwrap()?, "ping");
    /// there.send("pong").await?;
    /// assert_eq!(here.next().await.unwrap()?, "pong");
    /// # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a connection does nothing until it is read from or sent to"]
    pub struct Framed<T, U> {
        #[pin]
        io: T,
        codec: U,
        incoming: Incoming,
        outgoing: Outgoing,
    }
}

impl<T, U> Framed<T, U> {
    /// Puts `codec` around `io`, with buffers of 8 KiB each way.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// assert!(framed.read_buffer().is_empty());
    /// ```
    pub fn new(io: T, codec: U) -> Framed<T, U> {
        Framed::with_capacity(io, codec, CAPACITY)
    }

    /// Puts `codec` around `io`, with room for `capacity` bytes in the buffer of what is
    /// read. Both buffers grow as messages need it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = Framed::with_capacity(runtime::io::duplex(64).0, LinesCodec::new(), 256);
    /// assert!(framed.read_buffer().capacity() >= 256);
    /// ```
    pub fn with_capacity(io: T, codec: U, capacity: usize) -> Framed<T, U> {
        Framed {
            io,
            codec,
            incoming: Incoming::with_capacity(capacity),
            outgoing: Outgoing::with_capacity(CAPACITY),
        }
    }

    /// Puts together what [`into_parts`](Self::into_parts) took apart.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    /// use runtime::stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// let mut parts = framed.into_parts();
    /// parts.read_buf.extend_from_slice(b"as if it were read\n");
    /// let mut framed = Framed::from_parts(parts);
    /// assert_eq!(framed.next().await.unwrap()?, "as if it were read");
    /// # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
    /// ```
    pub fn from_parts(mut parts: FramedParts<T, U>) -> Framed<T, U> {
        // A small buffer would be read into a few bytes at a time until it has grown.
        let missing = CAPACITY.saturating_sub(parts.read_buf.len());
        parts.read_buf.reserve(missing);
        Framed {
            io: parts.io,
            codec: parts.codec,
            incoming: Incoming::from(parts.read_buf),
            outgoing: Outgoing::from(parts.write_buf),
        }
    }

    /// The connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// let _connection = framed.get_ref();
    /// ```
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// The connection. What is read or written past the codec may tear a message.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let mut framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// let _connection = framed.get_mut();
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// The connection, pinned. What is read or written past the codec may tear a message.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = std::pin::pin!(Framed::new(runtime::io::duplex(64).0, LinesCodec::new()));
    /// let _connection = framed.get_pin_mut();
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().io
    }

    /// The codec.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// assert_eq!(framed.codec(), &LinesCodec::new());
    /// ```
    pub fn codec(&self) -> &U {
        &self.codec
    }

    /// The codec, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let mut framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// *framed.codec_mut() = LinesCodec::new_with_max_length(80);
    /// ```
    pub fn codec_mut(&mut self) -> &mut U {
        &mut self.codec
    }

    /// The codec of a pinned one, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = std::pin::pin!(Framed::new(runtime::io::duplex(64).0, LinesCodec::new()));
    /// *framed.codec_pin_mut() = LinesCodec::new_with_max_length(80);
    /// ```
    pub fn codec_pin_mut(self: Pin<&mut Self>) -> &mut U {
        self.project().codec
    }

    /// The same with another codec, which `map` makes of this one. What is in the
    /// buffers stays there.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{BytesCodec, Framed, LinesCodec};
    ///
    /// let framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// let framed = framed.map_codec(|_| BytesCodec::new());
    /// assert_eq!(framed.codec(), &BytesCodec::new());
    /// ```
    pub fn map_codec<C, F: FnOnce(U) -> C>(self, map: F) -> Framed<T, C> {
        Framed {
            io: self.io,
            codec: map(self.codec),
            incoming: self.incoming,
            outgoing: self.outgoing,
        }
    }

    /// Gives the connection back. What is in the buffers is lost: [`into_parts`](Self::into_parts) keeps it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// let _connection = framed.into_inner();
    /// ```
    pub fn into_inner(self) -> T {
        self.io
    }

    /// Takes it apart, without losing what is in the buffers.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// let parts = framed.into_parts();
    /// assert!(parts.read_buf.is_empty() && parts.write_buf.is_empty());
    /// ```
    pub fn into_parts(self) -> FramedParts<T, U> {
        FramedParts {
            io: self.io,
            codec: self.codec,
            read_buf: self.incoming.buffer,
            write_buf: self.outgoing.buffer,
        }
    }

    /// What was read and is no message yet.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// assert!(framed.read_buffer().is_empty());
    /// ```
    pub fn read_buffer(&self) -> &BytesMut {
        &self.incoming.buffer
    }

    /// What was read and is no message yet, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let mut framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// framed.read_buffer_mut().extend_from_slice(b"as if it were read\n");
    /// ```
    pub fn read_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.incoming.buffer
    }

    /// What was sent and is not written yet.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::SinkExt;
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
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
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let mut framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
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
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
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
    /// use runtime::codec::{Framed, LinesCodec};
    ///
    /// let mut framed = Framed::new(runtime::io::duplex(64).0, LinesCodec::new());
    /// framed.set_backpressure_boundary(64 * 1024);
    /// assert_eq!(framed.backpressure_boundary(), 64 * 1024);
    /// ```
    pub fn set_backpressure_boundary(&mut self, boundary: usize) {
        self.outgoing.boundary = boundary;
    }
}

impl<T: AsyncRead, U: Decoder> Stream for Framed<T, U> {
    type Item = Result<U::Item, U::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.project();
        me.incoming.poll_next(me.io, me.codec, cx)
    }
}

impl<T: AsyncWrite, I, U: Encoder<I>> Sink<I> for Framed<T, U> {
    type Error = U::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let me = self.project();
        me.outgoing.poll_ready(me.io, cx).map_err(Into::into)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), Self::Error> {
        let me = self.project();
        me.outgoing.encode(item, me.codec)
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

/// What a [`Framed`] is made of.
///
/// # Examples
///
/// ```
/// use runtime::codec::{Framed, FramedParts, LinesCodec};
///
/// let connection = runtime::io::duplex(64).0;
/// let mut parts = FramedParts::new::<&str>(connection, LinesCodec::new());
/// parts.read_buf.extend_from_slice(b"what came before the upgrade\n");
/// let _framed = Framed::from_parts(parts);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct FramedParts<T, U> {
    /// The connection.
    pub io: T,
    /// The codec.
    pub codec: U,
    /// What was read and is no message yet.
    pub read_buf: BytesMut,
    /// What was sent and is not written yet.
    pub write_buf: BytesMut,
}

impl<T, U> FramedParts<T, U> {
    /// A connection and a codec, with nothing in the buffers.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedParts, LinesCodec};
    ///
    /// let parts = FramedParts::new::<&str>(runtime::io::duplex(64).0, LinesCodec::new());
    /// assert!(parts.write_buf.is_empty());
    /// ```
    pub fn new<I>(io: T, codec: U) -> FramedParts<T, U>
    where
        U: Encoder<I>,
    {
        FramedParts {
            io,
            codec,
            read_buf: BytesMut::new(),
            write_buf: BytesMut::new(),
        }
    }
}
