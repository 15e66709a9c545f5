use super::*;
use crate::async_io::{AsyncRead, AsyncWrite, ReadBuf};
use ::bytes::{Bytes, BytesMut};
use futures::executor::block_on;
use futures::{SinkExt, StreamExt};
use proptest::prelude::*;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Gives its chunks one a read, an empty one as an end, and takes a few bytes a write.
struct Pieces {
    chunks: std::vec::IntoIter<io::Result<Vec<u8>>>,
    written: Vec<u8>,
    a_write: usize,
    is_shut_down: bool,
}

fn pieces(chunks: impl IntoIterator<Item = io::Result<Vec<u8>>>) -> Pieces {
    Pieces {
        chunks: chunks.into_iter().collect::<Vec<_>>().into_iter(),
        written: Vec::new(),
        a_write: 3,
        is_shut_down: false,
    }
}

fn whole(chunks: &[&[u8]]) -> Pieces {
    pieces(chunks.iter().map(|chunk| Ok(chunk.to_vec())))
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(chunk) = self.chunks.next() {
            buf.put_slice(&chunk?);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let taken = buf.len().min(self.a_write);
        self.written.extend_from_slice(&buf[..taken]);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_shut_down = true;
        Poll::Ready(Ok(()))
    }
}

fn all<D: Decoder>(reader: Pieces, decoder: D) -> Vec<Result<D::Item, D::Error>> {
    block_on(FramedRead::new(reader, decoder).collect())
}

#[test]
fn after_an_error_comes_none_once_and_then_what_stands_behind_it() {
    let codec = LinesCodec::new_with_max_length(3);
    let mut lines = FramedRead::new(whole(&[b"abc\nabcdef\nghi\n"]), codec);
    block_on(async {
        assert_eq!(lines.next().await.unwrap().unwrap(), "abc");
        let error = lines.next().await.unwrap().unwrap_err();
        assert!(matches!(error, LinesCodecError::MaxLineLengthExceeded));
        assert!(lines.next().await.is_none());
        assert_eq!(lines.next().await.unwrap().unwrap(), "ghi");
        assert!(lines.next().await.is_none());
    });
}

#[test]
fn an_error_of_the_reader_is_told_and_reading_can_go_on() {
    let reader = pieces([
        Ok(b"one\ntw".to_vec()),
        Err(io::ErrorKind::ConnectionReset.into()),
        Ok(b"o\n".to_vec()),
    ]);
    let mut lines = FramedRead::new(reader, LinesCodec::new());
    block_on(async {
        assert_eq!(lines.next().await.unwrap().unwrap(), "one");
        let error = lines.next().await.unwrap().unwrap_err();
        assert!(
            matches!(error, LinesCodecError::Io(error) if error.kind() == io::ErrorKind::ConnectionReset)
        );
        assert!(lines.next().await.is_none());
        assert_eq!(lines.next().await.unwrap().unwrap(), "two");
        assert!(lines.next().await.is_none());
    });
}

#[test]
fn a_reader_that_goes_on_after_its_end_is_followed() {
    let mut lines = FramedRead::new(whole(&[b"one", b"", b"two\n"]), LinesCodec::new());
    block_on(async {
        assert_eq!(lines.next().await.unwrap().unwrap(), "one");
        assert!(lines.next().await.is_none());
        assert_eq!(lines.next().await.unwrap().unwrap(), "two");
        assert!(lines.next().await.is_none());
        assert!(lines.next().await.is_none());
    });
}

#[test]
fn what_was_cut_off_at_the_end_is_an_error() {
    let frames = all(whole(&[b"\0\0\0\x05hel"]), LengthDelimitedCodec::new());
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].as_ref().unwrap_err().kind(), io::ErrorKind::Other);
}

