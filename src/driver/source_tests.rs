//! The one loop against a scripted source: whatever the order of arrivals, events,
//! signals and operations, every byte comes, in order, and nobody spins.

use super::*;
use crate::driver::reactor;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

/// A stream socket as an edge-triggered selector shows it.
#[derive(Debug, Default)]
struct Stream {
    buffered: VecDeque<u8>,
    arrived: usize,
    closed: bool,
    /// An edge that no turn has delivered yet.
    edge: bool,
    edges: usize,
    in_vain: usize,
}

impl Stream {
    fn arrive(&mut self, count: u8) {
        for _ in 0..count {
            self.buffered.push_back(self.arrived as u8);
            self.arrived += 1;
        }
        self.edge = true;
    }

    fn close(&mut self) {
        self.closed = true;
        self.edge = true;
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.buffered.len());
        for byte in &mut buffer[..count] {
            *byte = self.buffered.pop_front().expect("counted");
        }
        if count == 0 && !self.closed {
            self.in_vain += 1;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(count)
    }
}

/// It is registered with nobody: the test delivers its events.
struct Scripted(RefCell<Stream>);

impl mio::event::Source for Scripted {
    fn register(&mut self, _: &mio::Registry, _: mio::Token, _: mio::Interest) -> io::Result<()> {
        Ok(())
    }

    fn reregister(&mut self, _: &mio::Registry, _: mio::Token, _: mio::Interest) -> io::Result<()> {
        Ok(())
    }

    fn deregister(&mut self, _: &mio::Registry) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A signal interrupts the operation.
    Signal,
    /// Bytes arrive right before the operation, and the event stays on its way.
    Before(u8),
    /// Bytes arrive right after it, and the event is delivered before it returns.
    During(u8),
    /// The end arrives right after it, and the event is delivered before it returns.
    EndDuring,
    /// The event that is on its way is delivered right before the operation.
    Late,
    /// Nothing happens.
    Quiet,
    /// An event comes in for nothing.
    Spurious,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => Just(Step::Signal),
        2 => (1u8..20).prop_map(Step::Before),
        3 => (1u8..20).prop_map(Step::During),
        1 => Just(Step::EndDuring),
        2 => Just(Step::Late),
        3 => Just(Step::Quiet),
        1 => Just(Step::Spurious),
    ];
    proptest::collection::vec(step, 0..40)
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Poll,
    Stream,
    Shared,
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

struct Run {
    source: Source<Scripted>,
    steps: RefCell<std::vec::IntoIter<Step>>,
    woken: Arc<Count>,
}

impl Run {
    fn new(steps: Vec<Step>, assumed: Ready) -> Self {
        let (reactor, _) = reactor::new(1).expect("descriptors");
        let io = Scripted(RefCell::default());
        let source = Source::new(io, Interest::READABLE, assumed, Arc::new(reactor));
        Run {
            source: source.expect("nothing can fail"),
            steps: RefCell::new(steps.into_iter()),
            woken: Default::default(),
        }
    }

    /// What a turn would do.
    fn deliver(&self, force: bool) {
        let mut stream = self.source.0.borrow_mut();
        if !std::mem::take(&mut stream.edge) && !force {
            return;
        }
        stream.edges += 1;
        let mut ready = Ready::READABLE;
        if stream.closed {
            ready |= Ready::READ_CLOSED;
        }
        drop(stream);
        let mut wakers = Vec::new();
        let registration = &self.source.registration;
        let registry = registration.reactor.registry();
        registry.notify(registration.key, ready, &mut wakers);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn operation(&self, io: &Scripted, buffer: &mut [u8]) -> io::Result<usize> {
        let step = self.steps.borrow_mut().next().unwrap_or(Step::Quiet);
        let closed = io.0.borrow().closed;
        match step {
            Step::Signal => return Err(io::ErrorKind::Interrupted.into()),
            Step::Before(count) if !closed => io.0.borrow_mut().arrive(count),
            Step::Late => self.deliver(false),
            _ => {}
        }
        let result = io.0.borrow_mut().read(buffer);
        match step {
            Step::During(count) if !closed => io.0.borrow_mut().arrive(count),
            Step::EndDuring if !closed => io.0.borrow_mut().close(),
            Step::Spurious => {}
            _ => return result,
        }
        self.deliver(true);
        result
    }

    async fn read(&self, form: Form, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len();
        let mut operation = |io: &Scripted| self.operation(io, buffer);
        match form {
            Form::Poll => poll_fn(|cx| self.source.poll_io(Side::Read, cx, &mut operation)).await,
            Form::Stream => {
                let read = |cx: &mut Context<'_>| {
                    self.source.poll_stream(Side::Read, cx, len, &mut operation)
                };
                poll_fn(read).await
            }
            Form::Shared => self.source.async_io(Interest::READABLE, operation).await,
        }
    }

