//! Streams: values that come one after the other, as they come.
//!
//! What an iterator is to a thread, a [`Stream`] is to a task: asked for the next value, it
//! may have to wait. [`StreamExt`] has the methods; the trait itself is the one of
//! `futures-core`, so streams of other crates have them too, and ours work there.
//!
//! | to | there is |
//! |---|---|
//! | take one value after the other | [`StreamExt::next`], with `while let` |
//! | change, choose, limit | [`map`](StreamExt::map), [`filter`](StreamExt::filter), [`take`](StreamExt::take) and their like |
//! | listen to several at once | [`StreamExt::merge`], [`StreamMap`] |
//! | mind the time | [`timeout`](StreamExt::timeout), [`throttle`](StreamExt::throttle), [`chunks_timeout`](StreamExt::chunks_timeout) |
//! | have a channel, a listener, an interval as a stream | [`wrappers`] |
//! | make one of values that are there | [`iter`], [`once`], [`empty`], [`pending`] |
//!
//! # Examples
//!
//! ```
//! use runtime::stream::{self, StreamExt};
//!
//! # futures::executor::block_on(async {
//! let mut squares = stream::iter(1..=4).map(|i| i * i).filter(|i| i % 2 == 0);
//! let mut sum = 0;
//! while let Some(square) = squares.next().await {
//!     sum += square;
//! }
//! assert_eq!(sum, 4 + 16);
//! # });
//! ```
//!
//! # What all of it keeps to
//!
//! * Each value that is taken spends the cooperative budget, and so does each round of a
//!   method that passes values over, whatever stream is below: one that is always ready
//!   starves nobody.
//! * Waiting for the next value can be given up at any time. Nothing is lost unless a
//!   method says so.

// Where things are: the methods in `ext`; the futures that take values in `consume`, and
// what they collect into in `from_stream`; the adapters by kind in `change`, `limit`,
// `merge`, `timed`; streams of values that are there in `sources`.

mod change;
mod close;
mod consume;
mod ext;
mod from_stream;
mod limit;
mod map;
mod merge;
mod sources;
mod timed;
pub mod wrappers;

pub use close::StreamNotifyClose;
pub use ext::StreamExt;
pub use from_stream::FromStream;
#[doc(no_inline)]
pub use futures_core::Stream;
pub use map::StreamMap;
pub use sources::{Empty, Iter, Once, Pending, empty, iter, once, pending};
pub use timed::Elapsed;

/// The streams that the methods of [`StreamExt`] return.
pub mod adapters {
    pub use super::change::{Filter, FilterMap, Map, MapWhile, Then};
    pub use super::limit::{Chain, Fuse, Peekable, Skip, SkipWhile, Take, TakeWhile};
    pub use super::merge::Merge;
    pub use super::timed::{ChunksTimeout, Throttle, Timeout, TimeoutRepeating};
}

use crate::base::budget;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Takes the next value, for one unit of the budget, which is checked before.
fn poll_item<S: Stream + ?Sized>(
    stream: Pin<&mut S>,
    cx: &mut Context<'_>,
) -> Poll<Option<S::Item>> {
    let spent = ready!(budget::poll_proceed(cx));
    let item = ready!(stream.poll_next(cx));
    spent.made_progress();
    Poll::Ready(item)
}

/// The bounds of two streams, one after the other.
fn sum(a: (usize, Option<usize>), b: (usize, Option<usize>)) -> (usize, Option<usize>) {
    let upper = match (a.1, b.1) {
        (Some(a), Some(b)) => a.checked_add(b),
        _ => None,
    };
    (a.0.saturating_add(b.0), upper)
}
