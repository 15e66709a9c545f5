//! However the bytes come in, what is read is what std would have read.

mod io_support;

use futures::executor::block_on;
use io_support::{Scripted, Step, bytes, now, steps};
use proptest::prelude::*;
use runtime::io::{self, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, ErrorKind};
use std::io as std_io;

proptest! {
    #[test]
    fn read_to_end_reads_all_of_it(input in bytes(), steps in steps(), room in 0_usize..200) {
        let mut buf = Vec::with_capacity(room);
        buf.push(1);
        let n = block_on(Scripted::reader(input.clone(), steps).read_to_end(&mut buf)).unwrap();
        prop_assert_eq!(n, input.len());
        prop_assert_eq!(&buf[1..], &input[..]);
    }

    #[test]
    fn a_part_of_a_chain_is_that_part(
        one in bytes(), two in bytes(), first in steps(), second in steps(), limit in 0_u64..260,
        lens in prop::collection::vec(0_usize..20, 0..10),
    ) {
        let ours = Scripted::reader(one.clone(), first).chain(Scripted::reader(two.clone(), second));
        let mut ours = ours.take(limit);
        let mut theirs = std_io::Read::take(std_io::Read::chain(&one[..], &two[..]), limit);
        for len in lens {
            let mut buf = vec![0; len];
            let n = block_on(ours.read(&mut buf)).unwrap();
            let mut expected = vec![0; n];
            std_io::Read::read_exact(&mut theirs, &mut expected).unwrap();
            prop_assert_eq!(&buf[..n], &expected[..]);
            prop_assert_eq!(ours.limit(), theirs.limit());
        }
        let (mut a, mut b) = (Vec::new(), Vec::new());
        block_on(ours.read_to_end(&mut a)).unwrap();
        std_io::Read::read_to_end(&mut theirs, &mut b).unwrap();
        prop_assert_eq!(a, b);
    }

    #[test]
    fn a_buffered_part_of_a_chain_is_that_part(
        one in bytes(), two in bytes(), first in steps(), second in steps(), limit in 0_u64..260,
    ) {
        let reader = |input: &Vec<u8>, steps| {
            BufReader::with_capacity(7, Scripted::reader(input.clone(), steps))
        };
        let mut ours = reader(&one, first).chain(reader(&two, second)).take(limit);
        let mut theirs = std_io::Read::take(std_io::Read::chain(&one[..], &two[..]), limit);
        loop {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            let n = block_on(ours.read_until(b'\n', &mut a)).unwrap();
            prop_assert_eq!(n, std_io::BufRead::read_until(&mut theirs, b'\n', &mut b).unwrap());
            prop_assert_eq!(a, b);
            if n == 0 {
                break;
            }
        }
    }

    #[test]
    fn lines_and_pieces_are_those_of_std(input in bytes(), steps in steps()) {
        let reader = BufReader::with_capacity(5, Scripted::reader(input.clone(), steps));
        let mut lines = reader.lines();
        for line in std_io::BufRead::lines(&input[..]) {
            prop_assert_eq!(block_on(lines.next_line()).unwrap(), Some(line.unwrap()));
        }
        prop_assert_eq!(block_on(lines.next_line()).unwrap(), None);

        let mut pieces = AsyncBufReadExt::split(&input[..], b'a');
        for piece in std_io::BufRead::split(&input[..], b'a') {
            prop_assert_eq!(block_on(pieces.next_segment()).unwrap(), Some(piece.unwrap()));
        }
        prop_assert_eq!(block_on(pieces.next_segment()).unwrap(), None);
    }

    #[test]
    fn numbers_come_back_as_they_were_written(
        a: u128, b: i64, c: u16, d: f64, e: i8, steps_in in steps(), steps_out in steps(),
    ) {
        let mut writer = Scripted::writer(steps_out);
        block_on(async {
            writer.write_u128(a).await?;
            writer.write_u128_le(a).await?;
            writer.write_i64(b).await?;
            writer.write_u16_le(c).await?;
            writer.write_f64(d).await?;
            writer.write_f64_le(d).await?;
            writer.write_i8(e).await
        }).unwrap();
        let mut reader = Scripted::reader(writer.output, steps_in);
        block_on(async {
            assert_eq!(reader.read_u128().await?, a);
            assert_eq!(reader.read_u128_le().await?, a);
            assert_eq!(reader.read_i64().await?, b);
            assert_eq!(reader.read_u16_le().await?, c);
            assert_eq!(reader.read_f64().await?.to_bits(), d.to_bits());
            assert_eq!(reader.read_f64_le().await?.to_bits(), d.to_bits());
            assert_eq!(reader.read_i8().await?, e);
            assert_eq!(reader.read_u8().await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
            io::Result::Ok(())
        }).unwrap();
    }
}

#[test]
fn an_end_too_early_is_an_error_and_an_empty_buffer_is_always_full() {
    let mut reader = &b"abc"[..];
    let error = block_on(reader.read_u32()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(block_on(reader.read_exact(&mut [])).unwrap(), 0);
}

#[test]
fn a_vector_of_just_the_right_size_does_not_grow() {
    for len in [1, 31, 32, 33, 4096] {
        let mut buf = Vec::with_capacity(len);
        let capacity = buf.capacity();
        block_on(Scripted::reader(vec![1; len], []).read_to_end(&mut buf)).unwrap();
        assert_eq!((buf.len(), buf.capacity()), (len, capacity));
    }
}

#[test]
fn a_vector_grows_with_what_comes_and_not_by_much_more() {
    for len in [0, 1, 512, 10_000, 1_000_000] {
        let mut buf = Vec::new();
        let steps = std::iter::repeat_n(Step::Move(100), len / 100);
        block_on(Scripted::reader(vec![1; len], steps).read_to_end(&mut buf)).unwrap();
        assert!(
            buf.capacity() <= (2 * len).max(512),
            "{len}: {}",
            buf.capacity()
        );
    }
}

/// Sets its whole buffer to zero, and counts how much of that was new.
struct Zeroing {
    zeroed: usize,
    left: usize,
}

impl runtime::io::AsyncRead for Zeroing {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buf: &mut io::ReadBuf<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        self.zeroed += buf.capacity() - buf.initialized().len();
        buf.initialize_unfilled();
        let len = self.left.min(1);
        buf.advance(len);
        self.left -= len;
        std::task::Poll::Ready(Ok(()))
    }
}

#[test]
fn memory_is_set_to_zero_at_most_once_however_small_the_reads_are() {
    let mut reader = Zeroing {
        zeroed: 0,
        left: 10_000,
    };
    let mut buf = Vec::with_capacity(100_000);
    assert_eq!(block_on(reader.read_to_end(&mut buf)).unwrap(), 10_000);
    assert_eq!(reader.zeroed, 100_000);
}

#[test]
fn what_was_read_before_an_error_is_there() {
    let failing = || BufReader::new(Scripted::reader(*b"abc", [Step::Move(2), Step::Fail]));
    let mut buf = b"-".to_vec();
    assert!(block_on(failing().read_to_end(&mut buf)).is_err());
    assert_eq!(buf, b"-ab");
    let mut buf = b"-".to_vec();
    assert!(block_on(failing().read_until(b'\n', &mut buf)).is_err());
    assert_eq!(buf, b"-ab");
    let mut line = String::from("-");
    assert!(block_on(failing().read_line(&mut line)).is_err());
    assert_eq!(line, "-ab");
    let mut line = String::new();
    assert!(block_on(failing().read_line(&mut line)).is_err());
    assert_eq!(line, "ab");
    let mut text = String::from("-");
    assert!(block_on(failing().read_to_string(&mut text)).is_err());
    assert_eq!(text, "-", "all or nothing");
    let mut lines = failing().lines();
    assert!(block_on(lines.next_line()).is_err());
    assert_eq!(block_on(lines.next_line()).unwrap().as_deref(), Some("abc"));
}

#[test]
fn what_is_not_text_leaves_the_string_as_it_was() {
    for text in ["", "before"] {
        let mut buf = String::from(text);
        let error = block_on((&b"\xff\xfe\nx"[..]).read_line(&mut buf)).unwrap_err();
        assert_eq!((error.kind(), buf.as_str()), (ErrorKind::InvalidData, text));
        let error = block_on((&b"a\xff"[..]).read_to_string(&mut buf)).unwrap_err();
        assert_eq!((error.kind(), buf.as_str()), (ErrorKind::InvalidData, text));
        // Not text so far, and then an error: that one is told.
        let mut failing = BufReader::new(Scripted::reader(*b"\xff\n", [Step::Move(1), Step::Fail]));
        let error = block_on(failing.read_line(&mut buf)).unwrap_err();
        assert_eq!((error.kind(), buf.as_str()), (ErrorKind::Other, text));
    }
    let mut lines = (&b"a\n\xff\nb\n"[..]).lines();
    assert_eq!(block_on(lines.next_line()).unwrap().as_deref(), Some("a"));
    assert_eq!(
        block_on(lines.next_line()).unwrap_err().kind(),
        ErrorKind::InvalidData
    );
    assert_eq!(block_on(lines.next_line()).unwrap().as_deref(), Some("b"));
}

#[test]
fn read_buf_goes_on_where_the_buffer_ends_and_stops_where_it_is_full() {
    let mut reader = &b"abcdef"[..];
    let mut memory = [std::mem::MaybeUninit::uninit(); 4];
    let mut buf = io::ReadBuf::uninit(&mut memory);
    assert_eq!(block_on(reader.read_buf(&mut buf)).unwrap(), 4);
    assert_eq!(block_on(reader.read_buf(&mut buf)).unwrap(), 0);
    assert_eq!((buf.filled(), reader), (&b"abcd"[..], &b"ef"[..]));
    let mut vec = b"-".to_vec();
    assert_eq!(block_on(reader.read_buf(&mut vec)).unwrap(), 2);
    assert_eq!(vec, b"-ef");
}

#[test]
fn a_chain_does_not_take_a_read_without_room_for_the_end() {
    let mut chain = (&b"a"[..]).chain(&b"b"[..]);
    assert_eq!(block_on(chain.read(&mut [])).unwrap(), 0);
    assert_eq!(
        block_on(chain.read_u16()).unwrap(),
        u16::from_be_bytes(*b"ab")
    );
}

#[test]
fn a_buffer_is_lent_and_given_back_when_the_reader_waits() {
    let script = [Step::Wait, Step::Wait, Step::Fail];
    let mut reader = BufReader::new(Scripted::reader(*b"abc", script));
    assert!(now(reader.fill_buf()).is_none());
    assert!(block_on(reader.fill_buf()).is_err());
    let lent = block_on(reader.fill_buf()).unwrap();
    assert_eq!(lent, b"abc");
    AsyncBufReadExt::consume(&mut reader, 1000);
    assert_eq!(block_on(reader.fill_buf()).unwrap(), b"");
}

#[test]
fn trait_objects_read_and_write() {
    let mut reader: Box<dyn io::AsyncRead + Unpin> = Box::new(&b"abc"[..]);
    assert_eq!(block_on(reader.read_u8()).unwrap(), b'a');
    let mut writer: std::pin::Pin<Box<dyn io::AsyncWrite>> = Box::pin(Vec::new());
    block_on(io::copy(&mut reader, &mut writer)).unwrap();
    let dynamic: &mut (dyn io::AsyncRead + Unpin) = &mut reader;
    assert_eq!(block_on(dynamic.read(&mut [0])).unwrap(), 0);
}
