//! [`LinesCodec`].

use super::delimited::{Search, TooLong};
use super::{Decoder, Encoder};
use crate::async_io::find::find;
use bytes::{BufMut, BytesMut};
use std::{error, fmt, io};

/// Messages are lines of UTF-8 text.
///
/// A line ends with `\n` or `\r\n`, neither of which belongs to the message; the last one may
/// do without. What is written ends with `\n`.
///
/// # Examples
///
/// ```
/// use runtime::codec::{FramedRead, LinesCodec};
/// use runtime::stream::StreamExt;
///
/// # futures::executor::block_on(async {
/// let mut lines = FramedRead::new(&b"one\r\ntwo"[..], LinesCodec::new());
/// assert_eq!(lines.next().await.unwrap()?, "one");
/// assert_eq!(lines.next().await.unwrap()?, "two");
/// assert!(lines.next().await.is_none());
/// # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinesCodec {
    search: Search,
}

impl LinesCodec {
    /// Lines of any length. Whoever reads from strangers sets a limit, with
    /// [`new_with_max_length`](Self::new_with_max_length): a line without an end takes memory
    /// without end.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::LinesCodec;
    ///
    /// assert_eq!(LinesCodec::new().max_length(), usize::MAX);
    /// ```
    #[must_use]
    pub fn new() -> LinesCodec {
        LinesCodec::new_with_max_length(usize::MAX)
    }

    /// Lines of at most `max_length` bytes, without their end. A longer one is an error,
    /// and dropped; the lines behind it can be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Decoder, LinesCodec};
    ///
    /// let mut codec = LinesCodec::new_with_max_length(4);
    /// let mut bytes = BytesMut::from("too long\nfits\n");
    /// assert!(codec.decode(&mut bytes).is_err());
    /// assert_eq!(codec.decode(&mut bytes)?.as_deref(), Some("fits"));
    /// # Ok::<(), runtime::codec::LinesCodecError>(())
    /// ```
    #[must_use]
    pub fn new_with_max_length(max_length: usize) -> LinesCodec {
        LinesCodec {
            search: Search::with_max(max_length),
        }
    }

    /// The limit, in bytes; `usize::MAX` if there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::LinesCodec;
    ///
    /// assert_eq!(LinesCodec::new_with_max_length(80).max_length(), 80);
    /// ```
    #[must_use]
    pub fn max_length(&self) -> usize {
        self.search.max
    }
}

impl Default for LinesCodec {
    fn default() -> LinesCodec {
        LinesCodec::new()
    }
}

/// The line that `bytes` are, without its end.
fn line(bytes: &[u8]) -> Result<String, LinesCodecError> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("a line is not UTF-8: {error}");
        io::Error::new(io::ErrorKind::InvalidData, message)
    })?;
    Ok(text.to_owned())
}

impl Decoder for LinesCodec {
    type Item = String;
    type Error = LinesCodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<String>, LinesCodecError> {
        let taken = self.search.take(src, |bytes| find(b'\n', bytes))?;
        taken.map(|bytes| line(&bytes)).transpose()
    }

    fn decode_eof(&mut self, buf: &mut BytesMut) -> Result<Option<String>, LinesCodecError> {
        if let Some(line) = self.decode(buf)? {
            return Ok(Some(line));
        }
        if buf[..] == *b"\r" {
            // Half an end, which stays: there may be more after all.
            return Ok(None);
        }
        let rest = self.search.take_rest(buf);
        rest.map(|rest| line(&rest)).transpose()
    }
}

impl<T: AsRef<str>> Encoder<T> for LinesCodec {
    type Error = LinesCodecError;

    fn encode(&mut self, line: T, dst: &mut BytesMut) -> Result<(), LinesCodecError> {
        let line = line.as_ref();
        dst.reserve(line.len() + 1);
        dst.put_slice(line.as_bytes());
        dst.put_u8(b'\n');
        Ok(())
    }
}

/// Why there is no line.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use runtime::codec::{Decoder, LinesCodec, LinesCodecError};
///
/// let long = LinesCodec::new_with_max_length(1).decode(&mut BytesMut::from("long"));
/// assert!(matches!(long, Err(LinesCodecError::MaxLineLengthExceeded)));
/// ```
#[derive(Debug)]
pub enum LinesCodecError {
    /// A line is longer than the limit.
    MaxLineLengthExceeded,
    /// The reader or writer failed, or a line is not UTF-8.
    Io(io::Error),
}

impl fmt::Display for LinesCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinesCodecError::MaxLineLengthExceeded => f.write_str("max line length exceeded"),
            LinesCodecError::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for LinesCodecError {}

impl From<io::Error> for LinesCodecError {
    fn from(error: io::Error) -> LinesCodecError {
        LinesCodecError::Io(error)
    }
}

impl From<TooLong> for LinesCodecError {
    fn from(_: TooLong) -> LinesCodecError {
        LinesCodecError::MaxLineLengthExceeded
    }
}
