//! What does it cost to sleep for no time, and until a deadline that has passed?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["sleep_zero", "sleep_past"]);
}
