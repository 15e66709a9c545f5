//! Frames, as Redis has them (RESP 2), and the codec for both sides.
//!
//! ```text
//!   +OK\r\n            a word           -ERR why\r\n      a refusal
//!   :42\r\n            a number         $3\r\nabc\r\n     three bytes, any
//!   $-1\r\n            nothing          *2\r\n…           two more frames
//! ```
//!
//! A frame is measured before it is built, so that half a frame costs no memory but its own
//! bytes, and a length that nobody will send costs nothing. What was built shares the bytes
//! that were read.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use runtime::codec::{Decoder, Encoder};
use std::{error, fmt, io};

/// The longest value, in bytes.
pub(crate) const MAX_BULK: usize = 1024 * 1024;
/// The most frames in an array, and so the most words in a command.
pub(crate) const MAX_ARRAY: usize = 1024;
/// The longest whole frame.
pub(crate) const MAX_FRAME: usize = 4 * MAX_BULK;
/// The longest word, refusal or number.
const MAX_LINE: usize = 1024;
/// How deep arrays may lie in arrays.
const MAX_DEPTH: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Word(String),
    Refusal(String),
    Number(i64),
    Bytes(Bytes),
    Nothing,
    Array(Vec<Frame>),
}

impl Frame {
    /// A word or a refusal is one line.
    fn line(text: impl Into<String>) -> String {
        let mut text: String = text.into();
        text.retain(|c| !c.is_control());
        while text.len() > MAX_LINE {
            text.pop();
        }
        text
    }

    pub(crate) fn word(text: impl Into<String>) -> Frame {
        Frame::Word(Frame::line(text))
    }

    pub(crate) fn refusal(text: impl Into<String>) -> Frame {
        Frame::Refusal(Frame::line(text))
    }

    pub(crate) fn bytes(bytes: impl AsRef<[u8]>) -> Frame {
        Frame::Bytes(Bytes::copy_from_slice(bytes.as_ref()))
    }
}

