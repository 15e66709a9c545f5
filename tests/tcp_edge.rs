//! TCP at its edges: cancelled operations, thousands of connections, no descriptors left, a
//! runtime that ends underneath, use without a runtime.

mod net_support;

use net_support::{Numbers, a_while, descriptors, on_all, pair, runtimes};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls a few times and drops.
async fn cancelled<T>(future: impl Future<Output = T>, after: usize) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..after {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return Some(output);
        }
        runtime::task::yield_now().await;
    }
    None
}

#[test]
fn a_cancelled_read_or_write_loses_no_byte() {
    on_all(|| async {
        let (mut client, mut server) = pair().await?;
        let total = 200_000;
        let sending = runtime::spawn(async move {
            let mut numbers = Numbers(5);
            let mut sent = 0;
            while sent < total {
                let chunk: Vec<u8> = (sent..total.min(sent + 700)).map(|at| at as u8).collect();
                match cancelled(client.write(&chunk), numbers.below(3)).await {
                    Some(count) => sent += count?,
                    None => runtime::task::yield_now().await,
                }
            }
            client.shutdown().await
        });
        let mut numbers = Numbers(6);
        let mut received = 0;
        let mut buffer = [0; 600];
        loop {
            match cancelled(server.read(&mut buffer), numbers.below(3)).await {
                Some(Ok(0)) => break,
                Some(count) => {
                    for byte in &buffer[..count?] {
                        assert_eq!(*byte, received as u8);
                        received += 1;
                    }
                }
                None => runtime::task::yield_now().await,
            }
        }
        assert_eq!(received, total);
        sending.await.unwrap()
    });
}

#[test]
fn a_cancelled_accept_loses_no_connection() {
    on_all(|| async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let connecting = runtime::spawn(async move {
            let mut streams = Vec::new();
            for _ in 0..50 {
                streams.push(TcpStream::connect(address).await?);
                runtime::task::yield_now().await;
            }
            io::Result::Ok(streams)
        });
        let mut accepted = 0;
        let mut numbers = Numbers(7);
        while accepted < 50 {
            match cancelled(listener.accept(), numbers.below(3)).await {
                Some(stream) => {
                    stream?;
                    accepted += 1;
                }
                None => a_moment().await,
            }
        }
        assert_eq!(connecting.await.unwrap()?.len(), 50);
        Ok(())
    });
}

async fn a_moment() {
    runtime::time::sleep(Duration::from_micros(200)).await;
}

#[test]
fn a_waiter_that_gives_up_does_not_take_the_wake_up_along() {
    on_all(|| async {
        let (client, mut server) = pair().await?;
        let client = Arc::new(client);
        let waiters: Vec<_> = (0..4)
            .map(|_| {
                let client = client.clone();
                runtime::spawn(async move { client.readable().await })
            })
            .collect();
        a_while().await;
        waiters[0].abort();
        waiters[2].abort();
        server.write_all(b"x").await?;
        for (index, waiter) in waiters.into_iter().enumerate() {
            match waiter.await {
                Ok(ready) => ready?,
                Err(error) => assert!(error.is_cancelled() && index % 2 == 0),
            }
        }
        Ok(())
    });
}

#[test]
fn what_waits_ends_with_an_error_when_its_runtime_is_dropped() {
    for other in runtimes() {
        let ended = runtime::rt::Runtime::new().expect("there are threads");
        let (listener, client, server, socket) = ended
            .block_on(async {
                let (client, server) = pair().await?;
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let socket = UdpSocket::bind("127.0.0.1:0").await?;
                io::Result::Ok((listener, client, server, socket))
            })
            .expect("sockets can be had");
        other.block_on(async {
            let nothing = server.try_read(&mut [0; 8]).expect_err("nothing was sent");
            assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
            let server = Arc::new(server);
            let listener = Arc::new(listener);
            let (mut reader, mut writer) = client.into_split();
            let accepting = runtime::spawn({
                let listener = listener.clone();
                async move { listener.accept().await.map(|_| ()) }
            });
            let waiting = runtime::spawn({
                let server = server.clone();
                async move { server.readable().await }
            });
            let reading = runtime::spawn(async move { reader.read_u8().await.map(|_| ()) });
            let receiving =
                runtime::spawn(async move { socket.recv(&mut [0; 8]).await.map(|_| ()) });
            a_while().await;
            ended.shutdown_background();
            for task in [accepting, waiting, reading, receiving] {
                let limited = runtime::time::timeout(Duration::from_secs(20), task).await;
                let error = limited
                    .expect("it hangs")
                    .unwrap()
                    .expect_err("it has ended");
                assert!(error.to_string().contains("shut down"), "{error}");
            }
            let error = writer
                .write_all(b"too late")
                .await
                .expect_err("it has ended");
            assert!(error.to_string().contains("shut down"), "{error}");
            let error = server.try_read(&mut [0; 8]).expect_err("it has ended");
            assert!(error.to_string().contains("shut down"), "{error}");
            assert!(listener.accept().await.is_err());
        });
    }
}

