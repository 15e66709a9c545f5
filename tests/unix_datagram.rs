//! Unix sockets for datagrams.

mod net_support;

use net_support::{a_while, on_all};
use runtime::io::ReadBuf;
use runtime::net::{UnixDatagram, UnixSocket};
use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::net::Shutdown;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

/// An abstract name that nobody else has.
fn name() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    format!("\0runtime-dgram-{}-{number}", std::process::id())
}

#[test]
fn datagrams_are_answered_by_name_and_by_path() {
    on_all(|| async {
        let path = std::env::temp_dir().join(name().replace('\0', ""));
        let server = UnixDatagram::bind(&path)?;
        let name = name();
        let client = UnixDatagram::bind(&name)?;
        assert_eq!(client.send_to(b"ping", &path).await?, 4);
        let mut buffer = [0; 16];
        let (count, from) = server.recv_from(&mut buffer).await?;
        assert_eq!(&buffer[..count], b"ping");
        assert_eq!(from.as_abstract_name(), Some(&name.as_bytes()[1..]));
        server.send_to(b"pong", &name).await?;
        let mut answer = Vec::with_capacity(16);
        let (_, from) = client.recv_buf_from(&mut answer).await?;
        assert_eq!(answer, b"pong");
        assert_eq!(from.as_pathname(), Some(&*path));
        let mut memory = [0; 16];
        server.send_to(b"poll", &name).await?;
        let mut buf = ReadBuf::new(&mut memory);
        let from = poll_fn(|cx| client.poll_recv_from(cx, &mut buf)).await?;
        assert_eq!(from.as_pathname(), Some(&*path));
        std::fs::remove_file(&path)
    });
}

#[test]
fn a_datagram_comes_whole_or_cut_off_and_may_be_empty() {
    on_all(|| async {
        let (one, other) = UnixDatagram::pair()?;
        one.send(b"").await?;
        one.send(b"0123456789").await?;
        one.send(b"next").await?;
        let mut buffer = [0; 4];
        assert_eq!(other.recv(&mut buffer).await?, 0);
        assert_eq!(other.recv(&mut buffer).await?, 4);
        assert_eq!(&buffer, b"0123");
        assert_eq!(other.recv(&mut buffer).await?, 4);
        assert_eq!(&buffer, b"next");
        assert_eq!(
            other.try_recv(&mut buffer).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        Ok(())
    });
}

#[test]
fn a_connected_sender_waits_while_the_queue_is_full_and_nothing_is_lost() {
    on_all(|| async {
        let (one, other) = UnixDatagram::pair()?;
        let sending = runtime::spawn(async move {
            for number in 0..500_u32 {
                one.send(&number.to_ne_bytes()).await?;
            }
            std::io::Result::Ok(())
        });
        a_while().await;
        assert!(!sending.is_finished());
        for number in 0..500_u32 {
            let mut bytes = [0; 4];
            other.recv(&mut bytes).await?;
            assert_eq!(u32::from_ne_bytes(bytes), number);
        }
        sending.await.expect("no panic")
    });
}

/// The system does not tell a sender that is not connected when others' datagrams are gone.
#[test]
fn a_sender_that_is_not_connected_finds_room_that_others_left() {
    on_all(|| async {
        let name = name();
        let receiver = UnixDatagram::bind(&name)?;
        let first = UnixDatagram::unbound()?;
        let mut sent = 0;
        while first.try_send_to(b"first", &name).is_ok() {
            sent += 1;
            assert!(sent < 100_000);
        }
        let second = UnixDatagram::unbound()?;
        let theirs = name.clone();
        let sending = runtime::spawn(async move { second.send_to(b"second", theirs).await });
        a_while().await;
        assert!(!sending.is_finished());
        for _ in 0..sent {
            assert_eq!(receiver.recv(&mut [0; 16]).await?, 5);
        }
        assert_eq!(sending.await.expect("no panic")?, 6);
        assert_eq!(receiver.recv(&mut [0; 16]).await?, 6);
        Ok(())
    });
}

#[test]
fn all_who_wait_for_a_datagram_get_one() {
    on_all(|| async {
        let (one, other) = UnixDatagram::pair()?;
        let other = Arc::new(other);
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let other = other.clone();
                runtime::spawn(async move { other.recv(&mut [0; 8]).await })
            })
            .collect();
        a_while().await;
        for _ in 0..8 {
            one.send(b"x").await?;
        }
        for task in waiting {
            assert_eq!(task.await.expect("no panic")?, 1);
        }
        Ok(())
    });
}

#[test]
fn a_cancelled_receive_loses_nothing() {
    on_all(|| async {
        let (one, other) = UnixDatagram::pair()?;
        for number in 0..50_u8 {
            {
                let mut buffer = [0; 8];
                let mut recv = pin!(other.recv(&mut buffer));
                let mut cx = Context::from_waker(Waker::noop());
                assert!(recv.as_mut().poll(&mut cx).is_pending());
                one.send(&[number]).await?;
            }
            let mut byte = [0];
            assert_eq!(other.recv(&mut byte).await?, 1);
            assert_eq!(byte, [number]);
        }
        Ok(())
    });
}

#[test]
fn a_direction_can_be_ended_and_a_peer_can_be_gone() {
    on_all(|| async {
        let (one, _other) = UnixDatagram::pair()?;
        one.shutdown(Shutdown::Write)?;
        assert_eq!(
            one.send(b"x").await.unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
        let (one, other) = UnixDatagram::pair()?;
        other.shutdown(Shutdown::Read)?;
        assert_eq!(
            one.send(b"x").await.unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
        let (one, other) = UnixDatagram::pair()?;
        drop(other);
        assert_eq!(
            one.send(b"x").await.unwrap_err().kind(),
            ErrorKind::ConnectionRefused
        );
        let nobody = one.send_to(b"x", name()).await.unwrap_err();
        assert_eq!(nobody.kind(), ErrorKind::ConnectionRefused);
        Ok(())
    });
}

#[test]
fn sockets_go_to_the_standard_library_and_come_back() {
    on_all(|| async {
        let (one, other) = UnixDatagram::pair()?;
        let one = UnixDatagram::try_from(one.into_std()?)?;
        one.send(b"hello").await?;
        assert_eq!(other.recv(&mut [0; 8]).await?, 5);
        let socket = UnixSocket::new_datagram()?;
        let name = name();
        socket.bind(&name)?;
        let bound = socket.datagram()?;
        let free = UnixDatagram::unbound()?;
        assert_eq!(
            free.peer_addr().unwrap_err().kind(),
            ErrorKind::NotConnected
        );
        free.connect(&name)?;
        free.send(b"hi").await?;
        assert_eq!(bound.recv(&mut [0; 8]).await?, 2);
        Ok(())
    });
}

#[test]
fn a_loop_that_is_always_ready_lets_a_time_out_fire() {
    on_all(|| async {
        let (one, other) = UnixDatagram::pair()?;
        let endless = async {
            loop {
                one.send(b"x").await.expect("it is read");
                other.recv(&mut [0; 1]).await.expect("it was sent");
            }
        };
        let end = runtime::time::timeout(Duration::from_millis(20), endless).await;
        assert!(end.is_err());
        Ok(())
    });
}
