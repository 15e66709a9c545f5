//! How a server accepts, and how it is measured: by what another process sees of it, and by what it uses.

use super::subject::net::{TcpListener, TcpStream};
use super::{Runtime, inside, subject};
use crate::load::{Load, Talk};
use crate::stopwatch::Stopwatch;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// What is measured.
pub(super) enum Figure {
    /// How long all messages took.
    Time,
    /// The same, always in processor time: that of the server, which the other process has no
    /// part in.
    Processor,
    /// How long the answer to half of the messages took at most, as the other side sees it.
    Median,
    /// The same, for all but one in a hundred.
    P99,
}

/// What the other side does.
pub(super) struct Demand {
    pub(super) talk: Talk,
    pub(super) connections: u64,
    /// How many messages an iteration answers, over all connections together.
    pub(super) messages: u64,
}

/// Starts a server, and answers what another process sends.
pub(super) fn served<F>(
    runtime: &Runtime,
    iterations: u64,
    listen: F,
    demand: Demand,
    figure: Figure,
) -> Duration
where
    F: Future<Output = io::Result<SocketAddr>> + Send + 'static,
{
    let wanted = iterations * demand.messages;
    let messages = wanted.next_multiple_of(demand.connections);
    let address = inside(runtime, listen).expect("a server");
    let mut load = Load::start_to(demand.talk, address, demand.connections as usize);
    let stopwatch = match figure {
        Figure::Processor => Stopwatch::processor(),
        _ => Stopwatch::start(),
    };
    let latencies = load.exchange(messages);
    let elapsed = stopwatch.elapsed();
    match figure {
        // What was sent beyond the iterations does not count.
        Figure::Time | Figure::Processor => elapsed.mul_f64(wanted as f64 / messages as f64),
        Figure::Median => latencies.median * iterations as u32,
        Figure::P99 => latencies.p99 * iterations as u32,
    }
}

/// Starts to accept connections, and hands each to `serve`.
pub(super) async fn listen(serve: impl Fn(TcpStream) + Send + 'static) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    drop(subject::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            serve(stream);
        }
    }));
    Ok(address)
}
