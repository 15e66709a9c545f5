//! What does it cost that 100,000 sleeping tasks wake up within half a second?
//!
//! In processor time of the whole process. The loop that spawns and joins them runs inside of
//! a spawned task.

fn main() {
    runtime_bench::answer::answer(&["timers_fire"]);
}
