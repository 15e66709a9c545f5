//! Messages with their length before them.
//!
//! ```text
//!  ┌──────── header ────────┐
//!  │ offset │ length │ more │ payload …
//!           └ field ┘
//! ```
//!
//! A [`Builder`] says where in the header the length is, how wide it is and in which order
//! its bytes come, what is to be added to it ([`length_adjustment`](Builder::length_adjustment))
//! to have the bytes behind the part that is skipped, and how much is skipped
//! ([`num_skip`](Builder::num_skip)).
//!
//! # Examples
//!
//! ```
//! use bytes::Bytes;
//! use futures::SinkExt;
//! use runtime::codec::length_delimited::LengthDelimitedCodec;
//! use runtime::stream::StreamExt;
//!
//! # futures::executor::block_on(async {
//! let codec = LengthDelimitedCodec::builder().length_field_type::<u16>().new_codec();
//! let (here, there) = runtime::io::duplex(64);
//! let mut here = runtime::codec::Framed::new(here, codec.clone());
//! let mut there = runtime::codec::Framed::new(there, codec);
//! here.send(Bytes::from_static(b"hello")).await?;
//! assert_eq!(there.next().await.unwrap()?, "hello");
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

use super::{Decoder, Encoder, Framed, FramedRead, FramedWrite};
use crate::async_io::{AsyncRead, AsyncWrite};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::{error, fmt, io};

/// What a message has at most, unless it is said: 8 MiB.
const MAX_FRAME_LENGTH: usize = 8 * 1024 * 1024;

/// How messages and their lengths lie in the bytes.
///
/// By default: a length of 4 bytes, the highest first, which counts the payload alone; the
/// header is skipped; 8 MiB at most.
///
/// # Examples
///
/// A header of a type (one byte) and a length (two bytes), both of which the decoded
/// message is to have as well:
///
/// ```
/// use bytes::BytesMut;
/// use runtime::codec::{Decoder, LengthDelimitedCodec};
///
/// let mut codec = LengthDelimitedCodec::builder()
///     .length_field_offset(1)
///     .length_field_length(2)
///     .length_adjustment(3)
///     .num_skip(0)
///     .new_codec();
/// let mut bytes = BytesMut::from(&b"\x07\0\x05hello and more"[..]);
/// assert_eq!(codec.decode(&mut bytes)?.unwrap(), &b"\x07\0\x05hello"[..]);
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Builder {
    max_frame_length: usize,
    field_offset: usize,
    field_length: usize,
    adjustment: isize,
    skip: Option<usize>,
    is_big_endian: bool,
}

impl Builder {
    /// The defaults.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::length_delimited::Builder;
    ///
    /// assert_eq!(Builder::new().new_codec().max_frame_length(), 8 * 1024 * 1024);
    /// ```
    #[must_use]
    pub fn new() -> Builder {
        Builder {
            max_frame_length: MAX_FRAME_LENGTH,
            field_offset: 0,
            field_length: 4,
            adjustment: 0,
            skip: None,
            is_big_endian: true,
        }
    }

