//! [`SinkWriter`]: a sink of byte slices, written to. [`CopyToBytes`]: a sink of `Bytes`
//! that takes slices.

use super::{AsyncRead, AsyncWrite, ReadBuf};
use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// Writes into a sink: each write is one item.
    ///
    /// Around a sink of [`Bytes`] goes a [`CopyToBytes`] first, and around one of values a
    /// [`SinkExt::with`](https://docs.rs/futures/latest/futures/sink/trait.SinkExt.html#method.with).
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use futures::SinkExt;
    /// use runtime::io::{AsyncWriteExt, CopyToBytes, SinkWriter};
    ///
    /// # futures::executor::block_on(async {
    /// let chunks = Vec::<Bytes>::new().sink_map_err(std::io::Error::other);
    /// let mut writer = SinkWriter::new(CopyToBytes::new(chunks));
    /// writer.write_all(b"one").await?;
    /// writer.write_all(b"two").await?;
    /// let chunks = writer.into_inner().into_inner().into_inner();
    /// assert_eq!(chunks, ["one", "two"]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a writer does nothing until it is written to"]
    pub struct SinkWriter<S> {
        #[pin]
        sink: S,
    }
}

impl<S> SinkWriter<S> {
    /// Makes a sink writable.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{CopyToBytes, SinkWriter};
    ///
    /// let _writer = SinkWriter::new(CopyToBytes::new(Vec::<bytes::Bytes>::new()));
    /// ```
    pub fn new(sink: S) -> SinkWriter<S> {
        SinkWriter { sink }
    }

    /// The sink.
    ///
    /// # Examples
    ///
    /// ```
    /// let writer = runtime::io::SinkWriter::new(Vec::<bytes::Bytes>::new());
    /// assert!(writer.get_ref().is_empty());
    /// ```
    pub fn get_ref(&self) -> &S {
        &self.sink
    }

    /// The sink.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = runtime::io::SinkWriter::new(Vec::<bytes::Bytes>::new());
    /// writer.get_mut().clear();
    /// ```
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Gives the sink back. Nothing is kept here.
    ///
    /// # Examples
    ///
    /// ```
    /// let writer = runtime::io::SinkWriter::new(Vec::<bytes::Bytes>::new());
    /// assert!(writer.into_inner().is_empty());
    /// ```
    pub fn into_inner(self) -> S {
        self.sink
    }
}

impl<S, E> AsyncWrite for SinkWriter<S>
where
    S: for<'a> Sink<&'a [u8], Error = E>,
    E: Into<io::Error>,
{
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut sink = self.project().sink;
        ready!(sink.as_mut().poll_ready(cx)).map_err(Into::into)?;
        let sent = sink.start_send(buf).map_err(Into::into);
        Poll::Ready(sent.map(|()| buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().sink.poll_flush(cx).map_err(Into::into)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().sink.poll_close(cx).map_err(Into::into)
    }
}

impl<S: Stream> Stream for SinkWriter<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().sink.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.sink.size_hint()
    }
}

impl<S: AsyncRead> AsyncRead for SinkWriter<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().sink.poll_read(cx, buf)
    }
}

pin_project! {
    /// Makes a sink of [`Bytes`] one of byte slices, which it copies.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use futures::SinkExt;
    /// use runtime::io::CopyToBytes;
    ///
    /// # futures::executor::block_on(async {
    /// let mut sink = CopyToBytes::new(Vec::<Bytes>::new());
    /// sink.send(&b"bytes"[..]).await?;
    /// assert_eq!(sink.get_ref(), &["bytes"]);
    /// # Ok::<(), std::convert::Infallible>(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "a sink does nothing until it is sent to"]
    pub struct CopyToBytes<S> {
        #[pin]
        sink: S,
    }
}

impl<S> CopyToBytes<S> {
    /// Makes `sink` take slices.
    ///
    /// # Examples
    ///
    /// ```
    /// let _sink = runtime::io::CopyToBytes::new(Vec::<bytes::Bytes>::new());
    /// ```
    pub fn new(sink: S) -> CopyToBytes<S> {
        CopyToBytes { sink }
    }

    /// The sink.
    ///
    /// # Examples
    ///
    /// ```
    /// let sink = runtime::io::CopyToBytes::new(Vec::<bytes::Bytes>::new());
    /// assert!(sink.get_ref().is_empty());
    /// ```
    pub fn get_ref(&self) -> &S {
        &self.sink
    }

    /// The sink.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut sink = runtime::io::CopyToBytes::new(Vec::<bytes::Bytes>::new());
    /// sink.get_mut().clear();
    /// ```
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Gives the sink back.
    ///
    /// # Examples
    ///
    /// ```
    /// let sink = runtime::io::CopyToBytes::new(Vec::<bytes::Bytes>::new());
    /// assert!(sink.into_inner().is_empty());
    /// ```
    pub fn into_inner(self) -> S {
        self.sink
    }
}

impl<'a, S: Sink<Bytes>> Sink<&'a [u8]> for CopyToBytes<S> {
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.project().sink.poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: &'a [u8]) -> Result<(), S::Error> {
        self.project().sink.start_send(Bytes::copy_from_slice(item))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.project().sink.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.project().sink.poll_close(cx)
    }
}

impl<S: Stream> Stream for CopyToBytes<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().sink.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.sink.size_hint()
    }
}
