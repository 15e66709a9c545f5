//! What does it cost to read what is behind an RwLock: alone, among 8 readers, and among writers?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&["rwlock_alone", "rwlock_readers", "rwlock_mixed"]);
}
