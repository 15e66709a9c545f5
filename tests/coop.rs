//! The cooperative budget as users see it: it can be asked, spent, lifted and taken part in.

#[path = "common/waking.rs"]
mod waking;

use runtime::rt::Builder;
use runtime::sync::{Mutex, mpsc};
use runtime::task::coop::{self, cooperative, has_budget_remaining, poll_proceed};
use runtime::task::{Unconstrained, consume_budget, unconstrained, yield_now};
use std::future::{poll_fn, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use waking::{Count, poll, poll_with};

/// Runs the claim in a task of its own, with a full budget.
#[track_caller]
fn in_task<F>(claim: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = Builder::new_current_thread().build().unwrap();
    let task = runtime.spawn(claim);
    if let Err(error) = runtime.block_on(task) {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// Polls once within the current poll of the task.
async fn now<F: Future>(future: F) -> Poll<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

/// Spends the budget, and says how much there was.
async fn spend_all() -> usize {
    let mut units = 0;
    while now(consume_budget()).await.is_ready() {
        units += 1;
        assert!(units < 100_000, "no budget at all");
    }
    units
}

#[test]
fn the_budget_is_spent_unit_by_unit_and_whole_again_in_the_next_poll() {
    in_task(async {
        assert!(has_budget_remaining());
        assert_eq!(spend_all().await, 128);
        assert!(!has_budget_remaining());
        yield_now().await;
        assert!(has_budget_remaining());
        assert_eq!(spend_all().await, 128);
    });
}

#[test]
fn consuming_budget_wakes_the_task_when_there_is_none() {
    in_task(async {
        spend_all().await;
        let (count, waker) = Count::new();
        let mut refused = pin!(consume_budget());
        assert!(poll_with(refused.as_mut(), &waker).is_pending());
        assert_eq!(count.get(), 1);
        refused.await;
        assert!(has_budget_remaining(), "it was a poll anew");
    });
}

#[test]
fn a_unit_that_is_dropped_goes_back_and_one_that_made_progress_does_not() {
    in_task(poll_fn(|cx| {
        for _ in 0..1000 {
            let Poll::Ready(unit) = poll_proceed(cx) else {
                panic!("it goes back each time")
            };
            drop(unit);
        }
        for _ in 0..128 {
            let Poll::Ready(unit) = poll_proceed(cx) else {
                panic!("there are 128")
            };
            unit.made_progress();
            unit.made_progress();
        }
        assert!(poll_proceed(cx).is_pending());
        assert!(!has_budget_remaining());
        Poll::Ready(())
    }));
}

#[test]
fn a_foreign_future_that_is_always_ready_gives_way_when_it_is_cooperative() {
    in_task(async {
        let mut rounds = 0;
        while now(cooperative(ready(()))).await.is_ready() {
            rounds += 1;
            assert!(rounds < 100_000, "it never gives way");
        }
        assert_eq!(rounds, 128);
    });
}

#[test]
fn a_cooperative_future_that_is_pending_spends_nothing() {
    in_task(async {
        for _ in 0..1000 {
            let pending = cooperative(std::future::pending::<()>());
            assert!(now(pending).await.is_pending());
        }
        assert_eq!(spend_all().await, 128);
    });
}

#[test]
fn a_cooperative_future_is_not_polled_without_budget() {
    in_task(async {
        spend_all().await;
        let polled = cooperative(poll_fn(|_| -> Poll<()> { panic!("polled") }));
        assert!(now(polled).await.is_pending());
    });
}

#[test]
fn what_is_unconstrained_spends_nothing_and_has_no_end() {
    in_task(async {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let many = async {
            for i in 0..10_000 {
                assert!(has_budget_remaining());
                tx.send(i).unwrap();
                assert_eq!(rx.recv().await, Some(i));
            }
        };
        assert!(now(unconstrained(many)).await.is_ready(), "in one poll");
        assert_eq!(spend_all().await, 128);
        assert!(!has_budget_remaining());
        assert!(now(unconstrained(consume_budget())).await.is_ready());
    });
}

#[test]
fn the_limit_holds_again_after_what_was_unconstrained_panicked() {
    in_task(async {
        let panics = unconstrained(poll_fn(|_| -> Poll<()> { panic!("as it should") }));
        let mut panics = pin!(panics);
        let poll = std::panic::AssertUnwindSafe(|| poll(panics.as_mut()));
        assert!(std::panic::catch_unwind(poll).is_err());
        assert_eq!(spend_all().await, 128);
    });
}

#[test]
fn outside_of_a_task_there_is_no_limit() {
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        assert!(has_budget_remaining());
        assert!(poll(pin!(consume_budget())).is_ready());
        let Poll::Ready(unit) = poll_proceed(&mut cx) else {
            panic!("no limit")
        };
        unit.made_progress();
    }
}

#[test]
fn a_unit_that_outlives_its_poll_gives_nothing_away() {
    // It must not: but it may not break anything either.
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut kept = None;
        poll_fn(|cx| {
            kept = Some(poll_proceed(cx));
            Poll::Ready(())
        })
        .await;
        yield_now().await;
        drop(kept);
        let units = spend_all().await;
        assert!((127..=128).contains(&units), "{units}");
    });
}

#[test]
fn all_paths_name_the_same() {
    fn same(_: Unconstrained<std::future::Ready<()>>) {}
    same(coop::unconstrained(ready(())));
    let mutex = Mutex::new(());
    assert!(poll(pin!(coop::unconstrained(mutex.lock()))).is_ready());
}
