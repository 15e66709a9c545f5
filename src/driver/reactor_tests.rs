//! The reactor against real sockets, turned by hand.

use super::*;
use crate::driver::source::Source;
use crate::registry::{Interest, Side};
use mio::net::{TcpListener, TcpStream, UdpSocket, UnixStream};
use socket2::SockRef;
use std::fs::File;
use std::future::Future;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};
use std::time::Instant;

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A reactor, and one task that is polled by hand.
struct Bench {
    reactor: Arc<Reactor>,
    poller: Poller,
    count: Arc<Count>,
    waker: Waker,
}

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

impl Bench {
    fn new() -> Self {
        let (reactor, poller) = new(64).expect("descriptors");
        let count = Arc::new(Count::default());
        Bench {
            reactor: Arc::new(reactor),
            poller,
            waker: Waker::from(count.clone()),
            count,
        }
    }

    fn source<S: mio::event::Source>(&self, io: S, interest: Interest) -> Source<S> {
        let source = Source::new(io, interest, Ready::EMPTY, self.reactor.clone());
        source.expect("it can be registered")
    }

    fn turn(&mut self, limit: Option<Duration>) -> usize {
        let mut wakers = Vec::new();
        let turned = self.poller.turn(&self.reactor, limit, &mut wakers);
        wakers.into_iter().for_each(Waker::wake);
        turned.expect("a turn")
    }

    /// Turns until nothing more comes in.
    fn settle(&mut self) {
        while self.turn(Some(Duration::from_millis(20))) > 0 {}
    }

    /// Polls until it is ready.
    fn run<T>(&mut self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        let waker = self.waker.clone();
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let before = self.count.0.load(Ordering::Relaxed);
            if let Poll::Ready(value) = poll(&mut Context::from_waker(&waker)) {
                return value;
            }
            while self.count.0.load(Ordering::Relaxed) == before {
                assert!(Instant::now() < end, "no event comes");
                self.turn(Some(Duration::from_millis(100)));
            }
        }
    }

    fn ready<S: mio::event::Source>(&mut self, source: &Source<S>, interest: Interest) -> Ready {
        let mut readiness = Box::pin(source.readiness(interest));
        self.run(|cx| readiness.as_mut().poll(cx)).expect("open")
    }

    fn is_ready<S: mio::event::Source>(&mut self, source: &Source<S>, side: Side) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        source.poll_ready(side, &mut cx).is_ready()
    }

    fn read<S: mio::event::Source>(&mut self, source: &Source<S>) -> io::Result<Vec<u8>>
    where
        for<'a> &'a S: Read,
    {
        let mut buffer = [0; 16];
        let mut read = |mut io: &S| io.read(&mut buffer);
        let count = self.run(|cx| source.poll_io(Side::Read, cx, &mut read))?;
        Ok(buffer[..count].to_vec())
    }
}

/// A connected pair: ours, registered for `interest`, and the peer's, which blocks.
fn tcp(bench: &mut Bench, interest: Interest) -> (Source<TcpStream>, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let ours = TcpStream::connect(address).expect("begun");
    let (peer, _) = listener.accept().expect("a connection");
    let ours = bench.source(ours, interest);
    bench.settle();
    (ours, peer)
}

#[test]
fn a_listener_accepts_and_a_stream_reads_and_writes() {
    let mut bench = Bench::new();
    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).expect("a port");
    let address = listener.local_addr().expect("bound");
    let listener = bench.source(listener, Interest::READABLE);
    let client = TcpStream::connect(address).expect("begun");
    let client = bench.source(client, BOTH);
    let (server, _) = bench
        .run(|cx| listener.poll_io(Side::Read, cx, TcpListener::accept))
        .expect("a connection");
    let server = bench.source(server, BOTH);
    assert!(bench.ready(&client, Interest::WRITABLE).is_writable());
    assert!(client.take_error().expect("asked").is_none());
    let wrote = bench.run(|cx| client.poll_io(Side::Write, cx, |mut io| io.write(b"hello")));
    assert_eq!(wrote.expect("connected"), 5);
    assert_eq!(bench.read(&server).expect("connected"), b"hello");
    assert_eq!(bench.reactor.registry().len(), 3);
    drop((listener, client, server));
    assert_eq!(bench.reactor.registry().len(), 0);
}

