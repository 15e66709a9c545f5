//! What it teaches: a server that holds up: limits on connections, on what comes in and on how
//! long it may take; files through the blocking pool; back-off when files run out; a graceful
//! end.
//!
//! Runs until it is stopped.
//!
//! Run it:
//!     cargo run --release --example file_server -- --root . --listen 127.0.0.1:8080
//!
//! and beside it:
//!     curl -i http://127.0.0.1:8080/README.md
//!
//! Expect: the address. The first Ctrl-C lets the responses that are under way finish for up to
//! five seconds, prints how much was served, and ends; the second one ends at once.
//!
//! It speaks HTTP/1.1 and 1.0: GET and HEAD, keep-alive, pipelining, conditions (`ETag`,
//! `Last-Modified`), single ranges, `index.html` or a listing for folders. It serves what is in
//! the folder, dot files too, and nothing outside of it; whoever can change the folder is
//! trusted. `request.rs`, `files.rs` and `response.rs` know nothing of async code;
//! `connection.rs` and this file are all that waits.

#[path = "../common/args.rs"]
mod args;
#[path = "../common/asked_to_end.rs"]
mod asked_to_end;
mod connection;
mod files;
#[path = "../common/open_files.rs"]
mod open_files;
mod request;
mod response;

use args::Args;
use connection::Limits;
use files::Site;
use runtime::net::TcpListener;
use runtime::sync::{Notify, Semaphore};
use runtime::time::{Duration, sleep, timeout};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const USAGE: &str = "file_server [--root FOLDER] [--listen ADDRESS] [--max CONNECTIONS] \
                     [--header-timeout-ms N] [--idle-timeout-ms N] [--write-timeout-ms N]";

/// How long responses may go on after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all connections share.
pub(crate) struct Server {
    pub(crate) site: Arc<Site>,
    pub(crate) limits: Limits,
    pub(crate) stop: Stop,
    pub(crate) counts: Counts,
}

struct Config {
    root: String,
    listen: String,
    max: usize,
    limits: Limits,
}

#[runtime::main]
async fn main() -> io::Result<()> {
    let config = arguments();
    let stop = asked_to_end::asked_to_end()?;
    // A connection has its socket, and the file that it is sending.
    let max = open_files::make_room(config.max, 2);
    let site = Site::new(&config.root)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", config.root)))?;
    let listener = TcpListener::bind(&config.listen).await?;
    println!(
        "serving {} on http://{}",
        config.root,
        listener.local_addr()?
    );
    let server = Arc::new(Server {
        site: Arc::new(site),
        limits: config.limits,
        stop: Stop::default(),
        counts: Counts::default(),
    });

    let slots = Arc::new(Semaphore::new(max));
    runtime::select! {
        () = accept(&listener, &slots, &server) => {}
        () = stop => {}
    }
    drop(listener);
    // Counted before they are told: an idle one is gone a moment later.
    let open = max - slots.available_permits();
    println!("stopping: {open} connections may finish");
    server.stop.set();
    // Whoever holds all slots knows that all connections are gone.
    let finished = timeout(PATIENCE, slots.acquire_many(max as u32)).await;
    if finished.is_err() {
        let open = max - slots.available_permits();
        println!("{open} connections were cut off");
    }
    println!("{}", server.counts.summary());
    Ok(())
}

fn arguments() -> Config {
    let mut config = Config {
        root: String::from("."),
        listen: String::from("127.0.0.1:8080"),
        max: 4096,
        limits: Limits {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            write: Duration::from_secs(30),
        },
    };
    let mut args = Args::new(USAGE);
    while let Some(name) = args.next_name() {
        let limits = &mut config.limits;
        match name.as_str() {
            "--root" => config.root = args.value(),
            "--listen" => config.listen = args.value(),
            "--max" => config.max = args.value::<usize>().clamp(1, u32::MAX as usize),
            "--header-timeout-ms" => limits.head = Duration::from_millis(args.value()),
            "--idle-timeout-ms" => limits.idle = Duration::from_millis(args.value()),
            "--write-timeout-ms" => limits.write = Duration::from_millis(args.value()),
            _ => args.unknown(),
        }
    }
    config
}

/// Accepts for ever. A connection that finds no slot waits in the kernel's backlog.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>, server: &Arc<Server>) {
    let mut pause = Duration::from_millis(10);
    while let Ok(slot) = slots.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _peer)) => {
                pause = Duration::from_millis(10);
                let server = server.clone();
                drop(runtime::spawn(async move {
                    server.counts.connections.fetch_add(1, Ordering::Relaxed);
                    if connection::serve(stream, server.clone()).await.is_err() {
                        // Gone in the middle of something, or too slow to take it.
                        server.counts.broken.fetch_add(1, Ordering::Relaxed);
                    }
                    drop(slot);
                }));
            }
            Err(error) => {
                // Files have run out, most likely. To try again at once would only burn a core.
                eprintln!("accept: {error}; trying again in {pause:?}");
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(1));
            }
        }
    }
}

/// The word that it is time to finish: for who waits for it, and for who only looks.
#[derive(Default)]
pub(crate) struct Stop {
    set: AtomicBool,
    notify: Notify,
}

impl Stop {
    pub(crate) fn set(&self) {
        self.set.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }

    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire)
    }

    pub(crate) async fn wait(&self) {
        // In this order: what is set after the look finds us waiting.
        let notified = self.notify.notified();
        if !self.is_set() {
            notified.await;
        }
    }
}

/// What the summary says.
#[derive(Default)]
pub(crate) struct Counts {
    connections: AtomicU64,
    broken: AtomicU64,
    fine: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    bytes: AtomicU64,
}

impl Counts {
    pub(crate) fn response(&self, status: u16) {
        let count = match status {
            ..400 => &self.fine,
            400..500 => &self.refused,
            500.. => &self.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn summary(&self) -> String {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        format!(
            "{} connections ({} broken), {} requests served, {} refused, {} failed, {} bytes",
            get(&self.connections),
            get(&self.broken),
            get(&self.fine),
            get(&self.refused),
            get(&self.failed),
            get(&self.bytes)
        )
    }
}
