//! A source: an I/O object together with its registration, and the one loop in which
//! operations on it are tried.
//!
//! ```text
//!            +--> poll_ready --Pending--> (an event wakes the task)
//!            |        |
//!            |      event
//!            |        v
//!            |       op ----- Ok, Err ----> the result
//!            |        |  \--- EINTR: again, at once
//!            |    WouldBlock
//!            |        v
//!            +--- clear(event)
//! ```
//!
//! Readiness is edge-triggered: it is told once, and must be used until the operation
//! says `WouldBlock`. All of the crate's I/O goes through this file, in four forms:
//!
//! * [`poll_io`](Source::poll_io): one task a direction, the loop above;
//! * [`poll_stream`](Source::poll_stream) and [`poll_drain`](Source::poll_drain): the same for
//!   reads and writes of bytes, where a short count already says that the source is used up;
//! * [`async_io`](Source::async_io) and [`readiness`](Source::readiness): any number
//!   of tasks, through `&self`;
//! * [`try_io`](Source::try_io): now or never.
//!
//! Rules that hold in all of them:
//! 1. An operation runs only while readiness is set. (So a source that does not block
//!    is never asked in vain by many who wait for it.)
//! 2. What is cleared is what was seen *before* the operation; an event that comes in
//!    during it stays.
//! 3. A closed direction stays ready. If an operation has to wait though nothing but
//!    "closed" was seen, then this is taken back. Without that, a datagram socket that
//!    reported an error, or a named pipe with a new writer, would be tried again and
//!    again for ever.
//! 4. Once the runtime is shut down every operation fails, and says so.
//!
//! What is connected, or needs no connection, is [registered late](Source::new_late), and each
//! direction by itself: the selector does not hear of a direction before an operation there would
//! have to wait, or somebody asks whether it is ready. Until then nothing is cleared there, so nobody
//! waits. A server that is quick to answer is never told that there is room to write. For datagrams
//! and Unix sockets that matters: the system tells of room whenever anything that was sent is
//! taken, which is a needless event, and mostly a needless wake-up, for each message.
//!
//! A source is deregistered from the selector before its entry is freed and before
//! the object is closed: the selector must not tell of a descriptor number that
//! belongs to somebody else by then. If the program closes the descriptor behind our
//! back, or duplicates it and keeps the duplicate open, events may still come in; the
//! key of a source that is gone finds nobody.
//!
//! # Rejected
//!
//! * `read` and `write` in place of `recv` and `send`: 1 and 2 % more for a message over TCP.
//! * To accept without the last call, which says that nobody is left: it would take a turn of the
//!   driver for each connection, or a question for the length of the queue, to know that.

use super::reactor::Reactor;
use crate::base::budget;
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::base::wait;
use crate::registry::{Entry, Event, Interest, Key, Ready, Side, Sight, Waiter, shut_down};
use mio::unix::SourceFd;
use std::future::poll_fn;
use std::io;
use std::ops::Deref;
use std::os::fd::{AsRawFd, RawFd};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// An I/O object that is registered with a reactor. See the [module](self).
#[derive(Debug)]
pub(crate) struct Source<S: mio::event::Source> {
    /// `None` only within `into_inner` and `drop`.
    io: Option<S>,
    registration: Registration,
}

/// An entry of the registry that is freed on drop.
#[derive(Debug)]
struct Registration {
    reactor: Arc<Reactor>,
    key: Key,
    /// Of a source that the selector hears of late.
    late: Option<Late>,
}

/// See [`Source::new_late`].
#[derive(Debug)]
struct Late {
    descriptor: RawFd,
    interest: Interest,
    /// Of what the selector has heard, by side. Written under the lock.
    told: [AtomicBool; 2],
    telling: Mutex<()>,
}

impl Late {
    /// ORDERING: whoever sees that it was told takes back what it has seen, and waits: the system
    /// call comes before that.
    #[inline]
    fn is_told(&self, side: Side) -> bool {
        self.told[side as usize].load(Ordering::Acquire)
    }

    /// What it waits for on that side: for urgent data as well, where it reads.
    fn part(&self, side: Side) -> Interest {
        match (side, self.interest.remove(Interest::WRITABLE)) {
            (Side::Read, Some(reading)) => reading,
            _ => side.interest(),
        }
    }
}

