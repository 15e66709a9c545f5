//! [`SyncIoBridge`] and [`SyncSink`]: what is asynchronous, for code that blocks.

use crate::async_io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWrite,
    AsyncWriteExt,
};
use crate::rt::Handle;
use futures_sink::Sink;
use std::future::poll_fn;
use std::io::{self, BufRead, IoSlice, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::task::{Poll, ready};

/// Lends an asynchronous reader or writer to code that knows [`std::io`]'s traits only: a
/// parser, a compressor.
///
/// Each call blocks its thread until it is done, so that code belongs on a thread of its
/// own: within [`spawn_blocking`](crate::task::spawn_blocking).
///
/// # Examples
///
/// ```
/// use runtime::io::SyncIoBridge;
/// use std::io::Read;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let bytes = &b"from an asynchronous reader"[..];
/// let text = runtime::task::spawn_blocking(move || {
///     let mut text = String::new();
///     SyncIoBridge::new(bytes).read_to_string(&mut text)?;
///     std::io::Result::Ok(text)
/// });
/// assert_eq!(text.await.unwrap()?, "from an asynchronous reader");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct SyncIoBridge<T> {
    inner: T,
    runtime: Handle,
}

impl<T: Unpin> SyncIoBridge<T> {
    /// Lends `src` to code that blocks. Its work is driven by the runtime in whose context
    /// this is called.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncIoBridge;
    /// use std::io::Write;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let written = runtime::task::spawn_blocking(|| {
    ///     let mut writer = SyncIoBridge::new(Vec::new());
    ///     writer.write_all(b"hello")?;
    ///     std::io::Result::Ok(writer.into_inner())
    /// });
    /// assert_eq!(written.await.unwrap()?, b"hello");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a runtime's context.
    #[track_caller]
    pub fn new(src: T) -> SyncIoBridge<T> {
        SyncIoBridge::new_with_handle(src, Handle::current())
    }

    /// Lends `src` to code that blocks, on a thread outside of the runtime as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncIoBridge;
    /// use std::io::Read;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut reader = SyncIoBridge::new_with_handle(&b"hello"[..], runtime.handle().clone());
    /// let mut text = String::new();
    /// reader.read_to_string(&mut text)?;
    /// assert_eq!(text, "hello");
    /// # std::io::Result::Ok(())
    /// ```
    pub fn new_with_handle(src: T, runtime: Handle) -> SyncIoBridge<T> {
        SyncIoBridge {
            inner: src,
            runtime,
        }
    }

    /// Gives the reader or writer back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncIoBridge;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let writer = SyncIoBridge::new_with_handle(Vec::new(), runtime.handle().clone());
    /// let writer: Vec<u8> = writer.into_inner();
    /// assert!(writer.is_empty());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: AsyncWrite + Unpin> SyncIoBridge<T> {
    /// Whether several slices are written in one operation.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncIoBridge;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let writer = SyncIoBridge::new_with_handle(Vec::<u8>::new(), runtime.handle().clone());
    /// assert!(writer.is_write_vectored());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    /// Ends the writing in order: what was taken is passed on, and the other side sees an
    /// end.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncIoBridge;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut writer = SyncIoBridge::new_with_handle(Vec::<u8>::new(), runtime.handle().clone());
    /// writer.shutdown()?;
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the writer.
    ///
    /// # Panics
    ///
    /// Where [`Handle::block_on`] does.
    #[track_caller]
    pub fn shutdown(&mut self) -> io::Result<()> {
        self.runtime.block_on(self.inner.shutdown())
    }
}

impl<T: AsyncRead + Unpin> Read for SyncIoBridge<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.runtime.block_on(self.inner.read(buf))
    }

    fn read_exact(&mut self, buf: &mut [u8]) -> io::Result<()> {
        let all = self.inner.read_exact(buf);
        self.runtime.block_on(all).map(drop)
    }

    fn read_to_end(&mut self, buf: &mut Vec<u8>) -> io::Result<usize> {
        self.runtime.block_on(self.inner.read_to_end(buf))
    }

    fn read_to_string(&mut self, buf: &mut String) -> io::Result<usize> {
        self.runtime.block_on(self.inner.read_to_string(buf))
    }
}

impl<T: AsyncBufRead + Unpin> BufRead for SyncIoBridge<T> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.runtime.block_on(self.inner.fill_buf())
    }

    fn consume(&mut self, amt: usize) {
        self.inner.consume(amt);
    }

    fn read_until(&mut self, byte: u8, buf: &mut Vec<u8>) -> io::Result<usize> {
        self.runtime.block_on(self.inner.read_until(byte, buf))
    }

    fn read_line(&mut self, buf: &mut String) -> io::Result<usize> {
        self.runtime.block_on(self.inner.read_line(buf))
    }
}

