//! What does it cost to read and write files that are in the system's cache?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&[
        "fs_small",
        "fs_read_64k",
        "fs_read_1m",
        "fs_write_64k",
        "fs_write_1m",
    ]);
}
