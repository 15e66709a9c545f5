//! Promises of the watch channel: which value is seen, who hears of a change, and what the
//! closures of users may do.

#[path = "common/waking.rs"]
mod waking;

use futures::executor::block_on;
use runtime::rt::Runtime;
use runtime::sync::watch;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;
use waking::{Count, Panics, meddling, poll, poll_with};

#[test]
fn a_receiver_sees_values_in_order_and_the_last_for_certain() {
    let (tx, rx) = watch::channel(0);
    let receivers: Vec<_> = (0..3)
        .map(|_| {
            let mut rx = rx.clone();
            thread::spawn(move || {
                let mut last = 0;
                while block_on(rx.changed()).is_ok() {
                    let value = *rx.borrow_and_update();
                    assert!(value > last);
                    last = value;
                }
                last
            })
        })
        .collect();
    (1..=20_000).for_each(|i| tx.send(i).unwrap());
    drop(tx);
    for receiver in receivers {
        assert_eq!(receiver.join().unwrap(), 20_000);
    }
}

#[test]
fn what_is_seen_is_what_was_there_and_what_was_looked_at() {
    let (tx, mut rx) = watch::channel(1);
    assert_eq!(rx.has_changed(), Ok(false));
    tx.send(2).unwrap();
    assert!(rx.borrow().has_changed());
    assert!(rx.borrow().has_changed(), "a mere look does not count");
    let other = rx.clone();
    assert!(rx.borrow_and_update().has_changed());
    assert!(!rx.borrow_and_update().has_changed());
    assert_eq!(
        other.has_changed(),
        Ok(true),
        "a clone saw what it saw then"
    );
    assert_eq!(tx.subscribe().has_changed(), Ok(false));
    assert!(!tx.borrow().has_changed());
    rx.mark_changed();
    assert_eq!(block_on(rx.changed()), Ok(()));
    assert_eq!(rx.has_changed(), Ok(false));
    tx.send(3).unwrap();
    rx.mark_unchanged();
    assert!(poll(pin!(rx.changed())).is_pending());
}

#[test]
fn the_last_value_is_to_be_had_after_the_end() {
    let (tx, mut rx) = watch::channel(1);
    tx.send(2).unwrap();
    drop(tx.clone());
    assert!(!rx.is_closed());
    drop(tx);
    assert!(rx.is_closed());
    assert!(rx.has_changed().is_err(), "closed is closed, seen or not");
    assert_eq!(block_on(rx.changed()), Ok(()));
    assert!(block_on(rx.changed()).is_err());
    assert_eq!(*block_on(rx.wait_for(|value| *value == 2)).unwrap(), 2);
    assert!(block_on(rx.wait_for(|value| *value == 3)).is_err());
    rx.mark_changed();
    assert_eq!(block_on(rx.changed()), Ok(()));
    assert_eq!(*rx.borrow(), 2);
}

#[test]
fn a_value_without_a_receiver_comes_back_and_the_old_one_stays() {
    let tx = watch::Sender::new(String::from("old"));
    assert_eq!(tx.send("new".into()).unwrap_err().0, "new");
    assert_eq!(*tx.borrow(), "old");
    assert_eq!(tx.send_replace("newer".into()), "old");
    assert_eq!(*tx.subscribe().borrow(), "newer");
    assert_eq!(*watch::Sender::<i32>::default().borrow(), 0);
}

#[test]
fn receivers_do_not_hear_of_a_change_that_is_said_to_be_none() {
    let (tx, mut rx) = watch::channel(1);
    let (woken, waker) = Count::new();
    let mut changed = pin!(rx.changed());
    assert!(poll_with(changed.as_mut(), &waker).is_pending());
    let silently = |value: &mut i32| {
        *value = 2;
        false
    };
    assert!(!tx.send_if_modified(silently));
    assert_eq!(woken.get(), 0);
    assert!(poll(changed.as_mut()).is_pending());
    assert_eq!(*tx.borrow(), 2);
    assert!(tx.send_if_modified(|_| true));
    assert!(poll(changed.as_mut()).is_ready());
}

#[test]
fn a_closure_that_panics_leaves_its_changes_and_a_usable_channel() {
    let (tx, mut rx) = watch::channel(1);
    let modify = |value: &mut i32| {
        *value = 2;
        panic!("this closure panics");
    };
    assert!(catch_unwind(AssertUnwindSafe(|| tx.send_modify(modify))).is_err());
    assert_eq!(rx.has_changed(), Ok(false), "nobody hears of it");
    assert_eq!(*rx.borrow(), 2);
    let panics = AssertUnwindSafe(|| {
        let _ = tx.send_if_modified(|value| {
            *value = 3;
            panic!("this closure panics")
        });
    });
    assert!(catch_unwind(panics).is_err());
    let judged = catch_unwind(AssertUnwindSafe(|| {
        let _ = block_on(rx.wait_for(|_| panic!("this closure panics")));
    }));
    assert!(judged.is_err());
    tx.send(4).unwrap();
    assert_eq!(*block_on(rx.wait_for(|value| *value == 4)).unwrap(), 4);
    assert!(format!("{tx:?} {rx:?}").contains('4'));
}

