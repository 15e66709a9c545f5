//! A small source of randomness for choices that must be fair, not secret: which
//! victim to steal from, which branch of `select!` to poll first.
//!
//! The generator is Marsaglia's xorshift64* (G. Marsaglia, "Xorshift RNGs", 2003;
//! S. Vigna, "An experimental exploration of Marsaglia's xorshift generators,
//! scrambled", 2016). One instance a worker; foreign threads have one in a
//! thread-local, seeded from std's hasher keys.

use crate::base::sync::local;
use std::cell::Cell;
use std::hash::{BuildHasher, Hasher, RandomState};

/// A generator. See the [module](self).
#[derive(Debug)]
pub(crate) struct Rng {
    state: Cell<u64>,
}

impl Rng {
    /// The same seed gives the same sequence.
    pub(crate) const fn new(seed: u64) -> Self {
        Rng {
            state: Cell::new(if seed == 0 {
                0x9E37_79B9_7F4A_7C15
            } else {
                seed
            }),
        }
    }

    fn next(&self) -> u64 {
        let mut x = self.state.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.state.set(x);
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `bound`, or 0 where `bound` is 0.
    pub(crate) fn below(&self, bound: u32) -> u32 {
        // Lemire's reduction of the upper half; the bias is below 2^-32 * bound.
        ((u64::from((self.next() >> 32) as u32) * u64::from(bound)) >> 32) as u32
    }
}

/// A seed that differs from call to call and from process to process.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

local! {
    static THREAD: Cell<u64> = Cell::new(0);
}

/// A number below `bound` from the current thread's generator.
pub(crate) fn thread_below(bound: u32) -> u32 {
    THREAD.with(|state| {
        let rng = Rng::new(if state.get() == 0 {
            seed()
        } else {
            state.get()
        });
        let value = rng.below(bound);
        state.set(rng.state.get());
        value
    })
}

/// Puts another state into the current thread's generator; returns the one before. 0 stands for
/// a seed of its own.
pub(crate) fn swap_thread(state: u64) -> u64 {
    THREAD.try_with(|thread| thread.replace(state)).unwrap_or(0)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_value_below_the_bound_comes_up_about_as_often() {
        let rng = Rng::new(42);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[rng.below(7) as usize] += 1;
        }
        for count in counts {
            assert!((9_000..11_000).contains(&count), "{counts:?}");
        }
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.below(1), 0);
    }

    #[test]
    fn a_seed_gives_its_sequence_again() {
        let (a, b) = (Rng::new(7), Rng::new(7));
        for _ in 0..100 {
            assert_eq!(a.below(1000), b.below(1000));
        }
    }
}