// What a panic could leave half done is behind the reactor's locks, where no user code runs.
impl UnwindSafe for Registration {}
impl RefUnwindSafe for Registration {}

impl<S: mio::event::Source> Source<S> {
    /// Registers `io`, which must not block.
    ///
    /// `assumed` is what it is taken to be ready for from the start: the first
    /// operation is then tried at once, and nobody waits for an event in vain if
    /// there is something already. It is right for a socket that was accepted or is
    /// connected, and wrong for one that still connects: "writable" is the answer it
    /// waits for. (A socket is registered *after* its `connect`: before it, the
    /// system reports it as closed.)
    ///
    /// # Errors
    /// If the runtime was shut down or has no room, or if the system refuses: `EPERM`
    /// for a file or directory, `EEXIST` for a descriptor that is registered already.
    /// Nothing is left behind then, and `io` comes back.
    pub(crate) fn try_new(
        mut io: S,
        interest: Interest,
        assumed: Ready,
        reactor: Arc<Reactor>,
    ) -> Result<Self, (S, io::Error)> {
        let key = match reactor.registry().insert(assumed) {
            Ok(key) => key,
            Err(refused) => return Err((io, refused.into())),
        };
        let registration = Registration {
            reactor,
            key,
            late: None,
        };
        registration.reactor.call_in();
        let selector = registration.reactor.selector();
        match selector.register(&mut io, key.token(), interest.to_mio()) {
            Ok(()) => {
                count(&registration.reactor.counts().registered);
                Ok(Source {
                    io: Some(io),
                    registration,
                })
            }
            Err(error) => Err((io, error)),
        }
    }

    /// [`try_new`](Self::try_new) for an object that is of no use without.
    pub(crate) fn new(
        io: S,
        interest: Interest,
        assumed: Ready,
        reactor: Arc<Reactor>,
    ) -> io::Result<Self> {
        Self::try_new(io, interest, assumed, reactor).map_err(|(_, error)| error)
    }

    /// [`new`](Self::new) for an object that is ready to be read and written for all we know: the
    /// selector hears of either when an operation would have to wait for the first time, or when
    /// somebody asks whether it is ready. For a connection that is answered and closed at once that
    /// is never, which saves two system calls of six.
    ///
    /// # Errors
    /// If the runtime was shut down or has no room.
    pub(crate) fn new_late(io: S, interest: Interest, reactor: Arc<Reactor>) -> io::Result<Self>
    where
        S: AsRawFd,
    {
        let assumed = Ready::READABLE | Ready::WRITABLE;
        let key = reactor.registry().insert(assumed)?;
        let late = Late {
            descriptor: io.as_raw_fd(),
            interest,
            told: [AtomicBool::new(false), AtomicBool::new(false)],
            telling: Mutex::new(()),
        };
        let registration = Registration {
            reactor,
            key,
            late: Some(late),
        };
        registration.reactor.call_in();
        count(&registration.reactor.counts().registered);
        Ok(Source {
            io: Some(io),
            registration,
        })
    }

    /// The object without its registration.
    ///
    /// # Errors
    /// If the system refuses to deregister it; the object is dropped then.
    pub(crate) fn into_inner(self) -> io::Result<S> {
        let (io, deregistered) = self.into_parts();
        deregistered.map(|()| io)
    }

    /// The object, and whether the system has deregistered it. If not, it was not
    /// registered any more: its descriptor was closed, or is another one by now.
    pub(crate) fn into_parts(mut self) -> (S, io::Result<()>) {
        // PANIC: it is there until here.
        let mut io = self.io.take().expect("a source has its object");
        let deregistered = self.registration.leave_selector(&mut io);
        if deregistered.is_ok() {
            count(&self.registration.reactor.counts().deregistered);
        }
        (io, deregistered)
    }

    /// The object.
    #[inline]
    pub(crate) fn io(&self) -> &S {
        // PANIC: it is there until `into_inner` or `drop`, which own the source.
        self.io.as_ref().expect("a source has its object")
    }

    /// The object, for as long as nobody else has it.
    pub(crate) fn io_mut(&mut self) -> &mut S {
        // PANIC: as in `io`.
        self.io.as_mut().expect("a source has its object")
    }

