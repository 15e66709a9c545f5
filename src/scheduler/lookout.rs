//! Who looks whether those who are awake get on, where there are more workers than cores.
//!
//! [`idle`](super::idle) lets only so many workers be awake, at first as many as there are cores.
//! That is right as long as each of them is on a core, or at least wants to be. One that waits in the
//! middle of a poll, as tasks should not and do, holds its core from nobody: then another one
//! should be awake in its place. The kernel knows; nobody tells us. So the one who was woken
//! beyond the limit, and naps, looks.
//!
//! # A look
//!
//! A worker that has made no round since the last look, at least [`SHORTEST`] ago, and of whose
//! thread the kernel says that it sleeps, is *stuck*. One that computes is not: another one would
//! only take its time from it. But it counts as stuck once it has been at it for [`LONG`]: then
//! those behind it are to have their share of the time, which the kernel deals out. (So does
//! each that nobody can tell about, where there is no `/proc`.)
//!
//! The limit rises by twice the number of those who are stuck. So where all tasks block, three times as
//! many workers are awake after each nap: sixty-four of them on two cores after five.
//!
//! With a paused clock nobody naps: real time is not to pass for nothing.
//!
//! # Cost
//!
//! Naps last from [`SHORTEST`] to [`LONGEST`], longer and longer as long as nothing happens, and
//! end when nothing is queued. So they are at most two thousand wake-ups a second, in a runtime
//! that has more workers than cores and more work than the cores can do; and none in any other.
//! (`benches/`, `--bin scale`, has what that does to an operation.)
//!
//! # Rejected
//!
//! * Taking whoever makes no round for stuck, without asking the kernel: those who are awake
//!   beyond the cores wait for a core for milliseconds, and so more and more would be woken.
//! * Waking all for whom there is work: beside sixty-four workers on two cores a yield cost 1.6
//!   times what it costs beside two, a question and its answer 2.1 times.
//! * Leaving those who are beyond the cores asleep without a look: tasks that block for a moment
//!   would keep all others waiting while the cores have nothing to do.

use super::park::{self, earlier};
use super::worker::Core;
use super::{Scheduler, idle::Awake};
use crate::base::sync::Mutex;
use crate::base::sync::atomic::Ordering;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The first nap.
const SHORTEST: Duration = Duration::from_micros(500);

/// The longest.
const LONGEST: Duration = Duration::from_millis(2);

/// How long a poll may compute, in nanoseconds.
const LONG: u64 = 10_000_000;

/// What was seen of the workers. See the [module](self).
pub(super) struct Lookout {
    /// Empty where there are cores for all of them.
    seen: Mutex<Box<[Seen]>>,
    /// Where the kernel tells about each worker's thread.
    threads: Box<[Mutex<Option<PathBuf>>]>,
}

/// What was seen of one worker.
#[derive(Clone, Copy, Default)]
struct Seen {
    rounds: usize,
    /// When it was first seen in this round, in the driver's nanoseconds.
    since: u64,
    is_parked: bool,
    is_stuck: bool,
}

impl Lookout {
    pub(super) fn new(workers: usize, cores: usize) -> Self {
        let watched = if workers > cores { workers } else { 0 };
        Lookout {
            seen: Mutex::new(vec![Seen::default(); watched].into()),
            threads: (0..watched).map(|_| Mutex::new(None)).collect(),
        }
    }

    /// The current thread runs the worker from here on.
    pub(super) fn arrive(&self, worker: usize) {
        if let Some(thread) = self.threads.get(worker) {
            let path = std::fs::read_link("/proc/thread-self");
            let path = path.map(|path| PathBuf::from("/proc").join(path).join("stat"));
            *thread.lock() = path.ok();
        }
    }

    fn is_asleep(&self, worker: usize) -> bool {
        let path = self.threads[worker].lock().clone();
        path.and_then(state_of).is_some_and(|state| state != b'R')
    }
}

/// What `/proc` says about a thread: its number, its name in brackets, the letter for its state.
fn state_of(stat: PathBuf) -> Option<u8> {
    let mut text = [0; 128];
    let read = std::fs::File::open(stat).ok()?.read(&mut text).ok()?;
    let name_ends = text[..read].iter().rposition(|&byte| byte == b')')?;
    text[..read].get(name_ends + 2).copied()
}

/// On how many cores the process may run.
pub(super) fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Leaves what is queued to those who are awake until they are too few for it or the worker has
/// something of its own to do: then it searches. False if nothing is queued any more: then
/// it parks, still as one that naps.
pub(super) fn nap(scheduler: &Arc<Scheduler>, core: &mut Core) -> bool {
    let driver = &scheduler.driver;
    let mut length = SHORTEST;
    let mut room = scheduler.look(core.index);
    let is_disturbed =
        |core: &Core| !core.wakers.is_empty() || scheduler.is_closed() || driver.clock.is_paused();
    while !room && !is_disturbed(core) {
        let own = driver.timers.next_deadline(core.index);
        let end = earlier(own, driver.now().checked_add(length));
        core.block(scheduler.left(end));
        core.fire(scheduler, park::look_at_clock(driver), false);
        room = scheduler.look(core.index);
        if !park::has_work(scheduler) && !is_disturbed(core) {
            return false;
        }
        length = LONGEST.min(2 * length);
    }
    scheduler.idle.end_nap();
    core.awake = Awake::Searching;
    true
}

impl Scheduler {
    /// Sets the limit. True if one more worker may be awake.
    fn look(&self, me: usize) -> bool {
        let now = self.driver.now_nanos();
        let mut seen = self.lookout.seen.lock();
        let before: Vec<bool> = seen.iter().map(|seen| seen.is_parked).collect();
        seen.iter_mut().for_each(|seen| seen.is_parked = false);
        self.idle.with_parked(|parked| {
            parked
                .iter()
                .for_each(|&worker| seen[worker].is_parked = true);
        });
        let mut stuck = 0;
        for (worker, seen) in seen.iter_mut().enumerate() {
            let rounds = self.remotes[worker].rounds.load(Ordering::Relaxed);
            let moves = seen.rounds != rounds || seen.is_parked || before[worker];
            if moves || worker == me {
                let is_parked = seen.is_parked;
                *seen = Seen {
                    rounds,
                    since: now,
                    is_parked,
                    is_stuck: false,
                };
                continue;
            }
            let since = now.saturating_sub(seen.since);
            let may_ask = since >= SHORTEST.as_nanos() as u64;
            seen.is_stuck |= since >= LONG || (may_ask && self.lookout.is_asleep(worker));
            stuck += usize::from(seen.is_stuck);
        }
        self.idle.set_stuck(stuck)
    }
}
