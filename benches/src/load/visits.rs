//! Connections over TCP that the server closes.

use super::{PATIENCE, turns, wrong_answer};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use rustix::net::sockopt::set_socket_linger;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::time::Duration;

pub(super) struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

impl turns::Client for Client {
    fn connect(address: SocketAddr, _: &Registry, _: Token) -> io::Result<Self> {
        let mut stream = std::net::TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        match stream.read(&mut [0])? {
            0 => Ok(Client {
                address,
                stream: None,
            }),
            _ => Err(wrong_answer()),
        }
    }

    fn send(&mut self, _: u64, registry: &Registry, token: Token) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.address)?;
        // Its end resets the connection, of which then nothing stays that would use up the
        // ports.
        set_socket_linger(&stream, Some(Duration::ZERO))?;
        registry.register(&mut stream, token, Interest::READABLE)?;
        self.stream = Some(stream);
        Ok(())
    }

    fn receive(&mut self, _: u64) -> io::Result<bool> {
        let Some(stream) = &mut self.stream else {
            return Ok(false);
        };
        match stream.read(&mut [0]) {
            Ok(0) => {
                self.stream = None;
                Ok(true)
            }
            Ok(_) => Err(wrong_answer()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}
