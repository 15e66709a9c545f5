//! [`Barrier`]: so many tasks wait for each other, and then all go on.
//!
//! Under one lock are the number of those who are missing and the line of those who wait.
//! The last one to come takes the whole line out and begins the next round; who finds
//! himself in line no more was let go. So rounds need no number of their own: a place in
//! line is a key that never comes again.

#[cfg(all(test, loom))]
mod models;

use crate::base::budget;
use crate::base::sync::Mutex;
use crate::base::wait::{self, Kind};
use crate::base::waiters::{Key, Waiters};
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

/// Lets tasks go on once `n` of them have come; and then the next `n`.
///
/// # Examples
/// ```
/// use runtime::sync::Barrier;
/// # futures::executor::block_on(async {
/// let barrier = Barrier::new(2);
/// let (one, two) = futures::join!(barrier.wait(), barrier.wait());
/// assert!(one.is_leader() != two.is_leader());
/// # });
/// ```
#[derive(Debug)]
pub struct Barrier {
    size: usize,
    round: Mutex<Round>,
}

#[derive(Debug)]
struct Round {
    missing: usize,
    line: Waiters<Waker>,
}

/// What [`Barrier::wait`] tells: whether one was the last to come.
///
/// # Examples
/// ```
/// # futures::executor::block_on(async {
/// let result = runtime::sync::Barrier::new(1).wait().await;
/// assert!(result.is_leader());
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether this task is the one of its round that was the last to come.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let barrier = runtime::sync::Barrier::new(1);
    /// assert!(barrier.wait().await.is_leader());
    /// # });
    /// ```
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl Barrier {
    /// A barrier for `n` tasks. One for none is as one for a single task: it never holds up.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let barrier = runtime::sync::Barrier::new(0);
    /// assert!(barrier.wait().await.is_leader());
    /// # });
    /// ```
    pub fn new(n: usize) -> Self {
        let size = n.max(1);
        Barrier {
            size,
            round: Mutex::new(Round {
                missing: size,
                line: Waiters::new(),
            }),
        }
    }

    /// Comes to the barrier, and waits for the others of the round. The last one to come is
    /// told that it leads.
    ///
    /// # Cancel safety
    /// Not cancel safe: who has come stays counted, though the future is dropped; the others
    /// go on without it.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let barrier = runtime::sync::Barrier::new(2);
    /// let (one, two) = futures::join!(barrier.wait(), barrier.wait());
    /// assert!(!one.is_leader() && two.is_leader());
    /// # });
    /// ```
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = BarrierWaitResult> {
        Coming {
            barrier: self,
            key: None,
            at: Location::caller(),
        }
    }

    /// One more has come: the last one lets all go, another one gets in line.
    fn come(&self, waker: &Waker) -> Option<Key> {
        // Before the lock is taken, and so dropped after it is released.
        let waker = waker.clone();
        let mut round = self.round.lock();
        round.missing -= 1;
        if round.missing > 0 {
            return Some(round.line.push_back(waker));
        }
        round.missing = self.size;
        let line = round.line.take();
        drop(round);
        line.wake_all(|waker| waker);
        None
    }

    /// Whether one who waits was let go; if not, its waker is brought up to date.
    fn look(&self, key: Key, cx: &mut Context<'_>) -> Poll<()> {
        match self.round.lock().line.get_mut(key) {
            None => return Poll::Ready(()),
            Some(waker) if waker.will_wake(cx.waker()) => return Poll::Pending,
            Some(_) => {}
        }
        let mut waker = cx.waker().clone();
        let mut round = self.round.lock();
        let place = round.line.get_mut(key);
        let look = match place {
            None => Poll::Ready(()),
            Some(old) => {
                std::mem::swap(old, &mut waker);
                Poll::Pending
            }
        };
        drop(round);
        look
    }
}

/// One who comes to a barrier.
struct Coming<'a> {
    barrier: &'a Barrier,
    /// Present while in line.
    key: Option<Key>,
    at: &'static Location<'static>,
}

impl Future for Coming<'_> {
    type Output = BarrierWaitResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<BarrierWaitResult> {
        let spent = ready!(budget::poll_proceed(cx));
        let barrier = self.barrier;
        let gone_on = match self.key {
            None => {
                self.key = barrier.come(cx.waker());
                self.key.is_none().then_some(true)
            }
            Some(key) => barrier.look(key, cx).is_ready().then_some(false),
        };
        match gone_on {
            Some(leads) => {
                self.key = None;
                spent.made_progress();
                Poll::Ready(BarrierWaitResult(leads))
            }
            None => {
                let resource = std::ptr::from_ref(barrier).addr() as u64;
                wait::note_at(Kind::Notify, resource, self.at);
                Poll::Pending
            }
        }
    }
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let left = self.barrier.round.lock().line.remove(key);
            drop(left);
        }
    }
}
