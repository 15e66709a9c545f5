//! Floor 0: what everything else stands on, and which itself stands on nothing.
//!
//! * [`sync`] is the one door to locks, atomics, cells, threads and deques. It is
//!   the only place in the crate that knows about `cfg(loom)`.
//! * [`wait`] keeps what the polled future waits for; [`budget`] how much it may
//!   still do; both are thread-local and cost a few plain stores.
//! * [`waker`] is one waker in a cell, [`waiters`] a line of them, [`batch`] many
//!   wakers on their way out from under a lock.
//! * [`blocks`] are pieces of memory that wait for the next task or channel.
//! * [`parker`] blocks a thread, [`patience`] says whether it should stay awake before that; [`clock`]
//!   tells the time (or the paused time) with the help of a [`stopwatch`], [`thread_number`] says which
//!   thread it is, [`rng`] picks victims and branches; [`ready`] says what a source is ready for.

pub(crate) mod batch;
pub(crate) mod block_on;
pub(crate) mod blocks;
pub(crate) mod budget;
pub(crate) mod clock;
pub(crate) mod padded;
pub(crate) mod panics;
pub(crate) mod parker;
pub(crate) mod patience;
pub(crate) mod ready;
pub(crate) mod region;
pub(crate) mod rng;
#[cfg_attr(not(target_os = "linux"), path = "plain_stopwatch.rs")]
pub(crate) mod stopwatch;
pub(crate) mod sync;
pub(crate) mod thread_number;
pub(crate) mod wait;
pub(crate) mod waiters;
pub(crate) mod waker;
