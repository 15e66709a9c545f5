//! UDP keeps its promises: a datagram comes whole or cut off but never merged, from whom it
//! says; nobody who waits is forgotten.

mod net_support;

use net_support::{a_while, on_all};
use runtime::io::{Interest, ReadBuf};
use runtime::net::UdpSocket;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

async fn two() -> io::Result<(UdpSocket, UdpSocket)> {
    let a = UdpSocket::bind("127.0.0.1:0").await?;
    let b = UdpSocket::bind("127.0.0.1:0").await?;
    Ok((a, b))
}

async fn connected() -> io::Result<(UdpSocket, UdpSocket)> {
    let (a, b) = two().await?;
    a.connect(b.local_addr()?).await?;
    b.connect(a.local_addr()?).await?;
    Ok((a, b))
}

#[test]
fn datagrams_go_to_whom_they_are_sent_and_tell_from_whom_they_are() {
    on_all(|| async {
        let (a, b) = two().await?;
        let to_b = b.local_addr()?;
        let answering = runtime::spawn(async move {
            let mut buffer = [0; 64];
            let (count, from) = b.recv_from(&mut buffer).await?;
            b.send_to(&buffer[..count], from).await
        });
        a_while().await;
        a.send_to(b"to b", to_b).await?;
        let mut buffer = [0; 64];
        assert_eq!(a.recv_from(&mut buffer).await?, (4, to_b));
        assert_eq!(&buffer[..4], b"to b");
        assert_eq!(answering.await.unwrap()?, 4);
        Ok(())
    });
}

#[test]
fn a_connected_socket_hears_nobody_else() {
    on_all(|| async {
        let (a, b) = connected().await?;
        let stranger = UdpSocket::bind("127.0.0.1:0").await?;
        stranger.send_to(b"psst", a.local_addr()?).await?;
        b.send(b"hello").await?;
        let mut buffer = [0; 64];
        assert_eq!(a.recv(&mut buffer).await?, 5);
        assert_eq!(&buffer[..5], b"hello");
        assert_eq!(a.peer_addr()?, b.local_addr()?);
        Ok(())
    });
}

#[test]
fn what_does_not_fit_is_cut_off_and_the_next_one_is_whole() {
    on_all(|| async {
        let (a, b) = connected().await?;
        b.send(b"0123456789").await?;
        b.send(b"next").await?;
        let mut small = [0; 4];
        assert_eq!(a.recv(&mut small).await?, 4);
        assert_eq!(&small, b"0123");
        assert_eq!(a.recv(&mut small).await?, 4);
        assert_eq!(&small, b"next");
        Ok(())
    });
}

#[test]
fn a_datagram_of_length_zero_is_one() {
    on_all(|| async {
        let (a, b) = connected().await?;
        assert_eq!(b.send(b"").await?, 0);
        b.send(b"x").await?;
        let mut buffer = [7; 4];
        assert_eq!(a.recv(&mut buffer).await?, 0);
        assert_eq!(a.recv(&mut buffer).await?, 1);
        Ok(())
    });
}

#[test]
fn peeking_leaves_the_datagram_where_it_is() {
    on_all(|| async {
        let (a, b) = connected().await?;
        b.send(b"hello").await?;
        let mut buffer = [0; 64];
        assert_eq!(a.peek(&mut buffer).await?, 5);
        assert_eq!(a.peek_from(&mut buffer).await?, (5, b.local_addr()?));
        assert_eq!(a.peek_sender().await?, b.local_addr()?);
        assert_eq!(a.try_peek(&mut buffer)?, 5);
        assert_eq!(a.try_peek_from(&mut buffer)?, (5, b.local_addr()?));
        assert_eq!(a.try_peek_sender()?, b.local_addr()?);
        assert_eq!(poll_fn(|cx| a.poll_peek_sender(cx)).await?, b.local_addr()?);
        assert_eq!(a.recv(&mut buffer).await?, 5);
        let nothing = a.try_recv(&mut buffer).expect_err("it was taken");
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
        Ok(())
    });
}

#[test]
fn buffers_that_are_not_initialised_are_appended_to() {
    on_all(|| async {
        let (a, b) = connected().await?;
        let mut buffer = Vec::with_capacity(64);
        for word in [&b"one "[..], b"two ", b"three ", b"four"] {
            b.send(word).await?;
        }
        a.recv_buf(&mut buffer).await?;
        assert_eq!(a.recv_buf_from(&mut buffer).await?, (4, b.local_addr()?));
        a.readable().await?;
        a.try_recv_buf(&mut buffer)?;
        a.try_recv_buf_from(&mut buffer)?;
        assert_eq!(buffer, b"one two three four");
        Ok(())
    });
}

