//! What does a message cost from five senders to one receiver, with room and without bound, and
//! from one sender?
//!
//! The measured loop runs inside of a spawned task.

fn main() {
    runtime_bench::answer::answer(&[
        "mpsc_bounded",
        "mpsc_unbounded",
        "mpsc_1_to_1",
        "mpsc_room_for_1",
    ]);
}
