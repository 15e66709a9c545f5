//! A small load: half SET, half GET, over some connections, in pipelines.

use crate::client::{Client, ClientError, Result};
use crate::protocol::Frame;
use runtime::task::JoinSet;
use runtime::time::{Duration, Instant};

pub(crate) struct Load {
    pub(crate) connections: usize,
    /// All together.
    pub(crate) operations: usize,
    /// How many are sent at once.
    pub(crate) pipeline: usize,
}

pub(crate) async fn run(address: &str, load: &Load) -> Result<()> {
    let mut clients = Vec::new();
    for _ in 0..load.connections {
        clients.push(Client::connect(address).await?);
    }
    let rounds = load.operations.div_ceil(load.connections * load.pipeline);
    let pipeline = load.pipeline;
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for (number, client) in clients.into_iter().enumerate() {
        tasks.spawn(work(client, number, rounds, pipeline));
    }
    let mut slowest = Duration::ZERO;
    while let Some(result) = tasks.join_next().await {
        // PANIC: they are not aborted, and what panics in them should be seen here.
        slowest = slowest.max(result.expect("no task panics")?);
    }
    let time = start.elapsed();
    let operations = rounds * load.connections * pipeline;
    println!(
        "{operations} operations in {:.3} s: {:.0} ops/s ({} connections, {pipeline} at once, \
         slowest round {:.1} ms)",
        time.as_secs_f64(),
        operations as f64 / time.as_secs_f64(),
        load.connections,
        slowest.as_secs_f64() * 1e3
    );
    Ok(())
}

/// Returns the longest time that a round took.
async fn work(mut client: Client, number: usize, rounds: usize, size: usize) -> Result<Duration> {
    let value = [b'x'; 32];
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let mut pipeline = client.pipeline();
        for index in 0..size {
            let key = format!("bench:{number}:{}", index / 2);
            if (round + index) % 2 == 0 {
                pipeline.set(key, value);
            } else {
                pipeline.get(key);
            }
        }
        let start = Instant::now();
        for reply in pipeline.run().await? {
            if let Frame::Refusal(why) = reply {
                return Err(ClientError::Refused(why));
            }
        }
        slowest = slowest.max(start.elapsed());
    }
    Ok(slowest)
}
