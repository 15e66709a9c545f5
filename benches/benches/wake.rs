//! How long does a task wait when a foreign thread wakes the sleeping runtime?
//!
//! From before the wake to the poll, 300 times an iteration: the median, and what 99 of 100
//! stay within. The foreign thread is the one that drives the loop.

fn main() {
    runtime_bench::answer::answer(&["wake_median", "wake_p99"]);
}
