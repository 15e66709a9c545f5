//! [`AsyncBufReadExt`]: the methods of a reader with a buffer.

use super::buf_read_futures::{FillBuf, ReadLine, ReadUntil};
use super::{AsyncBufRead, Lines, Split};
use std::pin::Pin;

/// What every [`AsyncBufRead`] can do.
///
/// # Examples
///
/// ```
/// use runtime::io::AsyncBufReadExt;
///
/// # futures::executor::block_on(async {
/// let mut lines = (&b"one\ntwo\n"[..]).lines();
/// while let Some(line) = lines.next_line().await? {
///     assert_eq!(line.len(), 3);
/// }
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncBufReadExt: AsyncBufRead {
    /// Appends to `buf` what comes up to and with `byte`, or to the end. Returns how many
    /// bytes that was: 0 at the end.
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
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut reader = &b"a,b"[..];
    /// let mut buf = Vec::new();
    /// assert_eq!(reader.read_until(b',', &mut buf).await?, 2);
    /// assert_eq!(buf, b"a,");
    /// assert_eq!(reader.read_until(b',', &mut buf).await?, 1);
    /// assert_eq!(buf, b"a,b");
    /// assert_eq!(reader.read_until(b',', &mut buf).await?, 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_until<'a>(&'a mut self, byte: u8, buf: &'a mut Vec<u8>) -> ReadUntil<'a, Self>
    where
        Self: Unpin,
    {
        ReadUntil::new(self, byte, buf)
    }

    /// Appends a line to `buf`, with its end, which is `"\n"`. Returns how many bytes that
    /// was: 0 at the end.
    ///
    /// Without a limit, a line may fill the memory; [`take`](super::AsyncReadExt::take) sets one.
    ///
    /// # Errors
    ///
    /// * [`InvalidData`](std::io::ErrorKind::InvalidData) if the line is not valid UTF-8. It is
    ///   lost, and `buf` is as it was.
    /// * Those of the reader. What was read before is in `buf`, if it is valid UTF-8.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what was read of the line is lost, and `buf` is as it was.
    /// [`read_until`](Self::read_until) and [`lines`](Self::lines) keep it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut line = String::new();
    /// assert_eq!((&b"one\ntwo\n"[..]).read_line(&mut line).await?, 4);
    /// assert_eq!(line, "one\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn read_line<'a>(&'a mut self, buf: &'a mut String) -> ReadLine<'a, Self>
    where
        Self: Unpin,
    {
        ReadLine::new(self, buf)
    }

    /// The pieces between one `byte` and the next.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncBufReadExt, BufReader};
    ///
    /// # futures::executor::block_on(async {
    /// let mut pieces = BufReader::new(&b"a,b"[..]).split(b',');
    /// assert_eq!(pieces.next_segment().await?.as_deref(), Some(&b"a"[..]));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn split(self, byte: u8) -> Split<Self>
    where
        Self: Sized + Unpin,
    {
        Split::new(self, byte)
    }

    /// What is in the buffer, which is filled first if it is empty. An empty slice is the end.
    ///
    /// [`consume`](Self::consume) takes it out.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut reader = &b"abc"[..];
    /// assert_eq!(reader.fill_buf().await?, b"abc");
    /// AsyncBufReadExt::consume(&mut reader, 2);
    /// assert_eq!(reader.fill_buf().await?, b"c");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn fill_buf(&mut self) -> FillBuf<'_, Self>
    where
        Self: Unpin,
    {
        FillBuf::new(self)
    }

    /// Takes `amt` bytes out of the buffer, of those that [`fill_buf`](Self::fill_buf) gave.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// let mut reader = &b"abc"[..];
    /// AsyncBufReadExt::consume(&mut reader, 2);
    /// assert_eq!(reader, b"c");
    /// ```
    fn consume(&mut self, amt: usize)
    where
        Self: Unpin,
    {
        Pin::new(self).consume(amt);
    }

    /// The lines, without their ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = (&b"one\r\ntwo\n"[..]).lines();
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("one"));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn lines(self) -> Lines<Self>
    where
        Self: Sized,
    {
        Lines::new(self)
    }
}

impl<R: AsyncBufRead + ?Sized> AsyncBufReadExt for R {}