impl<T: AsyncWrite + Unpin> Write for SyncIoBridge<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.runtime.block_on(self.inner.write(buf))
    }

    fn write_all(&mut self, buf: &[u8]) -> io::Result<()> {
        self.runtime.block_on(self.inner.write_all(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.runtime.block_on(self.inner.write_vectored(bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.runtime.block_on(self.inner.flush())
    }
}

impl<T: AsyncSeek + Unpin> Seek for SyncIoBridge<T> {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        self.runtime.block_on(self.inner.seek(pos))
    }
}

impl<T> AsMut<T> for SyncIoBridge<T> {
    fn as_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T> AsRef<T> for SyncIoBridge<T> {
    fn as_ref(&self) -> &T {
        &self.inner
    }
}

/// Lends a sink to code that blocks: what [`SyncIoBridge`] is to a writer.
///
/// # Examples
///
/// ```
/// use runtime::codec::{FramedWrite, LinesCodec};
/// use runtime::io::SyncSink;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let lines = FramedWrite::new(Vec::new(), LinesCodec::new());
/// let written = runtime::task::spawn_blocking(move || {
///     let mut lines = SyncSink::new(lines);
///     lines.send("one")?;
///     lines.send("two")?;
///     Ok::<_, runtime::codec::LinesCodecError>(lines.into_inner().into_inner())
/// });
/// assert_eq!(written.await.unwrap()?, b"one\ntwo\n");
/// # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct SyncSink<S> {
    sink: S,
    runtime: Handle,
}

impl<S> SyncSink<S> {
    /// Lends `sink` to code that blocks. Its work is driven by the runtime in whose context
    /// this is called.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncSink;
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let sink = SyncSink::new(Vec::<i32>::new());
    /// assert!(sink.into_inner().is_empty());
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a runtime's context.
    #[track_caller]
    pub fn new(sink: S) -> SyncSink<S> {
        SyncSink::new_with_handle(sink, Handle::current())
    }

    /// Lends `sink` to code that blocks, on a thread outside of the runtime as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncSink;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut sink = SyncSink::new_with_handle(Vec::new(), runtime.handle().clone());
    /// sink.send(1).unwrap();
    /// assert_eq!(sink.into_inner(), [1]);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn new_with_handle(sink: S, runtime: Handle) -> SyncSink<S> {
        SyncSink { sink, runtime }
    }

    /// Sends one item, and waits until it is flushed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncSink;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut sink = SyncSink::new_with_handle(Vec::new(), runtime.handle().clone());
    /// sink.send("item").unwrap();
    /// assert_eq!(sink.into_inner(), ["item"]);
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the sink.
    ///
    /// # Panics
    ///
    /// Where [`Handle::block_on`] does.
    #[track_caller]
    pub fn send<T>(&mut self, item: T) -> Result<(), S::Error>
    where
        S: Sink<T> + Unpin,
    {
        self.feed(item)?;
        self.flush::<T>()
    }

    /// Gives one item to the sink, which may keep it back until it is flushed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncSink;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut sink = SyncSink::new_with_handle(Vec::new(), runtime.handle().clone());
    /// sink.feed(1).unwrap();
    /// sink.feed(2).unwrap();
    /// sink.flush::<i32>().unwrap();
    /// assert_eq!(sink.into_inner(), [1, 2]);
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the sink.
    ///
    /// # Panics
    ///
    /// Where [`Handle::block_on`] does.
    #[track_caller]
    pub fn feed<T>(&mut self, item: T) -> Result<(), S::Error>
    where
        S: Sink<T> + Unpin,
    {
        let mut item = Some(item);
        let sink = &mut self.sink;
        self.runtime.block_on(poll_fn(move |cx| {
            ready!(Pin::new(&mut *sink).poll_ready(cx))?;
            let sent = item
                .take()
                .map(|item| Pin::new(&mut *sink).start_send(item));
            Poll::Ready(sent.unwrap_or(Ok(())))
        }))
    }

    /// Waits until everything that was given is passed on.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncSink;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut sink = SyncSink::new_with_handle(vec![1], runtime.handle().clone());
    /// sink.flush::<i32>().unwrap();
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the sink.
    ///
    /// # Panics
    ///
    /// Where [`Handle::block_on`] does.
    #[track_caller]
    pub fn flush<T>(&mut self) -> Result<(), S::Error>
    where
        S: Sink<T> + Unpin,
    {
        let sink = &mut self.sink;
        let flushed = poll_fn(move |cx| Pin::new(&mut *sink).poll_flush(cx));
        self.runtime.block_on(flushed)
    }

    /// Flushes the sink and ends it in order.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncSink;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let mut sink = SyncSink::new_with_handle(vec![1], runtime.handle().clone());
    /// sink.close::<i32>().unwrap();
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the sink.
    ///
    /// # Panics
    ///
    /// Where [`Handle::block_on`] does.
    #[track_caller]
    pub fn close<T>(&mut self) -> Result<(), S::Error>
    where
        S: Sink<T> + Unpin,
    {
        let sink = &mut self.sink;
        let closed = poll_fn(move |cx| Pin::new(&mut *sink).poll_close(cx));
        self.runtime.block_on(closed)
    }

    /// Gives the sink back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::SyncSink;
    ///
    /// let runtime = runtime::rt::Runtime::new()?;
    /// let sink = SyncSink::new_with_handle(vec![1], runtime.handle().clone());
    /// assert_eq!(sink.into_inner(), [1]);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn into_inner(self) -> S {
        self.sink
    }
}
