//! What does it cost to accept a connection, and to close it?

use super::Runtime;
use super::served::{Demand, Figure, listen, served};
use crate::load::Talk;
use std::time::Duration;

/// How many connections an iteration accepts.
pub const VISITS: u64 = 1_000;

/// How many clients connect at a time.
const VISITORS: u64 = 64;

/// On the clock on the wall.
pub fn visits(runtime: &Runtime, iterations: u64) -> Duration {
    accept(runtime, iterations, Figure::Time)
}

/// In processor time.
pub fn visits_processor(runtime: &Runtime, iterations: u64) -> Duration {
    accept(runtime, iterations, Figure::Processor)
}

/// Accepts what another process connects, and closes it.
fn accept(runtime: &Runtime, iterations: u64, figure: Figure) -> Duration {
    let demand = Demand {
        talk: Talk::Visits,
        connections: VISITORS,
        messages: VISITS,
    };
    served(runtime, iterations, listen(drop), demand, figure)
}
