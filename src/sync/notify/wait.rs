//! The waiting side of [`Notify`]: one wait, and the two futures that hold one.

use super::{EMPTY, Line, NOTIFIED, Notify, STATE, WAITING, Waiter};
use crate::base::budget;
use crate::base::sync::atomic::Ordering;
use crate::base::wait::{self, Kind};
use crate::base::waiters::Key;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

/// One wait, apart from who keeps the `Notify` alive.
#[derive(Debug)]
struct Wait {
    /// The word's calls of `notify_waiters` when the wait was created.
    calls: usize,
    progress: Progress,
    at: &'static Location<'static>,
}

#[derive(Clone, Copy, Debug)]
enum Progress {
    Created,
    InLine(Key),
    Done,
}

impl Wait {
    fn new(notify: &Notify, at: &'static Location<'static>) -> Self {
        Wait {
            calls: notify.word.load(Ordering::Acquire) & !STATE,
            progress: Progress::Created,
            at,
        }
    }

    fn poll(&mut self, notify: &Notify, cx: &mut Context<'_>) -> Poll<()> {
        if matches!(self.progress, Progress::Done) {
            return Poll::Ready(());
        }
        let spent = ready!(budget::poll_proceed(cx));
        if self.advance(notify, Some(cx.waker())) {
            spent.made_progress();
            return Poll::Ready(());
        }
        let resource = std::ptr::from_ref(notify).addr() as u64;
        wait::at(self.at, || wait::note(Kind::Notify, resource));
        Poll::Pending
    }

    /// Takes a notification, or else is in line with `waker` when this returns false.
    fn advance(&mut self, notify: &Notify, waker: Option<&Waker>) -> bool {
        if let Progress::Created = self.progress {
            if self.take_without_lock(notify) {
                self.progress = Progress::Done;
                return true;
            }
        }
        let mut spare = Spare::default();
        for _ in 0..2 {
            let mut line = notify.line.lock();
            if self.look(notify, &mut line, waker, &mut spare) {
                break;
            }
            drop(line);
            spare.fresh = waker.cloned();
        }
        matches!(self.progress, Progress::Done)
    }

    fn take_without_lock(&self, notify: &Notify) -> bool {
        let mut word = notify.word.load(Ordering::Acquire);
        loop {
            if word & !STATE != self.calls {
                return true;
            }
            if word & STATE != NOTIFIED {
                return false;
            }
            match notify.exchange(word, word & !STATE) {
                Ok(()) => return true,
                Err(now) => word = now,
            }
        }
    }

    /// Under the lock: goes on as far as possible. False if a fresh clone of `waker`
    /// is needed for that.
    fn look(
        &mut self,
        notify: &Notify,
        line: &mut Line,
        waker: Option<&Waker>,
        spare: &mut Spare,
    ) -> bool {
        let told = notify.word.load(Ordering::Acquire) & !STATE != self.calls;
        match self.progress {
            Progress::Done => true,
            Progress::Created => {
                if waker.is_some() && spare.fresh.is_none() {
                    return false;
                }
                self.join(notify, line, &mut spare.fresh);
                true
            }
            Progress::InLine(key) => match line.waiters.get_mut(key) {
                Some(waiter) if waiter.called.is_none() && !told => match (waker, &waiter.waker) {
                    (None, _) => true,
                    (Some(new), Some(old)) if old.will_wake(new) => true,
                    _ if spare.fresh.is_none() => false,
                    _ => {
                        std::mem::swap(&mut waiter.waker, &mut spare.fresh);
                        true
                    }
                },
                _ => {
                    spare.stale = line.waiters.remove(key).and_then(|waiter| waiter.waker);
                    notify.end_of_line(line);
                    self.progress = Progress::Done;
                    true
                }
            },
        }
    }

    /// Under the lock: joins the line, unless there is a notification after all.
    fn join(&mut self, notify: &Notify, line: &mut Line, waker: &mut Option<Waker>) {
        let mut word = notify.word.load(Ordering::Acquire);
        loop {
            let told = word & !STATE != self.calls;
            if told {
                self.progress = Progress::Done;
                return;
            }
            let notified = word & STATE == NOTIFIED;
            let next = (word & !STATE) | if notified { EMPTY } else { WAITING };
            match notify.exchange(word, next) {
                Ok(()) if notified => {
                    self.progress = Progress::Done;
                    return;
                }
                Ok(()) => {
                    let waker = waker.take();
                    let waiter = Waiter {
                        waker,
                        called: None,
                    };
                    self.progress = Progress::InLine(line.waiters.push_back(waiter));
                    return;
                }
                Err(now) => word = now,
            }
        }
    }

