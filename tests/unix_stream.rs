//! Unix sockets for connections.

mod net_support;

use net_support::{a_while, on_all};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::{UnixListener, UnixSocket, UnixStream};
use socket2::SockRef;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind, IoSlice};
use std::os::fd::AsRawFd;
use std::panic::Location;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// An abstract name that nobody else has.
fn name() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    format!("\0runtime-test-{}-{number}", std::process::id())
}

/// A path that is removed at the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        let name = name().replace('\0', "");
        Place(std::env::temp_dir().join(name))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn polled<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_listener_is_found_by_its_path_and_by_its_abstract_name() {
    on_all(|| async {
        let place = Place::new();
        let listener = UnixListener::bind(&place.0)?;
        assert_eq!(listener.local_addr()?.as_pathname(), Some(&*place.0));
        let client = UnixStream::connect(&place.0).await?;
        assert_eq!(client.peer_addr()?.as_pathname(), Some(&*place.0));
        let (server, peer) = listener.accept().await?;
        assert!(peer.is_unnamed() && server.peer_addr()?.is_unnamed());
        let again = UnixListener::bind(&place.0).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AddrInUse);
        drop(listener);
        let late = UnixStream::connect(&place.0).await.unwrap_err();
        assert_eq!(late.kind(), ErrorKind::ConnectionRefused);

        let name = name();
        let listener = UnixListener::bind(&name)?;
        let address = listener.local_addr()?;
        assert_eq!(address.as_abstract_name(), Some(&name.as_bytes()[1..]));
        let mut client = UnixStream::connect_addr(&address).await?;
        let (mut server, _) = poll_fn(|cx| listener.poll_accept(cx)).await?;
        client.write_all(b"hello").await?;
        drop(client);
        let mut text = String::new();
        server.read_to_string(&mut text).await?;
        assert_eq!(text, "hello");
        Ok(())
    });
}

