//! What `select!` promises.

// What a handler may be, however odd it looks.
#![allow(unused_assignments, clippy::nonminimal_bool)]

use futures::executor::block_on;
use futures::future::{pending, ready};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::sync::mpsc;
use std::task::Poll;

/// Ready with `value` at the poll after `turns` others.
fn after<T>(turns: u32, value: T) -> impl Future<Output = T> {
    let mut left = turns;
    let mut value = Some(value);
    poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(value.take().expect("polled after it was complete"));
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

#[test]
fn the_first_branch_to_complete_gives_the_value() {
    let value = block_on(async {
        runtime::select! {
            x = after(3, 1) => x,
            x = after(1, 2) => x * 10,
            _ = pending::<()>() => 3,
        }
    });
    assert_eq!(value, 20);
}

#[test]
fn a_comma_may_follow_any_handler_and_need_not_follow_a_block_or_the_last() {
    block_on(async {
        let a = runtime::select! { _ = ready(()) => 1 };
        let b = runtime::select! { _ = ready(()) => { 2 } };
        let c = runtime::select! { _ = ready(()) => { 3 } _ = pending::<()>() => { 0 } };
        let d = runtime::select! { _ = ready(()) => { 4 }, _ = pending::<()>() => 0, };
        let e = runtime::select! { _ = pending::<()>(), if false => { 0 } else => { 5 } };
        let f = runtime::select! { _ = pending::<()>(), if false => 0, else => 6, };
        assert_eq!([a, b, c, d, e, f], [1, 2, 3, 4, 5, 6]);
    });
}

#[test]
fn commas_inside_of_a_handler_do_not_end_it() {
    struct Pair<A, B>(A, B);
    impl<A: Default, B: Default> Pair<A, B> {
        fn new() -> Self {
            Pair(A::default(), B::default())
        }
    }
    trait Sum<A, B> {
        fn sum(a: A, b: B) -> u32;
    }
    impl Sum<u8, u16> for () {
        fn sum(a: u8, b: u16) -> u32 {
            u32::from(a) + u32::from(b)
        }
    }
    block_on(async {
        let pair = runtime::select! {
            _ = ready(()) => Pair::<u8, Vec<u16>>::new(),
            _ = pending::<()>() => Pair(1, vec![]),
        };
        assert_eq!((pair.0, pair.1.len()), (0, 0));
        let sum = runtime::select! {
            _ = ready(()) => <() as Sum<u8, u16>>::sum(1, 2),
            _ = pending::<()>() => 0,
        };
        assert_eq!(sum, 3);
        let add: fn(u32, u32) -> u32 = runtime::select! {
            _ = ready(()) => |a, b| a + b,
            else => |a, b| a | b,
        };
        assert_eq!(add(2, 2), 4);
        let less = runtime::select! {
            x = ready(3) => x < 4,
            x = pending::<u8>() => x > 4,
        };
        assert!(less);
        let shifted = runtime::select! {
            x = ready(3u32) => (x as u64) << 2 | 1,
            x = pending::<u32>() => x as u64 >> 2,
        };
        assert_eq!(shifted, 13);
        let mut done = false;
        runtime::select! {
            _ = ready(()) => done = 1 <= 2 && 3 >= 2,
            _ = pending::<()>() => done = false,
        }
        assert!(done);
    });
}

#[test]
fn every_kind_of_pattern_may_stand_in_a_branch() {
    #[derive(Debug, PartialEq)]
    struct Point {
        x: i32,
        name: String,
    }
    let point = || Point {
        x: 7,
        name: "seven".to_owned(),
    };
    const LIMIT: u8 = 3;
    block_on(async {
        let by_move = runtime::select! { Point { name, .. } = ready(point()) => name };
        assert_eq!(by_move, "seven");
        let whole =
            runtime::select! { p @ Point { x: 1..=9, .. } = ready(point()) => p, else => point() };
        assert_eq!(whole, point());
        let length = runtime::select! { Point { ref name, .. } = ready(point()) => name.len() };
        assert_eq!(length, 5);
        let changed = runtime::select! {
            Point { ref mut x, .. } = ready(point()) => { *x += 1; *x }
        };
        assert_eq!(changed, 8);
        let pushed = runtime::select! { mut list = ready(vec![1]) => { list.push(2); list } };
        assert_eq!(pushed, [1, 2]);
        let copied = runtime::select! { &value = ready(&5) => value + 1 };
        assert_eq!(copied, 6);
        let either = runtime::select! { Ok(x) | Err(x) = ready(Err::<i32, i32>(4)) => x };
        assert_eq!(either, 4);
        let leading = runtime::select! { | Some(1) | None = ready(Some(1)) => true, else => false };
        assert!(leading);
        let tuple = runtime::select! { (a, [b, ..]) = ready((1, [2, 3])) => a + b };
        assert_eq!(tuple, 3);
        let range = runtime::select! { 1..=3 = ready(2) => true, else => false };
        assert!(range);
        let constant = runtime::select! { LIMIT = ready(4) => true, else => false };
        assert!(!constant);
        let text = runtime::select! { "yes" = ready("yes") => true, else => false };
        assert!(text);
    });
}

#[test]
fn a_value_that_does_not_match_disables_its_branch_for_this_call_only() {
    block_on(async {
        let polls = Cell::new(0);
        let value = runtime::select! {
            biased;
            Some(x) = async { polls.set(polls.get() + 1); None::<u32> } => x,
            x = after(3, 9) => x,
        };
        assert_eq!((value, polls.get()), (9, 1), "polled once, then left alone");
        for _ in 0..3 {
            runtime::select! {
                Some(()) = async { polls.set(polls.get() + 1); None } => {}
                else => {}
            }
        }
        assert_eq!(polls.get(), 4, "and enabled again in the next call");
    });
}

#[test]
fn conditions_come_first_then_all_futures_in_order_and_disabled_ones_are_not_polled() {
    let log = RefCell::new(Vec::new());
    let say = |word: &'static str| log.borrow_mut().push(word);
    let condition = |word, value| {
        say(word);
        value
    };
    let future = |word, polled: &'static str| {
        say(word);
        let log = &log;
        async move { log.borrow_mut().push(polled) }
    };
    block_on(async {
        runtime::select! {
            biased;
            _ = future("future 1", "poll 1"), if condition("if 1", false) => say("handler 1"),
            _ = future("future 2", "poll 2"), if condition("if 2", true) => say("handler 2"),
            _ = future("future 3", "poll 3") => say("handler 3"),
        }
    });
    let told = log.borrow().join(", ");
    assert_eq!(
        told,
        "if 1, if 2, future 1, future 2, future 3, poll 2, handler 2"
    );
}

