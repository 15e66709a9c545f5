//! One thread of the pool, from its start to its end.

use super::state::{Found, Key, Order};
use super::{Job, Shared, carry_out};
use crate::base::panics::quietly;
use crate::base::parker::{Parker, Unparker};
use crate::base::patience::LOOKOUT;
use crate::base::sync::atomic::Ordering;
use crate::base::sync::thread::{Builder, JoinHandle};
use crate::base::sync::{Arc, local, spin_until};
use std::cell::Cell;
use std::io;
use std::time::Instant;

local! {
    /// The address of the pool to which this thread belongs, or 0.
    static POOL: Cell<usize> = Cell::new(0);
}

/// Whether the current thread is one of this pool's.
pub(super) fn belongs_to<J>(shared: &Arc<Shared<J>>) -> bool {
    POOL.try_with(Cell::get)
        .is_ok_and(|at| at == address(shared))
}

fn address<J>(shared: &Arc<Shared<J>>) -> usize {
    std::ptr::from_ref::<Shared<J>>(shared).addr()
}

/// Starts the thread that was reserved as `key`.
pub(super) fn start<J: Job>(shared: &Arc<Shared<J>>, key: Key) -> io::Result<()> {
    let spawned = quietly(|| spawn(shared, key));
    let handle = spawned.unwrap_or_else(|| Err(io::Error::other("a panic in a thread's start")))?;
    shared.state.lock().started(key, handle);
    shared.struck_off.notify_all();
    Ok(())
}

fn spawn<J: Job>(shared: &Arc<Shared<J>>, key: Key) -> io::Result<JoinHandle<()>> {
    let config = &shared.config;
    if let Some(admit) = &config.admit {
        admit()?;
    }
    let mut builder = Builder::new();
    if let Some(name) = &config.name {
        builder = builder.name(name());
    }
    if let Some(bytes) = config.stack_size {
        builder = builder.stack_size(bytes);
    }
    let shared = shared.clone();
    builder.spawn(move || live(&shared, key))
}

/// All that a thread does.
fn live<J: Job>(shared: &Arc<Shared<J>>, key: Key) {
    POOL.with(|pool| pool.set(address(shared)));
    let parker = Parker::new();
    let mut thread = Thread {
        shared,
        key,
        sleeper: parker.unparker(),
        parker,
        first: None,
        retired: false,
    };
    let taken = shared.state.lock().arrive(key);
    if let Some((job, order)) = taken {
        thread.obey(order);
        thread.first = Some(job);
    }
    let config = &shared.config;
    if let Some(on_start) = &config.on_start {
        quietly(|| on_start());
    }
    if let Some(enter) = &config.enter {
        quietly(|| enter(&mut || thread.work()));
    }
    thread.work(); // unless it is done, for want of a wrapper or because it panicked
    if let Some(on_stop) = &config.on_stop {
        quietly(|| on_stop());
    }
    let before = shared.state.lock().leave(key);
    shared.struck_off.notify_all();
    join(before);
}

/// Joins threads that have left.
pub(super) fn join(left: Vec<JoinHandle<()>>) {
    for handle in left {
        // A panic of a thread-local's destructor is nobody's business here.
        let _ = handle.join();
    }
}

struct Thread<'a, J: Job> {
    shared: &'a Arc<Shared<J>>,
    key: Key,
    parker: Parker,
    sleeper: Unparker,
    /// The job that it took when it arrived.
    first: Option<J>,
    /// It was told to leave.
    retired: bool,
}

impl<J: Job> Thread<'_, J> {
    /// Runs jobs until it is time to leave.
    fn work(&mut self) {
        while let Some(job) = self.next() {
            quietly(|| job.run());
        }
    }

    fn next(&mut self) -> Option<J> {
        if let Some(job) = self.first.take() {
            return Some(job);
        }
        if self.retired {
            return None;
        }
        let mut found = self.shared.state.lock().look(self.key, &self.sleeper);
        loop {
            match found {
                Found::Job(job, order) => {
                    self.obey(order);
                    return Some(job);
                }
                Found::Watch => found = self.watch(),
                Found::Idle => found = self.sleep(),
                Found::Leave => {
                    self.retired = true;
                    return None;
                }
            }
        }
    }

    /// Looks out for a job, awake, for a moment.
    fn watch(&self) -> Found<J> {
        let watched = spin_until(LOOKOUT, || self.shared.is_rung());
        self.shared.bell.store(false, Ordering::Relaxed);
        let mut state = self.shared.state.lock();
        state.end_watch(self.key, &self.sleeper, watched)
    }

    /// Parks until it is summoned or its time is over.
    fn sleep(&self) -> Found<J> {
        let end = Instant::now().checked_add(self.shared.config.keep_alive);
        loop {
            let summoned = match end {
                None => {
                    self.parker.park();
                    true
                }
                Some(end) => {
                    let limit = end.saturating_duration_since(Instant::now());
                    self.parker.park_timeout(limit)
                }
            };
            let mut state = self.shared.state.lock();
            if let Some(found) = state.rouse(self.key, &self.sleeper, !summoned) {
                return found;
            }
        }
    }

    fn obey(&self, order: Order) {
        // This very thread is sure to look again, so that no job comes back.
        let outcome = carry_out(self.shared, order, None);
        debug_assert!(outcome.is_ok());
    }
}
