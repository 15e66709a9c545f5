//! What does it cost to accept a connection, and to close it?

use super::Runtime;
use super::served::{listen, served};
use crate::demand::{Demand, Figure};
use crate::load::Talk;
use std::time::Duration;

/// How many connections an iteration accepts.
pub const VISITS: u64 = 1_000;

/// Connections of 64 clients.
pub const DEMAND: Demand = Demand {
    talk: Talk::Visits,
    connections: 64,
    messages: VISITS,
};

/// Accepts what another process connects, and closes it.
pub fn visits(runtime: &Runtime, iterations: u64) -> Duration {
    served(runtime, iterations, listen(drop), DEMAND, Figure::Time)
}
