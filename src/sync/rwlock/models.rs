//! Models of the read-write lock: exclusion, what the next one sees, a waiter that leaves,
//! and a downgrade. Its unsafe code is a cell in which loom itself checks each access.

use super::*;
use crate::base::sync::{UnsafeCell as Checked, thread};
use loom::future::block_on;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

/// A number that loom watches: an access while somebody writes, or one that does not see
/// what was written before, fails the model.
struct Watched(Checked<usize>);

// SAFETY: only for the models, where loom checks each access.
unsafe impl Send for Watched {}
// SAFETY: as above.
unsafe impl Sync for Watched {}

impl Watched {
    fn add(&mut self) {
        // SAFETY: loom checks that nobody else is inside.
        self.0.with_mut(|number| unsafe { *number += 1 });
    }

    fn get(&self) -> usize {
        // SAFETY: loom checks that nobody writes meanwhile.
        self.0.with(|number| unsafe { *number })
    }
}

fn lock() -> loom::sync::Arc<RwLock<Watched>> {
    loom::sync::Arc::new(RwLock::with_max_readers(Watched(Checked::new(0)), 2))
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(f);
}

fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

/// Broken on purpose by a writer that takes one permit instead of all: loom reports the
/// access of the reader during that of the writer.
#[test]
fn nobody_reads_while_one_writes_and_each_sees_what_was_written() {
    model(|| {
        let lock = lock();
        let theirs = lock.clone();
        let writer = spawn(move || {
            block_on(async {
                theirs.write().await.add();
            });
        });
        block_on(async {
            let one = lock.read().await;
            let two = lock.try_read();
            assert_eq!(two.map_or(one.get(), |two| two.get()), one.get());
        });
        block_on(lock.write()).add();
        writer.join().expect("no panic");
        assert_eq!(block_on(lock.read()).get(), 2);
    });
}

#[test]
fn what_a_writer_had_of_the_permits_goes_on_to_a_reader_when_it_leaves() {
    model(|| {
        let lock = lock();
        let held = lock.try_read().expect("not locked yet");
        let theirs = lock.clone();
        let other = spawn(move || {
            {
                let mut leaves = pin!(theirs.write());
                let mut cx = Context::from_waker(Waker::noop());
                let _ = leaves.as_mut().poll(&mut cx);
            }
            block_on(theirs.read()).get();
        });
        assert_eq!(block_on(lock.read()).get(), 0);
        drop(held);
        other.join().expect("no panic");
        assert!(lock.try_write().is_ok(), "every permit came back");
    });
}

#[test]
fn nobody_writes_between_a_downgrade_and_its_reading() {
    model(|| {
        let lock = lock();
        let mut writer = lock.try_write().expect("not locked yet");
        let theirs = lock.clone();
        let other = spawn(move || {
            block_on(theirs.write()).add();
        });
        writer.add();
        let reader = writer.downgrade();
        assert_eq!(reader.get(), 1);
        drop(reader);
        other.join().expect("no panic");
        assert_eq!(block_on(lock.read()).get(), 2);
    });
}
