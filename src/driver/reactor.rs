//! The reactor: what the operating system says, turned into wake-ups.
//!
//! It has two halves. The [`Reactor`] is shared by all: sources register with it, and
//! anybody may [unpark](Reactor::unpark) whoever waits in it. The [`Poller`] belongs
//! to whoever holds the driver; only it can wait. One *turn* waits for events,
//! delivers each to the registry and hands out the wakers:
//!
//! ```text
//!  Poller::turn -> epoll_wait -> for each event: Registry::notify(key, ready) -> wakers
//! ```
//!
//! The wakers are not woken here: the caller lets somebody else have the driver first.
//!
//! Readiness is edge-triggered. An event is told once, so the registry keeps it until
//! an operation finds that it is used up.
//!
//! How long a turn waits: mio rounds a timeout up to whole milliseconds, and a timer
//! that is due in 100 microseconds would be late by nine times that. So a turn waits
//! for whole milliseconds, rounded *down*, and for a last fraction with a precise
//! wait ([`precise_wait`]). A turn may therefore end before its limit with
//! nothing to tell; its caller looks at its timers anyway.
//!
//! Rejected: a timerfd as one of the sources (three more system calls for each new
//! earliest deadline; a wait of below 2 ms costs one more here, and no other wait
//! does). A word that saves the write to the eventfd while one is outstanding: whoever
//! unparks the driver has already won the transition out of "parked". Turns of 16 to 256 events
//! in place of 1,024, so that what a turn has touched is still in the cache when its tasks
//! run: with 1,000 connections nothing was gained from 64 on, and 16 cost 10 % more.

#[cfg_attr(target_os = "linux", path = "precise_wait.rs")]
#[cfg_attr(not(target_os = "linux"), path = "rounded_wait.rs")]
mod precise_wait;

use super::doorstep::Doorstep;
use crate::base::parker::Parker;
use crate::base::sync::atomic::{AtomicU64, Ordering};
use crate::registry::{Key, Ready, Registry};
use mio::unix::SourceFd;
use std::io;
use std::os::fd::AsRawFd;
use std::task::Waker;
use std::time::Duration;

/// The half that everybody shares. See the [module](self).
#[derive(Debug)]
pub(crate) struct Reactor {
    registry: Registry,
    selector: mio::Registry,
    counts: Counts,
    waker: mio::Waker,
    doorstep: Doorstep,
}

/// The half of whoever holds the driver. See the [module](self).
#[derive(Debug)]
pub(crate) struct Poller {
    poll: mio::Poll,
    events: mio::Events,
    /// For turns that do not wait, if they are to take in fewer.
    busy_events: Option<mio::Events>,
}

/// What the reactor counts. ORDERING: relaxed; each number stands for itself.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) registered: AtomicU64,
    pub(crate) deregistered: AtomicU64,
    pub(crate) events: AtomicU64,
}

/// A reactor whose turn takes in at most `capacity` events. (What does not fit is
/// told by the next turn.)
///
/// # Errors
/// If the process has no file descriptors left: it takes three.
pub(crate) fn new(capacity: usize) -> io::Result<(Reactor, Poller)> {
    let poll = mio::Poll::new()?;
    let selector = poll.registry().try_clone()?;
    let waker = mio::Waker::new(&selector, Key::NO_KEY)?;
    let reactor = Reactor {
        registry: Registry::new(),
        selector,
        counts: Counts::default(),
        waker,
        doorstep: Doorstep::default(),
    };
    let events = mio::Events::with_capacity(capacity.max(1));
    let poller = Poller {
        poll,
        events,
        busy_events: None,
    };
    Ok((reactor, poller))
}

impl Reactor {
    /// Ends the turn that is in progress, or the next one at once; or the sleep on the doorstep.
    pub(crate) fn unpark(&self) {
        if self.doorstep.knock() {
            return;
        }
        // PANIC: the eventfd is ours, and full counts as written. If it is closed from
        // outside, the runtime cannot go on.
        self.waker.wake().expect("the reactor's eventfd was closed");
    }

    /// Whether whoever holds the driver is to sleep on its own parker, for there are no sources.
    /// It asks before it announces that it will sleep, and afterwards
    /// [leaves](Self::leave_doorstep). See [`doorstep`](super::doorstep).
    pub(crate) fn take_doorstep(&self, parker: &Parker) -> bool {
        self.doorstep.take(parker, &self.registry)
    }

    pub(crate) fn leave_doorstep(&self) {
        self.doorstep.leave();
    }

    /// There is a new source in the registry: calls in whoever sleeps outside.
    pub(super) fn call_in(&self) {
        self.doorstep.knock();
    }

    /// A turn of this reactor ends when there are events for `other`, to which it does nothing.
    pub(super) fn hear(&self, other: &Reactor) -> io::Result<()> {
        let mut other = SourceFd(&other.selector.as_raw_fd());
        let readable = mio::Interest::READABLE;
        self.selector.register(&mut other, Key::NO_KEY, readable)
    }

    /// Ends all waits, now and later, with an error. The wakers are the caller's to
    /// wake.
    #[must_use = "the wakers are to be woken"]
    pub(crate) fn close(&self) -> Vec<Waker> {
        self.registry.close()
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(super) fn selector(&self) -> &mio::Registry {
        &self.selector
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }
}

impl Poller {
    /// A turn that does not wait takes in at most `capacity` events.
    pub(crate) fn limit_busy(&mut self, capacity: usize) {
        self.busy_events = Some(mio::Events::with_capacity(capacity.max(1)));
    }

    /// Waits until there are events, or an unpark, or `limit` has passed (`None`: for
    /// ever; zero: not at all); delivers the events, and adds to `wakers` whom to wake.
    /// Returns the number of events. It may end before the limit with none.
    ///
    /// # Errors
    /// What the selector says; a signal is no error.
    pub(crate) fn turn(
        &mut self,
        reactor: &Reactor,
        limit: Option<Duration>,
        wakers: &mut Vec<Waker>,
    ) -> io::Result<usize> {
        let busy = limit.is_some_and(|limit| limit.is_zero());
        let events = match &mut self.busy_events {
            Some(fewer) if busy => fewer,
            _ => &mut self.events,
        };
        match wait(&mut self.poll, events, limit) {
            Ok(()) => Ok(deliver(events, reactor, wakers)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
            Err(error) => Err(error),
        }
    }
}

fn wait(poll: &mut mio::Poll, events: &mut mio::Events, limit: Option<Duration>) -> io::Result<()> {
    let limit = match limit {
        None => None,
        Some(limit) => match precise_wait::before_poll(poll, limit)? {
            Some(left) => Some(left),
            None => {
                events.clear();
                return Ok(());
            }
        },
    };
    poll.poll(events, limit)
}

fn deliver(events: &mio::Events, reactor: &Reactor, wakers: &mut Vec<Waker>) -> usize {
    let mut count = 0;
    for event in events {
        if event.token() != Key::NO_KEY {
            let key = Key::from_token(event.token());
            reactor.registry.notify(key, Ready::from_mio(event), wakers);
            count += 1;
        }
    }
    if count > 0 {
        reactor
            .counts
            .events
            .fetch_add(count as u64, Ordering::Relaxed);
    }
    count
}

#[cfg(all(test, not(loom)))]
#[path = "reactor_tests.rs"]
mod tests;
