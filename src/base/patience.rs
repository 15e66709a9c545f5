//! Whether a thread that has nothing to do keeps a lookout before it sleeps.
//!
//! Two do so, at the two ends of a hop to the blocking pool and back: a thread of the pool, for the next job
//! ([`blocking`](crate::blocking)), and a worker, for what the job brings ([`scheduler`](crate::scheduler)).
//! What comes while a thread looks out needs no wake-up: some 20 µs if the core sleeps as well, where the
//! job takes 1 to 15. A lookout in vain is processor time for nothing; and if the processor
//! is the one on which the other side wants to run, it makes that wait.
//!
//! So there is an account. Each look takes from it what it took; each that was not in vain
//! brings in [`GAIN`], about what the wake-up would have cost; each thread that goes to sleep [`TRICKLE`],
//! for a new try. Hence looking out costs no more than it brings, but for [`MOST`] and the trickle:
//! where it doesn't pay, one thread of 500 tries it. Without jobs nobody looks: a pool
//! that is left alone sleeps after [`LOOKOUT`], and so does a worker.

use std::time::Duration;

/// How long a thread looks out at most: as long as it takes to wake a worker whose core sleeps, and a
/// little for the task that then sends the next job.
pub(crate) const LOOKOUT: Duration = Duration::from_micros(50);

/// What a lookout brings that was not in vain.
const GAIN: Duration = Duration::from_micros(25);

/// What a thread brings that goes to sleep.
const TRICKLE: Duration = Duration::from_nanos(100);

/// What the account has at first, and at most.
const MOST: Duration = LOOKOUT.saturating_mul(4);

/// See the [module](self).
pub(crate) struct Patience {
    account: Duration,
    has_caught: bool,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Patience {
            account: MOST,
            has_caught: false,
        }
    }

    /// Whether a thread that has nothing to do may look out before it sleeps.
    pub(crate) fn allows_watch(&mut self) -> bool {
        let allowed = self.account >= LOOKOUT || (self.has_caught && self.account > Duration::ZERO);
        if !allowed {
            self.has_caught = false;
            self.account += TRICKLE;
        }
        allowed
    }

    /// A lookout has ended.
    pub(crate) fn learn(&mut self, watched: Duration, has_caught: bool) {
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
