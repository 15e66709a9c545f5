//! Accepts clients while there is room, starts their sessions, and ends them all.

use crate::Config;
use crate::asked_to_end::asked_to_end;
use crate::hall::Hall;
use crate::open_files;
use crate::session::{self, PATIENCE};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpSocket, TcpStream};
use runtime::sync::{CancellationToken, Semaphore};
use runtime::task::TaskTracker;
use runtime::time::{Duration, sleep, timeout};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// How many are told at once that there is no room. Whoever comes on top is just closed upon.
const REFUSALS: usize = 32;

/// What the kernel keeps for a client that does not read, in bytes; with its usual megabytes,
/// a slow one would be found out late.
const SEND_BUFFER: u32 = 64 * 1024;

/// What all sessions share.
pub(crate) struct Server {
    pub(crate) config: Config,
    pub(crate) hall: Hall,
    /// The parent of all sessions' tokens.
    pub(crate) stop: CancellationToken,
}

pub(crate) async fn run(config: Config) -> io::Result<()> {
    let asked = asked_to_end()?;
    let max = open_files::make_room(config.max_clients + REFUSALS, 1);
    let max = max.saturating_sub(REFUSALS).max(1);
    let listener = listen(config.listen)?;
    println!("chat on {} for {max} clients", listener.local_addr()?);
    let server = Arc::new(Server {
        hall: Hall::new(config.queue),
        config,
        stop: CancellationToken::new(),
    });

    let sessions = TaskTracker::new();
    runtime::select! {
        () = accept(&listener, max, &sessions, &server) => {}
        () = asked => {}
    }
    drop(listener);
    println!("stopping: {} clients are told", sessions.len());
    sessions.close();
    server.stop.cancel();
    // A little more than each of them has for its last words.
    let patience = PATIENCE + Duration::from_millis(500);
    if timeout(patience, sessions.wait()).await.is_err() {
        println!("{} clients were cut off", sessions.len());
    }
    println!("the end");
    Ok(())
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    // Those that are accepted inherit it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(1024)
}

async fn accept(listener: &TcpListener, max: usize, sessions: &TaskTracker, server: &Arc<Server>) {
    let slots = Arc::new(Semaphore::new(max));
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut pause = Duration::from_millis(10);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _peer)) => stream,
            Err(error) => {
                // Files have run out, most likely. To try again at once would only burn a core.
                eprintln!("accept: {error}; trying again in {pause:?}");
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(1));
                continue;
            }
        };
        pause = Duration::from_millis(10);
        if let Ok(slot) = slots.clone().try_acquire_owned() {
            let server = server.clone();
            let kicked = server.stop.child_token();
            sessions.spawn(async move {
                session::serve(stream, server, kicked).await;
                drop(slot);
            });
        } else if let Ok(slot) = refusals.clone().try_acquire_owned() {
            sessions.spawn(async move {
                let _ = timeout(PATIENCE, refuse(stream)).await;
                drop(slot);
            });
        }
    }
}

async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let line = b"! the server is full; try again later\n";
    stream.write_all(line).await?;
    stream.shutdown().await?;
    // See `Session::good_bye`.
    let mut ignored = [0; 256];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}
