//! What the future that is being polled waits for.
//!
//! A leaf that is about to return `Pending` says so with [`note`]: what kind of thing
//! it waits for, and which one. Where in the user's source the wait was asked for is
//! told by [`at`], which the public functions (all `#[track_caller]`) put around the
//! polls of what they return. The worker [`clear`]s the record before a poll and
//! [`take`]s it after a `Pending`, into the task's header, where a dump reads it.
//!
//! All of it is plain stores into a thread-local. A task that waits for several things
//! at once (`select!`, `join!`) keeps the last one and their number.

use crate::base::sync::local;
use pin_project_lite::pin_project;
use std::cell::Cell;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What a task can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Nothing was noted: a foreign leaf.
    #[default]
    Unknown = 0,
    /// Its budget was spent; it is runnable.
    Budget = 1,
    /// It yielded; it is runnable.
    Yield = 2,
    /// A timer. Resource: its shard (upper half) and its slot there.
    Timer = 3,
    /// A source to become readable. Resource: the registry key.
    Readable = 4,
    /// A source to become writable. Resource: the registry key.
    Writable = 5,
    /// Another task's end. Resource: that task's id.
    Join = 6,
    /// A job on the blocking pool. Resource: its task id.
    Blocking = 7,
    /// A lock. Resource: the address of the lock.
    Mutex = 8,
    /// Permits. Resource: the address of the semaphore.
    Semaphore = 9,
    /// A notification. Resource: the address of the `Notify`.
    Notify = 10,
    /// A message. Resource: the address of the channel.
    Recv = 11,
    /// Room in a channel. Resource: the address of the channel.
    Send = 12,
    /// A one-shot value. Resource: the address of the channel.
    Oneshot = 13,
}

impl Kind {
    /// All kinds, by their number.
    const ALL: [Kind; 14] = [
        Kind::Unknown,
        Kind::Budget,
        Kind::Yield,
        Kind::Timer,
        Kind::Readable,
        Kind::Writable,
        Kind::Join,
        Kind::Blocking,
        Kind::Mutex,
        Kind::Semaphore,
        Kind::Notify,
        Kind::Recv,
        Kind::Send,
        Kind::Oneshot,
    ];

    /// The kind with this number, [`Unknown`](Kind::Unknown) if there is none.
    pub(crate) fn from_u8(number: u8) -> Kind {
        Kind::ALL
            .get(usize::from(number))
            .copied()
            .unwrap_or_default()
    }
}

/// One wait: what for, which one, and where in the source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wait {
    pub(crate) kind: Kind,
    /// How many leaves said that they wait, in this poll.
    pub(crate) leaves: u8,
    pub(crate) resource: u64,
    pub(crate) location: Option<&'static Location<'static>>,
    /// In milliseconds since the runtime's start, as of the worker's last look at the clock.
    pub(crate) since: u64,
}

impl Wait {
    const NONE: Wait = Wait {
        kind: Kind::Unknown,
        leaves: 0,
        resource: 0,
        location: None,
        since: 0,
    };
}

local! {
    static NOW: Cell<u64> = Cell::new(0);
}
local! {
    static WAIT: Cell<Wait> = Cell::new(Wait::NONE);
}
local! {
    static HERE: Cell<Option<&'static Location<'static>>> = Cell::new(None);
}

/// Says that the future that is being polled waits for `resource`.
#[inline]
pub(crate) fn note(kind: Kind, resource: u64) {
    write(kind, resource, HERE.try_with(Cell::get).unwrap_or(None));
}

#[inline]
fn write(kind: Kind, resource: u64, location: Option<&'static Location<'static>>) {
    let _ = WAIT.try_with(|wait| {
        let leaves = wait.get().leaves.saturating_add(1);
        wait.set(Wait {
            kind,
            leaves,
            resource,
            location,
            since: 0,
        });
    });
}

/// The same, for a leaf that knows where it is awaited; an outer [`at`] wins.
#[inline]
pub(crate) fn note_at(kind: Kind, resource: u64, location: &'static Location<'static>) {
    let outer = HERE.try_with(Cell::get).unwrap_or(None);
    write(kind, resource, Some(outer.unwrap_or(location)));
}

/// Runs `poll` with `location` as the place in the user's source that its leaves
/// wait for. The outermost call wins: it is the nearest to the user.
#[inline]
pub(crate) fn at<R>(location: &'static Location<'static>, poll: impl FnOnce() -> R) -> R {
    let _leave = enter(location);
    poll()
}

/// Takes the place back.
/// [`at`] for a poll that most often is ready, and then costs nothing: only after `Pending` does it
/// tell the place, where none is told yet. So of several places the innermost one is kept; and where
/// a poll of somebody else's returns `Pending` and has noted nothing, a wait without a place that
/// was noted before it gets this one.
#[inline]
pub(crate) fn told<T>(location: &'static Location<'static>, poll: Poll<T>) -> Poll<T> {
    if poll.is_pending() {
        fill_in(location);
    }
    poll
}