    /// The future is dropped: a notification that it did not come for goes on.
    fn leave(&mut self, notify: &Notify) {
        let Progress::InLine(key) = self.progress else {
            return;
        };
        self.progress = Progress::Done;
        let mut line = notify.line.lock();
        let left = line.waiters.remove(key);
        notify.end_of_line(&line);
        drop(line);
        if let Some(end) = left.and_then(|waiter| waiter.called) {
            notify.notify(end);
        }
    }
}

/// Wakers that are cloned before the lock is taken and dropped after it is released.
#[derive(Default)]
struct Spare {
    fresh: Option<Waker>,
    stale: Option<Waker>,
}

/// Waits for a notification; made by [`Notify::notified`].
///
/// # Examples
///
/// ```
/// use runtime::sync::Notify;
///
/// # futures::executor::block_on(async {
/// let notify = Notify::new();
/// let notified = notify.notified();
/// notify.notify_waiters(); // also for those that were made before, and not polled yet
/// notified.await;
/// # });
/// ```
#[must_use = "a future does nothing unless it is awaited"]
#[derive(Debug)]
pub struct Notified<'a> {
    notify: &'a Notify,
    wait: Wait,
}

/// Waits for a notification; made by [`Notify::notified_owned`].
///
/// # Examples
///
/// ```
/// use runtime::sync::Notify;
/// use std::sync::Arc;
///
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let notify = Arc::new(Notify::new());
/// let waiting = runtime::spawn(notify.clone().notified_owned());
/// notify.notify_one();
/// waiting.await.unwrap();
/// # });
/// ```
#[must_use = "a future does nothing unless it is awaited"]
#[derive(Debug)]
pub struct OwnedNotified {
    notify: Arc<Notify>,
    wait: Wait,
}

impl<'a> Notified<'a> {
    pub(super) fn new(notify: &'a Notify, at: &'static Location<'static>) -> Self {
        Notified {
            notify,
            wait: Wait::new(notify, at),
        }
    }

    /// Gets in line for [`Notify::notify_one`] now, without waiting. Returns whether a
    /// notification was there; the future is ready then.
    ///
    /// # Examples
    /// ```
    /// use std::pin::pin;
    /// # futures::executor::block_on(async {
    /// let notify = runtime::sync::Notify::new();
    /// let mut waiting = pin!(notify.notified());
    /// assert!(!waiting.as_mut().enable());
    /// notify.notify_one();
    /// waiting.await;
    /// # });
    /// ```
    pub fn enable(self: Pin<&mut Self>) -> bool {
        let this = self.get_mut();
        this.wait.advance(this.notify, None)
    }
}

impl OwnedNotified {
    pub(super) fn new(notify: Arc<Notify>, at: &'static Location<'static>) -> Self {
        let wait = Wait::new(&notify, at);
        OwnedNotified { notify, wait }
    }

    /// Gets in line for [`Notify::notify_one`] now, without waiting. Returns whether a
    /// notification was there; the future is ready then.
    ///
    /// # Examples
    /// ```
    /// use std::pin::pin;
    /// # futures::executor::block_on(async {
    /// let notify = std::sync::Arc::new(runtime::sync::Notify::new());
    /// let mut waiting = pin!(notify.clone().notified_owned());
    /// assert!(!waiting.as_mut().enable());
    /// notify.notify_one();
    /// waiting.await;
    /// # });
    /// ```
    pub fn enable(self: Pin<&mut Self>) -> bool {
        let this = self.get_mut();
        this.wait.advance(&this.notify, None)
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.wait.poll(this.notify, cx)
    }
}

impl Future for OwnedNotified {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.wait.poll(&this.notify, cx)
    }
}

impl Drop for Notified<'_> {
    fn drop(&mut self) {
        self.wait.leave(self.notify);
    }
}

impl Drop for OwnedNotified {
    fn drop(&mut self) {
        self.wait.leave(&self.notify);
    }
}
