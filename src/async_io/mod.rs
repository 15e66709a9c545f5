//! Reading and writing bytes: the parts of the public module [`io`](crate::io) that need no
//! runtime. Its page says what they are and what they keep to.

// Where things are. The traits, and who has them: `async_read`, `async_write`,
// `async_buf_read`, `async_seek`; what a reader fills: `read_buf`. The methods on the
// traits: the `*_ext` files, and beside each the futures that they return. Adapters and
// utilities are a file each. `unsafe` is in `read_buf` (the type), `fill` (reading
// into memory that somebody else counts), `find` (libc's search) and `either` (its pin), and
// nowhere else.
//
// Two rules for whoever adds to this module:
//
// 1. The budget is spent by leaves: what answers from memory calls `spend` before it
//    takes anything; what passes a poll on does not. An adapter that can go round
//    without end although its reader and writer are somebody else's, and spend nothing,
//    spends a unit a round: `copy` and its like.
// 2. What is handed out to be awaited is made by a `#[track_caller]` function, keeps the
//    caller's location, and polls within `wait::at`: by `located` where it is a closure.

mod async_buf_read;
mod async_read;
mod async_seek;
mod async_write;
mod buf_read_ext;
mod buf_read_futures;
mod buf_reader;
mod buf_stream;
mod buf_writer;
mod chain;
pub mod codec;
mod copy;
mod copy_bidirectional;
pub(crate) mod either;
mod fill;
mod find;
mod inspect;
mod join;
mod lines;
mod memory;
mod pipe;
mod polls;
mod read_buf;
mod read_ext;
mod read_futures;
mod seek_ext;
mod sink_writer;
mod split;
mod stream_reader;
mod take;
mod whole;
mod write_ext;
mod write_futures;

#[cfg(all(test, not(loom)))]
mod tests;

pub use async_buf_read::AsyncBufRead;
pub use async_read::AsyncRead;
pub use async_seek::AsyncSeek;
pub use async_write::AsyncWrite;
pub use buf_read_ext::AsyncBufReadExt;
pub use buf_reader::BufReader;
pub use buf_stream::BufStream;
pub use buf_writer::BufWriter;
pub use chain::Chain;
pub use copy::{copy, copy_buf};
pub use copy_bidirectional::{copy_bidirectional, copy_bidirectional_with_sizes};
pub use inspect::{InspectReader, InspectWriter};
pub use join::{Join, join};
pub use lines::{Lines, Split};
pub use memory::{Empty, Repeat, Sink, empty, repeat, sink};
pub use pipe::{DuplexStream, SimplexStream, duplex, simplex};
pub use polls::{poll_read_buf, poll_write_buf};
pub use read_buf::ReadBuf;
pub use read_ext::AsyncReadExt;
pub use seek_ext::AsyncSeekExt;
pub use sink_writer::{CopyToBytes, SinkWriter};
pub use split::{ReadHalf, WriteHalf, split};
pub use stream_reader::{ReaderStream, StreamReader};
pub use take::Take;
pub use whole::{WriteAllVectored, read_buf, read_exact_arc, write_all_vectored};
pub use write_ext::AsyncWriteExt;

use crate::base::budget::spend;
use crate::base::wait;
use std::future::poll_fn;
use std::io::{self, SeekFrom};
use std::panic::Location;
use std::task::{Context, Poll, ready};

/// What a buffer has room for, where nobody says otherwise.
const DEFAULT_CAPACITY: usize = 8 * 1024;

/// Asks again as long as the answer is that a signal came between, which is no error to
/// whoever wants all of something. A unit of the budget goes for each.
#[inline]
fn retry<T>(
    cx: &mut Context<'_>,
    mut ask: impl FnMut(&mut Context<'_>) -> Poll<io::Result<T>>,
) -> Poll<io::Result<T>> {
    loop {
        match ask(cx) {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {
                ready!(spend(cx));
            }
            answer => return answer,
        }
    }
}

/// A future of a closure, whose waits are told to be where the caller is.
#[track_caller]
fn located<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> impl Future<Output = T> {
    let location = Location::caller();
    poll_fn(move |cx| wait::told(location, poll(cx)))
}
