//! What `join!`, `try_join!` and `pin!` promise.

use futures::executor::block_on;
use futures::future::{pending, ready};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Ready with `value` at the poll after `turns` others; tells `polled` of each poll.
fn after<T>(turns: u32, value: T, mut polled: impl FnMut()) -> impl Future<Output = T> {
    let mut left = turns;
    let mut value = Some(value);
    poll_fn(move |cx| {
        polled();
        if left == 0 {
            return Poll::Ready(value.take().expect("polled after it was complete"));
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn the_outputs_come_as_a_tuple_in_the_order_of_writing() {
    block_on(async {
        let all = runtime::join!(after(3, 1, || ()), async { "two" }, ready(3.0),);
        assert_eq!(all, (1, "two", 3.0));
        assert_eq!(runtime::join!(ready(1)), (1,));
        assert_eq!(runtime::join!(biased; ready(1), ready(2)), (1, 2));
        let () = runtime::join!();
        let biased = ready(1);
        assert_eq!(runtime::join!(biased), (1,), "a name like any other");
    });
}

#[test]
fn try_join_gives_all_values_or_the_first_error() {
    block_on(async {
        let ok = |value: u32| ready(Ok::<u32, &str>(value));
        assert_eq!(runtime::try_join!(ok(1), ok(2)), Ok((1, 2)));
        assert_eq!(runtime::try_join!(biased; ok(1), ok(2),), Ok((1, 2)));
        assert_eq!(
            runtime::try_join!(ok(1), ready(Err::<(), _>("no"))),
            Err("no")
        );
        let empty: Result<(), ()> = runtime::try_join!();
        assert_eq!(empty, Ok(()));
        let failed = runtime::try_join!(
            pending::<Result<(), &str>>(),
            after(2, Err::<(), _>("second"), || ()),
            after(1, Err::<(), _>("first"), || ()),
        );
        assert_eq!(failed, Err("first"), "and nobody waits for the others");
    });
}

#[test]
fn a_question_mark_after_try_join_converts_the_error() {
    async fn sum(a: &str, b: &str) -> Result<u32, Box<dyn std::error::Error>> {
        let (a, b) = runtime::try_join!(async { a.parse::<u32>() }, async { b.parse::<u32>() })?;
        Ok(a + b)
    }
    assert_eq!(block_on(sum("1", "2")).ok(), Some(3));
    assert!(block_on(sum("1", "two")).is_err());
}

/// The order in which the branches of `join` are polled in each of `rounds` rounds.
fn orders(rounds: usize, log: &RefCell<Vec<usize>>, join: impl Future) -> Vec<Vec<usize>> {
    let mut join = pin!(join);
    (0..rounds)
        .map(|_| {
            assert!(poll_once(join.as_mut()).is_pending());
            log.take()
        })
        .collect()
}

#[test]
fn each_round_starts_one_branch_further() {
    let rotated = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2], [1, 2, 0]];
    let log = &RefCell::new(Vec::new());
    let branch = |index| after(100, Ok::<(), ()>(()), move || log_poll(log, index));
    let joined = async { runtime::join!(branch(0), branch(1), branch(2)) };
    assert_eq!(orders(5, log, joined), rotated);
    let tried = async { runtime::try_join!(branch(0), branch(1), branch(2)) };
    assert_eq!(orders(5, log, tried), rotated);
}

#[test]
fn with_biased_each_round_starts_at_the_first_branch() {
    let log = &RefCell::new(Vec::new());
    let branch = |index| after(100, Ok::<(), ()>(()), move || log_poll(log, index));
    let joined = async { runtime::join!(biased; branch(0), branch(1), branch(2)) };
    assert_eq!(orders(3, log, joined), [[0, 1, 2]; 3]);
    let tried = async { runtime::try_join!(biased; branch(0), branch(1), branch(2)) };
    assert_eq!(orders(3, log, tried), [[0, 1, 2]; 3]);
}

fn log_poll(log: &RefCell<Vec<usize>>, index: usize) {
    log.borrow_mut().push(index);
}

#[test]
fn a_branch_that_is_complete_is_dropped_at_once() {
    struct Flag<'a>(&'a Cell<bool>);
    impl Drop for Flag<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Cell::new(false);
    let flag = Flag(&dropped);
    let holder = poll_fn(move |_| {
        let _held = &flag;
        Poll::Ready(())
    });
    let mut joined = pin!(async { runtime::join!(holder, pending::<()>()) });
    assert!(poll_once(joined.as_mut()).is_pending());
    assert!(dropped.get());
}

#[test]
fn the_branches_may_borrow_what_is_around_them() {
    block_on(async {
        let mut left = 1;
        let mut right = 2;
        let text = String::from("both");
        runtime::join!(async { left += text.len() }, async { right += text.len() });
        assert_eq!((left, right), (5, 6));
    });
}

#[test]
fn sixty_four_branches_are_taken_without_a_higher_recursion_limit() {
    block_on(async {
        let one = || ready(Ok::<u32, ()>(1));
        let all = runtime::try_join!(
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
            one(),
        );
        assert_eq!(all.map(|all| all.0 + all.63), Ok(2));
    });
}

#[test]
fn pin_takes_names_and_declarations() {
    block_on(async {
        let (one, two) = (async { 1 }, async { 2 });
        runtime::pin!(one, two,);
        assert_eq!((&mut one).await + (&mut two).await, 3);
        let three = async { 3 };
        runtime::pin!(three);
        assert_eq!(three.await, 3);
        runtime::pin! {
            let four = async { 4 };
            let five = async { 5 };
        }
        assert_eq!(four.as_mut().await + five.as_mut().await, 9);
    });
}

proptest! {
    #[test]
    fn all_outputs_come_whatever_the_order_of_completion(turns in [0..6u32, 0..6u32, 0..6u32]) {
        let [a, b, c] = turns;
        let polls = Cell::new(0u32);
        let count = || polls.set(polls.get() + 1);
        let all = block_on(async {
            runtime::join!(after(a, 'a', count), after(b, 'b', count), after(c, 'c', count))
        });
        prop_assert_eq!(all, ('a', 'b', 'c'));
        prop_assert_eq!(polls.get(), a + b + c + 3, "each is polled until it is complete");
    }

    #[test]
    fn the_earliest_error_wins_and_of_two_in_one_round_the_first_in_turn(
        plans in [(0..6u32, any::<bool>()), (0..6u32, any::<bool>()), (0..6u32, any::<bool>())]
    ) {
        let result = |index: usize| if plans[index].1 { Ok(index) } else { Err(index) };
        let branch = |index: usize| after(plans[index].0, result(index), || ());
        let found = block_on(async { runtime::try_join!(branch(0), branch(1), branch(2)) });
        // In round n the branch n % 3 is polled first.
        let turn = |index: &usize| {
            let round = plans[*index].0 as usize;
            (round, (index + 3 - round % 3) % 3)
        };
        let expected = match (0..3).filter(|index| !plans[*index].1).min_by_key(turn) {
            Some(index) => Err(index),
            None => Ok((0, 1, 2)),
        };
        prop_assert_eq!(found, expected);
    }
}
