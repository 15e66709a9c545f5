//! [`UdpFramed`]: datagrams that carry messages.

use super::UdpSocket;
use crate::async_io::ReadBuf;
use crate::async_io::codec::{Decoder, Encoder};
use crate::base::budget;
use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use std::borrow::Borrow;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What a datagram has at most, in bytes.
const DATAGRAM: usize = 64 * 1024;

/// A socket whose datagrams carry messages: a stream of those that come in with whom they
/// come from, and a sink for those that go out with whom they go to.
///
/// A datagram may hold several messages, which come one after the other, but holds them
/// whole: what is left at its end is an error of the decoder. Each message that is sent is
/// a datagram of its own. The stream never ends.
///
/// The socket may be shared, in an `Arc`: one task sends while another one receives.
///
/// # Examples
///
/// ```
/// use futures::SinkExt;
/// use runtime::codec::LinesCodec;
/// use runtime::net::{UdpFramed, UdpSocket};
/// use runtime::stream::StreamExt;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let here = UdpSocket::bind("127.0.0.1:0").await?;
/// let there = UdpSocket::bind("127.0.0.1:0").await?;
/// let address = there.local_addr()?;
/// let mut here = UdpFramed::new(here, LinesCodec::new());
/// let mut there = UdpFramed::new(there, LinesCodec::new());
/// here.send(("hello", address)).await?;
/// let (line, from) = there.next().await.unwrap()?;
/// assert_eq!(line, "hello");
/// assert_eq!(from, here.get_ref().local_addr()?);
/// # Ok::<(), runtime::codec::LinesCodecError>(()) }).unwrap();
/// ```
#[must_use = "a stream or sink does nothing until it is polled"]
pub struct UdpFramed<C, T = UdpSocket> {
    socket: T,
    codec: C,
    /// What is left of the datagram that came last.
    incoming: BytesMut,
    /// Whom it came from, while messages may be left in it.
    from: Option<SocketAddr>,
    /// Where a datagram is received; made when the first one is waited for.
    room: Vec<u8>,
    outgoing: BytesMut,
    /// Whom the datagram in `outgoing` goes to, while there is one.
    to: Option<SocketAddr>,
}

impl<C, T: Borrow<UdpSocket>> UdpFramed<C, T> {
    /// Puts `codec` around `socket`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::BytesCodec;
    /// use runtime::net::{UdpFramed, UdpSocket};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// let _datagrams = UdpFramed::new(socket, BytesCodec::new());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn new(socket: T, codec: C) -> UdpFramed<C, T> {
        UdpFramed {
            socket,
            codec,
            incoming: BytesMut::new(),
            from: None,
            room: Vec::new(),
            outgoing: BytesMut::new(),
            to: None,
        }
    }

    /// The socket.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::BytesCodec;
    /// use runtime::net::{UdpFramed, UdpSocket};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// let datagrams = UdpFramed::new(socket, BytesCodec::new());
    /// assert_ne!(datagrams.get_ref().local_addr()?.port(), 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_ref(&self) -> &T {
        &self.socket
    }

    /// The socket. What is received from it is not decoded here.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::BytesCodec;
    /// use runtime::net::{UdpFramed, UdpSocket};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// let mut datagrams = UdpFramed::new(socket, BytesCodec::new());
    /// datagrams.get_mut().set_broadcast(true)?;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.socket
    }

    /// The codec.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::BytesCodec;
    /// use runtime::net::{UdpFramed, UdpSocket};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// assert_eq!(UdpFramed::new(socket, BytesCodec::new()).codec(), &BytesCodec::new());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn codec(&self) -> &C {
        &self.codec
    }

    /// The codec, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::LinesCodec;
    /// use runtime::net::{UdpFramed, UdpSocket};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// let mut datagrams = UdpFramed::new(socket, LinesCodec::new());
    /// *datagrams.codec_mut() = LinesCodec::new_with_max_length(80);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn codec_mut(&mut self) -> &mut C {
        &mut self.codec
    }

    /// What is left of the datagram that came last.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::BytesCodec;
    /// use runtime::net::{UdpFramed, UdpSocket};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// assert!(UdpFramed::new(socket, BytesCodec::new()).read_buffer().is_empty());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn read_buffer(&self) -> &BytesMut {
        &self.incoming
    }

    /// What is left of the datagram that came last, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::BytesCodec;
    /// use runtime::net::{UdpFramed, UdpSocket};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// UdpFramed::new(socket, BytesCodec::new()).read_buffer_mut().clear();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn read_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.incoming
    }

    /// Gives the socket back. What is left of the last datagram, and a message that was
    /// sent and not flushed, are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::codec::BytesCodec;
    /// use runtime::net::{UdpFramed, UdpSocket};
    ///
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// let _socket: UdpSocket = UdpFramed::new(socket, BytesCodec::new()).into_inner();
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner(self) -> T {
        self.socket
    }
}

// Nothing is pinned: the socket is only ever borrowed.
impl<C, T> Unpin for UdpFramed<C, T> {}

impl<C: Decoder, T: Borrow<UdpSocket>> Stream for UdpFramed<C, T> {
    type Item = Result<(C::Item, SocketAddr), C::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.get_mut();
        loop {
            let Some(from) = me.from else {
                me.room.resize(DATAGRAM, 0);
                let mut room = ReadBuf::new(&mut me.room);
                let from = ready!(me.socket.borrow().poll_recv_from(cx, &mut room))?;
                me.incoming.clear();
                me.incoming.extend_from_slice(room.filled());
                me.from = Some(from);
                continue;
            };
            let spent = ready!(budget::poll_proceed(cx));
            match me.codec.decode_eof(&mut me.incoming) {
                Ok(None) => me.from = None,
                Ok(Some(message)) => {
                    spent.made_progress();
                    return Poll::Ready(Some(Ok((message, from))));
                }
                Err(error) => {
                    // The rest of a datagram that is broken is not looked at again.
                    me.from = None;
                    spent.made_progress();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<I, C: Encoder<I>, T: Borrow<UdpSocket>> Sink<(I, SocketAddr)> for UdpFramed<C, T> {
    type Error = C::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.poll_flush(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: (I, SocketAddr)) -> Result<(), C::Error> {
        let me = self.get_mut();
        let (message, to) = item;
        me.outgoing.clear();
        me.codec.encode(message, &mut me.outgoing)?;
        me.to = Some(to);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        let me = self.get_mut();
        let Some(to) = me.to else {
            return Poll::Ready(Ok(()));
        };
        let sent = ready!(me.socket.borrow().poll_send_to(cx, &me.outgoing, to));
        // Sent or refused, this datagram is done with: the error says so.
        me.to = None;
        if sent? != me.outgoing.len() {
            let message = "a datagram was not sent as a whole";
            return Poll::Ready(Err(io::Error::other(message).into()));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.poll_flush(cx)
    }
}

impl<C: fmt::Debug, T: fmt::Debug> fmt::Debug for UdpFramed<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpFramed")
            .field("socket", &self.socket)
            .field("codec", &self.codec)
            .field("incoming", &self.incoming)
            .field("from", &self.from)
            .field("outgoing", &self.outgoing)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