#[test]
fn a_length_beyond_the_limit_is_refused_before_memory_is_taken() {
    let mut codec = LengthDelimitedCodec::builder()
        .length_field_length(8)
        .new_codec();
    let mut bytes = BytesMut::from(&[0xff; 8][..]);
    let error = codec.decode(&mut bytes).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert!(bytes.capacity() < 1024);
    let long = Bytes::from(vec![0; 300]);
    let mut narrow = LengthDelimitedCodec::builder()
        .length_field_length(1)
        .new_codec();
    let error = narrow.encode(long, &mut bytes).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn an_adjustment_below_zero_or_beyond_the_width_is_an_error_both_ways() {
    let build = |adjustment| {
        LengthDelimitedCodec::builder()
            .length_field_length(1)
            .length_adjustment(adjustment)
            .new_codec()
    };
    let error = build(-2).decode(&mut BytesMut::from(&b"\x01aaaa"[..]));
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::InvalidInput);
    let error = build(2).encode(&b"a"[..], &mut BytesMut::new());
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::InvalidInput);
    let error = build(-1).encode(&[0; 255][..], &mut BytesMut::new());
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::InvalidInput);
    let mut bytes = BytesMut::new();
    build(-1).encode(&[7; 254][..], &mut bytes).unwrap();
    assert_eq!(
        build(-1).decode(&mut bytes).unwrap().unwrap(),
        &[7; 254][..]
    );
}

