//! From async to blocking: a thread that polls one future and sleeps in between.

use crate::base::budget;
use crate::base::parker::{Parker, Unparker};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

struct Unpark(Unparker);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// A waker that lets `unparker`'s thread go on.
pub(crate) fn waker(unparker: Unparker) -> Waker {
    Waker::from(Arc::new(Unpark(unparker)))
}

/// Runs `future` to its end on this thread, which is blocked meanwhile. Each poll has a
/// budget, so that a timeout inside of the future gets its turn.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let parker = Parker::new();
    let waker = waker(parker.unparker());
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match budget::with_full(|| future.as_mut().poll(&mut cx)) {
            Poll::Ready(output) => return output,
            Poll::Pending => parker.park(),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[test]
    fn a_wake_up_during_the_poll_is_not_lost() {
        let mut polls = 0;
        block_on(poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls < 3 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        }));
        assert_eq!(polls, 3);
    }

    #[test]
    fn a_spent_budget_does_not_keep_it_from_ending() {
        budget::with_full(|| {
            let mut cx = Context::from_waker(Waker::noop());
            while let Poll::Ready(spent) = budget::poll_proceed(&mut cx) {
                spent.made_progress();
            }
            block_on(poll_fn(|cx| {
                budget::poll_proceed(cx).map(|spent| spent.made_progress())
            }));
        });
    }
}
