//! Members: join handles that are joined in the order in which their tasks end, each with a
//! tag. What [`JoinSet`](super::join_set::JoinSet) and [`JoinMap`](super::join_map::JoinMap) are made of.
//!
//! Each member's handle gets a waker that knows its place when it comes in; when the task
//! ends, the waker puts the place into a list and wakes whoever waits for the next one, who takes
//! all that are in the list. So joining costs the same however many members there are.
//!
//! A member leaves by being joined alone, or with all others at once: its place is given to
//! another one only when no waker will come for it any more. So each place has its waker for good,
//! which those who lie there one after the other clone.

use crate::base::sync::Mutex;
use crate::base::{budget, wait};
use crate::tasks::{AbortHandle, Id, JoinError, JoinHandle};
use slab::Slab;
use std::collections::VecDeque;
use std::future::Future;
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker, ready};

/// See the [module](self). Dropping them aborts all.
pub(super) struct Members<T, Tag> {
    members: Slab<(JoinHandle<T>, Tag)>,
    /// By place: what puts it into the list.
    wakers: Vec<Waker>,
    /// The places that were taken out of the list, in the same order.
    joinable: VecDeque<usize>,
    ended: Arc<Ended>,
}

/// Sets that had so many members give their wakers back once they are empty.
const KEEP: usize = 1024;

/// A member that was joined.
pub(super) struct Joined<T, Tag> {
    pub(super) place: usize,
    pub(super) id: Id,
    pub(super) tag: Tag,
    pub(super) result: Result<T, JoinError>,
}

/// Who ended and was not joined yet, and who waits for that.
#[derive(Default)]
struct Ended {
    list: Mutex<List>,
}

// Numbers and a waker, behind a lock under which no user code runs.
impl UnwindSafe for Ended {}
impl RefUnwindSafe for Ended {}

#[derive(Default)]
struct List {
    places: VecDeque<usize>,
    joiner: Option<Waker>,
}

struct MemberWaker {
    ended: Arc<Ended>,
    place: usize,
}

impl Wake for MemberWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ended.add(self.place);
    }
}

impl Ended {
    fn add(&self, place: usize) {
        let mut list = self.list.lock();
        list.places.push_back(place);
        let joiner = list.joiner.take();
        drop(list);
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }

    /// Moves the list to `into`, which is empty.
    fn take(&self, into: &mut VecDeque<usize>) {
        mem::swap(&mut self.list.lock().places, into);
    }

    /// The same; if there is nothing in it, leaves the waker behind.
    fn take_or_register(&self, into: &mut VecDeque<usize>, waker: &Waker) {
        self.take(into);
        if !into.is_empty() {
            return;
        }
        // Cloned before the lock is taken: that is foreign code.
        let waker = waker.clone();
        let mut list = self.list.lock();
        mem::swap(&mut list.places, into);
        let unused = match into.is_empty() {
            true => list.joiner.replace(waker),
            false => Some(waker),
        };
        drop(list);
        drop(unused);
    }
}

impl<T, Tag> Members<T, Tag> {
    pub(super) fn new() -> Self {
        Members {
            members: Slab::new(),
            wakers: Vec::new(),
            joinable: VecDeque::new(),
            ended: Arc::default(),
        }
    }

    /// The number of those that were not joined yet, ended ones included.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Takes a member in, and says at which place.
    pub(super) fn insert(&mut self, mut handle: JoinHandle<T>, tag: Tag) -> usize {
        let entry = self.members.vacant_entry();
        let place = entry.key();
        // Places are given out from 0 on.
        if place == self.wakers.len() {
            let ended = self.ended.clone();
            let waker = Arc::new(MemberWaker { ended, place });
            self.wakers.push(Waker::from(waker));
        }
        if !handle.leave_waker(self.wakers[place].clone()) {
            self.ended.add(place);
        }
        entry.insert((handle, tag));
        place
    }

    pub(super) fn abort_handle(&self, place: usize) -> AbortHandle {
        self.members[place].0.abort_handle()
    }

    pub(super) fn abort(&self, place: usize) {
        self.members[place].0.abort();
    }

    pub(super) fn tag(&self, place: usize) -> &Tag {
        &self.members[place].1
    }

    pub(super) fn tag_mut(&mut self, place: usize) -> &mut Tag {
        &mut self.members[place].1
    }

    /// All members: their handles, their tags.
    pub(super) fn iter(&self) -> slab::Iter<'_, (JoinHandle<T>, Tag)> {
        self.members.iter()
    }

    /// Takes the member at `place`, which has ended, out.
    fn take(&mut self, place: usize) -> Joined<T, Tag> {
        let (mut member, tag) = self.members.remove(place);
        if self.members.is_empty() && self.wakers.len() > KEEP {
            self.forget_places();
        }
        let mut cx = Context::from_waker(Waker::noop());
        match budget::with_unlimited(|| Pin::new(&mut member).poll(&mut cx)) {
            Poll::Ready(result) => Joined {
                place,
                id: member.id(),
                tag,
                result,
            },
            // PANIC: its waker was woken by its end, which is why it is in the list.
            Poll::Pending => unreachable!("a member that ended is pending"),
        }
    }

    /// Takes a member out that has ended, if there is one.
    pub(super) fn try_next(&mut self) -> Option<Joined<T, Tag>> {
        if self.joinable.is_empty() {
            self.ended.take(&mut self.joinable);
        }
        let place = self.joinable.pop_front()?;
        Some(self.take(place))
    }

    /// Polls for the next member that has ended. `Ready(None)` if there are no members.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Joined<T, Tag>>> {
        let spent = ready!(budget::poll_proceed(cx));
        if self.members.is_empty() {
            spent.made_progress();
            return Poll::Ready(None);
        }
        if self.joinable.is_empty() {
            self.ended.take_or_register(&mut self.joinable, cx.waker());
        }
        match self.joinable.pop_front() {
            Some(place) => {
                spent.made_progress();
                Poll::Ready(Some(self.take(place)))
            }
            None => {
                wait::note(wait::Kind::Join, 0);
                Poll::Pending
            }
        }
    }

    pub(super) fn abort_all(&self) {
        for (_, (member, _)) in &self.members {
            member.abort();
        }
    }

    /// Takes all members out without aborting them.
    pub(super) fn detach_all(&mut self) {
        let members = mem::take(&mut self.members);
        // A list of its own: the old one will hear of members that are not here any more.
        self.ended = Arc::default();
        self.joinable.clear();
        self.forget_places();
        drop(members);
    }

    /// There are no members, and the next one gets place 0.
    fn forget_places(&mut self) {
        self.members = Slab::new();
        self.wakers = Vec::new();
    }
}

impl<T, Tag> Drop for Members<T, Tag> {
    fn drop(&mut self) {
        self.abort_all();
    }
}
