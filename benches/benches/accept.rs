//! What does it cost to accept a connection and to close it, by the clock and in processor time?
//!
//! The task that accepts is a spawned task; what connects is a process of its own.

fn main() {
    runtime_bench::answer::answer(&["accept", "accept_cpu"]);
}
