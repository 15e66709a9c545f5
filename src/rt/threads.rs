//! The threads that run workers.
//!
//! A thread whose worker went elsewhere, because a poll was to block (see `block_in_place`), has
//! nothing to do when that poll ends. It stays for a moment, as a *spare*: who blocks next gives
//! his worker to it and need not start a thread. So a task that blocks again and again does so
//! on two threads in turn.
//!
//! Invariant: there are no more bodies that wait for a spare than spares that wait for a body,
//! and no spare leaves while a body waits; so each body is run.

use crate::base::panics::quietly;
use crate::base::sync::thread::{self, JoinHandle};
use crate::base::sync::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a spare stays.
const KEEP: Duration = Duration::from_millis(200);

type Body = Box<dyn FnOnce() + Send>;

/// Threads that were started for workers, to be joined when the runtime ends.
pub(super) struct Threads {
    list: Arc<List>,
    name: Box<dyn Fn() -> String + Send + Sync>,
    stack_size: Option<usize>,
}

#[derive(Default)]
struct List {
    inside: Mutex<Inside>,
    one_ended: Condvar,
    /// For the spares: there is a body, or the end has come.
    called: Condvar,
}

#[derive(Default)]
struct Inside {
    started: Vec<Started>,
    /// How many spares wait.
    spares: usize,
    /// For spares that have not come for them yet.
    bodies: Vec<Body>,
    is_closing: bool,
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

    /// Has `body` run on a thread that has nothing else to do, or starts one.
    ///
    /// # Errors
    /// If the system has none, or if its name could not be told: that is the user's code.
    pub(super) fn start(&self, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let body = match self.list.call_spare(Box::new(body)) {
            None => return Ok(()),
            Some(body) => body,
        };
        let started = quietly(|| self.try_start(body));
        started.unwrap_or_else(|| Err(io::Error::other("a panic in the naming of a thread")))
    }

    fn try_start(&self, body: Body) -> io::Result<()> {
        let mut builder = thread::Builder::new().name((self.name)());
        if let Some(size) = self.stack_size {
            builder = builder.stack_size(size);
        }
        let list = self.list.clone();
        // Held while the thread starts, so that it finds itself when it ends.
        let mut inside = self.list.inside.lock();
        let thread = builder.spawn(move || {
            let end = End(list);
            let mut next = Some(body);
            while let Some(body) = next {
                body();
                next = end.0.wait_as_spare();
            }
        })?;
        // Those that ended early do not pile up: dropping the handle
        // of a thread that has ended frees it.
        inside.started.retain(|started| !started.ended);
        inside.started.push(Started {
            thread,
            ended: false,
        });
        Ok(())
    }

    /// No thread stays as a spare from here on.
    pub(super) fn close(&self) {
        self.list.inside.lock().is_closing = true;
        self.list.called.notify_all();
    }

    /// Waits for all of them, except for the one that asks, until `deadline`. False if some
    /// run on. To be called when they are [closed](Self::close).
    pub(super) fn join(&self, deadline: Option<Instant>) -> bool {
        let me = thread::id();
        let is_other = |one: &Started| one.thread.thread().id() != me;
        let mut inside = self.list.inside.lock();
        if let Some(deadline) = deadline {
            let runs_on = |one: &Started| !one.ended && is_other(one);
            while inside.started.iter().any(runs_on) {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return false;
                }
                self.list.one_ended.wait_for(&mut inside, left);
            }
        }
        // One by one: those that run may start others meanwhile.
        while let Some(place) = inside.started.iter().position(is_other) {
            let one = inside.started.swap_remove(place);
            drop(inside);
            // A panic of a worker was reported by the panic hook.
            let _ = one.thread.join();
            inside = self.list.inside.lock();
        }
        true
    }
}

impl List {
    /// Leaves `body` to a spare. It comes back if there is none.
    fn call_spare(&self, body: Body) -> Option<Body> {
        let mut inside = self.inside.lock();
        if inside.bodies.len() == inside.spares {
            return Some(body);
        }
        inside.bodies.push(body);
        drop(inside);
        self.called.notify_one();
        None
    }

    /// Waits for a body for a while.
    fn wait_as_spare(&self) -> Option<Body> {
        let mut inside = self.inside.lock();
        if inside.is_closing && inside.bodies.is_empty() {
            return None;
        }
        let until = Instant::now() + KEEP;
        inside.spares += 1;
        while inside.bodies.is_empty() && !inside.is_closing {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            self.called.wait_for(&mut inside, left);
        }
        inside.spares -= 1;
        inside.bodies.pop()
    }
}

/// Says that the thread's body is over, also if it panicked.
struct End(Arc<List>);

impl Drop for End {
    fn drop(&mut self) {
        let me = thread::id();
        for one in self.0.inside.lock().started.iter_mut() {
            if one.thread.thread().id() == me {
                one.ended = true;
            }
        }
        self.0.one_ended.notify_all();
    }
}