#[test]
fn without_a_runtime_the_message_names_the_line_that_asked() {
    fn message(f: impl FnOnce()) -> String {
        let payload = std::panic::catch_unwind(AssertUnwindSafe(f)).expect_err("it panics");
        let text = payload.downcast_ref::<String>().cloned();
        text.unwrap_or_else(|| {
            payload
                .downcast_ref::<&str>()
                .map_or("", |text| text)
                .to_owned()
        })
    }
    let poll = |future: &mut dyn FnMut(&mut Context<'_>)| {
        future(&mut Context::from_waker(Waker::noop()));
    };
    let line = line!() + 1;
    let mut connect = Box::pin(TcpStream::connect("127.0.0.1:1"));
    let text = message(|| poll(&mut |cx| drop(connect.as_mut().poll(cx))));
    assert!(text.contains(&format!("tcp_edge.rs:{line}")), "{text}");
    let text = message(|| {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
        drop(UdpSocket::from_std(socket));
    });
    assert!(text.contains("runtime"), "{text}");
    let text = message(|| drop(TcpSocket::new_v4().expect("a socket").listen(1)));
    assert!(text.contains("runtime"), "{text}");
}

#[test]
fn a_connection_that_is_always_ready_starves_nobody() {
    on_all(|| async {
        let (mut client, mut server) = pair().await?;
        let stop = Arc::new(AtomicBool::new(false));
        let sending = runtime::spawn({
            let stop = stop.clone();
            async move {
                let chunk = vec![0; 64 * 1024];
                while !stop.load(Ordering::Relaxed) && server.write_all(&chunk).await.is_ok() {}
            }
        });
        let receiving = runtime::spawn(async move {
            let mut byte = [0; 1];
            while client.read(&mut byte).await.is_ok_and(|count| count > 0) {}
        });
        let started = Instant::now();
        for _ in 0..10 {
            runtime::time::sleep(Duration::from_millis(2)).await;
        }
        for _ in 0..100 {
            runtime::task::yield_now().await;
        }
        assert!(started.elapsed() < Duration::from_secs(20));
        stop.store(true, Ordering::Relaxed);
        receiving.abort();
        sending.abort();
        let _ = runtime::join!(receiving, sending);
        Ok(())
    });
}

/// Runs the test of this name in a process of its own, in which the variable is set.
fn alone(test: &str) -> bool {
    if std::env::var_os("NET_TEST_ALONE").is_some() {
        return true;
    }
    let program = std::env::current_exe().expect("the test binary");
    let output = Command::new(program)
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env("NET_TEST_ALONE", "1")
        .output()
        .expect("it can be run again");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    false
}

/// Five thousand, or as many as the limit has room for, at two descriptors each.
fn connections() -> usize {
    let mut limit = 0;
    limits::set_descriptors(|limits| {
        limit = limits.rlim_cur as usize;
        limits.rlim_cur
    });
    (limit.saturating_sub(200) / 2).min(5000)
}

fn limit_descriptors(choose: impl FnOnce(libc::rlimit) -> libc::rlim_t) {
    limits::set_descriptors(choose);
}

/// Unsafe code: std has no way to set the limits of a process.
mod limits {
    #![allow(unsafe_code)]

    pub(crate) fn set_descriptors(choose: impl FnOnce(libc::rlimit) -> libc::rlim_t) {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the pointer is valid for the call.
        let got = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
        assert_eq!(got, 0);
        limit.rlim_cur = choose(limit);
        // SAFETY: the pointer is valid for the call.
        let set = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
        assert_eq!(set, 0);
    }
}

#[test]
fn thousands_of_connections_work_at_once_and_leave_no_descriptor_behind() {
    if !alone("thousands_of_connections_work_at_once_and_leave_no_descriptor_behind") {
        return;
    }
    limit_descriptors(|limit| limit.rlim_max);
    let before = descriptors();
    on_all(|| async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = runtime::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await?;
                drop(runtime::spawn(async move {
                    let number = stream.read_u32().await?;
                    stream.write_u32(number + 1).await
                }));
            }
            #[allow(unreachable_code)] // says the type of the block
            io::Result::Ok(())
        });
        let mut streams = Vec::new();
        for _ in 0..connections() {
            streams.push(TcpStream::connect(address).await?);
        }
        for (number, stream) in streams.iter_mut().enumerate() {
            stream.write_u32(number as u32).await?;
        }
        for (number, stream) in streams.iter_mut().enumerate() {
            assert_eq!(stream.read_u32().await?, number as u32 + 1);
        }
        server.abort();
        assert!(server.await.is_err_and(|error| error.is_cancelled()));
        Ok(())
    });
    let deadline = Instant::now() + Duration::from_secs(10);
    while descriptors() > before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(
        descriptors() <= before,
        "{} before, {} after",
        before,
        descriptors()
    );
}

