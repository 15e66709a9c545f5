//! TCP keeps its promises: bytes come in order and whole, in both directions at a time;
//! ends are seen as ends and breaks as breaks; whoever waits is woken.

mod net_support;

use net_support::{Numbers, a_while, on_all, pair};
use runtime::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest};
use runtime::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const BYTES: usize = 64 << 20;

/// The byte at a position of the stream that all tests send.
fn byte_at(position: usize) -> u8 {
    (position % 251) as u8
}

async fn send_all(mut writer: impl AsyncWrite + Unpin, total: usize, seed: u64) -> io::Result<()> {
    let mut numbers = Numbers(seed);
    let pattern: Vec<u8> = (0..251 * 1200).map(byte_at).collect();
    let mut sent = 0;
    while sent < total {
        let start = sent % 251;
        let count = (1 + numbers.below(256 * 1024)).min(total - sent);
        writer.write_all(&pattern[start..start + count]).await?;
        sent += count;
    }
    writer.shutdown().await
}

async fn receive_all(mut reader: impl AsyncRead + Unpin, seed: u64) -> io::Result<usize> {
    let mut numbers = Numbers(seed);
    let pattern: Vec<u8> = (0..251 * 1200).map(byte_at).collect();
    let mut buffer = vec![0; 256 * 1024];
    let mut received = 0;
    loop {
        let room = 1 + numbers.below(buffer.len());
        let count = reader.read(&mut buffer[..room]).await?;
        if count == 0 {
            return Ok(received);
        }
        let start = received % 251;
        assert!(
            buffer[..count] == pattern[start..start + count],
            "at {received}"
        );
        received += count;
    }
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let (reader, writer) = stream.split();
    let mut reader = reader;
    let mut writer = writer;
    runtime::io::copy(&mut reader, &mut writer).await?;
    writer.shutdown().await
}

#[test]
fn megabytes_are_echoed_through_borrowed_halves_in_chunks_of_any_size() {
    on_all(|| async {
        let (mut client, server) = pair().await?;
        let server = runtime::spawn(echo(server));
        let (reader, writer) = client.split();
        let (sent, received) = runtime::join!(send_all(writer, BYTES, 11), receive_all(reader, 12));
        sent?;
        assert_eq!(received?, BYTES);
        server.await.unwrap()
    });
}

#[test]
fn megabytes_go_both_ways_at_once_through_owned_halves() {
    on_all(|| async {
        let (client, server) = pair().await?;
        let mut tasks = Vec::new();
        for (stream, seed) in [(client, 21), (server, 22)] {
            let (reader, writer) = stream.into_split();
            let sending = runtime::spawn(send_all(writer, BYTES, seed));
            let receiving = runtime::spawn(receive_all(reader, seed + 10));
            tasks.push((sending, receiving));
        }
        for (sending, receiving) in tasks {
            sending.await.unwrap()?;
            assert_eq!(receiving.await.unwrap()?, BYTES);
        }
        Ok(())
    });
}

#[test]
fn either_side_can_end_its_direction_and_go_on_with_the_other() {
    on_all(|| async {
        for swapped in [false, true] {
            let (a, b) = pair().await?;
            let (mut first, mut second) = if swapped { (b, a) } else { (a, b) };
            first.write_all(b"last words").await?;
            first.shutdown().await?;
            let mut text = String::new();
            second.read_to_string(&mut text).await?;
            assert_eq!(text, "last words");
            assert_eq!(second.read(&mut [0; 8]).await?, 0, "the end stays");
            second.write_all(b"answer").await?;
            let mut answer = [0; 6];
            first.read_exact(&mut answer).await?;
            assert_eq!(&answer, b"answer");
            second.shutdown().await?;
            assert_eq!(first.read(&mut [0; 8]).await?, 0);
            first.shutdown().await?;
        }
        Ok(())
    });
}

