//! What does a task cost in a chain of 1,000, each spawned by the one before?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["chain"]);
}