    /// The length's highest byte comes first. The default.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::{Bytes, BytesMut};
    /// use runtime::codec::{Encoder, LengthDelimitedCodec};
    ///
    /// let mut bytes = BytesMut::new();
    /// let mut codec = LengthDelimitedCodec::builder().big_endian().new_codec();
    /// codec.encode(Bytes::from_static(b"a"), &mut bytes)?;
    /// assert_eq!(bytes, &b"\0\0\0\x01a"[..]);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn big_endian(&mut self) -> &mut Self {
        self.is_big_endian = true;
        self
    }

    /// The length's lowest byte comes first.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::{Bytes, BytesMut};
    /// use runtime::codec::{Encoder, LengthDelimitedCodec};
    ///
    /// let mut bytes = BytesMut::new();
    /// let mut codec = LengthDelimitedCodec::builder().little_endian().new_codec();
    /// codec.encode(Bytes::from_static(b"a"), &mut bytes)?;
    /// assert_eq!(bytes, &b"\x01\0\0\0a"[..]);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn little_endian(&mut self) -> &mut Self {
        self.is_big_endian = false;
        self
    }

    /// The length's bytes come in the order of this machine.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::{Bytes, BytesMut};
    /// use runtime::codec::{Encoder, LengthDelimitedCodec};
    ///
    /// let mut bytes = BytesMut::new();
    /// let mut codec = LengthDelimitedCodec::builder().native_endian().new_codec();
    /// codec.encode(Bytes::from_static(b"a"), &mut bytes)?;
    /// assert_eq!(bytes[..4], 1_u32.to_ne_bytes());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn native_endian(&mut self) -> &mut Self {
        self.is_big_endian = cfg!(target_endian = "big");
        self
    }

    /// What the length may say at most, in bytes. A longer message is an error.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Decoder, LengthDelimitedCodec};
    ///
    /// let mut codec = LengthDelimitedCodec::builder().max_frame_length(8).new_codec();
    /// assert!(codec.decode(&mut BytesMut::from(&b"\0\0\0\x09"[..])).is_err());
    /// ```
    pub fn max_frame_length(&mut self, val: usize) -> &mut Self {
        self.max_frame_length = val;
        self
    }

    /// The length is as wide as this type: `u8`, `u16`, `u32`, `u64` or `usize`.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Decoder, LengthDelimitedCodec};
    ///
    /// let mut codec = LengthDelimitedCodec::builder().length_field_type::<u8>().new_codec();
    /// assert_eq!(codec.decode(&mut BytesMut::from(&b"\x01a"[..]))?.unwrap(), "a");
    /// # std::io::Result::Ok(())
    /// ```
    pub fn length_field_type<T: builder::LengthFieldType>(&mut self) -> &mut Self {
        self.length_field_length(size_of::<T>())
    }

    /// The length is so many bytes wide, 1 to 8. By default 4.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Decoder, LengthDelimitedCodec};
    ///
    /// let mut codec = LengthDelimitedCodec::builder().length_field_length(3).new_codec();
    /// assert_eq!(codec.decode(&mut BytesMut::from(&b"\0\0\x01a"[..]))?.unwrap(), "a");
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `val` is 0 or more than 8.
    #[track_caller]
    pub fn length_field_length(&mut self, val: usize) -> &mut Self {
        assert!(
            (1..=8).contains(&val),
            "invalid length field length {val}: a length has 1 to 8 bytes"
        );
        self.field_length = val;
        self
    }

    /// So many bytes come before the length.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Decoder, LengthDelimitedCodec};
    ///
    /// let mut codec = LengthDelimitedCodec::builder()
    ///     .length_field_offset(2)
    ///     .length_field_type::<u8>()
    ///     .new_codec();
    /// assert_eq!(codec.decode(&mut BytesMut::from(&b"??\x01a"[..]))?.unwrap(), "a");
    /// # std::io::Result::Ok(())
    /// ```
    pub fn length_field_offset(&mut self, val: usize) -> &mut Self {
        self.field_offset = val;
        self
    }

    /// What is added to the length to have the bytes that follow those which are skipped.
    ///
    /// # Examples
    ///
    /// A length that counts itself:
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Decoder, LengthDelimitedCodec};
    ///
    /// let mut codec = LengthDelimitedCodec::builder()
    ///     .length_field_type::<u8>()
    ///     .length_adjustment(-1)
    ///     .new_codec();
    /// assert_eq!(codec.decode(&mut BytesMut::from(&b"\x02a"[..]))?.unwrap(), "a");
    /// # std::io::Result::Ok(())
    /// ```
    pub fn length_adjustment(&mut self, val: isize) -> &mut Self {
        self.adjustment = val;
        self
    }

    /// So many bytes at the start are not part of the message. By default those up to the
    /// end of the length.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Decoder, LengthDelimitedCodec};
    ///
    /// let mut codec = LengthDelimitedCodec::builder()
    ///     .length_field_type::<u8>()
    ///     .length_adjustment(1)
    ///     .num_skip(0)
    ///     .new_codec();
    /// assert_eq!(codec.decode(&mut BytesMut::from(&b"\x01a"[..]))?.unwrap(), &b"\x01a"[..]);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn num_skip(&mut self, val: usize) -> &mut Self {
        self.skip = Some(val);
        self
    }

    /// A codec for such messages. Its limit is not more than the width of the length can
    /// say, and what is added to that.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::length_delimited::Builder;
    ///
    /// let codec = Builder::new().length_field_type::<u8>().new_codec();
    /// assert_eq!(codec.max_frame_length(), 255);
    /// ```
    #[must_use]
    pub fn new_codec(&self) -> LengthDelimitedCodec {
        LengthDelimitedCodec {
            builder: *self,
            payload: None,
        }
    }

    /// A reader of such messages.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::LengthDelimitedCodec;
    /// use runtime::stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut messages = LengthDelimitedCodec::builder().new_read(&b"\0\0\0\x01a"[..]);
    /// assert_eq!(messages.next().await.unwrap()?, "a");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new_read<T: AsyncRead>(&self, upstream: T) -> FramedRead<T, LengthDelimitedCodec> {
        FramedRead::new(upstream, self.new_codec())
    }

    /// A writer of such messages.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use futures::SinkExt;
    /// use runtime::codec::LengthDelimitedCodec;
    ///
    /// # futures::executor::block_on(async {
    /// let mut messages = LengthDelimitedCodec::builder().new_write(Vec::new());
    /// messages.send(Bytes::from_static(b"a")).await?;
    /// assert_eq!(messages.get_ref(), b"\0\0\0\x01a");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new_write<T: AsyncWrite>(&self, inner: T) -> FramedWrite<T, LengthDelimitedCodec> {
        FramedWrite::new(inner, self.new_codec())
    }

    /// A connection of such messages.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use futures::SinkExt;
    /// use runtime::codec::LengthDelimitedCodec;
    ///
    /// # futures::executor::block_on(async {
    /// let (here, _there) = runtime::io::duplex(64);
    /// let mut messages = LengthDelimitedCodec::builder().new_framed(here);
    /// messages.send(Bytes::from_static(b"a")).await?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new_framed<T>(&self, inner: T) -> Framed<T, LengthDelimitedCodec>
    where
        T: AsyncRead + AsyncWrite,
    {
        Framed::new(inner, self.new_codec())
    }

    fn header_length(&self) -> usize {
        self.field_offset + self.field_length
    }

    /// The highest number that the length's bytes can say.
    fn widest(&self) -> u64 {
        u64::MAX >> (64 - 8 * self.field_length)
    }

    fn skip(&self) -> usize {
        self.skip.unwrap_or_else(|| self.header_length())
    }
}

