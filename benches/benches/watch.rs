//! What does a change cost that 8 receivers of a watch see?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["watch"]);
}
