//! What do `select!` and `join!` cost, with two branches that are ready?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["select", "join"]);
}