#[test]
fn a_writer_waits_while_the_buffer_is_full_and_goes_on_when_it_is_drained() {
    let mut bench = Bench::new();
    let (ours, mut peer) = tcp(&mut bench, BOTH);
    let chunk = vec![7; 1 << 16];
    let mut sent = 0;
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(count) =
        ours.poll_stream(Side::Write, &mut cx, chunk.len(), |mut io| io.write(&chunk))
    {
        sent += count.expect("connected");
    }
    assert!(sent > 0);
    assert!(!bench.is_ready(&ours, Side::Write));
    let reader = std::thread::spawn(move || {
        let mut left = vec![0; sent];
        peer.read_exact(&mut left).expect("all of it");
        peer
    });
    let wrote = bench.run(|cx| ours.poll_io(Side::Write, cx, |mut io| io.write(b"on")));
    assert_eq!(wrote.expect("connected"), 2);
    drop(reader.join().expect("no panic"));
}

#[test]
fn a_peer_that_sends_no_more_closes_the_read_half_and_only_that() {
    let mut bench = Bench::new();
    let (ours, mut peer) = tcp(&mut bench, BOTH);
    peer.write_all(b"bye").expect("connected");
    peer.shutdown(Shutdown::Write).expect("connected");
    bench.settle();
    let ready = bench.ready(&ours, BOTH);
    assert!(ready.is_read_closed() && ready.is_writable());
    assert!(!ready.is_write_closed(), "half a close is no close");
    assert_eq!(bench.read(&ours).expect("data first"), b"bye");
    for _ in 0..3 {
        assert_eq!(bench.read(&ours).expect("then the end"), b"");
    }
    let wrote = bench.run(|cx| ours.poll_io(Side::Write, cx, |mut io| io.write(b"still")));
    assert_eq!(wrote.expect("the other half is open"), 5);
    let mut buffer = [0; 5];
    peer.read_exact(&mut buffer).expect("it arrives");
    assert_eq!(&buffer, b"still");
}

#[test]
fn a_short_read_before_the_end_does_not_put_the_end_to_sleep() {
    let mut bench = Bench::new();
    let (ours, mut peer) = tcp(&mut bench, BOTH);
    peer.write_all(b"bye").expect("connected");
    drop(peer);
    bench.settle();
    for expected in [3, 0, 0] {
        let mut buffer = [0; 64];
        let mut cx = Context::from_waker(Waker::noop());
        let poll = ours.poll_stream(Side::Read, &mut cx, 64, |mut io| io.read(&mut buffer));
        assert!(
            matches!(poll, Poll::Ready(Ok(count)) if count == expected),
            "{poll:?}"
        );
    }
}

#[test]
fn our_own_shutdown_of_writing_leaves_reading_open() {
    let mut bench = Bench::new();
    let (ours, mut peer) = tcp(&mut bench, BOTH);
    ours.shutdown(Shutdown::Write).expect("connected");
    bench.settle();
    assert!(!bench.is_ready(&ours, Side::Read));
    peer.write_all(b"answer").expect("connected");
    assert_eq!(bench.read(&ours).expect("open"), b"answer");
    drop(peer);
    let ready = bench.ready(&ours, BOTH);
    bench.settle();
    let ready = ready | bench.ready(&ours, BOTH);
    assert!(
        ready.is_read_closed() && ready.is_write_closed(),
        "now both: {ready:?}"
    );
}

