//! What does a timeout cost around a future that is ready at its second poll?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["timeout"]);
}