#[test]
fn a_condition_is_judged_first_on_what_is_there_and_then_on_each_change_it_sees() {
    let (tx, mut rx) = watch::channel(1);
    assert!(
        !block_on(rx.wait_for(|value| *value == 1))
            .unwrap()
            .has_changed()
    );
    tx.send(2).unwrap();
    assert!(
        block_on(rx.wait_for(|value| *value == 2))
            .unwrap()
            .has_changed()
    );
    let mut judged = Vec::new();
    {
        let mut wait = pin!(rx.wait_for(|value| {
            judged.push(*value);
            *value > 4
        }));
        let (woken, waker) = Count::new();
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
        for i in 3..6 {
            tx.send(i).unwrap();
            assert_eq!(woken.get(), i as usize - 2);
            let outcome = poll_with(wait.as_mut(), &waker);
            assert_eq!(outcome.is_ready(), i > 4);
        }
    }
    assert_eq!(judged, [2, 3, 4, 5]);
    assert_eq!(rx.has_changed(), Ok(false));
}

#[test]
fn a_wait_that_is_dropped_leaves_the_line_and_sees_nothing() {
    let (tx, mut rx) = watch::channel(1);
    let (woken, waker) = Count::new();
    {
        let mut changed = pin!(rx.changed());
        assert!(poll_with(changed.as_mut(), &waker).is_pending());
    }
    tx.send(2).unwrap();
    assert_eq!(woken.get(), 0);
    assert_eq!(rx.has_changed(), Ok(true));
    rx.mark_unchanged();
    {
        let mut changed = pin!(rx.changed());
        assert!(poll_with(changed.as_mut(), &waker).is_pending());
        tx.send(3).unwrap();
        assert_eq!(woken.get(), 1);
    }
    assert_eq!(rx.has_changed(), Ok(true), "it is for the next call");
    rx.mark_unchanged();
    {
        let mut wait = pin!(rx.wait_for(|value| *value > 10));
        assert!(poll_with(wait.as_mut(), &waker).is_pending());
        tx.send(4).unwrap();
    }
    assert_eq!(rx.has_changed(), Ok(true));
}

#[test]
fn a_thousand_who_wait_are_woken_once_each() {
    let (tx, rx) = watch::channel(1);
    let mut receivers: Vec<_> = (0..1000).map(|_| rx.clone()).collect();
    let (woken, waker) = Count::new();
    for round in 1..4 {
        let mut waits: Vec<_> = receivers
            .iter_mut()
            .map(|rx| Box::pin(rx.changed()))
            .collect();
        for wait in &mut waits {
            assert!(poll_with(wait.as_mut(), &waker).is_pending());
        }
        tx.send(round).unwrap();
        assert_eq!(woken.get(), 1000 * round);
        for wait in &mut waits {
            assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(())));
        }
    }
}

#[test]
fn the_newest_waker_is_woken_and_one_that_panics_does_not_take_the_others_along() {
    let (tx, mut rx) = watch::channel(1);
    let mut other = rx.clone();
    let mut bad = Box::pin(rx.changed());
    let mut good = Box::pin(other.changed());
    let (old, old_waker) = Count::new();
    let (new, new_waker) = Count::new();
    assert!(poll_with(bad.as_mut(), &Waker::from(Arc::new(Panics))).is_pending());
    assert!(poll_with(good.as_mut(), &old_waker).is_pending());
    assert!(poll_with(good.as_mut(), &new_waker).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| tx.send(2))).is_err());
    assert_eq!((old.get(), new.get()), (0, 1));
    assert_eq!(poll(good.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(poll(bad.as_mut()), Poll::Ready(Ok(())));
}

#[test]
fn wakers_and_old_values_are_handled_with_no_lock_held() {
    #[derive(Debug, Default)]
    struct Looks(Option<watch::Receiver<Looks>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            if let Some(rx) = &self.0 {
                let _ = rx.borrow().0.is_some();
            }
        }
    }
    let (tx, mut rx) = watch::channel(Looks(None));
    tx.send(Looks(Some(rx.clone()))).unwrap();
    tx.send(Looks(None)).unwrap();
    rx.mark_unchanged();
    let inside = tx.clone();
    let waker = meddling(move || {
        let _ = (inside.borrow().0.is_some(), inside.receiver_count());
        inside.send_if_modified(|_| false);
    });
    let mut changed = pin!(rx.changed());
    assert!(poll_with(changed.as_mut(), &waker).is_pending());
    assert!(poll_with(changed.as_mut(), &waker.clone()).is_pending());
    assert!(poll(changed.as_mut()).is_pending());
    assert!(poll_with(changed.as_mut(), &waker).is_pending());
    tx.send(Looks(None)).unwrap();
    assert!(poll(changed.as_mut()).is_ready());
}

#[test]
fn a_sender_hears_that_the_last_receiver_went_unless_another_came() {
    let (tx, rx) = watch::channel(1);
    let (woken, waker) = Count::new();
    let mut closed = pin!(tx.closed());
    assert!(poll_with(closed.as_mut(), &waker).is_pending());
    let other = rx.clone();
    drop(rx);
    assert_eq!((woken.get(), tx.receiver_count()), (0, 1));
    drop(other);
    assert_eq!((woken.get(), tx.is_closed()), (1, true));
    let again = tx.subscribe();
    assert!(poll_with(closed.as_mut(), &waker).is_pending());
    assert!(!again.is_closed() && !tx.is_closed());
    drop(again);
    assert!(poll(closed.as_mut()).is_ready());
    assert_eq!(tx.clone().sender_count(), 2);
    assert_eq!(tx.sender_count(), 1);
}

#[test]
fn a_value_that_always_changes_does_not_hold_up_a_timeout() {
    Runtime::new().unwrap().block_on(async {
        let (tx, mut rx) = watch::channel(1u64);
        let endless = async {
            loop {
                tx.send_modify(|value| *value += 1);
                rx.changed().await.unwrap();
                drop(rx.wait_for(|_| true).await.unwrap());
            }
        };
        let outcome = runtime::time::timeout(Duration::from_millis(2), endless).await;
        assert!(outcome.is_err());
    });
}
