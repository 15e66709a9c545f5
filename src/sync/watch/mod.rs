//! [`watch`](self): the newest value, and who wants to know when it changes.
//!
//! There is always one value. Senders put another in its place, and receivers look at it;
//! each receiver knows which value it has *seen* last, and can wait for one that it has
//! not. A receiver that is slow misses the values in between, and nothing is queued.
//!
//! # Examples
//! ```
//! # futures::executor::block_on(async {
//! let (tx, mut rx) = runtime::sync::watch::channel("starting");
//! std::thread::spawn(move || tx.send("ready").unwrap());
//! while *rx.borrow_and_update() != "ready" {
//!     rx.changed().await.unwrap();
//! }
//! # });
//! ```
//!
//! # How it is built
//! The value is under a lock for readers and writers, of which a [`Ref`] is a hold. One
//! [word](shared) says which version it is, whether somebody waits, and whether the senders
//! are gone, so that a send without waiters touches nothing else, and a look at whether
//! something has changed takes no lock.
//!
//! The closures that users give to change or to judge the value run under its lock: that
//! is what they are for. No other lock is held then, and a panic in one leaves no trace but
//! the changes that it had made.
//!
//! * [`shared`]: the word, the line of those who wait; [`sender`] and [`receiver`]: what
//!   users see.

pub mod error;
mod receiver;
mod sender;
mod shared;

#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;

pub use receiver::{Receiver, Ref};
pub use sender::Sender;

/// A channel that holds `init`, which its receiver has seen.
///
/// # Examples
/// ```
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = runtime::sync::watch::channel(1);
/// assert_eq!(*rx.borrow(), 1);
/// tx.send(2).unwrap();
/// rx.changed().await.unwrap();
/// assert_eq!(*rx.borrow_and_update(), 2);
/// # });
/// ```
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(init);
    let receiver = sender.subscribe();
    (sender, receiver)
}
