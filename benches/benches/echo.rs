//! What does it cost to answer a message over TCP, with 1, 64 and 1,000 connections?
//!
//! By the clock, and as the clients see it. The tasks that answer are spawned
//! tasks; what sends and waits is a process of its own.

fn main() {
    runtime_bench::answer::answer(&[
        "echo_1",
        "echo_64",
        "echo_1000",
        "echo_median_64",
        "echo_p99_64",
        "echo_median_1000",
        "echo_p99_1000",
    ]);
}
