//! The traits of crate `futures-io` for the concrete types (feature `futures-io`).
//!
//! A type that can be read from here can then be given to a library that knows only those
//! traits. Each impl passes on to our own trait, by one of the helpers below; the lists say
//! which types. Seeking is left out: its trait there has no room to remember, between two
//! polls, that the seek has begun.

use crate::async_io::{
    AsyncBufRead, AsyncRead, AsyncWrite, BufReader, BufStream, BufWriter, Chain, DuplexStream,
    Empty, ReadBuf, ReadHalf, Repeat, SimplexStream, Sink, Take, WriteHalf,
};
use crate::net::unix::pipe;
use crate::net::{TcpStream, UnixStream, tcp, unix};
use crate::stdio::{Stderr, Stdin, Stdout};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

fn read<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut buf = ReadBuf::new(buf);
    ready!(reader.poll_read(cx, &mut buf))?;
    Poll::Ready(Ok(buf.filled().len()))
}

/// `AsyncRead` for a list of types, each with its type parameters before it.
macro_rules! readers {
    ($([$($parameters:tt)*] $type:ty,)*) => {$(
        impl<$($parameters)*> futures_io::AsyncRead for $type {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                read(self, cx, buf)
            }
        }
    )*};
}

/// `AsyncBufRead` likewise.
macro_rules! buffered_readers {
    ($([$($parameters:tt)*] $type:ty,)*) => {$(
        impl<$($parameters)*> futures_io::AsyncBufRead for $type {
            fn poll_fill_buf(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<&[u8]>> {
                AsyncBufRead::poll_fill_buf(self, cx)
            }

            fn consume(self: Pin<&mut Self>, amount: usize) {
                AsyncBufRead::consume(self, amount);
            }
        }
    )*};
}

/// `AsyncWrite` likewise. To close is to shut down.
macro_rules! writers {
    ($([$($parameters:tt)*] $type:ty,)*) => {$(
        impl<$($parameters)*> futures_io::AsyncWrite for $type {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                AsyncWrite::poll_write(self, cx, buf)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                AsyncWrite::poll_write_vectored(self, cx, bufs)
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                AsyncWrite::poll_flush(self, cx)
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                AsyncWrite::poll_shutdown(self, cx)
            }
        }
    )*};
}

readers! {
    [] TcpStream,
    [] tcp::ReadHalf<'_>,
    [] tcp::OwnedReadHalf,
    [] UnixStream,
    [] unix::ReadHalf<'_>,
    [] unix::OwnedReadHalf,
    [] pipe::Receiver,
    [] Stdin,
    [] DuplexStream,
    [] SimplexStream,
    [] Empty,
    [] Repeat,
    [T: AsyncRead] ReadHalf<T>,
    [R: AsyncRead] BufReader<R>,
    [W: AsyncRead + AsyncWrite] BufWriter<W>,
    [S: AsyncRead + AsyncWrite] BufStream<S>,
    [R: AsyncRead] Take<R>,
    [A: AsyncRead, B: AsyncRead] Chain<A, B>,
}

buffered_readers! {
    [] Empty,
    [R: AsyncRead] BufReader<R>,
    [W: AsyncBufRead + AsyncWrite] BufWriter<W>,
    [S: AsyncRead + AsyncWrite] BufStream<S>,
    [R: AsyncBufRead] Take<R>,
    [A: AsyncBufRead, B: AsyncBufRead] Chain<A, B>,
}

writers! {
    [] TcpStream,
    [] tcp::WriteHalf<'_>,
    [] tcp::OwnedWriteHalf,
    [] UnixStream,
    [] unix::WriteHalf<'_>,
    [] unix::OwnedWriteHalf,
    [] pipe::Sender,
    [] Stdout,
    [] Stderr,
    [] DuplexStream,
    [] SimplexStream,
    [] Empty,
    [] Sink,
    [T: AsyncWrite] WriteHalf<T>,
    [R: AsyncRead + AsyncWrite] BufReader<R>,
    [W: AsyncWrite] BufWriter<W>,
    [S: AsyncRead + AsyncWrite] BufStream<S>,
}
