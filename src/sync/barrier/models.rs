//! Models of the barrier: the last to come against those who begin to wait.

use super::*;
use crate::base::sync::{Arc, thread};
use loom::future::block_on;
use std::pin::pin;

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

fn come(barrier: &Arc<Barrier>) -> thread::JoinHandle<bool> {
    let theirs = barrier.clone();
    thread::Builder::new()
        .spawn(move || block_on(theirs.wait()).is_leader())
        .expect("a model's thread")
}

/// Broken on purpose by a last one that does not wake the line: loom reports the deadlock.
#[test]
fn all_go_on_when_the_last_has_come_and_one_of_them_leads() {
    model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = come(&barrier);
        let mine = block_on(barrier.wait()).is_leader();
        assert_ne!(mine, other.join().expect("no panic"));
        assert_eq!(barrier.round.lock().missing, 2);
    });
}

#[test]
fn one_who_leaves_while_the_last_comes_stays_counted() {
    model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let last = {
            let mut leaves = pin!(barrier.wait());
            let mut cx = Context::from_waker(Waker::noop());
            assert!(leaves.as_mut().poll(&mut cx).is_pending());
            come(&barrier)
        };
        assert!(last.join().expect("no panic"));
        assert!(barrier.round.lock().line.is_empty());
    });
}