#[test]
fn dropping_the_owned_write_half_ends_its_direction_and_forgetting_it_does_not() {
    on_all(|| async {
        let (client, mut server) = pair().await?;
        let (mut reader, mut writer) = client.into_split();
        writer.write_all(b"x").await?;
        drop(writer);
        let mut text = String::new();
        server.read_to_string(&mut text).await?;
        assert_eq!(text, "x");
        server.write_all(b"y").await?;
        assert_eq!(reader.read_u8().await?, b'y');

        let (client, mut server) = pair().await?;
        let (reader, writer) = client.into_split();
        writer.forget();
        let mut buffer = [0; 1];
        let read = runtime::time::timeout(
            std::time::Duration::from_millis(20),
            server.read(&mut buffer),
        );
        assert!(read.await.is_err(), "it is still open");
        drop(reader);
        assert_eq!(server.read(&mut buffer).await?, 0);
        Ok(())
    });
}

#[test]
fn halves_of_two_streams_do_not_reunite_and_come_back() {
    on_all(|| async {
        let (a, b) = pair().await?;
        let (a_reader, a_writer) = a.into_split();
        let (b_reader, b_writer) = b.into_split();
        let error = a_reader
            .reunite(b_writer)
            .expect_err("they are not of one stream");
        assert!(!error.to_string().is_empty());
        let (a_reader, b_writer) = (error.0, error.1);
        let mut a = a_writer.reunite(a_reader).expect("they are of one stream");
        let mut b = b_reader.reunite(b_writer).expect("they are of one stream");
        a.write_all(b"still there").await?;
        let mut text = [0; 11];
        b.read_exact(&mut text).await?;
        assert_eq!(&text, b"still there");
        Ok(())
    });
}

#[test]
fn a_reset_is_seen_by_who_reads_and_by_who_waits() {
    on_all(|| async {
        let (client, mut server) = pair().await?;
        let waiting = runtime::spawn(async move { server.read(&mut [0; 8]).await });
        a_while().await;
        client.set_zero_linger()?;
        drop(client);
        let error = waiting.await.unwrap().expect_err("it was reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        Ok(())
    });
}

/// Addresses at which nobody listens.
fn nobody() -> Vec<SocketAddr> {
    let held: Vec<_> = (0..2)
        .map(|_| std::net::TcpListener::bind("127.0.0.1:0").expect("a free port"))
        .collect();
    held.iter()
        .map(|listener| listener.local_addr().expect("bound"))
        .collect()
}

#[test]
fn a_refused_connect_says_so_and_the_error_of_several_names_each() {
    on_all(|| async {
        let nobody = nobody();
        let error = TcpStream::connect(nobody[0])
            .await
            .expect_err("nobody is there");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(error.raw_os_error(), Some(libc::ECONNREFUSED));

        let error = TcpStream::connect(&nobody[..])
            .await
            .expect_err("nobody is there");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        for address in nobody {
            assert!(error.to_string().contains(&address.to_string()), "{error}");
        }
        let none: &[SocketAddr] = &[];
        let error = TcpStream::connect(none).await.expect_err("nowhere to go");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        Ok(())
    });
}

#[test]
fn the_next_address_is_tried_when_one_refuses_and_beside_one_that_is_silent() {
    on_all(|| async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut addresses = nobody();
        addresses.push(listener.local_addr()?);
        let stream = TcpStream::connect(&addresses[..]).await?;
        assert_eq!(stream.peer_addr()?, listener.local_addr()?);

        // A full queue: the system drops what comes, and the attempt gets no answer.
        let full = TcpSocket::new_v4()?;
        full.bind("127.0.0.1:0".parse().unwrap())?;
        let full = full.listen(0)?;
        let silent = full.local_addr()?;
        let mut held = Vec::new();
        for _ in 0..2 {
            let connect = TcpStream::connect(silent);
            let limit = std::time::Duration::from_millis(50);
            if let Ok(stream) = runtime::time::timeout(limit, connect).await {
                held.push(stream?);
            }
        }
        let started = std::time::Instant::now();
        let stream = TcpStream::connect(&[silent, listener.local_addr()?][..]).await?;
        assert_eq!(stream.peer_addr()?, listener.local_addr()?);
        let taken = started.elapsed().as_millis();
        assert!((200..900).contains(&taken), "{taken} ms");
        Ok(())
    });
}

