//! What does it cost to answer a message over TCP, with 1, 64 and 1,000 connections?
//!
//! The tasks that answer are spawned tasks; what sends and waits is a process of its own.

fn main() {
    runtime_bench::answer::answer(&["echo_1", "echo_64", "echo_1000"]);
}
