use super::*;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::task::Wake;

const TICK: Duration = Duration::from_nanos(1 << GRAIN);

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A waker, and the number of wake-ups it has seen.
fn waker() -> (Waker, Arc<Count>) {
    let count = Arc::new(Count::default());
    (Waker::from(count.clone()), count)
}

fn wakes(count: &Count) -> usize {
    count.0.load(Ordering::Relaxed)
}

fn timers() -> (Timers, Instant) {
    let start = Instant::now();
    (Timers::new(start, 2), start)
}

/// Fires what is due in shard 0, and wakes it.
fn fire(timers: &Timers, now: Instant, precision: Precision) -> usize {
    let mut wakers = Vec::new();
    let fired = timers.fire_due(0, timers.nanos(now), precision, &mut wakers);
    wakers.into_iter().for_each(Waker::wake);
    fired
}

fn arm(timers: &Timers, deadline: Instant, waker: &Waker) -> (Option<TimerKey>, bool) {
    let armed = timers.arm(0, deadline, waker).expect("open");
    (Some(armed.key), armed.earlier)
}

#[test]
fn a_running_clock_fires_at_the_end_of_the_tick_and_never_early() {
    let (timers, start) = timers();
    let (waker, count) = waker();
    let deadline = start + TICK * 3 + Duration::from_nanos(1);
    let (mut key, earlier) = arm(&timers, deadline, &waker);
    assert!(earlier);
    let end = start + TICK * 4;
    assert_eq!(timers.next_deadline(0), Some(end));
    assert_eq!(timers.next_deadline(1), None);
    let before = end - Duration::from_nanos(1);
    assert_eq!(fire(&timers, before, Precision::Tick), 0);
    assert!(timers.poll(&mut key, &waker).is_pending());
    assert_eq!(fire(&timers, end, Precision::Tick), 1);
    assert_eq!(wakes(&count), 1);
    assert_eq!(timers.poll(&mut key, &waker), Poll::Ready(Ok(())));
    assert!(key.is_none());
    assert_eq!(timers.next_deadline(0), None);
}

#[test]
fn a_clock_that_stands_still_is_moved_from_deadline_to_deadline() {
    let (timers, start) = timers();
    let (waker, count) = waker();
    let deadlines = [1, 7, 1_000, 65_536, 1_000_000, 5_000_000_000].map(Duration::from_nanos);
    let keys = deadlines.map(|after| arm(&timers, start + after, &waker).0);
    for (index, after) in deadlines.into_iter().enumerate() {
        assert_eq!(timers.next_exact(0), Some(start + after));
        let before = start + after - Duration::from_nanos(1);
        assert_eq!(fire(&timers, before, Precision::Exact), 0);
        assert_eq!(fire(&timers, start + after, Precision::Exact), 1);
        assert_eq!(wakes(&count), index + 1);
    }
    assert_eq!(timers.next_exact(0), None);
    keys.into_iter()
        .flatten()
        .for_each(|key| assert!(!timers.cancel(key)));
}

#[test]
fn a_cancelled_timer_is_not_announced_to_a_clock_that_stands_still() {
    let (timers, start) = timers();
    let (waker, _) = waker();
    let (key, _) = arm(&timers, start + TICK, &waker);
    assert!(timers.cancel(key.expect("armed")));
    assert_eq!(timers.next_exact(0), None);
    // A sleeper looks once, and then knows better.
    let end = timers.next_deadline(0).expect("what was announced stays");
    assert_eq!(fire(&timers, end, Precision::Tick), 0);
    assert_eq!(timers.next_deadline(0), None);
}

#[test]
fn only_a_timer_before_all_others_says_that_it_is_earlier() {
    let (timers, start) = timers();
    let (waker, _) = waker();
    let mut keys = Vec::new();
    for (ticks, expected) in [(100, true), (200, false), (100, false), (50, true)] {
        let (key, earlier) = arm(&timers, start + TICK * ticks, &waker);
        assert_eq!(earlier, expected, "{ticks}");
        keys.extend(key);
    }
    assert_eq!(timers.reset(&keys[1], start + TICK * 60), Ok(false));
    assert_eq!(timers.reset(&keys[1], start + TICK * 10), Ok(true));
    keys.into_iter().for_each(|key| assert!(timers.cancel(key)));
}

