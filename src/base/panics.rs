//! Where foreign code may panic and nobody is there to be told.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How often in a row the drop of a payload may panic with another payload.
const PATIENCE: usize = 8;

/// Runs `f`. A panic in it ends here: the panic hook has reported it, and its payload is
/// dropped. A payload whose drop panics for ever is leaked.
#[inline]
pub(crate) fn quietly<R>(f: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(value) => Some(value),
        Err(payload) => {
            dispose(payload);
            None
        }
    }
}

/// Drops what a panic left, with patience. Apart, so that it is compiled once and not for
/// each closure.
#[cold]
fn dispose(mut payload: Box<dyn Any + Send>) {
    for _ in 0..PATIENCE {
        match catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            Ok(()) => return,
            Err(next) => payload = next,
        }
    }
    std::mem::forget(payload);
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
