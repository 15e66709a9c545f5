//! What does a task cost when a task spawns 100,000 and joins none of them?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["spawn_detached"]);
}
