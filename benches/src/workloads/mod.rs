//! What is measured. This module is compiled once for each crate, and finds it as
//! `subject`.

pub mod accept;
pub mod blocking;
pub mod branches;
pub mod chain;
pub mod channels;
pub mod echo;
pub mod files;
pub mod fork_join;
pub mod http;
pub mod locks;
pub mod memory;
pub mod news;
pub mod oneshot;
pub mod ping_pong;
pub mod punctuality;
pub mod scale;
mod served;
pub mod spawn;
pub mod tasks;
pub mod timers;
pub mod udp;
pub mod wake;
pub mod yields;

mod inside;

use super::{Builder, Runtime, subject};
use inside::inside;
pub use inside::open;
