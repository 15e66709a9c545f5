//! What a timer arms, notes and weighs.

use super::*;
use crate::rt::Builder;
use crate::time::{interval, timeout};
use std::pin::pin;

/// Whether any timer is armed in the current runtime.
fn is_any_armed() -> bool {
    rt::with_driver(|driver| {
        let timers = &driver.timers;
        (0..timers.shards()).any(|shard| timers.next_exact(shard).is_some())
    })
}

#[test]
fn a_sleep_takes_48_bytes() {
    assert_eq!(size_of::<Sleep>(), 48);
    assert_eq!(size_of::<Option<Timer>>(), 48);
}

#[test]
fn only_a_poll_before_the_deadline_arms_a_timer() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let _guard = runtime.enter();
    let mut cx = Context::from_waker(Waker::noop());
    let hour = Duration::from_secs(3600);
    let past = Instant::now();
    drop(sleep(hour));
    drop(interval(hour));
    let mut over = pin!(sleep_until(past));
    assert!(over.as_mut().poll(&mut cx).is_ready());
    over.as_mut().reset(Instant::now() + hour);
    assert!(!over.is_elapsed());
    assert!(pin!(sleep(Duration::ZERO)).poll(&mut cx).is_ready());
    assert!(pin!(timeout(hour, async {})).poll(&mut cx).is_ready());
    assert!(interval(hour).poll_tick(&mut cx).is_ready());
    assert!(!is_any_armed());
    assert!(over.poll(&mut cx).is_pending());
    assert!(is_any_armed());
}

#[test]
fn a_timer_that_is_dropped_or_reset_to_now_is_not_armed_any_more() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let _guard = runtime.enter();
    let mut cx = Context::from_waker(Waker::noop());
    let mut timer = Timer::new(Instant::now() + Duration::from_secs(3600), State::Idle);
    assert!(timer.poll(&mut cx).is_pending());
    assert!(is_any_armed());
    drop(timer);
    assert!(!is_any_armed());
    let mut timer = Timer::new(Instant::now() + Duration::from_secs(3600), State::Idle);
    assert!(timer.poll(&mut cx).is_pending());
    timer.reset_to_now();
    assert!(!is_any_armed());
    assert!(timer.poll(&mut cx).is_ready());
}

#[test]
fn a_pending_sleep_notes_its_key_and_where_it_was_made() {
    let runtime = Builder::new_current_thread()
        .start_paused(true)
        .build()
        .unwrap();
    let _guard = runtime.enter();
    let mut cx = Context::from_waker(Waker::noop());
    let line = line!() + 1;
    let mut sleep = pin!(sleep(Duration::from_millis(1234)));
    wait::clear();
    assert!(sleep.as_mut().poll(&mut cx).is_pending());
    let noted = wait::take();
    assert_eq!(noted.kind, wait::Kind::Timer);
    assert_ne!(noted.resource, 0, "{noted:?}");
    assert_eq!(noted.location.map(Location::line), Some(line));
}
