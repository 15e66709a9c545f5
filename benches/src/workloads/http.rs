//! What does it cost to answer a request of HTTP/1.1, through hyper?
//!
//! Unsafe code: hyper lends memory that may not be initialised, and takes the word of whoever
//! fills it for how much was. [`Wire`] passes that memory on as the same kind of memory, and
//! passes on the count that the reader keeps.
#![allow(unsafe_code)]

use super::served::{self, served};
use super::subject::io::{AsyncRead, AsyncWrite, ReadBuf};
use super::subject::net::TcpStream;
use super::{Runtime, subject};
use crate::demand::{Demand, Figure};
use crate::hello;
use crate::load::Talk;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// How many requests an iteration answers, whatever the number of connections.
pub const REQUESTS: u64 = 2_000;

/// One connection.
pub fn one(runtime: &Runtime, iterations: u64) -> Duration {
    plaintext(runtime, iterations, 1, Figure::Time)
}

/// 64 connections.
pub fn some(runtime: &Runtime, iterations: u64) -> Duration {
    plaintext(runtime, iterations, 64, Figure::Time)
}

/// 64 connections, what all but one answer in a hundred take.
pub fn some_p99(runtime: &Runtime, iterations: u64) -> Duration {
    plaintext(runtime, iterations, 64, Figure::P99)
}

/// Requests over so many connections. Each has one on its way at a time.
pub const fn demand(connections: u64) -> Demand {
    Demand {
        talk: Talk::Requests,
        connections,
        messages: REQUESTS,
    }
}

/// Answers what another process asks over so many connections.
fn plaintext(runtime: &Runtime, iterations: u64, connections: u64, figure: Figure) -> Duration {
    served(runtime, iterations, listen(), demand(connections), figure)
}

async fn listen() -> io::Result<SocketAddr> {
    served::listen(|stream| {
        stream.set_nodelay(true).expect("a connection");
        drop(subject::spawn(hello::serve(Wire(stream))));
    })
    .await
}

/// A stream, as hyper wants it.
struct Wire(TcpStream);

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // SAFETY: nothing is taken out of initialised memory: it is only lent to a `ReadBuf`,
        // which takes all of it for uninitialised, and never makes it so.
        let mut buf = ReadBuf::uninit(unsafe { room.as_mut() });
        ready!(Pin::new(&mut self.0).poll_read(cx, &mut buf))?;
        let filled = buf.filled().len();
        // SAFETY: a `ReadBuf` has initialised whatever is filled, from the start on.
        unsafe { room.advance(filled) };
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
