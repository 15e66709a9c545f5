//! What does it cost to spawn a task and to join it, one at a time?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["spawn_join"]);
}
