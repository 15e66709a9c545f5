//! [`mpsc`](self): many senders, one receiver, in order.
//!
//! # How it is built
//! One [lock](chan::Chan) holds the queue of values, the free slots and the line of those
//! who wait for slots, so that sending and receiving enter one lock once and nothing is
//! counted twice. The receiver swaps the whole queue for an empty one of its own when that
//! has run dry, and serves itself from there without a lock.
//!
//! ```text
//!   send: slot? ──▶ queue (lock) ══ swapped, all at once ══▶ receiver's own ──▶ recv
//!           │ none: line                                             │
//!           └◀────────────── slots freed: an atomic count ◀──────────┘
//! ```
//!
//! A bounded channel has `max` slots. Each is free, or freed and not counted as free yet,
//! or held by a permit, or filled by a value in one of the two queues. An unbounded
//! channel is the same without slots.
//!
//! * [`chan`]: what is shared; [`wait`]: a sender's wait for slots; [`rx`]: the receiving
//!   side.
//! * [`bounded`], [`receiver`], [`permit`] and [`unbounded`]: what users see.
//!
//! # Rejected
//! To hand a value that a sender in line holds straight to the queue, when a slot is
//! freed: one wake-up less on the way, but then a `send` that is dropped before it ended
//! may have sent, which users count on not to be so.

mod bounded;
mod chan;
pub mod error;
mod permit;
mod receiver;
mod rx;
mod unbounded;
mod wait;

#[cfg(all(test, loom))]
mod models;

pub use bounded::{Sender, WeakSender, channel};
pub use permit::{OwnedPermit, Permit, PermitIterator};
pub use receiver::Receiver;
pub use unbounded::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel};
