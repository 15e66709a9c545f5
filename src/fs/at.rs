//! Reading and writing at an offset: no position, no `&mut`, many at a time.

use super::File;
use super::cached::{self, Cached};
use super::cursor::{INLINE_LIMIT, charge, retry};
use super::hop::{AfterWrites, Hop};
use crate::async_io::ReadBuf;
use crate::base::{budget, wait};
use crate::rt::with_driver;
use std::io;
use std::os::unix::fs::FileExt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

impl File {
    /// Reads at `offset`, counted from the start, into `buf`. Tells how many bytes; none at the
    /// end of the file.
    ///
    /// The position stays where it is, and any number of tasks may read at once.
    ///
    /// # Errors
    ///
    /// If the file isn't open for reading, or has no offsets; those of the disk.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-read-at-{}", std::process::id()));
    /// # std::fs::write(&path, b"hello")?;
    /// let file = runtime::fs::File::open(&path).await?;
    /// let mut buf = [0; 16];
    /// let read = file.read_at(&mut buf, 3).await?;
    /// assert_eq!(&buf[..read], b"lo");
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn read_at<'a>(
        &'a self,
        buf: &'a mut [u8],
        offset: u64,
    ) -> impl Future<Output = io::Result<usize>> + use<'a> {
        ReadAt::new(self, buf, offset)
    }

    /// Fills all of `buf` from `offset` on.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if the file ends before, and those of
    /// [`read_at`](Self::read_at).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// What `buf` has then isn't told.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-read-exact-at-{}", std::process::id()));
    /// # std::fs::write(&path, b"hello")?;
    /// let file = runtime::fs::File::open(&path).await?;
    /// let mut buf = [0; 3];
    /// file.read_exact_at(&mut buf, 1).await?;
    /// assert_eq!(&buf, b"ell");
    /// assert!(file.read_exact_at(&mut buf, 3).await.is_err());
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn read_exact_at<'a>(
        &'a self,
        buf: &'a mut [u8],
        offset: u64,
    ) -> impl Future<Output = io::Result<()>> + use<'a> {
        ReadExactAt(ReadAt::new(self, buf, offset))
    }

    /// Writes some of `buf` at `offset`, and waits until that is done. Tells how many bytes.
    ///
    /// Nothing gathers, no flush is needed, and the position stays where it is. A file that
    /// was opened to append is written at its end nevertheless: that is what Linux does.
    ///
    /// # Errors
    ///
    /// If the file isn't open for writing, or has no offsets; those of the disk.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: whether the bytes were written, nobody will know.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-write-at-{}", std::process::id()));
    /// let file = runtime::fs::File::create(&path).await?;
    /// assert_eq!(file.write_at(b"lo", 3).await?, 2);
    /// assert_eq!(std::fs::read(&path)?, b"\0\0\0lo");
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn write_at(&self, buf: &[u8], offset: u64) -> impl Future<Output = io::Result<usize>> {
        let bytes = buf[..buf.len().min(self.max_buf_size().max(1))].to_vec();
        let (file, writes) = (self.std.clone(), self.writes.clone());
        AfterWrites::new(&self.writes, move || {
            let written = retry(|| file.write_at(&bytes, offset));
            writes.set_changed();
            written
        })
    }

    /// Writes all of `buf` from `offset` on, and waits until that is done.
    ///
    /// # Errors
    ///
    /// Those of [`write_at`](Self::write_at). How much was written before isn't told.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: whether the bytes were written, nobody will know.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-write-all-at-{}", std::process::id()));
    /// let file = runtime::fs::File::create(&path).await?;
    /// file.write_all_at(b"world", 6).await?;
    /// file.write_all_at(b"hello ", 0).await?;
    /// assert_eq!(std::fs::read(&path)?, b"hello world");
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn write_all_at(&self, buf: &[u8], offset: u64) -> impl Future<Output = io::Result<()>> {
        let bytes = buf.to_vec();
        let (file, writes) = (self.std.clone(), self.writes.clone());
        AfterWrites::new(&self.writes, move || {
            let written = file.write_all_at(&bytes, offset);
            writes.set_changed();
            written
        })
    }
}

/// Reads once.
struct ReadAt<'a> {
    file: &'a File,
    buf: &'a mut [u8],
    offset: u64,
    hop: Option<Hop<Vec<u8>>>,
    location: &'static Location<'static>,
}

impl<'a> ReadAt<'a> {
    #[track_caller]
    fn new(file: &'a File, buf: &'a mut [u8], offset: u64) -> Self {
        ReadAt {
            file,
            buf,
            offset,
            hop: None,
            location: Location::caller(),
        }
    }

    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.hop.is_none() {
            ready!(self.file.writes.poll_idle(cx));
            let spent = ready!(budget::poll_proceed(cx));
            if self.buf.is_empty() {
                spent.made_progress();
                return Poll::Ready(Ok(0));
            }
            if let Some(read) = self.read_cached() {
                spent.made_progress();
                charge(cx, read);
                return Poll::Ready(Ok(read));
            }
        }
        let hop = self.hop.get_or_insert_with(|| {
            let file = self.file.std.clone();
            let wanted = self.buf.len().min(self.file.max_buf_size().max(1));
            let offset = self.offset;
            Hop::start(move || {
                let mut bytes = vec![0; wanted];
                let read = retry(|| file.read_at(&mut bytes, offset))?;
                bytes.truncate(read);
                Ok(bytes)
            })
        });
        let result = ready!(Pin::new(hop).poll(cx));
        self.hop = None;
        let bytes = result?;
        self.buf[..bytes.len()].copy_from_slice(&bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn read_cached(&mut self) -> Option<usize> {
        if self.file.cursor.always_hops {
            return None;
        }
        let mut buf = ReadBuf::new(self.buf);
        match cached::read(&self.file.std, &mut buf, INLINE_LIMIT, Some(self.offset)) {
            Cached::Read(read) => Some(read),
            Cached::Absent | Cached::Unsupported => None,
        }
    }
}

impl Future for ReadAt<'_> {
    type Output = io::Result<usize>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // What the cache has could be read without a runtime; the next bytes could not.
        with_driver(|_| ());
        let me = self.get_mut();
        wait::at(me.location, || me.poll_waiting(cx))
    }
}

/// Reads until the buffer is full.
struct ReadExactAt<'a>(ReadAt<'a>);

impl Future for ReadExactAt<'_> {
    type Output = io::Result<()>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut self.get_mut().0;
        while !me.buf.is_empty() {
            let read = ready!(Pin::new(&mut *me).poll(cx))?;
            if read == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            let buf = std::mem::take(&mut me.buf);
            me.buf = &mut buf[read..];
            me.offset = me.offset.saturating_add(read as u64);
        }
        Poll::Ready(Ok(()))
    }
}
