//! What does it cost to put a timer off?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["timer_reset"]);
}
