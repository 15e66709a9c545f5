//! [`Key`]: the name of one source in the registry, and its token in the reactor.
//!
//! A key is the index of an entry and the generation of its occupant, 32 bits each,
//! packed into the word that travels through the operating system and comes back with
//! each event. It is no pointer: an event for a source that is gone names a generation
//! that is over, and does nothing. A generation is never used twice (an entry whose
//! generations are used up is retired), so a key names one source for ever.

/// Names one source. See the [module](self).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Key {
    pub(super) index: u32,
    pub(super) generation: u32,
}

// A token is a `usize`, and half of it would be too small for a generation.
const _: () = assert!(usize::BITS == 64, "this crate needs a 64-bit target");

impl Key {
    /// A token that no key has: indexes end far below it.
    pub(crate) const NO_KEY: mio::Token = mio::Token(usize::MAX);

    pub(crate) fn token(self) -> mio::Token {
        mio::Token(self.to_bits() as usize)
    }

    pub(crate) fn from_token(token: mio::Token) -> Key {
        Key {
            index: token.0 as u32,
            generation: (token.0 >> 32) as u32,
        }
    }

    /// The key as a number, for records and dumps.
    pub(crate) fn to_bits(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_way_through_the_system() {
        for (index, generation) in [(0, 0), (1, 0), (0, 1), (u32::MAX, 7), (7, u32::MAX)] {
            let key = Key { index, generation };
            assert_eq!(Key::from_token(key.token()), key);
            assert_ne!(key.token(), Key::NO_KEY);
        }
    }
}
