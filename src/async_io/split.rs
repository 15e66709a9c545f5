//! [`split`]: any stream as a reader and a writer, which may live in two tasks.
//!
//! Both halves need the whole stream, one at a time. Polling a stream runs foreign
//! code, which must not happen under a lock; so a half *takes the stream out* of the
//! place where both look for it, polls it as its own, and puts it back. The lock is held
//! for a move only. A half that finds the place empty leaves its waker, looks once more,
//! and waits; whoever puts the stream back wakes it.
//!
//! ```text
//!            take (by A)                    put back (by A)
//!   HERE ────────────────▶ OUT, with A ────────────────▶ HERE
//!                          │                               └ wakes B, and notes that
//!                          └ B comes: leaves its waker       it is B's turn
//! ```
//!
//! No wake is lost: the waker of a half that waits is in the same place, under the same lock,
//! so B either finds the stream or leaves a waker that A finds when it puts the stream back.
//!
//! A half that is never idle could have the stream back before the other one, which has
//! to be scheduled first, gets to look. So it is *B's turn* after it was woken: A, if it
//! comes first, gives way once, by yielding. Once only: B may be gone for good.
//!
//! The stream is boxed and pinned, so that one that is not `Unpin` can be split too.
//!
//! Rejected: a lock held while polling (deadlocks where the poll reaches the other
//! half; blocks a worker for as long as the other half's poll takes).

use super::async_write::pass_on_writes;
use super::{AsyncRead, AsyncWrite, ReadBuf};
use crate::base::sync::{Arc, Mutex};
use crate::base::wait::{self, Kind};
use std::fmt;
use std::io::{self, IoSlice};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

/// The reading half of a stream. Made by [`split`].
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex, split};
///
/// # futures::executor::block_on(async {
/// let (here, mut there) = duplex(16);
/// let (mut reader, _writer) = split(here);
/// there.write_all(b"hi").await?;
/// let mut word = [0; 2];
/// reader.read_exact(&mut word).await?;
/// assert_eq!(&word, b"hi");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct ReadHalf<T> {
    shared: Arc<Shared<T>>,
}

/// The writing half of a stream. Made by [`split`].
///
/// To drop it does not end the stream's direction:
/// [`shutdown`](super::AsyncWriteExt::shutdown) does.
///
/// # Examples
///
/// ```
/// use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex, split};
///
/// # futures::executor::block_on(async {
/// let (here, mut there) = duplex(16);
/// let (_reader, mut writer) = split(here);
/// writer.write_all(b"hi").await?;
/// let mut word = [0; 2];
/// there.read_exact(&mut word).await?;
/// assert_eq!(&word, b"hi");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct WriteHalf<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    place: Mutex<Place<T>>,
    is_write_vectored: bool,
}

// A half whose poll panics puts the stream back: the other one meets what it would have met
// anyway, a stream in which a poll has panicked.
impl<T> UnwindSafe for Shared<T> {}
impl<T> RefUnwindSafe for Shared<T> {}

struct Place<T> {
    /// The stream, unless a half has taken it out.
    stream: Option<Pin<Box<T>>>,
    /// To be woken when the stream is back: the half that has not taken it out.
    waiting: Option<Waker>,
    /// Who was woken because the stream is back, and hasn't come yet.
    turn: Option<Side>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Read,
    Write,
}

/// Splits a stream into a reader and a writer.
///
/// Each can be moved to a task of its own. Where a stream has a way of its own to be
/// split, such as a socket's `into_split`, that one costs less.
///
/// # Examples
///
/// ```
/// use runtime::io::{self, AsyncReadExt, AsyncWriteExt};
///
/// # futures::executor::block_on(async {
/// let (here, mut there) = io::duplex(64);
/// let (mut reader, mut writer) = io::split(here);
/// writer.write_all(b"hi").await?;
/// there.write_all(b"ho").await?;
/// assert_eq!(there.read_u16().await?, u16::from_be_bytes(*b"hi"));
/// assert_eq!(reader.read_u16().await?, u16::from_be_bytes(*b"ho"));
/// # io::Result::Ok(()) }).unwrap();
/// ```
pub fn split<T>(stream: T) -> (ReadHalf<T>, WriteHalf<T>)
where
    T: AsyncRead + AsyncWrite,
{
    let is_write_vectored = stream.is_write_vectored();
    let shared = Arc::new(Shared {
        place: Mutex::new(Place {
            stream: Some(Box::pin(stream)),
            waiting: None,
            turn: None,
        }),
        is_write_vectored,
    });
    let read = ReadHalf {
        shared: shared.clone(),
    };
    (read, WriteHalf { shared })
}

