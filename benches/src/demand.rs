//! What another process demands of a server, and how the server's answers are measured.

use crate::load::{Load, Talk};
use crate::stopwatch::Stopwatch;
use std::net::SocketAddr;
use std::time::Duration;

/// What the other side does.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// What it says.
    pub talk: Talk,
    /// How many of it there are.
    pub connections: u64,
    /// How many messages an iteration answers, over all connections together.
    pub messages: u64,
}

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub enum Figure {
    /// How long all messages took.
    Time,
    /// How long the answer to half of the messages took at most, as the other side sees it.
    Median,
    /// The same, for all but one in a hundred.
    P99,
}

impl Demand {
    /// Makes the demand of the server at that address, which is in this process.
    pub fn make(&self, address: SocketAddr, iterations: u64, figure: Figure) -> Duration {
        self.make_timed(address, iterations, figure, |exchange| {
            let stopwatch = Stopwatch::start();
            exchange();
            stopwatch.elapsed()
        })
    }

    /// Makes the demand of the server at that address, which is wherever `timed` knows to take
    /// the time of.
    pub fn make_timed(
        &self,
        address: SocketAddr,
        iterations: u64,
        figure: Figure,
        timed: impl FnOnce(&mut dyn FnMut()) -> Duration,
    ) -> Duration {
        let wanted = iterations * self.messages;
        let messages = wanted.next_multiple_of(self.connections);
        let mut load = Load::start_to(self.talk, address, self.connections as usize);
        let mut latencies = None;
        let elapsed = timed(&mut || latencies = Some(load.exchange(messages)));
        let latencies = latencies.expect("there was an exchange");
        match figure {
            // What was sent beyond the iterations does not count.
            Figure::Time => elapsed.mul_f64(wanted as f64 / messages as f64),
            Figure::Median => latencies.median * iterations as u32,
            Figure::P99 => latencies.p99 * iterations as u32,
        }
    }
}
