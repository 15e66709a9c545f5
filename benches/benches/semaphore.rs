//! What does a permit cost that 8 tasks want, of 2: given back at once, and held across a yield?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["semaphore_contended", "semaphore_held"]);
}
