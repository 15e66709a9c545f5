//! A buffer changes how often the reader or writer is asked, and nothing else.

mod io_support;
#[path = "common/panicking.rs"]
mod panicking;

use futures::executor::block_on;
use io_support::{Scripted, Step, bytes, now, steps};
use proptest::prelude::*;
use runtime::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufStream, BufWriter,
    ErrorKind, SeekFrom,
};
use std::io::{self as std_io, Cursor, IoSlice};

/// What is done to a buffered reader, and to std's.
#[derive(Clone, Debug)]
enum Op {
    Read(usize),
    Until(u8),
    Line,
    Seek(SeekFrom),
    Byte,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        (0_usize..20).prop_map(Op::Read),
        prop::sample::select(b"abc\n".to_vec()).prop_map(Op::Until),
        Just(Op::Line),
        (0_u64..130).prop_map(|n| Op::Seek(SeekFrom::Start(n))),
        (-30_i64..30).prop_map(|n| Op::Seek(SeekFrom::Current(n))),
        (-30_i64..30).prop_map(|n| Op::Seek(SeekFrom::End(n))),
        Just(Op::Byte),
    ]
}

proptest! {
    #[test]
    fn a_buf_reader_reads_what_std_does(
        input in bytes(), steps in steps(), capacity in 1_usize..16,
        ops in prop::collection::vec(op(), 0..20),
    ) {
        let mut ours = BufReader::with_capacity(capacity, Scripted::reader(input.clone(), steps));
        let mut theirs = Cursor::new(input);
        for op in ops {
            match op {
                Op::Read(len) => {
                    let mut buf = vec![0; len];
                    let n = block_on(ours.read(&mut buf)).unwrap();
                    let mut expected = vec![0; n];
                    std_io::Read::read_exact(&mut theirs, &mut expected).unwrap();
                    prop_assert_eq!(&buf[..n], &expected[..]);
                    let at_end = theirs.position() >= theirs.get_ref().len() as u64;
                    prop_assert!(n > 0 || len == 0 || at_end);
                }
                Op::Until(byte) => {
                    let (mut a, mut b) = (vec![1], vec![1]);
                    let n = block_on(ours.read_until(byte, &mut a)).unwrap();
                    prop_assert_eq!(n, std_io::BufRead::read_until(&mut theirs, byte, &mut b).unwrap());
                    prop_assert_eq!(a, b);
                }
                Op::Line => {
                    let (mut a, mut b) = (String::from("-"), String::from("-"));
                    let n = block_on(ours.read_line(&mut a)).unwrap();
                    prop_assert_eq!(n, std_io::BufRead::read_line(&mut theirs, &mut b).unwrap());
                    prop_assert_eq!(a, b);
                }
                Op::Seek(position) => {
                    let a = block_on(ours.seek(position)).map_err(|error| error.kind());
                    let b = std_io::Seek::seek(&mut theirs, position).map_err(|error| error.kind());
                    prop_assert_eq!(a, b);
                }
                Op::Byte => {
                    // Not `read_exact`, for which a cursor goes back to the end if it was beyond it.
                    let mut b = [0; 1];
                    let n = std_io::Read::read(&mut theirs, &mut b).unwrap();
                    match block_on(ours.read_u8()) {
                        Ok(a) => prop_assert_eq!((1, a), (n, b[0])),
                        Err(error) => {
                            prop_assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
                            prop_assert_eq!(n, 0);
                        }
                    }
                }
            }
            prop_assert_eq!(block_on(ours.stream_position()).unwrap(), theirs.position());
        }
    }

    #[test]
    fn a_buf_reader_that_does_not_move_reads_its_input(
        input in bytes(), steps in steps(), capacity in 1_usize..16,
        lens in prop::collection::vec(1_usize..20, 1..10),
    ) {
        let mut reader = BufReader::with_capacity(capacity, Scripted::reader(input.clone(), steps));
        let mut output: Vec<u8> = Vec::new();
        for len in lens.into_iter().cycle() {
            let mut buf = vec![0; len];
            // A buffer without room cannot be filled, only passed by.
            let n = block_on(reader.read(&mut buf)).unwrap();
            output.extend(&buf[..n]);
            if n == 0 {
                break;
            }
        }
        prop_assert_eq!(output, input);
    }

    #[test]
    fn a_buf_writer_passes_on_all_of_it_in_order(
        chunks in prop::collection::vec(bytes(), 0..20), steps in steps(),
        capacity in 0_usize..40, is_vectored: bool, flushes: u32,
    ) {
        let mut writer = Scripted::writer(steps);
        writer.is_vectored = is_vectored;
        let mut writer = BufWriter::with_capacity(capacity, writer);
        for (i, chunk) in chunks.iter().enumerate() {
            block_on(writer.write_all(chunk)).unwrap();
            prop_assert!(writer.buffer().len() <= capacity);
            if flushes & (1 << i) != 0 {
                block_on(writer.flush()).unwrap();
                prop_assert_eq!(writer.get_ref().flushed, chunks[..=i].concat().len());
            }
        }
        block_on(writer.shutdown()).unwrap();
        prop_assert!(writer.get_ref().is_shut_down);
        prop_assert_eq!(&writer.get_ref().output, &chunks.concat());
    }

    #[test]
    fn vectored_writes_through_a_buf_writer_lose_and_repeat_nothing(
        chunks in prop::collection::vec(bytes(), 0..8), steps in steps(),
        capacity in 0_usize..200, is_vectored: bool,
    ) {
        let mut writer = Scripted::writer(steps);
        writer.is_vectored = is_vectored;
        let mut writer = BufWriter::with_capacity(capacity, writer);
        let mut slices: Vec<_> = chunks.iter().map(|chunk| IoSlice::new(chunk)).collect();
        let mut slices = &mut slices[..];
        let mut left = chunks.concat().len();
        while left > 0 {
            let n = block_on(writer.write_vectored(slices)).unwrap();
            prop_assert!(n > 0);
            IoSlice::advance_slices(&mut slices, n);
            left -= n;
        }
        prop_assert_eq!(block_on(writer.write_vectored(slices)).unwrap(), 0);
        block_on(writer.flush()).unwrap();
        prop_assert_eq!(&writer.get_ref().output, &chunks.concat());
    }
}

