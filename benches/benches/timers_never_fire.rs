//! What does a timer cost that is armed and dropped before it fires?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["timers_never_fire"]);
}
