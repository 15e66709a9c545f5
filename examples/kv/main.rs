//! What it teaches: a protocol with a codec of one's own, a client library with pipelines, a
//! store with deadlines, publishing to subscribers, and a server that ends in good order.
//!
//! Runs until it is stopped.
//!
//! Run it:
//!     cargo run --release --example kv -- server --listen 127.0.0.1:6380
//!
//! and beside it:
//!     cargo run --release --example kv -- set greeting hello ex 60
//!     cargo run --release --example kv -- get greeting
//!     cargo run --release --example kv -- subscribe news
//!     cargo run --release --example kv -- publish news "it rains"
//!     cargo run --release --example kv -- bench
//!
//! Expect: `OK`, `hello`, each message as it is published, how many it has reached, and some
//! hundred thousand operations a second. The first Ctrl-C lets the server's connections finish
//! what they are at, for up to three seconds, and ends it; the second one ends it at once.
//! `redis-cli -p 6380` will do as a client, too.
//!
//! It knows GET, SET (with EX and PX), DEL, INCR, EXPIRE, TTL, PTTL, DBSIZE, PING, PUBLISH,
//! SUBSCRIBE and QUIT.
//!
//! `protocol.rs`, `command.rs` and `store.rs` are what both sides mean; `connection.rs` and
//! `server.rs` serve it; `client.rs` asks, for the commands here and for `bench.rs`.

#[path = "../common/args.rs"]
mod args;
#[path = "../common/asked_to_end.rs"]
mod asked_to_end;
mod bench;
mod client;
mod command;
mod connection;
#[path = "../common/open_files.rs"]
mod open_files;
mod protocol;
mod server;
mod store;

use args::Args;
use bench::Load;
use client::{Client, Content, Subscriber, Ttl};
use protocol::Frame;
use runtime::time::Duration;
use server::{Config, Limits};
use std::error::Error;
use std::process::ExitCode;

const USAGE: &str = "kv server [--listen ADDRESS] [--max CONNECTIONS] [--idle-timeout-ms N] \
                     [--write-timeout-ms N]
       kv [--address ADDRESS] bench [--connections N] [--operations N] [--pipeline N]
       kv [--address ADDRESS] COMMAND [WORD ...]";

const ADDRESS: &str = "127.0.0.1:6380";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[runtime::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<ExitCode> {
    let mut args = Args::new(USAGE);
    let mut address = String::from(ADDRESS);
    while let Some(word) = args.next_name() {
        match word.as_str() {
            "--address" => address = args.value(),
            "server" => {
                server::run(config(&mut args)).await?;
                return Ok(ExitCode::SUCCESS);
            }
            "bench" => {
                bench::run(&address, &load(&mut args)).await?;
                return Ok(ExitCode::SUCCESS);
            }
            word if word.starts_with("--") => args.unknown(),
            word => {
                let rest: Vec<String> = std::iter::from_fn(|| args.next_name()).collect();
                return ask(&address, word, &rest).await;
            }
        }
    }
    eprintln!("usage: {USAGE}");
    Ok(ExitCode::from(2))
}

fn config(args: &mut Args) -> Config {
    let mut config = Config {
        listen: String::from(ADDRESS),
        max: 4096,
        limits: Limits {
            idle: Duration::from_secs(300),
            write: Duration::from_secs(10),
        },
    };
    while let Some(name) = args.next_name() {
        let limits = &mut config.limits;
        match name.as_str() {
            "--listen" => config.listen = args.value(),
            "--max" => config.max = args.value::<usize>().max(1),
            "--idle-timeout-ms" => limits.idle = Duration::from_millis(args.value()),
            "--write-timeout-ms" => limits.write = Duration::from_millis(args.value()),
            _ => args.unknown(),
        }
    }
    config
}

fn load(args: &mut Args) -> Load {
    let mut load = Load {
        connections: 50,
        operations: 1_000_000,
        pipeline: 16,
    };
    while let Some(name) = args.next_name() {
        match name.as_str() {
            "--connections" => load.connections = args.value::<usize>().max(1),
            "--operations" => load.operations = args.value::<usize>().max(1),
            "--pipeline" => load.pipeline = args.value::<usize>().max(1),
            _ => args.unknown(),
        }
    }
    load
}

/// One command, by the method that is made for it. A key that is not there is a failure, so
/// that a script can tell.
async fn ask(address: &str, word: &str, rest: &[String]) -> Result<ExitCode> {
    let mut client = Client::connect(address).await?;
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (word.to_ascii_lowercase().as_str(), rest.as_slice()) {
        ("ping", []) => {
            client.ping().await?;
            println!("PONG");
        }
        ("get", [key]) => match client.get(key).await? {
            Some(value) => println!("{}", value.escape_ascii()),
            None => return Ok(nothing()),
        },
        ("set", [key, value]) => {
            client.set(key, value).await?;
            println!("OK");
        }
        ("set", [key, value, unit, amount]) => {
            let amount = amount.parse()?;
            let lives = match unit.to_ascii_lowercase().as_str() {
                "ex" => Duration::from_secs(amount),
                "px" => Duration::from_millis(amount),
                unit => return Err(format!("ex or px, not {unit}").into()),
            };
            client.set_for(key, value, lives).await?;
            println!("OK");
        }
        ("del", keys) => println!("{}", client.del(keys).await?),
        ("incr", [key]) => println!("{}", client.incr(key).await?),
        ("expire", [key, seconds]) => {
            if !client.expire(key, seconds.parse()?).await? {
                return Ok(nothing());
            }
            println!("OK");
        }
        ("ttl", [key]) => match client.ttl(key).await? {
            Ttl::NoSuchKey => return Ok(nothing()),
            Ttl::ForEver => println!("for ever"),
            Ttl::Left(left) => println!("{left:?}"),
        },
        ("publish", [channel, message]) => {
            println!("{}", client.publish(channel, message).await?);
        }
        ("subscribe", [_, ..]) => print_messages(client.subscribe(&rest).await?).await?,
        _ => {
            let words: Vec<&[u8]> = [word].iter().chain(&rest).map(|w| w.as_bytes()).collect();
            print_frame(&client.raw(&words).await?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn nothing() -> ExitCode {
    println!("(nothing)");
    ExitCode::FAILURE
}

async fn print_messages(mut subscriber: Subscriber) -> Result<()> {
    println!("listening");
    while let Some(message) = subscriber.next().await? {
        let channel = message.channel.escape_ascii();
        match message.content {
            Content::Bytes(bytes) => println!("{channel}: {}", bytes.escape_ascii()),
            Content::Missed(count) => println!("{channel}: {count} messages missed"),
        }
    }
    Ok(())
}

fn print_frame(frame: &Frame) {
    match frame {
        Frame::Word(text) | Frame::Refusal(text) => println!("{text}"),
        Frame::Number(number) => println!("{number}"),
        Frame::Bytes(bytes) => println!("{}", bytes.escape_ascii()),
        Frame::Nothing => println!("(nothing)"),
        Frame::Array(frames) => frames.iter().for_each(print_frame),
    }
}
