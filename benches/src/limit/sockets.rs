//! Sockets: one thread with an epoll, and a loop around it.

use crate::demand::Figure;
use crate::load::MESSAGE;
use crate::on_runtime::workloads::{accept, echo, udp};
use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Token, Waker};
use std::io::{ErrorKind, Read, Result, Write};
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Messages over so many connections.
pub(super) fn messages(connections: u64, figure: Figure, iterations: u64) -> Duration {
    let listener = TcpListener::bind(anywhere()).expect("a listener");
    let address = listener.local_addr().expect("a listener");
    let _server = Server::start(move |poll, end| Messages::over(listener).serve(poll, end));
    echo::demand(connections).make(address, iterations, figure)
}

/// Datagrams from so many clients.
pub(super) fn datagrams(clients: u64, figure: Figure, iterations: u64) -> Duration {
    let socket = UdpSocket::bind(anywhere()).expect("a socket");
    let address = socket.local_addr().expect("a socket");
    let _server = Server::start(move |poll, end| serve_datagrams(poll, end, socket));
    udp::demand(clients).make(address, iterations, figure)
}

/// Connections that are accepted and closed.
pub(super) fn visits(figure: Figure, iterations: u64) -> Duration {
    let listener = TcpListener::bind(anywhere()).expect("a listener");
    let address = listener.local_addr().expect("a listener");
    let _server = Server::start(move |poll, end| serve_visits(poll, end, listener));
    accept::DEMAND.make(address, iterations, figure)
}

fn anywhere() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// A thread that answers.
struct Server {
    end: Waker,
    thread: Option<JoinHandle<Result<()>>>,
}

const SERVER: Token = Token(usize::MAX);
const END: Token = Token(usize::MAX - 1);

impl Server {
    fn start(serve: impl FnOnce(Poll, Token) -> Result<()> + Send + 'static) -> Self {
        let poll = Poll::new().expect("an epoll");
        Server {
            end: Waker::new(poll.registry(), END).expect("an eventfd"),
            thread: Some(thread::spawn(move || serve(poll, END))),
        }
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

/// The result, or none where it would block.
fn unless_it_blocks<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

struct Messages {
    listener: TcpListener,
    streams: Vec<TcpStream>,
}

impl Messages {
    fn over(listener: TcpListener) -> Self {
        Messages {
            listener,
            streams: Vec::new(),
        }
    }

    fn serve(mut self, mut poll: Poll, end: Token) -> Result<()> {
        let registry = poll.registry();
        registry.register(&mut self.listener, SERVER, Interest::READABLE)?;
        let mut events = Events::with_capacity(1024);
        loop {
            poll.poll(&mut events, None)?;
            for event in &events {
                match event.token() {
                    token if token == end => return Ok(()),
                    SERVER => self.accept(&poll)?,
                    Token(i) => answer(&mut self.streams[i])?,
                }
            }
        }
    }

    fn accept(&mut self, poll: &Poll) -> Result<()> {
        while let Some((mut stream, _)) = unless_it_blocks(self.listener.accept())? {
            stream.set_nodelay(true)?;
            let token = Token(self.streams.len());
            let registry = poll.registry();
            registry.register(&mut stream, token, Interest::READABLE)?;
            self.streams.push(stream);
        }
        Ok(())
    }
}

/// Sends back what there is. There is room for more than a message, so that a read that does not
/// fill it says that there is no more.
fn answer(stream: &mut TcpStream) -> Result<()> {
    let mut message = [0; 2 * MESSAGE];
    while let Some(length) = unless_it_blocks(stream.read(&mut message))? {
        stream.write_all(&message[..length])?;
        if length < message.len() {
            break;
        }
    }
    Ok(())
}

fn serve_datagrams(mut poll: Poll, end: Token, mut socket: UdpSocket) -> Result<()> {
    poll.registry()
        .register(&mut socket, SERVER, Interest::READABLE)?;
    let mut events = Events::with_capacity(8);
    let mut datagram = [0; MESSAGE];
    loop {
        poll.poll(&mut events, None)?;
        if events.iter().any(|event| event.token() == end) {
            return Ok(());
        }
        while let Some((length, client)) = unless_it_blocks(socket.recv_from(&mut datagram))? {
            assert_eq!(socket.send_to(&datagram[..length], client)?, length);
        }
    }
}

fn serve_visits(mut poll: Poll, end: Token, mut listener: TcpListener) -> Result<()> {
    poll.registry()
        .register(&mut listener, SERVER, Interest::READABLE)?;
    let mut events = Events::with_capacity(8);
    loop {
        poll.poll(&mut events, None)?;
        if events.iter().any(|event| event.token() == end) {
            return Ok(());
        }
        while let Some((stream, _)) = unless_it_blocks(listener.accept())? {
            drop(stream);
        }
    }
}
