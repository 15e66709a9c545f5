//! What does it cost to abort a task?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["abort"]);
}
