//! [`FramedRead`].

use super::incoming::{CAPACITY, Incoming};
use super::{Decoder, FramedParts};
use crate::async_io::AsyncRead;
use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A stream of the messages that a decoder finds in what a reader gives.
    ///
    /// After an error it gives `None` once, and then goes on behind what the decoder took
    /// away; after an end likewise, if the reader goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    /// use runtime::stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = FramedRead::new(&b"one\ntwo\n"[..], LinesCodec::new());
    /// assert_eq!(lines.next().await.unwrap()?, "one");
    /// assert_eq!(lines.next().await.unwrap()?, "two");
    /// assert!(lines.next().await.is_none());
    /// # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a stream does nothing until it is polled"]
    pub struct FramedRead<T, D> {
        #[pin]
        io: T,
        decoder: D,
        incoming: Incoming,
    }
}

impl<T, D> FramedRead<T, D> {
    /// Puts `decoder` in front of `reader`, with a buffer of 8 KiB.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let lines = FramedRead::new(&b"line\n"[..], LinesCodec::new());
    /// assert!(lines.read_buffer().is_empty());
    /// ```
    pub fn new(reader: T, decoder: D) -> FramedRead<T, D> {
        FramedRead::with_capacity(reader, decoder, CAPACITY)
    }

    /// Puts `decoder` in front of `reader`, with room for `capacity` bytes at first.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let lines = FramedRead::with_capacity(&b"line\n"[..], LinesCodec::new(), 256);
    /// assert!(lines.read_buffer().capacity() >= 256);
    /// ```
    pub fn with_capacity(reader: T, decoder: D, capacity: usize) -> FramedRead<T, D> {
        FramedRead {
            io: reader,
            decoder,
            incoming: Incoming::with_capacity(capacity),
        }
    }

    /// The reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let framed = FramedRead::new(&b"line\n"[..], LinesCodec::new());
    /// let _reader = framed.get_ref();
    /// ```
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// The reader. What is read past the codec may tear a message.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let mut framed = FramedRead::new(&b"line\n"[..], LinesCodec::new());
    /// let _reader = framed.get_mut();
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// The reader, pinned. What is read past the codec may tear a message.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let framed = std::pin::pin!(FramedRead::new(&b"line\n"[..], LinesCodec::new()));
    /// let _reader = framed.get_pin_mut();
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().io
    }

    /// The decoder.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let framed = FramedRead::new(&b"line\n"[..], LinesCodec::new());
    /// assert_eq!(framed.decoder(), &LinesCodec::new());
    /// ```
    pub fn decoder(&self) -> &D {
        &self.decoder
    }

    /// The decoder, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let mut framed = FramedRead::new(&b"line\n"[..], LinesCodec::new());
    /// *framed.decoder_mut() = LinesCodec::new_with_max_length(80);
    /// ```
    pub fn decoder_mut(&mut self) -> &mut D {
        &mut self.decoder
    }

    /// The decoder of a pinned one, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let framed = std::pin::pin!(FramedRead::new(&b"line\n"[..], LinesCodec::new()));
    /// *framed.decoder_pin_mut() = LinesCodec::new_with_max_length(80);
    /// ```
    pub fn decoder_pin_mut(self: Pin<&mut Self>) -> &mut D {
        self.project().decoder
    }

    /// The same with another decoder, which `map` makes of this one. What is in the
    /// buffer stays there.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{BytesCodec, FramedRead, LinesCodec};
    ///
    /// let framed = FramedRead::new(&b"line\n"[..], LinesCodec::new());
    /// let framed = framed.map_decoder(|_| BytesCodec::new());
    /// assert_eq!(framed.decoder(), &BytesCodec::new());
    /// ```
    pub fn map_decoder<C, F: FnOnce(D) -> C>(self, map: F) -> FramedRead<T, C> {
        FramedRead {
            io: self.io,
            decoder: map(self.decoder),
            incoming: self.incoming,
        }
    }

    /// Gives the reader back. What is in the buffer is lost: [`into_parts`](Self::into_parts) keeps it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let framed = FramedRead::new(&b"line\n"[..], LinesCodec::new());
    /// let _reader = framed.into_inner();
    /// ```
    pub fn into_inner(self) -> T {
        self.io
    }

    /// Takes it apart, without losing what is in the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let framed = FramedRead::new(&b"line\n"[..], LinesCodec::new());
    /// let parts = framed.into_parts();
    /// assert!(parts.read_buf.is_empty() && parts.write_buf.is_empty());
    /// ```
    pub fn into_parts(self) -> FramedParts<T, D> {
        FramedParts {
            io: self.io,
            codec: self.decoder,
            read_buf: self.incoming.buffer,
            write_buf: BytesMut::new(),
        }
    }

    /// What was read and is no message yet.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let framed = FramedRead::new(&b"line\n"[..], LinesCodec::new());
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
    /// use runtime::codec::{FramedRead, LinesCodec};
    ///
    /// let mut framed = FramedRead::new(&b"line\n"[..], LinesCodec::new());
    /// framed.read_buffer_mut().extend_from_slice(b"as if it were read\n");
    /// ```
    pub fn read_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.incoming.buffer
    }
}

impl<T: AsyncRead, D: Decoder> Stream for FramedRead<T, D> {
    type Item = Result<D::Item, D::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.project();
        me.incoming.poll_next(me.io, me.decoder, cx)
    }
}

impl<T: Sink<I>, I, D> Sink<I> for FramedRead<T, D> {
    type Error = T::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.project().io.poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), T::Error> {
        self.project().io.start_send(item)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.project().io.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.project().io.poll_close(cx)
    }
}
