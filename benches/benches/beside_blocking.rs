//! How late do 100 sleeping tasks wake up beside one that blocks for 5 ms between its yields?
//!
//! What 99 of 100 stay within. With one worker, it is the one that is blocked.

fn main() {
    runtime_bench::answer::answer(&["beside_blocking"]);
}
