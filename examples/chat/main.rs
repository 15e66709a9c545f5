//! What it teaches: many clients that talk to each other, where none of them can hold up the
//! others: bounded queues, time-outs, limits, and an end that everybody is told of.
//!
//! Runs until it is stopped. The client ends with either side.
//!
//! Run it:
//!     cargo run --release --example chat -- server --listen 127.0.0.1:7000
//!
//! and in two other terminals:
//!     cargo run --release --example chat -- client 127.0.0.1:7000 alice
//!     cargo run --release --example chat -- client 127.0.0.1:7000 bob
//!
//! Expect: what one types, the other one sees. `/help` lists the commands. The first Ctrl-C
//! tells everybody in the server's rooms, and ends it when all are gone, after three seconds
//! at the latest; the second one ends it at once. `nc 127.0.0.1 7000` will do as a client, too.
//!
//! Lines that come from the server begin with `*` where it speaks itself, with `!` where it
//! refuses something, with `[room] nick:` where somebody talks to a room, and with `nick ->`
//! where somebody talks to one other.
//!
//! `hall.rs` knows who is where, and `command.rs` what a line means: both without async code.
//! `session.rs` is one client's task; `server.rs` starts those, and ends them.

#[path = "../common/args.rs"]
mod args;
#[path = "../common/asked_to_end.rs"]
mod asked_to_end;
mod client;
mod command;
mod hall;
#[path = "../common/open_files.rs"]
mod open_files;
mod server;
mod session;

use args::Args;
use runtime::time::Duration;
use std::io;
use std::net::SocketAddr;

const USAGE: &str = "chat server [--listen ADDRESS] [--max-clients N] [--max-line BYTES] \
                     [--queue LINES] [--idle-timeout-ms N]
       chat client ADDRESS NICK";

/// What the server allows.
pub(crate) struct Config {
    listen: SocketAddr,
    max_clients: usize,
    /// The longest line that a client may send, in bytes.
    max_line: usize,
    /// How many lines wait for a client that reads slowly before it is dropped.
    queue: usize,
    /// How long a client may say nothing.
    idle: Duration,
}

#[runtime::main]
async fn main() -> io::Result<()> {
    let mut args = Args::new(USAGE);
    match args.next_name().as_deref() {
        Some("server") => server::run(config(&mut args)).await,
        Some("client") => {
            let (address, nick): (String, String) = (args.value(), args.value());
            client::run(&address, &nick).await
        }
        Some(_) => args.unknown(),
        None => server::run(config(&mut args)).await,
    }
}

fn config(args: &mut Args) -> Config {
    let mut config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 7000)),
        max_clients: 1024,
        max_line: 1024,
        queue: 256,
        idle: Duration::from_secs(600),
    };
    while let Some(name) = args.next_name() {
        match name.as_str() {
            "--listen" => config.listen = args.value(),
            "--max-clients" => config.max_clients = args.value::<usize>().max(1),
            "--max-line" => config.max_line = args.value::<usize>().max(16),
            "--queue" => config.queue = args.value::<usize>().max(8),
            "--idle-timeout-ms" => config.idle = Duration::from_millis(args.value()),
            _ => args.unknown(),
        }
    }
    config
}
