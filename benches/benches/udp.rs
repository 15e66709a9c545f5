//! What does it cost to answer a datagram, to 1 client and to 64?
//!
//! The tasks that answer are spawned tasks; what sends and waits is a process of its own.

fn main() {
    runtime_bench::answer::answer(&["udp_1", "udp_64"]);
}
