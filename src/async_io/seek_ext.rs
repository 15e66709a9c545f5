//! [`AsyncSeekExt`]: the methods of what can move to another place.

use super::{AsyncSeek, SeekFrom};
use crate::base::wait;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What every [`AsyncSeek`] can do.
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncSeekExt, SeekFrom};
///
/// # futures::executor::block_on(async {
/// let mut cursor = std::io::Cursor::new(b"abc");
/// assert_eq!(cursor.seek(SeekFrom::Start(2)).await?, 2);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncSeekExt: AsyncSeek {
    /// Moves to `pos`, and tells how far that is from the start, in bytes.
    ///
    /// # Errors
    ///
    /// A position before the start, and those of the source.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// The move may still be made: go on with another `seek` to a place that doesn't depend on it.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};
    ///
    /// # futures::executor::block_on(async {
    /// let mut cursor = std::io::Cursor::new(b"abc");
    /// assert_eq!(cursor.seek(SeekFrom::End(-1)).await?, 2);
    /// assert_eq!(cursor.read_u8().await?, b'c');
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn seek(&mut self, pos: SeekFrom) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        Seek {
            source: self,
            start: Some(pos),
            location: Location::caller(),
        }
    }

    /// Moves to the start.
    ///
    /// # Errors
    ///
    /// Those of the source.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// The move may still be made.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncSeekExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut cursor = std::io::Cursor::new(b"abc");
    /// cursor.read_u16().await?;
    /// cursor.rewind().await?;
    /// assert_eq!(cursor.read_u8().await?, b'a');
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn rewind(&mut self) -> Rewind<'_, Self>
    where
        Self: Unpin,
    {
        Rewind(self.seek(SeekFrom::Start(0)))
    }

    /// How far the current place is from the start, in bytes.
    ///
    /// # Errors
    ///
    /// Those of the source.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncSeekExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut cursor = std::io::Cursor::new(b"abc");
    /// cursor.read_u16().await?;
    /// assert_eq!(cursor.stream_position().await?, 2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    fn stream_position(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Current(0))
    }
}

impl<S: AsyncSeek + ?Sized> AsyncSeekExt for S {}

/// Moves, once an earlier move is done.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Seek<'a, S: ?Sized> {
    source: &'a mut S,
    start: Option<SeekFrom>,
    location: &'static Location<'static>,
}

impl<S: AsyncSeek + Unpin + ?Sized> Future for Seek<'_, S> {
    type Output = io::Result<u64>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = self.get_mut();
        wait::told(me.location, me.poll_moved(cx))
    }
}

impl<S: AsyncSeek + Unpin + ?Sized> Seek<'_, S> {
    fn poll_moved(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let mut source = Pin::new(&mut *self.source);
        if let Some(position) = self.start {
            ready!(source.as_mut().poll_complete(cx))?;
            self.start = None;
            source.as_mut().start_seek(position)?;
        }
        source.poll_complete(cx)
    }
}

/// Moves to the start.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Rewind<'a, S: ?Sized>(Seek<'a, S>);

impl<S: AsyncSeek + Unpin + ?Sized> Future for Rewind<'_, S> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.get_mut().0).poll(cx).map_ok(drop)
    }
}