impl Default for Builder {
    fn default() -> Builder {
        Builder::new()
    }
}

/// Which types a length can have.
pub mod builder {
    /// A type that a length can have: `u8`, `u16`, `u32`, `u64`, `usize`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::length_delimited::{Builder, LengthDelimitedCodec, builder};
    ///
    /// fn codec<L: builder::LengthFieldType>() -> LengthDelimitedCodec {
    ///     Builder::new().length_field_type::<L>().new_codec()
    /// }
    /// assert_eq!(codec::<u16>().max_frame_length(), 65_535);
    /// ```
    pub trait LengthFieldType: sealed::Sealed {}

    impl LengthFieldType for u8 {}
    impl LengthFieldType for u16 {}
    impl LengthFieldType for u32 {}
    impl LengthFieldType for u64 {}
    impl LengthFieldType for usize {}

    mod sealed {
        pub trait Sealed {}
        impl Sealed for u8 {}
        impl Sealed for u16 {}
        impl Sealed for u32 {}
        impl Sealed for u64 {}
        impl Sealed for usize {}
    }
}

/// Messages with their length before them. What it looks like is told by a [`Builder`].
///
/// # Examples
///
/// ```
/// use bytes::{Bytes, BytesMut};
/// use runtime::codec::{Decoder, Encoder, LengthDelimitedCodec};
///
/// let mut codec = LengthDelimitedCodec::new();
/// let mut bytes = BytesMut::new();
/// codec.encode(Bytes::from_static(b"hello"), &mut bytes)?;
/// assert_eq!(bytes, &b"\0\0\0\x05hello"[..]);
/// assert_eq!(codec.decode(&mut bytes)?.unwrap(), "hello");
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct LengthDelimitedCodec {
    builder: Builder,
    /// The length of a message whose header was taken away.
    payload: Option<usize>,
}

impl LengthDelimitedCodec {
    /// Of the default looks: see [`Builder`].
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::LengthDelimitedCodec;
    ///
    /// assert_eq!(LengthDelimitedCodec::new().max_frame_length(), 8 * 1024 * 1024);
    /// ```
    #[must_use]
    pub fn new() -> LengthDelimitedCodec {
        Builder::new().new_codec()
    }

    /// To say what it looks like.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::LengthDelimitedCodec;
    ///
    /// let codec = LengthDelimitedCodec::builder().max_frame_length(80).new_codec();
    /// assert_eq!(codec.max_frame_length(), 80);
    /// ```
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// What a length may say at most, and how long a message that is written may be, in
    /// bytes: what was set, or less, if the width of the length has no room for that.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::LengthDelimitedCodec;
    ///
    /// assert_eq!(LengthDelimitedCodec::default().max_frame_length(), 8 * 1024 * 1024);
    /// ```
    #[must_use]
    pub fn max_frame_length(&self) -> usize {
        let look = &self.builder;
        let widest = usize::try_from(look.widest()).unwrap_or(usize::MAX);
        let longest = widest.saturating_add_signed(look.adjustment);
        look.max_frame_length.min(longest)
    }

