//! Options of TCP and UDP sockets, and how connections end.

mod net_support;

use net_support::{on_all, pair};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd, IntoRawFd, OwnedFd};
use std::time::Duration;

#[test]
fn what_is_set_before_connecting_is_told_and_kept() {
    on_all(|| async {
        let socket = TcpSocket::new_v4()?;
        socket.set_keepalive(true)?;
        socket.set_reuseaddr(true)?;
        socket.set_reuseport(true)?;
        socket.set_nodelay(true)?;
        socket.set_tos_v4(0x10)?;
        socket.set_linger(Some(Duration::from_secs(3)))?;
        socket.set_send_buffer_size(20_000)?;
        socket.set_recv_buffer_size(20_000)?;
        assert!(socket.keepalive()? && socket.reuseaddr()? && socket.reuseport()?);
        assert!(socket.nodelay()?);
        assert_eq!(socket.tos_v4()?, 0x10);
        assert_eq!(socket.linger()?, Some(Duration::from_secs(3)));
        assert!(socket.send_buffer_size()? >= 20_000 && socket.recv_buffer_size()? >= 20_000);
        assert_eq!(socket.device()?, None);
        assert!(socket.take_error()?.is_none());
        socket.set_zero_linger()?;
        assert_eq!(socket.linger()?, Some(Duration::ZERO));
        socket.set_linger(None)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let stream = socket.connect(listener.local_addr()?).await?;
        assert!(stream.nodelay()?);
        assert_eq!(stream.linger()?, None);
        stream.set_quickack(false)?;
        assert!(!stream.quickack()?);
        stream.set_ttl(9)?;
        assert_eq!(stream.ttl()?, 9);
        let same: &TcpStream = stream.as_ref();
        assert_eq!(same.as_raw_fd(), stream.as_raw_fd());
        Ok(())
    });
}

#[test]
fn the_traffic_class_is_set_where_there_is_ipv6() {
    on_all(|| async {
        let Ok(socket) = TcpSocket::new_v6() else {
            eprintln!("skipped, there is no IPv6 here");
            return Ok(());
        };
        socket.set_tclass_v6(0x20)?;
        assert_eq!(socket.tclass_v6()?, 0x20);
        if let Ok(socket) = UdpSocket::bind("[::1]:0").await {
            socket.set_tclass_v6(0x20)?;
            assert_eq!(socket.tclass_v6()?, 0x20);
            socket.set_multicast_loop_v6(false)?;
            assert!(!socket.multicast_loop_v6()?);
        }
        Ok(())
    });
}

#[test]
fn hundreds_of_clients_fit_into_the_queue_of_a_listener() {
    let limit = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
    let limit: usize = limit
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(128);
    let clients = limit.min(400);
    let runtime = runtime::rt::Runtime::new().expect("there are threads");
    let result: std::io::Result<()> = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut connected = Vec::new();
        for _ in 0..clients {
            let limit = Duration::from_millis(900);
            let connect = runtime::time::timeout(limit, TcpStream::connect(address));
            connected.push(connect.await.expect("it is answered at once")?);
        }
        for _ in 0..clients {
            listener.accept().await?;
        }
        Ok(())
    });
    result.expect("there are descriptors");
}

#[test]
fn zero_linger_resets_and_an_ordinary_end_does_not() {
    on_all(|| async {
        let (client, mut server) = pair().await?;
        client.set_zero_linger()?;
        drop(client);
        let error = server.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let (client, mut server) = pair().await?;
        drop(client);
        assert_eq!(server.read(&mut [0; 1]).await?, 0);
        Ok(())
    });
}

#[test]
fn a_half_that_was_ended_leaves_the_other_for_as_long_as_it_takes() {
    on_all(|| async {
        let (mut client, mut server) = pair().await?;
        client.shutdown().await?;
        assert_eq!(server.read(&mut [0; 1]).await?, 0);
        for _ in 0..50 {
            server.write_all(&[7; 1000]).await?;
            client.read_exact(&mut [0; 1000]).await?;
        }
        assert_eq!(
            client.write(b"x").await.unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
        server.shutdown().await?;
        assert_eq!(client.read(&mut [0; 1]).await?, 0);
        Ok(())
    });
}

#[test]
fn a_socket_goes_through_its_descriptor_and_comes_back() {
    on_all(|| async {
        let socket = TcpSocket::new_v4()?;
        socket.set_nodelay(true)?;
        let number = socket.as_raw_fd();
        let fd: OwnedFd = socket.into();
        assert_eq!(fd.as_raw_fd(), number);
        let socket = TcpSocket::from(fd);
        assert!(socket.nodelay()?);
        assert_eq!(socket.as_fd().as_raw_fd(), number);
        let duplicate = TcpSocket::from(socket.as_fd().try_clone_to_owned()?);
        assert_ne!(duplicate.into_raw_fd(), number);
        Ok(())
    });
}

#[test]
fn a_child_that_inherits_nothing_leaves_the_peer_its_end() {
    on_all(|| async {
        let (client, mut server) = pair().await?;
        let mut child = std::process::Command::new("sleep").arg("60").spawn()?;
        drop(client);
        let end = server.read(&mut [0; 1]).await;
        child.kill()?;
        child.wait()?;
        assert_eq!(end?, 0, "no other process has the descriptor");
        Ok(())
    });
}

/// The calls that `strace` lets fail with a signal, or for a connection that is gone.
#[test]
fn interrupted_calls_and_aborted_connections_do_not_reach_the_user() {
    const CHILD: &str = "TCP_OPTIONS_UNDER_STRACE";
    if std::env::var_os(CHILD).is_some() {
        on_all(|| async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            for _ in 0..10 {
                let mut client = TcpStream::connect(listener.local_addr()?).await?;
                let (mut server, _) = listener.accept().await?;
                client.write_all(b"hello").await?;
                server.read_exact(&mut [0; 5]).await?;
            }
            Ok(())
        });
        return;
    }
    let program = std::env::current_exe().expect("there is a program");
    let test = "interrupted_calls_and_aborted_connections_do_not_reach_the_user";
    let output = std::process::Command::new("strace")
        .args(["--seccomp-bpf", "-f", "-o", "/dev/null"])
        .args(["-e", "trace=accept4,recvfrom,sendto"])
        .args(["-e", "inject=accept4:error=ECONNABORTED:when=1+3"])
        .args(["-e", "inject=recvfrom,sendto:error=EINTR:when=1+3"])
        .arg(program)
        .args([test, "--exact", "--test-threads=1"])
        .env(CHILD, "1")
        .output();
    match output {
        Ok(output) => {
            let (out, err) = (output.stdout, output.stderr);
            let text = String::from_utf8_lossy(&[out, err].concat()).into_owned();
            if text.contains("ptrace(") || text.contains("PTRACE") {
                eprintln!("skipped, `strace` is not allowed here: {text}");
                return;
            }
            assert!(output.status.success(), "{text}");
        }
        Err(error) => eprintln!("skipped, there is no `strace` here: {error}"),
    }
}