/// Why bytes are no frame, or could not be had.
#[derive(Debug)]
pub(crate) enum ProtocolError {
    Malformed(String),
    Io(io::Error),
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProtocolError::Malformed(why) => write!(f, "protocol error: {why}"),
            ProtocolError::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for ProtocolError {}

impl From<io::Error> for ProtocolError {
    fn from(error: io::Error) -> Self {
        ProtocolError::Io(error)
    }
}

fn malformed<T>(why: impl Into<String>) -> Result<T, ProtocolError> {
    Err(ProtocolError::Malformed(why.into()))
}

/// Frames out of bytes, and bytes out of frames.
#[derive(Debug, Default)]
pub(crate) struct Codec;

impl Decoder for Codec {
    type Item = Frame;
    type Error = ProtocolError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, ProtocolError> {
        let Some(length) = measure(src, 0)? else {
            return Ok(None);
        };
        let mut bytes = src.split_to(length).freeze();
        Ok(Some(build(&mut bytes)))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, ProtocolError> {
        match self.decode(src)? {
            None if !src.is_empty() => malformed("the connection ended within a frame"),
            frame => Ok(frame),
        }
    }
}

/// How long the frame is that `bytes` start with, if all of it is there.
fn measure(bytes: &[u8], depth: usize) -> Result<Option<usize>, ProtocolError> {
    let Some(kind) = bytes.first() else {
        return Ok(None);
    };
    if !b"+-:$*".contains(kind) {
        let kind = kind.escape_ascii();
        return malformed(format!("a frame starts with one of +-:$*, not '{kind}'"));
    }
    let Some(end) = line_end(bytes)? else {
        return Ok(None);
    };
    let line = &bytes[1..end];
    let mut length = end + 2;
    match kind {
        b'+' | b'-' => match std::str::from_utf8(line) {
            Ok(_) => {}
            Err(_) => return malformed("a word is not UTF-8"),
        },
        b':' => drop(number(line)?),
        b'$' => {
            if let Some(size) = size(line, MAX_BULK)? {
                length += size + 2;
                if bytes.len() < length {
                    return Ok(None);
                }
                if &bytes[length - 2..length] != b"\r\n" {
                    return malformed("a value is longer than its length says");
                }
            }
        }
        _ => {
            if depth == MAX_DEPTH {
                return malformed("arrays lie too deep in arrays");
            }
            for _ in 0..size(line, MAX_ARRAY)?.unwrap_or(0) {
                let Some(next) = measure(&bytes[length..], depth + 1)? else {
                    if bytes.len() > MAX_FRAME {
                        return malformed("a frame is too long");
                    }
                    return Ok(None);
                };
                length += next;
            }
        }
    }
    Ok(Some(length))
}

/// Where the `\r\n` of the first line is.
fn line_end(bytes: &[u8]) -> Result<Option<usize>, ProtocolError> {
    let seen = &bytes[..bytes.len().min(MAX_LINE + 3)];
    match seen.windows(2).position(|two| two == b"\r\n") {
        None if seen.len() == MAX_LINE + 3 => malformed("a line is too long"),
        end => Ok(end),
    }
}

fn number(line: &[u8]) -> Result<i64, ProtocolError> {
    let text = std::str::from_utf8(line).ok();
    match text.and_then(|text| text.parse().ok()) {
        Some(number) => Ok(number),
        None => malformed(format!("'{}' is no number", line.escape_ascii())),
    }
}

/// What `$` and `*` have behind them. A size of -1 is nothing.
fn size(line: &[u8], max: usize) -> Result<Option<usize>, ProtocolError> {
    match number(line)? {
        -1 => Ok(None),
        size => match usize::try_from(size) {
            Ok(size) if size <= max => Ok(Some(size)),
            _ => malformed(format!("a size of {size}; allowed are 0 to {max}")),
        },
    }
}

/// The frame at the start of what [`measure`] has found fine.
fn build(bytes: &mut Bytes) -> Frame {
    // PANIC: it was measured, so the line and all that follows are there, and right.
    let end = line_end(bytes).ok().flatten().expect("there is a line");
    let kind = bytes[0];
    let line = bytes.split_to(end).slice(1..);
    bytes.advance(2);
    let text = || String::from_utf8_lossy(&line).into_owned();
    let size = || {
        number(&line)
            .ok()
            .and_then(|size| usize::try_from(size).ok())
    };
    match kind {
        b'+' => Frame::Word(text()),
        b'-' => Frame::Refusal(text()),
        b':' => Frame::Number(number(&line).expect("it is a number")),
        b'$' => size().map_or(Frame::Nothing, |size| {
            let value = bytes.split_to(size);
            bytes.advance(2);
            Frame::Bytes(value)
        }),
        _ => size().map_or(Frame::Nothing, |size| {
            Frame::Array((0..size).map(|_| build(bytes)).collect())
        }),
    }
}

impl Encoder<Frame> for Codec {
    type Error = ProtocolError;

    fn encode(&mut self, frame: Frame, dst: &mut BytesMut) -> Result<(), ProtocolError> {
        self.encode(&frame, dst)
    }
}

impl Encoder<&Frame> for Codec {
    type Error = ProtocolError;

    fn encode(&mut self, frame: &Frame, dst: &mut BytesMut) -> Result<(), ProtocolError> {
        let mut line = |kind: char, text: &dyn fmt::Display| {
            dst.put_slice(format!("{kind}{text}\r\n").as_bytes());
        };
        match frame {
            Frame::Word(text) => line('+', text),
            Frame::Refusal(text) => line('-', text),
            Frame::Number(number) => line(':', number),
            Frame::Nothing => line('$', &-1),
            Frame::Bytes(bytes) => {
                line('$', &bytes.len());
                dst.reserve(bytes.len() + 2);
                dst.put_slice(bytes);
                dst.put_slice(b"\r\n");
            }
            Frame::Array(frames) => {
                line('*', &frames.len());
                for frame in frames {
                    self.encode(frame, dst)?;
                }
            }
        }
        Ok(())
    }
}
