//! What does a task cost that stays on its thread?
//!
//! The measured loop runs inside of a LocalSet, on a thread that is no worker.

fn main() {
    runtime_bench::answer::answer(&["spawn_local"]);
}