    /// Sets what a length may say at most, in bytes. A message whose header was read
    /// before is still taken.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::LengthDelimitedCodec;
    ///
    /// let mut codec = LengthDelimitedCodec::new();
    /// codec.set_max_frame_length(80);
    /// assert_eq!(codec.max_frame_length(), 80);
    /// ```
    pub fn set_max_frame_length(&mut self, val: usize) {
        self.builder.max_frame_length = val;
    }

    /// Takes the header away, once it is there, and tells the length behind it.
    fn header(&self, src: &mut BytesMut) -> io::Result<Option<usize>> {
        let look = &self.builder;
        if src.len() < look.header_length() {
            return Ok(None);
        }
        let mut field = &src[look.field_offset..look.header_length()];
        let said = if look.is_big_endian {
            field.get_uint(look.field_length)
        } else {
            field.get_uint_le(look.field_length)
        };
        let length = usize::try_from(said)
            .ok()
            .filter(|length| *length <= look.max_frame_length);
        let Some(length) = length else {
            let error = LengthDelimitedCodecError(());
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        };
        let Some(length) = length.checked_add_signed(look.adjustment) else {
            return Err(overflow());
        };
        // What is skipped may lie in the payload, or all of it come later.
        if src.len() < look.skip() {
            return Ok(None);
        }
        src.advance(look.skip());
        Ok(Some(length))
    }
}

fn overflow() -> io::Error {
    let message = "provided length would overflow after adjustment";
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

impl Default for LengthDelimitedCodec {
    fn default() -> LengthDelimitedCodec {
        LengthDelimitedCodec::new()
    }
}

impl Decoder for LengthDelimitedCodec {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        let length = match self.payload {
            Some(length) => length,
            None => match self.header(src)? {
                None => return Ok(None),
                Some(length) => length,
            },
        };
        if src.len() < length {
            self.payload = Some(length);
            src.reserve(length - src.len());
            return Ok(None);
        }
        self.payload = None;
        Ok(Some(src.split_to(length)))
    }
}

impl LengthDelimitedCodec {
    fn append(&mut self, data: &[u8], dst: &mut BytesMut) -> io::Result<()> {
        let look = &self.builder;
        let too_long =
            || io::Error::new(io::ErrorKind::InvalidInput, LengthDelimitedCodecError(()));
        if data.len() > look.max_frame_length {
            return Err(too_long());
        }
        // The other way round than when it is read.
        let said = match look.adjustment.checked_neg() {
            Some(back) => data.len().checked_add_signed(back),
            None => None,
        };
        let said = said.ok_or_else(overflow)? as u64;
        if said > look.widest() {
            return Err(too_long());
        }
        dst.reserve(look.field_length + data.len());
        if look.is_big_endian {
            dst.put_uint(said, look.field_length);
        } else {
            dst.put_uint_le(said, look.field_length);
        }
        dst.extend_from_slice(data);
        Ok(())
    }
}

impl Encoder<Bytes> for LengthDelimitedCodec {
    type Error = io::Error;

    fn encode(&mut self, data: Bytes, dst: &mut BytesMut) -> io::Result<()> {
        self.append(&data, dst)
    }
}

impl Encoder<&[u8]> for LengthDelimitedCodec {
    type Error = io::Error;

    fn encode(&mut self, data: &[u8], dst: &mut BytesMut) -> io::Result<()> {
        self.append(data, dst)
    }
}

/// A message is longer than the limit. It is within an `io::Error`, of the kind
/// [`InvalidData`](io::ErrorKind::InvalidData) if it was read and
/// [`InvalidInput`](io::ErrorKind::InvalidInput) if it was to be written.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use runtime::codec::{Decoder, LengthDelimitedCodec, LengthDelimitedCodecError};
///
/// let mut codec = LengthDelimitedCodec::builder().max_frame_length(1).new_codec();
/// let error = codec.decode(&mut BytesMut::from(&b"\0\0\0\x02"[..])).unwrap_err();
/// assert!(error.get_ref().unwrap().is::<LengthDelimitedCodecError>());
/// ```
pub struct LengthDelimitedCodecError(());

impl fmt::Debug for LengthDelimitedCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LengthDelimitedCodecError").finish()
    }
}

impl fmt::Display for LengthDelimitedCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("frame size too big")
    }
}

impl error::Error for LengthDelimitedCodecError {}