#[test]
fn a_reset_is_an_error_to_the_reader_that_waits_and_to_the_writer() {
    let mut bench = Bench::new();
    let (ours, peer) = tcp(&mut bench, BOTH);
    assert!(!bench.is_ready(&ours, Side::Read));
    let lingering = SockRef::from(&peer).set_linger(Some(Duration::ZERO));
    lingering.expect("an option of TCP");
    drop(peer);
    let error = bench.read(&ours).expect_err("reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    let ready = bench.ready(&ours, BOTH);
    assert!(ready.is_read_closed() && ready.is_write_closed());
    let wrote = bench.run(|cx| ours.poll_io(Side::Write, cx, |mut io| io.write(b"lost")));
    assert_eq!(wrote.expect_err("reset").kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_refused_connection_ends_the_wait_of_the_connecting_task() {
    let mut bench = Bench::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    // The system may refuse at once.
    let Ok(stream) = TcpStream::connect(address) else {
        return;
    };
    let stream = bench.source(stream, BOTH);
    let ready = bench.ready(&stream, BOTH | Interest::ERROR);
    assert!(ready.is_error() && ready.is_writable());
    let error = stream.take_error().expect("asked").expect("an error");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn a_receiver_hears_of_an_error_on_a_datagram_socket_and_neither_half_spins_afterwards() {
    let mut bench = Bench::new();
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = nobody.local_addr().expect("bound");
    drop(nobody);
    let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).expect("a port");
    socket.connect(address).expect("no packet yet");
    let socket = bench.source(socket, BOTH);
    socket.send(b"anybody?").expect("sent");
    let mut buffer = [0; 16];
    let received = bench.run(|cx| socket.poll_io(Side::Read, cx, |io| io.recv(&mut buffer)));
    let error = received.expect_err("nobody is there");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    // The socket lives on, and the event that came with the error is not for ever.
    let mut tried = 0;
    let mut cx = Context::from_waker(Waker::noop());
    for side in [Side::Read, Side::Write] {
        let poll: Poll<io::Result<()>> = socket.poll_io(side, &mut cx, |_| {
            tried += 1;
            Err(io::ErrorKind::WouldBlock.into())
        });
        assert!(poll.is_pending());
    }
    assert!(tried <= 4, "{tried} tries");
}

#[test]
fn a_unix_pair_reads_and_sees_the_end() {
    let mut bench = Bench::new();
    let (ours, peer) = UnixStream::pair().expect("a pair");
    let ours = bench.source(ours, BOTH);
    (&peer).write_all(b"hi").expect("connected");
    assert_eq!(bench.read(&ours).expect("connected"), b"hi");
    drop(peer);
    assert_eq!(bench.read(&ours).expect("the end"), b"");
}

#[test]
#[cfg(target_os = "linux")]
fn a_short_read_at_the_urgent_mark_is_not_taken_for_the_end_of_the_data() {
    let mut bench = Bench::new();
    let (ours, peer) = tcp(&mut bench, BOTH | Interest::PRIORITY);
    let peer = SockRef::from(&peer);
    peer.send(b"abc").expect("connected");
    peer.send_out_of_band(b"!").expect("connected");
    peer.send(b"def").expect("connected");
    bench.settle();
    let mut got = Vec::new();
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..2 {
        let mut buffer = [0; 64];
        let poll = ours.poll_stream(Side::Read, &mut cx, 64, |mut io| io.read(&mut buffer));
        let Poll::Ready(Ok(count)) = poll else {
            panic!("after {got:?}: {poll:?}");
        };
        got.extend_from_slice(&buffer[..count]);
    }
    assert_eq!(got, b"abcdef");
    assert!(bench.ready(&ours, Interest::PRIORITY).is_priority());
}

#[test]
#[cfg(target_os = "linux")]
fn a_registration_that_the_system_refuses_is_undone() {
    let bench = Bench::new();
    let file = File::open("/proc/self/exe").expect("the test itself");
    let raw = file.as_raw_fd();
    for _ in 0..3 {
        let refused = Source::try_new(
            mio::unix::SourceFd(&raw),
            Interest::READABLE,
            Ready::EMPTY,
            bench.reactor.clone(),
        );
        let (_, error) = refused.expect_err("a file has no readiness");
        assert_eq!(error.raw_os_error(), Some(libc::EPERM));
        assert_eq!(bench.reactor.registry().len(), 0);
    }
}

#[test]
fn an_object_taken_out_can_be_registered_again() {
    let mut bench = Bench::new();
    let (ours, mut peer) = tcp(&mut bench, BOTH);
    let stream = ours.into_inner().expect("it was registered");
    assert_eq!(bench.reactor.registry().len(), 0);
    peer.write_all(b"x").expect("connected");
    bench.settle();
    let ours = bench.source(stream, BOTH);
    assert_eq!(bench.read(&ours).expect("connected"), b"x");
}

#[test]
fn a_closed_reactor_ends_waits_and_refuses_sources() {
    let mut bench = Bench::new();
    let (ours, mut peer) = tcp(&mut bench, BOTH);
    assert!(!bench.is_ready(&ours, Side::Read));
    let mut waiting = Box::pin(ours.async_io(Interest::READABLE, |mut io| io.read(&mut [0])));
    let mut cx = Context::from_waker(&bench.waker);
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    bench.reactor.close().into_iter().for_each(Waker::wake);
    peer.write_all(b"too late").expect("connected");
    let Poll::Ready(Err(error)) = waiting.as_mut().poll(&mut cx) else {
        panic!("closed");
    };
    assert_eq!(error.to_string(), "the runtime was shut down");
    let tried = ours.try_io(Interest::READABLE, |mut io| io.read(&mut [0]));
    assert_eq!(tried.expect_err("closed").to_string(), error.to_string());
    let (one, _two) = UnixStream::pair().expect("a pair");
    let refused = Source::new(one, BOTH, Ready::EMPTY, bench.reactor.clone());
    assert_eq!(refused.expect_err("closed").to_string(), error.to_string());
}

#[test]
fn an_unpark_before_a_turn_or_during_it_ends_it() {
    let mut bench = Bench::new();
    bench.reactor.unpark();
    bench.reactor.unpark();
    assert_eq!(bench.turn(None), 0);
    let begin = Instant::now();
    assert_eq!(bench.turn(Some(Duration::from_millis(5))), 0);
    assert!(begin.elapsed() >= Duration::from_millis(5), "both were one");
    let reactor = bench.reactor.clone();
    let other = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(10));
        reactor.unpark();
    });
    assert_eq!(bench.turn(None), 0);
    other.join().expect("no panic");
}

