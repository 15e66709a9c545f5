//! The waiting side of [`Notify`]: one wait, and the two futures that hold one.

use super::{EMPTY, End, Line, Lot, NOTIFIED, Notify, STATE, WAITING, Waiter};
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
    /// In line, without a waker yet.
    Enabled(Key),
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

    #[inline]
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
        wait::note_at(Kind::Notify, resource, self.at);
        Poll::Pending
    }

    /// Takes a notification, or else is in line with `waker` when this returns false.
    #[inline]
    fn advance(&mut self, notify: &Notify, waker: Option<&Waker>) -> bool {
        let done = match self.progress {
            Progress::Done => true,
            Progress::Created => {
                self.take_without_lock(notify) || {
                    let mut fresh = waker.cloned();
                    self.join(notify, &mut notify.line.lock(), &mut fresh)
                }
            }
            Progress::Enabled(key) | Progress::InLine(key) => {
                notify.served.has(key) || self.look(notify, key, waker)
            }
        };
        if done {
            self.progress = Progress::Done;
        }
        done
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

    /// Joins the line, unless there is a notification after all: then this returns true.
    fn join(&mut self, notify: &Notify, line: &mut Line, waker: &mut Option<Waker>) -> bool {
        let mut word = notify.word.load(Ordering::Acquire);
        loop {
            if word & !STATE != self.calls {
                return true;
            }
            let next = match word & STATE {
                WAITING => break,
                NOTIFIED => EMPTY,
                _ => WAITING,
            };
            match notify.exchange(word, (word & !STATE) | next) {
                Ok(()) if next == EMPTY => return true,
                Ok(()) => break,
                Err(now) => word = now,
            }
        }
        let waiter = Waiter {
            waker: waker.take(),
            lot: Lot::InLine,
        };
        let polled = waiter.waker.is_some();
        let key = line.waiters.push_back(waiter);
        self.progress = match polled {
            true => Progress::InLine(key),
            false => Progress::Enabled(key),
        };
        false
    }

    /// Polled in line, and not known to be served: whether there is a notification.
    fn look(&mut self, notify: &Notify, key: Key, waker: Option<&Waker>) -> bool {
        // A waker is cloned before the lock is taken, and dropped after it is released.
        let mut fresh = match self.progress {
            Progress::Enabled(_) => waker.cloned(),
            _ => None,
        };
        loop {
            let mut line = notify.line.lock();
            let told = notify.word.load(Ordering::Acquire) & !STATE != self.calls;
            match line.waiters.get_mut(key) {
                Some(waiter) if matches!(waiter.lot, Lot::InLine) && !told => {
                    match (waker, &waiter.waker) {
                        (None, _) => return false,
                        (Some(new), Some(old)) if old.will_wake(new) => return false,
                        _ if fresh.is_none() => {}
                        _ => {
                            std::mem::swap(&mut waiter.waker, &mut fresh);
                            drop(line);
                            self.progress = Progress::InLine(key);
                            return false;
                        }
                    }
                }
                _ => {
                    let left = line.remove(key);
                    drop(line);
                    drop(left);
                    return true;
                }
            }
            drop(line);
            fresh = waker.cloned();
        }
    }

    /// The future is dropped: a notification that it did not come for goes on.
    fn leave(&mut self, notify: &Notify) {
        let (Progress::InLine(key) | Progress::Enabled(key)) = self.progress else {
            return;
        };
        self.progress = Progress::Done;
        let mut line = notify.line.lock();
        let left = line.remove(key);
        let one_of_all = line.all_at_once.contains(&key.turn());
        drop(line);
        match left {
            None if one_of_all => {}
            None => notify.notify(End::Front),
            Some(Waiter {
                lot: Lot::Called(end),
                ..
            }) => notify.notify(end),
            Some(_) => {}
        }
    }
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
