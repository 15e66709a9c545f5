//! What does a task cost where each one forks and joins?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["fork_join"]);
}
