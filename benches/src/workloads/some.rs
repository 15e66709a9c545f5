//! What is measured where a crate has not all that the others have: a part of the workloads.

pub mod accept;
pub mod blocking;
pub mod chain;
pub mod channels;
pub mod echo;
pub mod files;
pub mod fork_join;
pub mod locks;
pub mod memory;
pub mod oneshot;
pub mod ping_pong;
pub mod punctuality;
pub mod spawn;
pub mod timers;
pub mod udp;
pub mod wake;
pub mod yields;

mod inside;
mod served;

use super::{Builder, Runtime, subject};
use inside::inside;
pub use inside::open;