    async fn read_to_end(&self, form: Form) -> Vec<u8> {
        let mut got = Vec::new();
        let mut buffer = [0; 8];
        loop {
            let count = self.read(form, &mut buffer).await.expect("no other errors");
            if count == 0 {
                return got;
            }
            got.extend_from_slice(&buffer[..count]);
        }
    }

    /// Reads to the end, with a turn whenever the task sleeps; returns what came.
    fn drive(&self, form: Form) -> Vec<u8> {
        let waker = Waker::from(self.woken.clone());
        let mut cx = Context::from_waker(&waker);
        let mut task = std::pin::pin!(self.read_to_end(form));
        loop {
            let before = self.woken.0.load(Ordering::Relaxed);
            if let Poll::Ready(got) = task.as_mut().poll(&mut cx) {
                return got;
            }
            if self.woken.0.load(Ordering::Relaxed) > before {
                continue;
            }
            let mut stream = self.source.0.borrow_mut();
            if !stream.edge {
                // Asleep with nothing on its way: all must have been read.
                assert!(stream.buffered.is_empty() && !stream.closed, "put to sleep");
                match self.steps.borrow_mut().next() {
                    Some(_) => stream.arrive(3),
                    None => stream.close(),
                }
            }
            drop(stream);
            self.deliver(false);
            assert!(self.woken.0.load(Ordering::Relaxed) > before, "not woken");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_byte_comes_in_order_and_nobody_spins(
        steps in steps(),
        form in prop_oneof![Just(Form::Poll), Just(Form::Stream), Just(Form::Shared)],
        assumed in prop_oneof![Just(Ready::EMPTY), Just(Ready::READABLE)],
    ) {
        let run = Run::new(steps, assumed);
        let got = run.drive(form);
        let stream = run.source.0.borrow();
        let expected: Vec<u8> = (0..stream.arrived).map(|byte| byte as u8).collect();
        prop_assert_eq!(got, expected);
        // Each event is tried in vain once, and so is what was assumed.
        prop_assert!(stream.in_vain <= stream.edges + 1);
    }
}

fn ready_source() -> Source<Scripted> {
    let (reactor, _) = reactor::new(1).expect("descriptors");
    let io = Scripted(RefCell::default());
    let source = Source::new(io, Interest::READABLE, Ready::READABLE, Arc::new(reactor));
    source.expect("nothing can fail")
}

#[test]
fn an_operation_that_cannot_wait_runs_only_if_the_source_is_ready() {
    let source = ready_source();
    let would_block = || io::Error::from(io::ErrorKind::WouldBlock);
    let mut ran = 0;
    for _ in 0..3 {
        let result: io::Result<()> = source.try_io(Interest::READABLE, |_| {
            ran += 1;
            Err(would_block())
        });
        assert_eq!(result.expect_err("empty").kind(), io::ErrorKind::WouldBlock);
    }
    assert_eq!(ran, 1);
    let result = source.try_once(Interest::WRITABLE, |_| Ok(()));
    assert!(result.is_err(), "it was never said to be writable");
}

#[test]
fn a_full_read_leaves_the_source_ready_and_a_short_one_does_not() {
    let source = ready_source();
    let mut cx = Context::from_waker(Waker::noop());
    for (count, then) in [(8, true), (8, true), (3, false)] {
        let poll = source.poll_stream(Side::Read, &mut cx, 8, |_| Ok(count));
        assert!(matches!(poll, Poll::Ready(Ok(got)) if got == count));
        assert_eq!(source.poll_ready(Side::Read, &mut cx).is_ready(), then);
    }
}

#[test]
fn a_source_that_is_always_ready_gives_way_when_the_budget_is_spent() {
    let source = ready_source();
    let woken = Arc::new(Count::default());
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    budget::with_full(|| {
        let mut done = 0;
        while source.poll_io(Side::Read, &mut cx, |_| Ok(())).is_ready() {
            done += 1;
        }
        assert_eq!(done, usize::from(budget::INITIAL));
    });
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
}

#[test]
fn a_task_that_waits_has_noted_what_for() {
    let source = ready_source();
    let key = source.registration.key.to_bits();
    let mut cx = Context::from_waker(Waker::noop());
    wait::clear();
    let poll = source.poll_io(Side::Write, &mut cx, |_| Ok(()));
    assert!(poll.is_pending());
    let noted = wait::take();
    assert_eq!((noted.kind, noted.resource), (wait::Kind::Writable, key));
    let waiting = source.readiness(Interest::ERROR);
    assert!(std::pin::pin!(waiting).poll(&mut cx).is_pending());
    let noted = wait::take();
    assert_eq!((noted.kind, noted.resource), (wait::Kind::Readable, key));
}

/// A pair of sockets, of which one is registered late.
fn late_pair() -> (
    reactor::Poller,
    Source<mio::net::UnixStream>,
    std::os::unix::net::UnixStream,
) {
    let (reactor, poller) = reactor::new(16).expect("a reactor");
    let (here, there) = std::os::unix::net::UnixStream::pair().expect("a pair");
    here.set_nonblocking(true).expect("a socket");
    let here = mio::net::UnixStream::from_std(here);
    let both = Interest::READABLE | Interest::WRITABLE;
    let source = Source::new_late(here, both, Arc::new(reactor)).expect("there is room");
    (poller, source, there)
}

fn turn(poller: &mut reactor::Poller, source: &Source<mio::net::UnixStream>) -> Vec<Waker> {
    let mut wakers = Vec::new();
    let limit = Some(std::time::Duration::ZERO);
    let reactor = source.reactor().clone();
    poller.turn(&reactor, limit, &mut wakers).expect("a turn");
    wakers
}

#[test]
fn the_selector_hears_of_a_late_source_once_somebody_would_wait() {
    use std::io::{Read, Write};
    let (mut poller, source, mut there) = late_pair();
    let read = |source: &Source<mio::net::UnixStream>, cx: &mut Context<'_>| {
        let mut buffer = [0; 8];
        source.poll_stream(Side::Read, cx, 8, |mut io| io.read(&mut buffer))
    };
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    there.write_all(b"abc").expect("there is room");
    assert!(matches!(read(&source, &mut cx), Poll::Ready(Ok(3))));
    assert!(source.registration.is_due(Side::Read), "nobody had to wait");
    assert!(read(&source, &mut cx).is_pending());
    assert!(!source.registration.is_due(Side::Read));
    there.write_all(b"d").expect("there is room");
    for waker in turn(&mut poller, &source) {
        waker.wake();
    }
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(matches!(read(&source, &mut cx), Poll::Ready(Ok(1))));
    let (_, deregistered) = source.into_parts();
    deregistered.expect("it was registered");
}

#[test]
fn a_late_source_is_told_of_what_comes_after_an_attempt_in_vain() {
    use std::io::{Read, Write};
    let (mut poller, source, mut there) = late_pair();
    let attempt = || source.try_io(Interest::READABLE, |mut io| io.read(&mut [0; 8]));
    let vain = attempt().expect_err("there is nothing");
    assert_eq!(vain.kind(), io::ErrorKind::WouldBlock);
    there.write_all(b"abc").expect("there is room");
    drop(turn(&mut poller, &source));
    assert_eq!(attempt().expect("it was told"), 3);
}

#[test]
fn a_late_source_that_nobody_waited_for_goes_without_the_selector() {
    let (mut poller, source, there) = late_pair();
    drop(there);
    assert!(turn(&mut poller, &source).is_empty());
    let reactor = source.reactor().clone();
    let (_, deregistered) = source.into_parts();
    deregistered.expect("there was nothing to do");
    assert_eq!(reactor.registry().len(), 0);
}

#[test]
fn a_late_source_is_not_told_of_room_before_a_write_would_wait() {
    use std::io::{Read, Write};
    let (mut poller, source, mut there) = late_pair();
    let events = || source.reactor().counts().events.load(Ordering::Relaxed);
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let vain = source.poll_io(Side::Read, &mut cx, |mut io| io.read(&mut [0; 8]));
    assert!(vain.is_pending());
    let mut write = |bytes: &[u8]| source.poll_io(Side::Write, &mut cx, |mut io| io.write(bytes));
    assert!(matches!(write(b"abc"), Poll::Ready(Ok(3))));
    there.read_exact(&mut [0; 3]).expect("it was sent");
    assert!(turn(&mut poller, &source).is_empty());
    assert_eq!(events(), 0, "there was room all the time");

    let mut sent = 0;
    while let Poll::Ready(written) = write(&[0; 4096]) {
        sent += written.expect("connected");
    }
    drop(turn(&mut poller, &source));
    let mut taken = vec![0; sent];
    there.read_exact(&mut taken).expect("it was sent");
    let woken = turn(&mut poller, &source);
    assert_eq!(woken.len(), 1, "the writer, not the reader");
    assert!(woken[0].will_wake(&waker));
    assert!(matches!(write(b"abc"), Poll::Ready(Ok(3))));
    let (_, deregistered) = source.into_parts();
    deregistered.expect("it was registered");
}
