//! What it teaches: one task for each connection, ten thousand of them; a limit on what is
//! open; what to do when files run out; a graceful end.
//!
//! Runs until it is stopped.
//!
//! Run it:
//!     cargo run --release --example echo_server -- --listen 127.0.0.1:7000 --max 10000
//!
//! and beside it:
//!     cargo run --release --example echo_load -- --connect 127.0.0.1:7000 --connections 10000
//!
//! Expect: the address, then a line of counts a second while something changes. The first
//! Ctrl-C lets the connections finish for up to five seconds; the second one does not.

#[path = "common/args.rs"]
mod args;
#[path = "common/asked_to_end.rs"]
mod asked_to_end;
#[path = "common/echo.rs"]
mod echo;
#[path = "common/open_files.rs"]
mod open_files;

use args::Args;
use runtime::net::TcpListener;
use runtime::sync::Semaphore;
use runtime::time::{Duration, interval, sleep, timeout};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const USAGE: &str = "echo_server [--listen ADDRESS] [--max CONNECTIONS]";

/// How long connections may go on after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the line of counts says. Each number is right by itself; the line is no snapshot.
#[derive(Default)]
struct Counts {
    accepted: AtomicU64,
    ended: AtomicU64,
    failed: AtomicU64,
    bytes: AtomicU64,
}

#[runtime::main]
async fn main() -> io::Result<()> {
    let mut listen = SocketAddr::from(([127, 0, 0, 1], 7000));
    let mut max = 10_000;
    let mut args = Args::new(USAGE);
    while let Some(name) = args.next_name() {
        match name.as_str() {
            "--listen" => listen = args.value(),
            "--max" => max = args.value::<usize>().clamp(1, u32::MAX as usize),
            _ => args.unknown(),
        }
    }
    let stop = asked_to_end::asked_to_end()?;
    let max = open_files::make_room(max, 1);
    let listener = echo::listen(listen)?;
    println!(
        "listening on {} for {max} connections",
        listener.local_addr()?
    );

    let counts = Arc::new(Counts::default());
    let slots = Arc::new(Semaphore::new(max));
    let reporter = runtime::spawn(report(counts.clone()));
    runtime::select! {
        () = accept(&listener, &slots, &counts) => {}
        () = stop => {}
    }

    drop(listener);
    let open = max - slots.available_permits();
    println!("stopping: {open} connections may finish");
    // Whoever holds all slots knows that all connections are gone.
    if timeout(PATIENCE, slots.acquire_many(max as u32))
        .await
        .is_err()
    {
        let open = max - slots.available_permits();
        println!("{open} connections were cut off");
    }
    reporter.abort();
    println!("{}", counts.line());
    Ok(())
}

/// Accepts for ever. A connection is accepted when there is a slot for it: before that it waits
/// in the kernel's backlog, and costs this process nothing.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>, counts: &Arc<Counts>) {
    let mut pause = Duration::from_millis(10);
    while let Ok(slot) = slots.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _peer)) => {
                pause = Duration::from_millis(10);
                counts.accepted.fetch_add(1, Ordering::Relaxed);
                let counts = counts.clone();
                drop(runtime::spawn(async move {
                    let count = |bytes| {
                        counts.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
                    };
                    if echo::echo(stream, count).await.is_err() {
                        counts.failed.fetch_add(1, Ordering::Relaxed);
                    }
                    counts.ended.fetch_add(1, Ordering::Relaxed);
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

/// Prints a line once a second, when it differs from the last one.
async fn report(counts: Arc<Counts>) {
    let mut seconds = interval(Duration::from_secs(1));
    let mut last = counts.line();
    loop {
        seconds.tick().await;
        let line = counts.line();
        if line != last {
            println!("{line}");
            last = line;
        }
    }
}

impl Counts {
    fn line(&self) -> String {
        let [accepted, ended, failed, bytes] =
            [&self.accepted, &self.ended, &self.failed, &self.bytes]
                .map(|count| count.load(Ordering::Relaxed));
        let open = accepted.saturating_sub(ended);
        format!("{open} open, {accepted} accepted, {failed} failed, {bytes} bytes sent back")
    }
}
