//! The loop of a load: each client sends when it has received.

use super::{Latencies, PATIENCE};
use crate::limits::raise_descriptors;
use mio::{Events, Poll, Registry, Token};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// One of the connections.
pub(super) trait Client: Sized {
    /// Connects, and exchanges the first message at once: then the server has accepted the
    /// connection before the next one, and its backlog does not overflow, which would cost
    /// a second.
    fn connect(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Self>;

    /// Sends the message of that number. It is alone on its way, and so there is room for it.
    fn send(&mut self, number: u64, registry: &Registry, token: Token) -> io::Result<()>;

    /// Takes in what there is. True if that completes the answer to the message of that number;
    /// an error if it is wrong.
    fn receive(&mut self, number: u64) -> io::Result<bool>;
}

/// Makes the connections, and takes the orders.
pub(super) fn take<C: Client>(address: SocketAddr, connections: usize) -> io::Result<()> {
    let mut turns = Turns::<C>::connect(address, connections)?;
    println!("0 0 0");
    for order in io::stdin().lines() {
        let messages: usize = order?.parse().map_err(io::Error::other)?;
        let latencies = turns.exchange(messages / connections)?;
        let Latencies { median, p99 } = latencies;
        println!("{messages} {} {}", median.as_nanos(), p99.as_nanos());
    }
    Ok(())
}

struct Turns<C> {
    poll: Poll,
    events: Events,
    places: Vec<Place<C>>,
}

struct Place<C> {
    client: C,
    token: Token,
    /// How many messages were sent: the number of the last one.
    sent: u64,
    /// When that was.
    since: Instant,
    /// How many answers are missing.
    left: usize,
}

impl<C: Client> Turns<C> {
    fn connect(address: SocketAddr, connections: usize) -> io::Result<Self> {
        raise_descriptors();
        let poll = Poll::new()?;
        let places = (0..connections).map(Token).map(|token| {
            Ok(Place {
                client: C::connect(address, poll.registry(), token)?,
                token,
                sent: 0,
                since: Instant::now(),
                left: 0,
            })
        });
        Ok(Turns {
            places: places.collect::<io::Result<_>>()?,
            poll,
            events: Events::with_capacity(1024),
        })
    }

    /// Exchanges so many messages over each connection.
    fn exchange(&mut self, rounds: usize) -> io::Result<Latencies> {
        let messages = rounds * self.places.len();
        let mut times = Vec::with_capacity(messages);
        if rounds > 0 {
            for place in &mut self.places {
                place.left = rounds;
                place.send(self.poll.registry())?;
            }
        }
        while times.len() < messages {
            self.poll.poll(&mut self.events, Some(PATIENCE))?;
            if self.events.is_empty() {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "no answer"));
            }
            for event in &self.events {
                let Token(i) = event.token();
                let place = &mut self.places[i];
                // What comes after this has been read is another event.
                if place.left > 0 && place.client.receive(place.sent)? {
                    times.push(place.since.elapsed());
                    place.left -= 1;
                    if place.left > 0 {
                        place.send(self.poll.registry())?;
                    }
                }
            }
        }
        Ok(latencies(times))
    }
}

impl<C: Client> Place<C> {
    fn send(&mut self, registry: &Registry) -> io::Result<()> {
        self.sent += 1;
        self.since = Instant::now();
        self.client.send(self.sent, registry, self.token)
    }
}

fn latencies(mut times: Vec<Duration>) -> Latencies {
    times.sort_unstable();
    let within = |percent: usize| {
        let rank = (times.len() * percent).div_ceil(100);
        times
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    };
    Latencies {
        median: within(50),
        p99: within(99),
    }
}
