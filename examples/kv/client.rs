//! The client's side: a method for each command, and pipelines of several at once.
//!
//! Each method may be dropped while it waits (by a `timeout`, say), and the client used
//! again: replies that nobody waits for any more are counted, and skipped by the next call.

use crate::protocol::{Codec, Frame, ProtocolError};
use bytes::Bytes;
use futures::SinkExt;
use runtime::codec::{Encoder, FramedRead, FramedWrite};
use runtime::net::TcpStream;
use runtime::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use runtime::stream::StreamExt;
use runtime::time::Duration;
use std::{error, fmt, io};

pub(crate) struct Client {
    replies: FramedRead<OwnedReadHalf, Codec>,
    commands: FramedWrite<OwnedWriteHalf, Codec>,
    /// How many replies will come for commands that were sent.
    owed: usize,
}

#[derive(Debug)]
pub(crate) enum ClientError {
    Protocol(ProtocolError),
    /// The server has understood, and says no.
    Refused(String),
    /// No answer to what was asked.
    Unexpected(Frame),
    Closed,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientError::Protocol(error) => error.fmt(f),
            ClientError::Refused(why) => write!(f, "the server refuses: {why}"),
            ClientError::Unexpected(frame) => write!(f, "an unexpected reply: {frame:?}"),
            ClientError::Closed => f.write_str("the server has closed the connection"),
        }
    }
}

impl error::Error for ClientError {}

impl From<ProtocolError> for ClientError {
    fn from(error: ProtocolError) -> Self {
        ClientError::Protocol(error)
    }
}

impl From<io::Error> for ClientError {
    fn from(error: io::Error) -> Self {
        ClientError::Protocol(error.into())
    }
}

pub(crate) type Result<T> = std::result::Result<T, ClientError>;

/// What is left of a key's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ttl {
    NoSuchKey,
    ForEver,
    Left(Duration),
}

impl Client {
    pub(crate) async fn connect(address: &str) -> Result<Client> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        Ok(Client {
            replies: FramedRead::new(reader, Codec),
            commands: FramedWrite::new(writer, Codec),
            owed: 0,
        })
    }

    pub(crate) async fn ping(&mut self) -> Result<()> {
        done(self.call(command(&[b"PING"])).await?)
    }

    pub(crate) async fn get(&mut self, key: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        match self.call(command(&[b"GET", key.as_ref()])).await? {
            Frame::Bytes(value) => Ok(Some(value)),
            Frame::Nothing => Ok(None),
            other => Err(ClientError::Unexpected(other)),
        }
    }

    pub(crate) async fn set(
        &mut self,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
    ) -> Result<()> {
        let set = command(&[b"SET", key.as_ref(), value.as_ref()]);
        done(self.call(set).await?)
    }

    /// Sets a key that is gone after `lives`, in milliseconds and at least one.
    pub(crate) async fn set_for(
        &mut self,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
        lives: Duration,
    ) -> Result<()> {
        let millis = lives.as_millis().clamp(1, u64::MAX.into()).to_string();
        let set = [
            b"SET",
            key.as_ref(),
            value.as_ref(),
            b"PX",
            millis.as_bytes(),
        ];
        done(self.call(command(&set)).await?)
    }

    /// How many of the keys were there.
    pub(crate) async fn del<K: AsRef<[u8]>>(&mut self, keys: &[K]) -> Result<i64> {
        let mut words: Vec<&[u8]> = vec![b"DEL"];
        words.extend(keys.iter().map(AsRef::as_ref));
        number(self.call(command(&words)).await?)
    }

    pub(crate) async fn incr(&mut self, key: impl AsRef<[u8]>) -> Result<i64> {
        number(self.call(command(&[b"INCR", key.as_ref()])).await?)
    }

    /// Whether the key was there.
    pub(crate) async fn expire(&mut self, key: impl AsRef<[u8]>, seconds: i64) -> Result<bool> {
        let seconds = seconds.to_string();
        let expire = command(&[b"EXPIRE", key.as_ref(), seconds.as_bytes()]);
        Ok(number(self.call(expire).await?)? == 1)
    }

    pub(crate) async fn ttl(&mut self, key: impl AsRef<[u8]>) -> Result<Ttl> {
        match number(self.call(command(&[b"PTTL", key.as_ref()])).await?)? {
            -2 => Ok(Ttl::NoSuchKey),
            -1 => Ok(Ttl::ForEver),
            left => Ok(Ttl::Left(Duration::from_millis(left.unsigned_abs()))),
        }
    }

    /// How many subscribers it has reached.
    pub(crate) async fn publish(
        &mut self,
        channel: impl AsRef<[u8]>,
        message: impl AsRef<[u8]>,
    ) -> Result<i64> {
        let publish = command(&[b"PUBLISH", channel.as_ref(), message.as_ref()]);
        number(self.call(publish).await?)
    }

    /// From here on the connection is for messages.
    pub(crate) async fn subscribe<C: AsRef<[u8]>>(mut self, channels: &[C]) -> Result<Subscriber> {
        let mut words: Vec<&[u8]> = vec![b"SUBSCRIBE"];
        words.extend(channels.iter().map(AsRef::as_ref));
        self.send(command(&words)).await?;
        // One reply for each of them.
        self.owed += channels.len().saturating_sub(1);
        let mut subscriber = Subscriber {
            client: self,
            early: Vec::new(),
        };
        subscriber.confirm().await?;
        Ok(subscriber)
    }

    pub(crate) fn pipeline(&mut self) -> Pipeline<'_> {
        Pipeline {
            client: self,
            commands: Vec::new(),
        }
    }

    /// Sends words as they are.
    pub(crate) async fn raw(&mut self, words: &[&[u8]]) -> Result<Frame> {
        self.call(command(words)).await
    }

    async fn call(&mut self, command: Frame) -> Result<Frame> {
        self.send(command).await?;
        // Those from before, which nobody waits for any more.
        while self.owed > 1 {
            receive(&mut self.replies, &mut self.owed).await?;
        }
        match receive(&mut self.replies, &mut self.owed).await? {
            Frame::Refusal(why) => Err(ClientError::Refused(why)),
            reply => Ok(reply),
        }
    }

    async fn send(&mut self, command: Frame) -> Result<()> {
        self.commands.feed(command).await?;
        self.owed += 1;
        SinkExt::<Frame>::flush(&mut self.commands).await?;
        Ok(())
    }
}

