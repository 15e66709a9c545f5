//! What does it cost to block on a future that is ready?
//!
//! The loop is that of a thread that is no worker.

fn main() {
    runtime_bench::answer::answer(&["block_on"]);
}
