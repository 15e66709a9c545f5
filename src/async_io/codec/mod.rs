//! Frames: bytes cut into messages, and messages put into bytes.
//!
//! A [`Decoder`] finds the next message in what has been read so far, an [`Encoder`] appends
//! a message to what is to be written. [`FramedRead`] puts a decoder in front of a reader,
//! which makes it a [`Stream`](futures_core::Stream) of messages; [`FramedWrite`] makes a
//! writer a [`Sink`](futures_sink::Sink) for them; [`Framed`] does both for a connection.
//!
//! | messages that | codec |
//! |---|---|
//! | end with a line break | [`LinesCodec`] |
//! | end with one of several signs | [`AnyDelimiterCodec`] |
//! | have their length before them | [`LengthDelimitedCodec`] |
//! | are just what came in | [`BytesCodec`] |
//!
//! # Examples
//!
//! ```
//! use futures::SinkExt;
//! use runtime::codec::{Framed, LinesCodec};
//! use runtime::stream::StreamExt;
//!
//! # futures::executor::block_on(async {
//! let (here, there) = runtime::io::duplex(64);
//! let mut here = Framed::new(here, LinesCodec::new());
//! let mut there = Framed::new(there, LinesCodec::new());
//! here.send("PING").await?;
//! assert_eq!(there.next().await.unwrap()?, "PING");
//! # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
//! ```
//!
//! The methods of streams are those of [`StreamExt`](crate::stream::StreamExt); for those of
//! sinks, such as `send`, a program adds the crate `futures` and its `SinkExt`. Where a codec
//! encodes several types, `flush` and `close` have to be told one:
//! `SinkExt::<&str>::flush(&mut framed)`.
//!
//! After an error a stream gives `None` once, and then goes on behind what the decoder took
//! away. `while let Some(message)` therefore stops at an error like at an end.
//!
//! # What all of it keeps to
//!
//! * A message is decoded whole or not at all: dropping a future that waits for the next
//!   one loses nothing, the bytes stay in the buffer.
//! * Each message spends the cooperative budget, also one that was in the buffer already.
//! * A limit on the length is an error to the reader before the memory is taken.

// Where things are: the two traits in `traits`; the buffers with their states, each once
// for both of their users, in `incoming` and `outgoing`; the types that wear them in
// `framed`, `framed_read`, `framed_write`; a codec a file.

mod any_delimiter;
mod bytes;
mod delimited;
mod framed;
mod framed_read;
mod framed_write;
mod incoming;
pub mod length_delimited;
mod lines;
mod outgoing;
#[cfg(all(test, not(loom)))]
mod tests;
mod traits;

pub use self::bytes::BytesCodec;
pub use any_delimiter::{AnyDelimiterCodec, AnyDelimiterCodecError};
pub use framed::{Framed, FramedParts};
pub use framed_read::FramedRead;
pub use framed_write::FramedWrite;
pub use length_delimited::{LengthDelimitedCodec, LengthDelimitedCodecError};
pub use lines::{LinesCodec, LinesCodecError};
pub use traits::{Decoder, Encoder};