#[test]
fn the_futures_are_gone_when_the_handler_runs_so_it_may_use_what_they_borrowed() {
    struct Flag<'a>(&'a Cell<bool>);
    impl Drop for Flag<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    async fn wait_for(count: &mut u32) {
        *count += 1;
        pending::<()>().await;
    }
    block_on(async {
        let dropped = Cell::new(false);
        let flag = Flag(&dropped);
        let mut count = 0;
        runtime::select! {
            biased;
            _ = wait_for(&mut count) => count += 100,
            _ = async { let _flag = flag; pending::<()>().await } => count += 100,
            _ = after(1, ()) => {
                assert!(dropped.get());
                count += 10;
            }
        }
        assert_eq!(count, 11);
    });
}

#[test]
fn handlers_and_futures_stand_in_the_scope_around_the_macro() {
    fn check(sum: u32) -> Result<impl Future<Output = u32>, String> {
        if sum < 50 {
            Ok(ready(sum))
        } else {
            Err("too much".to_owned())
        }
    }
    async fn run(steps: &[Result<u32, &str>]) -> Result<u32, String> {
        let mut sum = 0;
        for step in steps {
            runtime::select! {
                value = ready(*step) => {
                    let value = value.map_err(str::to_owned)?;
                    match value {
                        0 => continue,
                        99 => break,
                        100 => return Ok(100),
                        _ => sum += ready(value).await,
                    }
                }
            }
        }
        Ok(runtime::select! { sum = check(sum)? => sum })
    }
    assert_eq!(block_on(run(&[Ok(1), Ok(0), Ok(2)])), Ok(3));
    assert_eq!(block_on(run(&[Ok(1), Ok(99), Ok(2)])), Ok(1));
    assert_eq!(block_on(run(&[Ok(1), Ok(100), Ok(2)])), Ok(100));
    assert_eq!(block_on(run(&[Ok(1), Err("no")])), Err("no".to_owned()));
    assert_eq!(block_on(run(&[Ok(50)])), Err("too much".to_owned()));
}

