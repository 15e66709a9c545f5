//! Streams and sinks of bytes: chunks that are read, readers as chunks, writers over
//! sinks, and messages in datagrams.

use bytes::{Bytes, BytesMut};
use futures::executor::block_on;
use futures::{FutureExt, SinkExt, StreamExt, poll, stream};
use runtime::codec::{BytesCodec, Framed, FramedRead, LengthDelimitedCodec, LinesCodec};
use runtime::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, CopyToBytes, InspectReader, InspectWriter,
    ReaderStream, SinkWriter, StreamReader, SyncIoBridge, duplex, repeat,
};
use runtime::net::{UdpFramed, UdpSocket};
use runtime::rt::{Builder, Runtime};
use runtime::time::{Duration, timeout};
use std::io::{self, BufRead, IoSlice, Read, Write};
use std::sync::Arc;

fn chunks(parts: &[&'static [u8]]) -> impl futures::Stream<Item = io::Result<Bytes>> + Unpin {
    let parts: Vec<_> = parts
        .iter()
        .map(|part| Ok(Bytes::from_static(part)))
        .collect();
    stream::iter(parts)
}

#[test]
fn empty_chunks_are_no_end() {
    block_on(async {
        let mut reader = StreamReader::new(chunks(&[b"", b"ab", b"", b"", b"c", b""]));
        let mut text = String::new();
        reader.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "abc");
    });
}

#[test]
fn a_stream_of_chunks_that_has_ended_is_not_asked_again() {
    block_on(async {
        // This one panics if it is.
        let once = stream::unfold(true, |more| async move {
            more.then_some((io::Result::Ok(&b"a"[..]), false))
        });
        let mut reader = StreamReader::new(Box::pin(once));
        let mut text = String::new();
        assert_eq!(reader.read_to_string(&mut text).await.unwrap(), 1);
        assert_eq!(reader.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(reader.read(&mut [0]).await.unwrap(), 0);
    });
}

#[test]
fn a_read_into_no_room_takes_no_chunk() {
    block_on(async {
        let mut reader = StreamReader::new(chunks(&[b"abc"]));
        assert_eq!(reader.read(&mut []).await.unwrap(), 0);
        assert_eq!(reader.read(&mut [0; 2]).await.unwrap(), 2);
        let (_, rest) = reader.into_inner_with_chunk();
        assert_eq!(rest.unwrap(), "c");
    });
}

#[test]
fn an_error_of_the_stream_is_that_of_the_reader_and_reading_can_go_on() {
    block_on(async {
        let parts = vec![
            Ok(&b"a"[..]),
            Err(io::Error::from(io::ErrorKind::TimedOut)),
            Ok(&b"b"[..]),
        ];
        let mut reader = StreamReader::new(stream::iter(parts));
        assert_eq!(reader.read_u8().await.unwrap(), b'a');
        let error = reader.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(reader.read_u8().await.unwrap(), b'b');
    });
}

#[test]
fn a_chunk_is_what_one_read_gave_and_an_error_is_the_last() {
    block_on(async {
        let (mut there, here) = duplex(64);
        let mut chunks = ReaderStream::with_capacity(here, 4);
        there.write_all(b"abcdef").await.unwrap();
        assert_eq!(chunks.next().await.unwrap().unwrap(), "abcd");
        assert_eq!(chunks.next().await.unwrap().unwrap(), "ef");
        assert!(chunks.next().now_or_never().is_none());
        drop(there);
        assert!(chunks.next().await.is_none());
        assert!(chunks.next().await.is_none());

        let broken = stream::iter([Err::<&[u8], _>(io::Error::from(io::ErrorKind::TimedOut))]);
        let mut chunks = ReaderStream::new(StreamReader::new(broken));
        assert!(chunks.next().await.unwrap().is_err());
        assert!(chunks.next().await.is_none());
    });
}

#[test]
fn a_chunk_is_no_bigger_than_it_may_be_however_much_room_the_buffer_has() {
    block_on(async {
        let mut chunks = ReaderStream::with_capacity(repeat(7).take(1000), 10);
        let mut sum = 0;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.unwrap();
            assert!(chunk.len() <= 10);
            sum += chunk.len();
        }
        assert_eq!(sum, 1000);
    });
}

