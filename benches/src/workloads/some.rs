//! What is measured where a crate has not all that the others have: a part of the workloads.

pub mod blocking;
pub mod chain;
pub mod channels;
pub mod echo;
pub mod files;
pub mod fork_join;
pub mod memory;
pub mod ping_pong;
pub mod spawn;
pub mod timers;
pub mod wake;
pub mod yields;

mod inside;

use super::{Builder, Runtime, subject};
use inside::inside;
pub use inside::open;