#[test]
fn deadlines_outside_of_what_64_bits_can_say_are_the_first_and_the_last() {
    let start = Instant::now() + Duration::from_secs(10);
    let timers = Timers::new(start, 1);
    let (waker, count) = waker();
    let far = start
        .checked_add(Duration::from_secs(u64::MAX / 4))
        .unwrap();
    let (mut far_key, _) = arm(&timers, far, &waker);
    assert_eq!(timers.next_deadline(0), None, "beyond all ticks' ends");
    assert!(timers.next_exact(0).is_none_or(|at| at < far));
    let past = start - Duration::from_secs(5);
    let (mut past_key, earlier) = arm(&timers, past, &waker);
    assert!(earlier);
    assert_eq!(fire(&timers, start + TICK, Precision::Tick), 1);
    assert_eq!(timers.poll(&mut past_key, &waker), Poll::Ready(Ok(())));
    let nearly = start + Duration::from_secs(3_600 * 24 * 365 * 500);
    assert_eq!(fire(&timers, nearly, Precision::Exact), 0);
    assert!(timers.poll(&mut far_key, &waker).is_pending());
    assert_eq!(wakes(&count), 1);
    assert!(timers.cancel(far_key.expect("armed")));
}

#[test]
fn a_passed_deadline_fires_on_the_next_look_though_time_stands_still() {
    let (timers, start) = timers();
    let (waker, _) = waker();
    let now = start + TICK * 1_000;
    assert_eq!(fire(&timers, now, Precision::Tick), 0);
    let (late, _) = arm(&timers, now - TICK * 5, &waker);
    assert_eq!(fire(&timers, now, Precision::Tick), 1);
    let (again, _) = arm(&timers, now - TICK * 7, &waker);
    assert_eq!(fire(&timers, now, Precision::Tick), 1);
    [late, again]
        .into_iter()
        .flatten()
        .for_each(|key| assert!(!timers.cancel(key)));
}

#[test]
fn a_reset_moves_the_deadline_both_ways_and_keeps_the_waker() {
    let (timers, start) = timers();
    let (waker, count) = waker();
    let (mut key, _) = arm(&timers, start + TICK * 10, &waker);
    let timer = key.as_ref().expect("armed");
    timers.reset(timer, start + TICK * 1_000).expect("open");
    assert_eq!(fire(&timers, start + TICK * 999, Precision::Tick), 0);
    timers.reset(timer, start).expect("open");
    assert_eq!(fire(&timers, start + TICK * 999, Precision::Tick), 1);
    assert_eq!(wakes(&count), 1);
    // It fired: reset arms it again, and a poll brings the waker.
    timers.reset(timer, start + TICK * 2_000).expect("open");
    assert!(timers.poll(&mut key, &waker).is_pending());
    assert_eq!(fire(&timers, start + TICK * 2_001, Precision::Tick), 1);
    assert_eq!(wakes(&count), 2);
    assert_eq!(timers.poll(&mut key, &waker), Poll::Ready(Ok(())));
}

#[test]
fn a_poll_with_another_waker_replaces_the_first() {
    let (timers, start) = timers();
    let ((first, first_count), (second, second_count)) = (waker(), waker());
    let (mut key, _) = arm(&timers, start, &first);
    assert!(timers.poll(&mut key, &first).is_pending());
    assert_eq!(Arc::strong_count(&first_count), 3, "not cloned in vain");
    assert!(timers.poll(&mut key, &second).is_pending());
    assert_eq!(Arc::strong_count(&first_count), 2);
    assert_eq!(fire(&timers, start + TICK, Precision::Tick), 1);
    assert_eq!((wakes(&first_count), wakes(&second_count)), (0, 1));
    assert!(timers.poll(&mut key, &first).is_ready());
}

