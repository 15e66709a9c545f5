//! What does it cost two tasks to notify each other once?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["notify"]);
}
