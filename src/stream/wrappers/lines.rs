//! Lines and segments of a reader as streams.

use super::super::Stream;
use crate::async_io::{AsyncBufRead, Lines, Split};
use pin_project_lite::pin_project;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The lines of a reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    /// use runtime::stream::{StreamExt, wrappers::LinesStream};
    ///
    /// # futures::executor::block_on(async {
    /// let lines = LinesStream::new(AsyncBufReadExt::lines(&b"one\ntwo"[..]));
    /// let lines: Result<Vec<String>, _> = lines.collect().await;
    /// assert_eq!(lines?, ["one", "two"]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct LinesStream<R> {
        #[pin]
        inner: Lines<R>,
    }
}

pin_project! {
    /// The segments of a reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    /// use runtime::stream::{StreamExt, wrappers::SplitStream};
    ///
    /// # futures::executor::block_on(async {
    /// let segments = SplitStream::new(AsyncBufReadExt::split(&b"a,b"[..], b','));
    /// let segments: Result<Vec<Vec<u8>>, _> = segments.collect().await;
    /// assert_eq!(segments?, [b"a", b"b"]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing until they are polled"]
    pub struct SplitStream<R> {
        #[pin]
        inner: Split<R>,
    }
}

impl<R> LinesStream<R> {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    /// use runtime::stream::wrappers::LinesStream;
    ///
    /// let _lines = LinesStream::new(AsyncBufReadExt::lines(&b"one\ntwo"[..]));
    /// ```
    pub fn new(inner: Lines<R>) -> Self {
        LinesStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    /// use runtime::stream::wrappers::LinesStream;
    ///
    /// let lines = LinesStream::new(AsyncBufReadExt::lines(&b"one\ntwo"[..]));
    /// let _lines = lines.into_inner();
    /// ```
    pub fn into_inner(self) -> Lines<R> {
        self.inner
    }

    /// What it is made of, pinned.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    /// use runtime::stream::wrappers::LinesStream;
    ///
    /// let lines = LinesStream::new(AsyncBufReadExt::lines(&b"one\ntwo"[..]));
    /// let _lines = std::pin::pin!(lines).as_pin_mut();
    /// ```
    pub fn as_pin_mut(self: Pin<&mut Self>) -> Pin<&mut Lines<R>> {
        self.project().inner
    }
}

impl<R> SplitStream<R> {
    /// Makes a stream of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    /// use runtime::stream::wrappers::SplitStream;
    ///
    /// let _segments = SplitStream::new(AsyncBufReadExt::split(&b"a,b"[..], b','));
    /// ```
    pub fn new(inner: Split<R>) -> Self {
        SplitStream { inner }
    }

    /// Gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    /// use runtime::stream::wrappers::SplitStream;
    ///
    /// let segments = SplitStream::new(AsyncBufReadExt::split(&b"a,b"[..], b','));
    /// let _segments = segments.into_inner();
    /// ```
    pub fn into_inner(self) -> Split<R> {
        self.inner
    }

    /// What it is made of, pinned.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    /// use runtime::stream::wrappers::SplitStream;
    ///
    /// let segments = SplitStream::new(AsyncBufReadExt::split(&b"a,b"[..], b','));
    /// let _segments = std::pin::pin!(segments).as_pin_mut();
    /// ```
    pub fn as_pin_mut(self: Pin<&mut Self>) -> Pin<&mut Split<R>> {
        self.project().inner
    }
}

impl<R: AsyncBufRead> Stream for LinesStream<R> {
    type Item = io::Result<String>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let line = self.project().inner.poll_next_line(cx);
        line.map(Result::transpose)
    }
}

impl<R: AsyncBufRead> Stream for SplitStream<R> {
    type Item = io::Result<Vec<u8>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let segment = self.project().inner.poll_next_segment(cx);
        segment.map(Result::transpose)
    }
}

impl<R> AsRef<Lines<R>> for LinesStream<R> {
    fn as_ref(&self) -> &Lines<R> {
        &self.inner
    }
}

impl<R> AsMut<Lines<R>> for LinesStream<R> {
    fn as_mut(&mut self) -> &mut Lines<R> {
        &mut self.inner
    }
}

impl<R> AsRef<Split<R>> for SplitStream<R> {
    fn as_ref(&self) -> &Split<R> {
        &self.inner
    }
}

impl<R> AsMut<Split<R>> for SplitStream<R> {
    fn as_mut(&mut self) -> &mut Split<R> {
        &mut self.inner
    }
}
