//! What does a mutex cost: alone, wanted by 8 tasks, and held across a yield by each of them?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["mutex_alone", "mutex_contended", "mutex_held"]);
}