impl<T> ReadHalf<T> {
    /// Whether both are halves of one stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io;
    ///
    /// let (reader, writer) = io::split(io::empty());
    /// let (other, _) = io::split(io::empty());
    /// assert!(reader.is_pair_of(&writer));
    /// assert!(!other.is_pair_of(&writer));
    /// ```
    pub fn is_pair_of(&self, other: &WriteHalf<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Makes the stream whole again.
    ///
    /// # Panics
    ///
    /// If they are not halves of one stream, which [`is_pair_of`](Self::is_pair_of) tells.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io;
    ///
    /// let (reader, writer) = io::split(io::join(&b"in"[..], Vec::new()));
    /// assert_eq!(*reader.unsplit(writer).reader(), b"in");
    /// ```
    #[track_caller]
    pub fn unsplit(self, writer: WriteHalf<T>) -> T
    where
        T: Unpin,
    {
        assert!(
            self.is_pair_of(&writer),
            "`unsplit` of halves of two different streams: ask `is_pair_of` first"
        );
        drop(writer);
        // PANIC: of one stream there are two halves; one was dropped, and this is the other.
        let shared = Arc::try_unwrap(self.shared).ok().expect("the last half");
        // PANIC: a stream is out only during a poll, which borrows its half.
        let stream = shared.place.into_inner().stream.expect("put back");
        *Pin::into_inner(stream)
    }
}

impl<T> WriteHalf<T> {
    /// Whether both are halves of one stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::io;
    ///
    /// let (reader, writer) = io::split(io::empty());
    /// assert!(writer.is_pair_of(&reader));
    /// ```
    pub fn is_pair_of(&self, other: &ReadHalf<T>) -> bool {
        other.is_pair_of(self)
    }
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::Read => Side::Write,
            Side::Write => Side::Read,
        }
    }

    fn kind(self) -> Kind {
        match self {
            Side::Read => Kind::Readable,
            Side::Write => Kind::Writable,
        }
    }
}

impl<T> Shared<T> {
    /// Takes the stream out, for a poll.
    fn poll_take(&self, side: Side, cx: &mut Context<'_>) -> Poll<Taken<'_, T>> {
        let mut waker = None;
        loop {
            let mut place = self.place.lock();
            if place.stream.is_some() && place.turn.take() == Some(side.other()) {
                drop(place);
                wait::note(Kind::Yield, 0);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(stream) = place.stream.take() {
                drop(place);
                return Poll::Ready(Taken {
                    shared: self,
                    side,
                    stream: Some(stream),
                });
            }
            if waker.is_some() {
                let before = std::mem::replace(&mut place.waiting, waker);
                drop(place);
                drop(before);
                wait::note(side.kind(), std::ptr::from_ref(self).addr() as u64);
                return Poll::Pending;
            }
            drop(place);
            waker = Some(cx.waker().clone());
        }
    }
}

/// A stream that a half has taken out; dropped, after a panic too, it puts it back.
struct Taken<'a, T> {
    shared: &'a Shared<T>,
    side: Side,
    stream: Option<Pin<Box<T>>>,
}

impl<T> Taken<'_, T> {
    fn stream(&mut self) -> Pin<&mut T> {
        // PANIC: it leaves in `drop` only.
        self.stream.as_mut().expect("taken").as_mut()
    }
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        let mut place = self.shared.place.lock();
        place.stream = self.stream.take();
        let waker = place.waiting.take();
        if waker.is_some() {
            place.turn = Some(self.side.other());
        }
        drop(place);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T: AsyncRead> AsyncRead for ReadHalf<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut taken = ready!(self.shared.poll_take(Side::Read, cx));
        taken.stream().poll_read(cx, buf)
    }
}

impl<T: AsyncWrite> AsyncWrite for WriteHalf<T> {
    pass_on_writes!(self, cx => ready!(self.shared.poll_take(Side::Write, cx)).stream());

    fn is_write_vectored(&self) -> bool {
        self.shared.is_write_vectored
    }
}

impl<T> fmt::Debug for ReadHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadHalf").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WriteHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteHalf").finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::base::sync::thread;
    use loom::future::block_on;
    use std::future::poll_fn;

    /// Always ready, and notices when it is polled by two at once.
    #[derive(Default)]
    struct Stream(crate::base::sync::atomic::AtomicUsize);

    impl Stream {
        fn enter(&self) {
            use crate::base::sync::atomic::Ordering::Relaxed;
            assert_eq!(self.0.fetch_add(1, Relaxed), 0, "two at once");
            thread::yield_now();
            self.0.fetch_sub(1, Relaxed);
        }
    }

    impl AsyncRead for Stream {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.enter();
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Stream {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.enter();
            Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Broken on purpose by registering only, without the second look: a half that
    /// comes while the other one puts back sleeps for ever, which loom reports.
    #[test]
    fn a_half_that_finds_the_stream_taken_is_woken_when_it_is_back() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| {
            let (mut reader, mut writer) = split(Stream::default());
            let other = thread::Builder::new()
                .spawn(move || {
                    let polled = poll_fn(|cx| Pin::new(&mut writer).poll_write(cx, b"x"));
                    assert_eq!(block_on(polled).expect("no error"), 1);
                })
                .expect("a model's thread");
            for _ in 0..2 {
                let mut memory = [0];
                let mut buf = ReadBuf::new(&mut memory);
                block_on(poll_fn(|cx| Pin::new(&mut reader).poll_read(cx, &mut buf)))
                    .expect("no error");
            }
            other.join().expect("no panic");
        });
    }
}
