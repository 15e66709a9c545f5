//! One connection: requests come in, responses go out in the same order, and nobody may take
//! longer than the limits say.
//!
//! ```text
//!   idle ──bytes──▶ head ──complete──▶ (body is skipped) ──▶ response ──keep-alive──▶ idle
//!    │               │                                          │
//!    │ stop, or too  │ malformed or too late:                   │ close, or the server stops
//!    ▼ long idle     ▼ an error response                        ▼
//!   closed ◀──────── lingering: what still comes is read and thrown away for a moment
//! ```
//!
//! It lingers because the kernel answers bytes that nobody has read with a reset, and a reset
//! may overtake the response.

use crate::Server;
use crate::request::{self, MAX_HEAD, Request};
use crate::response::{Response, Rest};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::task::spawn_blocking;
use runtime::time::{Duration, Instant, timeout, timeout_at};
use std::io;
use std::pin::Pin;
use std::sync::Arc;

/// The longest body that is read, and thrown away: no request that is served needs one.
const MAX_BODY: u64 = 64 * 1024;

/// How long and how much is read from a client that was told that it is over.
const LINGER: (Duration, usize) = (Duration::from_secs(1), 256 * 1024);

/// How long a client may take.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// From the first byte of a head to its last one; and for a body.
    pub(crate) head: Duration,
    /// From a response to the next request.
    pub(crate) idle: Duration,
    /// To take one piece of a response.
    pub(crate) write: Duration,
}

enum Next {
    Request(Request),
    Refuse(u16),
    Closed,
}

struct Connection {
    stream: TcpStream,
    server: Arc<Server>,
    /// What has come and is not used yet: `input[..filled]`.
    input: Box<[u8]>,
    filled: usize,
    requests: u64,
}

/// Serves one connection until either side ends it.
pub(crate) async fn serve(stream: TcpStream, server: Arc<Server>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stopped = server.stop.wait();
    let mut stopped = std::pin::pin!(stopped);
    let mut connection = Connection {
        stream,
        server: server.clone(),
        input: vec![0; MAX_HEAD].into_boxed_slice(),
        filled: 0,
        requests: 0,
    };
    loop {
        let goes_on = match connection.next(stopped.as_mut()).await? {
            Next::Request(request) => connection.answer(request).await?,
            Next::Refuse(status) => connection.refuse(status).await?,
            Next::Closed => return Ok(()),
        };
        if !goes_on {
            return connection.linger().await;
        }
    }
}

impl Connection {
    /// Waits for the next request.
    async fn next(&mut self, mut stopped: Pin<&mut impl Future<Output = ()>>) -> io::Result<Next> {
        let limits = self.server.limits;
        let mut deadline = Instant::now() + limits.head;
        loop {
            match request::parse(&self.input[..self.filled]) {
                Ok(Some((request, length))) => {
                    self.input.copy_within(length..self.filled, 0);
                    self.filled -= length;
                    return Ok(Next::Request(request));
                }
                Ok(None) => {}
                Err(status) => return Ok(Next::Refuse(status)),
            }
            let read = self.stream.read(&mut self.input[self.filled..]);
            let length = if self.filled == 0 {
                let patience = if self.requests == 0 {
                    limits.head
                } else {
                    limits.idle
                };
                // The bytes first: a request that is here already is still served.
                let length = runtime::select! {
                    biased;
                    length = timeout(patience, read) => length,
                    () = &mut stopped => return Ok(Next::Closed),
                };
                deadline = Instant::now() + limits.head;
                match length {
                    Ok(length) => length?,
                    Err(_elapsed) => return Ok(Next::Closed),
                }
            } else {
                match timeout_at(deadline, read).await {
                    Ok(length) => length?,
                    Err(_elapsed) => return Ok(Next::Refuse(408)),
                }
            };
            if length == 0 {
                return Ok(Next::Closed);
            }
            self.filled += length;
        }
    }

    /// Answers one request, and tells whether there may be another one.
    async fn answer(&mut self, request: Request) -> io::Result<bool> {
        self.requests += 1;
        if request.body > MAX_BODY {
            return self.refuse(413).await;
        }
        let mut keep_alive = request.keep_alive;
        if request.expects_continue && request.body > self.filled as u64 {
            // It waits for our word before it sends the body. It gets the response instead;
            // whether the body comes nevertheless is its choice, so nothing can follow.
            keep_alive = false;
        } else if !self.skip(request.body as usize).await? {
            return self.refuse(408).await;
        }
        let old = request.old;
        let site = self.server.site.clone();
        let response = spawn_blocking(move || Response::of(&request, &site)).await?;
        keep_alive &= !self.server.stop.is_set();
        let connection = match (keep_alive, old) {
            (false, _) => Some("close"),
            (true, true) => Some("keep-alive"),
            (true, false) => None,
        };
        self.write(response, connection).await?;
        Ok(keep_alive)
    }

    /// Answers what is no request, or one that is not served. It is the last answer.
    async fn refuse(&mut self, status: u16) -> io::Result<bool> {
        self.write(Response::plain(status), Some("close")).await?;
        Ok(false)
    }

    /// Throws away `length` bytes of a body, or tells that they did not come in time.
    async fn skip(&mut self, length: usize) -> io::Result<bool> {
        let here = length.min(self.filled);
        self.input.copy_within(here..self.filled, 0);
        self.filled -= here;
        let deadline = Instant::now() + self.server.limits.head;
        let mut missing = length - here;
        while missing > 0 {
            // Nothing is in the buffer any more: all of it was the body.
            let size = missing.min(self.input.len());
            match timeout_at(deadline, self.stream.read(&mut self.input[..size])).await {
                Ok(Ok(0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => missing -= length?,
                Err(_elapsed) => return Ok(false),
            }
        }
        Ok(true)
    }

    async fn write(&mut self, mut response: Response, connection: Option<&str>) -> io::Result<()> {
        let mut piece = response.head(connection).into_bytes();
        piece.append(&mut response.body);
        self.server.counts.response(response.status);
        self.write_piece(&piece).await?;
        let mut rest = response.rest.take();
        while let Some(part) = rest {
            (piece, rest) = spawn_blocking(move || read(part, piece)).await??;
            self.write_piece(&piece).await?;
        }
        Ok(())
    }

    /// Each piece has its own time, so that who takes a big file slowly but steadily gets it,
    /// and who takes nothing at all is dropped.
    async fn write_piece(&mut self, piece: &[u8]) -> io::Result<()> {
        timeout(self.server.limits.write, self.stream.write_all(piece)).await??;
        self.server.counts.sent(piece.len());
        Ok(())
    }

    /// Says that nothing follows, and waits for the client to notice.
    async fn linger(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        let (patience, mut left) = LINGER;
        let drain = async {
            while left > 0 {
                match self.stream.read(&mut self.input).await {
                    Ok(0) | Err(_) => break,
                    Ok(length) => left = left.saturating_sub(length),
                }
            }
        };
        // Whoever does not close in time is closed upon.
        let _ = timeout(patience, drain).await;
        Ok(())
    }
}

/// The next piece of a file, in the memory of the last one, and what is left after it. Blocks.
fn read(mut rest: Rest, buffer: Vec<u8>) -> io::Result<(Vec<u8>, Option<Rest>)> {
    let piece = rest.read_piece(buffer)?;
    Ok((piece, Some(rest).filter(|rest| !rest.part.is_empty())))
}
