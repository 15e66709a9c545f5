//! What does a yield cost, with 200 tasks that yield 100 times each?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["yield"]);
}
