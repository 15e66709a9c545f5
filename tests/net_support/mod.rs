//! What the tests of sockets share: runtimes of all sizes, time limits, connected pairs.
#![allow(dead_code)] // each test file uses some of them

use runtime::net::{TcpListener, TcpStream};
use runtime::rt::{Builder, Runtime};
use std::io;
use std::time::Duration;

/// A single-threaded runtime, and ones with 1, 2 and 64 workers.
pub(crate) fn runtimes() -> Vec<Runtime> {
    let multi = |workers| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(workers).enable_all().build()
    };
    let single = Builder::new_current_thread().enable_all().build();
    [single, multi(1), multi(2), multi(64)]
        .into_iter()
        .map(|runtime| runtime.expect("there are threads"))
        .collect()
}

/// Runs `test` on each of [`runtimes`].
pub(crate) fn on_all<F: Future<Output = io::Result<()>>>(test: impl Fn() -> F) {
    for runtime in runtimes() {
        let limited = async { runtime::time::timeout(Duration::from_secs(60), test()).await };
        runtime
            .block_on(limited)
            .unwrap_or_else(|_| panic!("it hangs on {runtime:?}"))
            .unwrap_or_else(|error| panic!("on {runtime:?}: {error}"));
    }
}

/// Two ends of a connection.
pub(crate) async fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = TcpStream::connect(listener.local_addr()?).await?;
    let (server, _) = listener.accept().await?;
    Ok((client, server))
}

/// Waits for so long: only where nothing is to happen, or somebody else is to come first.
pub(crate) async fn a_while() {
    runtime::time::sleep(Duration::from_millis(20)).await;
}

/// Numbers that look random, the same in each run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// How many descriptors the process has open.
pub(crate) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}
