//! Pipes within the process: [`simplex`] goes one way, [`duplex`] both.
//!
//! A [`Pipe`] is a queue of bytes behind a lock, and a waker for either end. Who finds
//! the queue empty, or full, leaves its waker *and then looks again*; who changes the
//! queue takes the other end's waker *afterwards*. The locks order those steps, so that
//! one of the two sees the other. Only bytes are moved under the lock.
//!
//! Closed is one flag: writes then fail, and reads end once the queue is empty.

use super::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf, WriteHalf, spend, split};
use crate::base::budget;
use crate::base::sync::{Arc, Mutex};
use crate::base::wait::{self, Kind};
use crate::base::waker::WakerCell;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice};
use std::panic::RefUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// One end of a connection within the process. Made by [`duplex`].
///
/// When it is dropped, the other end reads what is still there and then the end, and its
/// writes fail with [`BrokenPipe`](io::ErrorKind::BrokenPipe).
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
///
/// # futures::executor::block_on(async {
/// let (mut here, mut there) = duplex(16);
/// there.write_all(b"hello").await?;
/// drop(there);
/// let mut text = String::new();
/// here.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct DuplexStream {
    read: Arc<Pipe>,
    write: Arc<Pipe>,
}

/// Both ends of a pipe within the process: reads what was written to it. Made by
/// [`SimplexStream::new_unsplit`], and in two halves by [`simplex`].
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt, simplex};
///
/// # futures::executor::block_on(async {
/// let (mut reader, mut writer) = simplex(16);
/// writer.write_all(b"one way").await?;
/// writer.shutdown().await?;
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "one way");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct SimplexStream {
    pipe: Pipe,
}

/// A connection within the process: what one end writes, the other one reads.
///
/// In either direction, at most `max_buf_size` bytes are on their way; more than that
/// waits for the other end to read.
///
/// # Panics
///
/// If `max_buf_size` is 0.
///
/// # Examples
///
/// ```
/// use runtime::io::{self, AsyncReadExt, AsyncWriteExt};
///
/// # futures::executor::block_on(async {
/// let (mut client, mut server) = io::duplex(64);
/// client.write_all(b"ping").await?;
/// drop(client);
/// let mut text = String::new();
/// server.read_to_string(&mut text).await?;
/// assert_eq!(text, "ping");
/// # io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn duplex(max_buf_size: usize) -> (DuplexStream, DuplexStream) {
    let there = Arc::new(Pipe::new(max_buf_size));
    let back = Arc::new(Pipe::new(max_buf_size));
    let one = DuplexStream {
        read: back.clone(),
        write: there.clone(),
    };
    let two = DuplexStream {
        read: there,
        write: back,
    };
    (one, two)
}

/// A pipe within the process: what the second half writes, the first one reads.
///
/// At most `max_buf_size` bytes are on their way; more than that waits for the reader.
/// The reader sees the end after a [`shutdown`](super::AsyncWriteExt::shutdown) of the writer; to
/// drop the writer is not enough, as with other [halves](super::split()).
///
/// # Panics
///
/// If `max_buf_size` is 0.
///
/// # Examples
///
/// ```
/// use runtime::io::{self, AsyncReadExt, AsyncWriteExt};
///
/// # futures::executor::block_on(async {
/// let (mut reader, mut writer) = io::simplex(64);
/// writer.write_all(b"one way").await?;
/// writer.shutdown().await?;
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "one way");
/// # io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn simplex(max_buf_size: usize) -> (ReadHalf<SimplexStream>, WriteHalf<SimplexStream>) {
    split(SimplexStream::new_unsplit(max_buf_size))
}

impl SimplexStream {
    /// A pipe in one piece, for whoever wants to split it in a way of his own.
    ///
    /// # Panics
    ///
    /// If `max_buf_size` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt, SimplexStream};
    ///
    /// # futures::executor::block_on(async {
    /// let mut pipe = SimplexStream::new_unsplit(8);
    /// pipe.write_u8(5).await?;
    /// assert_eq!(pipe.read_u8().await?, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn new_unsplit(max_buf_size: usize) -> SimplexStream {
        SimplexStream {
            pipe: Pipe::new(max_buf_size),
        }
    }
}

struct Pipe {
    state: Mutex<State>,
    max: usize,
    reader: WakerCell,
    writer: WakerCell,
}

// Bytes, behind locks under which no user code runs.
impl RefUnwindSafe for Pipe {}

struct State {
    queue: VecDeque<u8>,
    closed: bool,
}

