//! Sockets: one thread with an epoll, and a loop around it.

use crate::load::{Load, MESSAGE};
use crate::on_runtime::workloads::echo::MESSAGES;
use crate::stopwatch::Stopwatch;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// One connection.
pub(super) fn one(_: usize, iterations: u64) -> Duration {
    echo(1, iterations)
}

/// 64 connections.
pub(super) fn some(_: usize, iterations: u64) -> Duration {
    echo(64, iterations)
}

/// 1,000 connections.
pub(super) fn many(_: usize, iterations: u64) -> Duration {
    echo(1_000, iterations)
}

fn echo(connections: u64, iterations: u64) -> Duration {
    let messages = (iterations * MESSAGES).next_multiple_of(connections);
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).expect("a listener");
    let address = listener.local_addr().expect("a listener");
    let server = Server::start(listener).expect("an epoll");
    let mut load = Load::start(address, connections as usize);
    let start = Stopwatch::start();
    load.exchange(messages);
    let elapsed = start.elapsed();
    drop(load);
    drop(server);
    elapsed.mul_f64((iterations * MESSAGES) as f64 / messages as f64)
}

/// A thread that answers.
struct Server {
    end: Arc<Waker>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

const LISTENER: Token = Token(usize::MAX);
const END: Token = Token(usize::MAX - 1);

impl Server {
    fn start(mut listener: TcpListener) -> std::io::Result<Self> {
        let poll = Poll::new()?;
        let end = Arc::new(Waker::new(poll.registry(), END)?);
        let registry = poll.registry();
        registry.register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Server {
            end,
            thread: Some(thread::spawn(move || serve(poll, &listener))),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end.wake().expect("an eventfd");
        if let Some(thread) = self.thread.take() {
            let served = thread.join().expect("a server");
            served.expect("an epoll");
        }
    }
}

fn serve(mut poll: Poll, listener: &TcpListener) -> std::io::Result<()> {
    let mut events = Events::with_capacity(1024);
    let mut streams: Vec<TcpStream> = Vec::new();
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            match event.token() {
                END => return Ok(()),
                LISTENER => accept(listener, &poll, &mut streams)?,
                Token(i) => answer(&mut streams[i])?,
            }
        }
    }
}

fn accept(
    listener: &TcpListener,
    poll: &Poll,
    streams: &mut Vec<TcpStream>,
) -> std::io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        stream.set_nodelay(true)?;
        let token = Token(streams.len());
        poll.registry()
            .register(&mut stream, token, Interest::READABLE)?;
        streams.push(stream);
    }
}

/// Sends back what there is. There is room for more than a message, so that a read that does not
/// fill it says that there is no more.
fn answer(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut message = [0; 2 * MESSAGE];
    loop {
        let length = match stream.read(&mut message) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        stream.write_all(&message[..length])?;
        if length < message.len() {
            return Ok(());
        }
    }
}
