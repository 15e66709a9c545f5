//! What does it cost to get the value of a OnceCell?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["once_cell"]);
}