fn fill_in(location: &'static Location<'static>) {
    let _ = WAIT.try_with(|wait| {
        let noted = wait.get();
        wait.set(Wait {
            location: noted.location.or(Some(location)),
            ..noted
        });
    });
}

struct Leave;

impl Drop for Leave {
    #[inline]
    fn drop(&mut self) {
        let _ = HERE.try_with(|here| here.set(None));
    }
}

/// Sets the place, unless there is one. Apart from [`at`], so that it is not compiled again for
/// each future.
#[inline]
fn enter(location: &'static Location<'static>) -> Option<Leave> {
    let entered = HERE.try_with(|here| {
        let first = here.get().is_none();
        if first {
            here.set(Some(location));
        }
        first
    });
    // (Not `then_some`, which would make one, and drop it, in either case.)
    entered.unwrap_or(false).then(|| Leave)
}

pin_project! {
    /// A future whose waits are told to be where it was asked for.
    #[must_use = "futures do nothing unless they are awaited"]
    pub(crate) struct Here<F> {
        location: &'static Location<'static>,
        #[pin]
        future: F,
    }
}

/// `future`, with the caller as the place where it waits.
#[track_caller]
pub(crate) fn here<F: Future>(future: F) -> Here<F> {
    Here {
        location: Location::caller(),
        future,
    }
}

impl<F: Future> Future for Here<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        at(this.location, || this.future.poll(cx))
    }
}

/// Forgets what was noted: a poll begins.
#[inline]
pub(crate) fn clear() {
    let _ = WAIT.try_with(|wait| wait.set(Wait::NONE));
}

/// What was noted since [`clear`].
#[inline]
pub(crate) fn take() -> Wait {
    let mut noted = WAIT
        .try_with(|wait| wait.replace(Wait::NONE))
        .unwrap_or(Wait::NONE);
    noted.since = NOW.try_with(Cell::get).unwrap_or(0);
    noted
}

/// What was noted in a poll that another one interrupts; it applies again when this is dropped.
#[derive(Debug)]
pub(crate) struct Apart {
    wait: Wait,
    here: Option<&'static Location<'static>>,
    now: u64,
}

/// From here on this thread polls other futures in the middle of a poll.
pub(crate) fn set_apart() -> Apart {
    Apart {
        wait: WAIT
            .try_with(|wait| wait.replace(Wait::NONE))
            .unwrap_or(Wait::NONE),
        here: HERE.try_with(Cell::take).unwrap_or(None),
        now: NOW.try_with(Cell::get).unwrap_or(0),
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        let _ = WAIT.try_with(|wait| wait.set(self.wait));
        let _ = HERE.try_with(|here| here.set(self.here));
        set_now(self.now);
    }
}

/// Tells the time in milliseconds since the runtime's start: a worker does, each time it
/// looks at the clock.
#[inline]
pub(crate) fn set_now(millis: u64) {
    let _ = NOW.try_with(|now| now.set(millis));
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_number() {
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            assert_eq!(Kind::from_u8(number as u8), kind);
        }
        assert_eq!(Kind::from_u8(200), Kind::Unknown);
    }

    #[test]
    fn the_last_leaf_is_kept_with_the_outermost_place() {
        clear();
        let here = Location::caller();
        at(here, || {
            note(Kind::Timer, 1);
            at(Location::caller(), || note(Kind::Recv, 2));
        });
        let wait = take();
        assert_eq!(wait.kind, Kind::Recv);
        assert_eq!(wait.resource, 2);
        assert_eq!(wait.leaves, 2);
        assert_eq!(wait.location, Some(here));
        assert_eq!(take().kind, Kind::Unknown);
        note(Kind::Yield, 0);
        assert_eq!(take().location, None);
    }

    #[test]
    fn a_place_is_filled_in_after_a_poll_that_is_pending_where_none_is_told() {
        clear();
        let here = Location::caller();
        assert!(told(here, Poll::Ready(())).is_ready());
        note(Kind::Readable, 1);
        assert_eq!(take().location, None);

        note(Kind::Readable, 1);
        assert!(told(here, Poll::<()>::Pending).is_pending());
        assert!(told(Location::caller(), Poll::<()>::Pending).is_pending());
        let wait = take();
        assert_eq!((wait.kind, wait.leaves), (Kind::Readable, 1));
        assert_eq!(wait.location, Some(here));
    }

    #[test]
    fn what_is_noted_in_a_poll_within_a_poll_stays_there() {
        clear();
        let here = Location::caller();
        at(here, || {
            note(Kind::Timer, 1);
            let apart = set_apart();
            note(Kind::Recv, 2);
            assert_eq!(take().location, None);
            drop(apart);
            note(Kind::Timer, 3);
        });
        let wait = take();
        assert_eq!((wait.kind, wait.leaves, wait.resource), (Kind::Timer, 2, 3));
        assert_eq!(wait.location, Some(here));
    }
}
