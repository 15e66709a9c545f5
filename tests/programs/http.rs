//! The file server, and a client that writes each byte itself.

use super::{Folder, Server, built};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

pub(crate) fn serve(folder: &Folder, args: &[&str]) -> Server {
    let mut command = Command::new(built("file_server"));
    command.args(["--listen", "127.0.0.1:0", "--root"]);
    command.arg(folder.path()).args(args);
    Server::start(command)
}

pub(crate) struct Client(pub(crate) TcpStream);

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address).expect("the server accepts");
        let limit = Some(Duration::from_secs(20));
        stream
            .set_read_timeout(limit)
            .expect("the limit is above 0");
        Client(stream)
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).expect("the server reads");
    }

    pub(crate) fn get(&mut self, path: &str, fields: &str) -> Reply {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: here\r\n{fields}\r\n"));
        self.reply(true)
    }

    /// The next response. One to HEAD has no body, whatever its length says.
    pub(crate) fn reply(&mut self, with_body: bool) -> Reply {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).expect("the server answers");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("a head is text");
        let mut reply = Reply {
            status: head[9..12].parse().expect("the status is a number"),
            head,
            body: Vec::new(),
        };
        if with_body && reply.status != 304 {
            let length = reply.field("Content-Length").expect("it says its length");
            reply.body = vec![0; length.parse().expect("the length is a number")];
            self.0.read_exact(&mut reply.body).expect("the body comes");
        }
        reply
    }

    pub(crate) fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0]), Ok(0))
    }
}

impl Reply {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}
