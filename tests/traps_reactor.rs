//! What sockets have failed by elsewhere: events of a socket that is gone, sockets away from
//! their runtime, waiters that overwrite each other.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream, UdpSocket};
use runtime::rt::{Builder, Runtime};
use runtime::task::JoinSet;
use runtime::time::{Duration, timeout};
use runtimes::{with_workers, within};
use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

const LIMIT: Duration = Duration::from_secs(20);

fn on_small(claim: impl Fn(Runtime) + Send + Copy + 'static) {
    for mut builder in [
        Builder::new_current_thread(),
        with_workers(1),
        with_workers(2),
    ] {
        within("a small runtime", move || claim(builder.build().unwrap()));
    }
}

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = TcpStream::connect(address).await.unwrap();
    (client, listener.accept().await.unwrap().0)
}

/// Ten thousand connections in all, each of which leaves events behind when it goes.
#[test]
fn late_events_of_sockets_that_are_gone_reach_no_other_socket() {
    on_small(|runtime| {
        let task = runtime.spawn(async {
            let (mut quiet, mut peer) = pair().await;
            while quiet.try_write(&[0; 1024]).is_ok() {}
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            for round in 0..3400u32 {
                let mut client = TcpStream::connect(address).await.unwrap();
                let (mut server, _) = listener.accept().await.unwrap();
                // A new one has nothing to read, whoever had its place before.
                let error = server.try_read(&mut [0; 8]).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                client.write_all(&round.to_be_bytes()).await.unwrap();
                if round % 3 > 0 {
                    assert_eq!(server.read_u32().await.unwrap(), round);
                }
                // A reset reaches the other side just before that one goes as well.
                client.set_zero_linger().unwrap();
                drop(client);
                if round % 2 > 0 {
                    runtime::task::yield_now().await;
                }
                drop(server);
                let mut cx = Context::from_waker(Waker::noop());
                assert!(pin!(quiet.readable()).poll(&mut cx).is_pending());
                assert!(pin!(quiet.writable()).poll(&mut cx).is_pending());
            }
            peer.write_all(b"for you").await.unwrap();
            let mut text = [0; 7];
            quiet.read_exact(&mut text).await.unwrap();
            assert_eq!(&text, b"for you");
        });
        runtime.block_on(task).unwrap();
    });
}

#[test]
fn a_socket_works_in_another_runtime_until_its_own_one_ends_and_then_errs() {
    on_small(|other| {
        let own = with_workers(1).build().unwrap();
        let (mut client, mut server) = own.block_on(pair());
        let (mut far, to_go) = own.block_on(pair());
        let datagrams = own.block_on(UdpSocket::bind("127.0.0.1:0")).unwrap();

        let client = other.block_on(async {
            let echo = runtime::spawn(async move {
                let mut text = [0; 5];
                server.read_exact(&mut text).await.unwrap();
                server.write_all(&text).await.unwrap();
                server
            });
            client.write_all(b"there").await.unwrap();
            let mut text = [0; 5];
            let reading = client.read_exact(&mut text);
            timeout(LIMIT, reading).await.expect("it hangs").unwrap();
            assert_eq!(&text, b"there");
            drop(echo.await.unwrap());
            client
        });

        // What is taken out can be put into the other runtime, also after the end.
        let to_go = to_go.into_std().unwrap();
        drop(own);
        other.block_on(async {
            let ended = "shut down";
            let error = timeout(LIMIT, client.readable()).await.expect("it hangs");
            let error = error.expect_err("it has ended");
            assert!(error.to_string().contains(ended), "{error}");
            let mut buffer = [0; 8];
            let receiving = datagrams.recv_from(&mut buffer);
            let error = timeout(LIMIT, receiving).await.expect("it hangs");
            let error = error.expect_err("it has ended");
            assert!(error.to_string().contains(ended), "{error}");
            let error = timeout(LIMIT, far.read(&mut [0; 8]))
                .await
                .expect("it hangs");
            let error = error.expect_err("it has ended");
            assert!(error.to_string().contains(ended), "{error}");

            let mut moved = TcpStream::from_std(to_go).unwrap();
            let mut back = TcpStream::from_std(far.into_std().unwrap()).unwrap();
            moved.write_all(b"moved").await.unwrap();
            let mut text = [0; 5];
            let reading = back.read_exact(&mut text);
            timeout(LIMIT, reading).await.expect("it hangs").unwrap();
            assert_eq!(&text, b"moved");
        });
    });
}

