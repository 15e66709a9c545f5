//! What the methods of [`AsyncReadExt`](super::AsyncReadExt) return.

use super::buf_read_futures::{append, bytes_for};
use super::fill::{self, Bytes, Spare};
use super::{AsyncRead, ReadBuf, retry, spend};
use crate::base::wait;
use bytes::BufMut;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Reads into initialised bytes, and tells how many.
#[inline(always)]
fn poll_into<R: AsyncRead + Unpin + ?Sized>(
    reader: &mut R,
    cx: &mut Context<'_>,
    bytes: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut buf = ReadBuf::new(bytes);
    ready!(Pin::new(reader).poll_read(cx, &mut buf))?;
    Poll::Ready(Ok(buf.filled().len()))
}

/// Reads until all of `bytes` is read; `filled` counts, of earlier polls too. Where the reader
/// is never asked, as there is nothing to read, the budget is spent here.
#[inline(always)]
fn poll_exact<R: AsyncRead + Unpin + ?Sized>(
    reader: &mut R,
    cx: &mut Context<'_>,
    bytes: &mut [u8],
    filled: &mut usize,
) -> Poll<io::Result<()>> {
    if bytes.is_empty() {
        return spend(cx).map(Ok);
    }
    if *filled == 0 {
        // Mostly all of it is there.
        let room = bytes.len();
        let first = poll_into(reader, cx, bytes);
        if matches!(first, Poll::Ready(Ok(count)) if count == room) {
            *filled = room;
            return Poll::Ready(Ok(()));
        }
        return poll_rest(reader, cx, bytes, filled, Some(first));
    }
    poll_rest(reader, cx, bytes, filled, None)
}

/// The same after `first`, which was the answer of a read of all the rest, if there was one.
#[inline(never)]
fn poll_rest<R: AsyncRead + Unpin + ?Sized>(
    reader: &mut R,
    cx: &mut Context<'_>,
    bytes: &mut [u8],
    filled: &mut usize,
    mut first: Option<Poll<io::Result<usize>>>,
) -> Poll<io::Result<()>> {
    while *filled < bytes.len() {
        let answer = retry(cx, |cx| {
            let first = first.take();
            first.unwrap_or_else(|| poll_into(reader, cx, &mut bytes[*filled..]))
        });
        match ready!(answer)? {
            0 => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            n => *filled += n,
        }
    }
    Poll::Ready(Ok(()))
}

/// Reads once.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Read<'a, R: ?Sized> {
    reader: &'a mut R,
    bytes: &'a mut [u8],
    location: &'static Location<'static>,
}

impl<'a, R: ?Sized> Read<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, bytes: &'a mut [u8]) -> Self {
        Read {
            reader,
            bytes,
            location: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for Read<'_, R> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        wait::told(me.location, poll_into(me.reader, cx, me.bytes))
    }
}

/// Reads once, into a growing buffer.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadBufMut<'a, R: ?Sized, B: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut B,
    location: &'static Location<'static>,
}

impl<'a, R: ?Sized, B: ?Sized> ReadBufMut<'a, R, B> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, buf: &'a mut B) -> Self {
        ReadBufMut {
            reader,
            buf,
            location: Location::caller(),
        }
    }
}

impl<R, B> Future for ReadBufMut<'_, R, B>
where
    R: AsyncRead + Unpin + ?Sized,
    B: BufMut + ?Sized,
{
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        if !me.buf.has_remaining_mut() {
            return Poll::Ready(Ok(0));
        }
        let reader = Pin::new(&mut *me.reader);
        let (read, result) = fill::chunk(me.buf, |part| reader.poll_read(cx, part));
        wait::told(me.location, result).map_ok(|()| read)
    }
}

/// Reads until a buffer is full.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadExact<'a, R: ?Sized> {
    reader: &'a mut R,
    bytes: &'a mut [u8],
    filled: usize,
    location: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadExact<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, bytes: &'a mut [u8]) -> Self {
        ReadExact {
            reader,
            bytes,
            filled: 0,
            location: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadExact<'_, R> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        ready!(wait::told(
            me.location,
            poll_exact(me.reader, cx, me.bytes, &mut me.filled)
        ))?;
        Poll::Ready(Ok(me.filled))
    }
}

