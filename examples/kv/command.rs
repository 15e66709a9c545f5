//! Commands out of frames.

use crate::protocol::Frame;
use bytes::Bytes;
use runtime::time::Duration;
use std::str::FromStr;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Get(Bytes),
    Set {
        key: Bytes,
        value: Bytes,
        lives: Option<Duration>,
    },
    Del(Vec<Bytes>),
    Incr(Bytes),
    Expire(Bytes, i64),
    /// What is left of a key's life, in units of so many milliseconds.
    Ttl(Bytes, u128),
    Ping(Option<Bytes>),
    Publish(Bytes, Bytes),
    Subscribe(Vec<Bytes>),
    /// How many keys there are.
    Size,
    Quit,
}

/// Reads a command, or tells why it is refused. A refusal does not end the connection.
pub(crate) fn parse(frame: Frame) -> Result<Command, String> {
    let words = words(frame)?;
    let mut words = words.into_iter();
    let name = words.next().ok_or("ERR a command has a name")?;
    let name = String::from_utf8_lossy(&name).to_ascii_uppercase();
    let rest: Vec<Bytes> = words.collect();
    let command = match (name.as_str(), rest.as_slice()) {
        ("GET", [key]) => Command::Get(key.clone()),
        ("SET", [key, value, options @ ..]) => Command::Set {
            key: key.clone(),
            value: value.clone(),
            lives: lives(options)?,
        },
        ("DEL", [_, ..]) => Command::Del(rest),
        ("INCR", [key]) => Command::Incr(key.clone()),
        ("EXPIRE", [key, seconds]) => Command::Expire(key.clone(), number(seconds)?),
        ("TTL", [key]) => Command::Ttl(key.clone(), 1000),
        ("PTTL", [key]) => Command::Ttl(key.clone(), 1),
        ("PING", []) => Command::Ping(None),
        ("PING", [text]) => Command::Ping(Some(text.clone())),
        ("PUBLISH", [channel, message]) => Command::Publish(channel.clone(), message.clone()),
        ("SUBSCRIBE", [_, ..]) => Command::Subscribe(rest),
        ("DBSIZE", []) => Command::Size,
        ("QUIT", []) => Command::Quit,
        (
            "GET" | "SET" | "DEL" | "INCR" | "EXPIRE" | "TTL" | "PTTL" | "PING" | "PUBLISH"
            | "SUBSCRIBE" | "DBSIZE" | "QUIT",
            _,
        ) => return Err(format!("ERR wrong number of arguments for {name}")),
        _ => return Err(format!("ERR unknown command '{name}'")),
    };
    Ok(command)
}

fn words(frame: Frame) -> Result<Vec<Bytes>, String> {
    let Frame::Array(frames) = frame else {
        return Err(String::from("ERR a command is an array"));
    };
    let word = |frame| match frame {
        Frame::Bytes(bytes) => Ok(bytes),
        _ => Err(String::from("ERR a command is an array of values")),
    };
    frames.into_iter().map(word).collect()
}

/// `EX seconds` or `PX milliseconds` behind a SET.
fn lives(options: &[Bytes]) -> Result<Option<Duration>, String> {
    let (unit, amount) = match options {
        [] => return Ok(None),
        [unit, amount] => (unit.to_ascii_uppercase(), number::<u64>(amount)?),
        _ => return Err(String::from("ERR syntax error")),
    };
    match (unit.as_slice(), amount) {
        (_, 0) => Err(String::from("ERR nothing lives for no time")),
        (b"EX", seconds) => Ok(Some(Duration::from_secs(seconds))),
        (b"PX", millis) => Ok(Some(Duration::from_millis(millis))),
        _ => Err(String::from("ERR syntax error")),
    }
}

fn number<T: FromStr>(bytes: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(bytes).ok();
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| String::from("ERR value is not an integer or out of range"))
}
