//! What it teaches: many clients at once with `JoinSet`, a limit on how many connect at the
//! same time, sockets with an address of their own, and measuring.
//!
//! Run it:
//!     cargo run --release --example echo_load
//!     cargo run --release --example echo_load -- --connect 127.0.0.1:7000 --connections 10000
//!
//! Expect: how long it took to open the connections, then messages a second and the latencies,
//! and the end. Without `--connect` (or with `--self-test`) it talks to a server of its own.

#[path = "common/args.rs"]
mod args;
#[path = "common/echo.rs"]
mod echo;
#[path = "common/open_files.rs"]
mod open_files;

use args::Args;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpSocket, TcpStream};
use runtime::sync::Semaphore;
use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep, timeout};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

const USAGE: &str = "echo_load [--connect ADDRESS | --self-test] [--connections N] \
                     [--messages N] [--size BYTES]";

/// How many connects are under way at once: fewer than a listener's usual backlog.
const CONNECTING: usize = 100;

/// One source address has some 28,000 ports for one destination.
const PORTS: usize = 20_000;

/// An answer that takes longer than this is taken for lost.
const PATIENCE: Duration = Duration::from_secs(30);

struct Load {
    target: Option<SocketAddr>,
    connections: usize,
    messages: usize,
    size: usize,
}

#[runtime::main]
async fn main() -> io::Result<ExitCode> {
    let mut load = arguments();
    // In a test of itself, this process has both ends of each connection.
    let files = if load.target.is_none() { 2 } else { 1 };
    load.connections = open_files::make_room(load.connections, files);
    let target = match load.target {
        Some(target) => target,
        None => own_server()?,
    };

    let start = Instant::now();
    let (streams, refused) = connect_all(&load, target).await;
    println!(
        "{} connections open after {} ms, {refused} failed",
        streams.len(),
        start.elapsed().as_millis()
    );

    let start = Instant::now();
    let (mut latencies, broken) = talk_on_all(&load, streams).await;
    let seconds = start.elapsed().as_secs_f64();
    latencies.sort_unstable();
    println!(
        "{} messages of {} bytes came back in {seconds:.2} s: {:.0} a second, {broken} connections failed",
        latencies.len(),
        load.size,
        latencies.len() as f64 / seconds,
    );
    println!(
        "latency: p50 {:?}, p99 {:?}, longest {:?}",
        percentile(&latencies, 50),
        percentile(&latencies, 99),
        percentile(&latencies, 100)
    );
    Ok(if refused + broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn arguments() -> Load {
    let mut load = Load {
        target: None,
        connections: 1000,
        messages: 10,
        size: 64,
    };
    let mut args = Args::new(USAGE);
    while let Some(name) = args.next_name() {
        match name.as_str() {
            "--connect" => load.target = Some(args.value()),
            "--self-test" => load.target = None,
            "--connections" => load.connections = args.value::<usize>().max(1),
            "--messages" => load.messages = args.value(),
            "--size" => load.size = args.value::<usize>().max(1),
            _ => args.unknown(),
        }
    }
    load
}

/// An echo server in this process, for as long as the process lives.
fn own_server() -> io::Result<SocketAddr> {
    let listener = echo::listen(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = listener.local_addr()?;
    drop(runtime::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _peer)) => drop(runtime::spawn(echo::echo(stream, |_bytes| {}))),
                Err(error) => {
                    eprintln!("accept: {error}");
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }));
    Ok(address)
}

/// All connections that could be opened, and how many could not.
async fn connect_all(load: &Load, target: SocketAddr) -> (Vec<TcpStream>, usize) {
    let turns = Arc::new(Semaphore::new(CONNECTING));
    let mut connecting = JoinSet::new();
    for number in 0..load.connections {
        let turns = turns.clone();
        connecting.spawn(async move {
            let _turn = turns.acquire().await.map_err(io::Error::other)?;
            timeout(PATIENCE, connect(number, target)).await?
        });
    }
    let mut streams = Vec::new();
    let mut failed = 0;
    while let Some(result) = connecting.join_next().await {
        match result.map_err(io::Error::other).and_then(|done| done) {
            Ok(stream) => streams.push(stream),
            Err(error) => {
                failed += 1;
                if failed == 1 {
                    eprintln!("connect: {error}");
                }
            }
        }
    }
    (streams, failed)
}

/// Where one source address would run short of ports, the next address of 127.0.0.0/8 goes on.
async fn connect(number: usize, target: SocketAddr) -> io::Result<TcpStream> {
    let neighbour = number / PORTS;
    let stream = if neighbour == 0 || !is_loopback_v4(target) {
        TcpStream::connect(target).await?
    } else {
        let [high, low] = ((neighbour + 1) as u16).to_be_bytes();
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, high, low), 0)))?;
        socket.connect(target).await?
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn is_loopback_v4(target: SocketAddr) -> bool {
    matches!(target.ip(), IpAddr::V4(address) if address.is_loopback())
}

/// The latencies of all messages that came back, and how many connections failed.
async fn talk_on_all(load: &Load, streams: Vec<TcpStream>) -> (Vec<Duration>, usize) {
    let (messages, size) = (load.messages, load.size);
    let mut talking = JoinSet::new();
    for (number, stream) in streams.into_iter().enumerate() {
        talking.spawn(talk(stream, number, messages, size));
    }
    let mut latencies = Vec::new();
    let mut failed = 0;
    while let Some(result) = talking.join_next().await {
        match result.map_err(io::Error::other).and_then(|done| done) {
            Ok(more) => latencies.extend(more),
            Err(error) => {
                failed += 1;
                if failed == 1 {
                    eprintln!("echo: {error}");
                }
            }
        }
    }
    (latencies, failed)
}

/// Sends messages that no other connection sends, and checks what comes back.
async fn talk(
    mut stream: TcpStream,
    number: usize,
    messages: usize,
    size: usize,
) -> io::Result<Vec<Duration>> {
    let mut latencies = Vec::with_capacity(messages);
    let mut answer = vec![0; size];
    for message in 0..messages {
        let mark = number.wrapping_mul(31).wrapping_add(message * 7);
        let sent: Vec<u8> = (0..size).map(|at| (mark + at) as u8).collect();
        let start = Instant::now();
        stream.write_all(&sent).await?;
        timeout(PATIENCE, stream.read_exact(&mut answer)).await??;
        latencies.push(start.elapsed());
        if answer != sent {
            return Err(io::Error::other("something else came back"));
        }
    }
    stream.shutdown().await?;
    if stream.read(&mut answer).await? != 0 {
        return Err(io::Error::other("more came back than was sent"));
    }
    Ok(latencies)
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    match sorted.len() {
        0 => Duration::ZERO,
        length => sorted[(length * percent / 100).min(length - 1)],
    }
}
