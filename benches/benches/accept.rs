//! What does it cost to accept a connection and to close it?
//!
//! The task that accepts is a spawned task; what connects is a process of its own.

fn main() {
    runtime_bench::answer::answer(&["accept"]);
}
