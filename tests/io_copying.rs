//! What is copied arrives, and does not lie about on the way.

mod io_support;
#[path = "common/panicking.rs"]
mod panicking;

use futures::executor::block_on;
use futures::join;
use io_support::{Scripted, Step, bytes, cancel_after, now, steps};
use proptest::prelude::*;
use runtime::io::{self, AsyncReadExt, AsyncWriteExt, BufReader, ErrorKind};

proptest! {
    #[test]
    fn a_copy_is_the_same_however_reader_and_writer_go(
        input in prop::collection::vec(any::<u8>(), 0..20_000), first in steps(), second in steps(),
    ) {
        let mut writer = Scripted::writer(second.clone());
        let mut reader = Scripted::reader(input.clone(), first.clone());
        let n = block_on(io::copy(&mut reader, &mut writer)).unwrap();
        prop_assert_eq!((n, writer.flushed), (input.len() as u64, input.len()));
        prop_assert!(writer.output == input && !writer.is_shut_down);

        let mut writer = Scripted::writer(second);
        let mut reader = BufReader::with_capacity(100, Scripted::reader(input.clone(), first));
        let n = block_on(io::copy_buf(&mut reader, &mut writer)).unwrap();
        prop_assert_eq!((n, writer.flushed), (input.len() as u64, input.len()));
        prop_assert!(writer.output == input);
    }

    #[test]
    fn both_directions_arrive_and_are_shut_down(
        one in bytes(), two in bytes(), first in steps(), second in steps(), size in 1_usize..20,
    ) {
        let mut a = Scripted::reader(one.clone(), first);
        let mut b = Scripted::reader(two.clone(), second);
        let copied = block_on(io::copy_bidirectional_with_sizes(&mut a, &mut b, size, 8)).unwrap();
        prop_assert_eq!(copied, (one.len() as u64, two.len() as u64));
        prop_assert_eq!((a.output, b.output), (two, one));
        prop_assert!(a.is_shut_down && b.is_shut_down);
    }

    #[test]
    fn a_cancelled_copy_buf_goes_on_where_it_ended(
        input in bytes(), first in steps(), second in steps(), polls in 1_usize..4,
    ) {
        let mut writer = Scripted::writer(second);
        let mut reader = BufReader::with_capacity(10, Scripted::reader(input.clone(), first));
        while cancel_after(polls, io::copy_buf(&mut reader, &mut writer)).is_none() {}
        prop_assert_eq!(writer.output, input);
    }
}

#[test]
fn what_was_written_is_flushed_while_the_reader_waits() {
    let (mut asker, mut stream) = io::duplex(64);
    let (writer, mut answers) = io::duplex(64);
    let mut writer = io::BufWriter::new(writer);
    block_on(asker.write_all(b"question")).unwrap();
    let mut copying = Box::pin(io::copy(&mut stream, &mut writer));
    assert!(now(copying.as_mut()).is_none());
    let mut question = [0; 8];
    assert!(
        now(answers.read_exact(&mut question)).is_some(),
        "still in the buffer"
    );
    assert_eq!(&question, b"question");
}

#[test]
fn what_was_read_before_an_error_of_the_reader_is_written() {
    // The writer waits, and meanwhile the reader fails.
    let mut reader = Scripted::reader(*b"abcdef", [Step::Move(3), Step::Fail]);
    let mut writer = Scripted::writer([Step::Wait]);
    let error = block_on(io::copy(&mut reader, &mut writer)).unwrap_err();
    assert_eq!(
        (error.kind(), writer.output.as_slice()),
        (ErrorKind::Other, &b"abc"[..])
    );
}

#[test]
fn a_reader_is_read_ahead_while_the_writer_waits() {
    let mut reader = Scripted::reader(*b"abcdef", [Step::Move(3)]);
    let mut writer = Scripted::writer([Step::Wait]);
    assert_eq!(block_on(io::copy(&mut reader, &mut writer)).unwrap(), 6);
    assert_eq!(writer.writes, 1, "both pieces in one write");
}

#[test]
fn a_writer_that_takes_nothing_is_an_error() {
    let mut memory = [0; 2];
    let mut full = std::io::Cursor::new(&mut memory[..]);
    let error = block_on(io::copy(&mut &b"abc"[..], &mut full)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
    let error = block_on(io::copy_buf(&mut &b"abc"[..], &mut full)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
}

#[test]
fn one_direction_goes_on_after_the_other_has_ended() {
    let (mut client, mut a) = io::duplex(4);
    let (mut b, mut server) = io::duplex(4);
    let proxy = async { io::copy_bidirectional(&mut a, &mut b).await.unwrap() };
    let client = async {
        client.write_all(b"question").await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let server = async {
        let mut question = String::new();
        // Ends, although the other direction has not begun.
        server.read_to_string(&mut question).await.unwrap();
        server.write_all(b"a long answer").await.unwrap();
        server.shutdown().await.unwrap();
        question
    };
    let (copied, answer, question) = block_on(async { join!(proxy, client, server) });
    assert_eq!(copied, (8, 13));
    assert_eq!(
        (answer.as_str(), question.as_str()),
        ("a long answer", "question")
    );
}

#[test]
fn an_error_in_one_direction_ends_both() {
    let (mut a, _client) = io::duplex(4);
    let (mut b, server) = io::duplex(4);
    drop(server);
    let mut a_sends = io::join(&b"x"[..], &mut a);
    let error = block_on(io::copy_bidirectional(&mut a_sends, &mut b)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

#[test]
fn copying_through_no_buffer_panics_at_the_callers_line() {
    let (mut one, mut two) = (io::empty(), io::empty());
    let mut copy = |there, back| {
        panicking::panic_of(|| {
            drop(io::copy_bidirectional_with_sizes(
                &mut one, &mut two, there, back,
            ))
        })
    };
    assert!(copy(0, 1).contains("`a_to_b_buf_size` must be greater than 0"));
    assert!(copy(1, 0).contains("`b_to_a_buf_size` must be greater than 0"));
}
