//! How late is a tick of an interval of a millisecond?
//!
//! The median, and what 99 of 100 stay within, of 300 ticks an iteration.

fn main() {
    runtime_bench::answer::answer(&["interval_median", "interval_p99"]);
}