/// Reads a number of `N` bytes.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadNumber<'a, R: ?Sized, T, const N: usize> {
    reader: &'a mut R,
    bytes: [u8; N],
    filled: usize,
    convert: fn([u8; N]) -> T,
    location: &'static Location<'static>,
}

impl<'a, R: ?Sized, T, const N: usize> ReadNumber<'a, R, T, N> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, convert: fn([u8; N]) -> T) -> Self {
        ReadNumber {
            reader,
            bytes: [0; N],
            filled: 0,
            convert,
            location: Location::caller(),
        }
    }
}

impl<R, T, const N: usize> Future for ReadNumber<'_, R, T, N>
where
    R: AsyncRead + Unpin + ?Sized,
{
    type Output = io::Result<T>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        ready!(wait::told(
            me.location,
            poll_exact(me.reader, cx, &mut me.bytes, &mut me.filled)
        ))?;
        Poll::Ready(Ok((me.convert)(me.bytes)))
    }
}

/// How much a vector without any room gets to begin with.
const FIRST_ROOM: usize = 512;

/// How many bytes are read aside, to see whether there are any more.
const PROBE: usize = 32;

/// Reads to the end into a vector that grows, without setting memory to zero for each
/// read. A vector that is full, and is as large as the caller made it, may be of just
/// the right size: it grows only if there is more, which is read aside first.
#[derive(Debug)]
struct ToEnd<V> {
    spare: Spare<V>,
    capacity_at_first: usize,
    read: usize,
}

impl<V: Bytes> ToEnd<V> {
    fn new(vec: V) -> Self {
        let mut spare = Spare::new(vec);
        ToEnd {
            capacity_at_first: spare.capacity(),
            spare,
            read: 0,
        }
    }

    fn poll<R: AsyncRead + Unpin + ?Sized>(
        &mut self,
        reader: &mut R,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut read = 0;
            ready!(retry(cx, |cx| {
                let result;
                (read, result) = self.read_once(reader, cx);
                self.read += read;
                result
            }))?;
            if read == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn read_once<R: AsyncRead + Unpin + ?Sized>(
        &mut self,
        reader: &mut R,
        cx: &mut Context<'_>,
    ) -> (usize, Poll<io::Result<()>>) {
        let (len, capacity) = (self.spare.len(), self.spare.capacity());
        if len == capacity {
            if capacity > 0 && capacity == self.capacity_at_first {
                return self.probe(reader, cx);
            }
            // The vector doubles what it has, where that is more.
            self.spare
                .reserve(if len == 0 { FIRST_ROOM } else { PROBE });
        }
        self.spare
            .fill(|part| Pin::new(&mut *reader).poll_read(cx, part))
    }

    fn probe<R: AsyncRead + Unpin + ?Sized>(
        &mut self,
        reader: &mut R,
        cx: &mut Context<'_>,
    ) -> (usize, Poll<io::Result<()>>) {
        let mut bytes = [0; PROBE];
        match poll_into(reader, cx, &mut bytes) {
            Poll::Ready(Ok(read)) => {
                self.spare.extend(&bytes[..read]);
                (read, Poll::Ready(Ok(())))
            }
            other => (0, other.map_ok(drop)),
        }
    }
}

/// Reads to the end.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadToEnd<'a, R: ?Sized> {
    reader: &'a mut R,
    to_end: ToEnd<&'a mut Vec<u8>>,
    location: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadToEnd<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, vec: &'a mut Vec<u8>) -> Self {
        ReadToEnd {
            reader,
            to_end: ToEnd::new(vec),
            location: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToEnd<'_, R> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        ready!(wait::told(me.location, me.to_end.poll(me.reader, cx)))?;
        Poll::Ready(Ok(me.to_end.read))
    }
}

/// Reads to the end, text.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadToString<'a, R: ?Sized> {
    reader: &'a mut R,
    text: &'a mut String,
    to_end: ToEnd<Vec<u8>>,
    location: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadToString<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, text: &'a mut String) -> Self {
        ReadToString {
            reader,
            to_end: ToEnd::new(bytes_for(text)),
            text,
            location: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToString<'_, R> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        ready!(wait::told(me.location, me.to_end.poll(me.reader, cx)))?;
        append(me.text, me.to_end.spare.take())?;
        Poll::Ready(Ok(me.to_end.read))
    }
}
