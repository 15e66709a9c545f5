//! Every claim on every kind of runtime, and no claim that hangs.
#![allow(dead_code)] // each test file uses some of them

use runtime::rt::Builder;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a claim may take on a machine that has better things to do.
const LIMIT: Duration = Duration::from_secs(60);

/// The claim on a current-thread runtime, and with 1, 2 and 64 workers.
pub(crate) fn on_each(claim: impl Fn(Builder) + Send + Sync + 'static) {
    let claim = Arc::new(claim);
    let theirs = claim.clone();
    within("a current-thread runtime", move || {
        theirs(Builder::new_current_thread());
    });
    on_each_multi_thread(move |builder| claim(builder));
}

/// The claim with 1, 2 and 64 workers.
pub(crate) fn on_each_multi_thread(claim: impl Fn(Builder) + Send + Sync + 'static) {
    let claim = Arc::new(claim);
    for workers in [1, 2, 64] {
        let claim = claim.clone();
        within(&format!("{workers} workers"), move || {
            claim(with_workers(workers));
        });
    }
}

pub(crate) fn with_workers(count: usize) -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(count);
    builder
}

/// Runs the claim on a thread of its own and panics if that hangs.
pub(crate) fn within(what: &str, claim: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        claim();
        let _ = done.send(());
    });
    match is_done.recv_timeout(LIMIT) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs on {what}"),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => {}
    }
    if let Err(panic) = thread.join() {
        eprintln!("on {what}:");
        std::panic::resume_unwind(panic);
    }
}

/// Waits for what another thread is about to do; a second look shows it, or a minute does not.
pub(crate) fn soon(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < LIMIT, "it never came: {what}");
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Counts how many of its things were made and dropped.
#[derive(Clone, Default)]
pub(crate) struct Census(Arc<Counts>);

#[derive(Default)]
struct Counts {
    made: AtomicUsize,
    dropped: AtomicUsize,
}

impl Census {
    pub(crate) fn make(&self) -> Thing {
        self.0.made.fetch_add(1, Ordering::SeqCst);
        Thing(self.0.clone())
    }

    pub(crate) fn made(&self) -> usize {
        self.0.made.load(Ordering::SeqCst)
    }

    pub(crate) fn dropped(&self) -> usize {
        self.0.dropped.load(Ordering::SeqCst)
    }

    /// Each thing was dropped, and none of them twice.
    #[track_caller]
    pub(crate) fn assert_over(&self) {
        assert_eq!(self.made(), self.dropped(), "made and dropped");
    }
}

/// Dropped once, it says.
pub(crate) struct Thing(Arc<Counts>);

impl Drop for Thing {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}
