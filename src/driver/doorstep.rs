//! The doorstep: where whoever holds the driver sleeps while there is no source.
//!
//! To wake a thread out of `epoll_wait` takes a write to an eventfd and costs a quarter more than
//! to wake it from its own parker (4.0 and 3.2 microseconds, measured without any runtime). As
//! long as nothing is registered the selector has nothing to tell, so the holder sleeps on its
//! parker instead, and who wakes it does so there.
//!
//! 1. The holder [takes](Doorstep::take) the doorstep *before* it announces in any way that it
//!    sleeps. So whoever has read such an announcement, and then unparks it, finds it here.
//! 2. Who registers a source [knocks](Doorstep::knock) *after* it has put the source into the
//!    registry; the holder looks into the registry, under its lock, after it has taken the
//!    doorstep. If the holder looks first, the lock lets the other one see that the
//!    doorstep is taken; if not, the holder sees the source. Either way it does not sleep here.
//!
//! A source that is not in the selector yet is no reason to come in later: `epoll_wait` hears of
//! what is registered while it waits.

use crate::base::parker::{Parker, Unparker};
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::registry::Registry;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Doorstep {
    is_taken: AtomicBool,
    /// Of whoever took it last.
    unparker: Mutex<Option<Unparker>>,
}

impl Doorstep {
    /// Takes the doorstep for the thread of `parker`, unless there is a source. It is to be
    /// [left](Self::leave) afterwards.
    pub(super) fn take(&self, parker: &Parker, registry: &Registry) -> bool {
        if registry.seems_empty() {
            self.put(parker);
            self.is_taken.store(true, Ordering::SeqCst);
            if registry.len() == 0 {
                return true;
            }
            self.leave();
        }
        false
    }

    fn put(&self, parker: &Parker) {
        let mut unparker = self.unparker.lock();
        let is_there = |unparker: &Unparker| unparker.unparks(parker);
        if !unparker.as_ref().is_some_and(is_there) {
            *unparker = Some(parker.unparker());
        }
    }

    pub(super) fn leave(&self) {
        self.is_taken.store(false, Ordering::SeqCst);
    }

    /// Wakes whoever sleeps here. False if nobody does.
    ///
    /// ORDERING: what lets the caller see that the flag is set is the announcement, or the
    /// registry's lock; that it is not any more, the single order of SeqCst operations, in which
    /// leaving comes before whatever is announced later.
    pub(super) fn knock(&self) -> bool {
        let is_taken = self.is_taken.load(Ordering::SeqCst);
        if is_taken {
            self.wake();
        }
        is_taken
    }

    #[cold]
    fn wake(&self) {
        let unparker = self.unparker.lock().clone();
        unparker.iter().for_each(Unparker::unpark);
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::base::sync::{Arc, thread};
    use crate::registry::Ready;

    /// A holder that sleeps on though there is a source: loom reports the deadlock. It does so
    /// if `take` looks into the registry before it sets the flag.
    #[test]
    fn nobody_sleeps_on_the_doorstep_once_there_is_a_source() {
        loom::model(|| {
            let shared = Arc::new((Doorstep::default(), Registry::new()));
            let theirs = shared.clone();
            let other = thread::Builder::new().spawn(move || {
                let key = theirs.1.insert(Ready::EMPTY).expect("there is room");
                theirs.0.knock();
                key
            });
            let (doorstep, registry) = &*shared;
            let parker = Parker::new();
            if doorstep.take(&parker, registry) {
                parker.park();
                doorstep.leave();
            }
            assert!(!doorstep.take(&parker, registry), "there is a source");
            let key = other.expect("a model's thread").join().expect("no panic");
            registry.remove(key);
            assert!(doorstep.take(&parker, registry), "it is gone");
        });
    }
}
