//! Channels, listeners, intervals and their like as streams.
//!
//! Each is made by `new` of what it wraps, and lets it be used through `as_ref` and `as_mut`.
//!
//! # Examples
//!
//! ```
//! use runtime::stream::{StreamExt, wrappers::ReceiverStream};
//! use runtime::sync::mpsc;
//!
//! # futures::executor::block_on(async {
//! let (sender, receiver) = mpsc::channel(8);
//! for i in 0..3 {
//!     sender.send(i).await.unwrap();
//! }
//! drop(sender);
//! let doubled = ReceiverStream::new(receiver).map(|i| i * 2);
//! assert_eq!(doubled.collect::<Vec<_>>().await, [0, 2, 4]);
//! # });
//! ```

mod channels;
mod entries;
pub mod errors;
mod events;
mod lines;
mod shared;

pub use channels::{ReceiverStream, UnboundedReceiverStream};
pub use entries::ReadDirStream;
pub use events::{
    IntervalStream, JoinSetStream, SignalStream, TcpListenerStream, UnixListenerStream,
};
pub use lines::{LinesStream, SplitStream};
pub use shared::{BroadcastStream, WatchStream};