#[test]
fn names_are_looked_up_and_literals_are_not() {
    on_all(|| async {
        let listener = TcpListener::bind(("localhost", 0)).await?;
        let port = listener.local_addr()?.port();
        TcpStream::connect(format!("localhost:{port}")).await?;
        let found: Vec<_> = lookup_host("127.0.0.1:9").await?.collect();
        assert_eq!(found, ["127.0.0.1:9".parse().unwrap()]);
        assert!(lookup_host("no port").await.is_err());
        Ok(())
    });
}

#[test]
fn what_is_written_from_many_buffers_arrives_in_order() {
    on_all(|| async {
        let (mut client, mut server) = pair().await?;
        let parts: Vec<Vec<u8>> = (0..3000).map(|part| vec![part as u8; 100]).collect();
        let sending = runtime::spawn(async move {
            let mut left: &[Vec<u8>] = &parts;
            let mut skip = 0;
            while !left.is_empty() {
                let numbered = left.iter().enumerate();
                let slices: Vec<_> = numbered
                    .map(|(index, part)| {
                        IoSlice::new(if index == 0 { &part[skip..] } else { part })
                    })
                    .collect();
                let mut count = client.write_vectored(&slices).await? + skip;
                while count >= 100 {
                    count -= 100;
                    left = &left[1..];
                }
                skip = count;
            }
            client.shutdown().await
        });
        let mut received = Vec::new();
        server.read_to_end(&mut received).await?;
        assert_eq!(received.len(), 300_000);
        assert!(
            received
                .iter()
                .enumerate()
                .all(|(at, byte)| *byte == (at / 100) as u8)
        );
        sending.await.unwrap()
    });
}

#[test]
fn trying_says_would_block_until_readable_and_reads_what_is_there() {
    on_all(|| async {
        let (client, mut server) = pair().await?;
        let mut buffer = [0; 16];
        let early = client.try_read(&mut buffer).expect_err("nothing was sent");
        assert_eq!(early.kind(), ErrorKind::WouldBlock);
        server.write_all(b"0123456789").await?;
        client.readable().await?;
        let (mut one, mut two) = ([0; 4], [0; 4]);
        let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        assert_eq!(client.try_read_vectored(&mut bufs)?, 8);
        assert_eq!((&one, &two), (b"0123", b"4567"));
        let mut rest = Vec::with_capacity(8);
        assert_eq!(client.try_read_buf(&mut rest)?, 2);
        assert_eq!(rest, b"89");

        // Until there is no room, and again once there is.
        let chunk = vec![7; 64 * 1024];
        let mut written = 0;
        loop {
            match client.try_write(&chunk) {
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let ready = client.ready(Interest::WRITABLE);
        let full = runtime::time::timeout(std::time::Duration::from_millis(10), ready);
        assert!(full.await.is_err(), "there is no room");
        let mut sink = vec![0; written];
        server.read_exact(&mut sink).await?;
        client.writable().await?;
        assert!(client.try_write_vectored(&[IoSlice::new(b"a"), IoSlice::new(b"b")])? == 2);
        Ok(())
    });
}

#[test]
fn peeking_leaves_what_it_sees_and_does_not_stop_the_next_read() {
    on_all(|| async {
        let (mut client, mut server) = pair().await?;
        server.write_all(b"abc").await?;
        let mut large = [0; 64];
        for _ in 0..3 {
            assert_eq!(client.peek(&mut large).await?, 3);
        }
        let mut buf = runtime::io::ReadBuf::new(&mut large);
        let peeked = std::future::poll_fn(|cx| client.poll_peek(cx, &mut buf)).await?;
        assert_eq!((peeked, buf.filled()), (3, &b"abc"[..]));
        assert_eq!(client.read(&mut large).await?, 3);
        server.shutdown().await?;
        assert_eq!(client.peek(&mut large).await?, 0);
        Ok(())
    });
}

#[test]
fn a_reader_and_a_writer_task_share_one_socket() {
    on_all(|| async {
        let (client, server) = pair().await?;
        let server = runtime::spawn(echo(server));
        let client = Arc::new(client);
        let reading = runtime::spawn({
            let client = client.clone();
            async move {
                let mut total = 0;
                let mut buffer = [0; 4096];
                while total < 1 << 20 {
                    client.readable().await?;
                    match client.try_read(&mut buffer) {
                        Ok(0) => break,
                        Ok(count) => total += count,
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        Err(error) => return Err(error),
                    }
                }
                io::Result::Ok(total)
            }
        });
        let mut sent = 0;
        while sent < 1 << 20 {
            let chunk = [1; 3000];
            let left = ((1 << 20) - sent).min(chunk.len());
            sent += client
                .async_io(Interest::WRITABLE, || {
                    socket2::SockRef::from(&*client).send(&chunk[..left])
                })
                .await?;
        }
        assert_eq!(reading.await.unwrap()?, 1 << 20);
        drop(client);
        server.await.unwrap()
    });
}

#[test]
fn each_connection_goes_to_one_of_many_tasks_that_accept() {
    on_all(|| async {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").await?);
        let address = listener.local_addr()?;
        let accepted = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (listener, accepted) = (listener.clone(), accepted.clone());
                runtime::spawn(async move {
                    loop {
                        let (mut stream, _) = listener.accept().await?;
                        accepted.fetch_add(1, Ordering::Relaxed);
                        stream.write_all(b"!").await?;
                    }
                    #[allow(unreachable_code)] // says the type of the block
                    io::Result::Ok(())
                })
            })
            .collect();
        for _ in 0..10 {
            let clients: Vec<_> = (0..10)
                .map(|_| {
                    runtime::spawn(async move {
                        let mut stream = TcpStream::connect(address).await?;
                        stream.read_u8().await
                    })
                })
                .collect();
            for client in clients {
                assert_eq!(client.await.unwrap()?, b'!');
            }
        }
        assert_eq!(accepted.load(Ordering::Relaxed), 100);
        tasks.iter().for_each(|task| task.abort());
        Ok(())
    });
}

