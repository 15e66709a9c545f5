//! What does a job for the blocking pool cost: alone, in a burst, and from 64 tasks at a time?

fn main() {
    runtime_bench::answer::answer(&["blocking_latency", "blocking_many", "blocking_in_flight"]);
}
