//! Pipes within the process, and streams in halves.

mod io_support;
#[path = "common/panicking.rs"]
mod panicking;

use futures::executor::block_on;
use futures::join;
use io_support::{Scripted, bytes, now, steps};
use panicking::panic_of;
use proptest::prelude::*;
use runtime::io::{self, AsyncReadExt, AsyncWriteExt, ErrorKind};
use std::io::IoSlice;

proptest! {
    #[test]
    fn what_goes_in_comes_out(
        chunks in prop::collection::vec(bytes(), 0..20), max in 1_usize..50, len in 1_usize..60,
    ) {
        let (mut here, mut there) = io::duplex(max);
        let write = async {
            for chunk in &chunks {
                here.write_all(chunk).await.unwrap();
            }
            drop(here);
        };
        let read = async {
            let (mut all, mut buf) = (Vec::<u8>::new(), vec![0; len]);
            loop {
                match there.read(&mut buf).await.unwrap() {
                    0 => return all,
                    n => {
                        assert!(n <= max);
                        all.extend(&buf[..n]);
                    }
                }
            }
        };
        let ((), all) = block_on(async { join!(write, read) });
        prop_assert_eq!(all, chunks.concat());
    }

    #[test]
    fn halves_in_two_tasks_are_a_whole_stream(
        input in bytes(), output in bytes(), steps in steps(),
    ) {
        let (mut reader, mut writer) = io::split(Scripted::reader(input.clone(), steps));
        let mut all = Vec::new();
        let read = reader.read_to_end(&mut all);
        let write = async {
            writer.write_all(&output).await?;
            writer.shutdown().await
        };
        let (read, written) = block_on(async { join!(read, write) });
        prop_assert_eq!(read.unwrap(), input.len());
        prop_assert!(written.is_ok());
        prop_assert_eq!(all, input);
        prop_assert!(reader.is_pair_of(&writer));
        let stream = reader.unsplit(writer);
        prop_assert_eq!(stream.output, output);
        prop_assert!(stream.is_shut_down);
    }
}

#[test]
fn halves_on_two_threads_move_a_lot_without_a_hang() {
    let (one, two) = io::duplex(7);
    let (mut reader, mut writer) = io::split(one);
    let (mut back, mut forth) = io::split(two);
    let count = 20_000;
    std::thread::scope(|scope| {
        scope.spawn(move || block_on(async { io::copy(&mut back, &mut forth).await }).unwrap());
        scope.spawn(move || {
            block_on(async {
                for n in 0..count {
                    writer.write_u32(n).await.unwrap();
                }
                writer.shutdown().await.unwrap();
            });
        });
        block_on(async {
            for n in 0..count {
                assert_eq!(reader.read_u32().await.unwrap(), n);
            }
        });
    });
}

#[test]
fn a_full_pipe_makes_the_writer_wait_and_an_empty_one_the_reader() {
    let (mut here, mut there) = io::duplex(4);
    assert!(now(there.read(&mut [0; 4])).is_none());
    assert_eq!(now(here.write(b"abcdef")).unwrap().unwrap(), 4);
    assert!(now(here.write(b"ef")).is_none());
    let mut buf = [0; 3];
    assert_eq!(now(there.read(&mut buf)).unwrap().unwrap(), 3);
    let slices = [IoSlice::new(b""), IoSlice::new(b"e"), IoSlice::new(b"fgh")];
    assert_eq!(now(here.write_vectored(&slices)).unwrap().unwrap(), 3);
    drop(here);
    let mut rest = String::new();
    block_on(there.read_to_string(&mut rest)).unwrap();
    assert_eq!(rest, "defg");
}

#[test]
fn a_dropped_end_is_the_end_for_reads_and_an_error_for_writes() {
    let (mut here, mut there) = io::duplex(4);
    block_on(there.write_all(b"last")).unwrap();
    drop(there);
    assert_eq!(
        block_on(here.write(b"x")).unwrap_err().kind(),
        ErrorKind::BrokenPipe
    );
    let mut text = String::new();
    block_on(here.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "last");
}

#[test]
fn a_shut_down_direction_ends_and_the_other_goes_on() {
    let (mut here, mut there) = io::duplex(4);
    block_on(here.shutdown()).unwrap();
    assert_eq!(
        block_on(here.write(b"x")).unwrap_err().kind(),
        ErrorKind::BrokenPipe
    );
    assert_eq!(block_on(there.read(&mut [0])).unwrap(), 0);
    block_on(there.write_all(b"ok")).unwrap();
    assert_eq!(
        block_on(here.read_u16()).unwrap(),
        u16::from_be_bytes(*b"ok")
    );
}

#[test]
fn a_waiting_end_learns_that_the_other_one_is_gone() {
    let (mut here, there) = io::duplex(1);
    let thread = std::thread::spawn(move || block_on(here.read(&mut [0])).unwrap());
    drop(there);
    assert_eq!(thread.join().unwrap(), 0);

    let (mut here, there) = io::duplex(1);
    let thread = std::thread::spawn(move || block_on(here.write_all(b"abc")).unwrap_err());
    drop(there);
    assert_eq!(thread.join().unwrap().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn a_one_way_pipe_ends_when_its_writer_is_shut_down() {
    let (mut reader, mut writer) = io::simplex(2);
    let write = async {
        writer.write_all(b"more than two").await.unwrap();
        writer.shutdown().await.unwrap();
    };
    let mut text = String::new();
    let (read, ()) = block_on(async { join!(reader.read_to_string(&mut text), write) });
    assert_eq!((read.unwrap(), text.as_str()), (13, "more than two"));
}

#[test]
fn a_stream_that_panics_when_it_is_polled_is_not_lost_to_its_other_half() {
    struct Panics;
    impl io::AsyncRead for Panics {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            panic!("on purpose")
        }
    }
    let (mut reader, mut writer) = io::split(io::join(Panics, Vec::new()));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = block_on(reader.read_u8());
    }));
    assert!(caught.is_err());
    assert!(block_on(writer.write_u8(1)).is_ok());
    assert_eq!(reader.unsplit(writer).into_inner().1, [1]);
}

#[test]
#[should_panic(expected = "is_pair_of")]
fn halves_of_two_streams_do_not_fit() {
    let (reader, _) = io::split(io::empty());
    let (_, writer) = io::split(io::empty());
    reader.unsplit(writer);
}

#[test]
fn nothing_is_read_and_written_without_waiting() {
    let (mut here, _there) = io::duplex(1);
    assert_eq!(now(here.read(&mut [])).unwrap().unwrap(), 0);
    assert_eq!(now(here.write(b"ab")).unwrap().unwrap(), 1);
    assert_eq!(now(here.write(&[])).unwrap().unwrap(), 0);
    let empty = [IoSlice::new(&[]), IoSlice::new(&[])];
    assert_eq!(now(here.write_vectored(&empty)).unwrap().unwrap(), 0);
}

#[test]
fn a_pipe_without_room_panics_at_the_callers_line() {
    let messages = [
        panic_of(|| io::duplex(0)),
        panic_of(|| io::simplex(0)),
        panic_of(|| io::SimplexStream::new_unsplit(0)),
    ];
    for message in messages {
        assert!(
            message.contains("`max_buf_size` must be greater than 0"),
            "{message}"
        );
    }
}
