//! [`mpmc`](self): many senders, many receivers; each value goes to one of them, in order.
//!
//! Use it to share work out: whoever is free takes the next value. Senders and receivers
//! are cloned freely, and each side is served first come, first served: a receiver that
//! waits gets a value before one that comes later, and a sender a slot.
//!
//! The channel is closed by [`close`](Sender::close) on either side, or when the last of
//! one side is dropped. Nothing is sent any more then; what was sent can still be received,
//! unless there is no receiver: then it is dropped.
//!
//! # Examples
//! ```
//! use runtime::sync::mpmc;
//! # futures::executor::block_on(async {
//! let (tx, rx) = mpmc::channel(10);
//! let workers: Vec<_> = (0..2)
//!     .map(|_| {
//!         let rx = rx.clone();
//!         std::thread::spawn(move || {
//!             let mut sum = 0;
//!             while let Ok(i) = rx.blocking_recv() {
//!                 sum += i;
//!             }
//!             sum
//!         })
//!     })
//!     .collect();
//! for i in 0..100 {
//!     tx.send(i).await.unwrap();
//! }
//! drop(tx);
//! let sum: i32 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
//! assert_eq!(sum, 4950);
//! # });
//! ```
//!
//! # How it is built
//! One lock around the queue and two [lines](mod@line): of senders that wait for a slot, and of
//! receivers that wait for a value. Whoever puts a value in, or takes one out, grants the
//! one that this makes possible to the first of the other line, in the same hold of the
//! lock, and wakes that one. What was granted is kept until he comes for it, or goes: then
//! it is for the next.
//!
//! ```text
//!   senders' line ──(slot granted)──▶ send ─▶ queue ─▶ recv ◀──(value granted)── receivers'
//!        ▲                                                │                          line
//!        └──────────────────── grants a slot ─────────────┘
//! ```
//!
//! * [`chan`]: what is shared, and the [`Turn`](chan::Turn) of one who waits; [`sender`] and
//!   [`receiver`]: what users see.
//!
//! # Rejected
//! To let whoever comes first take a value that was made for one in line (barging): faster
//! where workers are busy, but one who waits may then wait for ever. As it is, a worker that
//! is busy takes values that nobody in line was granted, of which there are some whenever
//! the queue is longer than the line.

mod chan;
pub mod error;
mod line;
mod receiver;
mod sender;

#[cfg(all(test, loom))]
mod models;

pub use receiver::{Receiver, WeakReceiver};
pub use sender::{Sender, WeakSender};

use crate::base::sync::Arc;

/// More values than this cannot be counted.
const MAX: usize = usize::MAX >> 3;

/// A channel that holds up to `capacity` values; who sends more waits.
///
/// # Panics
/// If `capacity` is 0, or more than `usize::MAX / 8`.
///
/// # Examples
/// ```
/// let (tx, rx) = runtime::sync::mpmc::channel(1);
/// tx.try_send(1).unwrap();
/// assert!(tx.try_send(2).is_err());
/// assert_eq!(rx.try_recv(), Ok(1));
/// ```
#[track_caller]
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(
        capacity > 0,
        "a bounded channel needs room for a value: make `capacity` at least 1"
    );
    assert!(
        capacity <= MAX,
        "a bounded channel holds up to {MAX} values: use `unbounded_channel`"
    );
    over(capacity)
}

/// A channel that takes as many values as memory does. Use [`channel`] where the receivers
/// may be slower than the senders.
///
/// # Examples
/// ```
/// let (tx, rx) = runtime::sync::mpmc::unbounded_channel();
/// (0..100).for_each(|i| tx.try_send(i).unwrap());
/// assert_eq!(rx.len(), 100);
/// ```
pub fn unbounded_channel<T>() -> (Sender<T>, Receiver<T>) {
    over(chan::UNBOUNDED)
}

fn over<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let chan = Arc::new(chan::Chan::new(capacity));
    (Sender::over(chan.clone()), Receiver::over(chan))
}