#[test]
fn each_side_ends_its_direction_and_goes_on_with_the_other() {
    on_all(|| async {
        let (mut one, mut other) = UnixStream::pair()?;
        one.write_all(b"question").await?;
        one.shutdown().await?;
        one.shutdown().await?;
        let mut text = String::new();
        other.read_to_string(&mut text).await?;
        assert_eq!(text, "question");
        other.write_all(b"answer").await?;
        drop(other);
        let mut text = String::new();
        one.read_to_string(&mut text).await?;
        assert_eq!(text, "answer");
        assert_eq!(
            one.write(b"x").await.unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
        Ok(())
    });
}

#[test]
fn megabytes_go_both_ways_at_once() {
    on_all(|| async {
        let (one, other) = UnixStream::pair()?;
        let echo = runtime::spawn(async move {
            let (mut reader, mut writer) = other.into_split();
            runtime::io::copy(&mut reader, &mut writer).await
        });
        let (mut reader, mut writer) = one.into_split();
        let sent: Vec<u8> = (0..2_000_000_u32).map(|at| (at / 7) as u8).collect();
        let expected = sent.clone();
        let sending = runtime::spawn(async move { writer.write_all(&sent).await });
        let mut received = Vec::new();
        reader.read_to_end(&mut received).await?;
        assert!(received == expected);
        sending.await.expect("no panic")?;
        assert_eq!(echo.await.expect("no panic")?, 2_000_000);
        Ok(())
    });
}

#[test]
fn halves_reunite_only_with_their_own_and_forgetting_does_not_end() {
    on_all(|| async {
        let (one, mut other) = UnixStream::pair()?;
        let (reader, writer) = one.into_split();
        let (reader2, writer2) = UnixStream::pair()?.0.into_split();
        let error = reader.reunite(writer2).unwrap_err();
        assert!(!error.to_string().is_empty());
        let runtime::net::unix::ReuniteError(reader, writer2) = error;
        drop((reader2, writer2));
        let one = writer.reunite(reader).expect("they belong together");
        let (mut reader, writer) = one.into_split();
        writer.forget();
        assert_eq!(
            other.try_read(&mut [0; 1]).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        other.write_all(b"x").await?;
        assert_eq!(reader.read_u8().await?, b'x');
        drop(reader);

        let (mut one, other) = UnixStream::pair()?;
        let (reader, writer) = other.into_split();
        drop(writer);
        assert_eq!(one.read(&mut [0; 1]).await?, 0);
        one.write_all(b"still read").await?;
        reader.readable().await?;
        assert_eq!(reader.try_read(&mut [0; 16])?, 10);
        Ok(())
    });
}

/// Sends bytes together with a descriptor.
fn send_descriptor(socket: &SockRef<'_>, bytes: &[u8]) -> io::Result<()> {
    // A `cmsghdr`: its length, SOL_SOCKET, SCM_RIGHTS; then the descriptor, and padding.
    let mut control = 20_usize.to_ne_bytes().to_vec();
    for word in [1, 1, socket.as_raw_fd(), 0] {
        control.extend_from_slice(&i32::to_ne_bytes(word));
    }
    let bufs = [IoSlice::new(bytes)];
    let message = socket2::MsgHdr::new()
        .with_buffers(&bufs)
        .with_control(&control);
    socket.sendmsg(&message, 0).map(|_| ())
}

/// A read stops behind what came with a descriptor, however much room there is.
#[test]
fn what_lies_behind_a_message_with_a_descriptor_is_read_without_a_new_event() {
    on_all(|| async {
        let (one, mut other) = UnixStream::pair()?;
        let read = runtime::spawn(async move {
            let mut all = Vec::new();
            other.read_to_end(&mut all).await.map(|_| all)
        });
        a_while().await;
        let socket = SockRef::from(&one);
        socket.send(b"abc")?;
        send_descriptor(&socket, b"def")?;
        socket.send(b"ghi")?;
        socket.shutdown(std::net::Shutdown::Write)?;
        assert_eq!(read.await.expect("no panic")?, b"abcdefghi");
        Ok(())
    });
}

/// All three lie there before the first read, so that one event tells of them, and no end does.
#[test]
fn a_read_that_stops_short_at_a_descriptor_or_at_urgent_data_does_not_count_as_the_last() {
    on_all(|| async {
        let (one, mut other) = UnixStream::pair()?;
        let socket = SockRef::from(&one);
        let mut room = [0; 64];
        // The reader has to wait once: then the selector knows of it. And it leaves room.
        let first = async {
            a_while().await;
            socket.send(b"a")
        };
        let (read, sent) = runtime::join!(other.read(&mut room), first);
        assert_eq!((read?, sent?), (1, 1));

        socket.send(b"abc")?;
        send_descriptor(&socket, b"def")?;
        socket.send(b"ghi")?;
        let mut all = Vec::new();
        while all.len() < 9 {
            let count = other.read(&mut room).await?;
            all.extend_from_slice(&room[..count]);
        }
        assert_eq!(all, b"abcdefghi");

        socket.send(b"abc")?;
        match socket.send_out_of_band(b"!") {
            // Not every system has urgent data here.
            Err(_) => return Ok(()),
            Ok(count) => assert_eq!(count, 1),
        }
        socket.send(b"ghi")?;
        all.clear();
        while !all.ends_with(b"ghi") {
            let count = other.read(&mut room).await?;
            all.extend_from_slice(&room[..count]);
        }
        assert!(all.starts_with(b"abc"));
        Ok(())
    });
}

#[test]
fn a_writer_waits_while_there_is_no_room_and_all_who_wait_are_woken() {
    on_all(|| async {
        let (one, mut other) = UnixStream::pair()?;
        let one = Arc::new(one);
        let mut written = 0;
        loop {
            match one.try_write(&[1; 4096]) {
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let waiting: Vec<_> = (0..5)
            .map(|_| {
                let one = one.clone();
                runtime::spawn(async move { one.writable().await })
            })
            .collect();
        a_while().await;
        assert!(waiting.iter().all(|task| !task.is_finished()));
        let mut all = vec![0; written];
        other.read_exact(&mut all).await?;
        for task in waiting {
            task.await.expect("no panic")?;
        }
        let ready = one.ready(Interest::READABLE | Interest::WRITABLE).await?;
        assert!(ready.is_writable() && !ready.is_readable());
        drop(other);
        one.readable().await?;
        assert_eq!(one.try_read(&mut [0; 1])?, 0);
        Ok(())
    });
}

#[test]
fn a_cancelled_accept_loses_no_connection() {
    on_all(|| async {
        let name = name();
        let listener = UnixListener::bind(&name)?;
        let mut accepted = 0;
        for _ in 0..20 {
            let client = UnixStream::connect(&name).await?;
            {
                let mut accept = pin!(listener.accept());
                if polled(accept.as_mut()).is_ready() {
                    accepted += 1;
                    continue;
                }
            }
            listener.accept().await?;
            accepted += 1;
            drop(client);
        }
        assert_eq!(accepted, 20);
        Ok(())
    });
}

#[test]
fn a_full_queue_is_told_and_not_waited_for() {
    on_all(|| async {
        let name = name();
        let socket = UnixSocket::new_stream()?;
        socket.bind(&name)?;
        let listener = socket.listen(1)?;
        let mut clients = Vec::new();
        let error = loop {
            match UnixStream::connect(&name).await {
                Ok(client) => clients.push(client),
                Err(error) => break error,
            }
            assert!(clients.len() < 10);
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        listener.accept().await?;
        UnixStream::connect(&name).await?;
        Ok(())
    });
}

#[test]
fn a_socket_of_one_kind_is_not_used_as_one_of_the_other() {
    on_all(|| async {
        let kinds = [
            UnixSocket::new_datagram()?.listen(1).unwrap_err(),
            UnixSocket::new_datagram()?
                .connect(name())
                .await
                .unwrap_err(),
            UnixSocket::new_stream()?.datagram().unwrap_err(),
        ];
        assert!(
            kinds
                .iter()
                .all(|error| error.kind() == ErrorKind::InvalidInput)
        );
        let long = "x".repeat(200);
        for error in [
            UnixListener::bind(&long).unwrap_err(),
            UnixStream::connect(&long).await.unwrap_err(),
            UnixSocket::new_stream()?.bind("a\0b").unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
        Ok(())
    });
}

#[test]
fn the_peer_has_a_name_as_a_process() {
    on_all(|| async {
        let name = name();
        let listener = UnixListener::bind(&name)?;
        let client = UnixStream::connect(&name).await?;
        let (server, _) = listener.accept().await?;
        let cred = server.peer_cred()?;
        assert_eq!(cred.pid(), Some(std::process::id() as i32));
        assert_eq!(cred.uid(), rustix::process::geteuid().as_raw());
        assert_eq!(cred, client.peer_cred()?);
        Ok(())
    });
}

#[test]
fn streams_go_to_the_standard_library_and_come_back() {
    on_all(|| async {
        let (one, mut other) = UnixStream::pair()?;
        let one = one.into_std()?;
        let mut one = UnixStream::try_from(one)?;
        one.write_all(b"hello").await?;
        let mut greeting = [0; 5];
        other.read_exact(&mut greeting).await?;
        let name = name();
        let listener = UnixListener::try_from(UnixListener::bind(&name)?.into_std()?)?;
        let client = UnixStream::connect(&name).await?;
        listener.accept().await?;
        assert!(client.take_error()?.is_none() && listener.take_error()?.is_none());
        Ok(())
    });
}

#[test]
fn what_waits_ends_with_an_error_when_its_runtime_is_gone() {
    for runtime in net_support::runtimes() {
        let name = name();
        let (one, other, listener) = runtime
            .block_on(async {
                let (one, other) = UnixStream::pair()?;
                io::Result::Ok((one, other, UnixListener::bind(&name)?))
            })
            .expect("there are descriptors");
        let mut read = pin!(one.readable());
        assert!(polled(read.as_mut()).is_pending());
        let mut accept = pin!(listener.accept());
        assert!(polled(accept.as_mut()).is_pending());
        drop(runtime);
        assert!(futures::executor::block_on(read).is_err());
        assert!(futures::executor::block_on(accept).is_err());
        assert!(other.try_write(b"x").is_err());
    }
}

#[test]
fn a_reader_that_is_always_ready_lets_a_time_out_fire() {
    on_all(|| async {
        let (mut one, mut other) = UnixStream::pair()?;
        let endless = async {
            loop {
                one.write_all(&[0; 64]).await.expect("it is read");
                other.read_exact(&mut [0; 64]).await.expect("it is written");
            }
        };
        let end = runtime::time::timeout(Duration::from_millis(20), endless).await;
        assert!(end.is_err());
        Ok(())
    });
}

#[test]
fn outside_of_a_runtime_the_caller_is_told() {
    let here = Location::caller().file();
    let attempts: [fn(); 4] = [
        || drop(UnixStream::pair()),
        || drop(UnixListener::bind(name())),
        || drop(UnixSocket::new_stream().map(|socket| socket.listen(1))),
        || drop(futures::executor::block_on(UnixStream::connect(name()))),
    ];
    for attempt in attempts {
        let message = panic_of(attempt);
        assert!(message.contains("runtime"), "{message}");
        assert!(message.contains(here), "{message}");
    }
}

/// What the panic says, and where it is.
fn panic_of(f: fn()) -> String {
    use std::sync::Mutex;
    static TEXT: Mutex<String> = Mutex::new(String::new());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|panic| {
        *TEXT.lock().expect("no panic") = panic.to_string();
    }));
    let result = std::panic::catch_unwind(f);
    std::panic::set_hook(before);
    assert!(result.is_err(), "it does not panic");
    TEXT.lock().expect("no panic").clone()
}
