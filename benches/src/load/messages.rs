//! Messages over TCP.

use super::{MESSAGE, PATIENCE, message, turns, wrong_answer};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use std::io::{self, Read, Write};
use std::net::SocketAddr;

pub(super) struct Client {
    stream: TcpStream,
    /// What of the answer has come.
    answer: [u8; MESSAGE],
    length: usize,
}

/// Connects, and does this, while the stream blocks. It is registered after that.
pub(super) fn connect(
    address: SocketAddr,
    registry: &Registry,
    token: Token,
    first: impl FnOnce(&mut std::net::TcpStream) -> io::Result<()>,
) -> io::Result<TcpStream> {
    let mut stream = std::net::TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    first(&mut stream)?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    registry.register(&mut stream, token, Interest::READABLE)?;
    Ok(stream)
}

impl turns::Client for Client {
    fn connect(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Self> {
        let stream = connect(address, registry, token, |stream| {
            stream.write_all(&message(0))?;
            stream.read_exact(&mut [0; MESSAGE])
        })?;
        Ok(Client {
            stream,
            answer: [0; MESSAGE],
            length: 0,
        })
    }

    fn send(&mut self, number: u64, _: &Registry, _: Token) -> io::Result<()> {
        self.stream.write_all(&message(number))
    }

    fn receive(&mut self, number: u64) -> io::Result<bool> {
        while self.length < MESSAGE {
            match self.stream.read(&mut self.answer[self.length..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.length += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        self.length = 0;
        match self.answer == message(number) {
            true => Ok(true),
            false => Err(wrong_answer()),
        }
    }
}