    /// The reactor that it is registered with.
    pub(crate) fn reactor(&self) -> &Arc<Reactor> {
        &self.registration.reactor
    }

    /// Waits until it is ready to be read from or written to, without doing so.
    pub(crate) fn poll_ready(&self, side: Side, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_sight(side, cx).map_ok(|_| ())
    }

    /// [`poll_ready`](Self::poll_ready) that tells what was seen, for
    /// [`clear`](Self::clear).
    pub(crate) fn poll_sight(&self, side: Side, cx: &mut Context<'_>) -> Poll<io::Result<Sight>> {
        let spent = ready!(budget::poll_proceed(cx));
        self.registration.ask_selector(side)?;
        let event = ready!(self.registration.poll_ready(side, cx));
        spent.made_progress();
        Poll::Ready(still_open(Sight::of(side.direction(), event)))
    }

    /// Tries `op` until it does something else than to say that it would have to wait;
    /// waits for readiness in between. One task a side: the last one that called is
    /// woken.
    #[inline]
    pub(crate) fn poll_io<R>(
        &self,
        side: Side,
        cx: &mut Context<'_>,
        mut op: impl FnMut(&S) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_loop(side, cx, |_| op(self.io()))
    }

    /// [`poll_io`](Self::poll_io) for a byte stream: `op` reads to, or writes from, a
    /// buffer of `len` bytes and returns how many.
    ///
    /// A count between zero and `len` says that the source is drained, or full, so
    /// the next call waits without asking the system once more. That holds where
    /// nothing but the amount of data can end a call: for TCP and for pipes. It does
    /// not for Unix sockets, where a read stops behind a message that carries file
    /// descriptors, nor if `op` itself leaves out a part (a vectored call with more
    /// buffers than the system takes): use [`poll_drain`](Self::poll_drain) or `poll_io` for
    /// those. TCP has one such case
    /// too, the mark of urgent data; a source that is registered with
    /// `Interest::PRIORITY` is told of it and then waits for `WouldBlock`.
    #[inline]
    pub(crate) fn poll_stream(
        &self,
        side: Side,
        cx: &mut Context<'_>,
        len: usize,
        mut op: impl FnMut(&S) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let op = |io: &S| op(io).map(|count| (count, 0 < count && count < len));
        self.poll_drain(side, cx, op)
    }

    /// [`poll_stream`](Self::poll_stream) for an `op` that says itself whether the source is
    /// drained, or full, as far as data goes.
    #[inline]
    pub(crate) fn poll_drain<R>(
        &self,
        side: Side,
        cx: &mut Context<'_>,
        mut op: impl FnMut(&S) -> io::Result<(R, bool)>,
    ) -> Poll<io::Result<R>> {
        let entry = self.registration.entry();
        self.poll_loop(side, cx, |event| {
            let (result, is_drained) = op(self.io())?;
            // (One that the selector has not heard of is asked once more, before it does.)
            if is_drained && event.is_plain() && !self.registration.is_due(side) {
                entry.clear(side.direction(), event);
            }
            Ok(result)
        })
    }

