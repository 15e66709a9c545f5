//! [`File`] as a reader, a writer, something to seek in, and a descriptor.

use super::File;
use crate::async_io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};
use crate::base::sync::atomic::Ordering;
use crate::rt::with_driver;
use std::fmt;
use std::fs::File as StdFile;
use std::io::{self, IoSlice, SeekFrom};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

impl File {
    /// Looks for what has changed behind the cursor's back, and for a runtime: what the cache
    /// has would be read without one, and the next bytes would panic.
    fn before_poll(&mut self) {
        with_driver(|_| ());
        self.cursor.always_hops |= self.is_cloned.load(Ordering::Relaxed);
    }
}

impl AsyncRead for File {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let me = self.get_mut();
        me.before_poll();
        me.cursor.poll_read(cx, &me.std, &me.writes, buf)
    }
}

impl AsyncWrite for File {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let me = self.get_mut();
        me.before_poll();
        me.cursor.poll_write(cx, &me.std, &me.writes, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Waits until all that was accepted has reached the file: not the disk, which is
    /// [`sync_all`](File::sync_all)'s business.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.writes.poll_idle(cx));
        Poll::Ready(self.writes.take_error())
    }

    /// Flushes.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl AsyncSeek for File {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.get_mut().cursor.start_seek(position)
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let me = self.get_mut();
        me.before_poll();
        me.cursor.poll_move(cx, &me.std, &me.writes)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("std", &self.std).finish()
    }
}

impl From<StdFile> for File {
    fn from(std: StdFile) -> File {
        File::from_std(std)
    }
}

impl From<OwnedFd> for File {
    fn from(descriptor: OwnedFd) -> File {
        File::from_std(StdFile::from(descriptor))
    }
}

impl AsFd for File {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.std.as_fd()
    }
}

impl AsRawFd for File {
    fn as_raw_fd(&self) -> RawFd {
        self.std.as_raw_fd()
    }
}