#[test]
fn what_is_longer_than_its_field_says_can_be_sent_as_well_as_received() {
    let mut codec = LengthDelimitedCodec::builder()
        .length_field_length(1)
        .length_adjustment(10)
        .new_codec();
    assert_eq!(codec.max_frame_length(), 265);
    let mut bytes = BytesMut::new();
    codec.encode(&[7; 265][..], &mut bytes).unwrap();
    assert_eq!(codec.decode(&mut bytes).unwrap().unwrap(), &[7; 265][..]);
    let error = codec.encode(&[7; 266][..], &mut bytes).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[test]
#[should_panic = "a length has 1 to 8 bytes"]
fn a_length_of_nine_bytes_is_refused() {
    LengthDelimitedCodec::builder().length_field_length(9);
}

#[test]
fn lines_may_be_empty_end_in_either_way_and_have_to_be_text() {
    let lines = all(whole(&[b"\n\r\na\r", b"\nb\r"]), LinesCodec::new());
    let lines: Vec<String> = lines.into_iter().map(Result::unwrap).collect();
    assert_eq!(lines, ["", "", "a", "b"]);
    assert!(all(whole(&[b"a\n\r"]), LinesCodec::new()).len() == 1);
    let broken = all(whole(&[b"\xff\n"]), LinesCodec::new());
    assert!(
        matches!(&broken[0], Err(LinesCodecError::Io(error)) if error.kind() == io::ErrorKind::InvalidData)
    );
}

#[test]
fn what_came_before_is_read_behind_with_room_for_more_than_a_few_bytes() {
    let mut parts = FramedParts::new::<&str>(whole(&[]), LinesCodec::new());
    parts.read_buf = BytesMut::from("a");
    let parts = Framed::from_parts(parts).into_parts();
    assert_eq!(parts.read_buf, "a");
    assert!(parts.read_buf.capacity() >= 8 * 1024);
}

#[test]
fn half_an_end_at_the_end_is_kept_for_what_may_follow() {
    let mut codec = LinesCodec::new();
    let mut bytes = BytesMut::from("\r");
    assert!(codec.decode_eof(&mut bytes).unwrap().is_none());
    bytes.extend_from_slice(b"\n");
    assert_eq!(codec.decode(&mut bytes).unwrap().unwrap(), "");
}

#[test]
fn a_message_is_as_long_as_its_length_can_say_when_it_is_adjusted() {
    for (adjustment, longest) in [(-1, 254), (0, 255), (1, 256), (-300, 0)] {
        let mut builder = LengthDelimitedCodec::builder();
        builder.length_field_length(1).length_adjustment(adjustment);
        let mut codec = builder.new_codec();
        assert_eq!(codec.max_frame_length(), longest);
        codec.set_max_frame_length(1000);
        assert_eq!(codec.max_frame_length(), longest);
        let mut bytes = BytesMut::new();
        let too_long = Bytes::from(vec![7; longest + 1]);
        assert!(codec.encode(too_long, &mut bytes).is_err() && bytes.is_empty());
        if longest > 0 {
            let message = Bytes::from(vec![7; longest]);
            codec.encode(message.clone(), &mut bytes).unwrap();
            assert_eq!(codec.decode(&mut bytes).unwrap().unwrap(), message);
        }
    }
}

#[test]
fn a_line_at_the_limit_passes_and_one_beyond_is_dropped_in_pieces() {
    let mut codec = LinesCodec::new_with_max_length(4);
    let mut bytes = BytesMut::from("abcd\nabcde");
    assert_eq!(codec.decode(&mut bytes).unwrap().unwrap(), "abcd");
    assert!(codec.decode(&mut bytes).is_err());
    for piece in ["fghijklmnop", "qrs", "\nok\n"] {
        bytes.extend_from_slice(piece.as_bytes());
        if piece == "\nok\n" {
            assert_eq!(codec.decode(&mut bytes).unwrap().unwrap(), "ok");
        } else {
            assert!(codec.decode(&mut bytes).unwrap().is_none());
            assert!(bytes.is_empty(), "what is dropped takes no memory");
        }
    }
    bytes.extend_from_slice(b"too long at the end");
    assert!(codec.decode(&mut bytes).is_err());
    assert!(codec.decode_eof(&mut bytes).unwrap().is_none());
}

#[test]
fn a_sink_waits_at_its_boundary_and_writes_all_when_it_is_closed() {
    block_on(async {
        let mut lines = FramedWrite::with_capacity(whole(&[]), LinesCodec::new(), 8);
        lines.feed("one").await.unwrap();
        assert!(lines.get_ref().written.is_empty());
        lines.feed("two").await.unwrap();
        assert_eq!(lines.write_buffer().len(), 8);
        lines.feed("three").await.unwrap();
        assert_eq!(lines.get_ref().written, b"one\ntwo\n");
        SinkExt::<&str>::close(&mut lines).await.unwrap();
        assert_eq!(lines.get_ref().written, b"one\ntwo\nthree\n");
        assert!(lines.get_ref().is_shut_down);
    });
}

#[test]
fn a_writer_that_takes_no_more_is_an_error_and_the_message_stays() {
    block_on(async {
        let mut lines = FramedWrite::new(whole(&[]), LinesCodec::new());
        lines.get_mut().a_write = 0;
        let error = lines.send("one").await.unwrap_err();
        assert!(
            matches!(error, LinesCodecError::Io(error) if error.kind() == io::ErrorKind::WriteZero)
        );
        assert_eq!(lines.write_buffer(), "one\n");
    });
}

/// `bytes` cut at `cuts`.
fn cut(bytes: &[u8], cuts: &[usize]) -> Pieces {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    cuts.push(bytes.len());
    let mut from = 0;
    let mut chunks = Vec::new();
    for cut in cuts {
        if cut > from {
            chunks.push(Ok(bytes[from..cut].to_vec()));
        }
        from = cut;
    }
    pieces(chunks)
}

proptest! {
    #[test]
    fn lines_are_those_of_std_however_the_bytes_are_cut(
        text in "[ab\r\n]{0,40}",
        cuts in prop::collection::vec(0_usize..64, 0..8),
    ) {
        let got: Vec<String> = all(cut(text.as_bytes(), &cuts), LinesCodec::new())
            .into_iter()
            .map(Result::unwrap)
            .collect();
        // std keeps a `\r` that nothing follows.
        let mut expected: Vec<&str> = text.lines().collect();
        if let Some(last) = expected.pop() {
            let last = if text.ends_with('\n') { last } else { last.strip_suffix('\r').unwrap_or(last) };
            if text.ends_with('\n') || !last.is_empty() || !text.ends_with('\r') {
                expected.push(last);
            }
        }
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn what_was_encoded_is_decoded_however_the_bytes_are_cut(
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8),
        cuts in prop::collection::vec(0_usize..400, 0..12),
        width in 1_usize..=8,
        big in any::<bool>(),
    ) {
        let mut look = LengthDelimitedCodec::builder();
        look.length_field_length(width);
        if big { look.big_endian() } else { look.little_endian() };
        let mut codec = look.new_codec();
        let mut bytes = BytesMut::new();
        for frame in &frames {
            codec.encode(&frame[..], &mut bytes).unwrap();
        }
        let got: Vec<Vec<u8>> = all(cut(&bytes, &cuts), codec)
            .into_iter()
            .map(|frame| frame.unwrap().to_vec())
            .collect();
        prop_assert_eq!(got, frames);
    }

    #[test]
    fn chunks_are_those_of_split(
        text in "[ab;,]{0,40}",
        cuts in prop::collection::vec(0_usize..64, 0..8),
    ) {
        let codec = AnyDelimiterCodec::new(b",;".to_vec(), b",".to_vec());
        let got: Vec<Bytes> = all(cut(text.as_bytes(), &cuts), codec)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let mut expected: Vec<&str> = text.split([',', ';']).collect();
        if expected.last() == Some(&"") {
            expected.pop();
        }
        prop_assert_eq!(got, expected);
    }
}
