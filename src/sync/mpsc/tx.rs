//! The counts of senders: strong ones keep the channel open, weak ones do not.

use super::chan::Chan;
use crate::base::sync::Arc;
use crate::base::sync::atomic::Ordering;

/// The sending half, counted.
#[derive(Debug)]
pub(super) struct Tx<T> {
    pub(super) chan: Arc<Chan<T>>,
}

impl<T> Chan<T> {
    pub(super) fn strong_count(&self) -> usize {
        self.senders.load(Ordering::Acquire)
    }

    pub(super) fn weak_count(&self) -> usize {
        self.weak_senders.load(Ordering::Acquire)
    }
}

impl<T> Tx<T> {
    /// For the first sender, which [`Chan::new`] has counted.
    pub(super) fn first(chan: Arc<Chan<T>>) -> Self {
        Tx { chan }
    }

    pub(super) fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.chan, &other.chan)
    }

    pub(super) fn downgrade(&self) -> WeakTx<T> {
        self.chan.weak_senders.fetch_add(1, Ordering::Relaxed);
        WeakTx {
            chan: self.chan.clone(),
        }
    }
}

impl<T> Clone for Tx<T> {
    fn clone(&self) -> Self {
        self.chan.senders.fetch_add(1, Ordering::Relaxed);
        Tx {
            chan: self.chan.clone(),
        }
    }
}

impl<T> Drop for Tx<T> {
    fn drop(&mut self) {
        if self.chan.senders.fetch_sub(1, Ordering::AcqRel) != 1 {
            return;
        }
        let mut state = self.chan.lock();
        state.senders_gone = true;
        let waker = state.receiver.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Does not keep the channel open.
#[derive(Debug)]
pub(super) struct WeakTx<T> {
    pub(super) chan: Arc<Chan<T>>,
}

impl<T> WeakTx<T> {
    pub(super) fn upgrade(&self) -> Option<Tx<T>> {
        let mut senders = self.chan.strong_count();
        while senders != 0 {
            match self.chan.senders.compare_exchange_weak(
                senders,
                senders + 1,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => {
                    return Some(Tx {
                        chan: self.chan.clone(),
                    });
                }
                Err(now) => senders = now,
            }
        }
        None
    }
}

impl<T> Clone for WeakTx<T> {
    fn clone(&self) -> Self {
        self.chan.weak_senders.fetch_add(1, Ordering::Relaxed);
        WeakTx {
            chan: self.chan.clone(),
        }
    }
}

impl<T> Drop for WeakTx<T> {
    fn drop(&mut self) {
        self.chan.weak_senders.fetch_sub(1, Ordering::AcqRel);
    }
}
