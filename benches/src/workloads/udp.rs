//! What does it cost to answer a datagram?

use super::served::served;
use super::subject::net::UdpSocket;
use super::{Runtime, subject};
use crate::demand::{Demand, Figure};
use crate::load::{self, Talk};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How many datagrams an iteration answers, whatever the number of clients.
pub const DATAGRAMS: u64 = 2_000;

/// One client.
pub fn one(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 1)
}

/// 64 clients.
pub fn some(runtime: &Runtime, iterations: u64) -> Duration {
    echo(runtime, iterations, 64)
}

/// Datagrams of so many clients. Each has one on its way at a time.
pub const fn demand(connections: u64) -> Demand {
    Demand {
        talk: Talk::Datagrams,
        connections,
        messages: DATAGRAMS,
    }
}

fn echo(runtime: &Runtime, iterations: u64, clients: u64) -> Duration {
    served(runtime, iterations, listen(), demand(clients), Figure::Time)
}

/// Starts a task that answers whatever comes to one socket.
async fn listen() -> io::Result<SocketAddr> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    let address = socket.local_addr()?;
    drop(subject::spawn(async move {
        let mut datagram = [0; load::MESSAGE];
        loop {
            let (length, client) = socket.recv_from(&mut datagram).await.expect("a datagram");
            let sent = socket.send_to(&datagram[..length], client).await;
            assert_eq!(sent.expect("a way back"), length);
        }
    }));
    Ok(address)
}