async fn receive(
    replies: &mut FramedRead<OwnedReadHalf, Codec>,
    owed: &mut usize,
) -> Result<Frame> {
    let frame = replies.next().await.ok_or(ClientError::Closed)??;
    *owed -= 1;
    Ok(frame)
}

/// Commands that are sent together. Their replies come in the same order.
pub(crate) struct Pipeline<'a> {
    client: &'a mut Client,
    commands: Vec<Frame>,
}

impl Pipeline<'_> {
    pub(crate) fn add(&mut self, words: &[&[u8]]) -> &mut Self {
        self.commands.push(command(words));
        self
    }

    pub(crate) fn get(&mut self, key: impl AsRef<[u8]>) -> &mut Self {
        self.add(&[b"GET", key.as_ref()])
    }

    pub(crate) fn set(&mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        self.add(&[b"SET", key.as_ref(), value.as_ref()])
    }

    /// Sends them, and returns a reply for each; one that is refused is among them.
    pub(crate) async fn run(&mut self) -> Result<Vec<Frame>> {
        let Client {
            replies,
            commands,
            owed,
        } = &mut *self.client;
        while *owed > 0 {
            receive(replies, owed).await?;
        }
        let count = self.commands.len();
        // All of them or none, if this is dropped: nothing waits before they are in the buffer.
        for command in self.commands.drain(..) {
            Codec.encode(command, commands.write_buffer_mut())?;
        }
        *owed += count;
        let mut results = Vec::with_capacity(count);
        let write = async { Ok(SinkExt::<Frame>::flush(commands).await?) };
        let read = async {
            while results.len() < count {
                results.push(receive(replies, owed).await?);
            }
            Ok::<(), ClientError>(())
        };
        // Both at once: a server that finds nobody to take its replies stops reading.
        runtime::try_join!(write, read)?;
        Ok(results)
    }
}

/// A connection that listens.
pub(crate) struct Subscriber {
    client: Client,
    /// What came before all channels were confirmed.
    early: Vec<Message>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) channel: Bytes,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Bytes(Bytes),
    /// We were too slow for so many messages.
    Missed(i64),
}

impl Subscriber {
    async fn confirm(&mut self) -> Result<()> {
        let Client { replies, owed, .. } = &mut self.client;
        while *owed > 0 {
            let frame = replies.next().await.ok_or(ClientError::Closed)??;
            match message(frame) {
                Ok(message) => self.early.push(message),
                Err(ClientError::Unexpected(Frame::Array(_))) => *owed -= 1,
                Err(error) => return Err(error),
            }
        }
        self.early.reverse();
        Ok(())
    }

    /// The next message; `None` if the server has closed.
    pub(crate) async fn next(&mut self) -> Result<Option<Message>> {
        if let Some(message) = self.early.pop() {
            return Ok(Some(message));
        }
        match self.client.replies.next().await {
            Some(frame) => message(frame?).map(Some),
            None => Ok(None),
        }
    }
}

fn message(frame: Frame) -> Result<Message> {
    match &frame {
        Frame::Refusal(why) => return Err(ClientError::Refused(why.clone())),
        Frame::Array(frames) => {
            if let [Frame::Bytes(word), Frame::Bytes(channel), what] = frames.as_slice() {
                let content = match (&word[..], what) {
                    (b"message", Frame::Bytes(bytes)) => Some(Content::Bytes(bytes.clone())),
                    (b"missed", Frame::Number(missed)) => Some(Content::Missed(*missed)),
                    _ => None,
                };
                if let Some(content) = content {
                    let channel = channel.clone();
                    return Ok(Message { channel, content });
                }
            }
        }
        _ => {}
    }
    Err(ClientError::Unexpected(frame))
}

fn command(words: &[&[u8]]) -> Frame {
    Frame::Array(words.iter().map(Frame::bytes).collect())
}

fn done(frame: Frame) -> Result<()> {
    match frame {
        Frame::Word(_) => Ok(()),
        other => Err(ClientError::Unexpected(other)),
    }
}

fn number(frame: Frame) -> Result<i64> {
    match frame {
        Frame::Number(number) => Ok(number),
        other => Err(ClientError::Unexpected(other)),
    }
}
