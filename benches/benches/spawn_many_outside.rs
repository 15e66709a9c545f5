//! What does a task cost when a thread outside of the runtime spawns 100,000?
//!
//! The measured loop runs on that thread: spawning from there is the question. It ends when
//! the last task has run.

fn main() {
    runtime_bench::answer::answer(&["spawn_many_outside"]);
}
