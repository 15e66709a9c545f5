//! One connection: commands in, replies out in the same order, and messages in between once
//! it has subscribed.
//!
//! Commands that have come together are answered together: as long as there is a whole one in
//! the buffer, its reply is only put into the other buffer, and what is there is written when
//! we would have to wait.
//!
//! The messages of one channel come in order; those of two channels in any.

use crate::command::{self, Command};
use crate::protocol::{Codec, Frame, ProtocolError};
use crate::server::Server;
use bytes::Bytes;
use futures::{FutureExt, SinkExt, stream};
use runtime::codec::Framed;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::stream::{Stream, StreamExt, StreamMap};
use runtime::sync::broadcast::{self, error::RecvError};
use runtime::time::{Duration, sleep, timeout};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How long and how much is read from a client that was told that it is over.
const LINGER: (Duration, u64) = (Duration::from_secs(1), 1024 * 1024);

/// To how many channels one connection may listen.
const MAX_CHANNELS: usize = 64;

type Messages = Pin<Box<dyn Stream<Item = Result<Bytes, u64>> + Send>>;

pub(crate) struct Connection {
    framed: Framed<TcpStream, Codec>,
    server: Arc<Server>,
    channels: StreamMap<Bytes, Messages>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, server: Arc<Server>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Connection {
            framed: Framed::new(stream, Codec),
            server,
            channels: StreamMap::new(),
        })
    }

    /// Serves it until either side ends it.
    pub(crate) async fn serve(mut self) -> Result<(), ProtocolError> {
        let result = self.talk().await;
        if let Err(error @ ProtocolError::Malformed(_)) = &result {
            self.reply(Frame::refusal(format!("ERR {error}"))).await?;
        }
        if !matches!(result, Err(ProtocolError::Io(_))) {
            self.flush().await?;
            // Whoever does not close in time is closed upon.
            let _ = timeout(LINGER.0, self.linger()).await;
        }
        result
    }

    async fn talk(&mut self) -> Result<(), ProtocolError> {
        loop {
            let frame = match self.framed.next().now_or_never() {
                Some(frame) => frame,
                None => {
                    self.flush().await?;
                    // The commands first: one that is here already is still served.
                    runtime::select! {
                        biased;
                        frame = self.framed.next() => frame,
                        Some((channel, message)) = self.channels.next() => {
                            self.push(channel, message).await?;
                            continue;
                        }
                        () = self.server.stop.cancelled() => return Ok(()),
                        () = sleep(self.server.limits.idle), if self.channels.is_empty() => {
                            return Ok(());
                        }
                    }
                }
            };
            let Some(frame) = frame.transpose()? else {
                return Ok(());
            };
            if !self.obey(frame).await? {
                return Ok(());
            }
        }
    }

    /// Does what a frame says. Tells whether there may be another one.
    async fn obey(&mut self, frame: Frame) -> Result<bool, ProtocolError> {
        self.server.counts.commands.fetch_add(1, Ordering::Relaxed);
        let command = match command::parse(frame) {
            Ok(command) => command,
            Err(why) => {
                self.reply(Frame::refusal(why)).await?;
                return Ok(true);
            }
        };
        match command {
            Command::Subscribe(channels) => self.subscribe(channels).await?,
            Command::Ping(None) => self.reply(Frame::word("PONG")).await?,
            Command::Ping(Some(text)) => self.reply(Frame::Bytes(text)).await?,
            Command::Quit => {
                self.reply(Frame::word("OK")).await?;
                return Ok(false);
            }
            _ if !self.channels.is_empty() => {
                let why = "ERR only SUBSCRIBE, PING and QUIT are allowed while subscribed";
                self.reply(Frame::refusal(why)).await?;
            }
            command => {
                let reply = self.ask(command);
                self.reply(reply).await?;
            }
        }
        Ok(true)
    }

    /// What the store says.
    fn ask(&self, command: Command) -> Frame {
        let store = &self.server.store;
        match command {
            Command::Get(key) => store.get(&key).map_or(Frame::Nothing, Frame::Bytes),
            Command::Set { key, value, lives } => {
                store.set(key, value, lives);
                Frame::word("OK")
            }
            Command::Del(keys) => Frame::Number(store.delete(&keys) as i64),
            Command::Incr(key) => match store.increment(&key) {
                Ok(number) => Frame::Number(number),
                Err(why) => Frame::refusal(why),
            },
            Command::Expire(key, seconds) => Frame::Number(store.expire_in(&key, seconds).into()),
            Command::Ttl(key, unit) => Frame::Number(match store.time_to_live(&key) {
                None => -2,
                Some(None) => -1,
                Some(Some(left)) => left.as_millis().div_ceil(unit) as i64,
            }),
            Command::Publish(channel, message) => {
                // The messages outlive the buffer that this one is a part of.
                let message = Bytes::copy_from_slice(&message);
                Frame::Number(store.publish(&channel, message) as i64)
            }
            Command::Size => Frame::Number(store.len() as i64),
            // Those that wait, or end the connection, were served above.
            Command::Ping(_) | Command::Subscribe(_) | Command::Quit => Frame::Nothing,
        }
    }

    async fn subscribe(&mut self, channels: Vec<Bytes>) -> Result<(), ProtocolError> {
        for channel in channels {
            let channel = Bytes::copy_from_slice(&channel);
            if !self.channels.contains_key(&channel) {
                if self.channels.len() == MAX_CHANNELS {
                    let why = format!("ERR at most {MAX_CHANNELS} channels");
                    return self.reply(Frame::refusal(why)).await;
                }
                let receiver = self.server.store.subscribe(&channel);
                self.channels.insert(channel.clone(), messages(receiver));
            }
            let count = Frame::Number(self.channels.len() as i64);
            let word = Frame::bytes("subscribe");
            let reply = Frame::Array(vec![word, Frame::Bytes(channel), count]);
            self.reply(reply).await?;
        }
        Ok(())
    }

    /// Hands a message on, or tells how many were missed.
    async fn push(
        &mut self,
        channel: Bytes,
        message: Result<Bytes, u64>,
    ) -> Result<(), ProtocolError> {
        let (word, what) = match message {
            Ok(message) => ("message", Frame::Bytes(message)),
            Err(missed) => ("missed", Frame::Number(missed as i64)),
        };
        let word = Frame::bytes(word);
        self.reply(Frame::Array(vec![word, Frame::Bytes(channel), what]))
            .await
    }

    /// Puts a frame into the buffer, and writes that if it is full.
    async fn reply(&mut self, frame: Frame) -> Result<(), ProtocolError> {
        timed(self.server.limits.write, self.framed.feed(frame)).await
    }

    async fn flush(&mut self) -> Result<(), ProtocolError> {
        let flush = SinkExt::<Frame>::flush(&mut self.framed);
        timed(self.server.limits.write, flush).await
    }

    /// Closes our side, and waits for the client to close its own: the kernel answers bytes
    /// that nobody reads with a reset, which may overtake the last reply.
    async fn linger(&mut self) -> io::Result<()> {
        let stream = self.framed.get_mut();
        stream.shutdown().await?;
        let mut rest = stream.take(LINGER.1);
        runtime::io::copy(&mut rest, &mut runtime::io::sink()).await?;
        Ok(())
    }
}

/// A client that takes nothing for so long is given up.
async fn timed<T>(
    limit: Duration,
    writing: impl Future<Output = Result<T, ProtocolError>>,
) -> Result<T, ProtocolError> {
    match timeout(limit, writing).await {
        Ok(result) => result,
        Err(elapsed) => Err(ProtocolError::Io(elapsed.into())),
    }
}

/// A channel's messages; an error is the number of those that were missed.
fn messages(receiver: broadcast::Receiver<Bytes>) -> Messages {
    Box::pin(stream::unfold(receiver, async |mut receiver| {
        let message = match receiver.recv().await {
            Ok(message) => Ok(message),
            Err(RecvError::Lagged(missed)) => Err(missed),
            Err(RecvError::Closed) => return None,
        };
        Some((message, receiver))
    }))
}
