//! What does it cost to answer a message over TCP?

use super::served::{self, served};
use super::subject::io::{AsyncReadExt, AsyncWriteExt};
use super::subject::net::TcpStream;
use super::{Runtime, subject};
use crate::demand::{Demand, Figure};
use crate::load::Talk;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How many messages an iteration answers over one connection, and over 64.
pub const MESSAGES: u64 = 2_000;

/// How many messages an iteration answers over 1,000 connections.
pub const MANY_MESSAGES: u64 = 20_000;

/// How many connections are many.
const MANY: u64 = 1_000;

/// The buffer of a task that answers: as usual, larger than a message, so that a read which does
/// not fill it tells that there is no more.
const ROOM: usize = 1024;

/// One connection.
pub fn one(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 1, Figure::Time)
}

/// 64 connections.
pub fn some(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 64, Figure::Time)
}

/// 1,000 connections.
pub fn many(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, MANY, Figure::Time)
}

/// 64 connections, what half of the answers take.
pub fn some_median(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 64, Figure::Median)
}

/// 64 connections, what all but one answer in a hundred take.
pub fn some_p99(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 64, Figure::P99)
}

/// 1,000 connections, what half of the answers take.
pub fn many_median(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, MANY, Figure::Median)
}

/// 1,000 connections, what all but one answer in a hundred take.
pub fn many_p99(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, MANY, Figure::P99)
}

/// Messages over so many connections. Each has one on its way at a time. The clients' side
/// compares each answer with the message.
pub const fn demand(connections: u64) -> Demand {
    Demand {
        talk: Talk::Messages,
        connections,
        messages: match connections {
            MANY => MANY_MESSAGES,
            _ => MESSAGES,
        },
    }
}

/// Answers what another process sends over so many connections.
fn echo(runtime: &Runtime, iterations: u64, connections: u64, figure: Figure) -> Duration {
    let listen = listen::<ROOM>();
    served(runtime, iterations, listen, demand(connections), figure)
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