#[test]
fn a_slot_is_used_again_only_after_its_owner_gave_it_up() {
    let (timers, start) = timers();
    let (waker, _) = waker();
    let (first, _) = arm(&timers, start, &waker);
    let first = first.expect("armed");
    assert_eq!(fire(&timers, start + TICK, Precision::Tick), 1);
    let (second, _) = arm(&timers, start, &waker);
    let second = second.expect("armed");
    assert_ne!(first.index, second.index, "fired, but still owned");
    let index = first.index;
    assert!(!timers.cancel(first));
    let (third, _) = arm(&timers, start, &waker);
    let third = third.expect("armed");
    assert_eq!(third.index, index);
    assert_eq!(third.shard(), 0);
    timers.cancel(second);
    timers.cancel(third);
}

#[test]
fn a_close_ends_what_has_not_fired_and_refuses_what_comes_later() {
    let (timers, start) = timers();
    let (waker, count) = waker();
    let (mut fired, _) = arm(&timers, start, &waker);
    assert_eq!(fire(&timers, start + TICK, Precision::Tick), 1);
    let (mut pending, _) = arm(&timers, start + TICK * 9, &waker);
    let (cancelled, _) = arm(&timers, start + TICK * 9, &waker);
    let mut wakers = Vec::new();
    timers.close(&mut wakers);
    assert_eq!(wakers.len(), 2);
    wakers.into_iter().for_each(Waker::wake);
    assert_eq!(wakes(&count), 3);
    assert_eq!(timers.next_deadline(0), None);
    assert_eq!(timers.next_exact(0), None);
    assert_eq!(fire(&timers, start + TICK * 99, Precision::Tick), 0);
    assert_eq!(timers.reset(pending.as_ref().unwrap(), start), Err(Closed));
    assert_eq!(timers.poll(&mut fired, &waker), Poll::Ready(Ok(())));
    assert_eq!(timers.poll(&mut pending, &waker), Poll::Ready(Err(Closed)));
    assert!(timers.cancel(cancelled.expect("armed")));
    assert_eq!(timers.arm(0, start, &waker).unwrap_err(), Closed);
    timers.close(&mut Vec::new());
    assert_eq!(Arc::strong_count(&count), 2, "no waker is left behind");
}

#[test]
fn many_timers_fire_each_once_and_in_the_order_of_their_ticks() {
    let (timers, start) = timers();
    let count = 5_000u32;
    let mut keys = Vec::new();
    let mut counts = Vec::new();
    for index in 0..count {
        let (waker, count) = waker();
        let ticks = index.wrapping_mul(2_654_435_761) % 10_000;
        keys.extend(arm(&timers, start + TICK * ticks, &waker).0);
        counts.push((ticks, count));
    }
    let mut now = start;
    let mut fired = 0;
    while let Some(next) = timers.next_deadline(0) {
        assert!(next > now, "time goes on");
        now = next;
        fired += fire(&timers, now, Precision::Tick);
        for (ticks, count) in counts.iter().step_by(97) {
            assert_eq!(wakes(count) == 1, start + TICK * (ticks + 1) <= now);
        }
    }
    assert_eq!(fired, count as usize);
    keys.into_iter().for_each(|key| {
        timers.cancel(key);
    });
}

/// Measures; `cargo test --release --lib pair_costs -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn an_uncontended_arm_and_cancel_pair_costs() {
    const PAIRS: u32 = 10_000_000;
    let (timers, start) = timers();
    let (waker, _) = waker();
    let others: Vec<_> = (1..1_000)
        .map(|n| arm(&timers, start + TICK * n * 100, &waker))
        .collect();
    let deadline = start + Duration::from_secs(30);
    let began = Instant::now();
    for n in 0..PAIRS {
        let after = Duration::from_micros(u64::from(n % 1024));
        let armed = timers.arm(0, deadline + after, &waker).expect("open");
        assert!(timers.cancel(armed.key));
    }
    let spent = began.elapsed();
    println!("arm and cancel: {:?} a pair", spent / PAIRS);
    let began = Instant::now();
    for _ in 0..PAIRS {
        std::hint::black_box(waker.clone());
    }
    println!("of which the waker: {:?}", began.elapsed() / PAIRS);
    drop(others);
}
