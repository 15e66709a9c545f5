//! How a server is started, and how it accepts.

use super::subject::net::{TcpListener, TcpStream};
use super::{Runtime, inside, subject};
use crate::demand::{Demand, Figure};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

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
    let address = inside(runtime, listen).expect("a server");
    demand.make(address, iterations, figure)
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