#[test]
fn each_write_is_an_item_and_shutdown_closes_the_sink() {
    block_on(async {
        let (sender, receiver) = futures_channel();
        let mut writer = SinkWriter::new(CopyToBytes::new(sender));
        writer.write_all(b"one").await.unwrap();
        writer.write_all(b"two").await.unwrap();
        writer.shutdown().await.unwrap();
        assert_eq!(receiver.collect::<Vec<_>>().await, ["one", "two"]);
    });
}

/// A sink and a stream of `Bytes` with room for eight.
fn futures_channel() -> (
    impl futures::Sink<Bytes, Error = io::Error> + Unpin,
    impl futures::Stream<Item = Bytes>,
) {
    let (sender, receiver) = futures::channel::mpsc::channel::<Bytes>(8);
    (sender.sink_map_err(io::Error::other), receiver)
}

#[test]
fn what_goes_through_is_seen_once_and_only_what_was_taken() {
    block_on(async {
        let mut seen = Vec::new();
        let (mut there, here) = duplex(4);
        let mut writer = InspectWriter::new(here, |bytes| seen.extend_from_slice(bytes));
        let slices = [IoSlice::new(b"abc"), IoSlice::new(b"def")];
        assert_eq!(writer.write_vectored(&slices).await.unwrap(), 4);
        assert!(writer.write(b"more").now_or_never().is_none());
        drop(writer);
        assert_eq!(seen, b"abcd");

        let mut count = 0;
        let mut reader = InspectReader::new(&mut there, |bytes: &[u8]| count += bytes.len());
        let mut text = String::new();
        reader.read_to_string(&mut text).await.unwrap();
        assert_eq!((text.as_str(), count), ("abcd", 4));
    });
}

#[test]
fn code_that_blocks_reads_and_writes_over_the_bridge() {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (there, here) = duplex(64);
        let blocking = runtime::task::spawn_blocking(move || {
            let mut bridge = SyncIoBridge::new(runtime::io::BufReader::new(here));
            let mut line = String::new();
            bridge.read_line(&mut line).unwrap();
            bridge.write_all(line.to_uppercase().as_bytes()).unwrap();
            bridge.flush().unwrap();
            bridge.shutdown().unwrap();
            let mut rest = Vec::new();
            bridge.read_to_end(&mut rest).unwrap();
            rest
        });
        let mut there = runtime::io::BufReader::new(there);
        there.write_all(b"a longer line\nand more").await.unwrap();
        let mut line = String::new();
        there.read_line(&mut line).await.unwrap();
        assert_eq!(line, "A LONGER LINE\n");
        drop(there);
        assert_eq!(blocking.await.unwrap(), b"and more");
    });
}

#[test]
fn a_bridge_outside_of_a_runtime_names_the_line() {
    let panic = std::panic::catch_unwind(|| SyncIoBridge::new(&b""[..])).unwrap_err();
    let message = panic.downcast_ref::<String>().expect("a message");
    assert!(message.contains("runtime"), "{message}");
}

#[test]
fn messages_in_the_buffer_spend_the_budget() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let text = BytesMut::from("line\n".repeat(1 << 20).as_str());
        let mut lines = Framed::new(duplex(64).0, LinesCodec::new());
        *lines.read_buffer_mut() = text;
        let mut lines = Framed::from_parts(lines.into_parts());
        let all = async { while lines.next().await.is_some() {} };
        assert!(timeout(Duration::from_millis(1), all).await.is_err());
        let endless = async {
            let mut zeros = ReaderStream::new(repeat(0));
            while zeros.next().await.is_some() {}
        };
        assert!(timeout(Duration::from_millis(1), endless).await.is_err());
    });
}

#[test]
fn dropping_the_wait_for_a_message_loses_none_of_its_bytes() {
    block_on(async {
        let (mut there, here) = duplex(64);
        let mut lines = Framed::new(here, LinesCodec::new());
        for piece in [&b"a li"[..], b"ne", b" in pieces"] {
            there.write_all(piece).await.unwrap();
            assert!(lines.next().now_or_never().is_none());
        }
        there.write_all(b"\n").await.unwrap();
        assert_eq!(lines.next().await.unwrap().unwrap(), "a line in pieces");
    });
}

