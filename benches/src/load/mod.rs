//! The other side of the connections: a process of its own.
//!
//! A client in the process of the server would take its cost to the account of the server,
//! and a client on one of the crates would favour it. So a program that measures starts
//! itself once more, as a load: its main function calls [`be_one_if_asked`] first. A load is
//! one thread with an epoll, knows neither crate, and takes its orders from its standard
//! input: a number of messages to exchange over all connections. It answers with a line when
//! it has done so, and ends with its input.
//!
//! What it says to the server is its [`Talk`]. Each connection has one message on its way at a
//! time, and each answer is looked at: it must be the one to that message.

mod datagrams;
mod messages;
mod requests;
mod turns;
mod visits;

use crate::limits::raise_descriptors;
use crate::servant::{Servant, numbers};
use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

/// The size of a message in bytes.
pub const MESSAGE: usize = 64;

/// The body of the answer to a request.
pub const HELLO: &str = "Hello, World!";

/// What a load says to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    /// Messages over TCP, which the server sends back.
    Messages,
    /// The same, in datagrams over UDP. A connection is a socket here.
    Datagrams,
    /// Requests of HTTP/1.1 over connections that stay, which the server answers with
    /// [`HELLO`].
    Requests,
    /// Nothing: a message is a connection over TCP, which the server closes.
    Visits,
}

impl Talk {
    const ALL: [Talk; 4] = [
        Talk::Messages,
        Talk::Datagrams,
        Talk::Requests,
        Talk::Visits,
    ];
}

/// How long the answers took.
#[derive(Clone, Copy, Debug)]
pub struct Latencies {
    /// Half of them took no longer.
    pub median: Duration,
    /// All but one in a hundred took no longer.
    pub p99: Duration,
}

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What tells a program to be a load: its talk, the address to connect to, and how many times.
const TALK: &str = "RUNTIME_BENCH_LOAD_TALK";
const ADDRESS: &str = "RUNTIME_BENCH_LOAD_ADDRESS";
const CONNECTIONS: &str = "RUNTIME_BENCH_LOAD_CONNECTIONS";

/// A process that is the other side of the connections.
pub struct Load {
    servant: Servant,
}

impl Load {
    /// Starts a process that talks in [messages](Talk::Messages).
    ///
    /// # Panics
    ///
    /// As [`Load::start_to`].
    pub fn start(address: SocketAddr, connections: usize) -> Self {
        Load::start_to(Talk::Messages, address, connections)
    }

    /// Starts the process, and returns when it has made its connections and has
    /// exchanged one message over each.
    ///
    /// # Panics
    ///
    /// If it cannot. The reason is on the standard error.
    pub fn start_to(talk: Talk, address: SocketAddr, connections: usize) -> Self {
        raise_descriptors();
        let program = std::env::current_exe().expect("this program has a name");
        let mut program = Command::new(program);
        program
            .env(TALK, format!("{talk:?}"))
            .env(ADDRESS, address.to_string())
            .env(CONNECTIONS, connections.to_string());
        let mut servant = Servant::start("load", &mut program);
        assert_eq!(numbers(&servant.answer()), Some([0; 3]), "it is connected");
        Load { servant }
    }

    /// Exchanges so many messages, the same number over each connection.
    ///
    /// # Panics
    ///
    /// If an answer was wrong, or a connection ended.
    pub fn exchange(&mut self, messages: u64) -> Latencies {
        let report = self.servant.order(messages);
        match numbers(&report) {
            Some([exchanged, median, p99]) if exchanged == messages => Latencies {
                median: Duration::from_nanos(median),
                p99: Duration::from_nanos(p99),
            },
            _ => panic!("the load has failed ({report:?})"),
        }
    }
}

/// In a process that was started as a load, be one, and do not return.
pub fn be_one_if_asked() {
    let Ok(address) = std::env::var(ADDRESS) else {
        return;
    };
    let talk = std::env::var(TALK).ok();
    let mut talks = Talk::ALL.into_iter();
    let talk = talk.and_then(|name| talks.find(|talk| format!("{talk:?}") == name));
    let connections = std::env::var(CONNECTIONS).ok();
    let connections = connections.and_then(|text| text.parse().ok());
    let orders = talk.zip(address.parse().ok()).zip(connections);
    let ((talk, address), connections) = orders.expect("the orders of a load");
    match obey(talk, address, connections) {
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("load: {error}");
            std::process::exit(1);
        }
    }
}

fn obey(talk: Talk, address: SocketAddr, connections: usize) -> io::Result<()> {
    match talk {
        Talk::Messages => turns::take::<messages::Client>(address, connections),
        Talk::Datagrams => turns::take::<datagrams::Client>(address, connections),
        Talk::Requests => turns::take::<requests::Client>(address, connections),
        Talk::Visits => turns::take::<visits::Client>(address, connections),
    }
}

/// The content of the message of that number.
fn message(number: u64) -> [u8; MESSAGE] {
    let digits = number.to_le_bytes();
    std::array::from_fn(|i| digits[i % digits.len()])
}

/// What an answer is that is not the one to its message.
fn wrong_answer() -> io::Error {
    io::Error::other("an answer is not the one to its message")
}
