//! Accepts connections while there is a slot, and ends them all.

use crate::asked_to_end::asked_to_end;
use crate::connection::Connection;
use crate::open_files;
use crate::protocol::ProtocolError;
use crate::store::Store;
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::{CancellationToken, Semaphore};
use runtime::task::TaskTracker;
use runtime::time::{Duration, sleep, timeout};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How long connections may take to notice that it is over.
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) struct Config {
    pub(crate) listen: String,
    pub(crate) max: usize,
    pub(crate) limits: Limits,
}

/// How long a client may take.
pub(crate) struct Limits {
    /// Between two commands.
    pub(crate) idle: Duration,
    /// To take a buffer full of replies.
    pub(crate) write: Duration,
}

/// What all connections share.
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) limits: Limits,
    pub(crate) stop: CancellationToken,
    pub(crate) counts: Counts,
}

#[derive(Default)]
pub(crate) struct Counts {
    connections: AtomicU64,
    broken: AtomicU64,
    malformed: AtomicU64,
    pub(crate) commands: AtomicU64,
}

pub(crate) async fn run(config: Config) -> io::Result<()> {
    let asked = asked_to_end()?;
    let max = open_files::make_room(config.max, 1);
    let listener = TcpListener::bind(&config.listen).await?;
    println!("kv on {}", listener.local_addr()?);
    let server = Arc::new(Server {
        store: Store::default(),
        limits: config.limits,
        stop: CancellationToken::new(),
        counts: Counts::default(),
    });

    let tasks = TaskTracker::new();
    let expiring = server.clone();
    tasks.spawn(async move {
        let expire = expiring.store.expire();
        expiring.stop.run_until_cancelled(expire).await
    });
    runtime::select! {
        () = accept(&listener, max, &tasks, &server) => {}
        () = asked => {}
    }
    drop(listener);
    // One of them is not a connection.
    println!("stopping: {} connections", tasks.len() - 1);
    tasks.close();
    server.stop.cancel();
    if timeout(PATIENCE, tasks.wait()).await.is_err() {
        println!("{} connections were cut off", tasks.len());
    }
    println!("{}", server.counts.summary());
    Ok(())
}

/// Accepts for ever. A connection that finds no slot waits in the kernel's backlog.
async fn accept(listener: &TcpListener, max: usize, tasks: &TaskTracker, server: &Arc<Server>) {
    let slots = Arc::new(Semaphore::new(max));
    let mut pause = Duration::from_millis(10);
    while let Ok(slot) = slots.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _peer)) => {
                pause = Duration::from_millis(10);
                let server = server.clone();
                tasks.spawn(async move {
                    serve(stream, server).await;
                    drop(slot);
                });
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

async fn serve(stream: TcpStream, server: Arc<Server>) {
    server.counts.connections.fetch_add(1, Ordering::Relaxed);
    let result = match Connection::new(stream, server.clone()) {
        Ok(connection) => connection.serve().await,
        Err(error) => Err(error.into()),
    };
    let count = match result {
        Ok(()) => return,
        Err(ProtocolError::Malformed(_)) => &server.counts.malformed,
        Err(ProtocolError::Io(_)) => &server.counts.broken,
    };
    count.fetch_add(1, Ordering::Relaxed);
}

impl Counts {
    fn summary(&self) -> String {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        format!(
            "{} connections ({} broken, {} malformed), {} commands",
            get(&self.connections),
            get(&self.broken),
            get(&self.malformed),
            get(&self.commands)
        )
    }
}