#[test]
fn what_does_not_fit_in_one_turn_is_told_by_the_next() {
    let mut bench = Bench::new();
    let (reactor, poller) = new(2).expect("descriptors");
    (bench.reactor, bench.poller) = (Arc::new(reactor), poller);
    let pairs: Vec<_> = (0..5)
        .map(|_| UnixStream::pair().expect("a pair"))
        .collect();
    let (ours, peers): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let ours: Vec<_> = ours
        .into_iter()
        .map(|io| bench.source(io, Interest::READABLE))
        .collect();
    for mut peer in &peers {
        peer.write_all(b"x").expect("connected");
    }
    let turns: Vec<usize> = (0..4).map(|_| bench.turn(Some(Duration::ZERO))).collect();
    assert_eq!(turns, [2, 2, 1, 0]);
    assert!(ours.iter().all(|source| bench.is_ready(source, Side::Read)));
}

/// How late a turn with this limit ends, at best, and that it is never early.
fn lateness(bench: &mut Bench, limit: Duration) -> Duration {
    let once = |bench: &mut Bench| {
        let begin = Instant::now();
        // As the driver does: a turn may end early, and is then repeated.
        while let Some(left) = limit.checked_sub(begin.elapsed()) {
            bench.turn(Some(left));
            if left.is_zero() {
                break;
            }
        }
        begin.elapsed().checked_sub(limit).expect("never early")
    };
    (0..20).map(|_| once(bench)).min().expect("twenty")
}

#[test]
#[cfg(target_os = "linux")]
fn a_short_wait_is_precise() {
    let mut bench = Bench::new();
    for micros in [50, 300, 999, 1500, 2700] {
        let limit = Duration::from_micros(micros);
        let late = lateness(&mut bench, limit);
        assert!(
            late < Duration::from_micros(300),
            "{late:?} after {limit:?}"
        );
    }
}

#[test]
fn an_event_ends_a_short_wait() {
    let mut bench = Bench::new();
    let (ours, peer) = UnixStream::pair().expect("a pair");
    let ours = bench.source(ours, Interest::READABLE);
    (&peer).write_all(b"x").expect("connected");
    assert_eq!(bench.turn(Some(Duration::from_micros(1500))), 1);
    assert!(bench.is_ready(&ours, Side::Read));
    assert_eq!(bench.turn(Some(Duration::from_nanos(1))), 0);
    assert_eq!(bench.turn(Some(Duration::ZERO)), 0);
}
