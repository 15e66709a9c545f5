//! Versions near their wrap.

use super::shared::Shared;
use super::*;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn starting_at(start: u64) -> (Sender<u64>, Receiver<u64>) {
    let sender = Sender::over(Shared::new(0, start));
    let receiver = sender.subscribe();
    (sender, receiver)
}

#[test]
fn changes_go_on_across_the_wrap_of_versions() {
    for before in [0, 1, 4, 8, 11] {
        let (tx, mut rx) = starting_at(u64::MAX - before);
        let waits = tx.subscribe();
        for i in 1..6 {
            assert_eq!(rx.has_changed(), Ok(false));
            assert!(!rx.is_closed());
            let mut other = waits.clone();
            other.mark_unchanged();
            let mut changed = pin!(other.changed());
            let mut cx = Context::from_waker(Waker::noop());
            assert!(changed.as_mut().poll(&mut cx).is_pending());
            tx.send(i).expect("a receiver");
            assert_eq!(changed.as_mut().poll(&mut cx), Poll::Ready(Ok(())));
            assert_eq!(rx.has_changed(), Ok(true));
            assert_eq!(*rx.borrow_and_update(), i);
        }
        rx.mark_changed();
        assert_eq!(rx.has_changed(), Ok(true));
        rx.mark_unchanged();
        assert_eq!(rx.has_changed(), Ok(false));
        drop(tx);
        assert!(rx.is_closed());
    }
}
