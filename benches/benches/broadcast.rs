//! What does a message to 8 receivers of a broadcast cost?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["broadcast"]);
}
