//! [`copy_bidirectional`]: what a proxy does.

use super::copy::Transfer;
use super::{AsyncRead, AsyncWrite, DEFAULT_CAPACITY, located, retry};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Copies from `a` to `b` and from `b` to `a`, until both have ended. Returns how many bytes
/// went from `a` to `b`, and from `b` to `a`.
///
/// When one of them ends, the other one is shut down for writing, and the other direction
/// goes on. Through a buffer of 8 KiB each.
///
/// # Errors
///
/// The first one of either, in either direction; the other direction then ends where it is.
///
/// # Cancel safety
///
/// Not cancel safe: bytes that were read and not yet written are lost, in both directions.
///
/// # Examples
///
/// ```
/// use runtime::io::{self, AsyncReadExt, AsyncWriteExt};
///
/// # futures::executor::block_on(async {
/// let (mut client, mut a) = io::duplex(64);
/// let (mut b, mut server) = io::duplex(64);
/// client.write_all(b"question").await?;
/// client.shutdown().await?;
/// server.write_all(b"answer").await?;
/// server.shutdown().await?;
///
/// assert_eq!(io::copy_bidirectional(&mut a, &mut b).await?, (8, 6));
/// let mut text = String::new();
/// client.read_to_string(&mut text).await?;
/// assert_eq!(text, "answer");
/// # io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn copy_bidirectional<'a, A, B>(
    a: &'a mut A,
    b: &'a mut B,
) -> impl Future<Output = io::Result<(u64, u64)>> + use<'a, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    copy_bidirectional_with_sizes(a, b, DEFAULT_CAPACITY, DEFAULT_CAPACITY)
}

/// [`copy_bidirectional`] through buffers of so many bytes.
///
/// # Errors
///
/// The first one of either, in either direction; the other direction then ends where it is.
///
/// # Panics
///
/// If one of the sizes is 0.
///
/// # Cancel safety
///
/// Not cancel safe: bytes that were read and not yet written are lost, in both directions.
///
/// # Examples
///
/// ```
/// use runtime::io;
///
/// # futures::executor::block_on(async {
/// let mut a = io::join(&b"from a"[..], Vec::new());
/// let mut b = io::join(&b"from b"[..], Vec::new());
/// io::copy_bidirectional_with_sizes(&mut a, &mut b, 64 * 1024, 1024).await?;
/// assert_eq!(b.writer(), b"from a");
/// # io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn copy_bidirectional_with_sizes<'a, A, B>(
    a: &'a mut A,
    b: &'a mut B,
    a_to_b_buf_size: usize,
    b_to_a_buf_size: usize,
) -> impl Future<Output = io::Result<(u64, u64)>> + use<'a, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    assert!(
        a_to_b_buf_size > 0,
        "`a_to_b_buf_size` must be greater than 0: no byte goes through a buffer without room"
    );
    assert!(
        b_to_a_buf_size > 0,
        "`b_to_a_buf_size` must be greater than 0: no byte goes through a buffer without room"
    );
    let mut there = Direction::Copying(Transfer::new(a_to_b_buf_size));
    let mut back = Direction::Copying(Transfer::new(b_to_a_buf_size));
    located(move |cx| {
        let there = there.poll(cx, Pin::new(&mut *a), Pin::new(&mut *b))?;
        let back = back.poll(cx, Pin::new(&mut *b), Pin::new(&mut *a))?;
        Poll::Ready(Ok((ready!(there), ready!(back))))
    })
}

/// How far one direction has come.
enum Direction {
    Copying(Transfer),
    /// The reader has ended, after so many bytes.
    ShuttingDown(u64),
    Done(u64),
}

impl Direction {
    fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut from: Pin<&mut R>,
        mut to: Pin<&mut W>,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        loop {
            *self = match self {
                Direction::Copying(transfer) => {
                    let copied = ready!(transfer.poll(cx, from.as_mut(), to.as_mut()))?;
                    Direction::ShuttingDown(copied)
                }
                Direction::ShuttingDown(copied) => {
                    ready!(retry(cx, |cx| to.as_mut().poll_shutdown(cx)))?;
                    Direction::Done(*copied)
                }
                Direction::Done(copied) => return Poll::Ready(Ok(*copied)),
            };
        }
    }
}
