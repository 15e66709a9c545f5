//! A signal that comes in the middle is no error to whoever reads, writes or copies all.

mod io_support;

use futures::executor::block_on;
use io_support::{Scripted, Step};
use runtime::io::{
    self, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter, ErrorKind,
    ReadBuf,
};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

const SCRIPT: [Step; 6] = [
    Step::Signal,
    Step::Move(3),
    Step::Signal,
    Step::Signal,
    Step::Wait,
    Step::Signal,
];

fn reader() -> Scripted {
    Scripted::reader("hello\nworld", SCRIPT)
}

fn buffered() -> BufReader<Scripted> {
    BufReader::new(reader())
}

fn writer() -> Scripted {
    Scripted::writer(SCRIPT)
}

#[test]
fn what_reads_all_goes_on_after_a_signal() {
    block_on(async {
        let mut five = [0; 5];
        assert_eq!(reader().read_exact(&mut five).await?, 5);
        assert_eq!(&five, b"hello");
        assert_eq!(reader().read_u32().await?, u32::from_be_bytes(*b"hell"));
        let mut bytes = Vec::new();
        assert_eq!(reader().read_to_end(&mut bytes).await?, 11);
        // Of just the right size: the end is looked for aside.
        let mut bytes = Vec::with_capacity(11);
        assert_eq!(reader().read_to_end(&mut bytes).await?, 11);
        assert_eq!((&bytes[..], bytes.capacity()), (&b"hello\nworld"[..], 11));
        let mut text = String::new();
        assert_eq!(reader().read_to_string(&mut text).await?, 11);
        assert_eq!(text, "hello\nworld");
        io::Result::Ok(())
    })
    .unwrap();
}

#[test]
fn what_reads_up_to_a_delimiter_goes_on_after_a_signal() {
    block_on(async {
        let mut bytes = Vec::new();
        assert_eq!(buffered().read_until(b'o', &mut bytes).await?, 5);
        let mut line = String::new();
        assert_eq!(buffered().read_line(&mut line).await?, 6);
        assert_eq!(line, "hello\n");
        let mut lines = buffered().lines();
        assert_eq!(lines.next_line().await?.as_deref(), Some("hello"));
        assert_eq!(lines.next_line().await?.as_deref(), Some("world"));
        let mut pieces = buffered().split(b'l');
        assert_eq!(pieces.next_segment().await?, Some(b"he".to_vec()));
        io::Result::Ok(())
    })
    .unwrap();
}

#[test]
fn what_writes_all_goes_on_after_a_signal() {
    block_on(async {
        let mut all = writer();
        all.write_all(b"hello").await?;
        assert_eq!(all.output, b"hello");
        for is_vectored in [false, true] {
            let mut all = writer();
            all.is_vectored = is_vectored;
            let mut buf = bytes::Buf::chain(&b"hel"[..], &b"lo"[..]);
            all.write_all_buf(&mut buf).await?;
            assert_eq!(all.output, b"hello");
        }
        let mut number = writer();
        number.write_u64(7).await?;
        assert_eq!(number.output, 7_u64.to_be_bytes());
        let mut buffer = BufWriter::new(writer());
        buffer.write_all(b"hello").await?;
        // The script has a signal left for the flush of the writer itself.
        while buffer.flush().await.is_err() {}
        assert_eq!(buffer.get_ref().output, b"hello");
        io::Result::Ok(())
    })
    .unwrap();
}

#[test]
fn what_copies_goes_on_after_a_signal() {
    block_on(async {
        let mut copy = writer();
        assert_eq!(io::copy(&mut reader(), &mut copy).await?, 11);
        assert_eq!((&copy.output[..], copy.flushed), (&b"hello\nworld"[..], 11));
        let mut copy = writer();
        assert_eq!(io::copy_buf(&mut buffered(), &mut copy).await?, 11);
        let mut one = io::join(reader(), writer());
        let mut two = io::join(reader(), writer());
        assert_eq!(io::copy_bidirectional(&mut one, &mut two).await?, (11, 11));
        assert!(one.writer().is_shut_down && two.writer().is_shut_down);
        io::Result::Ok(())
    })
    .unwrap();
}

#[test]
fn a_single_read_or_write_tells_of_the_signal() {
    block_on(async {
        let error = reader().read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        let error = writer().write(&[0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        let error = buffered().fill_buf().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
    });
}

#[test]
fn signals_without_end_do_not_hold_up_a_timeout() {
    struct Signals;
    impl AsyncRead for Signals {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Poll::Ready(Err(ErrorKind::Interrupted.into()))
        }
    }
    let runtime = runtime::rt::Runtime::new().unwrap();
    runtime.block_on(async {
        let soon = Duration::from_millis(1);
        let (mut bytes, mut signals) = (Vec::new(), Signals);
        let all = signals.read_to_end(&mut bytes);
        assert!(runtime::time::timeout(soon, all).await.is_err());
        let mut signals = BufReader::new(Signals);
        let line = signals.read_until(b'x', &mut bytes);
        assert!(runtime::time::timeout(soon, line).await.is_err());
    });
}
