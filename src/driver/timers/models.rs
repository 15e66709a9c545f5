use super::*;
use crate::base::parker::Parker;
use crate::base::sync::atomic::AtomicUsize;
use crate::base::sync::{Arc, thread};
use std::task::Wake;

const TICK: Duration = Duration::from_nanos(1 << GRAIN);

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn waker() -> (Waker, std::sync::Arc<Count>) {
    let count = std::sync::Arc::new(Count(AtomicUsize::new(0)));
    (Waker::from(count.clone()), count)
}

fn wakes(count: &Count) -> usize {
    count.0.load(Ordering::Relaxed)
}

/// Only the waker that the test itself holds, and the counter, are left.
fn nobody_keeps(count: &std::sync::Arc<Count>) {
    assert_eq!(std::sync::Arc::strong_count(count), 2);
}

fn fire(timers: &Timers, now: Instant) -> usize {
    let mut wakers = Vec::new();
    let fired = timers.fire_due(0, timers.nanos(now), Precision::Tick, &mut wakers);
    wakers.into_iter().for_each(Waker::wake);
    fired
}

fn arm(timers: &Timers, deadline: Instant, waker: &Waker) -> Option<TimerKey> {
    Some(timers.arm(0, deadline, waker).expect("open").key)
}

/// Runs `model` with timers of one shard.
fn explore(model: impl Fn(Arc<Timers>, Instant) + Sync + Send + 'static) {
    let start = Instant::now();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || model(Arc::new(Timers::new(start, 1)), start));
}

fn spawn<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    thread::Builder::new().spawn(f).expect("a model's thread")
}

#[test]
fn a_timer_that_is_cancelled_while_it_fires_is_either_fired_or_cancelled() {
    explore(|timers, start| {
        let (waker, count) = waker();
        let key = arm(&timers, start, &waker).expect("armed");
        let theirs = timers.clone();
        let canceller = spawn(move || theirs.cancel(key));
        let fired = fire(&timers, start + TICK);
        let cancelled = canceller.join().expect("no panic");
        assert_eq!(fired, usize::from(!cancelled));
        assert_eq!(wakes(&count), fired);
        nobody_keeps(&count);
        // The slot is free, and only once.
        let (one, two) = (arm(&timers, start, &waker), arm(&timers, start, &waker));
        assert_ne!(one.as_ref().unwrap().index, two.as_ref().unwrap().index);
        assert!(timers.cancel(one.unwrap()) && timers.cancel(two.unwrap()));
    });
}

/// Broken on purpose by leaving the new waker without asking again whether the timer
/// has fired: the wake-up of the second waker is then lost.
#[test]
fn a_waker_that_is_replaced_while_the_timer_fires_is_woken_or_finds_it_fired() {
    explore(|timers, start| {
        let ((first, first_count), (second, second_count)) = (waker(), waker());
        let mut key = arm(&timers, start, &first);
        let theirs = timers.clone();
        let waiter = spawn(move || {
            let pending = theirs.poll(&mut key, &second).is_pending();
            (pending, key, second)
        });
        assert_eq!(fire(&timers, start + TICK), 1);
        let (pending, mut key, second) = waiter.join().expect("no panic");
        assert_eq!(wakes(&second_count), usize::from(pending));
        assert_eq!(wakes(&first_count), usize::from(!pending));
        if pending {
            assert_eq!(timers.poll(&mut key, &second), Poll::Ready(Ok(())));
        }
        assert!(key.is_none());
        nobody_keeps(&first_count);
        nobody_keeps(&second_count);
    });
}

#[test]
fn a_timer_that_is_reset_while_it_fires_fires_at_the_new_deadline() {
    explore(|timers, start| {
        let (waker, count) = waker();
        let key = arm(&timers, start, &waker);
        let theirs = timers.clone();
        let resetter = spawn(move || {
            theirs
                .reset(key.as_ref().expect("armed"), start + TICK * 9)
                .expect("open");
            key
        });
        let early = fire(&timers, start + TICK);
        let mut key = resetter.join().expect("no panic");
        assert_eq!(wakes(&count), early);
        assert!(timers.poll(&mut key, &waker).is_pending());
        assert_eq!(fire(&timers, start + TICK * 9), 0);
        assert_eq!(fire(&timers, start + TICK * 10), 1);
        assert_eq!(wakes(&count), early + 1);
        assert_eq!(timers.poll(&mut key, &waker), Poll::Ready(Ok(())));
        nobody_keeps(&count);
    });
}

#[test]
fn a_timer_that_is_armed_during_a_close_is_refused_or_told() {
    explore(|timers, start| {
        let (waker, count) = waker();
        let theirs = timers.clone();
        let closer = spawn(move || {
            let mut wakers = Vec::new();
            theirs.close(&mut wakers);
            wakers.into_iter().for_each(Waker::wake);
        });
        let armed = timers.arm(0, start, &waker);
        // It may wait once more with another waker before it hears of the close.
        let (other, other_count) = self::waker();
        let mut key = armed.ok().map(|armed| armed.key);
        let waiting = key.is_some() && timers.poll(&mut key, &other).is_pending();
        closer.join().expect("no panic");
        assert_eq!(wakes(&other_count), usize::from(waiting));
        assert!(wakes(&count) <= 1);
        if waiting {
            assert_eq!(timers.poll(&mut key, &other), Poll::Ready(Err(Closed)));
        }
        assert!(timers.arm(0, start, &waker).is_err());
        nobody_keeps(&count);
        nobody_keeps(&other_count);
    });
}

/// Broken on purpose by leaving the token before the timer is armed: the model then
/// ends in a deadlock, which loom reports.
#[test]
fn a_sleeper_hears_of_a_deadline_before_the_one_it_sleeps_for() {
    explore(|timers, start| {
        let parker = Parker::new();
        let unparker = parker.unparker();
        let (waker, count) = waker();
        let theirs = timers.clone();
        let outsider = spawn(move || {
            let armed = theirs.arm(0, start + TICK, &waker).expect("open");
            if armed.earlier {
                unparker.unpark();
            }
            (armed.key, waker)
        });
        let deadline = loop {
            match timers.next_deadline(0) {
                Some(deadline) => break deadline,
                None => parker.park(),
            }
        };
        assert_eq!(fire(&timers, deadline), 1);
        assert_eq!(wakes(&count), 1);
        let (key, _waker) = outsider.join().expect("no panic");
        assert!(!timers.cancel(key));
    });
}

/// Broken on purpose by storing `next` after the lock is released: the second timer is
/// then forgotten.
#[test]
fn a_timer_that_is_armed_while_another_fires_is_announced() {
    explore(|timers, start| {
        let (waker, count) = waker();
        let first = arm(&timers, start, &waker).expect("armed");
        let theirs = timers.clone();
        let (other, other_count) = self::waker();
        let outsider = spawn(move || arm(&theirs, start + TICK * 4, &other));
        assert_eq!(fire(&timers, start + TICK), 1);
        let second = outsider.join().expect("no panic").expect("armed");
        let deadline = timers.next_deadline(0).expect("one is armed");
        assert_eq!(deadline, start + TICK * 5);
        assert_eq!(fire(&timers, deadline), 1);
        assert_eq!((wakes(&count), wakes(&other_count)), (1, 1));
        assert!(!timers.cancel(first) && !timers.cancel(second));
    });
}
