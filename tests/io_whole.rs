//! All of it at once: many slices, and memory that is shared.

mod io_support;

use futures::executor::block_on;
use io_support::{Scripted, Step};
use runtime::io::{AsyncWrite, ErrorKind, read_buf, read_exact_arc, write_all_vectored};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

type WriteAllVectored<W> = runtime::io::WriteAllVectored<'static, 'static, W>;

assert_impl_all!(WriteAllVectored<Vec<u8>>: Send, Sync, Future, std::fmt::Debug);
assert_not_impl_any!(WriteAllVectored<Rc<u8>>: Send, Sync);

fn slices<'a>(parts: &[&'a [u8]]) -> Vec<IoSlice<'a>> {
    parts.iter().map(|part| IoSlice::new(part)).collect()
}

#[test]
fn slices_are_written_wherever_a_write_stops() {
    for is_vectored in [false, true] {
        let steps = [
            Step::Move(1),
            Step::Wait,
            Step::Move(3),
            Step::Move(2),
            Step::Wait,
        ];
        let mut writer = Scripted::writer(steps);
        writer.is_vectored = is_vectored;
        let mut parts = slices(&[b"", b"ab", b"", b"cde", b"f", b"gh", b""]);
        block_on(write_all_vectored(&mut writer, &mut parts)).unwrap();
        assert_eq!(writer.output, b"abcdefgh");
    }
}

#[test]
fn nothing_to_write_is_no_write() {
    let mut writer = Scripted::writer([Step::Fail]);
    block_on(write_all_vectored(&mut writer, &mut [])).unwrap();
    block_on(write_all_vectored(&mut writer, &mut slices(&[b"", b""]))).unwrap();
    assert_eq!(writer.writes, 0);
}

#[test]
fn a_writer_that_takes_no_more_or_fails_is_an_error() {
    let mut memory = [0; 3];
    let mut full = io::Cursor::new(&mut memory[..]);
    let error = block_on(write_all_vectored(&mut full, &mut slices(&[b"ab", b"cd"])));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::WriteZero);
    let mut broken = Scripted::writer([Step::Move(1), Step::Fail]);
    let error = block_on(write_all_vectored(&mut broken, &mut slices(&[b"ab"])));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Other);
}

/// Interrupted at every other write.
struct Interrupted(Vec<u8>, bool);

impl AsyncWrite for Interrupted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.1 = !self.1;
        if self.1 {
            return Poll::Ready(Err(ErrorKind::Interrupted.into()));
        }
        self.0.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn an_interrupted_write_is_repeated() {
    let mut writer = Interrupted(Vec::new(), false);
    let mut parts = slices(&[b"ab", b"cd"]);
    block_on(write_all_vectored(&mut writer, &mut parts)).unwrap();
    assert_eq!(writer.0, b"abcd");
}

#[test]
fn shared_memory_is_filled_to_the_last_byte_or_there_is_an_error() {
    block_on(async {
        let steps = [Step::Move(1), Step::Wait, Step::Move(2)];
        let reader = Scripted::reader("abcdef", steps);
        assert_eq!(read_exact_arc(reader, 4).await.unwrap()[..], *b"abcd");
        assert!(read_exact_arc(&b""[..], 0).await.unwrap().is_empty());
        let error = read_exact_arc(&b"abc"[..], 4).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    });
}

#[test]
fn one_read_goes_behind_what_is_in_the_buffer() {
    block_on(async {
        let mut buffer = b"ab".to_vec();
        let mut reader = Scripted::reader("cdef", [Step::Wait, Step::Move(2)]);
        assert_eq!(read_buf(&mut reader, &mut buffer).await.unwrap(), 2);
        assert_eq!(buffer, b"abcd");
        assert_eq!(read_buf(&mut &b""[..], &mut buffer).await.unwrap(), 0);
    });
}
