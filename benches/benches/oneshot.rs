//! What does a oneshot cost, within a task and between two?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["oneshot_alone", "oneshot_across"]);
}
