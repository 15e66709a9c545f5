//! [`StreamReader`]: a stream of chunks, read as bytes. [`ReaderStream`]: bytes that are
//! read, as a stream of chunks.

use super::{AsyncBufRead, AsyncRead, ReadBuf, poll_read_buf, spend};
use bytes::{Buf, Bytes, BytesMut};
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What [`ReaderStream`] reads at once, where nobody says otherwise, in bytes.
const CHUNK: usize = 4096;

pin_project! {
    /// Reads what a stream of chunks gives, one chunk after the other.
    ///
    /// The stream's items are `Result<B, E>` with an error that can become an
    /// [`io::Error`]; empty chunks are passed over.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, StreamReader};
    /// use std::io;
    ///
    /// # futures::executor::block_on(async {
    /// let chunks = futures::stream::iter([io::Result::Ok(&b"two "[..]), Ok(&b"chunks"[..])]);
    /// let mut text = String::new();
    /// StreamReader::new(chunks).read_to_string(&mut text).await?;
    /// assert_eq!(text, "two chunks");
    /// # io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a reader does nothing until it is read from"]
    pub struct StreamReader<S, B> {
        #[pin]
        stream: S,
        chunk: Option<B>,
        // A stream that has ended is not asked again.
        is_done: bool,
    }
}

impl<S, B, E> StreamReader<S, B>
where
    S: Stream<Item = Result<B, E>>,
    B: Buf,
    E: Into<io::Error>,
{
    /// Makes a stream readable.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncBufReadExt, StreamReader};
    ///
    /// # futures::executor::block_on(async {
    /// let chunks = futures::stream::iter([std::io::Result::Ok(&b"a li"[..]), Ok(&b"ne\n"[..])]);
    /// let mut line = String::new();
    /// StreamReader::new(chunks).read_line(&mut line).await?;
    /// assert_eq!(line, "a line\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(stream: S) -> StreamReader<S, B> {
        StreamReader {
            stream,
            chunk: None,
            is_done: false,
        }
    }

    /// Gives the stream back, with what was taken from it and is not read yet.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, StreamReader};
    ///
    /// # futures::executor::block_on(async {
    /// let chunks = futures::stream::iter([std::io::Result::Ok(&b"abc"[..])]);
    /// let mut reader = StreamReader::new(chunks);
    /// assert_eq!(reader.read_u8().await?, b'a');
    /// let (_stream, rest) = reader.into_inner_with_chunk();
    /// assert_eq!(rest, Some(&b"bc"[..]));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner_with_chunk(self) -> (S, Option<B>) {
        (self.stream, self.chunk.filter(Buf::has_remaining))
    }
}

impl<S, B> StreamReader<S, B> {
    /// The stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::StreamReader;
    ///
    /// let reader = StreamReader::new(futures::stream::empty::<std::io::Result<&[u8]>>());
    /// let _stream = reader.get_ref();
    /// ```
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream. What is taken from it is not read here.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::StreamReader;
    ///
    /// let mut reader = StreamReader::new(futures::stream::empty::<std::io::Result<&[u8]>>());
    /// let _stream = reader.get_mut();
    /// ```
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// The stream, pinned. What is taken from it is not read here.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::StreamReader;
    ///
    /// let chunks = futures::stream::empty::<std::io::Result<&[u8]>>();
    /// let reader = std::pin::pin!(StreamReader::new(chunks));
    /// let _stream = reader.get_pin_mut();
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut S> {
        self.project().stream
    }

    /// Gives the stream back. What was taken from it and is not read yet is lost:
    /// [`into_inner_with_chunk`](Self::into_inner_with_chunk) keeps it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::StreamReader;
    ///
    /// let reader = StreamReader::new(futures::stream::empty::<std::io::Result<&[u8]>>());
    /// let _stream = reader.into_inner();
    /// ```
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S, B, E> AsyncRead for StreamReader<S, B>
where
    S: Stream<Item = Result<B, E>>,
    B: Buf,
    E: Into<io::Error>,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let read = bytes.len().min(buf.remaining());
        buf.put_slice(&bytes[..read]);
        self.consume(read);
        Poll::Ready(Ok(()))
    }
}

impl<S, B, E> AsyncBufRead for StreamReader<S, B>
where
    S: Stream<Item = Result<B, E>>,
    B: Buf,
    E: Into<io::Error>,
{
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        ready!(spend(cx));
        let mut me = self.project();
        while !me.chunk.as_ref().is_some_and(Buf::has_remaining) {
            if *me.is_done {
                return Poll::Ready(Ok(&[]));
            }
            match ready!(me.stream.as_mut().poll_next(cx)) {
                Some(Ok(chunk)) => *me.chunk = Some(chunk),
                Some(Err(error)) => return Poll::Ready(Err(error.into())),
                None => *me.is_done = true,
            }
        }
        Poll::Ready(Ok(me.chunk.as_ref().map_or(&[], Buf::chunk)))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        if amt > 0 {
            let chunk = self.project().chunk.as_mut();
            chunk
                .expect("`consume` takes what `poll_fill_buf` showed, and it showed nothing")
                .advance(amt);
        }
    }
}

impl<S: Sink<T>, B, T> Sink<T> for StreamReader<S, B> {
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.project().stream.poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: T) -> Result<(), S::Error> {
        self.project().stream.start_send(item)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.project().stream.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.project().stream.poll_close(cx)
    }
}

pin_project! {
    /// A stream of what a reader gives, in chunks, until it ends or fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::ReaderStream;
    /// use runtime::stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut chunks = ReaderStream::new(&b"hello"[..]);
    /// assert_eq!(chunks.next().await.unwrap()?, "hello");
    /// assert!(chunks.next().await.is_none());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a stream does nothing until it is polled"]
    pub struct ReaderStream<R> {
        // Dropped at the end, or after an error.
        #[pin]
        reader: Option<R>,
        buffer: BytesMut,
        capacity: usize,
    }
}

impl<R: AsyncRead> ReaderStream<R> {
    /// Chunks of up to 4 KiB.
    ///
    /// # Examples
    ///
    /// ```
    /// let chunks = runtime::io::ReaderStream::new(&b"hello"[..]);
    /// # drop(chunks);
    /// ```
    pub fn new(reader: R) -> ReaderStream<R> {
        ReaderStream::with_capacity(reader, CHUNK)
    }

    /// Chunks of up to `capacity` bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::ReaderStream;
    /// use runtime::stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut chunks = ReaderStream::with_capacity(&b"hello"[..], 3);
    /// assert_eq!(chunks.next().await.unwrap()?, "hel");
    /// assert_eq!(chunks.next().await.unwrap()?, "lo");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn with_capacity(reader: R, capacity: usize) -> ReaderStream<R> {
        ReaderStream {
            reader: Some(reader),
            buffer: BytesMut::new(),
            capacity: capacity.max(1),
        }
    }
}

impl<R: AsyncRead> Stream for ReaderStream<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut me = self.project();
        let Some(reader) = me.reader.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        if me.buffer.capacity() == 0 {
            me.buffer.reserve(*me.capacity);
        }
        let mut limited = bytes::BufMut::limit(&mut *me.buffer, *me.capacity);
        match ready!(poll_read_buf(reader, cx, &mut limited)) {
            Ok(0) => {
                me.reader.set(None);
                Poll::Ready(None)
            }
            Ok(_) => Poll::Ready(Some(Ok(me.buffer.split().freeze()))),
            Err(error) => {
                me.reader.set(None);
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}
