//! Where foreign code may panic and nobody is there to be told.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `f`. A panic in it ends here: the panic hook has reported it, and its payload is
/// dropped; a payload whose drop panics as well is leaked.
#[inline]
pub(crate) fn quietly<R>(f: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(value) => Some(value),
        Err(payload) => {
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
            None
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_payload_that_panics_when_dropped_goes_no_further() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("the payload's drop");
            }
        }
        assert_eq!(quietly(|| std::panic::panic_any(Bomb)), None::<()>);
        assert_eq!(quietly(|| 1), Some(1));
    }
}
