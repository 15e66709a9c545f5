//! What intervals promise, compared with a simple reference on a paused clock.

use proptest::prelude::*;
use runtime::rt::{Builder, Runtime};
use runtime::time::{
    self, Duration, Instant, MissedTickBehavior, interval, interval_at, sleep, timeout,
};
use std::future::poll_fn;
use std::task::Poll;

fn paused() -> Runtime {
    Builder::new_current_thread()
        .start_paused(true)
        .build()
        .unwrap()
}

/// What a program does with an interval; times in microseconds.
#[derive(Clone, Copy, Debug)]
enum Step {
    Tick,
    Work(u64),
    Reset,
    ResetImmediately,
    ResetAfter(u64),
    ResetAt(u64),
    Behave(MissedTickBehavior),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let time = 0..30_000u64;
    let behavior = prop_oneof![
        Just(MissedTickBehavior::Burst),
        Just(MissedTickBehavior::Delay),
        Just(MissedTickBehavior::Skip),
    ];
    let step = prop_oneof![
        6 => Just(Step::Tick),
        4 => time.clone().prop_map(Step::Work),
        1 => Just(Step::Reset),
        1 => Just(Step::ResetImmediately),
        1 => time.clone().prop_map(Step::ResetAfter),
        1 => time.prop_map(Step::ResetAt),
        1 => behavior.prop_map(Step::Behave),
    ];
    proptest::collection::vec(step, 1..60)
}

/// An interval as a child would write it: in microseconds, without any clever arithmetic.
struct Reference {
    now: u64,
    due: u64,
    period: u64,
    behavior: MissedTickBehavior,
}

impl Reference {
    fn tick(&mut self) -> u64 {
        self.now = self.now.max(self.due);
        let due = self.due;
        let missed = self.now > due + 5000;
        self.due = match self.behavior {
            MissedTickBehavior::Delay if missed => self.now + self.period,
            MissedTickBehavior::Skip if missed => {
                let mut next = due;
                while next <= self.now {
                    next += self.period;
                }
                next
            }
            _ => due + self.period,
        };
        due
    }

    fn take(&mut self, step: Step) -> Option<u64> {
        match step {
            Step::Tick => return Some(self.tick()),
            Step::Work(time) => self.now += time,
            Step::Reset => self.due = self.now + self.period,
            Step::ResetImmediately => self.due = self.now,
            Step::ResetAfter(time) => self.due = self.now + time,
            Step::ResetAt(time) => self.due = time,
            Step::Behave(behavior) => self.behavior = behavior,
        }
        None
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_interval_does_what_its_reference_does(
        period in 1..20_000u64,
        first in 0..50_000u64,
        steps in steps(),
    ) {
        let mut reference = Reference {
            now: 0,
            due: first,
            period,
            behavior: MissedTickBehavior::Burst,
        };
        paused().block_on(async {
            let micros = Duration::from_micros;
            let start = Instant::now();
            let mut ticks = interval_at(start + micros(first), micros(period));
            for step in steps {
                let mut due = None;
                match step {
                    Step::Tick => due = Some(ticks.tick().await),
                    Step::Work(time) => time::advance(micros(time)).await,
                    Step::Reset => ticks.reset(),
                    Step::ResetImmediately => ticks.reset_immediately(),
                    Step::ResetAfter(time) => ticks.reset_after(micros(time)),
                    Step::ResetAt(time) => ticks.reset_at(start + micros(time)),
                    Step::Behave(behavior) => {
                        ticks.set_missed_tick_behavior(behavior);
                        prop_assert_eq!(ticks.missed_tick_behavior(), behavior);
                    }
                }
                let due = due.map(|due| (due - start).as_micros() as u64);
                prop_assert_eq!(due, reference.take(step), "{:?}", step);
                prop_assert_eq!(start.elapsed(), micros(reference.now), "{:?}", step);
            }
            prop_assert_eq!(ticks.period(), micros(period));
            Ok(())
        })?;
    }
}

#[test]
fn the_first_tick_comes_at_once_or_at_the_given_time() {
    paused().block_on(async {
        let start = Instant::now();
        assert_eq!(interval(Duration::from_secs(5)).tick().await, start);
        assert_eq!(start.elapsed(), Duration::ZERO);
        let at = start + Duration::from_secs(7);
        let mut ticks = interval_at(at, Duration::from_secs(5));
        assert_eq!(ticks.tick().await, at);
        assert_eq!(start.elapsed(), Duration::from_secs(7));
        assert_eq!(ticks.tick().await, at + Duration::from_secs(5));
    });
}

#[test]
fn a_tick_that_is_given_up_is_not_lost() {
    paused().block_on(async {
        let start = Instant::now();
        let mut ticks = interval(Duration::from_secs(10));
        ticks.tick().await;
        for _ in 0..3 {
            let given_up = timeout(Duration::from_secs(2), ticks.tick()).await;
            assert!(given_up.is_err());
        }
        assert_eq!(ticks.tick().await, start + Duration::from_secs(10));
    });
}

#[test]
fn a_reset_while_somebody_waits_for_the_tick_takes_effect() {
    paused().block_on(async {
        let start = Instant::now();
        let mut ticks = interval(Duration::from_secs(3600));
        ticks.tick().await;
        let pending = poll_fn(|cx| Poll::Ready(ticks.poll_tick(cx).is_pending()));
        assert!(pending.await);
        ticks.reset_after(Duration::from_secs(1));
        sleep(Duration::from_secs(2)).await;
        assert_eq!(ticks.tick().await, start + Duration::from_secs(1));
        ticks.reset_immediately();
        assert_eq!(ticks.tick().await, start + Duration::from_secs(2));
    });
}

#[test]
fn a_period_without_end_gives_one_tick_in_decades() {
    paused().block_on(async {
        let start = Instant::now();
        let mut ticks = interval(Duration::MAX);
        assert_eq!(ticks.tick().await, start);
        let second = timeout(Duration::from_secs(900_000_000), ticks.tick());
        assert!(second.await.is_err());
        ticks.reset();
        let second = timeout(Duration::from_secs(1), ticks.tick());
        assert!(second.await.is_err());
        ticks.reset_after(Duration::from_secs(1));
        ticks.tick().await;
    });
}

#[test]
fn an_interval_that_is_always_late_does_not_starve_the_others() {
    paused().block_on(async {
        let mut ticks = interval(Duration::from_nanos(1));
        time::advance(Duration::from_secs(1)).await;
        let counting = runtime::spawn(async move {
            loop {
                ticks.tick().await;
            }
        });
        for _ in 0..10 {
            runtime::task::yield_now().await;
        }
        counting.abort();
        assert!(counting.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn a_tick_that_was_waited_for_and_is_reset_to_now_is_there_at_the_next_poll() {
    paused().block_on(async {
        let mut ticks = interval(Duration::from_secs(3));
        ticks.tick().await;
        time::advance(Duration::from_secs(1)).await;
        let mut poll = async || poll_fn(|cx| Poll::Ready(ticks.poll_tick(cx))).await;
        assert!(poll().await.is_pending());
        ticks.reset_immediately();
        let mut poll = async || poll_fn(|cx| Poll::Ready(ticks.poll_tick(cx))).await;
        assert_eq!(poll().await, Poll::Ready(Instant::now()));
        assert!(poll().await.is_pending());
    });
}
