//! [`Decoder`] and [`Encoder`].

use super::Framed;
use crate::async_io::{AsyncRead, AsyncWrite};
use bytes::BytesMut;
use std::io;

/// Finds messages in bytes.
///
/// # Examples
///
/// Messages of two bytes each:
///
/// ```
/// use bytes::BytesMut;
/// use runtime::codec::{Decoder, FramedRead};
/// use runtime::stream::StreamExt;
///
/// struct Pairs;
///
/// impl Decoder for Pairs {
///     type Item = BytesMut;
///     type Error = std::io::Error;
///
///     fn decode(&mut self, src: &mut BytesMut) -> Result<Option<BytesMut>, Self::Error> {
///         Ok((src.len() >= 2).then(|| src.split_to(2)))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let mut pairs = FramedRead::new(&b"abcd"[..], Pairs);
/// assert_eq!(pairs.next().await.unwrap()?, "ab");
/// assert_eq!(pairs.next().await.unwrap()?, "cd");
/// assert!(pairs.next().await.is_none());
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait Decoder {
    /// A message.
    type Item;

    /// Why bytes are no message. An error of the reader becomes one, too.
    type Error: From<io::Error>;

    /// Takes the next message out of `src`, if it is there whole.
    ///
    /// `Ok(None)` asks for more bytes; `src` may have been shortened by what is known to
    /// be no part of a message, and may have been made to
    /// [reserve](BytesMut::reserve) what will be needed.
    ///
    /// # Errors
    ///
    /// If the bytes are no message. The stream gives the error, and then `None` once.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Decoder, LinesCodec};
    ///
    /// let mut bytes = BytesMut::from("one\ntw");
    /// let mut lines = LinesCodec::new();
    /// assert_eq!(lines.decode(&mut bytes)?.as_deref(), Some("one"));
    /// assert_eq!(lines.decode(&mut bytes)?, None);
    /// assert_eq!(bytes, "tw");
    /// # Ok::<(), runtime::codec::LinesCodecError>(())
    /// ```
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error>;

    /// [`decode`](Self::decode) once the reader has ended: called until it is `Ok(None)`.
    ///
    /// # Errors
    ///
    /// Those of `decode`; and, unless the codec defines it otherwise, one of the kind
    /// [`Other`](io::ErrorKind::Other) if bytes are left that are no whole message.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Decoder, LinesCodec};
    ///
    /// let mut bytes = BytesMut::from("the last line has no end");
    /// let line = LinesCodec::new().decode_eof(&mut bytes)?;
    /// assert_eq!(line.as_deref(), Some("the last line has no end"));
    /// # Ok::<(), runtime::codec::LinesCodecError>(())
    /// ```
    fn decode_eof(&mut self, buf: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error> {
        match self.decode(buf)? {
            Some(frame) => Ok(Some(frame)),
            None if buf.is_empty() => Ok(None),
            None => Err(io::Error::other("bytes remaining on stream").into()),
        }
    }

    /// Puts this codec around a connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::SinkExt;
    /// use runtime::codec::{Decoder, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let (here, _there) = runtime::io::duplex(64);
    /// let mut lines = LinesCodec::new().framed(here);
    /// lines.send("hello").await?;
    /// # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
    /// ```
    fn framed<T: AsyncRead + AsyncWrite + Sized>(self, io: T) -> Framed<T, Self>
    where
        Self: Sized,
    {
        Framed::new(io, self)
    }
}

/// Puts messages into bytes.
///
/// # Examples
///
/// ```
/// use bytes::{BufMut, BytesMut};
/// use runtime::codec::Encoder;
///
/// struct Numbers;
///
/// impl Encoder<u32> for Numbers {
///     type Error = std::io::Error;
///
///     fn encode(&mut self, number: u32, dst: &mut BytesMut) -> Result<(), Self::Error> {
///         dst.put_u32(number);
///         Ok(())
///     }
/// }
///
/// let mut bytes = BytesMut::new();
/// Numbers.encode(7, &mut bytes)?;
/// assert_eq!(bytes[..], [0, 0, 0, 7]);
/// # std::io::Result::Ok(())
/// ```
pub trait Encoder<Item> {
    /// Why a message can't be written. An error of the writer becomes one, too.
    type Error: From<io::Error>;

    /// Appends `item` to `dst`, which may have older messages in it.
    ///
    /// # Errors
    ///
    /// If there are no bytes for this message.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use runtime::codec::{Encoder, LinesCodec};
    ///
    /// let mut bytes = BytesMut::from("one\n");
    /// LinesCodec::new().encode("two", &mut bytes)?;
    /// assert_eq!(bytes, "one\ntwo\n");
    /// # Ok::<(), runtime::codec::LinesCodecError>(())
    /// ```
    fn encode(&mut self, item: Item, dst: &mut BytesMut) -> Result<(), Self::Error>;
}
