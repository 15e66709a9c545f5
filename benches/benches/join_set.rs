//! What does a task of a JoinSet of 1,000 cost?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["join_set"]);
}
