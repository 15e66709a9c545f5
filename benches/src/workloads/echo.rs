//! What does it cost to answer a message over TCP?

use super::served::{self, Demand, Figure, served};
use super::subject::io::{AsyncReadExt, AsyncWriteExt};
use super::subject::net::TcpStream;
use super::{Runtime, subject};
use crate::load::Talk;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How many messages an iteration answers over one connection, and over 64.
pub const MESSAGES: u64 = 2_000;

/// How many messages an iteration answers over 1,000 connections.
pub const MANY_MESSAGES: u64 = 20_000;

/// The buffer of a task that answers: as usual, larger than a message, so that a read which does
/// not fill it tells that there is no more.
const ROOM: usize = 1024;

/// One connection.
pub fn one(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 1, MESSAGES, Figure::Time)
}

/// 64 connections.
pub fn some(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 64, MESSAGES, Figure::Time)
}

/// 1,000 connections.
pub fn many(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 1_000, MANY_MESSAGES, Figure::Time)
}

/// One connection, in processor time.
pub fn one_processor(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 1, MESSAGES, Figure::Processor)
}

/// 64 connections, in processor time.
pub fn some_processor(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 64, MESSAGES, Figure::Processor)
}

/// 1,000 connections, in processor time.
pub fn many_processor(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 1_000, MANY_MESSAGES, Figure::Processor)
}

/// 64 connections, what half of the answers take.
pub fn some_median(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 64, MESSAGES, Figure::Median)
}

/// 64 connections, what all but one answer in a hundred take.
pub fn some_p99(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 64, MESSAGES, Figure::P99)
}

/// 1,000 connections, what half of the answers take.
pub fn many_median(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 1_000, MANY_MESSAGES, Figure::Median)
}

/// 1,000 connections, what all but one answer in a hundred take.
pub fn many_p99(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 1_000, MANY_MESSAGES, Figure::P99)
}

/// Answers what another process sends over so many connections. Each has one message on its
/// way at a time. The clients' side compares each answer with the message.
fn echo(
    runtime: &Runtime,
    iterations: u64,
    connections: u64,
    messages: u64,
    figure: Figure,
) -> Duration {
    let demand = Demand {
        talk: Talk::Messages,
        connections,
        messages,
    };
    served(runtime, iterations, listen::<ROOM>(), demand, figure)
}

/// Starts to accept connections, each with a task that answers it, and has so many bytes of room
/// for what it reads.
pub(super) async fn listen<const ROOM: usize>() -> io::Result<SocketAddr> {
    served::listen(|stream| {
        stream.set_nodelay(true).expect("a connection");
        drop(subject::spawn(answer::<ROOM>(stream)));
    })
    .await
}

async fn answer<const ROOM: usize>(mut stream: TcpStream) -> io::Result<()> {
    let mut message = [0; ROOM];
    loop {
        let length = stream.read(&mut message).await?;
        if length == 0 {
            return Ok(());
        }
        stream.write_all(&message[..length]).await?;
    }
}
