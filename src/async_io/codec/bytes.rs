//! [`BytesCodec`].

use super::{Decoder, Encoder};
use bytes::{Bytes, BytesMut};
use std::io;

/// Takes bytes as they come: a message is what one read brought in.
///
/// # Examples
///
/// ```
/// use runtime::codec::{BytesCodec, FramedRead};
/// use runtime::stream::StreamExt;
///
/// # futures::executor::block_on(async {
/// let mut chunks = FramedRead::new(&b"some bytes"[..], BytesCodec::new());
/// assert_eq!(chunks.next().await.unwrap()?, "some bytes");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BytesCodec(());

impl BytesCodec {
    /// The codec; it has nothing to set.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::BytesCodec;
    ///
    /// assert_eq!(BytesCodec::new(), BytesCodec::default());
    /// ```
    #[must_use]
    pub fn new() -> BytesCodec {
        BytesCodec(())
    }
}

impl Decoder for BytesCodec {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        Ok((!src.is_empty()).then(|| src.split()))
    }
}

impl Encoder<Bytes> for BytesCodec {
    type Error = io::Error;

    fn encode(&mut self, data: Bytes, dst: &mut BytesMut) -> io::Result<()> {
        dst.extend_from_slice(&data);
        Ok(())
    }
}

impl Encoder<BytesMut> for BytesCodec {
    type Error = io::Error;

    fn encode(&mut self, data: BytesMut, dst: &mut BytesMut) -> io::Result<()> {
        dst.extend_from_slice(&data);
        Ok(())
    }
}
