//! What the methods of [`AsyncBufReadExt`](super::AsyncBufReadExt) return.

use super::find::find;
use super::{AsyncBufRead, fill, spend};
use crate::base::wait;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::string::FromUtf8Error;
use std::task::{Context, Poll, ready};

/// Appends to `buf` up to and with `delimiter`, or to the end. `read` counts the bytes,
/// of earlier polls too.
pub(super) fn poll_until<R: AsyncBufRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    delimiter: u8,
    buf: &mut Vec<u8>,
    read: &mut usize,
) -> Poll<io::Result<()>> {
    loop {
        let bytes = match ready!(reader.as_mut().poll_fill_buf(cx)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                ready!(spend(cx));
                continue;
            }
            filled => filled?,
        };
        let found = find(delimiter, bytes);
        let len = found.map_or(bytes.len(), |place| place + 1);
        let done = found.is_some() || bytes.is_empty();
        if buf.capacity() == 0 {
            // To grow from nothing takes longer.
            *buf = bytes[..len].to_vec();
        } else {
            buf.extend_from_slice(&bytes[..len]);
        }
        reader.as_mut().consume(len);
        *read += len;
        if done {
            return Poll::Ready(Ok(()));
        }
    }
}

/// Its position counts from the start of `text`, to which the bytes were to be appended.
fn invalid_utf8(text: &str, error: &FromUtf8Error) -> io::Error {
    let whole = [text.as_bytes(), error.as_bytes()].concat();
    let error = std::str::from_utf8(&whole)
        .err()
        .unwrap_or(error.utf8_error());
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Where the bytes go that are to become part of a `String`: into its own memory if it is
/// empty, so that they needn't move, else beside it, so that it stays as it is.
pub(super) fn bytes_for(text: &mut String) -> Vec<u8> {
    if text.is_empty() {
        std::mem::take(text).into_bytes()
    } else {
        Vec::new()
    }
}

/// Appends `bytes`, which came from [`bytes_for`], if they are text.
pub(super) fn append(text: &mut String, bytes: Vec<u8>) -> io::Result<()> {
    let more = String::from_utf8(bytes).map_err(|error| invalid_utf8(text, &error))?;
    if text.is_empty() {
        *text = more;
    } else {
        text.push_str(&more);
    }
    Ok(())
}

/// Reads up to a delimiter.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadUntil<'a, R: ?Sized> {
    reader: &'a mut R,
    delimiter: u8,
    buf: &'a mut Vec<u8>,
    read: usize,
    location: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadUntil<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, delimiter: u8, buf: &'a mut Vec<u8>) -> Self {
        ReadUntil {
            reader,
            delimiter,
            buf,
            read: 0,
            location: Location::caller(),
        }
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadUntil<'_, R> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let reader = Pin::new(&mut *me.reader);
        ready!(wait::told(
            me.location,
            poll_until(reader, cx, me.delimiter, me.buf, &mut me.read)
        ))?;
        Poll::Ready(Ok(me.read))
    }
}

/// Reads a line.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ReadLine<'a, R: ?Sized> {
    reader: &'a mut R,
    text: &'a mut String,
    bytes: Vec<u8>,
    read: usize,
    location: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadLine<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, text: &'a mut String) -> Self {
        ReadLine {
            reader,
            bytes: bytes_for(text),
            text,
            read: 0,
            location: Location::caller(),
        }
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadLine<'_, R> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        let reader = Pin::new(&mut *me.reader);
        let result = ready!(wait::told(
            me.location,
            poll_until(reader, cx, b'\n', &mut me.bytes, &mut me.read)
        ));
        let appended = append(me.text, std::mem::take(&mut me.bytes));
        // The reader's error is the first one, and what is text is kept in spite of it.
        Poll::Ready(result.and(appended).map(|()| me.read))
    }
}

/// Lends what is in the buffer.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct FillBuf<'a, R: ?Sized> {
    reader: Option<&'a mut R>,
    location: &'static Location<'static>,
}

impl<'a, R: ?Sized> FillBuf<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R) -> Self {
        FillBuf {
            reader: Some(reader),
            location: Location::caller(),
        }
    }
}

impl<'a, R: AsyncBufRead + Unpin + ?Sized> Future for FillBuf<'a, R> {
    type Output = io::Result<&'a [u8]>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        wait::told(me.location, fill::lend(&mut me.reader, cx))
    }
}
