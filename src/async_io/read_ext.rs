//! [`AsyncReadExt`]: the methods of a reader.
//!
//! All of them in one trait, and so in one file, for that one `use` brings them all.

use super::read_futures::{Read, ReadBufMut, ReadExact, ReadNumber, ReadToEnd, ReadToString};
use super::{AsyncRead, Chain, Take};
use bytes::BufMut;

/// What every [`AsyncRead`] can do.
///
/// # Examples
///
/// ```
/// use runtime::io::AsyncReadExt;
///
/// # futures::executor::block_on(async {
/// let mut reader = &b"\x00\x05hello, and more"[..];
/// let len = reader.read_u16().await?;
/// let mut text = String::new();
/// reader.take(len.into()).read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncReadExt: AsyncRead {
    /// A reader that goes on with `next` when this one has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut text = String::new();
    /// (&b"one "[..]).chain(&b"two"[..]).read_to_string(&mut text).await?;
    /// assert_eq!(text, "one two");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn chain<R>(self, next: R) -> Chain<Self, R>
    where
        Self: Sized,
        R: AsyncRead,
    {
        Chain::new(self, next)
    }

    /// A reader that ends after `limit` bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut text = String::new();
    /// (&b"onetwo"[..]).take(3).read_to_string(&mut text).await?;
    /// assert_eq!(text, "one");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn take(self, limit: u64) -> Take<Self>
    where
        Self: Sized,
    {
        Take::new(self, limit)
    }

    /// Reads some bytes into `buf`, and tells how many.
    ///
    /// As many as there are, if that isn't more than `buf` holds; it waits until there are
    /// any. 0 means the end, or that `buf` is empty.
    ///
    /// # Errors
    ///
    /// Those of the reader; nothing was read then.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut buf = [0; 8];
    /// let n = (&b"abc"[..]).read(&mut buf).await?;
    /// assert_eq!(&buf[..n], b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read<'a>(&'a mut self, buf: &'a mut [u8]) -> Read<'a, Self>
    where
        Self: Unpin,
    {
        Read::new(self, buf)
    }

    /// Reads some bytes, appends them to `buf`, and tells how many.
    ///
    /// A `Vec` or `BytesMut` grows as it needs to; nothing is set to zero first. 0 means
    /// the end, or that `buf` has no room.
    ///
    /// # Errors
    ///
    /// Those of the reader; nothing was read then.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut buf = bytes::BytesMut::from(&b"a"[..]);
    /// assert_eq!((&b"bc"[..]).read_buf(&mut buf).await?, 2);
    /// assert_eq!(buf, "abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_buf<'a, B>(&'a mut self, buf: &'a mut B) -> ReadBufMut<'a, Self, B>
    where
        Self: Unpin,
        B: BufMut + ?Sized,
    {
        ReadBufMut::new(self, buf)
    }

    /// Fills all of `buf`. Returns its length.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    /// What `buf` then holds is not told.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes were read into `buf` is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, ErrorKind};
    ///
    /// # futures::executor::block_on(async {
    /// let mut buf = [0; 2];
    /// let mut reader = &b"abc"[..];
    /// reader.read_exact(&mut buf).await?;
    /// assert_eq!(&buf, b"ab");
    /// let error = reader.read_exact(&mut buf).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_exact<'a>(&'a mut self, buf: &'a mut [u8]) -> ReadExact<'a, Self>
    where
        Self: Unpin,
    {
        ReadExact::new(self, buf)
    }

    /// Reads an unsigned 8-bit integer.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[1u8][..]).read_u8().await?, 1);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_u8(&mut self) -> ReadNumber<'_, Self, u8, 1>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, u8::from_be_bytes)
    }

    /// Reads a signed 8-bit integer.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[255u8][..]).read_i8().await?, -1);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_i8(&mut self) -> ReadNumber<'_, Self, i8, 1>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, i8::from_be_bytes)
    }

    /// Reads an unsigned 16-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[1u8, 2][..]).read_u16().await?, 258);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_u16(&mut self) -> ReadNumber<'_, Self, u16, 2>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, u16::from_be_bytes)
    }

    /// Reads a signed 16-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[255u8, 254][..]).read_i16().await?, -2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_i16(&mut self) -> ReadNumber<'_, Self, i16, 2>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, i16::from_be_bytes)
    }

    /// Reads an unsigned 32-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[0u8, 0, 1, 2][..]).read_u32().await?, 258);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_u32(&mut self) -> ReadNumber<'_, Self, u32, 4>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, u32::from_be_bytes)
    }

    /// Reads a signed 32-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[255u8, 255, 255, 254][..]).read_i32().await?, -2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_i32(&mut self) -> ReadNumber<'_, Self, i32, 4>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, i32::from_be_bytes)
    }

    /// Reads an unsigned 64-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[0u8, 0, 0, 0, 0, 0, 1, 2][..]).read_u64().await?, 258);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_u64(&mut self) -> ReadNumber<'_, Self, u64, 8>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, u64::from_be_bytes)
    }

    /// Reads a signed 64-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[255u8, 255, 255, 255, 255, 255, 255, 254][..]).read_i64().await?, -2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_i64(&mut self) -> ReadNumber<'_, Self, i64, 8>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, i64::from_be_bytes)
    }

    /// Reads an unsigned 128-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// let bytes = 258u128.to_be_bytes();
    /// assert_eq!((&bytes[..]).read_u128().await?, 258);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_u128(&mut self) -> ReadNumber<'_, Self, u128, 16>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, u128::from_be_bytes)
    }

    /// Reads a signed 128-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// let bytes = (-2i128).to_be_bytes();
    /// assert_eq!((&bytes[..]).read_i128().await?, -2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_i128(&mut self) -> ReadNumber<'_, Self, i128, 16>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, i128::from_be_bytes)
    }

    /// Reads a 32-bit floating-point number, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[63u8, 192, 0, 0][..]).read_f32().await?, 1.5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_f32(&mut self) -> ReadNumber<'_, Self, f32, 4>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, f32::from_be_bytes)
    }

    /// Reads a 64-bit floating-point number, big end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[63u8, 248, 0, 0, 0, 0, 0, 0][..]).read_f64().await?, 1.5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_f64(&mut self) -> ReadNumber<'_, Self, f64, 8>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, f64::from_be_bytes)
    }

    /// Reads an unsigned 16-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[2u8, 1][..]).read_u16_le().await?, 258);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_u16_le(&mut self) -> ReadNumber<'_, Self, u16, 2>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, u16::from_le_bytes)
    }

    /// Reads a signed 16-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[254u8, 255][..]).read_i16_le().await?, -2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_i16_le(&mut self) -> ReadNumber<'_, Self, i16, 2>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, i16::from_le_bytes)
    }

    /// Reads an unsigned 32-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[2u8, 1, 0, 0][..]).read_u32_le().await?, 258);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_u32_le(&mut self) -> ReadNumber<'_, Self, u32, 4>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, u32::from_le_bytes)
    }

    /// Reads a signed 32-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[254u8, 255, 255, 255][..]).read_i32_le().await?, -2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_i32_le(&mut self) -> ReadNumber<'_, Self, i32, 4>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, i32::from_le_bytes)
    }

    /// Reads an unsigned 64-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[2u8, 1, 0, 0, 0, 0, 0, 0][..]).read_u64_le().await?, 258);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_u64_le(&mut self) -> ReadNumber<'_, Self, u64, 8>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, u64::from_le_bytes)
    }

    /// Reads a signed 64-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[254u8, 255, 255, 255, 255, 255, 255, 255][..]).read_i64_le().await?, -2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_i64_le(&mut self) -> ReadNumber<'_, Self, i64, 8>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, i64::from_le_bytes)
    }

    /// Reads an unsigned 128-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// let bytes = 258u128.to_le_bytes();
    /// assert_eq!((&bytes[..]).read_u128_le().await?, 258);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_u128_le(&mut self) -> ReadNumber<'_, Self, u128, 16>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, u128::from_le_bytes)
    }

    /// Reads a signed 128-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// let bytes = (-2i128).to_le_bytes();
    /// assert_eq!((&bytes[..]).read_i128_le().await?, -2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_i128_le(&mut self) -> ReadNumber<'_, Self, i128, 16>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, i128::from_le_bytes)
    }

    /// Reads a 32-bit floating-point number, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[0u8, 0, 192, 63][..]).read_f32_le().await?, 1.5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_f32_le(&mut self) -> ReadNumber<'_, Self, f32, 4>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, f32::from_le_bytes)
    }

    /// Reads a 64-bit floating-point number, little end first.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the reader ends before; those of
    /// the reader.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes of it that were read are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncReadExt;
    /// # futures::executor::block_on(async {
    /// assert_eq!((&[0u8, 0, 0, 0, 0, 0, 248, 63][..]).read_f64_le().await?, 1.5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_f64_le(&mut self) -> ReadNumber<'_, Self, f64, 8>
    where
        Self: Unpin,
    {
        ReadNumber::new(self, f64::from_le_bytes)
    }

    /// Reads to the end, appends it to `buf`, and tells how many bytes that was.
    ///
    /// `buf` grows as it needs to. If it has just the room for what comes, it doesn't grow.
    ///
    /// # Errors
    ///
    /// Those of the reader. What was read before is in `buf`.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// What was read is in `buf`; another call with the same `buf` goes on, and counts anew.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut buf = Vec::new();
    /// assert_eq!((&b"abc"[..]).read_to_end(&mut buf).await?, 3);
    /// assert_eq!(buf, b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_to_end<'a>(&'a mut self, buf: &'a mut Vec<u8>) -> ReadToEnd<'a, Self>
    where
        Self: Unpin,
    {
        ReadToEnd::new(self, buf)
    }

    /// Reads text to the end, appends it to `buf`, and tells how many bytes that was.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](std::io::ErrorKind::InvalidData) if it is not valid UTF-8; those of the
    /// reader.
    /// In both cases `buf` is as it was, and what was read is lost.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what was read is lost, and `buf` is as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut text = String::from("a");
    /// assert_eq!((&b"bc"[..]).read_to_string(&mut text).await?, 2);
    /// assert_eq!(text, "abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_to_string<'a>(&'a mut self, buf: &'a mut String) -> ReadToString<'a, Self>
    where
        Self: Unpin,
    {
        ReadToString::new(self, buf)
    }
}

impl<R: AsyncRead + ?Sized> AsyncReadExt for R {}