#[test]
fn a_datagram_may_hold_several_messages_and_a_broken_one_spares_the_others() {
    Runtime::new().unwrap().block_on(async {
        let here = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let there = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = here.local_addr().unwrap();
        there.send_to(b"one\ntwo\n", address).await.unwrap();
        there.send_to(b"", address).await.unwrap();
        there.send_to(b"\xff\nstill here\n", address).await.unwrap();
        there.send_to(b"three", address).await.unwrap();
        let mut lines = UdpFramed::new(here.clone(), LinesCodec::new());
        for expected in ["one", "two"] {
            let (line, from) = lines.next().await.unwrap().unwrap();
            assert_eq!(
                (line.as_str(), from),
                (expected, there.local_addr().unwrap())
            );
        }
        assert!(lines.next().await.unwrap().is_err());
        assert_eq!(lines.next().await.unwrap().unwrap().0, "still here");
        assert_eq!(lines.next().await.unwrap().unwrap().0, "three");

        // The same socket, as a sink in another place.
        let mut bytes = UdpFramed::new(here, BytesCodec::new());
        let to = there.local_addr().unwrap();
        bytes.send((Bytes::from_static(b"raw"), to)).await.unwrap();
        let too_long = Bytes::from(vec![0; 70_000]);
        assert!(bytes.send((too_long, to)).await.is_err());
        bytes.send((Bytes::from_static(b"next"), to)).await.unwrap();
        let mut room = [0; 16];
        let (count, _) = there.recv_from(&mut room).await.unwrap();
        assert_eq!(&room[..count], b"raw");
        let (count, _) = there.recv_from(&mut room).await.unwrap();
        assert_eq!(&room[..count], b"next");
    });
}

#[test]
fn a_datagram_with_a_line_that_is_too_long_takes_nothing_of_the_next_one_along() {
    Runtime::new().unwrap().block_on(async {
        let here = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let there = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = here.local_addr().unwrap();
        for datagram in ["far too long", "one\n", "far too long\ntwo\n", "three"] {
            there.send_to(datagram.as_bytes(), address).await.unwrap();
        }
        let mut lines = UdpFramed::new(here, LinesCodec::new_with_max_length(5));
        for expected in [None, Some("one"), None, Some("two"), Some("three")] {
            let line = lines.next().await.unwrap().ok().map(|(line, _)| line);
            assert_eq!(line.as_deref(), expected);
        }
    });
}

#[test]
fn a_datagram_that_the_decoder_gets_no_further_with_is_one_error() {
    Runtime::new().unwrap().block_on(async {
        let here = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let there = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = here.local_addr().unwrap();
        // More than the codec takes, which it leaves where it is.
        there.send_to(&[0, 0, 0, 9, 1], address).await.unwrap();
        there.send_to(&[0, 0, 0, 1, 2], address).await.unwrap();
        let codec = LengthDelimitedCodec::builder()
            .max_frame_length(8)
            .new_codec();
        let mut messages = UdpFramed::new(here, codec);
        assert!(messages.next().await.unwrap().is_err());
        assert_eq!(messages.next().await.unwrap().unwrap().0, [2][..]);
    });
}

#[test]
fn a_read_buffer_that_the_user_empties_is_searched_from_its_start() {
    block_on(async {
        let (here, mut there) = duplex(64);
        let mut lines = FramedRead::new(here, LinesCodec::new());
        there.write_all(b"no end of a line").await.unwrap();
        assert!(poll!(lines.next()).is_pending());
        lines.read_buffer_mut().clear();
        there.write_all(b"x\n").await.unwrap();
        assert_eq!(lines.next().await.unwrap().unwrap(), "x");
    });
}

#[test]
fn lines_of_a_stream_of_chunks_are_read_across_them() {
    block_on(async {
        let mut lines = StreamReader::new(chunks(&[b"o", b"ne\ntw", b"o\n"])).lines();
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "one");
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "two");
        assert_eq!(lines.next_line().await.unwrap(), None);
    });
}
