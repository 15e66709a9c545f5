//! [`AnyDelimiterCodec`].

use super::delimited::{Search, TooLong};
use super::{Decoder, Encoder};
use bytes::{Bytes, BytesMut};
use std::{error, fmt, io};

/// What ends a chunk, unless it is said: comma, semicolon, and both ends of a line.
const SIGNS: &[u8] = b",;\n\r";

/// Messages are chunks that end with one of several signs.
///
/// # Examples
///
/// ```
/// use runtime::codec::{AnyDelimiterCodec, FramedRead};
/// use runtime::stream::StreamExt;
///
/// # futures::executor::block_on(async {
/// let codec = AnyDelimiterCodec::new(b";/".to_vec(), b";".to_vec());
/// let mut chunks = FramedRead::new(&b"a;b/c"[..], codec);
/// assert_eq!(chunks.next().await.unwrap()?, "a");
/// assert_eq!(chunks.next().await.unwrap()?, "b");
/// assert_eq!(chunks.next().await.unwrap()?, "c");
/// # Ok::<(), runtime::codec::AnyDelimiterCodecError>(()) }).unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnyDelimiterCodec {
    search: Search,
    signs: Vec<u8>,
    written: Vec<u8>,
}

impl AnyDelimiterCodec {
    /// Chunks end with one of `seek_delimiters`; `sequence_writer` is written after each.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::AnyDelimiterCodec;
    ///
    /// let codec = AnyDelimiterCodec::new(b"\0".to_vec(), b"\0".to_vec());
    /// assert_eq!(codec.max_length(), usize::MAX);
    /// ```
    #[must_use]
    pub fn new(seek_delimiters: Vec<u8>, sequence_writer: Vec<u8>) -> AnyDelimiterCodec {
        AnyDelimiterCodec::new_with_max_length(seek_delimiters, sequence_writer, usize::MAX)
    }

    /// The same with a limit for a chunk, in bytes. A longer one is an error, and dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{AnyDelimiterCodec, Decoder};
    ///
    /// let mut codec = AnyDelimiterCodec::new_with_max_length(vec![b','], vec![b','], 3);
    /// let mut bytes = BytesMut::from("long,fit,");
    /// assert!(codec.decode(&mut bytes).is_err());
    /// assert_eq!(codec.decode(&mut bytes)?.as_deref(), Some(&b"fit"[..]));
    /// # Ok::<(), runtime::codec::AnyDelimiterCodecError>(())
    /// ```
    #[must_use]
    pub fn new_with_max_length(
        seek_delimiters: Vec<u8>,
        sequence_writer: Vec<u8>,
        max_length: usize,
    ) -> AnyDelimiterCodec {
        AnyDelimiterCodec {
            search: Search::with_max(max_length),
            signs: seek_delimiters,
            written: sequence_writer,
        }
    }

    /// The limit, in bytes; `usize::MAX` if there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::AnyDelimiterCodec;
    ///
    /// assert_eq!(AnyDelimiterCodec::default().max_length(), usize::MAX);
    /// ```
    #[must_use]
    pub fn max_length(&self) -> usize {
        self.search.max
    }
}

impl Default for AnyDelimiterCodec {
    /// Chunks end with `,`, `;`, `\n` or `\r`; a `,` is written.
    fn default() -> AnyDelimiterCodec {
        AnyDelimiterCodec::new(SIGNS.to_vec(), b",".to_vec())
    }
}

impl Decoder for AnyDelimiterCodec {
    type Item = Bytes;
    type Error = AnyDelimiterCodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, AnyDelimiterCodecError> {
        let signs = &self.signs;
        let is_end = |byte: &u8| signs.contains(byte);
        let taken = self
            .search
            .take(src, |bytes| bytes.iter().position(is_end))?;
        Ok(taken.map(|mut chunk| {
            chunk.truncate(chunk.len() - 1);
            chunk.freeze()
        }))
    }

    fn decode_eof(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, AnyDelimiterCodecError> {
        match self.decode(buf)? {
            Some(chunk) => Ok(Some(chunk)),
            None => Ok(self.search.take_rest(buf).map(BytesMut::freeze)),
        }
    }
}

impl<T: AsRef<str>> Encoder<T> for AnyDelimiterCodec {
    type Error = AnyDelimiterCodecError;

    fn encode(&mut self, chunk: T, dst: &mut BytesMut) -> Result<(), AnyDelimiterCodecError> {
        let chunk = chunk.as_ref();
        dst.reserve(chunk.len() + self.written.len());
        dst.extend_from_slice(chunk.as_bytes());
        dst.extend_from_slice(&self.written);
        Ok(())
    }
}

/// Why there is no chunk.
///
/// # Examples
///
/// ```
/// use runtime::codec::AnyDelimiterCodecError;
///
/// let error = AnyDelimiterCodecError::MaxChunkLengthExceeded;
/// assert_eq!(error.to_string(), "max chunk length exceeded");
/// ```
#[derive(Debug)]
pub enum AnyDelimiterCodecError {
    /// A chunk is longer than the limit.
    MaxChunkLengthExceeded,
    /// The reader or writer failed.
    Io(io::Error),
}

impl fmt::Display for AnyDelimiterCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnyDelimiterCodecError::MaxChunkLengthExceeded => {
                f.write_str("max chunk length exceeded")
            }
            AnyDelimiterCodecError::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for AnyDelimiterCodecError {}

impl From<io::Error> for AnyDelimiterCodecError {
    fn from(error: io::Error) -> AnyDelimiterCodecError {
        AnyDelimiterCodecError::Io(error)
    }
}

impl From<TooLong> for AnyDelimiterCodecError {
    fn from(_: TooLong) -> AnyDelimiterCodecError {
        AnyDelimiterCodecError::MaxChunkLengthExceeded
    }
}