#[test]
fn else_may_stand_alone() {
    block_on(async {
        assert_eq!(runtime::select! { else => 1 }, 1);
        assert_eq!(runtime::select! { biased; else => { 2 }, }, 2);
    });
}

#[test]
fn without_else_it_panics_at_its_own_line_when_all_branches_are_disabled() {
    let (tell, told) = mpsc::channel();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|l| (l.file().to_owned(), l.line()));
        let text = info.payload().downcast_ref::<&str>();
        let _ = tell.send((place, text.copied().unwrap_or_default().to_owned()));
    }));
    let line = line!() + 3;
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| {
        block_on(async {
            runtime::select! { Some(x) = ready(None::<u32>) => x }
        })
    }));
    std::panic::set_hook(before);
    assert!(result.is_err());
    let (place, text) = told
        .try_iter()
        .find(|(_, text)| text.contains("disabled"))
        .expect("it panicked with its message");
    assert_eq!(place, Some((file!().to_owned(), line)));
    assert!(text.starts_with("all branches are disabled and there is no else branch"));
    assert!(text.contains("add `else => ...`"), "{text}");
}

#[test]
fn whatever_becomes_a_future_is_taken() {
    struct Soon(u32);
    impl IntoFuture for Soon {
        type Output = u32;
        type IntoFuture = futures::future::Ready<u32>;
        fn into_future(self) -> Self::IntoFuture {
            ready(self.0)
        }
    }
    assert_eq!(
        block_on(async {
            runtime::select! { x = Soon(4) => x }
        }),
        4
    );
}

#[test]
fn a_future_outlives_the_call_when_it_is_selected_by_reference() {
    block_on(async {
        let job = after(5, 8);
        runtime::pin!(job);
        let mut rounds = 0;
        let value = loop {
            runtime::select! {
                biased;
                value = &mut job => break value,
                _ = ready(()) => rounds += 1,
            }
        };
        assert_eq!((value, rounds), (8, 5));
    });
}

#[test]
fn one_may_stand_in_another_and_in_a_macro() {
    macro_rules! first {
        ($pattern:pat, $future:expr, $condition:expr, $handler:block) => {
            runtime::select! { $pattern = $future, if $condition => $handler else => 0 }
        };
    }
    block_on(async {
        let value = runtime::select! {
            x = async { runtime::select! { y = ready(3) => y + 1, _ = pending::<()>() => 0 } } => {
                runtime::select! { z = ready(x) => z * 2, else => 0 }
            }
        };
        assert_eq!(value, 8);
        assert_eq!(first!(Some(_), ready(Some(2)), true, { 2 }), 2);
        assert_eq!(first!(_, ready(()), false, { 1 }), 0);
    });
}

