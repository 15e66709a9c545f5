//! The threads that run workers.

use crate::base::panics::quietly;
use crate::base::sync::thread::{self, JoinHandle};
use crate::base::sync::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// Threads that were started for workers, to be joined when the runtime ends.
pub(super) struct Threads {
    list: Arc<List>,
    name: Box<dyn Fn() -> String + Send + Sync>,
    stack_size: Option<usize>,
}

#[derive(Default)]
struct List {
    started: Mutex<Vec<Started>>,
    one_ended: Condvar,
}

struct Started {
    thread: JoinHandle<()>,
    ended: bool,
}

impl Threads {
    pub(super) fn new(
        name: Box<dyn Fn() -> String + Send + Sync>,
        stack_size: Option<usize>,
    ) -> Self {
        Threads {
            list: Arc::default(),
            name,
            stack_size,
        }
    }

    /// Starts a thread.
    ///
    /// # Errors
    /// If the system has none, or if its name could not be told: that is the user's code.
    pub(super) fn start(&self, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let started = quietly(|| self.try_start(body));
        started.unwrap_or_else(|| Err(io::Error::other("a panic in the naming of a thread")))
    }

    fn try_start(&self, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut builder = thread::Builder::new().name((self.name)());
        if let Some(size) = self.stack_size {
            builder = builder.stack_size(size);
        }
        let list = self.list.clone();
        // Held while the thread starts, so that it finds itself when it ends.
        let mut started = self.list.started.lock();
        let thread = builder.spawn(move || {
            let _end = End(list);
            body();
        })?;
        // Those that ended early (see `block_in_place`) do not pile up: dropping the handle
        // of a thread that has ended frees it.
        started.retain(|started| !started.ended);
        started.push(Started {
            thread,
            ended: false,
        });
        Ok(())
    }

    /// Waits for all of them, except for the one that asks, until `deadline`. False if some
    /// run on.
    pub(super) fn join(&self, deadline: Option<Instant>) -> bool {
        let me = thread::current().id();
        let mut started = self.list.started.lock();
        while started
            .iter()
            .any(|one| !one.ended && one.thread.thread().id() != me)
        {
            let Some(deadline) = deadline else {
                self.list.one_ended.wait(&mut started);
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            self.list.one_ended.wait_for(&mut started, left);
        }
        let all = std::mem::take(&mut *started);
        drop(started);
        for one in all {
            if one.thread.thread().id() != me {
                // A panic of a worker was reported by the panic hook.
                let _ = one.thread.join();
            }
        }
        true
    }
}

/// Says that the thread's body is over, also if it panicked.
struct End(Arc<List>);

impl Drop for End {
    fn drop(&mut self) {
        let me = thread::current().id();
        for one in self.0.started.lock().iter_mut() {
            if one.thread.thread().id() == me {
                one.ended = true;
            }
        }
        self.0.one_ended.notify_all();
    }
}
