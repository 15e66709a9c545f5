//! The threads that run workers.

use crate::base::sync::Mutex;
use crate::base::sync::thread;
use std::io;

/// Threads that were started for workers, to be joined when the runtime ends.
pub(super) struct Threads {
    started: Mutex<Vec<thread::JoinHandle<()>>>,
    name: Box<dyn Fn() -> String + Send + Sync>,
    stack_size: Option<usize>,
}

impl Threads {
    pub(super) fn new(
        name: Box<dyn Fn() -> String + Send + Sync>,
        stack_size: Option<usize>,
    ) -> Self {
        Threads {
            started: Mutex::new(Vec::new()),
            name,
            stack_size,
        }
    }

    pub(super) fn start(&self, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut builder = thread::Builder::new().name((self.name)());
        if let Some(size) = self.stack_size {
            builder = builder.stack_size(size);
        }
        let thread = builder.spawn(body)?;
        let mut started = self.started.lock();
        // Those that ended early (see `block_in_place`) do not pile up.
        started.retain(|thread| !thread::is_finished(thread));
        started.push(thread);
        Ok(())
    }

    /// Waits for all of them, whose work is done; not for the one that asks.
    pub(super) fn join(&self) {
        let threads = std::mem::take(&mut *self.started.lock());
        for thread in threads {
            if thread.thread().id() != thread::current().id() {
                // A panic of a worker was reported by the panic hook.
                let _ = thread.join();
            }
        }
    }
}