#[test]
fn the_names_of_the_expansion_cannot_be_seen_by_the_user() {
    block_on(async {
        let (output, disabled, pending, start, turn, future0) = (1, 2, 4, 8, 16, 32);
        let (value, matched, cx, enabled) = (64, 128, 256, 512);
        let sum = runtime::select! {
            x = ready(output + disabled + pending), if enabled == 512 => {
                x + start + turn + future0 + value + matched + cx + enabled
            }
            else => output
        };
        assert_eq!(sum, 1023);
    });
}

#[test]
#[deny(warnings, clippy::all)]
fn nothing_is_warned_about_that_the_user_did_not_write() {
    enum Never {}
    async fn for_ever() -> Never {
        pending().await
    }
    block_on(async {
        let mut total = 0;
        runtime::select! {
            never = for_ever() => match never {},
            x = ready(1) => total += x,
            _ = async { loop { after(1, ()).await } } => {}
        }
        assert_eq!(total, 1);
        runtime::select! {
            Some(x) = ready(Some(1)) => total += x,
            else => {}
        }
        assert_eq!(total, 2);
    });
}

#[test]
fn sixty_four_branches_are_taken_without_a_higher_recursion_limit() {
    let value = block_on(async {
        runtime::select! {
            biased;
            _ = pending::<()>() => 0,  _ = pending::<()>() => 1,  _ = pending::<()>() => 2,
            _ = pending::<()>() => 3,  _ = pending::<()>() => 4,  _ = pending::<()>() => 5,
            _ = pending::<()>() => 6,  _ = pending::<()>() => 7,  _ = pending::<()>() => 8,
            _ = pending::<()>() => 9,  _ = pending::<()>() => 10, _ = pending::<()>() => 11,
            _ = pending::<()>() => 12, _ = pending::<()>() => 13, _ = pending::<()>() => 14,
            _ = pending::<()>() => 15, _ = pending::<()>() => 16, _ = pending::<()>() => 17,
            _ = pending::<()>() => 18, _ = pending::<()>() => 19, _ = pending::<()>() => 20,
            _ = pending::<()>() => 21, _ = pending::<()>() => 22, _ = pending::<()>() => 23,
            _ = pending::<()>() => 24, _ = pending::<()>() => 25, _ = pending::<()>() => 26,
            _ = pending::<()>() => 27, _ = pending::<()>() => 28, _ = pending::<()>() => 29,
            _ = pending::<()>() => 30, _ = pending::<()>() => 31, _ = pending::<()>() => 32,
            _ = pending::<()>() => 33, _ = pending::<()>() => 34, _ = pending::<()>() => 35,
            _ = pending::<()>() => 36, _ = pending::<()>() => 37, _ = pending::<()>() => 38,
            _ = pending::<()>() => 39, _ = pending::<()>() => 40, _ = pending::<()>() => 41,
            _ = pending::<()>() => 42, _ = pending::<()>() => 43, _ = pending::<()>() => 44,
            _ = pending::<()>() => 45, _ = pending::<()>() => 46, _ = pending::<()>() => 47,
            _ = pending::<()>() => 48, _ = pending::<()>() => 49, _ = pending::<()>() => 50,
            _ = pending::<()>() => 51, _ = pending::<()>() => 52, _ = pending::<()>() => 53,
            _ = pending::<()>() => 54, _ = pending::<()>() => 55, _ = pending::<()>() => 56,
            _ = pending::<()>() => 57, _ = pending::<()>() => 58, _ = pending::<()>() => 59,
            _ = pending::<()>() => 60, _ = pending::<()>() => 61, _ = pending::<()>() => 62,
            _ = after(2, ()) => 63,
        }
    });
    assert_eq!(value, 63);
}

#[test]
fn of_branches_that_are_always_ready_each_has_its_share() {
    let mut counts = [0u32; 5];
    block_on(async {
        for _ in 0..50_000 {
            let index: usize = runtime::select! {
                _ = ready(()) => 0,
                _ = ready(()) => 1,
                _ = ready(()) => 2,
                _ = ready(()) => 3,
                _ = ready(()) => 4,
            };
            counts[index] += 1;
        }
    });
    // The mean is 10,000, one standard deviation 90.
    for count in counts {
        assert!((9_300..10_700).contains(&count), "{counts:?}");
    }
}

