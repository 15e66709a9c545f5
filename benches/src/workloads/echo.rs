//! What does it cost to answer a message over TCP?

use super::subject::io::{AsyncReadExt, AsyncWriteExt};
use super::subject::net::{TcpListener, TcpStream};
use super::{Runtime, inside, subject};
use crate::load::{self, Load};
use crate::stopwatch::Stopwatch;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How many messages an iteration answers, whatever the number of connections.
pub const MESSAGES: u64 = 2_000;

/// One connection.
pub fn one(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, 1, iterations)
}

/// 64 connections.
pub fn some(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, 64, iterations)
}

/// 1,000 connections.
pub fn many(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, 1_000, iterations)
}

/// Answers what another process sends over so many connections. Each has one message on its
/// way at a time. The clients' side compares each answer with the message.
fn echo(runtime: &Runtime, connections: u64, iterations: u64) -> Duration {
    let messages = (iterations * MESSAGES).next_multiple_of(connections);
    let address = inside(runtime, listen()).expect("a listener");
    let mut load = Load::start(address, connections as usize);
    let start = Stopwatch::start();
    load.exchange(messages);
    // What was sent beyond the iterations does not count.
    start
        .elapsed()
        .mul_f64((iterations * MESSAGES) as f64 / messages as f64)
}

/// Starts to accept connections, each with a task that answers it.
pub(super) async fn listen() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    drop(subject::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a connection");
            drop(subject::spawn(answer(stream)));
        }
    }));
    Ok(address)
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut message = [0; load::MESSAGE];
    loop {
        let length = stream.read(&mut message).await?;
        if length == 0 {
            return Ok(());
        }
        stream.write_all(&message[..length]).await?;
    }
}
