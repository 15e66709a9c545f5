//! What a runtime can be filled with, to see how much room it takes.

use crate::{Both, both};
use std::any::Any;

/// What there are many of, and which does nothing.
pub struct Tenant {
    /// Its name, for `memory`.
    pub name: &'static str,
    /// In a few words, what it is.
    pub figure: &'static str,
    /// How many are measured.
    pub count: u64,
    /// Moves so many in. They stay for as long as the runtime and the result.
    pub workload: Both<Box<dyn Any>>,
}

/// All of them.
pub const TENANTS: [Tenant; 3] = [
    Tenant {
        name: "task",
        figure: "task that waits for nothing",
        count: 1_000_000,
        workload: both!(memory::pending_tasks),
    },
    Tenant {
        name: "sleep",
        figure: "task that sleeps",
        count: 1_000_000,
        workload: both!(memory::sleeping_tasks),
    },
    Tenant {
        name: "connection",
        figure: "accepted TCP connection with a task that waits to read 64 bytes more",
        count: 8_000,
        workload: both!(memory::connections),
    },
];