#[test]
fn biased_takes_the_first_that_is_ready_in_the_order_of_writing() {
    block_on(async {
        for _ in 0..1_000 {
            let index = runtime::select! {
                biased;
                _ = pending::<()>() => 0,
                _ = ready(()) => 1,
                _ = ready(()) => 2,
            };
            assert_eq!(index, 1);
        }
    });
}

/// A branch for the property tests: may it run, when is it ready, does it match.
#[derive(Clone, Copy, Debug)]
struct Plan {
    enabled: bool,
    ready_after: u32,
    matches: bool,
}

/// What `biased;` must give for `plans`: the branch that is ready first and matches,
/// the earlier one of two; `None` for `else`.
fn expected(plans: &[Plan; 4]) -> Option<usize> {
    let able = |index: &usize| plans[*index].enabled && plans[*index].matches;
    (0..plans.len())
        .filter(able)
        .min_by_key(|index| (plans[*index].ready_after, *index))
}

fn plan() -> impl Strategy<Value = Plan> {
    (any::<bool>(), 0..5u32, any::<bool>()).prop_map(|(enabled, ready_after, matches)| Plan {
        enabled,
        ready_after,
        matches,
    })
}

proptest! {
    #[test]
    fn with_biased_the_winner_is_that_of_the_reference(p in [plan(), plan(), plan(), plan()]) {
        let winner = block_on(async {
            runtime::select! {
                biased;
                true = after(p[0].ready_after, p[0].matches), if p[0].enabled => Some(0),
                true = after(p[1].ready_after, p[1].matches), if p[1].enabled => Some(1),
                true = after(p[2].ready_after, p[2].matches), if p[2].enabled => Some(2),
                true = after(p[3].ready_after, p[3].matches), if p[3].enabled => Some(3),
                else => None,
            }
        });
        prop_assert_eq!(winner, expected(&p));
    }

    #[test]
    fn without_biased_the_winner_is_one_of_those_that_are_ready_first(
        p in [plan(), plan(), plan(), plan()]
    ) {
        let winner: Option<usize> = block_on(async {
            runtime::select! {
                true = after(p[0].ready_after, p[0].matches), if p[0].enabled => Some(0),
                true = after(p[1].ready_after, p[1].matches), if p[1].enabled => Some(1),
                true = after(p[2].ready_after, p[2].matches), if p[2].enabled => Some(2),
                true = after(p[3].ready_after, p[3].matches), if p[3].enabled => Some(3),
                else => None,
            }
        });
        let turn = |index: usize| p[index].ready_after;
        prop_assert_eq!(winner.map(turn), expected(&p).map(turn));
        if let Some(index) = winner {
            prop_assert!(p[index].enabled && p[index].matches);
        }
    }
}

#[test]
fn a_future_whose_type_nobody_says_is_taken_for_one_that_never_ends() {
    let never = poll_fn(|_| panic!("polled although it is disabled"));
    block_on(async {
        runtime::select! {
            _ = never, if false => unreachable!(),
            _ = ready(()) => {}
        }
    });
}

#[test]
fn a_future_may_be_borrowed_from_a_temporary() {
    block_on(async {
        runtime::select! {
            x = &mut std::future::ready(1) => assert_eq!(x, 1),
        }
    });
}

#[test]
fn without_budget_it_waits_although_a_branch_that_spends_none_is_ready() {
    let runtime = runtime::rt::Builder::new_current_thread().build().unwrap();
    let others = runtime.block_on(async {
        let other = runtime::spawn(async {});
        while !other.is_finished() {
            runtime::select! {
                biased;
                () = runtime::task::consume_budget() => {}
                () = std::future::ready(()) => {}
            }
        }
        other.await
    });
    others.unwrap();
}
