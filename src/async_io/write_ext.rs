//! [`AsyncWriteExt`]: the methods of a writer.
//!
//! All of them in one trait, and so in one file, for that one `use` brings them all.

use super::AsyncWrite;
use super::write_futures::{
    Flush, Shutdown, Write, WriteAll, WriteAllBuf, WriteBuf, WriteNumber, WriteVectored,
};
use bytes::Buf;
use std::io::IoSlice;

/// What every [`AsyncWrite`] can do.
///
/// # Examples
///
/// ```
/// use runtime::io::AsyncWriteExt;
///
/// # futures::executor::block_on(async {
/// let mut bytes = Vec::new();
/// bytes.write_u16(5).await?;
/// bytes.write_all(b"hello").await?;
/// assert_eq!(bytes, b"\x00\x05hello");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncWriteExt: AsyncWrite {
    /// Writes some of `src`, and tells how many bytes.
    ///
    /// 0 means that the writer takes no more, or that `src` is empty.
    ///
    /// # Errors
    ///
    /// Those of the writer; nothing was written then.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, AsyncWriteExt};
    ///
    /// # futures::executor::block_on(async {
    /// let (mut here, _there) = io::duplex(2);
    /// assert_eq!(here.write(b"abc").await?, 2);
    /// # io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write<'a>(&'a mut self, src: &'a [u8]) -> Write<'a, Self>
    where
        Self: Unpin,
    {
        Write::new(self, src)
    }

    /// Writes some of several slices, one after the other, and tells how many bytes.
    ///
    /// # Errors
    ///
    /// Those of the writer; nothing was written then.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncWriteExt;
    /// use std::io::IoSlice;
    ///
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// let slices = [IoSlice::new(b"ab"), IoSlice::new(b"c")];
    /// assert_eq!(bytes.write_vectored(&slices).await?, 3);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_vectored<'a, 'b>(&'a mut self, bufs: &'a [IoSlice<'b>]) -> WriteVectored<'a, 'b, Self>
    where
        Self: Unpin,
    {
        WriteVectored::new(self, bufs)
    }

    /// Writes some of `src`, takes that out of it, and tells how many bytes.
    ///
    /// 0 means that the writer takes no more, or that `src` is empty.
    ///
    /// # Errors
    ///
    /// Those of the writer; nothing was written then.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, AsyncWriteExt};
    ///
    /// # futures::executor::block_on(async {
    /// let (mut here, _there) = io::duplex(2);
    /// let mut bytes = bytes::Bytes::from("abc");
    /// assert_eq!(here.write_buf(&mut bytes).await?, 2);
    /// assert_eq!(bytes, "c");
    /// # io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteBuf<'a, Self, B>
    where
        Self: Sized + Unpin,
        B: Buf,
    {
        WriteBuf::new(self, src)
    }

    /// Writes all of `src`, and takes what is written out of it.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    /// `src` then has what is not written.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// `src` has what is not written; another call with it goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncWriteExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut bytes = bytes::Bytes::from("abc");
    /// let mut written = Vec::new();
    /// written.write_all_buf(&mut bytes).await?;
    /// assert_eq!((written.as_slice(), bytes.len()), (&b"abc"[..], 0));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_all_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteAllBuf<'a, Self, B>
    where
        Self: Sized + Unpin,
        B: Buf,
    {
        WriteAllBuf::new(self, src)
    }

    /// Writes all of `src`.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    /// How many bytes were written is not told.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes were written is not told.
    /// [`write_all_buf`](Self::write_all_buf) tells it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncWriteExt, ErrorKind};
    ///
    /// # futures::executor::block_on(async {
    /// let mut memory = [0; 4];
    /// let mut cursor = std::io::Cursor::new(&mut memory[..]);
    /// cursor.write_all(b"abc").await?;
    /// let error = cursor.write_all(b"def").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::WriteZero);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_all<'a>(&'a mut self, src: &'a [u8]) -> WriteAll<'a, Self>
    where
        Self: Unpin,
    {
        WriteAll::new(self, src)
    }

    /// Writes an unsigned 8-bit integer.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_u8(1).await?;
    /// assert_eq!(bytes, [1]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_u8(&mut self, n: u8) -> WriteNumber<'_, Self, 1>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes a signed 8-bit integer.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_i8(-1).await?;
    /// assert_eq!(bytes, [255]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_i8(&mut self, n: i8) -> WriteNumber<'_, Self, 1>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes an unsigned 16-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_u16(258).await?;
    /// assert_eq!(bytes, [1, 2]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_u16(&mut self, n: u16) -> WriteNumber<'_, Self, 2>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes a signed 16-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_i16(-2).await?;
    /// assert_eq!(bytes, [255, 254]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_i16(&mut self, n: i16) -> WriteNumber<'_, Self, 2>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes an unsigned 32-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_u32(258).await?;
    /// assert_eq!(bytes, [0, 0, 1, 2]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_u32(&mut self, n: u32) -> WriteNumber<'_, Self, 4>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes a signed 32-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_i32(-2).await?;
    /// assert_eq!(bytes, [255, 255, 255, 254]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_i32(&mut self, n: i32) -> WriteNumber<'_, Self, 4>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes an unsigned 64-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_u64(258).await?;
    /// assert_eq!(bytes, [0, 0, 0, 0, 0, 0, 1, 2]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_u64(&mut self, n: u64) -> WriteNumber<'_, Self, 8>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes a signed 64-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_i64(-2).await?;
    /// assert_eq!(bytes, [255, 255, 255, 255, 255, 255, 255, 254]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_i64(&mut self, n: i64) -> WriteNumber<'_, Self, 8>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes an unsigned 128-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_u128(258).await?;
    /// assert_eq!(bytes, 258u128.to_be_bytes());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_u128(&mut self, n: u128) -> WriteNumber<'_, Self, 16>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes a signed 128-bit integer, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_i128(-2).await?;
    /// assert_eq!(bytes, (-2i128).to_be_bytes());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_i128(&mut self, n: i128) -> WriteNumber<'_, Self, 16>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes a 32-bit floating-point number, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_f32(1.5).await?;
    /// assert_eq!(bytes, [63, 192, 0, 0]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_f32(&mut self, n: f32) -> WriteNumber<'_, Self, 4>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes a 64-bit floating-point number, big end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_f64(1.5).await?;
    /// assert_eq!(bytes, [63, 248, 0, 0, 0, 0, 0, 0]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_f64(&mut self, n: f64) -> WriteNumber<'_, Self, 8>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_be_bytes())
    }

    /// Writes an unsigned 16-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_u16_le(258).await?;
    /// assert_eq!(bytes, [2, 1]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_u16_le(&mut self, n: u16) -> WriteNumber<'_, Self, 2>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Writes a signed 16-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_i16_le(-2).await?;
    /// assert_eq!(bytes, [254, 255]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_i16_le(&mut self, n: i16) -> WriteNumber<'_, Self, 2>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Writes an unsigned 32-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_u32_le(258).await?;
    /// assert_eq!(bytes, [2, 1, 0, 0]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_u32_le(&mut self, n: u32) -> WriteNumber<'_, Self, 4>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Writes a signed 32-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_i32_le(-2).await?;
    /// assert_eq!(bytes, [254, 255, 255, 255]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_i32_le(&mut self, n: i32) -> WriteNumber<'_, Self, 4>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Writes an unsigned 64-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_u64_le(258).await?;
    /// assert_eq!(bytes, [2, 1, 0, 0, 0, 0, 0, 0]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_u64_le(&mut self, n: u64) -> WriteNumber<'_, Self, 8>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Writes a signed 64-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_i64_le(-2).await?;
    /// assert_eq!(bytes, [254, 255, 255, 255, 255, 255, 255, 255]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_i64_le(&mut self, n: i64) -> WriteNumber<'_, Self, 8>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Writes an unsigned 128-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_u128_le(258).await?;
    /// assert_eq!(bytes, 258u128.to_le_bytes());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_u128_le(&mut self, n: u128) -> WriteNumber<'_, Self, 16>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Writes a signed 128-bit integer, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_i128_le(-2).await?;
    /// assert_eq!(bytes, (-2i128).to_le_bytes());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_i128_le(&mut self, n: i128) -> WriteNumber<'_, Self, 16>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Writes a 32-bit floating-point number, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_f32_le(1.5).await?;
    /// assert_eq!(bytes, [0, 0, 192, 63]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_f32_le(&mut self, n: f32) -> WriteNumber<'_, Self, 4>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Writes a 64-bit floating-point number, little end first.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the writer takes no more; those of the
    /// writer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: how many bytes of it were written is not told.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::AsyncWriteExt;
    /// # futures::executor::block_on(async {
    /// let mut bytes = Vec::new();
    /// bytes.write_f64_le(1.5).await?;
    /// assert_eq!(bytes, [0, 0, 0, 0, 0, 0, 248, 63]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn write_f64_le(&mut self, n: f64) -> WriteNumber<'_, Self, 8>
    where
        Self: Unpin,
    {
        WriteNumber::new(self, n.to_le_bytes())
    }

    /// Passes on what was written and is still kept back in the writer's buffer.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncWriteExt, BufWriter};
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = BufWriter::new(Vec::new());
    /// writer.write_all(b"abc").await?;
    /// writer.flush().await?;
    /// assert_eq!(writer.into_inner(), b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn flush(&mut self) -> Flush<'_, Self>
    where
        Self: Unpin,
    {
        Flush::new(self)
    }

    /// Flushes, and ends this direction in order: the other side reads to an end.
    ///
    /// Afterwards the writer is not to be written to any more.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{self, AsyncReadExt, AsyncWriteExt};
    ///
    /// # futures::executor::block_on(async {
    /// let (mut here, mut there) = io::duplex(8);
    /// here.write_all(b"bye").await?;
    /// here.shutdown().await?;
    /// let mut text = String::new();
    /// there.read_to_string(&mut text).await?;
    /// assert_eq!(text, "bye");
    /// # io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn shutdown(&mut self) -> Shutdown<'_, Self>
    where
        Self: Unpin,
    {
        Shutdown::new(self)
    }
}

impl<W: AsyncWrite + ?Sized> AsyncWriteExt for W {}
