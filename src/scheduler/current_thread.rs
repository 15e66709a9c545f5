//! A scheduler without threads: its one worker runs on whatever thread is in `block_on`.
//!
//! The core lies in the [`Lobby`] while nobody runs it. The first thread that comes with a
//! root future takes it and makes rounds, with a poll of the root whenever it was woken.
//! Others that come meanwhile poll their own root when it is woken, and take the core over
//! when the first one leaves.
//!
//! The core keeps the root's waker, a reference to the scheduler, and the parker of the thread that
//! ran it last: a thread that calls `block_on` again and again takes it as it left it, and counts and
//! allocates nothing for that.
//!
//! # Rejected
//!
//! * To look at the clock only when the root has waited once. Two looks are two fifths of what a call
//!   with a future that is ready at once costs here (26 of some 115 ns each), but what the root then does in its
//!   first poll would be missing from the busy time of the worker.

use super::Scheduler;
use super::beside::{Bell, Beside};
use super::worker::{self, Core, Cores};
use crate::base::budget;
use crate::base::sync::atomic::Ordering;
use crate::driver::ThreadUnderWay;
use std::future::Future;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake};

/// Where the core waits. See the [module](self).
#[derive(Default)]
pub(crate) struct Lobby {
    pub(super) cores: Cores,
    waiting: Vec<Arc<Bell>>,
}

impl Lobby {
    /// The thread does not wait any more.
    fn forget(&mut self, bell: &Arc<Bell>) {
        self.waiting.retain(|other| !Arc::ptr_eq(other, bell));
    }
}

/// The scheduler itself is the waker of the root future that the worker polls.
impl Wake for Scheduler {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: pairs with the sleep protocol of `idle`: written before the word is read;
        // read, as one of the queues, after the worker has announced that it will sleep.
        self.root_woken.swap(true, Ordering::SeqCst);
        if self.idle.pick_this(0) {
            self.unpark(0);
        }
    }
}

impl Scheduler {
    /// Blocks the thread until the future is done, and runs the scheduler's worker meanwhile
    /// unless another thread does. The user asked for it at `place`.
    pub(crate) fn block_on<F: Future>(
        self: &Arc<Self>,
        place: &'static Location<'static>,
        future: F,
    ) -> F::Output {
        let mut future = pin!(future);
        match take(self) {
            Some(core) => self.run_root(core, place, future.as_mut()),
            None => self.block_beside(place, future.as_mut()),
        }
    }

    /// Runs the core until the future is done.
    #[inline]
    fn run_root<F: Future>(
        &self,
        core: Box<Core>,
        place: &'static Location<'static>,
        mut future: Pin<&mut F>,
    ) -> F::Output {
        let mut output = None;
        worker::run_until(self, core, place, &mut |cx| {
            match budget::with_full(|| future.as_mut().poll(cx)) {
                Poll::Ready(value) => output = Some(value),
                Poll::Pending => return false,
            }
            true
        });
        output.unwrap_or_else(|| self.stopped())
    }

    #[cold]
    fn stopped(&self) -> ! {
        self.finish_here();
        panic!("the runtime was shut down while a thread was in its `block_on`");
    }

    /// Polls the future whenever it was woken, until the core is there for this thread.
    #[inline(never)]
    fn block_beside<F: Future>(
        self: &Arc<Self>,
        place: &'static Location<'static>,
        mut future: Pin<&mut F>,
    ) -> F::Output {
        let waiting = Waiting::begin(self);
        let beside = &waiting.beside;
        loop {
            // The first time, it looks once more for the core, and asks for it.
            if let Some(core) = take_or_wait(self, beside) {
                // The worker is awake, or it says that it sleeps.
                drop(waiting);
                return self.run_root(core, place, future);
            }
            let mut cx = Context::from_waker(beside.waker());
            if let Poll::Ready(output) = budget::with_full(|| future.as_mut().poll(&mut cx)) {
                self.lobby.lock().forget(beside.bell());
                return output;
            }
            beside.sleep(&self.driver);
        }
    }
}

/// A thread that has a future to poll, but not the core. The fields end in this order.
struct Waiting {
    beside: Beside,
    _under_way: ThreadUnderWay,
}

impl Waiting {
    fn begin(scheduler: &Scheduler) -> Self {
        let under_way = ThreadUnderWay::begin(&scheduler.driver);
        Waiting {
            beside: Beside::new(&scheduler.driver),
            _under_way: under_way,
        }
    }
}

/// Takes the core, if it is there. A scheduler that has a home runs on no other thread.
fn take(scheduler: &Scheduler) -> Option<Box<Core>> {
    let may = scheduler.is_home();
    may.then(|| scheduler.lobby.lock().cores.pop()).flatten()
}

/// Takes the core, or asks for the thread to be woken when it comes back.
fn take_or_wait(scheduler: &Scheduler, beside: &Beside) -> Option<Box<Core>> {
    if !scheduler.is_home() {
        return None;
    }
    let mut lobby = scheduler.lobby.lock();
    let core = lobby.cores.pop();
    let is_ours = |other: &Arc<Bell>| Arc::ptr_eq(other, beside.bell());
    // Once: its future may be woken, and it may look again, many times before it is its turn.
    if core.is_none() && !lobby.waiting.iter().any(is_ours) {
        lobby.waiting.push(beside.bell().clone());
    }
    core
}

/// Puts the core into the lobby, and tells those who wait for it.
pub(super) fn give_back(scheduler: &Scheduler, core: Box<Core>) {
    let mut lobby = scheduler.lobby.lock();
    lobby.cores.push(core);
    let waiting = std::mem::take(&mut lobby.waiting);
    drop(lobby);
    waiting.iter().for_each(|bell| bell.ring());
}

impl Scheduler {
    /// Finishes the shutdown of a scheduler without threads: the caller is the last one out,
    /// and at home if there is one.
    pub(crate) fn finish_here(&self) {
        debug_assert!(self.is_home(), "a runtime ends at home");
        if !self.is_home() {
            return;
        }
        let core = self.lobby.lock().cores.pop();
        if self.retire(core) {
            self.finish();
        }
    }
}
