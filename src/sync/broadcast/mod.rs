//! [`broadcast`](self): each value goes to every receiver, from any sender.
//!
//! A value is kept once, until all who were receivers when it was sent have had a clone of
//! it; the last of them gets the value itself. The channel keeps up to `capacity` values:
//! a sender never waits, and overwrites the oldest. A receiver that was too slow is told
//! so, by [`RecvError::Lagged`](error::RecvError::Lagged) with the number of values that
//! it has missed, and goes on with the oldest that is left.
//!
//! # Examples
//! ```
//! use runtime::sync::broadcast::{self, error::RecvError};
//! # futures::executor::block_on(async {
//! let (tx, mut first) = broadcast::channel(2);
//! let mut second = tx.subscribe();
//! tx.send(1).unwrap();
//! assert_eq!(first.recv().await, Ok(1));
//! assert_eq!(second.recv().await, Ok(1));
//! for i in 2..6 {
//!     tx.send(i).unwrap();
//! }
//! assert_eq!(first.recv().await, Err(RecvError::Lagged(2)));
//! assert_eq!(first.recv().await, Ok(4));
//! # });
//! ```
//!
//! # How it is built
//! A ring of slots, each with a lock, and one more lock around the [tail](chan::Tail): the
//! number of receivers, and the line of those who wait. Positions count the values, and wrap;
//! the slot of a position is its lower bits. Two words say where the next value goes and which
//! values all have had, so that to ask how many there are takes no lock.
//!
//! ```text
//!   send: tail ─▶ slot ─▶ both released ─▶ wake        recv: slot; if it has another
//!                                                            position: tail ─▶ wait
//! ```
//!
//! A receiver that is behind enters the lock of one slot and no other, so receivers that
//! are at different values are not in each other's way.
//!
//! A value may be of a type that must not be used by two threads at once, so its clones are
//! made under the lock of its slot: the one place where the code of a user's type runs
//! under a lock of ours. It holds up only who wants the same value, or its slot.
//!
//! * [`chan`]: what is shared; [`sender`] and [`receiver`]: what users see.

mod chan;
pub mod error;
mod receiver;
mod sender;

#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;

pub use receiver::Receiver;
pub use sender::{Sender, WeakSender};

/// A channel that keeps `capacity` values, rounded up to a power of two, for those of its
/// receivers that have not received them.
///
/// # Panics
/// If `capacity` is 0, or more than `usize::MAX / 2`.
///
/// # Examples
/// ```
/// let (tx, mut rx) = runtime::sync::broadcast::channel(16);
/// assert_eq!(tx.send("to all").unwrap(), 1);
/// assert_eq!(rx.try_recv(), Ok("to all"));
/// ```
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(capacity);
    let receiver = sender.subscribe();
    (sender, receiver)
}
