//! Whether a thread that has no job keeps a lookout before it sleeps.
//!
//! A job that comes while a thread looks out saves two wake-ups: the thread's, and mostly that of
//! the worker that waits for the job, since it is done before the worker sleeps. On two cores
//! that makes 2 to 8 µs of 27. A lookout in vain is processor time for nothing; and if the processor
//! is the one on which the worker wants to run, it makes the worker wait.
//!
//! So there is an account. Each look takes from it what it took; each job that was caught
//! brings in [`GAIN`], about what the wake-ups would have cost; each thread that goes to sleep [`TRICKLE`],
//! for a new try. Hence looking out costs no more than it brings, but for [`MOST`] and the trickle:
//! where it doesn't pay, one thread of 500 tries it. Without jobs nobody looks: a pool
//! that is left alone sleeps after [`LOOKOUT`].

use std::time::Duration;

/// How long a thread looks out at most: as long as it takes to wake a worker whose core sleeps, and a
/// little for the task that then sends the next job.
pub(super) const LOOKOUT: Duration = Duration::from_micros(50);

/// What a job brings that was caught.
const GAIN: Duration = Duration::from_micros(15);

/// What a thread brings that goes to sleep.
const TRICKLE: Duration = Duration::from_nanos(100);

/// What the account has at first, and at most.
const MOST: Duration = LOOKOUT.saturating_mul(4);

/// See the [module](self).
pub(super) struct Patience {
    account: Duration,
    has_caught: bool,
}

impl Patience {
    pub(super) fn new() -> Self {
        Patience {
            account: MOST,
            has_caught: false,
        }
    }

    /// Whether a thread that has no job may look out before it sleeps.
    pub(super) fn allows_watch(&mut self) -> bool {
        let allowed = self.account >= LOOKOUT || (self.has_caught && self.account > Duration::ZERO);
        if !allowed {
            self.has_caught = false;
            self.account += TRICKLE;
        }
        allowed
    }

    /// A lookout has ended.
    pub(super) fn learn(&mut self, watched: Duration, has_caught: bool) {
        let gain = if has_caught { GAIN } else { Duration::ZERO };
        self.account = (self.account + gain).saturating_sub(watched).min(MOST);
        self.has_caught = has_caught;
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_micros(1);

    /// Lets `count` threads run out of jobs. Returns how many looked out, each as long as `watch` says.
    fn run_out(patience: &mut Patience, count: u32, watch: impl Fn() -> (Duration, bool)) -> u32 {
        let mut looked = 0;
        for _ in 0..count {
            if patience.allows_watch() {
                let (watched, has_caught) = watch();
                patience.learn(watched, has_caught);
                looked += 1;
            }
        }
        looked
    }

    #[test]
    fn where_it_pays_every_thread_looks_out() {
        let mut patience = Patience::new();
        assert_eq!(run_out(&mut patience, 1000, || (SOON, true)), 1000);
    }

    #[test]
    fn where_it_never_pays_one_thread_of_five_hundred_looks_out() {
        let mut patience = Patience::new();
        let looked = run_out(&mut patience, 10_000, || (LOOKOUT, false));
        assert!((4 + 15..=4 + 20).contains(&looked), "{looked}");
    }

    #[test]
    fn a_job_that_is_caught_late_costs_more_than_it_brings() {
        let mut patience = Patience::new();
        let looked = run_out(&mut patience, 10_000, || (LOOKOUT - SOON, true));
        assert!(looked < 100, "{looked}");
    }

    #[test]
    fn once_it_pays_again_a_single_try_is_enough() {
        let mut patience = Patience::new();
        run_out(&mut patience, 1000, || (LOOKOUT, false));
        while !patience.allows_watch() {}
        patience.learn(LOOKOUT / 2, true);
        assert_eq!(run_out(&mut patience, 1000, || (SOON, true)), 1000);
    }
}