impl Pipe {
    #[track_caller]
    fn new(max: usize) -> Self {
        assert!(
            max > 0,
            "`max_buf_size` must be greater than 0: nothing can be written to a pipe without room"
        );
        Pipe {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                closed: false,
            }),
            max,
            reader: WakerCell::new(),
            writer: WakerCell::new(),
        }
    }

    /// What a wait for this pipe is noted with.
    fn address(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64
    }

    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let spent = ready!(budget::poll_proceed(cx));
        for registered in [false, true] {
            let mut state = self.state.lock();
            if !state.queue.is_empty() || state.closed || buf.remaining() == 0 {
                state.move_to(buf);
                drop(state);
                spent.made_progress();
                self.writer.wake();
                return Poll::Ready(Ok(()));
            }
            drop(state);
            if !registered {
                self.reader.register(cx.waker());
            }
        }
        wait::note(Kind::Readable, self.address());
        Poll::Pending
    }

    fn poll_write(&self, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let spent = ready!(budget::poll_proceed(cx));
        let nothing = bufs.iter().all(|buf| buf.is_empty());
        for registered in [false, true] {
            let mut state = self.state.lock();
            if state.closed {
                drop(state);
                spent.made_progress();
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            let taken = state.take_from(bufs, self.max);
            drop(state);
            if taken > 0 || nothing {
                spent.made_progress();
                self.reader.wake();
                return Poll::Ready(Ok(taken));
            }
            if !registered {
                self.writer.register(cx.waker());
            }
        }
        wait::note(Kind::Writable, self.address());
        Poll::Pending
    }

    /// No more writes; what is in the queue can still be read.
    fn close(&self) {
        self.state.lock().closed = true;
        self.reader.wake();
        self.writer.wake();
    }

    /// Nobody is going to read.
    fn discard(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        drop(queue);
        self.writer.wake();
    }
}

impl State {
    fn move_to(&mut self, buf: &mut ReadBuf<'_>) {
        let len = self.queue.len().min(buf.remaining());
        let (front, back) = self.queue.as_slices();
        let from_front = front.len().min(len);
        buf.put_slice(&front[..from_front]);
        buf.put_slice(&back[..len - from_front]);
        self.queue.drain(..len);
    }

    fn take_from(&mut self, bufs: &[IoSlice<'_>], max: usize) -> usize {
        let before = self.queue.len();
        for buf in bufs {
            let room = max - self.queue.len();
            self.queue.extend(&buf[..buf.len().min(room)]);
        }
        self.queue.len() - before
    }
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        let (len, closed) = (state.queue.len(), state.closed);
        drop(state);
        f.debug_struct("Pipe")
            .field("len", &len)
            .field("max", &self.max)
            .field("closed", &closed)
            .finish()
    }
}

impl Drop for DuplexStream {
    fn drop(&mut self) {
        self.write.close();
        self.read.discard();
    }
}

impl AsyncRead for DuplexStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.read.poll_read(cx, buf)
    }
}

impl AsyncRead for SimplexStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.pipe.poll_read(cx, buf)
    }
}

/// The methods of a writer into the pipe that is the field `$pipe`.
macro_rules! write_to_pipe {
    ($pipe:ident) => {
        fn poll_write(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.$pipe.poll_write(cx, &[IoSlice::new(buf)])
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.$pipe.poll_write(cx, bufs)
        }

        fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            spend(cx).map(Ok)
        }

        fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            ready!(spend(cx));
            self.$pipe.close();
            Poll::Ready(Ok(()))
        }

        fn is_write_vectored(&self) -> bool {
            true
        }
    };
}

impl AsyncWrite for DuplexStream {
    write_to_pipe!(write);
}

impl AsyncWrite for SimplexStream {
    write_to_pipe!(pipe);
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::base::sync::thread;
    use loom::future::block_on;
    use std::future::poll_fn;

    fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
        thread::Builder::new().spawn(f).expect("a model's thread")
    }

    fn read(stream: &mut DuplexStream) -> Vec<u8> {
        let mut memory = [0; 4];
        let mut buf = ReadBuf::new(&mut memory);
        block_on(poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut buf))).expect("no error");
        buf.filled().to_vec()
    }

    /// Broken on purpose by returning `Pending` right after `register`: the reader, or
    /// the writer that waits for room, sleeps for ever, which loom reports.
    #[test]
    fn bytes_and_room_and_the_end_wake_who_waits_for_them() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| {
            let (mut here, mut there) = duplex(1);
            let other = spawn(move || {
                for byte in [b"a", b"b"] {
                    let write = poll_fn(|cx| Pin::new(&mut here).poll_write(cx, byte));
                    assert_eq!(block_on(write).expect("the reader is there"), 1);
                }
            });
            assert_eq!(read(&mut there), b"a");
            assert_eq!(read(&mut there), b"b");
            assert_eq!(read(&mut there), b"", "the writer is gone");
            other.join().expect("no panic");
        });
    }

    #[test]
    fn a_writer_that_waits_for_room_learns_that_the_reader_is_gone() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| {
            let (mut here, there) = duplex(1);
            let other = spawn(move || drop(there));
            let result = loop {
                let write = poll_fn(|cx| Pin::new(&mut here).poll_write(cx, b"x"));
                if let Err(error) = block_on(write) {
                    break error;
                }
            };
            assert_eq!(result.kind(), io::ErrorKind::BrokenPipe);
            other.join().expect("no panic");
        });
    }
}
