//! Children that nobody waits for, and whose runtime is gone.
//!
//! A list, and a thread that looks through it and sleeps, at most a second, and ends when it
//! is empty. Each spawn looks through it as well. That is as good as it need be: a zombie
//! costs a process number, and the way here is rare.

use crate::base::sync::{Mutex, thread};
use std::process::Child;
use std::sync::OnceLock;
use std::time::Duration;

static ORPHANS: OnceLock<Mutex<Orphans>> = OnceLock::new();

const SHORTEST: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Orphans {
    children: Vec<Child>,
    /// Whether the thread is there.
    is_served: bool,
}

impl Orphans {
    /// Reaps those that have ended. True if there are others.
    fn reap(&mut self) -> bool {
        // An error says that the child is reaped already, by somebody else.
        self.children
            .retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        !self.children.is_empty()
    }
}

/// Reaps `child` when it ends. (It may be reaped already.)
pub(super) fn adopt(mut child: Child) {
    if !matches!(child.try_wait(), Ok(None)) {
        return;
    }
    let orphans = ORPHANS.get_or_init(|| {
        Mutex::new(Orphans {
            children: Vec::new(),
            is_served: false,
        })
    });
    let mut list = orphans.lock();
    list.children.push(child);
    if !list.is_served {
        let builder = thread::Builder::new().name("runtime-reaper".to_owned());
        // Without a thread, the next one that is adopted tries again.
        list.is_served = builder.spawn(|| serve(orphans)).is_ok();
    }
}

/// Reaps those that have ended.
pub(super) fn sweep() {
    if let Some(orphans) = ORPHANS.get() {
        orphans.lock().reap();
    }
}

fn serve(orphans: &Mutex<Orphans>) {
    let mut pause = SHORTEST;
    loop {
        let mut list = orphans.lock();
        if !list.reap() {
            list.is_served = false;
            return;
        }
        drop(list);
        thread::park_timeout(pause);
        pause = (pause * 2).min(LONGEST);
    }
}
