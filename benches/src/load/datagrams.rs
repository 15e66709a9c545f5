//! Datagrams over UDP.

use super::{MESSAGE, PATIENCE, message, turns, wrong_answer};
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

pub(super) struct Client {
    socket: UdpSocket,
}

impl turns::Client for Client {
    fn connect(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.send(&message(0))?;
        socket.recv(&mut [0; MESSAGE])?;
        socket.set_nonblocking(true)?;
        let mut socket = UdpSocket::from_std(socket);
        registry.register(&mut socket, token, Interest::READABLE)?;
        Ok(Client { socket })
    }

    fn send(&mut self, number: u64, _: &Registry, _: Token) -> io::Result<()> {
        match self.socket.send(&message(number))? {
            MESSAGE => Ok(()),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    fn receive(&mut self, number: u64) -> io::Result<bool> {
        // A byte more than it should be shows an answer that is too long.
        let mut answer = [0; MESSAGE + 1];
        match self.socket.recv(&mut answer) {
            Ok(length) if answer[..length] == message(number) => Ok(true),
            Ok(_) => Err(wrong_answer()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}