#[test]
fn a_socket_that_waits_from_another_runtime_is_told_when_its_own_one_ends() {
    on_small(|other| {
        let own = with_workers(1).build().unwrap();
        let (mut client, _server) = own.block_on(pair());
        let waiting = other.spawn(async move { client.read(&mut [0; 8]).await });
        other.block_on(runtime::task::yield_now());
        drop(own);
        let error = other.block_on(async { timeout(LIMIT, waiting).await });
        let error = error.expect("it hangs").unwrap();
        let error = error.expect_err("it has ended");
        assert!(error.to_string().contains("shut down"), "{error}");
    });
}

#[test]
fn a_socket_may_be_dropped_in_another_runtime_and_after_its_own_one() {
    on_small(|other| {
        for _ in 0..20 {
            let own = with_workers(1).build().unwrap();
            let (client, server) = own.block_on(pair());
            other.block_on(async move { drop(client) });
            drop(own);
            drop(server);
        }
    });
}

#[test]
fn all_who_wait_for_the_same_direction_of_a_socket_are_woken() {
    on_small(|runtime| {
        let all = async {
            for _ in 0..20 {
                let (client, mut server) = pair().await;
                let client = Arc::new(client);
                while client.try_write(&[0; 4096]).is_ok() {}
                let mut waiting = JoinSet::new();
                for _ in 0..10 {
                    let (reader, writer) = (client.clone(), client.clone());
                    waiting.spawn(async move { reader.readable().await.unwrap() });
                    waiting.spawn(async move { writer.writable().await.unwrap() });
                }
                for _ in 0..3 {
                    runtime::task::yield_now().await;
                }
                server.write_all(b"1").await.unwrap();
                let draining = runtime::spawn(async move {
                    while server.read(&mut [0; 65536]).await.is_ok_and(|n| n > 0) {}
                });
                let ended = timeout(LIMIT, waiting.join_all()).await;
                assert_eq!(ended.expect("one was not woken").len(), 20);
                drop(client);
                draining.await.unwrap();
            }
        };
        let task = runtime.spawn(all);
        runtime.block_on(task).unwrap();
    });
}

#[test]
fn tasks_that_receive_from_one_socket_get_all_datagrams_though_some_give_up() {
    on_small(|runtime| {
        let task = runtime.spawn(async {
            let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
            let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let address = socket.local_addr().unwrap();
            for _ in 0..200 {
                let mut receiving = JoinSet::new();
                for _ in 0..4 {
                    let socket = socket.clone();
                    receiving.spawn(async move { socket.recv(&mut [0; 8]).await });
                }
                let gives_up = runtime::spawn({
                    let socket = socket.clone();
                    async move { timeout(Duration::from_micros(300), socket.readable()).await }
                });
                runtime::task::yield_now().await;
                for _ in 0..4 {
                    sender.send_to(b"one", address).await.unwrap();
                }
                let all = timeout(LIMIT, receiving.join_all()).await;
                for received in all.expect("one was not woken") {
                    assert_eq!(received.unwrap(), 3);
                }
                let _ = gives_up.await.unwrap();
            }
        });
        runtime.block_on(task).unwrap();
    });
}

#[test]
fn a_wait_that_is_polled_by_another_task_wakes_that_one() {
    on_small(|runtime| {
        let task = runtime.spawn(async {
            let (client, mut server) = pair().await;
            let client = Arc::new(client);
            let mut wait = Box::pin(async move { client.readable().await });
            for _ in 0..5 {
                // Each polls it once and hands it on.
                let polled = runtime::spawn(async move {
                    let now = std::future::poll_fn(|cx| match wait.as_mut().poll(cx) {
                        Poll::Pending => Poll::Ready(true),
                        Poll::Ready(_) => Poll::Ready(false),
                    });
                    assert!(now.await, "there is nothing to read");
                    (wait,)
                });
                (wait,) = polled.await.unwrap();
            }
            let last = runtime::spawn(wait);
            runtime::task::yield_now().await;
            server.write_all(b"1").await.unwrap();
            let woken = timeout(LIMIT, last).await;
            woken.expect("the last one was not woken").unwrap().unwrap();
        });
        runtime.block_on(task).unwrap();
    });
}