#[test]
fn an_accept_loop_without_descriptors_pauses_and_recovers_by_itself() {
    if !alone("an_accept_loop_without_descriptors_pauses_and_recovers_by_itself") {
        return;
    }
    on_all(|| async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = std::net::TcpStream::connect(listener.local_addr()?)?;
        runtime::time::sleep(Duration::from_millis(1)).await;
        let mut hoard = Vec::new();
        limit_descriptors(|_| descriptors() as libc::rlim_t + 20);
        while let Ok(file) = std::fs::File::open("/dev/null") {
            hoard.push(file);
        }
        let started = Instant::now();
        let mut failures = 0;
        while started.elapsed() < Duration::from_millis(300) {
            // A `select!` that drops the accept must not make it begin anew.
            let accept = runtime::time::timeout(Duration::from_millis(3), listener.accept());
            match accept.await {
                Ok(Err(error)) => {
                    assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
                    failures += 1;
                }
                Ok(Ok(_)) => panic!("there was a descriptor left"),
                Err(_) => {}
            }
        }
        assert!(
            (3..20).contains(&failures),
            "{failures} in {:?}",
            started.elapsed()
        );
        let failure = poll_fn(|cx| listener.poll_accept(cx)).await;
        assert!(failure.is_err(), "there is still no descriptor");
        let mut last = pin!(poll_fn(|cx| listener.poll_accept(cx)));
        assert!(poll(last.as_mut()).is_pending(), "whoever polls pauses too");
        hoard.clear();
        let (_, peer) = last.await?;
        assert_eq!(peer, client.local_addr()?);
        assert!(started.elapsed() < Duration::from_secs(3));
        let next = std::net::TcpStream::connect(listener.local_addr()?)?;
        let (_, peer) = listener.accept().await?;
        assert_eq!(peer, next.local_addr()?);
        limit_descriptors(|limit| limit.rlim_max);
        Ok(())
    });
}

#[test]
fn sockets_can_be_shared_and_sent_and_so_can_what_they_return() {
    fn check<T: Send + Sync + Unpin + std::fmt::Debug>() {}
    fn is_send<T: Send>(_: &T) {}
    check::<TcpListener>();
    check::<TcpSocket>();
    check::<TcpStream>();
    check::<UdpSocket>();
    check::<runtime::net::tcp::ReadHalf<'_>>();
    check::<runtime::net::tcp::WriteHalf<'_>>();
    check::<runtime::net::tcp::OwnedReadHalf>();
    check::<runtime::net::tcp::OwnedWriteHalf>();
    check::<runtime::net::tcp::ReuniteError>();
    is_send(&TcpStream::connect("127.0.0.1:1"));
    is_send(&TcpListener::bind("127.0.0.1:1"));
    is_send(&UdpSocket::bind(("localhost", 1)));
    is_send(&runtime::net::lookup_host("localhost:1"));
    on_all(|| async {
        let (client, server) = pair().await?;
        let mut buffer = [0; 1];
        is_send(&client.readable());
        is_send(&client.writable());
        is_send(&client.peek(&mut buffer));
        is_send(&server.async_io(runtime::io::Interest::READABLE, || Ok(())));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        is_send(&listener.accept());
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        is_send(&socket.recv_from(&mut buffer));
        is_send(&socket.send_to(&[], "127.0.0.1:1"));
        let kind = TcpStream::connect("").await.expect_err("no address").kind();
        assert_eq!(kind, ErrorKind::InvalidInput);
        Ok(())
    });
}

#[test]
fn an_accepted_connection_is_readable_only_once_there_is_something_to_read() {
    on_all(|| async {
        let (mut client, mut server) = pair().await?;
        for _ in 0..2 {
            assert!(cancelled(server.readable(), 3).await.is_none());
            let polled = poll_fn(|cx| Poll::Ready(server.poll_read_ready(cx))).await;
            assert!(polled.is_pending());
            client.write_all(b"abc").await?;
            server.readable().await?;
            // Less than the room that there is, so all is read.
            assert_eq!(server.read(&mut [0; 8]).await?, 3);
        }
        assert!(server.ready(Interest::WRITABLE).await?.is_writable());
        Ok(())
    });
}

#[test]
fn an_accepted_connection_that_was_read_empty_is_not_readable() {
    on_all(|| async {
        let (mut client, mut server) = pair().await?;
        client.write_all(b"abc").await?;
        assert_eq!(server.read(&mut [0; 8]).await?, 3);
        assert!(cancelled(server.readable(), 3).await.is_none());
        drop(client);
        server.readable().await?;
        assert_eq!(server.read(&mut [0; 8]).await?, 0);
        Ok(())
    });
}