    #[inline]
    fn poll_loop<R>(
        &self,
        side: Side,
        cx: &mut Context<'_>,
        mut op: impl FnMut(Event) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let spent = ready!(budget::poll_proceed(cx));
        loop {
            let event = ready!(self.registration.poll_ready(side, cx));
            let result = if event.is_shut() {
                Err(shut_down())
            } else {
                uninterrupted(|| op(event))
            };
            match result {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.registration.enter_selector(side)?;
                    self.registration.entry().clear(side.direction(), event);
                }
                result => {
                    spent.made_progress();
                    return Poll::Ready(result);
                }
            }
        }
    }

    /// Tries `op` now, if the source is ready for `interest`.
    ///
    /// # Errors
    /// `WouldBlock` if it is not, or no longer; else what `op` says.
    pub(crate) fn try_io<R>(
        &self,
        interest: Interest,
        mut op: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        self.try_once(interest, |io| uninterrupted(|| op(io)))
    }

    /// [`try_io`](Self::try_io) for an operation of the user, which can be run once
    /// only: a signal that interrupts it is the user's to deal with.
    pub(crate) fn try_once<R>(
        &self,
        interest: Interest,
        op: impl FnOnce(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        let sight = self.registration.entry().look_all(interest);
        self.registration.attempt(&sight, || op(self.io()))
    }

    /// Waits until the source is ready for some of `interest`, together with any
    /// number of others.
    pub(crate) async fn readiness(&self, interest: Interest) -> io::Result<Ready> {
        self.sight(interest).await.map(|sight| sight.ready())
    }

    /// [`readiness`](Self::readiness) that tells what was seen, for
    /// [`clear`](Self::clear). The future has nothing of the object, which may not be `Sync`.
    pub(crate) fn sight(
        &self,
        interest: Interest,
    ) -> impl Future<Output = io::Result<Sight>> + use<'_, S> {
        let registration = &self.registration;
        async move {
            for side in sides(interest) {
                registration.ask_selector(side)?;
            }
            still_open(registration.wait(interest).await?)
        }
    }

    /// Takes back what was seen, for an operation would have to wait in spite of it.
    /// What has come in since stays.
    pub(crate) fn clear(&self, sight: &Sight) {
        self.registration.entry().clear_all(sight);
    }

    /// Tries `op` whenever the source is ready for `interest`, until it does something
    /// else than to say that it would have to wait; together with any number of
    /// others.
    pub(crate) async fn async_io<R>(
        &self,
        interest: Interest,
        mut op: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            let sight = self.registration.wait(interest).await?;
            let op = || uninterrupted(|| op(self.io()));
            match self.registration.attempt(&sight, op) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }
}

/// With the object to oneself.
impl<S: mio::event::Source> Source<S> {
    /// [`try_once`](Self::try_once) for an operation that changes the object.
    pub(crate) fn try_once_mut<R>(
        &mut self,
        interest: Interest,
        op: impl FnOnce(&mut S) -> io::Result<R>,
    ) -> io::Result<R> {
        let sight = self.registration.entry().look_all(interest);
        // PANIC: as in `io`.
        let io = self.io.as_mut().expect("a source has its object");
        self.registration.attempt(&sight, || op(io))
    }

    /// [`async_io`](Self::async_io) for an operation that changes the object.
    pub(crate) async fn async_io_mut<R>(
        &mut self,
        interest: Interest,
        mut op: impl FnMut(&mut S) -> io::Result<R>,
    ) -> io::Result<R> {
        // PANIC: as in `io`.
        let io = self.io.as_mut().expect("a source has its object");
        loop {
            let sight = self.registration.wait(interest).await?;
            let op = || uninterrupted(|| op(io));
            match self.registration.attempt(&sight, op) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }
}

impl<S: mio::event::Source> Deref for Source<S> {
    type Target = S;
    fn deref(&self) -> &S {
        self.io()
    }
}

impl<S: mio::event::Source> Drop for Source<S> {
    fn drop(&mut self) {
        if let Some(mut io) = self.io.take() {
            // An error means that it is not registered any more: the descriptor was
            // closed behind our back.
            let _ = self.registration.leave_selector(&mut io);
            count(&self.registration.reactor.counts().deregistered);
        }
    }
}

fn count(what: &AtomicU64) {
    what.fetch_add(1, Ordering::Relaxed);
}

impl Registration {
    #[inline]
    fn entry(&self) -> &Entry {
        self.reactor.registry().entry(self.key)
    }

    /// Whether the selector is still to hear of that side of the source.
    #[inline]
    fn is_due(&self, side: Side) -> bool {
        self.late.as_ref().is_some_and(|late| !late.is_told(side))
    }

    /// Lets the selector hear of that side of the source, if it has not yet: before its readiness
    /// is cleared for the first time, so that whoever waits then is told. (The selector tells at
    /// once what the source is ready for.) False if it has heard of it already.
    ///
    /// # Errors
    /// If the system refuses.
    #[inline]
    fn enter_selector(&self, side: Side) -> io::Result<bool> {
        match &self.late {
            Some(late) if !late.is_told(side) => self.enter_late(late, side),
            _ => Ok(false),
        }
    }

