//! Connecting to several addresses (RFC 8305).

mod net_support;

use net_support::{descriptors, on_all};
use runtime::net::{TcpListener, TcpStream};
use socket2::{Domain, Socket, Type};
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

/// The claims count descriptors: one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A listener whose queue is full: it does not answer.
struct Silent {
    address: SocketAddr,
    _listener: Socket,
    _queue: Vec<Socket>,
}

impl Silent {
    fn new() -> io::Result<Silent> {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
        listener.listen(0)?;
        let address = listener.local_addr()?.as_socket().expect("it is of IPv4");
        let mut queue = Vec::new();
        for _ in 0..4 {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            socket.set_nonblocking(true)?;
            let _ = socket.connect(&address.into());
            queue.push(socket);
        }
        Ok(Silent {
            address,
            _listener: listener,
            _queue: queue,
        })
    }
}

/// An address at which nobody listens.
fn refusing() -> io::Result<SocketAddr> {
    std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()
}

#[test]
fn the_next_attempt_begins_after_a_quarter_of_a_second_and_the_losers_are_closed() {
    let _alone = ALONE.lock();
    on_all(|| async {
        let silent = Silent::new()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let before = descriptors();
        let start = Instant::now();
        let stream = TcpStream::connect(&[silent.address, address][..]).await?;
        let took = start.elapsed();
        assert_eq!(stream.peer_addr()?, address);
        assert!(took >= Duration::from_millis(250), "{took:?}");
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert_eq!(descriptors(), before + 1, "the loser is closed");
        Ok(())
    });
}

#[test]
fn a_failure_starts_the_next_attempt_at_once_and_the_first_success_ends_all() {
    let _alone = ALONE.lock();
    on_all(|| async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let silent = Silent::new()?;
        let start = Instant::now();
        let mut addresses = vec![refusing()?; 20];
        addresses.extend([address, silent.address]);
        let stream = TcpStream::connect(&addresses[..]).await?;
        assert_eq!(stream.peer_addr()?, address);
        // A quarter of a second after each, it would be five.
        assert!(start.elapsed() < Duration::from_secs(4));
        Ok(())
    });
}

#[test]
fn when_all_fail_the_error_names_each() {
    let _alone = ALONE.lock();
    on_all(|| async {
        let addresses = [refusing()?, refusing()?, refusing()?];
        let error = TcpStream::connect(&addresses[..]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let text = error.to_string();
        for address in addresses {
            assert!(text.contains(&address.to_string()), "{text}");
        }
        Ok(())
    });
}

#[test]
fn a_race_that_is_dropped_closes_all_its_sockets() {
    let _alone = ALONE.lock();
    on_all(|| async {
        let silent = [Silent::new()?, Silent::new()?, Silent::new()?];
        let addresses = silent.each_ref().map(|silent| silent.address);
        let before = descriptors();
        let race = TcpStream::connect(&addresses[..]);
        let limited = runtime::time::timeout(Duration::from_millis(300), race).await;
        assert!(limited.is_err(), "nobody answers");
        assert_eq!(descriptors(), before);
        let mut race = pin!(TcpStream::connect(&addresses[..]));
        let poll = race.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
        assert_eq!(
            descriptors(),
            before + 1,
            "one attempt at a time in the beginning"
        );
        Ok(())
    });
}
