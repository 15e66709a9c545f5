//! What says "nothing is lost" loses nothing: dropped after any poll, and asked again.

mod io_support;

use futures::executor::block_on;
use io_support::{Scripted, Step, bytes, cancel_after, steps};
use proptest::prelude::*;
use runtime::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};

/// Asks for the same thing, dropping it after one poll each, until it is there.
macro_rules! insist {
    ($future:expr) => {
        loop {
            if let Some(result) = cancel_after(1, $future) {
                break result.unwrap();
            }
        }
    };
}

proptest! {
    #[test]
    fn reading_to_a_delimiter_or_to_the_end(input in bytes(), steps in steps()) {
        let mut reader = BufReader::with_capacity(4, Scripted::reader(input.clone(), steps.clone()));
        let mut buf = Vec::new();
        insist!(reader.read_until(b'\n', &mut buf));
        let end = input.iter().position(|&byte| byte == b'\n').map_or(input.len(), |at| at + 1);
        prop_assert_eq!(&buf, &input[..end]);
        insist!(reader.read_to_end(&mut buf));
        prop_assert_eq!(buf, input);
    }

    #[test]
    fn reading_once(input in bytes(), steps in steps()) {
        let mut reader = Scripted::reader(input.clone(), steps);
        let mut all = Vec::new();
        loop {
            let mut buf = [0; 5];
            let n = insist!(reader.read(&mut buf));
            all.extend(&buf[..n]);
            if n + insist!(reader.read_buf(&mut all)) == 0 {
                break;
            }
        }
        prop_assert_eq!(all, input);
    }

    #[test]
    fn lines_and_pieces(input in bytes(), steps in steps()) {
        let reader = BufReader::with_capacity(4, Scripted::reader(input.clone(), steps.clone()));
        let mut lines = reader.lines();
        for line in std::io::BufRead::lines(&input[..]) {
            prop_assert_eq!(insist!(lines.next_line()), Some(line.unwrap()));
        }
        prop_assert_eq!(insist!(lines.next_line()), None);

        let reader = BufReader::with_capacity(4, Scripted::reader(input.clone(), steps));
        let mut pieces = AsyncBufReadExt::split(reader, b'a');
        for piece in std::io::BufRead::split(&input[..], b'a') {
            prop_assert_eq!(insist!(pieces.next_segment()), Some(piece.unwrap()));
        }
        prop_assert_eq!(insist!(pieces.next_segment()), None);
    }

    #[test]
    fn writing_out_of_a_buffer(input in bytes(), steps in steps(), is_vectored: bool) {
        let mut writer = Scripted::writer(steps);
        writer.is_vectored = is_vectored;
        let (start, rest) = input.split_at(input.len() / 2);
        let mut buf = bytes::Buf::chain(start, rest);
        insist!(writer.write_buf(&mut buf));
        insist!(writer.write_all_buf(&mut buf));
        prop_assert_eq!(writer.output, input);
    }

    #[test]
    fn writing_through_a_buf_writer(
        chunks in prop::collection::vec(bytes(), 0..8), steps in steps(), capacity in 0_usize..40,
    ) {
        let mut writer = BufWriter::with_capacity(capacity, Scripted::writer(steps));
        for chunk in &chunks {
            let mut rest = &chunk[..];
            while !rest.is_empty() {
                let n = insist!(writer.write(rest));
                rest = &rest[n..];
            }
        }
        insist!(writer.flush());
        insist!(writer.shutdown());
        prop_assert_eq!(writer.into_inner().output, chunks.concat());
    }
}

#[test]
fn what_is_not_cancel_safe_leaves_the_string_as_it_was() {
    let script = [Step::Move(2), Step::Wait];
    let mut text = String::from("before");
    let mut reader = BufReader::new(Scripted::reader(*b"abc\n", script));
    assert!(cancel_after(1, reader.read_line(&mut text)).is_none());
    assert_eq!(text, "before");
    let mut reader = Scripted::reader(*b"abc\n", script);
    assert!(cancel_after(1, reader.read_to_string(&mut text)).is_none());
    assert_eq!(text, "before");
    block_on(reader.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "beforec\n");
}
