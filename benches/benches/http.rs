//! What does it cost to answer an HTTP request through hyper, over 1 connection and over 64?
//!
//! The tasks that answer are spawned tasks; what sends and waits is a process of its own.

fn main() {
    runtime_bench::answer::answer(&["http_1", "http_64", "http_p99_64"]);
}