#[test]
fn poll_accept_takes_connections_too() {
    on_all(|| async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let connecting = runtime::spawn(TcpStream::connect(address));
        let (stream, peer) = std::future::poll_fn(|cx| listener.poll_accept(cx)).await?;
        assert_eq!(connecting.await.unwrap()?.local_addr()?, peer);
        assert_eq!(stream.local_addr()?, address);
        Ok(())
    });
}

#[test]
fn options_are_set_and_told() {
    on_all(|| async {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.set_reuseport(true)?;
        socket.set_keepalive(true)?;
        socket.set_send_buffer_size(64 * 1024)?;
        socket.set_recv_buffer_size(64 * 1024)?;
        assert!(socket.reuseaddr()? && socket.reuseport()? && socket.keepalive()?);
        assert!(socket.send_buffer_size()? >= 64 * 1024);
        assert!(socket.recv_buffer_size()? >= 64 * 1024);
        socket.bind("127.0.0.1:0".parse().unwrap())?;
        let listener = socket.listen(8)?;
        listener.set_ttl(33)?;
        assert_eq!(listener.ttl()?, 33);

        let socket = TcpSocket::new_v4()?;
        socket.set_nodelay(true)?;
        socket.set_zero_linger()?;
        let stream = socket.connect(listener.local_addr()?).await?;
        assert!(stream.nodelay()?);
        assert_eq!(stream.linger()?, Some(std::time::Duration::ZERO));
        stream.set_linger(None)?;
        stream.set_ttl(44)?;
        assert_eq!((stream.linger()?, stream.ttl()?), (None, 44));
        assert!(stream.take_error()?.is_none());
        Ok(())
    });
}

#[test]
fn sockets_go_to_the_standard_library_and_come_back() {
    on_all(|| async {
        let (client, mut server) = pair().await?;
        let client = client.into_std()?;
        let mut client = TcpStream::from_std(client)?;
        client.write_all(b"back").await?;
        let mut text = [0; 4];
        server.read_exact(&mut text).await?;
        assert_eq!(&text, b"back");

        let listener = TcpListener::bind("127.0.0.1:0").await?.into_std()?;
        let waiting = std::net::TcpStream::connect(listener.local_addr()?)?;
        let listener = TcpListener::try_from(listener)?;
        let (_, peer) = listener.accept().await?;
        assert_eq!(peer, waiting.local_addr()?);
        Ok(())
    });
}
