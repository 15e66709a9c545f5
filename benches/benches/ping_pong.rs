//! What does a question and its answer cost, over oneshots, with 1,000 pairs of tasks?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["ping_pong"]);
}
