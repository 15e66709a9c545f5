//! What needs a look inside: the budget, the notes of waits, and auto traits.

use super::*;
use crate::base::budget;
use crate::base::wait::Kind;
use futures::executor::block_on;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::io::{Cursor, Result};
use std::pin::{Pin, pin};
use std::task::{Waker, ready};

/// Polls once, as a task that has its full budget.
fn poll_as_task<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    let mut cx = Context::from_waker(Waker::noop());
    wait::clear();
    budget::with_full(|| future.poll(&mut cx))
}

/// The future, which would never end, lets others run when its budget is spent.
#[track_caller]
fn yields<T>(future: impl Future<Output = T>) {
    let mut future = pin!(future);
    for _ in 0..3 {
        assert!(poll_as_task(future.as_mut()).is_pending());
        assert_eq!(wait::take().kind, Kind::Budget);
    }
}

/// Always ready, and knows of no budget.
struct Foreign;

impl AsyncRead for Foreign {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        buf.put_slice(&[1]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncBufRead for Foreign {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<&[u8]>> {
        Poll::Ready(Ok(&[1]))
    }

    fn consume(self: Pin<&mut Self>, _: usize) {}
}

impl AsyncWrite for Foreign {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Reads in a loop, at the end too.
async fn read_for_ever(mut reader: impl AsyncRead + Unpin) {
    let mut buf = [0; 1];
    loop {
        reader.read(&mut buf).await.unwrap();
    }
}

/// Writes in a loop.
async fn write_for_ever(mut writer: impl AsyncWrite + Unpin) {
    loop {
        writer.write(b"x").await.unwrap();
    }
}

#[test]
fn an_endless_copy_yields_when_its_budget_is_spent() {
    yields(async { copy(&mut repeat(1), &mut sink()).await });
    yields(async { copy_buf(&mut BufReader::new(repeat(1)), &mut sink()).await });
    yields(async { copy(&mut Foreign, &mut Foreign).await });
    yields(async { copy_buf(&mut Foreign, &mut Foreign).await });
    yields(async {
        let (mut one, mut two) = (join(repeat(1), sink()), join(Foreign, Foreign));
        copy_bidirectional(&mut one, &mut two).await
    });
}

#[test]
fn every_reader_and_writer_in_memory_yields_when_the_budget_is_spent() {
    yields(read_for_ever(empty()));
    yields(read_for_ever(repeat(1)));
    yields(read_for_ever(&[0; 4][..]));
    yields(read_for_ever(Cursor::new([0; 4])));
    yields(read_for_ever(repeat(1).take(0)));
    yields(read_for_ever(BufReader::new(repeat(1))));
    yields(read_for_ever(
        BufReader::new(repeat(1)).take(u64::MAX).chain(empty()),
    ));
    yields(write_for_ever(empty()));
    yields(write_for_ever(sink()));
    yields(write_for_ever(Vec::new()));
    yields(write_for_ever(Cursor::new(Vec::new())));
    yields(write_for_ever(Cursor::new(&mut [0; 4][..])));
    yields(write_for_ever(BufWriter::with_capacity(100_000, Foreign)));
    yields(write_for_ever(Drained(SimplexStream::new_unsplit(1))));
    yields(async {
        loop {
            copy(&mut empty(), &mut sink()).await.unwrap();
        }
    });
    yields(async {
        loop {
            sink().flush().await.unwrap();
        }
    });
    yields(async {
        loop {
            Cursor::new([0; 4]).rewind().await.unwrap();
        }
    });
    yields(async {
        loop {
            AsyncBufReadExt::fill_buf(&mut &[1][..]).await.unwrap();
        }
    });
}

/// A pipe that is read from as fast as it is written to.
struct Drained(SimplexStream);

impl AsyncWrite for Drained {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        let written = ready!(Pin::new(&mut self.0).poll_write(cx, buf))?;
        let mut memory = [0; 8];
        let read = Pin::new(&mut self.0).poll_read(cx, &mut ReadBuf::new(&mut memory));
        read.map_ok(|()| written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[test]
fn a_pipe_notes_what_it_waits_for_and_where_it_was_asked_to() {
    let (mut one, mut two) = duplex(1);
    let line = line!() + 1;
    let mut read = pin!(one.read_u8());
    assert!(poll_as_task(read.as_mut()).is_pending());
    let reading = wait::take();
    assert_eq!(reading.kind, Kind::Readable);
    let location = reading.location.unwrap();
    assert_eq!((location.file(), location.line()), (file!(), line));

    let mut write = pin!(two.write_u16(0));
    assert!(poll_as_task(write.as_mut()).is_pending());
    let writing = wait::take();
    assert_eq!(writing.kind, Kind::Writable);
    assert_eq!(writing.resource, reading.resource, "two ends of one pipe");
    assert_ne!(writing.location, reading.location);
    assert!(block_on(read).is_ok());
}

#[test]
fn every_future_tells_the_line_it_was_made_in() {
    #[track_caller]
    fn waits_here<T>(future: impl Future<Output = T>) {
        let here = Location::caller();
        assert!(poll_as_task(pin!(future)).is_pending());
        let noted = wait::take().location.unwrap();
        assert_eq!((noted.file(), noted.line()), (here.file(), here.line()));
    }
    let (mut one, _two) = duplex(1);
    let (mut bytes, mut text) = (Vec::new(), String::new());
    waits_here(one.read(&mut [0]));
    waits_here(one.read_buf(&mut bytes));
    waits_here(one.read_exact(&mut [0]));
    waits_here(one.read_to_end(&mut bytes));
    waits_here(one.read_to_string(&mut text));
    waits_here(one.read_f64_le());
    waits_here(one.write_all(b"ab"));
    waits_here(one.write(b"a"));
    waits_here(one.write_vectored(&[std::io::IoSlice::new(b"a")]));
    waits_here(one.write_buf(&mut &b"a"[..]));
    waits_here(one.write_all_buf(&mut &b"a"[..]));
    waits_here(one.write_f64_le(0.0));
    waits_here(copy(&mut one, &mut sink()));
    waits_here(copy_bidirectional(&mut duplex(1).0, &mut one));
    let mut buffered = BufReader::new(one);
    waits_here(copy_buf(&mut buffered, &mut sink()));
    waits_here(buffered.read_until(0, &mut bytes));
    waits_here(buffered.read_line(&mut text));
    waits_here(AsyncBufReadExt::fill_buf(&mut buffered));
    waits_here((&mut buffered).lines().next_line());
    waits_here(AsyncBufReadExt::split(&mut buffered, 0).next_segment());
    let mut unflushed = BufWriter::new(buffered);
    assert!(poll_as_task(pin!(unflushed.write_u8(1))).is_ready());
    waits_here(unflushed.flush());
    waits_here(unflushed.shutdown());
}

type Other = std::sync::Arc<crate::base::sync::Mutex<Option<WriteHalf<Entangled>>>>;

/// Within its first poll as a reader, polls its own other half.
struct Entangled(Other);

impl AsyncRead for Entangled {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let other = self.0.lock().take();
        if let Some(mut other) = other {
            assert!(Pin::new(&mut other).poll_write(cx, b"x").is_pending());
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Entangled {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[derive(Default)]
struct Wakes(std::sync::atomic::AtomicUsize);

impl std::task::Wake for Wakes {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn a_half_that_comes_while_the_other_is_polled_waits_its_turn_and_may_be_gone_by_then() {
    let other = Other::default();
    let (mut reader, writer) = split(Entangled(other.clone()));
    *other.lock() = Some(writer);
    let wakes = std::sync::Arc::new(Wakes::default());
    let woken = || wakes.0.load(std::sync::atomic::Ordering::Relaxed);
    let waker = Waker::from(wakes.clone());
    let mut read = || {
        let mut memory = [0; 1];
        let mut buf = ReadBuf::new(&mut memory);
        Pin::new(&mut reader).poll_read(&mut Context::from_waker(&waker), &mut buf)
    };
    assert!(read().is_ready());
    assert_eq!(woken(), 1, "the other half, when the stream was back");
    assert!(read().is_pending(), "it is the other half's turn");
    assert_eq!(woken(), 2);
    assert!(read().is_ready(), "once only: it is gone");
}

assert_impl_all!(ReadBuf<'static>: Send, Sync, Unpin);
assert_impl_all!(DuplexStream: Send, Sync, Unpin);
assert_impl_all!(SimplexStream: Send, Sync, Unpin);
assert_impl_all!(Empty: Send, Sync, Unpin);
assert_impl_all!(Repeat: Send, Sync, Unpin);
assert_impl_all!(Sink: Send, Sync, Unpin);
assert_impl_all!(BufReader<Vec<u8>>: Send, Sync, Unpin);
assert_impl_all!(BufWriter<Vec<u8>>: Send, Sync, Unpin);
assert_impl_all!(BufStream<Vec<u8>>: Send, Sync, Unpin);
assert_impl_all!(Take<Vec<u8>>: Send, Sync, Unpin);
assert_impl_all!(Chain<Vec<u8>, Vec<u8>>: Send, Sync, Unpin);
assert_impl_all!(Join<Vec<u8>, Vec<u8>>: Send, Sync, Unpin);
assert_impl_all!(Lines<Vec<u8>>: Send, Sync, Unpin);
assert_impl_all!(Split<Vec<u8>>: Send, Sync, Unpin);
assert_not_impl_any!(Take<std::marker::PhantomPinned>: Unpin);
assert_not_impl_any!(BufReader<std::marker::PhantomPinned>: Unpin);
assert_not_impl_any!(Lines<*const u8>: Send, Sync);
// The halves share a lock: it is enough that the stream can be sent, and needed.
assert_impl_all!(ReadHalf<std::cell::Cell<u8>>: Send, Sync, Unpin);
assert_impl_all!(WriteHalf<std::cell::Cell<u8>>: Send, Sync, Unpin);
assert_not_impl_any!(ReadHalf<*const u8>: Send, Sync);
assert_not_impl_any!(WriteHalf<*const u8>: Send, Sync);
// A reader and writer can be a trait object.
assert_impl_all!(Box<dyn AsyncRead + Unpin>: AsyncRead);
assert_impl_all!(Pin<Box<dyn AsyncWrite>>: AsyncWrite);
assert_impl_all!(&mut (dyn AsyncBufRead + Unpin): AsyncBufRead);
assert_impl_all!(Box<dyn AsyncSeek + Unpin>: AsyncSeek);

#[test]
fn futures_of_a_stream_that_can_be_sent_can_be_sent() {
    fn sent<T>(_: impl Future<Output = T> + Send) {}
    fn generic<T: AsyncRead + AsyncWrite + Send + Unpin>(mut one: T, mut two: T) {
        let (mut bytes, mut text) = (Vec::new(), String::new());
        sent(one.read(&mut [0]));
        sent(one.read_buf(&mut bytes));
        sent(one.read_exact(&mut [0]));
        sent(one.read_to_end(&mut bytes));
        sent(one.read_to_string(&mut text));
        sent(one.read_u16());
        sent(one.write(&[0]));
        sent(one.write_all(&[0]));
        sent(one.write_vectored(&[]));
        sent(one.write_buf(&mut &b"a"[..]));
        sent(one.write_all_buf(&mut &b"a"[..]));
        sent(one.write_u16(0));
        sent(one.flush());
        sent(one.shutdown());
        sent(copy(&mut one, &mut two));
        sent(copy_bidirectional(&mut one, &mut two));
        let mut one = BufReader::new(one);
        sent(copy_buf(&mut one, &mut two));
        sent(one.read_until(0, &mut bytes));
        sent(one.read_line(&mut text));
        sent(AsyncBufReadExt::fill_buf(&mut one));
        sent((&mut one).lines().next_line());
        sent(AsyncBufReadExt::split(&mut one, 0).next_segment());
    }
    let (one, two) = duplex(1);
    generic(one, two);
    sent(Cursor::new([0]).seek(SeekFrom::Start(0)));
    sent(Cursor::new([0]).rewind());
    sent(Cursor::new([0]).stream_position());
}