#[test]
fn small_reads_and_writes_come_together() {
    let mut reader = BufReader::new(Scripted::reader([7; 100], []));
    for _ in 0..100 {
        assert_eq!(block_on(reader.read_u8()).unwrap(), 7);
    }
    assert!(reader.buffer().is_empty());

    let mut writer = BufWriter::with_capacity(50, Scripted::default());
    for _ in 0..100 {
        block_on(writer.write_u8(7)).unwrap();
    }
    assert_eq!(writer.get_ref().writes, 1);
    block_on(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().writes, 2);
}

#[test]
fn several_slices_go_to_a_vectored_writer_in_one_write() {
    let vectored = Scripted {
        is_vectored: true,
        ..Scripted::default()
    };
    let mut writer = BufWriter::with_capacity(4, vectored);
    let slices = [IoSlice::new(b"abc"), IoSlice::new(b"def")];
    assert_eq!(block_on(writer.write_vectored(&slices)).unwrap(), 6);
    assert_eq!(writer.get_ref().writes, 1);
}

#[test]
fn a_failed_or_partial_write_of_the_buffer_goes_on_where_it_ended() {
    let script = [Step::Move(2), Step::Fail, Step::Move(1), Step::Wait];
    let mut writer = BufWriter::with_capacity(8, Scripted::writer(script));
    block_on(writer.write_all(b"abcdef")).unwrap();
    assert_eq!(
        now(writer.flush()).unwrap().unwrap_err().kind(),
        ErrorKind::Other
    );
    assert_eq!(writer.buffer(), b"cdef");
    assert!(now(writer.flush()).is_none());
    assert_eq!(writer.buffer(), b"def");
    block_on(writer.write_all(b"gh")).unwrap();
    block_on(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().output, b"abcdefgh");
}

#[test]
fn a_writer_that_takes_no_more_is_an_error() {
    let mut memory = [0; 2];
    let mut writer = BufWriter::new(Cursor::new(&mut memory[..]));
    block_on(writer.write_all(b"abc")).unwrap();
    let error = block_on(writer.flush()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
    assert_eq!(writer.buffer(), b"c");
}

#[test]
fn a_move_by_more_than_fits_a_number_is_made_in_two() {
    let mut reader = BufReader::new(Cursor::new(b"abcdef"));
    block_on(reader.read_u8()).unwrap();
    // Corrected by what is in the buffer, this would be less than the least number.
    let error = block_on(reader.seek(SeekFrom::Current(i64::MIN))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(block_on(reader.read_u8()).unwrap(), b'b');
}

#[test]
fn a_move_of_a_buf_writer_writes_the_buffer_first() {
    let mut writer = BufWriter::new(Cursor::new(Vec::new()));
    block_on(writer.write_all(b"abcdef")).unwrap();
    assert_eq!(block_on(writer.seek(SeekFrom::Current(-3))).unwrap(), 3);
    block_on(writer.write_all(b"X")).unwrap();
    block_on(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().get_ref(), b"abcXef");
}

#[test]
fn a_buf_stream_is_made_of_either_nesting_and_keeps_both_buffers() {
    let outer_writer = {
        let mut reader = BufReader::new(Scripted::reader(*b"in", []));
        assert_eq!(block_on(reader.fill_buf()).unwrap(), b"in");
        let mut writer = BufWriter::new(reader);
        block_on(writer.write_all(b"out")).unwrap();
        BufStream::from(writer)
    };
    let outer_reader = {
        let mut writer = BufWriter::new(Scripted::reader(*b"in", []));
        block_on(writer.write_all(b"out")).unwrap();
        let mut reader = BufReader::new(writer);
        assert_eq!(block_on(reader.fill_buf()).unwrap(), b"in");
        BufStream::from(reader)
    };
    for mut stream in [outer_writer, outer_reader] {
        let mut text = String::new();
        block_on(stream.read_to_string(&mut text)).unwrap();
        assert_eq!(text, "in");
        block_on(stream.flush()).unwrap();
        assert_eq!(stream.into_inner().output, b"out");
    }
}

#[test]
fn a_reader_without_room_panics_at_the_callers_line() {
    let messages = [
        panicking::panic_of(|| BufReader::with_capacity(0, runtime::io::empty())),
        panicking::panic_of(|| BufStream::with_capacity(0, 1, runtime::io::empty())),
    ];
    for message in messages {
        assert!(
            message.contains("capacity must be greater than zero"),
            "{message}"
        );
    }
}
