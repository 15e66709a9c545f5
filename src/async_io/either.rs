//! [`Either`]: one of two types, where they do the same.
//!
//! # Safety argument
//!
//! This file has unsafe code: the variants are tuples, as users write them, which no macro
//! projects. The pin of an `Either` is the pin of what is in it:
//! [`project`](Either::project) is the only way from the one to the other, nothing moves the
//! value out behind it, there is no `Drop`, and `Unpin` is the one that the compiler derives
//! from both.
#![allow(unsafe_code)]

use super::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};
use futures_core::Stream;
use futures_sink::Sink;
use std::future::Future;
use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

/// One of two types: a future, stream, sink, reader or writer if both are.
///
/// For a function that returns one or the other, without boxing them.
///
/// # Examples
///
/// ```
/// use runtime::either::Either;
/// use runtime::io::{self, AsyncReadExt};
///
/// fn source(text: Option<&str>) -> Either<&[u8], io::Empty> {
///     match text {
///         Some(text) => Either::Left(text.as_bytes()),
///         None => Either::Right(io::empty()),
///     }
/// }
/// # futures::executor::block_on(async {
/// let mut text = String::new();
/// source(Some("hello")).read_to_string(&mut text).await?;
/// source(None).read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub enum Either<L, R> {
    /// The first of the two types.
    Left(L),
    /// The second one.
    Right(R),
}

impl<L, R> Either<L, R> {
    fn project(self: Pin<&mut Self>) -> Either<Pin<&mut L>, Pin<&mut R>> {
        // SAFETY: nothing is moved out of the reference; what is in there is pinned with the
        // whole (see the top).
        unsafe {
            match self.get_unchecked_mut() {
                Either::Left(left) => Either::Left(Pin::new_unchecked(left)),
                Either::Right(right) => Either::Right(Pin::new_unchecked(right)),
            }
        }
    }
}

/// The same done with whichever it is.
macro_rules! either {
    ($either:expr, $inner:ident => $do:expr) => {
        match $either {
            Either::Left($inner) => $do,
            Either::Right($inner) => $do,
        }
    };
}

impl<L, R, O> Future for Either<L, R>
where
    L: Future<Output = O>,
    R: Future<Output = O>,
{
    type Output = O;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
        either!(self.project(), inner => inner.poll(cx))
    }
}

impl<L, R> Stream for Either<L, R>
where
    L: Stream,
    R: Stream<Item = L::Item>,
{
    type Item = L::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<L::Item>> {
        either!(self.project(), inner => inner.poll_next(cx))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        either!(self, inner => inner.size_hint())
    }
}

impl<L, R, Item, Error> Sink<Item> for Either<L, R>
where
    L: Sink<Item, Error = Error>,
    R: Sink<Item, Error = Error>,
{
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        either!(self.project(), inner => inner.poll_ready(cx))
    }

    fn start_send(self: Pin<&mut Self>, item: Item) -> Result<(), Error> {
        either!(self.project(), inner => inner.start_send(item))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        either!(self.project(), inner => inner.poll_flush(cx))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        either!(self.project(), inner => inner.poll_close(cx))
    }
}

impl<L: AsyncRead, R: AsyncRead> AsyncRead for Either<L, R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self.project(), inner => inner.poll_read(cx, buf))
    }
}

impl<L: AsyncBufRead, R: AsyncBufRead> AsyncBufRead for Either<L, R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        either!(self.project(), inner => inner.poll_fill_buf(cx))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        either!(self.project(), inner => inner.consume(amount))
    }
}

impl<L: AsyncSeek, R: AsyncSeek> AsyncSeek for Either<L, R> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        either!(self.project(), inner => inner.start_seek(position))
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        either!(self.project(), inner => inner.poll_complete(cx))
    }
}

impl<L: AsyncWrite, R: AsyncWrite> AsyncWrite for Either<L, R> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        either!(self.project(), inner => inner.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.project(), inner => inner.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.project(), inner => inner.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self.project(), inner => inner.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        either!(self, inner => inner.is_write_vectored())
    }
}
