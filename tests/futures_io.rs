//! With feature `futures-io` the streams are those of the futures crate as well.
#![cfg(feature = "futures-io")]

use futures::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use runtime::io::{BufReader, BufStream, Stderr, Stdin, Stdout};
use runtime::net::unix::pipe;
use runtime::net::{TcpListener, TcpStream, UnixStream};
use static_assertions::assert_impl_all;
use std::io;

assert_impl_all!(Stdin: futures::io::AsyncRead);
assert_impl_all!(Stdout: futures::io::AsyncWrite);
assert_impl_all!(Stderr: futures::io::AsyncWrite);
assert_impl_all!(BufStream<TcpStream>: futures::io::AsyncBufRead, futures::io::AsyncWrite);

/// Writes with one, closes it, and reads all with the other.
async fn talk(
    mut writer: impl futures::io::AsyncWrite + Unpin,
    mut reader: impl futures::io::AsyncRead + Unpin,
) -> io::Result<()> {
    writer.write_all(b"hello ").await?;
    let bufs = [b"wor", &b"ld"[..]].map(io::IoSlice::new);
    assert!(writer.write_vectored(&bufs).await? > 0);
    writer.flush().await?;
    writer.close().await?;
    drop(writer);
    let mut text = String::new();
    reader.read_to_string(&mut text).await?;
    assert!("hello world".starts_with(&text) && text.len() > 6, "{text}");
    Ok(())
}

#[test]
fn what_the_futures_crate_writes_to_a_stream_it_reads_at_the_other_end() {
    let runtime = runtime::rt::Runtime::new().expect("there are threads");
    let result: io::Result<()> = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = TcpStream::connect(listener.local_addr()?).await?;
        talk(client, listener.accept().await?.0).await?;
        let client = TcpStream::connect(listener.local_addr()?).await?;
        let (reader, _writer) = listener.accept().await?.0.into_split();
        talk(client.into_split().1, reader).await?;
        let (one, other) = UnixStream::pair()?;
        talk(one, other).await?;
        let (sender, receiver) = pipe::pipe()?;
        talk(sender, receiver).await?;
        let (one, other) = runtime::io::duplex(64);
        talk(one, other).await
    });
    result.expect("they talk");
}

#[test]
fn a_buffered_reader_gives_the_futures_crate_lines() {
    let runtime = runtime::rt::Runtime::new().expect("there are threads");
    let result: io::Result<()> = runtime.block_on(async {
        let (mut one, other) = UnixStream::pair()?;
        one.write_all(b"one\ntwo\n").await?;
        let mut reader = BufReader::new(other);
        let mut line = String::new();
        reader.read_line(&mut line).await?;
        reader.read_line(&mut line).await?;
        assert_eq!(line, "one\ntwo\n");
        Ok(())
    });
    result.expect("there are lines");
}
