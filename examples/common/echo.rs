//! Sends back what comes, until the peer has said its last byte.

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpSocket, TcpStream};
use std::io;
use std::net::SocketAddr;

/// How many connections the kernel keeps for a listener that has not accepted them yet. With
/// the usual 128, a thousand that come at once would find the line full, and try again a
/// second later.
const BACKLOG: u32 = 4096;

/// What one connection keeps in memory for its bytes.
const BUFFER: usize = 2 * 1024;

/// Like `TcpListener::bind`, with room for a crowd.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that is started anew need not wait for the last one's connections to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves one connection. `count` is told of each piece that was sent back.
pub(crate) async fn echo(mut stream: TcpStream, count: impl Fn(usize)) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; BUFFER];
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return stream.shutdown().await;
        }
        stream.write_all(&buffer[..length]).await?;
        count(length);
    }
}
