//! Requests of HTTP/1.1 over connections that stay.

use super::messages::connect;
use super::{HELLO, turns, wrong_answer};
use mio::net::TcpStream;
use mio::{Registry, Token};
use std::io::{self, Read, Write};
use std::net::SocketAddr;

const REQUEST: &[u8] = b"GET /plaintext HTTP/1.1\r\nhost: localhost\r\naccept: text/plain\r\n\r\n";
const STATUS: &str = "HTTP/1.1 200 OK\r\n";

/// More than an answer has.
const ROOM: usize = 1024;

pub(super) struct Client {
    stream: TcpStream,
    /// What of the answer has come.
    answer: [u8; ROOM],
    length: usize,
}

impl turns::Client for Client {
    fn connect(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Self> {
        let stream = connect(address, registry, token, |stream| {
            let mut answer = [0; ROOM];
            let mut length = 0;
            stream.write_all(REQUEST)?;
            while !is_answer(&answer[..length])? {
                length += some(stream.read(&mut answer[length..])?)?;
            }
            Ok(())
        })?;
        Ok(Client {
            stream,
            answer: [0; ROOM],
            length: 0,
        })
    }

    fn send(&mut self, _: u64, _: &Registry, _: Token) -> io::Result<()> {
        self.length = 0;
        self.stream.write_all(REQUEST)
    }

    fn receive(&mut self, _: u64) -> io::Result<bool> {
        while !is_answer(&self.answer[..self.length])? {
            match self.stream.read(&mut self.answer[self.length..]) {
                Ok(length) => self.length += some(length)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

fn some(length: usize) -> io::Result<usize> {
    match length {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        length => Ok(length),
    }
}

/// Whether this is all of the answer; an error if it is another one.
fn is_answer(bytes: &[u8]) -> io::Result<bool> {
    let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Ok(false);
    };
    let mut fields = head.split("\r\n").filter_map(|line| line.split_once(": "));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: Option<usize> = length.and_then(|(_, length)| length.parse().ok());
    match head.starts_with(STATUS) && length == Some(HELLO.len()) && HELLO.starts_with(body) {
        true => Ok(body == HELLO),
        false => Err(wrong_answer()),
    }
}