#[test]
fn all_forms_of_polling_send_and_receive() {
    on_all(|| async {
        let (a, b) = connected().await?;
        let to_a = a.local_addr()?;
        poll_fn(|cx| b.poll_send_ready(cx)).await?;
        poll_fn(|cx| b.poll_send(cx, b"12")).await?;
        poll_fn(|cx| b.poll_send_to(cx, b"345", to_a)).await.ok();
        poll_fn(|cx| b.poll_send(cx, b"6789")).await?;
        poll_fn(|cx| a.poll_recv_ready(cx)).await?;
        let mut memory = [0; 64];
        let mut buf = ReadBuf::new(&mut memory);
        poll_fn(|cx| a.poll_peek(cx, &mut buf)).await?;
        assert_eq!(buf.filled(), b"12");
        assert_eq!(
            poll_fn(|cx| a.poll_peek_from(cx, &mut buf)).await?,
            b.local_addr()?
        );
        assert_eq!(buf.filled(), b"1212");
        poll_fn(|cx| a.poll_recv(cx, &mut buf)).await?;
        assert_eq!(buf.filled(), b"121212");
        assert_eq!(
            poll_fn(|cx| a.poll_recv_from(cx, &mut buf)).await?,
            b.local_addr()?
        );
        Ok(())
    });
}

#[test]
fn each_of_many_tasks_that_receive_is_woken_and_each_datagram_is_received_once() {
    on_all(|| async {
        let (a, b) = two().await?;
        let to_a = a.local_addr()?;
        let a = Arc::new(a);
        let count = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let (a, count) = (a.clone(), count.clone());
                runtime::spawn(async move {
                    let mut buffer = [0; 8];
                    a.recv_from(&mut buffer).await?;
                    count.fetch_add(1, Ordering::Relaxed);
                    io::Result::Ok(())
                })
            })
            .collect();
        a_while().await;
        for _ in 0..16 {
            b.send_to(b"for one", to_a).await?;
        }
        for task in tasks {
            task.await.unwrap()?;
        }
        assert_eq!(count.load(Ordering::Relaxed), 16);
        let mut buffer = [0; 8];
        assert!(a.try_recv_from(&mut buffer).is_err(), "all were received");
        Ok(())
    });
}

#[test]
fn a_refusal_reaches_who_receives_and_the_socket_lives_on() {
    on_all(|| async {
        let (a, b) = two().await?;
        let gone = b.local_addr()?;
        drop(b);
        a.connect(gone).await?;
        a.send(b"anybody?").await?;
        let mut buffer = [0; 8];
        let error = a.recv(&mut buffer).await.expect_err("nobody is there");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let back = UdpSocket::bind(gone).await?;
        a.send(b"now?").await?;
        let (count, from) = back.recv_from(&mut buffer).await?;
        assert_eq!(count, 4);
        back.send_to(b"yes", from).await?;
        assert_eq!(a.recv(&mut buffer).await?, 3);
        Ok(())
    });
}

#[test]
fn own_operations_wait_for_readiness_too() {
    on_all(|| async {
        let (a, b) = connected().await?;
        let early = a.try_io(Interest::READABLE, || {
            socket2::SockRef::from(&a).peek_sender().map(|_| ())
        });
        assert_eq!(
            early.expect_err("nothing was sent").kind(),
            ErrorKind::WouldBlock
        );
        b.send(b"x").await?;
        let sender = a
            .async_io(Interest::READABLE, || {
                socket2::SockRef::from(&a).peek_sender()
            })
            .await?;
        assert_eq!(sender.as_socket(), Some(b.local_addr()?));
        assert!(b.ready(Interest::WRITABLE).await?.is_writable());
        b.writable().await?;
        assert_eq!(b.try_send(b"yz")?, 2);
        Ok(())
    });
}

#[test]
fn options_are_set_and_told() {
    on_all(|| async {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        socket.set_broadcast(true)?;
        socket.set_multicast_loop_v4(false)?;
        socket.set_multicast_ttl_v4(3)?;
        socket.set_ttl(9)?;
        assert!(socket.broadcast()? && !socket.multicast_loop_v4()?);
        assert_eq!((socket.multicast_ttl_v4()?, socket.ttl()?), (3, 9));
        assert!(socket.take_error()?.is_none());
        let group = Ipv4Addr::new(224, 0, 0, 77);
        if socket.join_multicast_v4(group, Ipv4Addr::LOCALHOST).is_ok() {
            socket.leave_multicast_v4(group, Ipv4Addr::LOCALHOST)?;
        }
        let socket = UdpSocket::from_std(socket.into_std()?)?;
        assert!(socket.broadcast()?);
        Ok(())
    });
}
