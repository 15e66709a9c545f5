//! From addresses to a connection.
//!
//! One address is tried, and that is it. Of several, those of the two families take turns,
//! beginning with the family that the resolver put first; the next attempt begins when
//! the one before has failed, or has taken 250 ms without a result, and goes on beside it.
//! The first connection wins, the others are closed. (RFC 8305, sections 4 and 5; what it
//! says about asking for both families at a time is the resolver's.)

use super::TcpStream;
use super::addr::{Addresses, no_address};
use super::delay::{Delay, now};
use super::{STREAM, WRITE};
use crate::driver::{Reactor, Source};
use crate::registry::Ready;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long an attempt stays without a companion (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

pub(super) async fn connect(addresses: Addresses, reactor: Arc<Reactor>) -> io::Result<TcpStream> {
    match addresses.as_slice() {
        [] => Err(no_address()),
        [address] => attempt(*address, reactor).await,
        several => {
            let mut race = Race::new(several, reactor);
            poll_fn(|cx| race.poll(cx)).await
        }
    }
}

async fn attempt(address: SocketAddr, reactor: Arc<Reactor>) -> io::Result<TcpStream> {
    finish(mio::net::TcpStream::connect(address)?, reactor).await
}

/// Waits for the end of an attempt that has begun.
///
/// The socket is writable when the attempt has ended, one way or the other. Who it is
/// connected to is asked as well: a readiness may be told for nothing.
pub(super) async fn finish(
    stream: mio::net::TcpStream,
    reactor: Arc<Reactor>,
) -> io::Result<TcpStream> {
    let source = Source::new(stream, STREAM, Ready::EMPTY, reactor)?;
    source.async_io(WRITE, outcome).await?;
    Ok(TcpStream::from_source(source))
}

fn outcome(stream: &mio::net::TcpStream) -> io::Result<()> {
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    match stream.peer_addr() {
        Ok(_) => Ok(()),
        Err(error) if is_under_way(&error) => Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => Err(error),
    }
}

fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotConnected || error.raw_os_error() == Some(libc::EINPROGRESS)
}

type Attempt = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send + Sync>>;

/// Attempts side by side.
struct Race {
    reactor: Arc<Reactor>,
    /// To be tried, the last one first.
    waiting: Vec<SocketAddr>,
    running: Vec<(SocketAddr, Attempt)>,
    failed: Vec<(SocketAddr, io::Error)>,
    /// Until the next one begins.
    delay: Option<Delay>,
}

impl Race {
    fn new(addresses: &[SocketAddr], reactor: Arc<Reactor>) -> Self {
        let mut waiting = alternate(addresses);
        waiting.reverse();
        Race {
            reactor,
            waiting,
            running: Vec::new(),
            failed: Vec::new(),
            delay: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        loop {
            let failed = self.failed.len();
            if let Poll::Ready(stream) = self.poll_running(cx) {
                return Poll::Ready(Ok(stream));
            }
            let is_time = self.failed.len() > failed || self.running.is_empty();
            if !is_time && !self.delay_is_over(cx) {
                return Poll::Pending;
            }
            self.delay = None;
            match self.waiting.pop() {
                Some(address) => {
                    let attempt = Box::pin(attempt(address, self.reactor.clone()));
                    self.running.push((address, attempt));
                    self.delay = Some(Delay::until(now() + ATTEMPT_DELAY));
                }
                None if self.running.is_empty() => return Poll::Ready(Err(self.error())),
                None => return Poll::Pending,
            }
        }
    }

    fn poll_running(&mut self, cx: &mut Context<'_>) -> Poll<TcpStream> {
        let mut index = 0;
        while let Some((address, attempt)) = self.running.get_mut(index) {
            match attempt.as_mut().poll(cx) {
                Poll::Ready(Ok(stream)) => return Poll::Ready(stream),
                Poll::Ready(Err(error)) => {
                    self.failed.push((*address, error));
                    drop(self.running.remove(index));
                }
                Poll::Pending => index += 1,
            }
        }
        Poll::Pending
    }

    /// A delay that fails is over too: the runtime has ended, which the attempts will tell.
    fn delay_is_over(&mut self, cx: &mut Context<'_>) -> bool {
        match &mut self.delay {
            Some(delay) => Pin::new(delay).poll(cx).is_ready(),
            None => false,
        }
    }

    fn error(&mut self) -> io::Error {
        all_failed("connected to", std::mem::take(&mut self.failed))
    }
}

/// The addresses with the families taking turns, each family in its order.
fn alternate(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let of_family = |is_first: bool| {
        let wanted = first_is_v6 == is_first;
        addresses
            .iter()
            .filter(move |address| address.is_ipv6() == wanted)
    };
    let (mut ones, mut others) = (of_family(true), of_family(false));
    let mut sorted = Vec::with_capacity(addresses.len());
    loop {
        let (one, other) = (ones.next(), others.next());
        if one.is_none() && other.is_none() {
            return sorted;
        }
        sorted.extend(one.into_iter().chain(other));
    }
}

/// One error for all attempts. That of a single one is handed out as it is.
pub(super) fn all_failed(
    what: &'static str,
    mut failed: Vec<(SocketAddr, io::Error)>,
) -> io::Error {
    match failed.len() {
        0 => no_address(),
        1 => failed.remove(0).1,
        _ => {
            let kind = failed[failed.len() - 1].1.kind();
            io::Error::new(kind, AllFailed { what, failed })
        }
    }
}

/// None of several addresses did.
#[derive(Debug)]
struct AllFailed {
    what: &'static str,
    failed: Vec<(SocketAddr, io::Error)>,
}

impl fmt::Display for AllFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "none of {} addresses could be {}",
            self.failed.len(),
            self.what
        )?;
        for (index, (address, error)) in self.failed.iter().enumerate() {
            let sign = if index == 0 { ':' } else { ';' };
            write!(f, "{sign} {address}: {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for AllFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let (_, error) = self.failed.last()?;
        Some(error)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn addresses(text: &[&str]) -> Vec<SocketAddr> {
        text.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_families_take_turns_and_keep_their_order() {
        let given = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let wanted = addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(alternate(&given), wanted);
        let given = addresses(&["1.1.1.1:1", "2.2.2.2:1", "[::1]:1"]);
        let wanted = addresses(&["1.1.1.1:1", "[::1]:1", "2.2.2.2:1"]);
        assert_eq!(alternate(&given), wanted);
    }

    #[test]
    fn the_error_of_several_attempts_names_each() {
        let refused = |address| (address, io::Error::from(io::ErrorKind::ConnectionRefused));
        let given = addresses(&["1.1.1.1:1", "[::1]:2"]);
        let error = all_failed("connected to", given.into_iter().map(refused).collect());
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let text = error.to_string();
        assert!(
            text.contains("1.1.1.1:1") && text.contains("[::1]:2"),
            "{text}"
        );
    }
}
