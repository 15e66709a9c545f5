//! Models of the mutex: exclusion, what the next holder sees, and handing over.
//! Its unsafe code is a cell in which loom itself checks each access.

use super::*;
use crate::base::sync::{UnsafeCell as Checked, thread};
use loom::future::block_on;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

/// A number that loom watches: two at it at once, or one that does not see what the other
/// did, fails the model.
struct Watched(Checked<usize>);

// SAFETY: only for the models, where loom checks each access.
unsafe impl Send for Watched {}

impl Watched {
    fn add(&mut self) -> usize {
        self.0.with_mut(|number| {
            // SAFETY: loom checks that nobody else is inside.
            unsafe {
                *number += 1;
                *number
            }
        })
    }
}

fn mutex() -> loom::sync::Arc<Mutex<Watched>> {
    loom::sync::Arc::new(Mutex::new(Watched(Checked::new(0))))
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

/// Broken on purpose by a `Relaxed` exchange in `Permits::release`: loom reports that the
/// second access does not happen after the first.
#[test]
fn one_at_a_time_and_each_sees_what_the_last_one_did() {
    model(|| {
        let mutex = mutex();
        let theirs = mutex.clone();
        let other = thread::Builder::new()
            .spawn(move || {
                block_on(async {
                    theirs.lock().await.add();
                });
            })
            .expect("a model's thread");
        block_on(async {
            mutex.lock().await.add();
        });
        other.join().expect("no panic");
        assert_eq!(block_on(mutex.lock()).add(), 3);
    });
}

#[test]
fn a_lock_that_is_granted_to_one_who_leaves_goes_on_to_the_next() {
    model(|| {
        let mutex = mutex();
        let held = mutex.try_lock().expect("not locked yet");
        let theirs = mutex.clone();
        let other = thread::Builder::new()
            .spawn(move || {
                {
                    let mut leaves = pin!(theirs.lock());
                    let mut cx = Context::from_waker(Waker::noop());
                    let _ = leaves.as_mut().poll(&mut cx);
                }
                block_on(async {
                    theirs.lock().await.add();
                });
            })
            .expect("a model's thread");
        drop(held);
        block_on(async {
            mutex.lock().await.add();
        });
        other.join().expect("no panic");
        assert_eq!(block_on(mutex.lock()).add(), 3);
    });
}