    /// Lets the selector say what the source is ready for, if it is only taken to be: whoever asks
    /// for that, and not for an operation, may go by the answer alone.
    ///
    /// # Errors
    /// If the system refuses.
    fn ask_selector(&self, side: Side) -> io::Result<()> {
        if !self.is_due(side) {
            return Ok(());
        }
        // What is delivered from here on stays; and if somebody else is quicker, all does.
        let assumed = self.entry().look(side.direction(), side.interest());
        if self.enter_selector(side)? {
            self.entry().clear(side.direction(), assumed);
        }
        Ok(())
    }

    /// Of several that come at once one does it, and the others wait that long.
    #[cold]
    fn enter_late(&self, late: &Late, side: Side) -> io::Result<bool> {
        let _telling = late.telling.lock();
        if late.is_told(side) {
            return Ok(false);
        }
        let mut descriptor = SourceFd(&late.descriptor);
        let (selector, token) = (self.reactor.selector(), self.key.token());
        match late.is_told(side.other()) {
            false => selector.register(&mut descriptor, token, late.part(side).to_mio())?,
            true => selector.reregister(&mut descriptor, token, late.interest.to_mio())?,
        }
        late.told[side as usize].store(true, Ordering::Release);
        Ok(true)
    }

    /// Takes the source, which is `io`, out of the selector.
    fn leave_selector(&self, io: &mut impl mio::event::Source) -> io::Result<()> {
        let selector = self.reactor.selector();
        match &self.late {
            None => selector.deregister(io),
            Some(late) if late.is_told(Side::Read) || late.is_told(Side::Write) => {
                selector.deregister(&mut SourceFd(&late.descriptor))
            }
            Some(_) => Ok(()),
        }
    }

    #[inline]
    fn poll_ready(&self, side: Side, cx: &mut Context<'_>) -> Poll<Event> {
        let poll = self.entry().poll_ready(side, cx);
        if poll.is_pending() {
            wait::note(kind_of(side.interest()), self.key.to_bits());
        }
        poll
    }

    /// Waits on the entry's list.
    ///
    /// # Errors
    /// If the system refuses to register the source.
    async fn wait(&self, interest: Interest) -> io::Result<Sight> {
        if interest.is_priority() || interest.is_error() {
            // Which it is not taken to be ready for.
            self.enter_selector(Side::Read)?;
        }
        let mut waiter: Waiter<'_> = self.entry().waiter(interest);
        poll_fn(|cx| {
            let spent = ready!(budget::poll_proceed(cx));
            let poll = waiter.poll(cx);
            match poll {
                Poll::Ready(_) => spent.made_progress(),
                Poll::Pending => wait::note(kind_of(interest), self.key.to_bits()),
            }
            poll.map(Ok)
        })
        .await
    }

    /// Runs `op` once if there is something in `sight`, and takes that back if `op`
    /// would have to wait.
    fn attempt<R>(&self, sight: &Sight, op: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        if sight.is_shut() {
            return Err(shut_down());
        }
        if !sight.is_some() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let result = op();
        match &result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                for side in sight.sides() {
                    self.enter_selector(side)?;
                }
                self.entry().clear_all(sight);
            }
            _ => {}
        }
        result
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.reactor.registry().remove(self.key);
    }
}

/// Repeats `op` while a signal interrupts it.
#[inline]
fn uninterrupted<R>(mut op: impl FnMut() -> io::Result<R>) -> io::Result<R> {
    loop {
        match op() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// What was seen, unless it is the end of the runtime.
fn still_open(sight: Sight) -> io::Result<Sight> {
    match sight.is_shut() {
        true => Err(shut_down()),
        false => Ok(sight),
    }
}

/// The sides that somebody with that interest waits on: errors and urgent data are told to readers.
fn sides(interest: Interest) -> impl Iterator<Item = Side> {
    let reads = interest.remove(Interest::WRITABLE).is_some();
    let read = reads.then_some(Side::Read);
    let write = interest.is_writable().then_some(Side::Write);
    read.into_iter().chain(write)
}

fn kind_of(interest: Interest) -> wait::Kind {
    match interest.is_writable() && !interest.is_readable() {
        true => wait::Kind::Writable,
        false => wait::Kind::Readable,
    }
}

#[cfg(all(test, not(loom)))]
#[path = "source_tests.rs"]
mod tests;
