//! The other side of the connections: a process of its own.
//!
//! A client in the process of the server would take its cost to the account of the server,
//! and a client on one of the crates would favour it. So a program that measures starts
//! itself once more, as a load: its main function calls [`be_one_if_asked`] first. A load is
//! one thread with an epoll, knows neither crate, and takes its orders from its standard
//! input: a number of messages to exchange over all connections. It answers with a line when
//! it has done so, and ends with its input.
//!
//! Each connection has one message on its way at a time. A message carries its number, and
//! its answer must be the same bytes.

use crate::limits::raise_descriptors;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// The size of a message in bytes.
pub const MESSAGE: usize = 64;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What tells a program to be a load: the address to connect to, and how many times.
const ADDRESS: &str = "RUNTIME_BENCH_LOAD_ADDRESS";
const CONNECTIONS: &str = "RUNTIME_BENCH_LOAD_CONNECTIONS";

/// A process that is the other side of the connections.
pub struct Load {
    process: Child,
    orders: Option<ChildStdin>,
    reports: BufReader<ChildStdout>,
}

impl Load {
    /// Starts the process, and returns when it has made its connections and has
    /// exchanged one message over each.
    ///
    /// # Panics
    ///
    /// If it cannot. The reason is on the standard error.
    pub fn start(address: SocketAddr, connections: usize) -> Self {
        raise_descriptors();
        let mut process = std::env::current_exe()
            .and_then(|program| {
                Command::new(program)
                    .env(ADDRESS, address.to_string())
                    .env(CONNECTIONS, connections.to_string())
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .spawn()
            })
            .expect("a process for the load");
        let orders = process.stdin.take();
        let reports = process.stdout.take().map(BufReader::new);
        let reports = reports.expect("the output was piped");
        let mut load = Load {
            process,
            orders,
            reports,
        };
        load.await_report();
        load
    }

    /// Exchanges so many messages, the same number over each connection.
    ///
    /// # Panics
    ///
    /// If an answer was wrong, or a connection ended.
    pub fn exchange(&mut self, messages: u64) {
        let orders = self.orders.as_mut().expect("it is there until the end");
        writeln!(orders, "{messages}").expect("the load has ended");
        self.await_report();
    }

    fn await_report(&mut self) {
        let mut line = String::new();
        let read = self.reports.read_line(&mut line);
        assert_eq!(line, "done\n", "the load has failed ({read:?})");
    }
}

/// Ends the process.
impl Drop for Load {
    fn drop(&mut self) {
        drop(self.orders.take());
        let status = self.process.wait();
        if !std::thread::panicking() {
            assert!(
                status.is_ok_and(|status| status.success()),
                "the load has failed"
            );
        }
    }
}

/// In a process that was started as a load, be one, and do not return.
pub fn be_one_if_asked() {
    let Some(address) = std::env::var_os(ADDRESS) else {
        return;
    };
    let address = address.to_str().and_then(|text| text.parse().ok());
    let connections = std::env::var(CONNECTIONS).ok();
    let connections = connections.and_then(|text| text.parse().ok());
    let (address, connections) = address.zip(connections).expect("the orders of a load");
    match obey(address, connections) {
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("load: {error}");
            std::process::exit(1);
        }
    }
}

fn obey(address: SocketAddr, connections: usize) -> io::Result<()> {
    let mut clients = Clients::connect(address, connections)?;
    println!("done");
    for order in io::stdin().lines() {
        let messages: usize = order?.parse().map_err(io::Error::other)?;
        clients.exchange(messages / connections)?;
        println!("done");
    }
    Ok(())
}

struct Clients {
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
}

struct Client {
    stream: TcpStream,
    /// How many messages were sent over this connection: the content of the last one.
    sent: u64,
    /// What of the answer has come.
    answer: [u8; MESSAGE],
    length: usize,
}

impl Clients {
    fn connect(address: SocketAddr, connections: usize) -> io::Result<Self> {
        raise_descriptors();
        let poll = Poll::new()?;
        let mut clients = Vec::with_capacity(connections);
        for i in 0..connections {
            let mut client = Client::connect(address)?;
            poll.registry()
                .register(&mut client.stream, Token(i), Interest::READABLE)?;
            clients.push(client);
        }
        Ok(Clients {
            poll,
            events: Events::with_capacity(1024),
            clients,
        })
    }

    /// Exchanges so many messages over each connection.
    fn exchange(&mut self, rounds: usize) -> io::Result<()> {
        if rounds == 0 {
            return Ok(());
        }
        let goal: Vec<u64> = self
            .clients
            .iter()
            .map(|it| it.sent + rounds as u64)
            .collect();
        self.clients.iter_mut().try_for_each(Client::send)?;
        let mut busy = self.clients.len();
        while busy > 0 {
            self.poll.poll(&mut self.events, Some(PATIENCE))?;
            if self.events.is_empty() {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "no answer"));
            }
            for event in &self.events {
                let Token(i) = event.token();
                while self.clients[i].receive()? {
                    if self.clients[i].sent == goal[i] {
                        busy -= 1;
                        break;
                    }
                    self.clients[i].send()?;
                }
            }
        }
        Ok(())
    }
}

impl Client {
    /// Connects, and exchanges the first message at once: then the server has accepted the
    /// connection before the next one, and its backlog does not overflow, which would cost
    /// a second.
    fn connect(address: SocketAddr) -> io::Result<Self> {
        let mut stream = std::net::TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&[0; MESSAGE])?;
        stream.read_exact(&mut [0; MESSAGE])?;
        stream.set_nonblocking(true)?;
        Ok(Client {
            stream: TcpStream::from_std(stream),
            sent: 0,
            answer: [0; MESSAGE],
            length: 0,
        })
    }

    fn message(&self) -> [u8; MESSAGE] {
        let mut message = [0; MESSAGE];
        for (byte, digit) in message
            .iter_mut()
            .zip(self.sent.to_le_bytes().iter().cycle())
        {
            *byte = *digit;
        }
        message
    }

    /// Sends the next message. It is alone on its way, and so there is room for it.
    fn send(&mut self) -> io::Result<()> {
        self.sent += 1;
        let message = self.message();
        self.stream.write_all(&message)
    }

    /// Takes in what there is. True if the answer is complete, and right.
    fn receive(&mut self) -> io::Result<bool> {
        while self.length < MESSAGE {
            match self.stream.read(&mut self.answer[self.length..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.length += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        self.length = 0;
        match self.answer == self.message() {
            true => Ok(true),
            false => Err(io::Error::other("an answer is not its message")),
        }
    }
}
